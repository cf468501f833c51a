# SPDX-License-Identifier: GPL-2.0-or-later
"""The database is away at the start, goes away in the middle, is read-only, or is newer."""
import psycopg
import pytest

from entities import item
from pg import PrivatePostgres
from runner_process import wait_until


@pytest.fixture
def own_postgres(tmp_path):
    """A server that a test may stop."""
    with PrivatePostgres(tmp_path / "own") as server:
        yield server


def problems(runner):
    answer = runner.get("/readyz")
    assert answer.status == (503 if answer.json["problems"] else 200)
    return " ".join(answer.json["problems"])


def test_a_database_that_is_away_at_the_start_is_waited_for(make_runner, own_postgres):
    own_postgres.stop()
    runner = make_runner(conninfo=own_postgres.conninfo).start(wait="listening")
    assert runner.get("/healthz").status == 200
    wait_until(lambda: "database" in problems(runner))
    refused = runner.submit({"entity": "Q1", "document": item("Q1")})
    assert refused.status == 503 and refused.headers["Retry-After"]
    assert runner.result("Q1").status == 503
    assert runner.get("/metrics").status == 200
    assert runner.get("/").status == 200
    own_postgres.start()
    wait_until(runner.is_ready)
    assert runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202
    wait_until(lambda: runner.result("Q1").status == 200)


def test_a_database_that_goes_away_in_the_middle_loses_nothing(make_runner, own_postgres):
    runner = make_runner(conninfo=own_postgres.conninfo).start()
    jobs = [{"entity": f"Q{n}", "document": item(f"Q{n}")} for n in range(1, 301)]
    assert runner.submit(*jobs).status == 202
    own_postgres.stop(immediate=True)
    wait_until(lambda: "database" in problems(runner) or "storing" in problems(runner))
    assert runner.submit({"entity": "Q999", "document": item("Q999")}).status == 503
    own_postgres.start()
    wait_until(runner.is_ready)
    wait_until(runner.is_idle, 60)
    missing = [j["entity"] for j in jobs if runner.result(j["entity"]).status != 200]
    assert missing == []
    assert runner.queue()["dead"] == 0


def test_a_read_only_database_is_said_and_nothing_is_taken(make_runner, postgres):
    runner = make_runner().start()
    name = runner.settings["database.conninfo"].rsplit("dbname=", 1)[1]

    def read_only(yes):
        with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
            connection.execute(
                f'ALTER DATABASE "{name}" SET default_transaction_read_only = {yes}')
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE datname = %s", [name])

    read_only("on")
    answer = wait_until(lambda: (r := runner.submit({"entity": "Q1", "document": item("Q1")}))
                        .status == 503 and "read-only" in r.body.decode() and r)
    assert answer.headers["Retry-After"]
    wait_until(lambda: "read-only" in problems(runner))
    read_only("off")
    wait_until(runner.is_ready)
    wait_until(lambda: runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202)
    wait_until(lambda: runner.result("Q1").status == 200)


def test_a_newer_schema_is_refused_with_the_reason(make_runner, postgres):
    runner = make_runner()
    assert runner.run("migrate").returncode == 0
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.execute(
            "INSERT INTO constraint_runner.schema_migration "
            "SELECT (x).* FROM (SELECT jsonb_populate_record(m, "
            "jsonb_build_object('number', m.number + 100, 'name', '9999_future')) AS x "
            "FROM constraint_runner.schema_migration m ORDER BY number DESC LIMIT 1) y")
    for command in ("serve", "migrate"):
        done = runner.run(command)
        assert done.returncode == 78, done
        assert "newer" in done.stderr


def test_an_old_schema_waits_for_migrate_when_told_so(make_runner):
    runner = make_runner({"database.migrate_at_start": False})
    refused = runner.run("serve")
    assert refused.returncode == 78 and "migrate" in refused.stderr
    planned = runner.run("migrate", "--dry-run")
    assert planned.returncode == 0 and "would apply" in planned.stdout
    assert "applied" in runner.run("migrate").stdout
    assert "up to date" in runner.run("migrate").stdout
    runner.start()
    assert runner.is_ready()
