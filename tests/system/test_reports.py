# SPDX-License-Identifier: GPL-2.0-or-later
"""Small inputs on which systems like this one failed: each gives what the README beside them
says, with `check --dump`, `check --from` and `import dump`. They are not in the tree; REPORTS_DIR
names their folder, and without it these tests are skipped."""
import csv
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from runner_process import binary, wait_until
from test_imports_entities import STORED, ask, database, status, with_dumps, dumps  # noqa: F401
from test_input_shapes import DATA, OK, Checked, From

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORTS = pathlib.Path(os.environ.get("REPORTS_DIR") or ROOT.parent / "shared" / "reports") / "in"
if not REPORTS.is_dir():  # the tree may be a work tree one folder further down
    REPORTS = ROOT.parents[1] / "shared" / "reports" / "in"

pytestmark = pytest.mark.skipif(
    not REPORTS.is_dir(), reason=f"SKIPPED, NOT PROVEN: the reports are not in {REPORTS}")


@pytest.fixture
def both(tmp_path):
    """What the two commands make of a file."""
    def read(name):
        return Checked(REPORTS / name, tmp_path / f"out-{name}"), From(REPORTS / name)
    return read


@pytest.fixture
def imported(make_runner, dumps):  # noqa: F811
    """The end of an import of a file, and the entities that it stored."""
    def read(name):
        shutil.copy(REPORTS / name, dumps / name)
        runner = with_dumps(make_runner, dumps).start()
        job = ask(runner, import_method="dump", wiki="none", file=name)
        wait_until(lambda: status(runner, job)["status"] in ("complete", "failed"))
        return status(runner, job), {row[0] for row in database(runner, STORED, "none")}
    return read


def test_one_bad_line(both, imported):
    of_dump, of_files = both("one-bad-line.json")
    assert of_dump.code == of_files.code == DATA
    assert of_dump.manifest["entities"] == len(of_files.lines) == 8
    assert [p["line"] for p in of_dump.problems] == [5]
    assert "one-bad-line.json:5: " in of_files.stderr
    ended, stored = imported("one-bad-line.json")
    assert (ended["status"], ended["done"], ended["failed"], ended["total"]) == ("complete", 8, 1, 9)
    assert len(stored) == 8


@pytest.mark.parametrize("name", ["one-line-array.json", "pretty.json", "entitydata.json"])
def test_other_shapes(both, imported, name):
    of_dump, of_files = both(name)
    assert of_dump.code == of_files.code == OK, of_dump.stderr + of_files.stderr
    assert len(of_dump.results) == len(of_files.lines) >= 8
    ended, stored = imported(name)
    assert ended["status"] == "complete" and stored == set(of_dump.results)


def test_cut_at_a_line(both, imported):
    of_dump, of_files = both("cut-at-line.json")
    assert of_dump.code == of_files.code == DATA
    assert of_dump.manifest["complete"] is False
    ended, stored = imported("cut-at-line.json")
    assert ended["status"] == "failed" and stored == set(of_dump.results)


def test_brackets(both, imported):
    of_dump, of_files = both("brackets.json")
    assert of_dump.code == of_files.code == DATA
    assert "holds no entity" in of_dump.stderr
    assert imported("brackets.json")[0]["status"] == "failed"


def test_zeros_behind(both, imported):
    of_dump, of_files = both("zeros-behind.json.gz")
    for done in (of_dump, of_files):
        assert done.code == OK and "the good data ends at byte" in done.stderr
    ended, stored = imported("zeros-behind.json.gz")
    assert ended["status"] == "complete" and stored == set(of_dump.results)


def test_a_bad_property(both):
    of_dump, of_files = both("bad-property.json")
    assert of_dump.code == of_files.code == DATA
    assert [p["line"] for p in of_dump.problems] == [2]
    for entity in ("Q1", "Q2", "Q3"):
        stored = of_dump.results[entity]
        assert stored["counts"]["todo"] == 1
        assert "P1 can't be read" in json.dumps(stored["incomplete"])
        assert f"{entity} is incomplete: P1 can't be read" in of_files.stderr


def test_a_bad_target(both):
    of_dump, of_files = both("bad-target.json")
    assert of_dump.code == of_files.code == DATA
    assert of_files.statuses("Q1") == ["todo"]
    assert "Q2 can't be read" in json.dumps(of_dump.results["Q1"]["incomplete"])


def test_missing(both):
    flag, absent = both("missing-flag.ndjson"), both("missing-absent.ndjson")
    for of_flag, of_absent in zip(flag, absent):
        assert of_flag.code == of_absent.code == OK
    assert flag[0].results == absent[0].results
    assert flag[1].lines == absent[1].lines
    assert flag[0].manifest["missing"] == 1


def test_an_older_revision_comes_last(both, imported):
    of_dump, of_files = both("dup-older-last.json")
    assert of_dump.code == of_files.code == OK
    revisions = {}
    for line in (REPORTS / "dup-older-last.json").read_text().splitlines():
        if line.startswith("{"):
            entity = json.loads(line.rstrip(","))
            revisions.setdefault(entity["id"], []).append(entity["lastrevid"])
    twice = {name: max(all_of) for name, all_of in revisions.items() if len(all_of) > 1}
    assert twice
    for name, revision in twice.items():
        assert of_dump.results[name]["revision"] == revision
    assert of_dump.manifest["repeated"] == len(twice)
    ended, _ = imported("dup-older-last.json")
    assert ended["lines_repeated"] == len(twice) and ended["done"] == ended["total"]


def test_lexemes(both):
    of_dump, of_files = both("lexemes.json")
    assert of_dump.code == of_files.code == OK
    assert of_files.lines.keys() == of_dump.results.keys()
    assert {name for name in of_files.lines if "warning" in of_files.statuses(name)} == \
        {"L34-F1", "L35-S1"}
    bad = {name for name, r in of_dump.results.items()
           if r["counts"]["warning"] + r["counts"]["violation"] > 0}
    assert bad == {"L34-F1", "L35-S1"}


def test_redirects_as_a_member(both, imported):
    of_dump, of_files = both("redirects-member.ndjson")
    assert of_dump.code == of_files.code == OK
    assert of_dump.results["Q9"]["counts"]["warning"] == 4
    assert of_files.statuses("Q9") == ["warning"] * 4
    ended, stored = imported("redirects-member.ndjson")
    assert ended["status"] == "complete" and stored == set(of_dump.results)


def test_a_stale_hash(both):
    of_dump, of_files = both("stale-hash.ndjson")
    assert of_dump.code == of_files.code == OK
    assert sum(r["counts"]["warning"] for r in of_dump.results.values()) == 1
    assert "warning" in of_files.statuses("Q1")


@pytest.mark.parametrize("version, messages", [
    ("1.43", {("P345", "bad-parameters"), ("P2", "warning"), ("P3", "bad-parameters")}),
    ("1.44", {("P1", "bad-parameters"), ("P2", "bad-parameters"), ("P3", "bad-parameters")})])
def test_formats_are_those_of_the_version(tmp_path, version, messages):
    assert by_version(tmp_path, version, "format-today.ndjson") == messages


@pytest.mark.parametrize("version, entities", [("1.43", {"Q1", "Q2", "Q5", "Q6"}), ("1.44", {"Q3"})])
def test_distinct_values_are_those_of_the_version(tmp_path, version, entities):
    """5 kg and 5 m, and a year and its first day, were the same to 1.43; separators that are a part of
    others tell statements apart since 1.44 on one side alone."""
    rows = by_version(tmp_path, version, "distinct-today.ndjson", "entity")
    assert {entity for entity, _ in rows} == entities


def by_version(tmp_path, version, name, column="property"):
    config = tmp_path / "c.toml"
    config.write_text(f'[wiki.w]\nwbqc = "{version}"\n')
    done = subprocess.run([binary(), "--config", config, "check", "--wiki", "w", "--dump", REPORTS / name,
                           "--output", tmp_path / "out", "--compress", "none"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == OK, done.stderr
    with open(tmp_path / "out" / "violations-00001.csv", encoding="utf-8") as file:
        return {(row[column], row["status"]) for row in csv.DictReader(file)}


def test_no_report_is_left_out():
    """Each file is named here, and so is the second kind of proof of it."""
    text = pathlib.Path(__file__).read_text(encoding="utf-8")
    assert not [p.name for p in REPORTS.iterdir() if f'"{p.name}"' not in text]


def test_an_import_that_is_waited_for_ends_as_the_readme_says(make_runner, dumps):  # noqa: F811
    shutil.copy(REPORTS / "one-bad-line.json", dumps)
    shutil.copy(REPORTS / "one-line-array.json", dumps)
    runner = with_dumps(make_runner, dumps).start()
    bad = runner.run("import", "dump", "one-bad-line.json", "--wiki", "none", "--wait")
    assert bad.returncode == DATA, bad
    assert runner.run("import", "dump", "one-line-array.json", "--wiki", "none", "--wait").returncode == OK
