# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that depend on another entity or on a property follow when that one changes."""
import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until
from small_wiki import SmallWiki

SYMMETRIC = "Q21510862"
PARTNER = "P26"


def person(number, revision, *partners):
    claims = [{"mainsnak": {"snaktype": "value", "property": PARTNER, "datatype": "wikibase-item",
                            "datavalue": {"type": "wikibase-entityid",
                                          "value": {"entity-type": "item", "id": partner,
                                                    "numeric-id": int(partner[1:])}}},
               "type": "statement", "rank": "normal", "id": f"{number}${partner}"}
              for partner in partners]
    return {"type": "item", "id": number, "lastrevid": revision, "labels": {},
            "claims": {PARTNER: claims} if claims else {}}


@pytest.fixture
def wiki():
    with SmallWiki([single_value_property(PARTNER, constraint=SYMMETRIC), person("Q1", 5, "Q2"),
                    person("Q2", 6), person("Q3", 7, "Q2"),
                    single_value_property("P10"), item("Q10", 8, ("a", "b"))]) as served:
        yield served


@pytest.fixture
def make(make_runner, wiki):
    def made(**settings):
        return make_runner({"wiki.http.source": "http", "wiki.http.entity_data_url": wiki.url,
                            **{f"wiki.http.{k}": v for k, v in settings.items()}})
    return made


def violations(runner, number):
    counts = runner.result(number, "http").json["counts"]
    return counts["violation"] + counts["warning"]


def check(runner, *numbers):
    assert runner.submit(*({"entity": n} for n in numbers), wiki="http").status == 202
    wait_until(runner.is_idle)


def test_an_edit_of_another_entity_is_followed(make, wiki):
    runner = make().start()
    check(runner, "Q1", "Q2", "Q3")
    assert [violations(runner, q) for q in ("Q1", "Q2", "Q3")] == [1, 0, 1]
    wiki.put(person("Q2", 16, "Q1"))
    check(runner, "Q2")
    wait_until(lambda: violations(runner, "Q1") == 0)
    assert violations(runner, "Q3") == 1
    del wiki.documents["Q2"]
    check(runner, "Q2")
    wait_until(lambda: violations(runner, "Q1") == 1)


def test_a_changed_constraint_is_followed(make, wiki):
    runner = make().start()
    check(runner, "P10", "Q10")
    assert violations(runner, "Q10") == 2
    wiki.put({**single_value_property("P10", 20), "claims": {}})
    check(runner, "P10")
    wait_until(lambda: violations(runner, "Q10") == 0)


def test_a_change_is_followed_after_a_kill(make, wiki):
    runner = make().start()
    check(runner, "Q1", "Q2")
    assert violations(runner, "Q1") == 1
    wiki.put(person("Q2", 16, "Q1"))
    check(runner, "Q2")
    runner.kill()
    runner.start()
    wait_until(lambda: violations(runner, "Q1") == 0)


def test_an_edit_of_what_no_check_sees_is_followed_by_nothing(make, wiki):
    runner = make().start()
    check(runner, "Q1", "Q2")
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as database:
        wait_until(lambda: not database.execute(
            "SELECT FROM constraint_runner.entity_change").fetchall(), 60)
        wait_until(runner.is_idle, 60)

        def changes():
            return database.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence("
                                    "'constraint_runner.entity_change', 'id'))").fetchone()
        before = changes()
        document = person("Q2", 16)
        document["labels"] = {"en": {"language": "en", "value": "somebody"}}
        wiki.put(document)
        check(runner, "Q2")
        assert changes() == before


def test_it_can_be_switched_off(make, wiki):
    runner = make(recheck_dependents=False).start()
    check(runner, "Q1", "Q2")
    wiki.put(person("Q2", 16, "Q1"))
    check(runner, "Q2")
    with psycopg.connect(runner.settings["database.conninfo"]) as database:
        wait_until(lambda: not database.execute(
            "SELECT FROM constraint_runner.entity_change").fetchall())
    wait_until(runner.is_idle)
    assert violations(runner, "Q1") == 1
