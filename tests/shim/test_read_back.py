# SPDX-License-Identifier: GPL-2.0-or-later
"""WBQC's results service answers from the store; the runner or WBQC checks what is not there."""
import urllib.request

import pytest

from entities import item
from real_wiki import needs_standins
from runner_process import wait_until

pytestmark = needs_standins

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
    outdate(house, "Q220")
    assert found_by_runner(house.wiki.check(id="Q220"))
    after = house.row("Q220")
    assert after[0] == before[0] and after[3] > before[3] and after[1] == "native"


def stored(house, entity):
    """All that is stored of an entity."""
    return [house.sql(f"SELECT t::text FROM constraint_runner.{table} t WHERE wiki = 'testwiki' AND "
                      "entity = %s ORDER BY 1", entity)
            for table in ("violation", "dependency", "event")] + [house.row(entity)]


def outdate(house, entity, seen=12345):
    """As if P10 had been edited after the check; `seen`: what the check saw of it."""
    house.sql("UPDATE constraint_runner.dependency SET seen = %s WHERE entity = %s AND "
              "depends_on = 'P10'", seen, entity)
    house.sql("UPDATE constraint_runner.entity_result SET value = replace(value::text, "
              "'\"P10\":', '\"P10\":9')::json WHERE entity = %s", entity)


def test_what_wbqc_finds_for_a_reader_is_not_stored_but_a_job_for_the_runner(without_runner):
    house = without_runner
    revision = house.wiki.save(item("Q230", values=("a", "b")))
    house.wiki.run_jobs()  # the runner is away: the edit's own job stays, too
    before = stored(house, "Q230")
    first = house.wiki.check(id="Q230")
    assert found_by_wbqc(first) and not first["cached"]
    assert found_by_wbqc(house.wiki.check(id="Q230"))
    assert stored(house, "Q230") == before and house.row("Q230") is None
    assert len(house.wiki.kept_jobs("Q230")) == 1
    house.runner.start()
    wait_until(lambda: house.wiki.run_jobs() is not None and house.row("Q230"), 60, 1)
    assert house.wait_for("Q230", revision)[1] == "native"


def test_a_stale_result_that_wbqc_checked_is_checked_again_by_the_runner(without_runner):
    house = without_runner
    house.runner.start()
    checked(house, "Q231", "a", "b")
    house.runner.stop()
    outdate(house, "Q231")
    before = stored(house, "Q231")
    assert found_by_wbqc(house.wiki.check(id="Q231"))
    assert stored(house, "Q231") == before
    wait_until(lambda: len(house.wiki.kept_jobs("Q231")) == 1)
    house.runner.start()
    wait_until(lambda: house.wiki.run_jobs() is not None and
               house.row("Q231")[3] > before[-1][3], 60, 1)
    assert house.row("Q231")[1] == "native" and found_by_runner(house.wiki.check(id="Q231"))


def test_all_statuses_are_wbqcs_and_only_a_missing_result_is_a_job(house):
    everything = "|".join(["violation", "warning", "compliance", "todo"])
    checked(house, "Q232", "a", "b")
    wait_until(house.runner.is_idle)
    accepted = house.runner.metric("constraint_runner_jobs_accepted_total")
    before = stored(house, "Q232")
    assert found_by_wbqc(house.wiki.check(id="Q232", status=everything))
    anonymous, house.wiki.opener = house.wiki.opener, urllib.request.build_opener()
    try:
        assert found_by_wbqc(house.wiki.check(id="Q232", status=everything))
    finally:
        house.wiki.opener = anonymous
    assert stored(house, "Q232") == before
    assert house.runner.metric("constraint_runner_jobs_accepted_total") == accepted
    house.forget("Q232")
    assert found_by_wbqc(house.wiki.check(id="Q232", status=everything))
    house.until(lambda: house.row("Q232"))
    assert house.row("Q232")[1] == "native"
    assert house.runner.metric("constraint_runner_jobs_accepted_total") == accepted + 1


@pytest.mark.parametrize("status", ["", "|", "nonsense", "nonsense|nothing"])
def test_no_status_or_unknown_ones_give_wbqcs_structure_and_start_no_check(house, status):
    entity = f"Q233{len(status)}"
    checked(house, entity, "a", "b")
    wait_until(house.runner.is_idle)
    jobs = house.runner.metric("constraint_runner_jobs_accepted_total")
    before = house.row(entity)
    for _ in range(3):
        assert house.wiki.check(id=entity, status=status)["results"] == VIOLATIONS
    assert house.wiki.check(id=entity, status=status)["cached"]
    assert house.row(entity) == before
    assert house.runner.metric("constraint_runner_jobs_accepted_total") == jobs


def test_an_edit_that_changed_nothing_visible_leaves_the_result_fresh(house):
    checked(house, "Q236", "a", "b")
    house.store("P10")  # what others see of it is known of what has a result alone
    [(seen,)] = house.sql("SELECT seen FROM constraint_runner.dependency WHERE wiki = 'testwiki'"
                          " AND entity = 'Q236' AND depends_on = 'P10'")
    outdate(house, "Q236", seen)
    before = house.row("Q236")
    answer = house.wiki.check(id="Q236")
    assert found_by_runner(answer) and house.row("Q236") == before, "was checked again"
    assert "out of date" not in house.wiki.request(
        "/index.php/Special:ConstraintReport/Q236").body


def test_a_dependency_that_has_no_result_is_no_reason_to_hold(house):
    checked(house, "Q239", "a", "b")
    [(seen,)] = house.sql("SELECT seen FROM constraint_runner.dependency WHERE wiki = 'testwiki'"
                          " AND entity = 'Q239' AND depends_on = 'P10'")
    house.forget("P10")
    outdate(house, "Q239", seen)
    before = house.row("Q239")
    assert found_by_runner(house.wiki.check(id="Q239"))
    assert house.row("Q239")[3] > before[3]


@pytest.mark.parametrize("seen", [None, 12345])
def test_what_changed_visibly_or_is_unknown_is_stale(house, seen):
    entity = "Q237" if seen is None else "Q238"
    checked(house, entity, "a", "b")
    outdate(house, entity, seen)
    before = house.row(entity)
    assert found_by_runner(house.wiki.check(id=entity))
    assert house.row(entity)[3] > before[3]


@pytest.mark.parametrize("what", ["check", "edit", "report"])
def test_without_postgresql_readers_get_no_error(house, what):
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
