# SPDX-License-Identifier: GPL-2.0-or-later
"""The database is away at the start, goes away in the middle, is read-only, or is newer; it is none
that the runner can work with, or fails in ways of its own."""
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from entities import item, single_value_property
from pg import PrivatePostgres
from pooler import Pooler
from runner_process import wait_until
from slow_wiki import SlowWiki


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


def test_a_read_only_database_is_reported_and_no_job_accepted(make_runner, postgres):
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


def test_an_old_schema_waits_for_migrate_if_configured(make_runner):
    runner = make_runner({"database.migrate_at_start": False})
    refused = runner.run("serve")
    assert refused.returncode == 78 and "migrate" in refused.stderr
    planned = runner.run("migrate", "--dry-run")
    assert planned.returncode == 0 and "would apply" in planned.stdout
    assert "applied" in runner.run("migrate").stdout
    assert "up to date" in runner.run("migrate").stdout
    runner.start()
    assert runner.is_ready()


@pytest.mark.parametrize("command", ["serve", "migrate", "status"])
def test_a_pooler_in_transaction_mode_is_refused_and_gets_no_settings_of_ours(make_runner, postgres,
                                                                             command):
    with Pooler(postgres.create_database(), transactions=True) as pooler:
        runner = make_runner(conninfo=pooler.conninfo)
        done = runner.run(command)
        said = done.stdout + done.stderr
        assert "a pooler in transaction mode" in said and "session mode, or none" in said, done
        assert command == "status" or done.returncode == 78, done
        with psycopg.connect(pooler.conninfo, autocommit=True) as other:
            assert other.execute("SHOW enable_seqscan").fetchone() == ("on",)
            assert other.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_a_pooler_in_session_mode_is_as_good_as_none(make_runner, postgres):
    with Pooler(postgres.create_database(), transactions=False) as pooler:
        runner = make_runner(conninfo=pooler.conninfo).start()
        assert runner.submit(*({"entity": f"Q{n}", "document": item(f"Q{n}")}
                               for n in range(1, 50))).status == 202
        wait_until(runner.is_idle)
        assert runner.result("Q49").status == 200


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_can_not_hold_every_alphabet_is_refused(make_runner, postgres, command):
    conninfo = postgres.conninfo_of(f"latin1_{command}")
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE latin1_{command} ENCODING 'LATIN1' LC_COLLATE 'C' "
                           "LC_CTYPE 'C' TEMPLATE template0")
    refused = make_runner(conninfo=conninfo).run(command)
    assert refused.returncode == 78, refused
    assert f'"latin1_{command}" has the encoding LATIN1' in refused.stderr
    assert "ENCODING 'UTF8'" in refused.stderr
    postgres.drop_database(conninfo)


def guest(postgres, conninfo):
    """A role that may do what the runner must."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("""
            DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT USAGE ON SCHEMA constraint_runner TO guest;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA constraint_runner TO guest;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA constraint_runner TO guest""")
    return conninfo.replace("user=runner", "user=guest")


def test_missing_rights_are_named_at_the_start_and_by_readyz(make_runner, postgres):
    conninfo = postgres.create_database()
    assert make_runner(conninfo=conninfo).run("migrate").returncode == 0
    runner = make_runner({"database.migrate_at_start": False},
                         conninfo=guest(postgres, conninfo)).start()
    assert runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202
    wait_until(lambda: runner.result("Q1").status == 200)
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("REVOKE INSERT, DELETE ON constraint_runner.dead_job FROM guest")
        wait_until(lambda: "lacks privileges" in problems(runner))
        assert "dead_job" in problems(runner) and "guest" in problems(runner)
        refused = runner.run("serve", "--set", f"server.socket={runner.folder}/other")
        assert refused.returncode == 77 and "dead_job" in refused.stderr, refused
        owner.execute("GRANT INSERT, DELETE ON constraint_runner.dead_job TO guest")
        wait_until(runner.is_ready)
    postgres.drop_database(conninfo)


def test_a_revoked_privilege_uses_up_no_attempt(make_runner, postgres):
    conninfo = postgres.create_database()
    assert make_runner(conninfo=conninfo).run("migrate").returncode == 0
    runner = make_runner({"database.migrate_at_start": False, "queue.max_attempts": 2,
                          "queue.lease": "1s"}, conninfo=guest(postgres, conninfo)).start()
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("REVOKE INSERT, UPDATE ON constraint_runner.entity_result FROM guest")
        runner.submit(*({"entity": f"Q{n}", "document": item(f"Q{n}")} for n in range(1, 20)))
        wait_until(lambda: "storing: the role of database.conninfo lacks a right: " in problems(runner))
        owner.execute("GRANT ALL ON constraint_runner.entity_result TO guest")
    wait_until(runner.is_idle, 40)
    assert runner.queue()["dead"] == 0 and runner.result("Q19").status == 200
    wait_until(runner.is_ready)
    postgres.drop_database(conninfo)


def trouble(connection, table, state, deferred=False):
    """Writes to the table fail with this SQLSTATE, immediately or at commit."""
    connection.execute(f"""
        CREATE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'trouble of the test' USING ERRCODE = '{state}'; END $$;
        CREATE {"CONSTRAINT" if deferred else ""} TRIGGER trouble
        AFTER INSERT OR UPDATE ON constraint_runner.{table}
        {"DEFERRABLE INITIALLY DEFERRED" if deferred else ""}
        FOR EACH ROW EXECUTE FUNCTION public.trouble()""")


def trouble_is_over(connection):
    connection.execute("DROP FUNCTION public.trouble CASCADE")


@pytest.mark.parametrize("state,deferred,sentence", [
    ("54000", True, "the database is at one of its limits"),  # a full NOTIFY queue
    ("54000", False, "the database is at one of its limits"),
    ("53100", False, "the database has no disk space left"),
    ("XX000", False, "the database failed in a way that is not known"),
    ("26000", False, "a pooler in transaction mode"),
])
def test_what_is_not_the_fault_of_a_row_waits_and_is_not_ready(make_runner, state, deferred, sentence):
    runner = make_runner({"queue.max_attempts": 2, "queue.backoff_max": "200ms",
                          "queue.lease": "2s"}).start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        trouble(connection, "entity_result", state, deferred)
        jobs = [{"entity": f"Q{n}", "document": item(f"Q{n}")} for n in range(1, 20)]
        assert runner.submit(*jobs).status == 202
        wait_until(lambda: "storing" in problems(runner))
        assert sentence in problems(runner)
        time.sleep(1)  # for more attempts
        assert runner.queue()["dead"] == 0
        trouble_is_over(connection)
    wait_until(runner.is_idle, 60)
    assert runner.queue()["dead"] == 0
    assert all(runner.result(job["entity"]).status == 200 for job in jobs)
    wait_until(runner.is_ready, 60)


def test_a_row_with_an_unknown_error_blocks_no_other(make_runner):
    runner = make_runner({"queue.max_attempts": 2, "queue.backoff_max": "200ms"}).start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.execute("""
            CREATE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE 'trouble of the test' USING ERRCODE = '54000'; END $$;
            CREATE TRIGGER trouble AFTER INSERT ON constraint_runner.entity_result
            FOR EACH ROW WHEN (NEW.entity = 'Q7') EXECUTE FUNCTION public.trouble()""")
        runner.submit(*({"entity": f"Q{n}", "document": item(f"Q{n}")} for n in range(1, 20)))
        wait_until(lambda: all(runner.result(f"Q{n}").status == 200 for n in range(1, 20) if n != 7))
        wait_until(lambda: "Q7 of none waits: " in runner.log())
        wait_until(lambda: "trouble of the test" in problems(runner))  # while no other is stored
        assert runner.queue()["dead"] == 0
        trouble_is_over(connection)
    wait_until(lambda: runner.result("Q7").status == 200)
    wait_until(runner.is_ready, 60)


@pytest.mark.parametrize("state", ["P0001", "XX000", "54000"])
def test_the_first_stored_result_makes_it_ready_again(make_runner, state):
    runner = make_runner({"queue.backoff_base": "20s", "queue.backoff_max": "20s"}).start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        trouble(connection, "entity_result", state)
        runner.submit({"entity": "Q1", "document": item("Q1")})
        wait_until(lambda: "storing: " in problems(runner))
        trouble_is_over(connection)
    runner.submit({"entity": "Q2", "document": item("Q2")})  # Q1 still waits
    wait_until(lambda: runner.result("Q2").status == 200, 5)
    wait_until(runner.is_ready, 2)


def test_a_later_cause_replaces_the_earlier_one(make_runner):
    runner = make_runner({"queue.backoff_base": "20s", "queue.backoff_max": "20s"}).start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        trouble(connection, "entity_result", "XX000")
        runner.submit({"entity": "Q1", "document": item("Q1")})
        wait_until(lambda: "in a way that is not known" in problems(runner))
        trouble_is_over(connection)
        trouble(connection, "entity_result", "53100")
        runner.submit({"entity": "Q2", "document": item("Q2")})
        wait_until(lambda: "no disk space left" in problems(runner))
        assert "not known" not in problems(runner)
        trouble_is_over(connection)
    wait_until(runner.is_ready, 5)


def test_a_row_that_the_database_can_not_store_dies_alone(make_runner):
    runner = make_runner().start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.execute("""
            CREATE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE 'trouble of the test' USING ERRCODE = '22P05'; END $$;
            CREATE TRIGGER trouble AFTER INSERT ON constraint_runner.entity_result
            FOR EACH ROW WHEN (NEW.entity = 'Q7') EXECUTE FUNCTION public.trouble()""")
        runner.submit(*({"entity": f"Q{n}", "document": item(f"Q{n}")} for n in range(1, 20)))
        wait_until(runner.is_idle)
    dead = runner.get("/v1/dead").json["jobs"]
    assert [job["entity"] for job in dead] == ["Q7"]
    assert dead[0]["reason"].startswith("the database can't store these values: ")
    assert runner.is_ready()


def test_a_disk_that_is_full_is_seen_although_nothing_happens(make_runner):
    runner = make_runner().start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        trouble(connection, "runner", "53100")
        wait_until(lambda: "requirements: the database has no disk space left" in problems(runner))
        trouble_is_over(connection)
    wait_until(runner.is_ready)


READS = ["/v1/events?limit=1", "/v1/results/none/Q1", "/v1/queue", "/v1/dead", "/v1/incomplete",
         "/v1/parity", "/v1/violations?wiki=none", "/v1/import", "/metrics", "/"]


def test_sessions_with_broken_connections_recover_silently(make_runner, postgres):
    """Each of the pool's sessions has a dead connection; the first read of each kind finds one."""
    runner = make_runner().start()
    assert runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202
    wait_until(lambda: runner.result("Q1").status == 200)
    with ThreadPoolExecutor(8) as threads:
        for path in READS:
            list(threads.map(runner.get, [path] * 8))  # all sessions of the pool are connected
            cut_all(postgres, runner)
            answers = list(threads.map(runner.get, [path] * 8))
            assert [a.status for a in answers] == [200] * 8, (path, answers)
            cut_all(postgres, runner)
            assert runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202
    wait_until(runner.is_idle)
    assert runner.queue()["dead"] == 0


def cut_all(postgres, runner):
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        name = runner.settings["database.conninfo"].rsplit("dbname=", 1)[1]
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                           "WHERE datname = %s", [name])


@pytest.mark.parametrize("immediate", [False, True])
def test_ready_after_a_restart_means_that_every_read_answers(make_runner, own_postgres, immediate):
    runner = make_runner(conninfo=own_postgres.conninfo).start()
    assert runner.submit({"entity": "Q1", "document": item("Q1")}).status == 202
    wait_until(lambda: runner.result("Q1").status == 200)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(runner.get, READS * 4))
        own_postgres.stop(immediate=immediate)
        wait_until(lambda: "database" in problems(runner))
        list(threads.map(runner.get, READS * 4))  # every session finds that it is away
        own_postgres.start()
        wait_until(runner.is_ready)
        answers = list(threads.map(lambda path: (path, runner.get(path)), READS * 4))
    assert [(path, a) for path, a in answers if a.status != 200] == []


def test_what_clients_hear_of_the_database_begins_with_our_words(make_runner, own_postgres):
    runner = make_runner(conninfo=own_postgres.conninfo).start()
    own_postgres.stop(immediate=True)
    for answer in (runner.get("/v1/queue"), runner.get("/v1/events?limit=1"),
                   runner.submit({"entity": "Q1", "document": item("Q1")})):
        assert answer.status == 503 and answer.headers["Retry-After"], answer
        assert answer.error["message"].startswith("the database "), answer
    wait_until(lambda: "database: " in problems(runner))


def test_a_wiki_that_does_not_answer_is_a_warning(make_runner):
    with SlowWiki([single_value_property(), item("Q1")]) as wiki:
        wiki.away = True
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              "wiki.slow.http_retries": 0, "queue.backoff_max": "200ms"}).start()
        ready = wait_until(lambda: (r := runner.get("/readyz").json)["warnings"] and r)
        assert ready["ready"] and ready["problems"] == []
        assert ready["warnings"][0].startswith("wiki.slow: ") and wiki.url in ready["warnings"][0]
        assert "wiki.slow: " in runner.run("status").stdout
        wiki.away = False
        runner.submit({"entity": "Q1"}, wiki="slow")
        wait_until(lambda: runner.get("/readyz").json["warnings"] == [])


def test_the_first_answer_of_ready_has_what_the_start_found(make_runner, tmp_path):
    (tmp_path / "packed").write_bytes(b"\xfd7zXZ\x00" + bytes(100))
    files = {f"wiki.w{n}.{key}": value for n in range(20)
             for key, value in (("source", "file"), ("files", [str(tmp_path / "packed")]))}
    runner = make_runner({**files, "imports.dump_folder": str(tmp_path),
                          "imports.work_folder": str(tmp_path / "nothing")}).start(wait="listening")
    answer = wait_until(lambda: (a := runner.get("/readyz")).status == 200 and a, step=0.001)
    warnings = answer.json["warnings"]
    assert sum(warning.startswith("wiki.w") for warning in warnings) == 20
    assert any(warning.startswith("disk: ") for warning in warnings)
