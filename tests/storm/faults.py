# SPDX-License-Identifier: GPL-2.0-or-later
"""What breaks while the wiki is edited. Each kind has a thread of its own, so that they come
together as well."""
import collections
import contextlib
import http.client
import random
import signal
import threading
import time

import psycopg

from history import BEHIND

KINDS = {
    "kill": "kill -9 of a runner that has jobs in hand",
    "pause": "SIGSTOP of a runner for longer than a lease",
    "database": "PostgreSQL ends as in a crash, and starts again",
    "lock": "another session holds locks on rows",
    "slow": "the wiki answers late",
    "errors": "the wiki answers 500",
    "away": "the wiki answers 503",
    "read": "results are read, and checks asked for, with little patience",
    "reset": "what is known of an entity is forgotten by request",
    # these are in the history of the wiki and its jobs, not here
    "behind": "replicas of the wiki have the revision before an edit for a while",
    "old": "jobs with documents of older revisions, also of deleted pages",
    "revived": "late jobs with revisions that were deleted when an older one was restored",
    "forged": "jobs with revisions that the wiki does not have",
    "dangling": "targets of redirects are deleted or redirected, and come back",
    "fill": "jobs of low priority for all pages, and imports of older dumps",
}
LOCKED = {"job": "wiki, entity", "entity_result": "wiki, entity",
          "violation": "wiki, entity, statement, constraint_id"}


class Faults:
    """`runners` are started again when they were killed. `counts` says what was done."""

    def __init__(self, seed, kinds, runners, postgres, conninfo, wiki, wiki_id, lease):
        self.runners, self.postgres, self.conninfo = runners, postgres, conninfo
        self.wiki, self.wiki_id, self.lease = wiki, wiki_id, lease
        self.counts = collections.Counter()
        self.problems = []
        self.ending = threading.Event()
        self.runner_lock = threading.RLock()  # one of them is stopped, killed or started at a time
        self.threads = []
        for kind in kinds:
            work = getattr(self, "_" + kind, None)
            if work is not None:
                chance = random.Random(f"{seed}/{kind}")
                self.threads.append(threading.Thread(target=self._loop, args=(work, chance),
                                                     daemon=True))
        self.threads.append(threading.Thread(target=self._keep_running, daemon=True))
        for thread in self.threads:
            thread.start()

    def end(self):
        """No fault after it, and all is as if there had been none."""
        self.ending.set()
        for thread in self.threads:
            thread.join(120)
        self.wiki.away, self.wiki.errors, self.wiki.slow = False, 0.0, (0.0, 0.0)
        for entity in list(self.wiki.pages):
            self.wiki.catch_up(entity)

    def _loop(self, work, chance):
        while not self.ending.is_set():
            try:
                work(chance)
            except psycopg.Error:
                self.ending.wait(0.2)  # another fault

    def _wait(self, chance, least, most):
        self.ending.wait(chance.uniform(least, most))
        return not self.ending.is_set()

    # -- runners -------------------------------------------------------------------------------

    def _keep_running(self):
        """A runner that ends by itself is a problem, and is started again."""
        while not self.ending.wait(0.2):
            with self.runner_lock:
                for runner in self.runners:
                    if runner.ended():
                        self.problems.append(f"a runner ended by itself with "
                                             f"{runner.process.returncode}; see {runner.log_path}")
                        runner.start(wait=None)

    def _kill(self, chance):
        if not self._wait(chance, 0.3, 2.5):
            return
        runner = chance.choice(self.runners)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and not self.ending.is_set():
            with self.runner_lock:
                if self._in_hand(runner):
                    runner.signal(signal.SIGSTOP)
                    try:
                        holds = self._holds_leases(runner)
                    except psycopg.Error:
                        holds = False
                    if holds:
                        runner.kill()
                        self.counts["kills of work in progress"] += 1
                        runner.start(wait=None)
                        return
                    runner.signal(signal.SIGCONT)
            time.sleep(0.01)
        self.counts["kills given up, nothing in hand"] += 1

    @staticmethod
    def _in_hand(runner):
        with contextlib.suppress(OSError, http.client.HTTPException):
            lines = runner.get("/metrics", timeout=0.5).body.decode().splitlines()
            return any(line.startswith("constraint_runner_jobs_in_hand ") and
                       float(line.rsplit(" ", 1)[1]) > 0 for line in lines)
        return False  # starting, or paused

    def _holds_leases(self, runner):
        """By its process id, which is part of its name."""
        with psycopg.connect(self.conninfo, autocommit=True) as database:
            try:
                row = database.execute(
                    "SELECT count(*) FROM constraint_runner.job WHERE state = 'leased' "
                    "AND lease_owner LIKE %s", (f"%:{runner.process.pid}:%",)).fetchone()
            except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable):
                return True  # the number that the runner gave has to do
            return row[0] > 0

    def _pause(self, chance):
        if not self._wait(chance, 4, 12):
            return
        runner = chance.choice(self.runners)
        with self.runner_lock:
            process = runner.process
            process.send_signal(signal.SIGSTOP)
        self.ending.wait(self.lease * chance.uniform(1.2, 2))
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        self.counts["pauses longer than a lease"] += 1

    def _ask(self, chance, path, **body):
        """Of a page of which questions have the truth as answer; whatever the answer is."""
        pages = [p for p in self.wiki.live() if p not in BEHIND]
        runner = chance.choice(self.runners)
        with contextlib.suppress(OSError, http.client.HTTPException):
            page = chance.choice(pages)
            self.wiki.catch_up(page)
            if "{entity}" in path:
                return runner.post(path.format(entity=page), body, timeout=2).status
            return runner.post(path, {"entity": page, **body}, timeout=2).status
        return 0

    def _read(self, chance):
        if self._wait(chance, 0.1, 1):
            status = self._ask(chance, "/v1/check", wiki=self.wiki_id,
                               deadline_ms=chance.randrange(0, 800))
            self.counts["checks asked for" + (" and got" if status == 200 else "")] += 1

    def _reset(self, chance):
        if self._wait(chance, 0.5, 3):
            status = self._ask(chance, f"/v1/results/{self.wiki_id}/{{entity}}/reset")
            if status in (200, 202):
                self.counts["resets"] += 1

    # -- PostgreSQL ----------------------------------------------------------------------------

    def _database(self, chance):
        if self._wait(chance, 8, 20):
            self.postgres.restart(immediate=True)
            self.counts["crashes of PostgreSQL"] += 1

    def _lock(self, chance):
        if not self._wait(chance, 1, 5):
            return
        table = chance.choice(sorted(LOCKED))
        with psycopg.connect(self.conninfo) as other:
            # in the order in which everyone locks; what is locked now is passed over
            rows = other.execute(
                f"SELECT {LOCKED[table]} FROM constraint_runner.{table} "
                f"WHERE hashtext(entity) % 7 = {chance.randrange(7)} ORDER BY {LOCKED[table]} "
                "LIMIT 5 FOR UPDATE SKIP LOCKED").fetchall()
            if rows:
                self.ending.wait(chance.uniform(0.3, 3))
                self.counts[f"foreign locks on {table}"] += 1

    # -- the wiki ------------------------------------------------------------------------------

    def _slow(self, chance):
        if self._wait(chance, 2, 8):
            self.wiki.slow = (chance.uniform(0.1, 0.7), chance.uniform(0.2, 3.0))
            self.ending.wait(chance.uniform(1, 5))
            self.wiki.slow = (0.0, 0.0)

    def _errors(self, chance):
        if self._wait(chance, 3, 10):
            self.wiki.errors = chance.uniform(0.1, 0.8)
            self.ending.wait(chance.uniform(0.5, 3))
            self.wiki.errors = 0.0

    def _away(self, chance):
        if self._wait(chance, 6, 20):
            self.wiki.away = True
            self.ending.wait(chance.uniform(0.5, 4))
            self.wiki.away = False
            self.counts["the wiki was away"] += 1
