# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs that flow while things break, and the proof afterwards that nothing is lost, doubled or
left over."""
import http.client
import threading
import time

import psycopg

from entities import item

BATCH = 50


def document(number, revision):
    """Odd revisions have two violating statements, even ones none; so pairs come and go."""
    return item(f"Q{number}", revision, ("a", "b") if revision % 2 else ("a",))


class Flow(threading.Thread):
    """Submits `count` entities, each at revisions 1 to `revisions`, as a careful caller does: what
    was not answered with 202 is sent again."""

    def __init__(self, runners, count, revisions=1, wiki="file"):
        super().__init__()
        self.runners, self.count, self.revisions, self.wiki = runners, count, revisions, wiki
        self.accepted = 0
        self.repeated = 0
        self.stopping = False

    def run(self):
        for revision in range(1, self.revisions + 1):
            for first in range(1, self.count + 1, BATCH):
                numbers = range(first, min(first + BATCH, self.count + 1))
                jobs = [{"entity": f"Q{n}", "revision": revision,
                         "document": document(n, revision)} for n in numbers]
                while not self.stopping and not self.submit(jobs):
                    self.repeated += 1
                    time.sleep(0.05)
                self.accepted += len(jobs)

    def submit(self, jobs):
        for runner in self.runners:
            try:
                if runner.submit(*jobs, wiki=self.wiki).status == 202:
                    return True
            except (OSError, http.client.HTTPException):
                pass  # it was killed: the other one, or the same once it is there again
        return False


def prove(conninfo, count, revision):
    """Every entity has one result, of the last revision, with the pairs of that revision."""
    with psycopg.connect(conninfo) as connection:
        def rows(query):
            return connection.execute(query).fetchall()

        results = dict(rows("SELECT entity, revision FROM constraint_runner.entity_result"))
        assert results == {f"Q{n}": revision for n in range(1, count + 1)}
        assert rows("SELECT count(*) FROM constraint_runner.job") == [(0,)]
        assert rows("SELECT count(*) FROM constraint_runner.dead_job") == [(0,)]
        pairs = rows("SELECT entity, count(*), count(DISTINCT statement) "
                     "FROM constraint_runner.violation GROUP BY entity")
        wanted = {f"Q{n}": 2 for n in range(1, count + 1)} if revision % 2 else {}
        assert {entity: n for entity, n, _ in pairs} == wanted, "pairs are left over or missing"
        assert all(n == distinct for _, n, distinct in pairs)
        orphans = rows("SELECT count(*) FROM constraint_runner.violation v WHERE NOT EXISTS "
                       "(SELECT FROM constraint_runner.entity_result r "
                       "WHERE r.wiki = v.wiki AND r.entity = v.entity)")
        assert orphans == [(0,)]
