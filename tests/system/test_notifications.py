# SPDX-License-Identifier: GPL-2.0-or-later
"""Any role of the database can notify and listen: neither does harm."""
import time

import psycopg

from entities import item
from runner_process import wait_until


def test_forged_notifications_cause_only_occasional_polls(make_runner):
    runner = make_runner().start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        def transactions():
            return connection.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database "
                                      "WHERE datname = current_database()").fetchone()[0]
        wait_until(runner.is_idle)
        before, begin, sent = transactions(), time.monotonic(), 0
        while time.monotonic() - begin < 3:
            for channel in ("constraint_runner", "constraint_runner_jobs"):
                connection.execute("SELECT pg_notify(%s, %s)", (channel, '[["none","Q1",9]]'))
                sent += 1
        runner.submit({"entity": "Q1", "revision": 1, "document": item("Q1", 1)})
        wait_until(lambda: runner.result("Q1").status == 200)
        time.sleep(1)
        caused = transactions() - before - sent
    print(f"{sent} notifications, {caused} transactions")
    assert sent > 1000
    assert caused < 1000


def test_notifications_carry_no_payload(make_runner):
    runner = make_runner().start()
    heard = []
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.add_notify_handler(lambda news: heard.append((news.channel, news.payload)))
        connection.execute("LISTEN constraint_runner")
        connection.execute("LISTEN constraint_runner_jobs")
        runner.submit({"entity": "Q1", "revision": 1,
                       "document": item("Q1", 1, ("a", "b"))}, wiki="file")

        def both():
            connection.execute("SELECT")
            return {channel for channel, _ in heard} == {"constraint_runner",
                                                         "constraint_runner_jobs"}
        wait_until(both)
    assert {payload for _, payload in heard} == {""}
