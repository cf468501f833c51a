# SPDX-License-Identifier: GPL-2.0-or-later
"""The wiki's connections to PostgreSQL: kept by PHP's processes, and made again when they break."""
import os
import signal

import psycopg
import pytest

from entities import item
from real_wiki import needs_standins
from runner_process import wait_until
from test_read_back import checked, found_by_runner, found_by_wbqc

WORKERS = 5  # of PHP's own server, see wiki.py: four, and the first process


def backends(house):
    """Process numbers of PostgreSQL's side."""
    return {pid for pid, in house.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'wiki' AND "
        "application_name = 'MediaWiki ConstraintRunner'")}


def read(house, entity, times=2 * WORKERS):
    """Answers of the API, one after the other, by whichever process."""
    return [house.wiki.check(id=entity) for _ in range(times)]


@pytest.fixture(scope="module")
def stored(house):
    checked(house, "Q280", "a", "b")
    return "Q280"


def test_a_process_keeps_its_connection(house, stored):
    seen = set()
    for _ in range(3 * WORKERS):
        house.wiki.check(id=stored)
        seen |= backends(house)
    assert 1 <= len(seen) <= WORKERS and seen == backends(house)


@needs_standins
def test_connections_that_were_cut_are_made_again(house, stored):
    log = house.wiki.folder / "runner.log"
    for _ in range(3):
        assert all(found_by_runner(answer) for answer in read(house, stored))
        before, lines = backends(house), log.read_text() if log.exists() else ""
        house.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wiki'")
        wait_until(lambda: not backends(house))
        assert all(found_by_runner(answer) for answer in read(house, stored)), "WBQC was asked"
        assert backends(house) and not backends(house) & before
        assert "PostgreSQL" not in (log.read_text() if log.exists() else "")[len(lines):]


def test_a_crash_of_postgresql_ends_no_process_of_the_wiki(house, stored):
    """A server that crashes tells its clients why, as a notice, and libpq hands it over at the next
    request of the same process."""
    read(house, stored)
    kept = backends(house)
    with psycopg.connect(house.conninfo) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)  # the server restarts all of them

    def is_back():
        try:
            return not backends(house) & kept
        except psycopg.OperationalError:
            return False
    wait_until(is_back, 60, 0.2)
    assert all("results" in answer or "success" in answer for answer in read(house, stored))
    wait_until(house.runner.is_ready, 60)


@needs_standins
def test_a_setting_makes_a_connection_for_each_request(house, stored):
    house.wiki.more_settings("$wgConstraintRunnerDatabase['persistent'] = false;\n")
    try:
        house.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wiki'")
        assert all(found_by_runner(answer) for answer in read(house, stored))
        wait_until(lambda: not backends(house))
    finally:
        house.wiki.more_settings("")


@needs_standins
def test_no_room_for_a_connection_is_no_error(house):
    """As when max_connections is too small for all processes."""
    revision = house.wiki.save(item("Q281", values=("a", "b")))
    house.wait_for("Q281", revision)
    house.sql("ALTER ROLE wiki CONNECTION LIMIT 0")
    try:
        house.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wiki'")
        wait_until(lambda: not backends(house))
        assert all(found_by_wbqc(answer) for answer in read(house, "Q281"))
    finally:
        house.sql("ALTER ROLE wiki CONNECTION LIMIT -1")
    wait_until(lambda: found_by_runner(house.wiki.check(id="Q281")))
