# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9, a restarted database, and two runners on one queue, while jobs flow."""
import pathlib
import random
import time

import psycopg
import pytest

from flow import Flow, prove
from runner_process import wait_until


def finish(runner, flow):
    flow.join(120)
    assert not flow.is_alive(), "the jobs were not accepted"
    wait_until(runner.is_ready, 30)
    wait_until(runner.is_idle, 90)


def test_kill_9_at_random_moments_loses_nothing_and_stores_nothing_twice(make_runner, postgres):
    count = 5000
    seed = int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    # each kill costs the jobs in flight an attempt
    runner = make_runner({"queue.max_attempts": 50}).start()
    flow = Flow([runner], count)
    flow.start()
    kills = 0
    while kills < 8 or flow.is_alive():
        time.sleep(chance.uniform(0.05, 0.8))
        runner.kill()
        kills += 1
        runner.start()
        if kills > 60:
            break
    finish(runner, flow)
    print(f"{kills} kills, {flow.repeated} requests were sent again")
    prove(postgres.conninfo, count, 1)
    with psycopg.connect(postgres.conninfo) as connection:
        twice = connection.execute(
            "SELECT entity, revision, count(*) FROM constraint_runner.event "
            "GROUP BY 1, 2 HAVING count(*) > 1").fetchall()
    assert twice == [], "a result was stored and announced twice"


def test_a_restart_of_the_database_in_the_middle(make_runner, postgres):
    runner = make_runner().start()
    flow = Flow([runner], 1500, revisions=2)
    flow.start()
    for immediate in (False, True):
        time.sleep(0.7)
        postgres.restart(immediate=immediate)
    finish(runner, flow)
    prove(postgres.conninfo, 1500, 2)


def test_two_runners_share_a_queue_and_one_takes_over_from_the_other(make_runner, postgres):
    first = make_runner({"workers.threads": 1}).start()
    second = make_runner({"workers.threads": 1}).start()
    flow = Flow([first, second], 2000, revisions=3)
    flow.start()
    wait_until(lambda: second.metric("constraint_runner_jobs_ended_total") > 100
               and first.metric("constraint_runner_jobs_ended_total") > 100, 30)
    first.kill()
    killed = time.monotonic()
    finish(second, flow)
    prove(postgres.conninfo, 2000, 3)
    print(f"all done {time.monotonic() - killed:.1f} s after the kill; the lease is 2 s")


@pytest.mark.parametrize("offset", ["+400d", "-400d"])
def test_a_runner_whose_clock_is_wrong_does_no_harm(make_runner, postgres, offset):
    """Leases, delays and ages use only the database's clock."""
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("faketime is not installed")
    right = make_runner().start()
    # not the command faketime: it would stand between the test and the process
    wrong = make_runner(environment={"LD_PRELOAD": str(library), "FAKETIME": offset}).start()
    flow = Flow([right, wrong], 500, revisions=2)
    flow.start()
    finish(right, flow)
    prove(postgres.conninfo, 500, 2)
