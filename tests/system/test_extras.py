# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runner finds beyond WBQC: from the setting to results, lists, files and events."""
import csv
import io
import json

import pytest

from built_entities import constraint, item, lexeme, link, prop, text
from runner_process import wait_until

FIX = {"replace_property": "P7", "own": True}
PROPERTY = prop("P20", [constraint("single", P6824=["<P7>"]),
                        constraint("description", number=2, P424=["en"])], revision=1)
LINKS = prop("P28", [constraint("value lexical category", P2305=["<Q1084>"])], "wikibase-lexeme", 1)
ITEM = item("Q1", [text("P20", "a"), text("P20", "b", number=2)], 5, descriptions=["de"])
EXTRAS = {"wiki.none.extras": ["fix", "types"], "wiki.file.extras": ["fix", "types"]}


def send(runner, *documents):
    for document in documents:
        assert runner.submit({"entity": document["id"], "revision": document["lastrevid"],
                              "document": document}).status == 202
    wait_until(runner.is_idle)


@pytest.fixture(name="runner")
def with_extras(make_runner):
    runner = make_runner(EXTRAS, []).start()
    send(runner, PROPERTY, LINKS, ITEM)
    return runner


@pytest.fixture(name="plain")
def without_extras(make_runner):
    runner = make_runner(None, []).start()
    send(runner, PROPERTY, LINKS, ITEM)
    return runner


def listed(runner, more=""):
    return runner.get("/v1/violations?wiki=none" + more)


def test_a_result_has_its_extras_beside_the_value(runner, plain):
    with_own, without = runner.result("Q1").json, plain.result("Q1").json
    own = with_own.pop("own")
    assert "own" not in without
    assert with_own["value"] == without["value"] and with_own["counts"] == without["counts"]
    assert all(each["own"] is True for each in own)
    verdicts = [each for each in own if "s" in each]
    assert [(v["s"], v["m"]["k"]) for v in verdicts] == [("warning", "description-in-language")] * 2
    assert verdicts[0]["sentence"].startswith("An entity with P20 should have a description")
    fixes = [each for each in own if "s" not in each]
    assert [each["fix"] for each in fixes] == [FIX] * 2
    assert {each["|"]["g"] for each in fixes} == {
        s["id"] for s in ITEM["claims"]["P20"]}


def test_the_work_list_marks_own_rows_and_has_fixes(runner, plain):
    rows = listed(runner, "&sentences=true").json["violations"]
    own = [row for row in rows if row.get("own") is True]
    assert len(rows) == 4 and len(own) == 2
    assert {row["message"] for row in own} == {"description-in-language"}
    assert all(row["sentence"].startswith("An entity with P20") for row in own)
    wbqc = [row for row in rows if "own" not in row]
    assert [row["fix"] for row in wbqc] == [FIX] * 2
    assert all("fix" not in row for row in own)
    assert not any(row.keys() & {"own", "fix"} for row in listed(plain).json["violations"])


def test_csv_has_columns_of_extras_where_there_are_extras(runner, plain):
    table = listed(runner, "&format=csv").body.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["own"] for row in rows].count("true") == 2
    assert [json.loads(row["fix"]) for row in rows if row["fix"]] == [FIX] * 2
    assert table.splitlines()[0].endswith(",checked_at,own,fix,own_status")
    assert listed(plain, "&format=csv").body.splitlines()[0].endswith(b",checked_at")


def test_events_say_which_pairs_are_own(runner):
    def events():  # come when no earlier transaction runs any more
        answer = runner.get("/v1/events?wiki=none&after=oldest&limit=100",
                            headers={"Accept": "application/json"})
        return [e for e in answer.json["events"] if e["entity"] == "Q1"]
    pairs = wait_until(events)[0]["appeared"]
    assert sorted(pair.get("own", False) for pair in pairs) == [False, False, True, True]
    assert [pair["fix"] for pair in pairs if "own" not in pair] == [FIX] * 2


def test_dumps_have_extras(runner, tmp_path):
    done = runner.run("dump", "--wiki", "none", "--output", tmp_path / "d", "--format", "csv",
                      "--format", "json", "--format", "nt", "--compress", "none", "--details",
                      "--sentences")
    assert done.returncode == 0, done.stderr
    rows = [row for path in (tmp_path / "d").glob("*.csv")
            for row in csv.DictReader(path.open(encoding="utf-8"))]
    assert [row["own"] for row in rows].count("true") == 2
    assert all(row["sentence"] for row in rows)
    lines = [json.loads(line) for path in (tmp_path / "d").glob("*.ndjson")
             for line in path.open(encoding="utf-8")]
    assert len(next(line for line in lines if line["entity"] == "Q1")["own"]) == 4
    triples = "".join(path.read_text() for path in (tmp_path / "d").glob("*.nt"))
    assert triples.count("hasViolationForConstraint") == 2
    assert triples.count("#hasOwnWarning>") == 2


def test_a_checked_dump_has_extras(runner, tmp_path):
    path = tmp_path / "dump.ndjson"
    path.write_text("".join(json.dumps(d) + "\n" for d in (
        PROPERTY, LINKS, ITEM, lexeme("L1", category="Q9"), item("Q2", [link("P28", "L1")]))))
    done = runner.run("check", "--wiki", "none", "--dump", path, "--output", tmp_path / "d",
                      "--format", "csv", "--format", "results", "--compress", "none")
    assert done.returncode == 0, done.stderr
    rows = [row for file in (tmp_path / "d").glob("*.csv")
            for row in csv.DictReader(file.open(encoding="utf-8"))]
    own = [(row["entity"], row["message"]) for row in rows if row["own"]]
    assert sorted(own) == [("Q1", "description-in-language")] * 2 + [("Q2", "value-lexical-category")]
    assert len([row for row in rows if row["fix"]]) == 2


def test_the_command_line_takes_extras(plain, tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_text("".join(json.dumps(d) + "\n" for d in (PROPERTY, ITEM)))
    command = ["check", "--wiki", "none", "--from", path, "--only-files", "--json"]
    assert "own" not in json.loads(plain.run(*command, "Q1").stdout)
    line = json.loads(plain.run(*command, "--extras", "types", "Q1").stdout)
    assert len(line["own"]) == 2 and "fix" not in line["own"][0]
    assert plain.run(*command, "--extras", "nothing", "Q1").returncode == 64


def test_another_lexical_category_has_those_checked_that_link_to_the_lexeme(make_runner):
    runner = make_runner(EXTRAS, [LINKS, lexeme("L1", revision=1, category="Q9"),
                                  item("Q2", [link("P28", "L1")], 2)]).start()
    assert runner.submit({"entity": "Q2"}, {"entity": "L1"}, wiki="file").status == 202
    wait_until(runner.is_idle)
    assert [each["m"]["k"] for each in runner.result("Q2", "file").json["own"]] == [
        "value-lexical-category"]
    new = lexeme("L1", revision=3, category="Q1084")
    runner.stop()
    runner.write_entities([LINKS, new, item("Q2", [link("P28", "L1")], 2)])
    runner.start()
    assert runner.submit({"entity": "L1", "revision": 3}, wiki="file").status == 202
    wait_until(lambda: "own" not in runner.result("Q2", "file").json)


def test_turning_extras_on_or_off_has_all_entities_checked_again(make_runner):
    runner = make_runner(None, [PROPERTY, ITEM]).start()
    assert runner.submit({"entity": "Q1"}, wiki="file").status == 202
    wait_until(runner.is_idle)
    assert "own" not in runner.result("Q1", "file").json
    runner.stop()
    runner.write_config(wiki__file__extras=["types"])
    runner.start()
    wait_until(lambda: len(runner.result("Q1", "file").json.get("own", [])) == 2)
    runner.stop()
    runner.write_config(wiki__file__extras=[])
    runner.start()
    wait_until(lambda: "own" not in runner.result("Q1", "file").json)
    assert not any("own" in row for row in
                   runner.get("/v1/violations?wiki=file").json["violations"])
