# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki, a database and runners on it, for the tests of the law: what is stored, when all has settled, and
how to get between two steps of a runner."""
import contextlib
import json
import signal
import time

import psycopg

from built_entities import constraint, item, link, prop
from runner_process import wait_until

# constraint types that the tests break
SINGLE, SYMMETRIC, REQUIRES = "Q19474404", "Q21510862", "Q21510864"
DISTINCT, TYPE, VALUE_TYPE = "Q21502410", "Q21503250", "Q21510865"

WIKI = "http"
SETTLED = 60  # seconds in which everything that follows from something has been done

LEFT = """
SELECT (SELECT count(*) FROM constraint_runner.job),
       (SELECT count(*) FROM constraint_runner.import WHERE state = 'active')"""
CHANGE_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'constraint_runner' AND table_name LIKE '%\\_change'"""

TRANSACTIONS = """
SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND xact_start IS NOT NULL"""


class Law:
    """A wiki, a database, and runners on it."""

    def __init__(self, wiki, conninfo, make_runner, folder):
        self.wiki, self.conninfo, self.folder = wiki, conninfo, folder
        self._make_runner = make_runner

    def runner(self, **settings):
        defaults = {f"wiki.{WIKI}.source": "http", f"wiki.{WIKI}.entity_data_url": self.wiki.url,
                    f"wiki.{WIKI}.api_url": self.wiki.api_url, f"wiki.{WIKI}.http_retries": 0,
                    f"wiki.{WIKI}.http_timeout": "60s",
                    "workers.threads": 4, "queue.poll_interval": "100ms",
                    "queue.backoff_max": "500ms", "queue.max_attempts": 100,
                    "imports.poll_interval": "100ms", "imports.dump_folder": self.folder}
        defaults.update({k.replace("__", "."): v for k, v in settings.items()})
        return self._make_runner(defaults, conninfo=self.conninfo).start()

    def two_runners(self):
        """Of which one soon takes over the jobs of the other when it is stopped."""
        return self.runner(queue__lease="2s"), self.runner(queue__lease="2s")

    @contextlib.contextmanager
    def database(self):
        with psycopg.connect(self.conninfo, autocommit=True) as database:
            yield database

    def is_settled(self):
        """Nothing waits and nothing is left to follow; one look, so nothing slips between two."""
        with self.database() as database:
            tables = [t for t, in database.execute(CHANGE_TABLES)]
            parts = "".join(f" + (SELECT count(*) FROM constraint_runner.{t})" for t in tables)
            return sum(database.execute(LEFT + parts).fetchone()) == 0

    def settle(self, seconds=SETTLED):
        wait_until(self.is_settled, seconds, 0.1)

    def settle_if_possible(self, seconds=15):
        """While a runner is stopped, or the wiki does not answer."""
        with contextlib.suppress(AssertionError):
            self.settle(seconds)

    def submit(self, runner, *jobs):
        """Entities, or whole jobs."""
        whole = [{"entity": j} if isinstance(j, str) else j for j in jobs]
        answer = runner.submit(*whole, wiki=WIKI)
        assert answer.status == 202, answer

    def check(self, runner, *jobs):
        self.submit(runner, *jobs)
        self.settle()

    def job(self, entity, revision=None):
        """With the document of the current or of an older revision."""
        revision = revision or self.wiki.state(entity).revision
        return {"entity": entity, "revision": revision,
                "document": self.wiki.revisions[entity][revision]}

    def broken(self, entity):
        """Types of the constraints that the stored pairs of the entity break; None: no result."""
        with self.database() as database:
            there = database.execute(
                "SELECT FROM constraint_runner.entity_result WHERE wiki = %s AND entity = %s "
                "AND tombstone = 0", (WIKI, entity)).fetchone()
            pairs = database.execute(
                "SELECT type FROM constraint_runner.violation WHERE wiki = %s AND entity = %s "
                "ORDER BY statement, type", (WIKI, entity)).fetchall()
        assert there is not None or pairs == []
        return None if there is None else [t for t, in pairs]

    def revision(self, entity):
        with self.database() as database:
            row = database.execute(
                "SELECT revision FROM constraint_runner.entity_result WHERE wiki = %s "
                "AND entity = %s AND tombstone = 0", (WIKI, entity)).fetchone()
        return row and row[0]

    def check_number(self, entity):
        """Another one means that it was checked again."""
        with self.database() as database:
            return database.execute("SELECT check_number FROM constraint_runner.entity_result "
                                    "WHERE wiki = %s AND entity = %s",
                                    (WIKI, entity)).fetchone()[0]

    def stored(self, entity, revision):
        wait_until(lambda: self.revision(entity) == revision, 30)


@contextlib.contextmanager
def paused(runner):
    """Stopped where no transaction is open, whose locks would hold up the others too."""
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as database:
        for _ in range(500):
            runner.signal(signal.SIGSTOP)
            if not database.execute(TRANSACTIONS).fetchall():
                break
            runner.signal(signal.SIGCONT)
            time.sleep(0.01)
    runner.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        runner.signal(signal.SIGCONT)


def write_dump(law, documents):
    lines = ",\n".join(json.dumps(d) for d in documents)
    (law.folder / "dump.json").write_text(f"[\n{lines}\n]\n")


def import_dump(law, runner):
    answer = runner.post("/v1/import", {"import_method": "dump", "wiki": WIKI,
                                        "file": "dump.json"})
    assert answer.status == 202, answer
    number = answer.json["job_id"]
    wait_until(lambda: runner.get(f"/v1/import/{number}/status").json["status"] == "complete", 60)
    law.settle()


def followed(law, entity):
    with law.database() as database:
        tables = [t for t, in database.execute(CHANGE_TABLES) if t == "entity_change"]
        return not tables or not database.execute(
            "SELECT FROM constraint_runner.entity_change WHERE entity = %s", (entity,)).fetchall()


def no_value_changes(law):
    with law.database() as database:
        tables = [t for t, in database.execute(CHANGE_TABLES) if t == "value_change"]
        return not tables or not database.execute(
            "SELECT FROM constraint_runner.value_change").fetchall()


@contextlib.contextmanager
def not_stored(law, entity):
    """No result of the entity can be stored, since another session holds its row."""
    with psycopg.connect(law.conninfo) as other:
        other.execute("SELECT FROM constraint_runner.entity_result WHERE wiki = %s AND entity = %s "
                      "FOR UPDATE", (WIKI, entity))
        yield


def waits_for_a_lock(law):
    with law.database() as database:
        return database.execute("SELECT FROM pg_stat_activity WHERE datname = current_database() "
                                "AND wait_event_type = 'Lock'").fetchall()


# -- pages -----------------------------------------------------------------------------------------

def symmetric():
    return prop("P26", [constraint("symmetric")], "wikibase-item")


def partner(entity, *others):
    return item(entity, [link("P26", other) for other in others])
