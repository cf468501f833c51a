# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept for a time and then removed: events, and that an entity was deleted."""
import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until


def count(runner, table, condition="true"):
    with psycopg.connect(runner.settings["database.conninfo"]) as database:
        return database.execute(f"SELECT count(*) FROM constraint_runner.{table} "
                                f"WHERE {condition}").fetchone()[0]


def test_old_events_are_removed_and_an_increment_that_needs_them_is_refused(make_runner, tmp_path):
    runner = make_runner().start()
    runner.submit({"entity": "P10", "revision": 1, "document": single_value_property()})
    wait_until(runner.is_idle)
    whole, later = tmp_path / "whole", tmp_path / "later"
    assert runner.run("dump", "--wiki", "none", "--output", str(whole)).returncode == 0
    for n in range(20):
        runner.submit({"entity": f"Q{n + 1}", "revision": 1,
                       "document": item(f"Q{n + 1}", 1, "ab")})
    wait_until(runner.is_idle)
    assert count(runner, "event") == 20
    assert 0 < runner.metric("constraint_runner_events_oldest_seconds") < 600
    assert runner.metric("constraint_runner_events_removed_total") == 0
    assert runner.stop() == 0

    runner.write_config(events__keep="1s")
    runner.start()
    wait_until(lambda: runner.metric("constraint_runner_events_removed_total") == 20)
    assert count(runner, "event") == 0
    assert runner.metric("constraint_runner_events_oldest_seconds") == 0
    assert count(runner, "violation") == 40
    done = runner.run("dump", "--wiki", "none", "--output", str(later), "--since",
                      str(whole / "manifest.json"))
    assert done.returncode == 65 and "(events.keep): make a full dump" in done.stderr


def test_a_deleted_entity_is_forgotten_after_its_time(make_runner):
    runner = make_runner({"events.keep_deleted": "1s", "events.keep": "0s"}).start()
    runner.submit({"entity": "Q3"}, {"entity": "Q1"}, wiki="file")  # Q3 is a redirect
    wait_until(runner.is_idle)
    wait_until(lambda: runner.metric("constraint_runner_deleted_entities_forgotten_total") == 1)
    assert count(runner, "entity_result", "entity = 'Q3'") == 0
    assert count(runner, "entity_result", "entity = 'Q1'") == 1
    assert runner.result("Q3", "file").status == 404


@pytest.mark.parametrize("value", ["-1s", "5000 years", "soon"])
def test_how_long_must_be_a_time(make_runner, value):
    runner = make_runner({"events.keep": value})
    done = runner.run("config", "check")
    assert done.returncode != 0 and "events.keep" in done.stderr
