# SPDX-License-Identifier: GPL-2.0-or-later
"""Input from which something is lost is reported by every reader, and never taken for whole. What a
file lacks because it is damaged is not taken for missing."""
import bz2
import gzip
import json
import subprocess

import pytest

from entities import item, single_value_property
from runner_process import binary, wait_until
from test_check_dump import DATA, NOW, array, results
from test_damaged_dumps import check  # noqa: F401  pylint: disable=unused-import
from test_input_shapes import OK

# pylint: disable=redefined-outer-name

P10, Q1, Q2, Q3 = single_value_property(), item("Q1", 1, "ab"), item("Q2", 1, "a"), item("Q3", 1)
MISSING, REDIRECT = {"id": "Q8", "missing": ""}, {"entity": "Q8", "redirect": "Q1"}


def text(*documents):
    return [json.dumps(d) for d in documents]


def lines(*parts):
    return ("\n".join(parts) + "\n").encode()


def zst(data):
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


GOOD, REST = lines(*text(P10, Q1)), lines(*text(Q2, Q3))
PACKED = {"gzip": gzip.compress(GOOD), "bzip2": bz2.compress(GOOD), "zstd": zst(GOOD)}
ANSWER = json.dumps({"entities": {"Q2": Q2}})
LOST = {
    "behind a missing page": lines(*text(P10, Q1), *["".join(text(MISSING, Q2))]),
    "behind a redirect": lines(*text(P10, Q1), ",".join(text(REDIRECT, Q2))),
    "junk behind a redirect": lines(*text(P10, Q1, REDIRECT)[:2], text(REDIRECT)[0] + "junk"),
    "behind an answer of the API": lines(*text(P10, Q1), ANSWER + ANSWER),
    "a missing page without its end": lines(*text(P10, Q1), '{"missing":true,"id":"Q8"'),
    "a flag that is none": lines(*text(P10, Q1), '{"id":"Q8","missing":"1"}'),
    "nothing but an id": lines(*text(P10, Q1), '{"id":"Q8","missinh":""}'),
    **{f"a damaged {key}": lines(*text(P10), text(Q1)[0].replace(f'"{key}"', f'"{key[:-1]}z"'))
       for key in ("claims", "labels", "lastrevid", "rank", "type")},
    "a key twice": lines(*text(P10), text(Q1)[0][:-1] + ',"claims":{}}'),
    "a cut list before another": lines("[", ",\n".join(text(P10, Q1)), "[", text(Q2)[0], "]"),
    "a list without its beginning": lines("[", text(P10)[0], "]", ",\n".join(text(Q1, Q2)), "]"),
    "a revision that is too large": lines(*text(P10, Q1 | {"lastrevid": 2 ** 63})),
    "no entity": b"[\n]\n",
    "nothing": b"",
    **{f"{kind}, then what is not packed": PACKED[kind] + REST for kind in PACKED},
    **{f"{kind}, then {other}": PACKED[kind] + PACKED[other]
       for kind in PACKED for other in PACKED if kind != other},
    **{f"{kind}, then a damaged head": PACKED[kind] + bytes([data[0] ^ 4]) + data[1:]
       for kind, data in PACKED.items()},
    **{f"{kind}, cut in the next head": PACKED[kind] + data[:2] for kind, data in PACKED.items()},
}


def check_from(path, *ids):
    return subprocess.run([binary(), "check", "--from", path, "--json", *NOW, *ids],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={"CONSTRAINT_RUNNER_CONFIG": "/dev/null"})


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_reported(check, tmp_path, name):  # noqa: F811
    assert check(LOST[name])[0] == DATA
    path = tmp_path / "lost"
    path.write_bytes(LOST[name])
    done = check_from(path)
    assert done.returncode == DATA and done.stderr, done


@pytest.mark.parametrize("data", [
    lines(*text(P10, Q1, MISSING, REDIRECT)), array([P10, Q1]) + array([Q2]),
    PACKED["gzip"] + gzip.compress(REST), PACKED["gzip"] + bytes(100),
    lines(*text(P10), text(Q1)[0].replace('"claims"', '"statements":{},"claims"'))],
    ids=["redirect and missing", "two lists", "two members", "zeros", "an empty second map"])
def test_complete_input_is_accepted(check, data):  # noqa: F811
    code, found = check(data)
    assert code == OK and {"P10", "Q1"} <= set(found)


@pytest.mark.parametrize("broken", ['{"type": "item", "id": "Q', '{"type":"item","ix":"Q2"}'])
def test_what_a_nameless_line_may_be_is_not_missing(tmp_path, broken):
    wiki = tmp_path / "wiki"
    symmetric = json.loads(json.dumps(P10).replace("19474404", "21510862"))
    link = {"mainsnak": {"snaktype": "value", "property": "P10", "datavalue": {
        "type": "wikibase-entityid", "value": {"entity-type": "item", "id": "Q2"}}},
            "type": "statement", "id": "Q1$1", "rank": "normal"}
    wiki.write_bytes(lines(*text(symmetric, Q1 | {"claims": {"P10": [link]}}), broken))
    done = check_from(wiki, "Q1")
    assert done.returncode == DATA and "Q2 may be on a line that can't be read" in done.stderr
    result = json.loads(done.stdout)["results"]
    assert {r["s"] for r in result if r.get("c", {}).get("pid") == "P10"} == {"todo"}
    out = tmp_path / "out"
    done = subprocess.run([binary(), "check", "--dump", wiki, "--output", out, "--format", "results",
                           "--compress", "none", *NOW], capture_output=True, check=False, timeout=60,
                          env={"CONSTRAINT_RUNNER_CONFIG": "/dev/null"})
    assert done.returncode == DATA
    [line] = [line for line in results(out) if line["entity"] == "Q1"]
    assert line["incomplete"] and line["counts"]["warning"] == 0


def test_a_result_that_is_not_complete_is_no_success(tmp_path):
    wiki = tmp_path / "wiki"
    wiki.write_bytes(lines(*text(Q1), json.dumps(P10).replace('"normal"', '"best"')))
    done = check_from(wiki, "Q1")
    assert done.returncode == DATA and "incomplete" in done.stderr


@pytest.mark.parametrize("emptied", [b"", b"[\n]\n", b'{"id":"Q1","statements":{"P10":[{}]}}\n'],
                         ids=["empty", "an empty list", "nothing readable"])
def test_an_emptied_file_takes_nothing_away(make_runner, tmp_path, emptied):
    path = tmp_path / "wiki.ndjson"
    path.write_bytes(GOOD)
    runner = make_runner({"wiki.file.files": [str(path)]}).start()
    assert runner.submit({"entity": "Q1"}, wiki="file").status == 202
    wait_until(runner.is_idle)
    before = runner.result("Q1", "file").json
    assert before["counts"]["warning"] > 0
    runner.stop()
    path.write_bytes(emptied)
    runner.start()
    assert runner.submit({"entity": "Q1"}, wiki="file").status == 202
    wait_until(runner.is_idle)
    assert runner.result("Q1", "file").json["counts"] == before["counts"]
    assert "it holds no entity" in runner.log() or "is not in" in runner.log()


def test_a_packed_file_that_is_cut_serves_what_comes_before(make_runner, tmp_path):
    path = tmp_path / "wiki.ndjson.gz"
    path.write_bytes(PACKED["gzip"][:-9])
    runner = make_runner({"wiki.file.files": [str(path)]}).start()
    assert runner.submit({"entity": "Q1"}, {"entity": "Q99"}, wiki="file").status == 202
    wait_until(lambda: runner.result("Q1", "file").status == 200)
    assert runner.result("Q99", "file").status == 404
    assert "what may have been in the rest is not taken as missing" in runner.log()
    assert "damaged gzip data (it is cut off" in runner.log()


@pytest.mark.parametrize("bad", [b"a,b\n1,2\n" * 2000, "x".encode("utf-16")], ids=["CSV", "UTF-16"])
def test_a_bad_file_holds_up_its_wiki_alone(make_runner, tmp_path, bad):
    path = tmp_path / "wiki.ndjson"
    path.write_bytes(bad)
    runner = make_runner({"wiki.file.files": [str(path)]}).start()
    assert runner.submit({"entity": "Q1"}, wiki="file").status == 202
    assert runner.submit({"entity": "Q1", "revision": 1, "document": Q1}).status == 202
    wait_until(lambda: runner.result("Q1").status == 200)
    assert runner.result("Q1", "file").status == 404
    wait_until(lambda: "wiki.file" in runner.get("/readyz").json["warnings"][0], 30)
    assert str(path) in runner.log() and runner.get("/v1/dead?wiki=file").json["jobs"] == []


@pytest.mark.parametrize("statement", ["Q1$\0", "Q1$" + "x" * 20_000], ids=["a NUL", "20 kB"])
def test_a_bad_statement_id_affects_only_its_entity(make_runner, tmp_path, statement):
    bad = json.loads(json.dumps(item("Q4", 1, "ab")).replace(
        json.dumps(item("Q4", 1, "ab")["claims"]["P10"][0]["id"]), json.dumps(statement)))
    path = tmp_path / "dump.json"
    path.write_bytes(array([P10, Q1, bad, Q2]))
    runner = make_runner({"imports.dump_folder": str(tmp_path)}).start()
    answer = runner.post("/v1/import", {"import_method": "dump", "wiki": "none", "file": "dump.json"})
    job = answer.json["job_id"]

    def status():
        return runner.get(f"/v1/import/{job}/status").json
    wait_until(lambda: status()["status"] in ("complete", "failed"), 60)
    assert (status()["done"], status()["failed"], status()["total"]) == (3, 1, 4)
    assert runner.result("Q1").status == runner.result("Q2").status == 200
    assert "claims.P10" in runner.get(f"/v1/import/{job}/problems").json["problems"][0]["reason"]
