# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that must be distinct: sharing one is a violation of both, whichever of them changes."""
import json

import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until

DISTINCT_VALUES = "Q21502410"
CHECK_NUMBERS = "SELECT check_number FROM constraint_runner.entity_result ORDER BY entity"
PROPERTY = single_value_property("P20", constraint=DISTINCT_VALUES)


def code(entity, value, revision=1):
    return item(entity, revision, [value] if value else [], prop="P20")


def named(runner, entity):
    """The other entities that the entity's result names; none when it has no violation."""
    answer = runner.result(entity, "file")
    if answer.status != 200:
        return None
    found = set()
    for result in answer.json["value"]["results"]:
        if result.get("c", {}).get("qid") == DISTINCT_VALUES:
            found |= set(result["m"]["a"][0]["v"])
    return found


def expect(runner, **entities):
    wait_until(lambda: all(named(runner, e) == set(others.split())
                           for e, others in entities.items()))
    wait_until(runner.is_idle)
    assert {e: named(runner, e) for e in entities} == {e: set(o.split())
                                                       for e, o in entities.items()}


@pytest.fixture
def codes(make_runner):
    return make_runner(entities=[PROPERTY, code("Q1", "x"), code("Q2", "x"), code("Q3", "y"),
                                 code("Q4", "x")]).start()


def test_an_entity_is_checked_again_when_another_one_takes_its_value(codes):
    codes.submit({"entity": "Q1"}, wiki="file")
    expect(codes, Q1="")
    codes.submit({"entity": "Q2"}, wiki="file")
    expect(codes, Q1="Q2", Q2="Q1")
    codes.submit({"entity": "Q3"}, {"entity": "Q4"}, wiki="file")
    expect(codes, Q1="Q2 Q4", Q2="Q1 Q4", Q3="", Q4="Q1 Q2")


def test_an_entity_is_checked_again_when_another_one_loses_the_value(codes):
    codes.submit({"entity": "Q1"}, {"entity": "Q2"}, {"entity": "Q4"}, wiki="file")
    expect(codes, Q1="Q2 Q4", Q2="Q1 Q4", Q4="Q1 Q2")
    codes.submit({"entity": "Q2", "revision": 2, "document": code("Q2", "z", 2)}, wiki="file")
    expect(codes, Q1="Q4", Q4="Q1", Q2="")
    codes.submit({"entity": "Q4", "revision": 2, "document": code("Q4", None, 2)}, wiki="file")
    expect(codes, Q1="", Q4="")


def test_entities_that_are_checked_concurrently_find_each_other(make_runner):
    ids = [f"Q{n}" for n in range(1, 41)]
    runner = make_runner(entities=[PROPERTY, *(code(e, "same") for e in ids)]).start()
    runner.submit(*({"entity": e} for e in ids), wiki="file")
    wait_until(lambda: all(len(named(runner, e) or ()) == 10 for e in ids))
    first = sorted(ids)[:11]
    wait_until(lambda: all(named(runner, e) == set([f for f in first if f != e][:10])
                           for e in ids))


def test_a_deleted_entity_shares_nothing(codes):
    codes.submit({"entity": "Q1"}, {"entity": "Q2"}, wiki="file")
    expect(codes, Q1="Q2", Q2="Q1")
    codes.stop()
    codes.write_entities([PROPERTY, code("Q1", "x")])
    codes.start()
    codes.submit({"entity": "Q2"}, wiki="file")
    expect(codes, Q1="")


def test_unfollowed_changes_are_followed_after_a_restart(codes):
    codes.submit({"entity": "Q1"}, {"entity": "Q3"}, wiki="file")
    expect(codes, Q1="", Q3="")
    codes.stop()
    # what a runner leaves that is killed after it stored Q3 with the value x
    with psycopg.connect(codes.settings["database.conninfo"], autocommit=True) as database:
        before = database.execute(CHECK_NUMBERS).fetchall()
        database.execute("""
            INSERT INTO constraint_runner.distinct_value (key, property, wiki, entity)
            SELECT key, property, wiki, 'Q3' FROM constraint_runner.distinct_value
            WHERE entity = 'Q1'""")
        database.execute("""
            INSERT INTO constraint_runner.value_change (wiki, entity, keys, others)
            SELECT wiki, 'Q3', uuid_send(key), '\\x0000000000000002' FROM constraint_runner.distinct_value
            WHERE entity = 'Q1'""")
        database.execute("UPDATE constraint_runner.entity_result SET links_digest = 1 "
                         "WHERE entity = 'Q3'")  # of the rows that it has
        codes.start()
        wait_until(lambda: not database.execute(
            "SELECT FROM constraint_runner.value_change").fetchall())
        wait_until(codes.is_idle)
        # both were checked again; Q3, which has the value y, left the index, and Q1 knows
        expect(codes, Q1="", Q3="")
        after = database.execute(CHECK_NUMBERS).fetchall()
    assert all(number > old for (number,), (old,) in zip(after, before, strict=True))


def test_without_the_index_the_check_is_left_to_do(make_runner):
    runner = make_runner(entities=[PROPERTY, code("Q1", "x"), code("Q2", "x")],
                         settings={"wiki.file.distinct_values": False}).start()
    runner.submit({"entity": "Q1"}, {"entity": "Q2"}, wiki="file")
    wait_until(lambda: runner.result("Q2", "file").status == 200)
    assert runner.result("Q2", "file").json["counts"]["todo"] == 1
    assert json.dumps(runner.result("Q2", "file").json["value"]).count(DISTINCT_VALUES) == 0
