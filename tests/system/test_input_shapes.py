# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs as people have them: any shape, one bad line among many, cut off, or something else. The
commands agree on what a line is, count every line once, and say when an input is not complete."""
import gzip
import json
import os
import subprocess
import threading

import pytest

from entities import item, single_value_property, statement
from runner_process import binary, wait_until
from test_check_dump import array, linking, results, type_property
from test_imports_entities import STORED, ask, database, status, with_dumps, dumps  # noqa: F401

OK, USAGE, DATA, NO_INPUT, CANT_CREATE = 0, 64, 65, 66, 73
FORMAT, SYMMETRIC = "Q21502404", "Q21510862"


def run(*arguments, stdin=None):
    return subprocess.run([binary(), *map(str, arguments)], input=stdin, capture_output=True,
                          timeout=60, check=False,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull})


class Checked:
    """What `check --dump` made of a file."""

    def __init__(self, path, out, *options, stdin=None):
        self.done = run("check", "--dump", path, "--output", out, "--format", "results",
                        "--compress", "none", *options, stdin=stdin)
        self.code, self.stderr = self.done.returncode, self.done.stderr.decode()
        manifest = out / "manifest.json"
        self.manifest = json.loads(manifest.read_text()) if manifest.exists() else None
        self.results = {r["entity"]: r for r in results(out)} if out.exists() else {}
        self.problems = results(out, "problems") if out.exists() else []
        if self.manifest:
            m = self.manifest
            assert m["lines"] == sum(m[k] for k in ("entities", "redirects", "missing", "repeated",
                                                    "failed")), m


class From:
    """What `check --from` made of some files."""

    def __init__(self, *paths, ids=()):
        arguments = [a for path in paths for a in ("--from", path)]
        self.done = run("check", *arguments, "--json", "--stats", *ids)
        self.code, self.stderr = self.done.returncode, self.done.stderr.decode()
        self.lines = {r["entity"]: r for r in map(json.loads, self.done.stdout.splitlines())}
        stats = [line for line in self.stderr.splitlines() if line.startswith("{")]
        self.stats = json.loads(stats[-1]) if stats else None

    def statuses(self, entity):
        return sorted(r["s"] for r in self.lines[entity]["results"] if "s" in r)


DOCUMENTS = [single_value_property(), item("Q1", 1, "ab"), item("Q2", 2), item("Q3", 3, "abc"),
             {"entity": "Q4", "redirect": "Q1"}]


def pretty(documents):
    return json.dumps(documents, indent=2).encode()


def by_id(documents):
    return {d.get("id") or d["entity"]: d for d in documents}


SHAPES = {
    "dump.json": array,
    "one-line.json": lambda docs: json.dumps(docs).encode(),
    "tight.json": lambda docs: json.dumps(docs, separators=(",", ":")).encode(),
    "pretty.json": pretty,
    "mark.json": lambda docs: b"\xef\xbb\xbf" + array(docs),
    "pretty-objects.json": lambda docs: b"\n".join(pretty(d) for d in docs),
    "api.json": lambda docs: json.dumps({"entities": by_id(docs), "success": 1}).encode(),
    "api-pretty.json.gz": lambda docs: gzip.compress(pretty({"entities": by_id(docs)})),
    "api-lines.ndjson": lambda docs: b"\n".join(
        json.dumps({"entities": by_id([d])}).encode() for d in docs),
    "zeros.json.gz": lambda docs: gzip.compress(array(docs)) + bytes(5000),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    (folder / "d.json").write_bytes(array(DOCUMENTS))
    return Checked(folder / "d.json", folder / "out"), From(folder / "d.json")


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_results(expected, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SHAPES[name](DOCUMENTS))
    for number, stdin in enumerate((None, path.read_bytes())):
        of_dump = Checked("-" if stdin else path, tmp_path / f"out{number}", stdin=stdin)
        assert of_dump.code == OK, of_dump.stderr
        assert of_dump.results == expected[0].results
        assert of_dump.manifest["complete"] is True
        assert of_dump.manifest["lines"] == 5 and of_dump.manifest["redirects"] == 1
        assert ("good data ends at byte" in of_dump.stderr) == name.startswith("zeros")
    of_files = From(path)
    assert of_files.code == OK, of_files.stderr
    assert of_files.lines == expected[1].lines
    assert (of_files.stats["lines"], of_files.stats["redirects"]) == (5, 1)


BAD = {
    "array": lambda lines: b"[\n" + b",\n".join(lines) + b"\n]\n",
    "ndjson": lambda lines: b"\n".join(lines) + b"\n",
}


@pytest.mark.parametrize("frame", BAD)
def test_a_bad_line_affects_only_itself_with_every_command(make_runner, dumps, tmp_path, frame):  # noqa: F811
    lines = [json.dumps(d).encode() for d in DOCUMENTS]
    lines.insert(2, json.dumps(item("Q9")).encode()[:70])     # its id can be read
    lines.insert(4, b'{"type": "item"}')                      # it has none
    lines.insert(5, json.dumps(item("Q8")).encode().replace(b'"normal"', b'"best"'))
    path = dumps / "bad.json"
    path.write_bytes(BAD[frame](lines))
    first = 2 if frame == "array" else 1
    of_dump = Checked(path, tmp_path / "out")
    assert of_dump.code == DATA
    assert of_dump.manifest["complete"] is True and of_dump.manifest["failed"] == 3
    assert [p["line"] for p in of_dump.problems] == [first + 2, first + 4, first + 5]
    assert [p.get("entity") for p in of_dump.problems] == ["Q9", None, "Q8"]
    assert set(of_dump.results) == {"P10", "Q1", "Q2", "Q3"}
    of_files = From(path)
    assert of_files.code == DATA
    assert set(of_files.lines) == {"P10", "Q1", "Q2", "Q3"}
    for line in (first + 2, first + 4, first + 5):
        assert f"bad.json:{line}: " in of_files.stderr

    # a wiki whose file it is starts, and so do the others
    runner = with_dumps(make_runner, dumps, [])
    runner.entities.write_bytes(path.read_bytes())
    runner.start()
    assert f":{first + 4}: " in runner.log()
    job = ask(runner, import_method="dump", wiki="none", file="bad.json")
    wait_until(lambda: status(runner, job)["status"] == "complete")
    ended = status(runner, job)
    assert (ended["done"], ended["failed"], ended["lines_read"]) == (4, 3, 8)
    assert [row[0] for row in database(runner, STORED, "none")] == ["P10", "Q1", "Q2", "Q3"]
    problems = runner.get(f"/v1/import/{job}/problems").json["problems"]
    assert [p["item"] for p in problems] == [f"line {first + n}" for n in (2, 4, 5)]
    waited = runner.run("import", "status", str(job))
    assert waited.returncode == DATA, waited
    runner.submit({"entity": "Q1"}, wiki="file")
    wait_until(lambda: runner.result("Q1", "file").status == 200)


CUT = {
    "no-end": (array(DOCUMENTS)[:-3] + b"\n", "does not end with ]"),
    "within": (array(DOCUMENTS)[:-60], "ends within an entity"),
    "one-line": (json.dumps(DOCUMENTS).encode()[:-1], "does not end with ]"),
    "pretty": (pretty(DOCUMENTS)[:-90], "ends within an entity"),
    "no-beginning": (array(DOCUMENTS)[2:], "its beginning is missing"),
    "ndjson": (b"\n".join(json.dumps(d).encode() for d in DOCUMENTS)[:-9], "ends within"),
}


@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_off_is_never_complete(make_runner, dumps, tmp_path, name):  # noqa: F811
    data, reason = CUT[name]
    path = dumps / "cut.json"
    path.write_bytes(data)
    of_dump = Checked(path, tmp_path / "out")
    assert of_dump.code == DATA and reason in of_dump.stderr
    assert of_dump.manifest["complete"] is False and reason in of_dump.manifest["reason"]
    assert {"Q1", "Q2"} <= set(of_dump.results)
    of_files = From(path)
    assert of_files.code == DATA and reason in of_files.stderr
    assert {"Q1", "Q2"} <= set(of_files.lines)

    runner = with_dumps(make_runner, dumps, []).start()
    job = ask(runner, import_method="dump", wiki="none", file="cut.json")
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert reason in json.dumps(status(runner, job))
    assert {"Q1", "Q2"} <= {row[0] for row in database(runner, STORED, "none")}
    # the same folder takes the whole dump
    path.write_bytes(array(DOCUMENTS))
    again = Checked(path, tmp_path / "out")
    assert again.code == OK and again.manifest["complete"] is True


def test_what_a_cut_off_dump_may_have_held_is_not_missing(tmp_path):
    path = tmp_path / "cut.json"
    path.write_bytes(array([single_value_property("P30", constraint=SYMMETRIC),
                            linking("Q1", P30="Q2"), linking("Q2", P30="Q1")])[:-30])
    of_dump = Checked(path, tmp_path / "out")
    counts = of_dump.results["Q1"]["counts"]
    assert counts["warning"] == counts["violation"] == 0 and counts["todo"] == 1
    assert From(path).statuses("Q1") == ["todo"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"[\n]\n", b"[]", b"\xef\xbb\xbf[]",
                                  gzip.compress(b"")])
def test_an_input_without_an_entity_is_an_error(make_runner, dumps, tmp_path, data):  # noqa: F811
    path = dumps / "empty.json"
    path.write_bytes(data)
    of_dump = Checked(path, tmp_path / "out")
    assert of_dump.code == DATA and "holds no entity" in of_dump.stderr
    assert of_dump.manifest["complete"] is False
    of_files = From(path)
    assert of_files.code == DATA and "holds no entity" in of_files.stderr
    if data != b"[\n]\n":
        return
    runner = with_dumps(make_runner, dumps).start()
    job = ask(runner, import_method="dump", wiki="none", file="empty.json")
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert "holds no entity" in json.dumps(status(runner, job))


FOREIGN = {
    "xz": (b"\xfd7zXZ\x00\x00\x04" + bytes(100), "xz"),
    "zip": (b"PK\x03\x04" + bytes(100), "zip"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z"),
    "tar": (b"dump.json".ljust(257, b"\0") + b"ustar" + bytes(300), "tar"),
    "tar.gz": (gzip.compress(b"dump.json".ljust(257, b"\0") + b"ustar" + bytes(300)), "tar"),
    "html": (b"<!DOCTYPE html>\n<html><body>404</body></html>\n", "HTML"),
    "rdf": (b'<?xml version="1.0"?>\n<rdf:RDF></rdf:RDF>\n', "XML"),
    "ttl": (b"@prefix wd: <http://x/> .\n" + b"wd:Q1 a wd:Q2 .\n" * 5000, "Turtle"),
    "utf16": (json.dumps(DOCUMENTS).encode("utf-16"), "UTF-16"),
    "text": (b"a line of text\n" * 300_000, "none of the first 1000 lines is an entity"),
    "json": (b'{"features": 1}\n' * 2000, "none of the first 1000 lines is an entity"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_formats_are_named_immediately(make_runner, dumps, tmp_path, name):  # noqa: F811
    data, what = FOREIGN[name]
    path = dumps / "file"
    path.write_bytes(data)
    for done in (Checked(path, tmp_path / "out"), Checked("-", tmp_path / "pipe", stdin=data),
                 From(path)):
        assert done.code == DATA and what in done.stderr and len(done.stderr) < 500
    assert sum(p.stat().st_size for p in (tmp_path / "out").rglob("*")
               if p.is_file()) < 100_000
    if name in ("ttl", "text"):
        runner = with_dumps(make_runner, dumps).start()
        job = ask(runner, import_method="dump", wiki="none", file="file")
        wait_until(lambda: status(runner, job)["status"] == "failed")
        ended = status(runner, job)
        assert what in json.dumps(ended) and ended["failed"] == 0


def test_the_rest_api_s_json_is_named(tmp_path):
    path = tmp_path / "rest.json"
    rest = {"type": "item", "id": "Q1", "labels": {"en": "x"}, "statements": {"P1": [
        {"id": "Q1$1", "rank": "normal", "qualifiers": [], "references": [],
         "property": {"id": "P1", "data_type": "string"},
         "value": {"type": "value", "content": "x"}}]}}
    path.write_text("\n".join(json.dumps(d) for d in (rest, item("Q2"))))
    of_dump = Checked(path, tmp_path / "out")
    assert of_dump.code == DATA and "REST API" in of_dump.problems[0]["reason"]
    of_files = From(path)
    assert of_files.code == DATA and "REST API" in of_files.stderr
    assert set(of_files.lines) == {"Q2"}


def test_missing_pages_are_missing(tmp_path):
    documents = [type_property("P40", "Q5"), linking("Q1", P40="Q8")]
    for number, missing in enumerate(({"id": "Q8", "missing": ""}, {"id": "Q8", "missing": True},
                                      None)):
        path = tmp_path / f"{number}.ndjson"
        path.write_text("\n".join(json.dumps(d) for d in [*documents, missing] if d))
        of_dump = Checked(path, tmp_path / f"out{number}")
        assert of_dump.code == OK, of_dump.stderr
        assert of_dump.manifest["missing"] == (missing is not None)
        assert of_dump.results["Q1"]["counts"]["warning"] == 1
        of_files = From(path)
        assert of_files.code == OK and set(of_files.lines) == {"P40", "Q1"}
        assert of_files.statuses("Q1") == ["warning"]


def test_the_higher_revision_of_a_repeated_entity_wins(make_runner, dumps, tmp_path):  # noqa: F811
    new, old = item("Q1", 9, "ab"), item("Q1", 3, "a")
    distinct = single_value_property("P20", constraint="Q21502410")
    shared = [item("Q5", 4, "x", prop="P20"), item("Q6", 9, "y", prop="P20"),
              item("Q6", 2, "x", prop="P20")]  # what Q6 had once is not shared with Q5
    for number, documents in enumerate(([new, old], [old, new])):
        path = dumps / f"{number}.json"
        path.write_bytes(array([single_value_property(), distinct, *shared, *documents]))
        of_dump = Checked(path, tmp_path / f"out{number}")
        assert of_dump.code == OK and of_dump.manifest["repeated"] == 2
        assert of_dump.results["Q1"]["revision"] == 9
        assert of_dump.results["Q1"]["counts"]["warning"] == 2
        assert of_dump.results["Q5"]["counts"]["warning"] == 0
        assert From(path).statuses("Q1") == ["warning", "warning"]
        runner = with_dumps(make_runner, dumps).start()
        job = ask(runner, import_method="dump", wiki="none", file=path.name)
        wait_until(lambda j=job, r=runner: status(r, j)["status"] == "complete")
        ended = status(runner, job)
        assert (ended["total"], ended["done"], ended["lines_repeated"]) == (5, 5, 2)
        assert ("Q1", 9) in [row[:2] for row in database(runner, STORED, "none")]


def test_hashes_in_the_json_are_not_believed(tmp_path):
    prop = single_value_property("P2", constraint="Q52558054")  # none of
    prop["claims"]["P2302"][0]["qualifiers"] = {"P2305": [linking("x", P2305="Q666")[
        "claims"]["P2305"][0]["mainsnak"]]}
    entity = item("Q1", prop="P1")
    entity["claims"]["P1"][0]["qualifiers"] = {"P2": [
        {**linking("x", P2=target)["claims"]["P2"][0]["mainsnak"], "hash": "0" * 40}
        for target in ("Q5", "Q666")]}
    path = tmp_path / "d.ndjson"
    path.write_text("\n".join(json.dumps(d) for d in (prop, entity)))
    assert "warning" in From(path).statuses("Q1")
    assert Checked(path, tmp_path / "out").results["Q1"]["counts"]["warning"] == 1


def test_forms_and_senses_are_checked_with_their_lexeme(tmp_path):
    prop = single_value_property()

    def part(name):
        return {"id": name, "representations": {}, "glosses": {}, "grammaticalFeatures": [],
                "claims": {"P10": [statement(f"{name}$1", "P10", "x"),
                                   statement(f"{name}$2", "P10", "y")]}}
    lexeme = {"type": "lexeme", "id": "L1", "lastrevid": 9, "language": "Q1860", "lemmas": {},
              "lexicalCategory": "Q1", "claims": {}, "forms": [part("L1-F1")],
              "senses": [part("L1-S1")]}
    path = tmp_path / "d.json"
    path.write_bytes(array([prop, lexeme]))
    of_dump = Checked(path, tmp_path / "out", "--format", "csv")
    assert of_dump.code == OK, of_dump.stderr
    assert of_dump.manifest["entities"] == 2 and of_dump.manifest["parts"] == 2
    for name in ("L1-F1", "L1-S1"):
        assert of_dump.results[name]["counts"]["warning"] == 2
    rows = (tmp_path / "out" / "violations-00001.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["L1-F1"] * 2 + ["L1-S1"] * 2
    of_files = From(path)
    assert of_files.code == OK and list(of_files.lines) == ["P10", "L1", "L1-F1", "L1-S1"]
    assert of_files.stats["entities"] == 4
    for name in ("L1-F1", "L1-S1"):
        assert of_files.statuses(name) == ["warning"] * 2
    # what is named has one line
    assert list(From(path, ids=("L1",)).lines) == ["L1"]
    assert list(From(path, ids=("L1", "L1-F1")).lines) == ["L1", "L1-F1"]
    assert run("check", "--from", path, "--fail-on", "warning").returncode == 1


def incomplete(checked, of_files, entity, reason):
    """Both commands leave something to do on the entity, and say why."""
    stored = checked.results[entity]
    assert stored["counts"]["todo"] > 0 and reason in json.dumps(stored["incomplete"])
    assert f"{entity} is incomplete: " in of_files.stderr and reason in of_files.stderr


def test_a_property_that_can_t_be_read_affects_only_its_own_checks(tmp_path):
    bad = single_value_property("P20")
    bad["claims"]["P2302"][0]["rank"] = "best"
    both = item("Q1", 1, "ab")
    both["claims"].update(item("Q1", 2, "ab", prop="P20")["claims"])
    path = tmp_path / "d.json"
    path.write_bytes(array([single_value_property(), bad, both, item("Q2", 1, "ab")]))
    of_dump, of_files = Checked(path, tmp_path / "out"), From(path)
    assert of_dump.code == of_files.code == DATA
    assert [(p["line"], p["entity"]) for p in of_dump.problems] == [(3, "P20")]
    assert set(of_dump.results) == set(of_files.lines) == {"P10", "Q1", "Q2"}
    assert of_dump.results["Q1"]["counts"]["warning"] == 2
    assert of_dump.results["Q1"]["counts"]["todo"] == 2
    incomplete(of_dump, of_files, "Q1", "d.json:3: ")
    assert of_dump.results["Q2"].get("incomplete", []) == []


def test_what_is_linked_and_can_t_be_read_is_neither_there_nor_missing(tmp_path):
    broken = linking("Q2", P30="Q1")
    broken["claims"]["P30"][0]["rank"] = "best"
    broken_class = linking("Q7", P279="Q5")
    broken_class["claims"]["P279"][0]["rank"] = "best"
    documents = [single_value_property("P30", constraint=SYMMETRIC), type_property("P40", "Q5"),
                 linking("Q1", P30="Q2"), broken, broken_class, linking("Q6", P31="Q7"),
                 linking("Q8", P31="Q9 Q5"), linking("Q9"),
                 linking("Q3", P40="Q6"), linking("Q4", P40="Q8"), linking("Q10", P40="Q9")]
    path = tmp_path / "d.json"
    path.write_bytes(array(documents))
    of_dump, of_files = Checked(path, tmp_path / "out"), From(path)
    assert of_dump.code == of_files.code == DATA
    incomplete(of_dump, of_files, "Q1", "d.json:5: ")   # the target
    incomplete(of_dump, of_files, "Q3", "d.json:6: ")   # a class of it
    assert of_files.statuses("Q1") == of_files.statuses("Q3") == ["todo"]
    assert of_files.statuses("Q4") == ["compliance"]
    assert of_files.statuses("Q10") == ["warning"]
    assert of_dump.results["Q10"].get("incomplete", []) == []


def test_one_bad_thing_affects_only_itself_in_the_daemon(make_runner):
    bad = single_value_property("P20")
    bad["claims"]["P2302"][0]["rank"] = "best"
    broken = linking("Q2", P30="Q1")
    broken["claims"]["P30"][0]["rank"] = "best"
    both = item("Q1", 1, "ab")
    both["claims"].update(item("Q1", 2, "ab", prop="P20")["claims"])
    both["claims"].update(linking("Q1", P30="Q2")["claims"])
    runner = make_runner(entities=[
        single_value_property(), bad, single_value_property("P30", constraint=SYMMETRIC), both,
        broken]).start()
    runner.submit({"entity": "Q1"}, wiki="file")
    wait_until(lambda: runner.result("Q1", "file").status == 200)
    result = runner.result("Q1", "file").json
    assert result["counts"]["warning"] == 2 and result["counts"]["todo"] == 3
    text = json.dumps(result)
    assert "P20 can't be read" in text and "Q2 can't be read" in text
    assert runner.get("/v1/dead").json["jobs"] == []


@pytest.mark.parametrize("linked", [False, True])
def test_a_fifo_in_the_folder_of_dumps_does_not_hang_the_import(make_runner, dumps, linked):  # noqa: F811
    os.mkfifo(dumps / "fifo")
    (dumps / "link").symlink_to("fifo")
    (dumps / "real.json").write_bytes(array(DOCUMENTS))
    (dumps / "link.json").symlink_to("real.json")
    runner = with_dumps(make_runner, dumps).start()
    job = ask(runner, import_method="dump", wiki="none", file="link" if linked else "fifo")
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert "not a regular file" in json.dumps(status(runner, job))
    job = ask(runner, import_method="dump", wiki="none", file="link.json")
    wait_until(lambda: status(runner, job)["status"] == "complete")
    assert runner.stop() == 0


def test_check_reads_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    data = pretty(DOCUMENTS)
    writer = threading.Thread(target=lambda: (tmp_path / "fifo").write_bytes(data))
    writer.start()
    of_files = From(tmp_path / "fifo")
    writer.join()
    assert of_files.code == OK and set(of_files.lines) == {"P10", "Q1", "Q2", "Q3"}
