# SPDX-License-Identifier: GPL-2.0-or-later
"""`check --dump`: a whole dump into files. The same results as through the socket, whatever the
dump's form; what was cut off is continued."""
import contextlib
import csv
import datetime
import gzip
import bz2
import hashlib
import io
import json
import os
import pathlib
import random
import re
import signal
import subprocess

import pytest

from entities import item, single_value_property, statement
from runner_process import binary, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = pathlib.Path(os.environ.get("GOLDEN_DIR") or ROOT.parent / "shared" / "golden")
USAGE, DATA, NO_INPUT, CANT_CREATE = 64, 65, 66, 73
COLUMNS = "entity statement property constraint type status message revision checked_at".split()
DISTINCT_VALUES, SYMMETRIC, VALUE_TYPE = "Q21502410", "Q21510862", "Q21510865"


def link(guid, prop, target):
    kind = {"Q": "item", "P": "property"}[target[0]]
    return {"mainsnak": {"snaktype": "value", "property": prop, "datatype": f"wikibase-{kind}",
                         "datavalue": {"type": "wikibase-entityid",
                                       "value": {"entity-type": kind, "id": target}}},
            "type": "statement", "id": guid, "rank": "normal"}


def linking(entity, revision=1, **links):
    """An item with links: linking("Q1", P31="Q5")."""
    claims = {p: [link(f"{entity}${p}-{i}", p, t) for i, t in enumerate(targets.split())]
              for p, targets in links.items()}
    return {"type": "item", "id": entity, "lastrevid": revision, "labels": {}, "claims": claims}


def type_property(prop, wanted):
    """The values of `prop` are instances of `wanted`."""
    made = single_value_property(prop, constraint=VALUE_TYPE)
    made["claims"]["P2302"][0]["qualifiers"] = {
        "P2308": [link("x", "P2308", wanted)["mainsnak"]],
        "P2309": [link("x", "P2309", "Q21503252")["mainsnak"]]}
    return made


def small_dump():
    """Every kind of fact of other entities, each as a violation and as none."""
    codes = [item(f"Q{n}", 5, [f"code{n % 7}"], prop="P20") for n in range(100, 112)]
    return [
        *codes,  # before the property that says what they are
        single_value_property("P10"),
        single_value_property("P20", constraint=DISTINCT_VALUES),
        single_value_property("P30", constraint=SYMMETRIC),
        type_property("P40", "Q5"),
        item("Q1", 3, ("a", "b")),
        item("Q2", 4),
        linking("Q10", P30="Q11", P40="Q12"), linking("Q11", P30="Q10", P40="Q13"),
        linking("Q12", P31="Q14"), linking("Q13", P31="Q2"), linking("Q14", P279="Q5"),
        linking("Q15", P30="Q2", P40="Q99"), linking("Q16", P40="Q17"),
        {"entity": "Q17", "redirect": "Q12"},
        {"type": "lexeme", "id": "L1", "lastrevid": 9, "language": "Q1860", "lemmas": {},
         "lexicalCategory": "Q1", "senses": [], "claims": {"P10": [
             statement("L1$1", "P10", "x"), statement("L1$2", "P10", "y")]},
         "forms": [{"id": "L1-F1", "representations": {}, "grammaticalFeatures": [],
                    "claims": []}]},
    ]


def array(documents):
    return ("[\n" + ",\n".join(json.dumps(d) for d in documents) + "\n]\n").encode()


NOW = ["--now", "2026-11-21T18:20:00Z"]  # else files of two runs differ in `checked_at`


def check_dump(*arguments, stdin=None, now=NOW, **options):
    return subprocess.run([binary(), "check", "--dump", *map(str, arguments), *now], input=stdin,
                          capture_output=True, timeout=120, check=False,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull}, **options)


def results(folder, name="results"):
    lines = b"".join(p.read_bytes() for p in sorted(folder.glob(f"{name}-*.ndjson")))
    return [json.loads(line) for line in lines.splitlines()]


def files_of(folder):
    """Name and bytes of all files but the manifest."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "manifest.json"}


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    path = tmp_path_factory.mktemp("dump") / "all.json"
    path.write_bytes(array(small_dump()))
    return path


def differing(runner, of_dump, ids):
    """Entities and fields in which the service has something else."""
    found = []
    for entity in ids:
        answer = runner.result(entity, "file")
        stored = answer.json if answer.status == 200 else {}
        found += [(entity, field) for field in ("revision", "counts", "value")
                  if of_dump[entity][field] != stored.get(field)]
    return found


def same_as_through_the_socket(runner, folder, ids):
    of_dump = {line["entity"]: line for line in results(folder)}
    assert set(of_dump) == set(ids)
    # entities that share a value are checked again once the other has it
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not differing(runner, of_dump, ids), 30, 0.2)
    assert not differing(runner, of_dump, ids)


def test_a_dump_has_the_same_results_as_the_socket(make_runner, dump, tmp_path):
    documents = small_dump()
    runner = make_runner(entities=documents).start()
    ids = [d["id"] for d in documents if "id" in d]
    assert runner.submit(*({"entity": i} for i in ids), wiki="file").status == 202
    done = runner.run("check", "--wiki", "file", "--dump", str(dump), "--output",
                      str(tmp_path / "out"), "--format", "results", "--compress", "none",
                      "--threads", "3")
    assert done.returncode == 0, done.stderr
    same_as_through_the_socket(runner, tmp_path / "out", ids)
    by_entity = {line["entity"]: line["counts"] for line in results(tmp_path / "out")}
    assert by_entity["Q100"]["warning"] == 1  # shared with Q107; the property comes after both
    assert by_entity["Q106"]["warning"] == 0
    assert by_entity["Q10"]["warning"] == 0 and by_entity["Q11"]["warning"] == 1
    assert by_entity["Q15"]["warning"] == 2
    assert by_entity["Q16"]["warning"] == 0  # the redirect is followed


@pytest.mark.skipif(not (GOLDEN / "entities.ndjson.zst").exists(),
                    reason=f"SKIPPED: the golden set is not in {GOLDEN}")
def test_the_golden_entities_have_the_same_results_as_through_the_socket(make_runner, tmp_path):
    lines = subprocess.run(["zstd", "-dc", "--long=27", GOLDEN / "entities.ndjson.zst"],
                           stdout=subprocess.PIPE, check=True).stdout.splitlines()
    runner = make_runner(entities=[], settings={"queue.batch": 500})
    runner.entities.write_bytes(b"\n".join(lines) + b"\n")
    runner.start()
    # those that are more than a label and class edges
    ids = [json.loads(line)["id"] for line in lines if len(line) > 1200][:600]
    ids += [json.loads(line)["id"] for line in lines[:200] if len(line) <= 1200]
    everything = [re.search(rb'"id":"([QPL][0-9]+)"', line)[1].decode() for line in lines]
    for at in range(0, len(everything), 1000):  # all: values are shared with any of them
        jobs = [{"entity": i} for i in everything[at:at + 1000]]
        assert runner.submit(*jobs, wiki="file").status == 202
    done = runner.run("check", "--wiki", "file", "--dump", str(runner.entities), "--output",
                      str(tmp_path / "out"), "--format", "results", "--compress", "none",
                      "--threads", "0")
    assert done.returncode == 0, done.stderr
    wait_until(runner.is_idle, 900, 1)
    of_dump = {line["entity"]: line for line in results(tmp_path / "out")}
    assert {entity.split('-')[0] for entity in of_dump} == set(everything)  # with forms and senses
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not differing(runner, of_dump, ids), 60, 1)
    different = differing(runner, of_dump, ids)
    assert not different, different[:10]


FORMS = {
    "plain.json": lambda text: text,
    "name-says-nothing": lambda text: text,
    "a.json.gz": gzip.compress,
    "members.json.gz": lambda text: gzip.compress(text[:1000]) + gzip.compress(text[1000:]),
    "a.json.bz2": bz2.compress,
    "streams.json.bz2": lambda text: bz2.compress(text[:1000]) + bz2.compress(text[1000:]),
    "a.json.zst": lambda text: subprocess.run(["zstd", "-c", "-q"], input=text,
                                              stdout=subprocess.PIPE, check=True).stdout,
    "a.ndjson": lambda text: b"\n".join(line.rstrip(b",") for line in text.splitlines()[1:-1]),
    "crlf.json": lambda text: text.replace(b"\n", b"\r\n"),
}


@pytest.fixture(scope="module")
def expected(dump, tmp_path_factory):
    out = tmp_path_factory.mktemp("expected") / "out"
    done = check_dump(dump, "--output", out, "--format", "csv", "--compress", "none")
    assert done.returncode == 0, done.stderr
    return files_of(out)


@pytest.mark.parametrize("name", FORMS)
def test_the_form_of_a_dump_makes_no_difference(dump, expected, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMS[name](dump.read_bytes()))
    done = check_dump(path, "--output", tmp_path / "out", "--compress", "none")
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "out") == expected


@pytest.mark.parametrize("name", ["plain.json", "a.json.gz", "a.json.bz2", "a.json.zst"])
def test_a_dump_comes_from_standard_input(dump, expected, tmp_path, name):
    text = FORMS[name](dump.read_bytes())
    done = check_dump("-", "--output", tmp_path / "pipe", "--compress", "none", stdin=text)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "pipe") == expected
    (tmp_path / name).write_bytes(text)
    with open(tmp_path / name, "rb") as file:
        done = subprocess.run([binary(), "check", "--dump", "-", "--output",
                               str(tmp_path / "file"), "--compress", "none", *NOW], stdin=file,
                              check=False, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "file") == expected


def test_violations_are_written_as_csv_and_tab_separated_and_the_manifest_counts(dump, tmp_path):
    out = tmp_path / "out"
    done = check_dump(dump, "--output", out, "--format", "csv", "--format", "tsv", "--format",
                      "results", "--compress", "gz", "--stats")
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stderr.splitlines()[-1])
    manifest = json.loads((out / "manifest.json").read_text())
    assert not (out / ".work").exists()
    assert manifest["entities"] == stats["entities"] == 26
    assert manifest["redirects"] == 1 and manifest["properties"] == 4
    rows = []
    for path in sorted(out.glob("violations-*.csv.gz")):
        rows += list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
    tabs = b"".join(gzip.decompress(p.read_bytes()).split(b"\n", 1)[1]
                    for p in sorted(out.glob("violations-*.tsv.gz"))).decode().splitlines()
    assert [list(row.values()) for row in rows] == [line.split("\t") for line in tabs]
    assert sum(manifest["violations"].values()) == len(rows) > 5
    first = next(r for r in rows if r["entity"] == "Q1")
    assert first["status"] == "warning" and first["property"] == "P10"
    assert first["type"] == "Q19474404" and first["message"] == "single-value"
    assert first["revision"] == "3" and {r["checked_at"] for r in rows} == {NOW[1]}
    assert len(manifest["files"]) == 3
    for file in manifest["files"]:
        data = (out / file["name"]).read_bytes()
        assert len(data) == file["bytes"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]


def test_violations_are_sentences_on_request(dump, tmp_path):
    out = tmp_path / "out"
    begin = datetime.datetime.now(datetime.timezone.utc)
    done = check_dump(dump, "--output", out, "--compress", "none", "--sentences", "--format", "csv",
                      "--format", "tsv", now=())
    assert done.returncode == 0, done.stderr
    with open(out / "violations-00001.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*COLUMNS, "sentence"]
    said = {(r["entity"], r["sentence"]) for r in rows}
    assert ("Q1", "P10 should have a single value.") in said
    assert ("Q15", "Q2 should also have P30 = Q15.") in said, said
    tabs = (out / "violations-00001.tsv").read_text(encoding="utf-8").splitlines()
    assert [list(row.values()) for row in rows] == [line.split("\t") for line in tabs[1:]]
    # the time of the run
    checked_at, = {datetime.datetime.fromisoformat(r["checked_at"].replace("Z", "+00:00")) for r in rows}
    assert abs((checked_at - begin).total_seconds()) < 60


def test_bad_lines_are_reported_with_their_numbers_and_the_others_are_checked(tmp_path):
    lines = [json.dumps(single_value_property()), json.dumps(item("Q1")), "{broken", '{"id":"X1"}',
             json.dumps(item("Q2"))[:-20], '{"type":"item"}', json.dumps(item("Q3", 1, "ab"))]
    dump = tmp_path / "d.ndjson"
    dump.write_text("\n".join(lines))
    out = tmp_path / "out"
    done = check_dump(dump, "--output", out, "--format", "results", "--compress", "none")
    assert done.returncode == DATA
    assert b"4 lines could not be checked" in done.stderr
    problems = results(out, "problems")
    assert [p["line"] for p in problems] == [3, 4, 5, 6]
    assert 'is not an entity id: "X1"' in problems[1]["reason"]
    assert [r["entity"] for r in results(out)] == ["P10", "Q1", "Q3"]


def test_one_line_of_a_repeated_entity_wins(tmp_path):
    dump = tmp_path / "d.ndjson"
    dump.write_text("\n".join(json.dumps(d) for d in [
        item("Q1", 1, "ab"), single_value_property(), item("Q1", 2, "a"), item("Q2"),
        {"entity": "Q2", "redirect": "Q1"}]))
    out = tmp_path / "out"
    assert check_dump(dump, "--output", out, "--format", "results",
                      "--compress", "none").returncode == 0
    assert [(r["entity"], r["revision"]) for r in results(out)] == [("P10", 1), ("Q1", 2)]
    assert json.loads((out / "manifest.json").read_text())["repeated"] == 2


def test_an_empty_dump_is_an_error_and_gives_empty_files(tmp_path):
    for name, text in (("a", b""), ("b", b"[\n]\n")):
        (tmp_path / name).write_bytes(text)
        out = tmp_path / f"out-{name}"
        assert check_dump(tmp_path / name, "--output", out, "--compress", "none").returncode == DATA
        assert files_of(out) == {"violations-00001.csv":
                                 b"entity,statement,property,constraint,type,status,message,revision,"
                                 b"checked_at\n"}


@pytest.mark.parametrize("name", ["a.json.gz", "a.json.bz2", "a.json.zst"])
def test_a_dump_that_is_cut_off_is_an_error(dump, tmp_path, name):
    data = FORMS[name](dump.read_bytes())
    (tmp_path / name).write_bytes(data[:len(data) - 20])
    done = check_dump(tmp_path / name, "--output", tmp_path / "out")
    assert done.returncode == DATA, done.stderr
    assert b"damaged" in done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert not manifest["complete"] and "damaged" in manifest["reason"]


def noisy_items(count):
    """Items that packing does not make much smaller."""
    pick = random.Random(1)
    return [item(f"Q{n}", 1, ["".join(pick.choices("0123456789abcdefghijklmnop", k=100)) for _ in "ab"])
            for n in range(1, count)]


@pytest.mark.parametrize("name", ["a.json.gz", "a.json.bz2", "a.json.zst"])
@pytest.mark.parametrize("way", ["--dump", "--from", "stdin"])
def test_what_comes_before_the_cut_of_packed_data_is_checked(tmp_path, name, way):
    documents = [single_value_property(), *noisy_items(9000)]
    packed = FORMS[name](array(documents))
    path = tmp_path / name
    path.write_bytes(packed[:len(packed) * 2 // 3])
    plain = tmp_path / "plain"
    plain.write_bytes(array(documents))
    if way == "--from":
        done = subprocess.run([binary(), "check", "--from", path, "--json", *NOW], timeout=120,
                              capture_output=True, check=False)
        lines = done.stdout.splitlines()
        whole = subprocess.run([binary(), "check", "--from", plain, "--json", *NOW], timeout=120,
                               capture_output=True, check=True).stdout.splitlines()
    else:
        source = path if way == "--dump" else "-"
        stdin = path.read_bytes() if way == "stdin" else None
        options = ("--output", tmp_path / "out", "--compress", "none", "--format", "results")
        done = check_dump(source, *options, stdin=stdin)
        lines = [json.dumps(r) for r in results(tmp_path / "out")]
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert not manifest["complete"] and "it is cut off, at byte" in manifest["reason"]
        assert check_dump(plain, "--output", tmp_path / "o2", *options[2:]).returncode == 0
        whole = [json.dumps(r) for r in results(tmp_path / "o2")]
    assert done.returncode == DATA
    assert b"it is cut off, at byte" in done.stderr, done.stderr
    # the first is P10, which has a statement of P2302: that may be in the part that is cut off
    assert 1000 < len(lines) < len(whole) and lines[1:] == whole[1:len(lines)]


def test_a_wrong_checksum_is_reported(tmp_path):
    packed = bytearray(gzip.compress(array([single_value_property(), *noisy_items(20)])))
    packed[-6] ^= 1
    (tmp_path / "a.gz").write_bytes(packed)
    done = check_dump(tmp_path / "a.gz", "--output", tmp_path / "out", "--format", "results",
                      "--compress", "none")
    assert done.returncode == DATA and b"incorrect data check" in done.stderr
    assert len(results(tmp_path / "out")) == 20


def test_usage_errors_are_reported(dump, tmp_path):
    def told(code, text, *arguments):
        done = check_dump(*arguments)
        assert done.returncode == code, done.stderr
        assert text.encode() in done.stderr
    told(USAGE, "--dump needs --output DIR", dump)
    told(USAGE, "combined with --from, --ids", dump, "--output", tmp_path / "o", "Q1")
    told(USAGE, "--format", dump, "--output", tmp_path / "o", "--format", "xml")
    told(USAGE, "--compress", dump, "--output", tmp_path / "o", "--compress", "bz2")
    told(USAGE, "--shard", dump, "--output", tmp_path / "o", "--shard", "0")
    told(NO_INPUT, "none.json: No such file", tmp_path / "none.json", "--output", tmp_path / "p")
    told(NO_INPUT, "Is a directory", tmp_path, "--output", tmp_path / "q")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear")
    told(CANT_CREATE, "other files (thesis.txt)", dump, "--output", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()
    told(CANT_CREATE, "--output", dump, "--output", dump)
    assert check_dump(dump, "--output", tmp_path / "done").returncode == 0
    told(CANT_CREATE, "already contains a complete run", dump, "--output", tmp_path / "done")


def test_a_killed_run_is_resumed(tmp_path):
    dump = tmp_path / "d.json"
    dump.write_bytes(array([single_value_property(),
                            *(item(f"Q{n}", n, [str(i) for i in range(1 + n % 40)])
                              for n in range(1, 30_001))]))
    options = ["--format", "csv", "--format", "results", "--compress", "none", "--shard", "500"]
    whole = tmp_path / "whole"
    assert check_dump(dump, "--output", whole, *options).returncode == 0
    out = tmp_path / "out"
    kills = 0
    for wanted in (3, 12, 30):  # shards
        with subprocess.Popen([binary(), "check", "--dump", str(dump), "--output", str(out),
                               *options, *NOW]) as process:
            wait_until(lambda p=process, w=wanted: p.poll() is not None or
                       len(list(out.glob("results-*.ndjson"))) >= w, 60, 0.001)
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
        assert not (out / "manifest.json").exists() or kills < 3
    done = check_dump(dump, "--output", out, *options, "--stats")
    if kills == 3:  # else the machine was faster than the test
        assert done.returncode == 0, done.stderr
    assert files_of(out) == files_of(whole)
    kept = [json.loads((folder / "manifest.json").read_text()) for folder in (out, whole)]
    for manifest in kept:
        del manifest["completed_at"]
    assert kept[0] == kept[1]
