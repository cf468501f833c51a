# SPDX-License-Identifier: GPL-2.0-or-later
"""A real MediaWiki, a real PostgreSQL and a real runner for the session. MEDIAWIKI_DIR names a
MediaWiki 1.43 to use; without it Debian 13's package is taken, and when that can't be had nothing
is proven and everything is skipped. SHIM_WIKI names a whole wiki instead, with the real Wikibase and
WBQC (real_wiki.py)."""
import os
import pathlib
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE)]
# pylint: disable=wrong-import-position
from entities import single_value_property  # noqa: E402
from pg import PrivatePostgres  # noqa: E402
from runner_process import Runner, wait_until  # noqa: E402
from real_wiki import FOLDER, RealWiki  # noqa: E402
from wiki import Wiki, run_roles  # noqa: E402

ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def mediawiki():
    named = FOLDER or os.environ.get("MEDIAWIKI_DIR")
    if named:
        return pathlib.Path(named)
    done = subprocess.run([ROOT / "scripts/lib/mediawiki", ROOT / "build/mediawiki"],
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.skip(f"SKIPPED, NOT PROVEN: no MediaWiki 1.43: {done.stderr.strip()}")
    return pathlib.Path(done.stdout.strip())


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    with PrivatePostgres(tmp_path_factory.mktemp("pg") / "data", socket_mode="0755") as server:
        yield server


@pytest.fixture(scope="session")
def house(mediawiki, postgres, tmp_path_factory):
    """Wiki and runner that know each other, and the property P10 with a constraint."""
    conninfo = postgres.create_database()
    runner = Runner(conninfo, settings={"wiki.testwiki.source": "http",
                                        "wiki.testwiki.entity_data_url": "http://127.0.0.1:1/"})
    parts = dict(part.split("=", 1) for part in conninfo.split())
    wiki = (Wiki if FOLDER is None else RealWiki)(
        mediawiki, tmp_path_factory.mktemp("wiki"), runner.socket, parts["host"], parts["dbname"])
    runner.write_config(**{"wiki.testwiki.entity_data_url":
                           f"{wiki.url}/index.php/Special:EntityData/"})
    wiki.start()
    try:
        wiki.login()
        runner.start()
        run_roles(conninfo)
        wiki.prepare()
        wiki.save(single_value_property())
        yield House(wiki, runner, conninfo)
    finally:
        runner.close()
        wiki.stop()


class House:
    def __init__(self, wiki, runner, conninfo):
        self.wiki, self.runner, self.conninfo = wiki, runner, conninfo

    def sql(self, query, *parameters):
        import psycopg
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else None

    def row(self, entity):
        """revision, engine, tombstone, checked_at; None: there is no row."""
        rows = self.sql("SELECT revision, engine, tombstone, checked_at FROM "
                        "constraint_runner.entity_result WHERE wiki = 'testwiki' AND entity = %s",
                        entity)
        return rows[0] if rows else None

    def forget(self, entity):
        """As if it had never been checked."""
        for table in ("violation", "dependency", "entity_result"):
            self.sql(f"DELETE FROM constraint_runner.{table} WHERE entity = %s", entity)

    def store(self, entity):
        """As a first fill does it: has the runner check what has no result."""
        if self.row(entity) is None:
            self.runner.submit({"entity": entity, "reason": "fill"}, wiki="testwiki")
            wait_until(lambda: self.row(entity), 20)

    def until(self, what):
        """Until something that an edit brings about is so. On a busy machine the web request may have
        given its hand-over up; the job then waits in the wiki's own queue, which nothing else runs."""
        try:
            return wait_until(what, 5)
        except AssertionError:
            self.wiki.run_jobs()
            return wait_until(what, 60)

    def wait_for(self, entity, revision, tombstone=0):
        """The row of a result of at least this revision."""
        def stored():
            row = self.row(entity)
            return row is not None and row[0] >= revision and row[2] == tombstone and row
        return self.until(stored)


@pytest.fixture
def without_runner(house):
    """The runner is away during the test, and back after it."""
    house.runner.stop()
    yield house
    if house.runner.ended():
        house.runner.start()
    wait_until(house.runner.is_ready, 30)
    time.sleep(1.1)  # for so long the wiki leaves a runner alone that was away
