# SPDX-License-Identifier: GPL-2.0-or-later
"""The wiki says itself what its settings are; what the configuration says besides must agree."""
import json

import psycopg
import pytest

from entities import item, single_value_property
from own_wiki import OWN, own_property
from runner_process import wait_until


def test_the_ids_of_the_wiki_are_used(own_wiki):
    wiki = own_wiki()
    wiki.says(ids=OWN)
    wiki.save(own_property(), item("Q1", values=("a", "b")))
    wiki.runner.start()
    wiki.check("Q1")
    assert wiki.stored("Q1")["warning"] == 2
    assert wiki.warnings() == []


def test_the_command_check_reads_the_wikis_settings_too(own_wiki):
    wiki = own_wiki()
    wiki.says(ids=OWN, wbqc="1.43")
    wiki.save(own_property(), item("Q1", values=("a", "b")))
    done = wiki.runner.run("check", "--wiki", "own", "--json", "Q1")
    assert done.returncode == 0, done
    line = json.loads(done.stdout)
    assert line["wbqc"] == "1.43"
    assert sum(r.get("s") == "warning" for r in line["results"]) == 2


def test_check_of_files_reads_them_too_unless_only_files(own_wiki, tmp_path):
    wiki = own_wiki()
    wiki.says(ids=OWN)
    path = tmp_path / "dump.json"
    path.write_text(json.dumps([own_property(), item("Q1", values=("a", "b"))]))

    def check(*arguments):
        done = wiki.runner.run("check", "--wiki", "own", *arguments)
        assert done.returncode == 0, done
        return done.stdout

    def of_files(*arguments):
        line = json.loads(check("--from", path, "--json", "Q1", *arguments))
        return sum(r.get("s") == "warning" for r in line["results"])

    def of_dump(name, *arguments):
        check("--dump", path, "--output", tmp_path / name, *arguments)
        return sum(json.loads((tmp_path / name / "manifest.json").read_text())["violations"].values())
    assert of_files() == of_dump("asked") == 2
    assert of_files("--only-files") == of_dump("alone", "--only-files") == 0


@pytest.mark.parametrize("ours,theirs,words", [
    ({"check_qualifiers": False}, {"check_qualifiers": True},
     ["wiki.own.check_qualifiers is false", "WBQualityConstraintsCheckQualifiers of the wiki is true"]),
    ({"ids.WBQualityConstraintsPropertyConstraintId": "P2302"}, {"ids": OWN},
     ["wiki.own.ids.WBQualityConstraintsPropertyConstraintId is P2302",
      "WBQualityConstraintsPropertyConstraintId of the wiki is P77"]),
    ({"wbqc": "1.44"}, {"wbqc": "1.43"},
     ['wiki.own.wbqc is "1.44"', 'WikibaseQualityConstraints of the wiki is "1.43"']),
    ({}, {"wiki": "other"}, ["[wiki.own] is the section", "the wiki that was asked is other"]),
])
def test_what_contradicts_the_wiki_is_named_and_nothing_is_stored(own_wiki, ours, theirs, words):
    wiki = own_wiki(ours)
    wiki.says(**theirs)
    wiki.save(own_property(), item("Q1", values=("a", "b")))
    done = wiki.runner.run("check", "--wiki", "own", "Q1")
    assert done.returncode == 78 and all(word in done.stderr for word in words), done
    assert not ours or f"{wiki.runner.config}:" in done.stderr, "where it was set"
    wiki.runner.start()
    wiki.check("Q1")
    [warning] = wait_until(wiki.warnings)
    assert all(word in warning for word in words)
    assert wiki.counts("Q1") is None
    shown = wiki.runner.run("status")
    assert shown.returncode == 0 and words[0] in shown.stdout
    wiki.says()  # the wiki was changed
    assert wait_until(lambda: wiki.counts("Q1"), 60)
    wait_until(lambda: not [w for w in wiki.warnings() if words[0] in w])


def test_what_agrees_is_no_contradiction(own_wiki, tmp_path):
    units = tmp_path / "units.json"
    units.write_text(json.dumps({"Q1": {"factor": "10", "unit": "Q2"}}))
    wiki = own_wiki({"check_references": False, "unit_conversion": units})
    wiki.says(check_references=False, units={"Q1": {"unit": "Q2", "factor": "10"}})
    wiki.save(item("Q1", values=()))
    assert wiki.runner.run("check", "--wiki", "own", "Q1").returncode == 0
    wiki.says(units={"Q1": {"unit": "Q2", "factor": "100"}})
    done = wiki.runner.run("check", "--wiki", "own", "Q1")
    assert done.returncode == 78 and str(units) in done.stderr and "unitStorage" in done.stderr


def test_an_older_extension_reports_only_its_version(own_wiki):
    wiki = own_wiki()
    (wiki.folder / "wbqc").write_text("1.43")
    wiki.save(single_value_property(), item("Q1", values=("a", "b")))
    line = json.loads(wiki.runner.run("check", "--wiki", "own", "--json", "Q1").stdout)
    assert line["wbqc"] == "1.43"
    assert sum(r.get("s") == "warning" for r in line["results"]) == 2


@pytest.mark.parametrize("answer", ["[]", '{"settings":{"check_qualifiers":"yes"}}',
                                    '{"settings":{},"ids":{"WBQualityConstraintsClassId":"Q5"}}'])
def test_an_answer_that_makes_no_sense_stores_nothing(own_wiki, answer):
    wiki = own_wiki()
    wiki.save(item("Q1", values=()))
    wiki.says()
    (wiki.folder / "settings.json").write_text(answer)
    done = wiki.runner.run("check", "--wiki", "own", "Q1")
    if answer == "[]":  # nothing that could be taken for an answer
        assert done.returncode == 0
    else:
        assert done.returncode == 65 and "settings from the wiki" in done.stderr, done


def test_a_wiki_without_any_constraint_is_warned_about(own_wiki):
    wiki = own_wiki()
    wiki.says()  # a wiki that does not know its own ids, as it were
    wiki.save(own_property(), item("Q1", values=("a", "b")))
    wiki.runner.start()
    assert wiki.warnings() == []
    wiki.check("Q1")
    wiki.stored("Q1")
    [warning] = wait_until(wiki.warnings)
    assert "none of its properties" in warning and "wiki own" in warning
    assert wiki.runner.get("/readyz").status == 200
    assert "none of its properties" in wiki.runner.run("status").stdout
    assert any("none of its properties" in warning for warning in json.loads(
        wiki.runner.run("status", "--json").stdout)["warnings"])
    assert wiki.runner.log().count("none of its properties") == 1
    wiki.save(single_value_property("P11"), item("Q2", values=("a",), prop="P11"))
    wiki.check("Q2")
    wait_until(lambda: not wiki.warnings())


def other_settings_in(wiki):
    """As another runner writes them that has heard of a change first."""
    with psycopg.connect(wiki.runner.settings["database.conninfo"]) as database:
        database.execute("UPDATE constraint_runner.wiki_settings SET fingerprint = 'x' "
                         "WHERE wiki = 'own'")


def test_when_the_wiki_changes_its_settings_all_is_checked_again(own_wiki):
    wiki = own_wiki()
    wiki.says()
    wiki.save(own_property(), item("Q1", values=("a", "b")), item("Q2", values=("a", "b")))
    wiki.runner.start()
    wiki.check("Q1")
    assert wiki.stored("Q1")["warning"] == 0
    wiki.says(ids=OWN)
    other_settings_in(wiki)
    wiki.check("Q2")  # is not stored before the wiki was asked again
    assert wiki.stored("Q2")["warning"] == 2
    assert "the database has different settings for it" in wiki.runner.log()
    wait_until(lambda: wiki.counts("Q1")["warning"] == 2)


def test_where_the_configuration_alone_decides_another_runner_with_others_is_warned_about(own_wiki):
    wiki = own_wiki({"source": "none", "php_command": []})
    wiki.runner.start()
    document = item("Q1", values=("a",))
    assert wiki.runner.submit({"entity": "Q1", "document": document}, wiki="own").status == 202
    wiki.stored("Q1")
    other_settings_in(wiki)
    assert wiki.runner.submit({"entity": "Q2", "document": item("Q2")}, wiki="own").status == 202
    [warning] = wait_until(wiki.warnings)
    assert "another runner has written other settings" in warning
    assert wiki.counts("Q2") is None
    wiki.runner.stop()
    wiki.runner.start()  # the one that starts last decides
    wiki.stored("Q2")
