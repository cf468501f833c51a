# SPDX-License-Identifier: GPL-2.0-or-later
"""The law (test_law.py) where nothing is edited and time passes."""
import datetime

from built_entities import TYPES, UNKNOWN, Statement, constraint, item, prop
from runner_process import wait_until

RANGE = TYPES["range"]


def not_in_the_future():
    return prop("P9", [constraint("range", P2310=[None], P2311=[UNKNOWN])], "time")


def in_the_past():
    return prop("P8", [constraint("range", P2310=[None], P2311=["+1990"])], "time")


def in_seconds(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("+%Y-%m-%dT%H:%M:%SZ")


def put(law, *documents):
    for document in documents:
        law.wiki.put(document)


def test_a_time_that_comes_ends_a_violation(law):
    put(law, not_in_the_future(), item("Q1", [Statement("P9", in_seconds(5))]),
        item("Q2", [Statement("P9", in_seconds(3600))]))
    runner = law.runner()
    law.check(runner, "P9", "Q1", "Q2")
    assert law.broken("Q1") == law.broken("Q2") == [RANGE]
    assert runner.get("/v1/results/http/Q1").json["stale"] is False
    others = law.check_number("Q2")
    wait_until(lambda: law.broken("Q1") == [], 30)
    law.settle()
    assert law.check_number("Q2") == others
    with law.database() as database:  # events are read behind all transactions that are running
        gone = [pair["type"] for event, in database.execute(
            "SELECT disappeared FROM constraint_runner.event WHERE entity = 'Q1'") for pair in event or []]
    assert gone == [RANGE]


def test_a_time_that_came_while_no_runner_was_there_counts(law):
    put(law, not_in_the_future(), item("Q1", [Statement("P9", in_seconds(3))]))
    runner = law.runner()
    law.check(runner, "P9", "Q1")
    assert law.broken("Q1") == [RANGE]
    runner.stop()
    wait_until(lambda: in_seconds(0) > in_seconds(-4), 1)
    runner = law.runner()
    wait_until(lambda: law.broken("Q1") == [], 30)


def test_of_two_times_each_counts(law):
    put(law, not_in_the_future(),
        item("Q1", [Statement("P9", in_seconds(4)), Statement("P9", in_seconds(9))]))
    runner = law.runner()
    law.check(runner, "P9", "Q1")
    assert law.broken("Q1") == [RANGE, RANGE]
    wait_until(lambda: law.broken("Q1") == [RANGE], 30)
    wait_until(lambda: law.broken("Q1") == [], 30)


def test_a_bound_that_is_a_date_is_no_time_to_wait_for(law):
    put(law, in_the_past(), item("Q1", [Statement("P8", in_seconds(3))]))
    runner = law.runner()
    law.check(runner, "P8", "Q1")
    assert law.broken("Q1") == [RANGE]
    with law.database() as database:
        assert database.execute("SELECT count(*) FROM constraint_runner.entity_result "
                                "WHERE changes_at IS NOT NULL").fetchone() == (0,)
