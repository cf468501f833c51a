# SPDX-License-Identifier: GPL-2.0-or-later
"""WBQC's results service answers from the store; the runner or WBQC checks what is not there."""
import pytest

from entities import item
from runner_process import wait_until

VIOLATIONS = ["null", "null", "null"]


def checked(house, entity, *values):
    revision = house.wiki.save(item(entity, values=values))
    house.wait_for(entity, revision)
    return revision


def found_by_runner(answer):
    return any("single-value" in result for result in answer["results"])


def found_by_wbqc(answer):
    return any("checked-by-wbqc" in result for result in answer["results"])


def test_results_come_from_the_store(house):
    checked(house, "Q200", "a", "b")
    stored = house.row("Q200")
    answer = house.wiki.check(id="Q200")
    assert found_by_runner(answer) and not found_by_wbqc(answer)
    assert sorted(answer["results"])[:3] == VIOLATIONS  # the entity and both statements
    assert house.row("Q200") == stored, "was checked again"


def test_one_statement_or_one_constraint_comes_from_the_store_too(house):
    checked(house, "Q201", "a", "b")
    [(statement, constraint)] = house.sql(
        "SELECT statement, constraint_id FROM constraint_runner.violation "
        "WHERE entity = 'Q201' ORDER BY statement LIMIT 1")
    one = house.wiki.check(claimid=statement)["results"]
    assert sorted(r.split()[0] for r in one) == ["null", "warning"]
    assert house.wiki.check(id="Q201", constraintid=constraint)["results"] == \
        house.wiki.check(id="Q201")["results"]
    assert house.wiki.check(id="Q201", constraintid="P9$other")["results"] == VIOLATIONS


def test_a_missing_result_is_checked_by_the_runner_at_once(house):
    checked(house, "Q210", "a", "b")
    house.forget("Q210")
    assert found_by_runner(house.wiki.check(id="Q210"))
    assert house.row("Q210")[1] == "native"


def test_a_result_that_rests_on_something_changed_is_checked_again(house):
    checked(house, "Q220", "a", "b")
    before = house.row("Q220")
    house.sql("UPDATE constraint_runner.entity_result SET value = replace(value::text, "
              "'\"P10\":', '\"P10\":9')::json WHERE entity = 'Q220'")
    assert found_by_runner(house.wiki.check(id="Q220"))
    after = house.row("Q220")
    assert after[0] == before[0] and after[3] > before[3] and after[1] == "native"


def test_without_the_runner_wbqc_checks_and_its_result_is_stored(without_runner):
    house = without_runner
    revision = house.wiki.save(item("Q230", values=("a", "b")))
    first = house.wiki.check(id="Q230")
    assert found_by_wbqc(first) and not first["cached"]
    assert house.row("Q230")[:3] == (revision, "php", 0)
    assert found_by_wbqc(house.wiki.check(id="Q230"))
    pairs = house.sql("SELECT statement, status, message_key FROM constraint_runner.violation "
                      "WHERE entity = 'Q230'")
    assert pairs == [("Q230$1", "warning", "checked-by-wbqc")]
    assert house.sql("SELECT depends_on, revision FROM constraint_runner.dependency "
                     "WHERE entity = 'Q230'") == [("Q230", revision)]
    assert house.sql("SELECT revision FROM constraint_runner.event WHERE entity = 'Q230'") == [
        (revision,)]


def test_a_status_that_wbqc_changes_is_an_event(without_runner):
    house = without_runner
    house.wiki.save(item("Q235", values=("a", "b")))
    assert found_by_wbqc(house.wiki.check(id="Q235"))
    house.sql("UPDATE constraint_runner.violation SET status = 'violation' WHERE entity = 'Q235'")
    revision = house.wiki.save(item("Q235", values=("a", "c")))
    assert found_by_wbqc(house.wiki.check(id="Q235"))
    (appeared, disappeared, changed), = house.sql(
        "SELECT appeared, disappeared, changed FROM constraint_runner.event WHERE "
        f"entity = 'Q235' AND revision = {revision}")
    assert appeared == disappeared == []
    assert changed[0].items() >= {"statement": "Q235$1", "from": "violation",
                                  "to": "warning"}.items()
    assert "status" not in changed[0] and "from_type" not in changed[0]


def test_what_wbqc_computed_never_overwrites_a_newer_revision(without_runner):
    house = without_runner
    house.wiki.save(item("Q240"))
    house.wiki.check(id="Q240")
    house.sql("UPDATE constraint_runner.entity_result SET revision = revision + 1000000 "
              "WHERE entity = 'Q240'")
    before = house.row("Q240")
    assert found_by_wbqc(house.wiki.check(id="Q240"))  # stale, so it was checked
    assert house.row("Q240") == before


@pytest.mark.parametrize("what", ["check", "edit", "report"])
def test_without_postgresql_nobody_gets_an_error(house, what):
    house.wiki.save(item("Q250", values=(what,)))
    house.wiki.more_settings("$wgConstraintRunnerDatabase['host'] = '/nowhere';\n")
    try:
        if what == "check":
            answer = house.wiki.check(id="Q250")
            assert found_by_wbqc(answer), "not WBQC's own answer"
        elif what == "edit":
            assert house.wiki.save(item("Q250", values=("b",)))
        else:
            page = house.wiki.request("/index.php/Special:ConstraintReport/Q250")
            assert page.status == 200 and "standin-row" in page.body
    finally:
        house.wiki.more_settings("")
    log = (house.wiki.folder / "runner.log").read_text() if what == "check" else "PostgreSQL"
    assert "PostgreSQL" in log


def test_another_wiki_has_other_results(house):
    checked(house, "Q260", "a", "b")
    house.wiki.more_settings("$wgConstraintRunnerWiki = 'otherwiki';\n")
    try:
        assert not found_by_runner(house.wiki.check(id="Q260"))
    finally:
        house.wiki.more_settings("")
    wait_until(lambda: found_by_runner(house.wiki.check(id="Q260")))
