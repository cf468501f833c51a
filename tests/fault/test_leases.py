# SPDX-License-Identifier: GPL-2.0-or-later
"""Leases: of each job alone, kept as long as their runner lives, and what becomes of them when it
dies."""
import http.client
import random
import signal
import threading
import time

import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until
from slow_wiki import SlowWiki


def ended(runner, outcome):
    for line in runner.get("/metrics").body.decode().splitlines():
        if line.startswith("constraint_runner_jobs_ended_total{") and f'"{outcome}"' in line:
            return float(line.rsplit(" ", 1)[1])
    return 0


def test_no_lease_of_a_healthy_runner_is_lost_in_a_slow_fill(make_runner):
    count = 300
    chance = random.Random(7)
    delays = {f"Q{n}": chance.choice([0.02] * 20 + [0.2, 5.0]) for n in range(1, count + 1)}
    with SlowWiki([single_value_property(), *(item(f"Q{n}") for n in range(1, count + 1))],
                  delay=lambda entity: delays.get(entity, 0)) as wiki:
        runner = make_runner({"queue.lease": "2s", "wiki.slow.source": "http",
                              "wiki.slow.entity_data_url": wiki.url,
                              "workers.threads": 4}).start()
        for first in range(1, count + 1, 100):
            runner.submit(*({"entity": f"Q{n}"} for n in range(first, first + 100)), wiki="slow")
        wait_until(runner.is_idle, 120)
        assert {entity: n for entity, n in wiki.seen.items()
                if entity in delays and n > 1} == {}
    assert ended(runner, "stored") == count
    assert ended(runner, "lost") == 0
    assert runner.queue()["dead"] == 0


def slow_settings(wiki, **settings):
    return {"queue.lease": "60s", "wiki.slow.source": "http",
            "wiki.slow.entity_data_url": wiki.url, "workers.threads": 2,
            **{name.replace("__", "."): value for name, value in settings.items()}}


@pytest.mark.parametrize("beside", [False, True])
def test_the_jobs_of_a_killed_runner_go_on_within_seconds(make_runner, postgres, beside):
    """Its leases of a minute are not waited for, by the same runner or by another."""
    held = threading.Event()
    with SlowWiki([single_value_property(), *(item(f"Q{n}") for n in range(1, 21))],
                  delay=lambda entity: 0 if held.is_set() else 30) as wiki:
        runner = make_runner(slow_settings(wiki)).start()
        runner.submit(*({"entity": f"Q{n}"} for n in range(1, 21)), wiki="slow")
        wait_until(lambda: runner.queue()["leased"] >= 2)
        other = make_runner(slow_settings(wiki)).start() if beside else None
        held.set()
        runner.kill()
        begin = time.monotonic()
        if other is None:
            other = runner.start()
        wait_until(other.is_idle, 20)
        took = time.monotonic() - begin
    assert took < 5
    assert other.queue()["dead"] == 0
    with psycopg.connect(postgres.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM constraint_runner.entity_result "
                                  "WHERE wiki = 'slow'").fetchone() == (20,)


def test_a_stopped_runner_keeps_its_jobs_until_its_leases_run_out(make_runner):
    with SlowWiki([single_value_property(), item("Q1")],
                  delay=lambda entity: 4 if entity == "Q1" else 0) as wiki:
        runner = make_runner(slow_settings(wiki)).start()
        other = make_runner(slow_settings(wiki)).start()
        runner.submit({"entity": "Q1"}, wiki="slow")
        wait_until(lambda: wiki.seen["Q1"] or other.queue()["leased"] == 1)
        runner.signal(signal.SIGSTOP)
        time.sleep(5)
        runner.signal(signal.SIGCONT)
        wait_until(runner.is_idle, 20)
        assert wiki.seen["Q1"] == 1
        assert "is dead" not in other.log() + runner.log()


def test_a_job_that_ends_the_process_kills_itself_alone(make_runner, postgres):
    runner = None

    def poison(entity):
        if entity == "Q30":
            runner.process.kill()

    with SlowWiki([single_value_property(), *(item(f"Q{n}") for n in range(1, 62))],
                  at_request=poison) as wiki:
        runner = make_runner(slow_settings(wiki)).start()
        runner.submit(*({"entity": f"Q{n}"} for n in range(1, 62)), wiki="slow")
        deaths = 0

        def over():
            nonlocal deaths
            if runner.ended():
                deaths += 1
                assert deaths < 12
                runner.start("nothing")
                return False
            try:
                return runner.is_idle()
            except (OSError, http.client.HTTPException):
                return False

        wait_until(over, 90)
        dead = runner.get("/v1/dead").json["jobs"]
    assert [job["entity"] for job in dead] == ["Q30"]
    assert dead[0]["reason"].startswith("the process ended while checking it")
    assert "Q30 of slow goes to the dead list" in runner.log()
    with psycopg.connect(postgres.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM constraint_runner.entity_result "
                                  "WHERE wiki = 'slow'").fetchone() == (60,)
    print(f"{deaths} deaths")


def test_jobs_that_were_only_in_flight_do_not_wait_for_each_other(make_runner, postgres):
    """Nor for the next poll: hundreds are in flight when a process is killed for lack of memory."""
    count = 300
    with SlowWiki([single_value_property(), *(item(f"Q{n}") for n in range(1, count + 1))]) as wiki:
        wiki.away = True
        runner = make_runner(slow_settings(wiki, queue__poll_interval="30s")).start()
        for first in range(1, count + 1, 100):
            runner.submit(*({"entity": f"Q{n}"} for n in range(first, first + 100)), wiki="slow")
        runner.kill()
        wiki.away = False
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("UPDATE constraint_runner.job SET state = 'delayed', deaths = 2, "
                               "due_at = 'infinity', lease_owner = NULL, lease_token = NULL")
        runner.start()
        wait_until(runner.is_idle, 30)
    assert ended(runner, "stored") == count
    assert runner.queue()["dead"] == 0


def test_a_wiki_that_is_away_uses_no_attempt(make_runner):
    with SlowWiki([single_value_property(), item("Q1")]) as wiki:
        wiki.away = True
        runner = make_runner(slow_settings(wiki, queue__max_attempts=2, wiki__slow__http_retries=0,
                                           queue__backoff_base="20ms",
                                           queue__backoff_max="100ms")).start()
        runner.submit({"entity": "Q1"}, wiki="slow")
        wait_until(lambda: wiki.seen["Q1"] > 8)
        assert runner.queue()["dead"] == 0
        wiki.away = False
        wait_until(runner.is_idle)
        assert runner.result("Q1", wiki="slow").status == 200


def test_an_entity_at_which_the_wiki_fails_is_given_up_with_a_warning(make_runner):
    with SlowWiki([single_value_property(), item("Q1")]) as wiki:
        answer = wiki.answer
        wiki.answer = lambda path, query: ((500, "{}") if "/Q1." in path
                                           else answer(path, query))
        runner = make_runner(slow_settings(wiki, queue__max_attempts=2, wiki__slow__http_retries=0,
                                           queue__backoff_base="20ms")).start()
        runner.submit({"entity": "Q1"}, wiki="slow")
        wait_until(lambda: runner.queue()["dead"] == 1)
        assert "warning: Q1 of slow goes to the dead list after 2 attempts: " in runner.log()


def test_a_row_that_is_locked_by_another_session_stops_nothing_else(make_runner, postgres):
    runner = make_runner({"queue.lease": "60s"}).start()
    runner.submit({"entity": "Q1", "revision": 1, "document": item("Q1", 1, ("a", "b"))},
                  {"entity": "Q2", "revision": 1, "document": item("Q2", 1, ("a", "b"))},
                  wiki="file")
    wait_until(runner.is_idle)
    with psycopg.connect(postgres.conninfo) as foreign:
        foreign.execute("SELECT FROM constraint_runner.entity_result WHERE entity = 'Q1' FOR UPDATE")
        foreign.execute("SELECT FROM constraint_runner.violation WHERE entity = 'Q2' FOR UPDATE")
        begin = time.monotonic()
        for first in range(1, 200, 20):
            runner.submit(*({"entity": f"Q{n}", "revision": 2, "document": item(f"Q{n}", 2)}
                            for n in range(first, first + 20)), wiki="file")
            assert runner.get("/readyz").status == 200
        wait_until(lambda: runner.result("Q200", wiki="file").status == 200
                   and sum(runner.queue()[k] for k in ("ready", "delayed", "leased")) == 2, 20)
        print(f"the others after {time.monotonic() - begin:.1f} s")
        time.sleep(2)
        assert runner.get("/readyz").status == 200
        assert runner.result("Q1", wiki="file").json["revision"] == 1
        assert runner.queue()["dead"] == 0
    wait_until(runner.is_idle, 30)
    assert runner.result("Q1", wiki="file").json["revision"] == 2
    assert runner.result("Q2", wiki="file").json["revision"] == 2
