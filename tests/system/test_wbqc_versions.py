# SPDX-License-Identifier: GPL-2.0-or-later
"""`wbqc` in [wiki.ID]: format and distinct values as each version of WBQC has them, from the same
dump, and where the output names the version."""
import json
import subprocess

import psycopg
import pytest

from entities import single_value_property
from runner_process import binary, wait_until

FORMAT, DISTINCT_VALUES = "Q21502404", "Q21502410"
MAIN, QUALIFIERS, REFERENCES = "Q46466787", "Q46466783", "Q46466805"
CONFIG = 78
ENTITY = "http://www.wikidata.org/entity/"


def snak(prop, value, kind="string"):
    return {"snaktype": "value", "property": prop, "datavalue": {"type": kind, "value": value}}


def item_snak(prop, item):
    return snak(prop, {"entity-type": "item", "id": item}, "wikibase-entityid")


def quantity(prop, amount, unit):
    return snak(prop, {"amount": amount, "unit": ENTITY + unit}, "quantity")


def date(prop, time, precision):
    return snak(prop, {"time": time, "timezone": 0, "before": 0, "after": 0,
                       "precision": precision, "calendarmodel": ENTITY + "Q1985727"}, "time")


def stated(main, *qualifiers, rank="normal", reference=None):
    made = {"mainsnak": main, "type": "statement", "rank": rank}
    if qualifiers:
        made["qualifiers"] = {}
        for each in qualifiers:
            made["qualifiers"].setdefault(each["property"], []).append(each)
    if reference:
        made["references"] = [{"snaks": {reference["property"]: [reference]}}]
    return made


def item(entity, *statements):
    claims = {}
    for number, each in enumerate(statements):
        each = {**each, "id": f"{entity}${number}"}
        claims.setdefault(each["mainsnak"]["property"], []).append(each)
    return {"type": "item", "id": entity, "lastrevid": 1, "labels": {}, "claims": claims}


def constrained(prop, data_type, kind, **parameters):
    made = single_value_property(prop, constraint=kind)
    made["datatype"] = data_type
    made["claims"]["P2302"][0]["qualifiers"] = parameters
    return made


def text(value, prop="P10"):
    return stated(snak(prop, value))


def in_scope(*contexts):
    return [item_snak("P4680", context) for context in contexts]


PROPERTIES = [
    constrained("P10", "external-id", DISTINCT_VALUES),
    constrained("P11", "quantity", DISTINCT_VALUES),
    constrained("P12", "time", DISTINCT_VALUES),
    constrained("P13", "string", DISTINCT_VALUES, P4155=[snak(
        "P4155", {"entity-type": "property", "id": "P20"}, "wikibase-entityid")]),
    constrained("P14", "string", DISTINCT_VALUES, P4680=in_scope(QUALIFIERS, REFERENCES)),
    constrained("P30", "string", FORMAT, P1793=[snak("P1793", r"tt\d+\/[ab]")]),
    constrained("P31", "string", FORMAT, P1793=[snak("P1793", "[^)]+")]),
    constrained("P32", "string", FORMAT, P1793=[snak("P1793", "(x|xx)+")]),
]
KILOGRAM, METRE = "Q11570", "Q11573"
CASES = {  # statements of the first and the second item; who is named in 1.43, and from 1.44 on
    "an identifier": (text("a"), text("a"), "both", "both"),
    "white space around it": (text("b"), text(" b "), "both", "both"),
    "another unit": (stated(quantity("P11", "+5", KILOGRAM)),
                     stated(quantity("P11", "+5", METRE)), "both", ""),
    "the same unit": (stated(quantity("P11", "+6", KILOGRAM)),
                      stated(quantity("P11", "+6", KILOGRAM)), "both", "both"),
    "a year and its first day": (stated(date("P12", "+2000-00-00T00:00:00Z", 9)),
                                 stated(date("P12", "+2000-01-01T00:00:00Z", 11)), "both", ""),
    "more separators": (stated(snak("P13", "c"), snak("P20", "s")),
                        stated(snak("P13", "c"), snak("P20", "s"), snak("P20", "t")),
                        "", "first"),
    "no separator and one": (stated(snak("P13", "d")),
                             stated(snak("P13", "d"), snak("P20", "s")), "", ""),
    "a qualifier elsewhere": (stated(snak("P21", "x"), snak("P14", "e")),
                              stated(snak("P22", "x"), snak("P14", "e")), "both", ""),
    "a qualifier of its own property": (stated(snak("P21", "x"), snak("P14", "f")),
                                        stated(snak("P14", "x"), snak("P14", "f")),
                                        "both", "first"),
    "a qualifier of a deprecated statement":
        (stated(snak("P21", "x"), snak("P14", "g"), rank="deprecated"),
         stated(snak("P14", "x"), snak("P14", "g")), "first", "first"),
    "a reference elsewhere": (stated(snak("P21", "x"), reference=snak("P14", "h")),
                              stated(snak("P22", "x"), reference=snak("P14", "h")), "both", ""),
    "a reference in its own property": (stated(snak("P21", "x"), reference=snak("P14", "i")),
                                        stated(snak("P14", "x"), reference=snak("P14", "i")),
                                        "both", "first"),
}


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    documents = list(PROPERTIES)
    for number, (first, second, *_) in enumerate(CASES.values()):
        documents += [item(f"Q{100 + 2 * number}", first), item(f"Q{101 + 2 * number}", second)]
    documents.append(item("Q99", text("tt1/a", "P30"), text("abc", "P31"),
                          text("x" * 60 + "y", "P32")))
    path = tmp_path_factory.mktemp("dump") / "all.json"
    path.write_text("[\n" + ",\n".join(json.dumps(d) for d in documents) + "\n]\n",
                    encoding="utf-8")
    return path


def run(folder, setting, *arguments):
    config = folder / "wiki.toml"
    config.write_text(f"[wiki.w]\n{setting}\n", encoding="utf-8")
    return subprocess.run([binary(), "check", "--config", config, *arguments], check=False,
                          capture_output=True, timeout=120, text=True)


def checked(folder, setting, dump_file):
    """The lines of results by entity, and the manifest."""
    out = folder / "out"
    done = run(folder, setting, "--dump", dump_file, "--output", out, "--format", "results",
               "--compress", "none")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for p in sorted(out.glob("results-*.ndjson"))
             for line in p.read_text(encoding="utf-8").splitlines()]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return {line["entity"]: line for line in lines}, manifest


def results_of(line, kind):
    return [r for r in line["value"]["results"] if r.get("c", {}).get("qid") == kind]


@pytest.mark.parametrize("setting,version", [('wbqc = "1.43"', "1.43"), ('wbqc = "1.44"', "1.44"),
                                             ("", "1.44")])
def test_distinct_values_of_each_version(dump, tmp_path, setting, version):
    lines, manifest = checked(tmp_path, setting, dump)
    assert manifest["wbqc"] == version
    assert {line["wbqc"] for line in lines.values()} == {version}
    for number, (name, case) in enumerate(CASES.items()):
        ids = [f"Q{100 + 2 * number}", f"Q{101 + 2 * number}"]
        violating = [bool(results_of(lines[i], DISTINCT_VALUES)) for i in ids]
        wanted = case[2 if version == "1.43" else 3]
        assert violating == {"both": [True, True], "first": [True, False],
                             "": [False, False]}[wanted], name
        for entity, other, violates in zip(ids, reversed(ids), violating):
            if violates:
                message = results_of(lines[entity], DISTINCT_VALUES)[0]["m"]
                assert message["k"] == "unique-value"
                assert message["a"][0]["v"] == [other], name


def test_the_extra_distinct_finds_in_1_44_what_1_43_finds(dump, tmp_path):
    """In qualifiers and references; of main values nothing is different."""
    plain, _ = checked(tmp_path, 'wbqc = "1.44"', dump)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    lines, _ = checked(tmp_path, 'wbqc = "1.44"\nextras = ["distinct"]', dump)
    for number, (name, (first, second, old, new)) in enumerate(CASES.items()):
        main = "P14" not in json.dumps([first, second])
        for entity, position in ((f"Q{100 + 2 * number}", 0), (f"Q{101 + 2 * number}", 1)):
            line = lines[entity]
            assert line["value"] == plain[entity]["value"] and "own" not in plain[entity], name
            in_old = old == "both" or (old == "first" and position == 0)
            in_new = new == "both" or (new == "first" and position == 0)
            own = [r["s"] for r in line.get("own", [])]
            assert own == (["warning"] if in_old and not in_new and not main else []), (name, entity)


def test_a_stored_result_says_which_version_it_was_made_with(make_runner):
    """Until an entity is checked again after a change of `wbqc`, its result is that of the version before."""
    prop, one = single_value_property(), item("Q1", stated(snak("P10", "a")))
    first = make_runner({"wiki.file.wbqc": "1.43"}, [prop, one]).start()
    first.submit({"entity": "Q1", "revision": 1}, wiki="file")
    wait_until(lambda: first.result("Q1", "file").status == 200)
    assert first.result("Q1", "file").json["wbqc"] == "1.43"
    lines = first.get("/v1/dump?wiki=file&format=json").body.decode().splitlines()
    assert [json.loads(line)["wbqc"] for line in lines] == ["1.43"] * len(lines) and lines
    first.stop()
    with psycopg.connect(first.settings["database.conninfo"], autocommit=True) as database:  # of an older runner
        database.execute("UPDATE constraint_runner.entity_result SET wbqc = NULL")
    second = make_runner({"wiki.file.wbqc": "1.44"}, [prop, one], conninfo=first.settings["database.conninfo"]).start()
    wait_until(lambda: second.result("Q1", "file").json.get("wbqc") == "1.44")


def test_formats_of_each_version(dump, tmp_path):
    found = {}
    for version in ("1.43", "1.44"):
        done = run(tmp_path, f'wbqc = "{version}"', "--from", dump, "--json", "Q99")
        assert done.returncode == 0, done.stderr
        line = json.loads(done.stdout)
        assert line["wbqc"] == version
        found[version] = {r["c"]["pid"]: (r["s"], (r.get("m") or {}).get("k"),
                                          (r.get("m") or {}).get("a"))
                          for r in line["results"] if r.get("c", {}).get("qid") == FORMAT}
    old, new = found["1.43"], found["1.44"]
    assert old["P30"][:2] == ("bad-parameters", "parameter-regex")
    assert old["P30"][2][0]["v"] == r"/^(?:tt\d+\\/[ab])$/u"
    assert new["P30"][0] == "compliance"
    assert old["P31"][0] == "compliance"
    assert new["P31"][:2] == ("bad-parameters", "parameter-regex")
    assert new["P31"][2][0]["v"] == "[^)]+"
    assert old["P32"][:2] == ("warning", "format-clarification")
    assert new["P32"][:2] == ("bad-parameters", "parameter-regex")


@pytest.mark.parametrize("setting", ['wbqc = "1.42"', "wbqc = 1.44", 'wbqc = ""'])
def test_an_unknown_version_is_refused(dump, tmp_path, setting):
    done = run(tmp_path, setting, "--from", dump, "--json", "Q99")
    assert done.returncode == CONFIG
    assert 'wbqc: expected one of "1.43" "1.44"' in done.stderr
    assert "wiki.toml:2" in done.stderr
