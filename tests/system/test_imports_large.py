# SPDX-License-Identifier: GPL-2.0-or-later
"""Large imports while things break: the runner and MariaDB are killed in the middle, statements take
too long, imports are paused, and several go on at once. In the end there is always the same set,
compared with a plain query."""
import contextlib
import signal

import psycopg
import pytest

from commons_wiki import CommonsWiki, imported
from entities import item
from runner_process import wait_until
from test_imports import FAST, OVER, begin, connect, finish, problems, status

FILES = 60_000


def done(runner, ident):
    with contextlib.suppress(OSError):
        answer = runner.get(f"/v1/import/{ident}/status")
        if answer.status == 200:
            return answer.json["done"]
    return 0


@pytest.mark.parametrize("new", [False, True], ids=["old", "new"])
def test_60_000_files_come_over_whatever_is_killed(make_runner, mariadb, new):
    wiki = CommonsWiki(mariadb, f"large_{int(new)}", new=new)
    wiki.category("Monuments")
    wiki.files("Monuments", 1, FILES - 5_000)
    wiki.category("Category_redirects")
    wiki.soft_redirect("Old_name", "Monuments", "Old_name")
    wiki.files("Old_name", FILES - 4_999, FILES)
    settings = {**FAST, "imports.lease": "1s", "imports.rate_limit": 20_000,
                "imports.max_attempts": 1000,
                **mariadb.replica_settings("commons", wiki.database)}
    runner = make_runner(settings).start()
    ident = begin(runner, "Old name")

    wait_until(lambda: done(runner, ident) > 2_000)
    runner.kill()
    runner.start()
    before = done(runner, ident)
    wait_until(lambda: done(runner, ident) > before + 5_000)
    mariadb.kill()
    wait_until(lambda: status(runner, ident)["status"] == "waiting")
    assert "replica" in status(runner, ident)["error"]["message"]
    mariadb.start()
    before = done(runner, ident)
    wait_until(lambda: done(runner, ident) > before + 5_000)
    runner.signal(signal.SIGTERM)
    assert runner.wait() == 0
    assert status(runner.start(), ident)["status"] not in OVER

    over = finish(runner, ident, 120)
    assert over["status"] == "complete", over
    assert (over["done"], over["files_imported"], over["files_new"]) == (FILES, FILES, FILES)
    assert over["redirects"] == [{"from": "Old name", "to": "Monuments", "kind": "soft"}]
    with connect(runner) as connection:
        assert imported(connection, ident) == wiki.expected("Old_name", "Monuments")

    # once more, with another runner beside it that takes over what the first leaves
    second = make_runner(settings, conninfo=runner.settings["database.conninfo"]).start()
    ident = begin(runner, "Old name")
    wait_until(lambda: done(second, ident) > 10_000)
    runner.kill()
    over = finish(second, ident, 120)
    assert (over["files_unchanged"], over["files_imported"]) == (FILES, FILES)


def slow_wiki(mariadb, name, count, sleep):
    """Each row of image takes its time."""
    wiki = CommonsWiki(mariadb, name)
    wiki.category("Slow")
    wiki.files("Slow", 1, count)
    wiki.sql("RENAME TABLE image TO quick_image;"
             "CREATE VIEW image AS SELECT img_name, img_width + SLEEP(" + sleep + ") AS img_width, "
             "img_height, img_major_mime, img_minor_mime, img_actor, img_timestamp "
             "FROM quick_image")
    return wiki


def test_statements_that_take_too_long_make_chunks_smaller_and_lose_nothing(make_runner, mariadb):
    wiki = slow_wiki(mariadb, "slow", 1_200, "0.002")
    runner = make_runner({**FAST, **mariadb.replica_settings(
        "commons", wiki.database, replica_statement_timeout="400ms")}).start()
    over = finish(runner, begin(runner, "Slow"), 120)
    assert (over["status"], over["files_imported"], over["failed"]) == ("complete", 1_200, 0)
    assert over["chunk_size"] < 300
    assert "instead of 500" in runner.log()
    wiki.sql("DROP VIEW image; RENAME TABLE quick_image TO image")
    with connect(runner) as connection:
        assert imported(connection, over["job_id"]) == wiki.expected("Slow")


def test_one_file_that_always_takes_too_long_is_a_problem_and_holds_nothing_up(make_runner,
                                                                               mariadb):
    wiki = slow_wiki(mariadb, "stuck", 60, "IF(img_name = 'File_33.jpg', 5, 0)")
    runner = make_runner({**FAST, **mariadb.replica_settings(
        "commons", wiki.database, replica_statement_timeout="200ms")}).start()
    over = finish(runner, begin(runner, "Slow"), 120)
    assert (over["status"], over["files_imported"], over["failed"]) == ("complete", 59, 1)
    assert [(p["code"], p["item"]) for p in problems(runner, over["job_id"])] == [
        ("timeout", "file:33")]


def test_a_paused_import_stands_still_until_it_is_resumed(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "paused")
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 5_000)
    runner = make_runner({**FAST, "imports.rate_limit": 1_500, "imports.max_chunk": 100,
                          **mariadb.replica_settings("commons", wiki.database)}).start()
    ident = begin(runner, "Bridges")
    wait_until(lambda: done(runner, ident) > 300)
    assert runner.post(f"/v1/import/{ident}/pause", "").json["status"] == "paused"
    paused = status(runner, ident)
    assert paused["status"] == "paused"
    again = runner.post("/v1/import", {"import_method": "category", "wiki": "commons",
                                       "category": "Bridges"})
    assert again.json == {"job_id": ident, "is_new": False}
    other = begin(runner, "Bridges", follow_redirects=False)  # takes its time meanwhile
    wait_until(lambda: done(runner, other) > 600)
    assert status(runner, ident)["done"] == paused["done"]
    assert runner.run("import", "resume", str(ident)).returncode == 0
    assert runner.request("DELETE", f"/v1/import/{other}").status == 200
    assert finish(runner, ident)["files_imported"] == 5_000
    assert 600 < status(runner, other)["done"] < 5_000, "what was done stays done"


def test_several_imports_go_on_at_once_and_none_starves(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "several")
    for n in range(4):
        wiki.category(f"Bridges_{n}")
        wiki.files(f"Bridges_{n}", n * 10_000 + 1, n * 10_000 + 4_000)
    runner = make_runner({**FAST, "imports.threads": 1, "imports.rate_limit": 4_000,
                          "imports.max_chunk": 200,
                          **mariadb.replica_settings("commons", wiki.database)}).start()
    idents = [begin(runner, f"Bridges {n}") for n in range(4)]
    wait_until(lambda: all(done(runner, i) > 0 for i in idents))
    assert not any(status(runner, i)["status"] in OVER for i in idents)
    for n, ident in enumerate(idents):
        assert finish(runner, ident)["files_imported"] == 4_000
        with connect(runner) as connection:
            assert imported(connection, ident) == wiki.expected(f"Bridges_{n}")


def test_imports_give_way_to_fresh_edits(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "polite")
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 2_000)
    runner = make_runner({**FAST, "imports.give_way_above": 0,
                          **mariadb.replica_settings("commons", wiki.database)}).start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        # held by the test: ready, but nobody can lease it
        with connection.transaction():
            assert runner.submit({"entity": "Q1", "document": item("Q1", 1)}).status == 202
        wait_until(runner.is_idle)
        hold = psycopg.connect(runner.settings["database.conninfo"])
        connection.execute("INSERT INTO constraint_runner.job (revision, queued_at, priority, wiki,"
                           " entity) VALUES (1, now(), 0, 'commons', 'Q2')")
        hold.execute("SELECT FROM constraint_runner.job FOR UPDATE")
        ident = begin(runner, "Bridges")
        wait_until(lambda: status(runner, ident)["current"] == "gives way to fresh edits")
        assert status(runner, ident)["done"] == 0
        hold.rollback()
        hold.close()
    assert finish(runner, ident)["files_imported"] == 2_000
