# SPDX-License-Identifier: GPL-2.0-or-later
"""Quiet imports of a large Commons and what they cost, and one in a storm of edits and kills.

`Figures` of a quiet import are taken by the servers' own counts: time of processor and of the clock
that MariaDB spends for a user, entries that it looks at, the memory of the runner."""
import contextlib
import dataclasses
import http.client
import json
import pathlib
import random
import re
import statistics
import threading
import time

import psycopg

from commons_edits import IMPORTED, Edits
from commons_switch import publish
from runner_process import Runner

OVER = ("complete", "failed", "cancelled")
VIEWS, TOOL, MONTAGE = "commons_p", "tool", "montage"
SERVERS = ("runner", "PostgreSQL", "MariaDB")


class Poller:
    """Asks for the status of an import as its user would, but without a pause; and how much memory the
    runner has."""

    def __init__(self, runner, ident):
        self.runner, self.ident = runner, ident
        self.times, self.memory, self.refused = [], [], 0
        self.last = {}
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    def end(self):
        self.ending.set()
        self.thread.join(60)

    def _loop(self):
        while not self.ending.wait(0.01):
            began = time.perf_counter()
            try:
                answer = self.runner.get(f"/v1/import/{self.ident}/status", timeout=20)
            except (OSError, http.client.HTTPException):
                self.refused += 1  # it was killed
                continue
            if answer.status != 200:
                self.refused += 1  # PostgreSQL was
                continue
            self.times.append(time.perf_counter() - began)
            self.last = answer.json
            with contextlib.suppress(OSError, TypeError):
                text = pathlib.Path(f"/proc/{self.runner.process.pid}/status").read_text("ascii")
                self.memory.append(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024)

    def p99(self):
        """Milliseconds."""
        return 1000 * statistics.quantiles(self.times, n=100)[98] if len(self.times) > 1 else 0.0


@dataclasses.dataclass
class Figures:
    seconds: float
    status: dict
    p99: float              # of its status, ms
    database: tuple         # seconds of the clock and of the processor that MariaDB was busy
    reads: int              # entries that MariaDB looked at
    early: float            # MB of the runner, most in the first quarter of the time
    late: float             # and after that

    @property
    def reads_each(self):
        return self.reads / self.status["done"]


class ImportStorm:
    def __init__(self, seed, wiki, mariadb, postgres, files, kills=4, rate=None, say=print):
        self.seed, self.wiki, self.mariadb, self.postgres = seed, wiki, mariadb, postgres
        self.files, self.kills, self.say = files, kills, say
        self.chance = random.Random(f"{seed}/faults")
        self.problems, self.killed = [], {name: 0 for name in SERVERS}
        self.in_hand = 0
        publish(wiki, VIEWS, TOOL, MONTAGE)
        self.edits = Edits(seed, wiki, files, rate or min(max(files / 2000, 40), 400),
                           (VIEWS, TOOL, MONTAGE))
        self.conninfo = postgres.create_database()
        self.settings = {
            "log.level": "info", "imports.poll_interval": "100ms", "imports.lease": "1s",
            "imports.backoff_base": "50ms", "imports.backoff_max": "500ms",
            "imports.max_attempts": 1000,
            **mariadb.replica_settings("commons", VIEWS, replica_user=TOOL)}
        self.runner = Runner(self.conninfo, (), self.settings)

    def close(self):
        self.edits.end()
        self.runner.close()

    # -- quiet ---------------------------------------------------------------------------------

    def quiet(self, *categories):
        """One import while nothing else happens."""
        busy, reads = self.busy(TOOL), self.mariadb.reads()
        began = time.perf_counter()
        ident = self._begin(categories)
        poller = Poller(self.runner, ident)
        while poller.last.get("status") not in OVER:
            time.sleep(0.01)
            self._still_there()
        seconds = time.perf_counter() - began
        poller.end()
        reads = self.mariadb.reads() - reads
        busy = tuple(now - before for now, before in zip(self.busy(TOOL), busy))
        quarter = max(1, len(poller.memory) // 4)
        return Figures(seconds, poller.last, poller.p99(), busy, reads, max(poller.memory[:quarter]),
                       max(poller.memory[quarter:], default=0))

    def busy(self, user):
        """Seconds that MariaDB was busy for a user since it was started: of the clock, and of the
        processor."""
        rows = self.mariadb.rows("SELECT busy_time, cpu_time FROM information_schema.user_statistics "
                                 f"WHERE user = '{user}'")
        return tuple(map(float, rows[0])) if rows else (0.0, 0.0)

    def _begin(self, categories):
        answer = self.runner.post("/v1/import", {"import_method": "category", "wiki": "commons",
                                                 "categories": list(categories)})
        assert answer.status == 202, answer
        return answer.json["job_id"]

    def _still_there(self):
        if self.runner.ended():
            raise RuntimeError(f"the runner ended with {self.runner.process.returncode}: "
                               f"{self.runner.log()[-2000:]}")

    # -- the storm -----------------------------------------------------------------------------

    def storm(self):
        """An import of both categories while they are edited, all servers are killed, and the tables
        change. Edits go on into the second comparison and stop before the last."""
        self._start_with(imports__rate_limit=max(300, self.files // 25),
                         imports__max_chunk=min(max(self.files // 100, 50), 5000))
        plan = [(self.chance.uniform(0.02, 1.9), name) for name in SERVERS for _ in range(self.kills)]
        files = self.chance.uniform(0.3, 0.8) if self.seed % 2 else self.chance.uniform(1.1, 1.6)
        plan += [(self.chance.uniform(0.1, files), self.edits.switch_links),
                 (files, self.edits.switch_files)]
        if self.chance.random() < 0.5:  # else they stay for weeks
            plan.append((files + self.chance.uniform(0.02, 0.5), self.edits.drop_old))
        plan.sort(key=lambda step: step[0])
        began = time.perf_counter()
        ident = self._begin(IMPORTED)
        self.edits.start()
        poller = Poller(self.runner, ident)
        editing, last = True, 0.0
        while poller.last.get("status") not in OVER:
            self._still_there()
            now, behind = self._progress(ident)
            if now is not None:
                last = max(last, now)
            while plan and (plan[0][0] <= last or last >= 2):
                self._do(plan.pop(0)[1])
            if editing and not plan and last >= 1 and behind:
                self.edits.end()
                editing = not self._progress(ident)[1]
                if editing:
                    self.edits.start()
            time.sleep(0.01)
        if editing or plan:
            self.problems.append(f"the import was over before the storm was: {plan}")
        poller.end()
        self.edits.end()
        self.problems += self.edits.problems
        seconds = time.perf_counter() - began
        self._start_with(imports__rate_limit=0, imports__max_chunk=5000)  # as they are by default
        return ident, seconds, poller

    def _start_with(self, **settings):
        self.runner.stop()
        self.runner.write_config(**settings)
        self.runner.start()

    def _progress(self, ident):
        """How far the import is (to 1 in the first reading, to 2 in the first comparison, then 2), and
        whether all that has been read will be compared once more."""
        try:
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                position, done = connection.execute(
                    "SELECT position, done FROM constraint_runner.import WHERE id = %s",
                    (ident,)).fetchone()
        except psycopg.Error:
            return None, False
        if position is None:
            return 0.0, False
        place = json.loads(position)
        files = place["phase"] == "files"
        if place["round"] > 0:
            return 2.0, place["changed"] or (files and place["check"])
        if files:
            return min(0.99, done / self.files), True
        if place["phase"] == "check":
            return 1 + min(0.99, place["page"] / self.edits.last), place["changed"]
        return 1.99, place["changed"]

    def _do(self, what):
        if callable(what):
            what()
        elif what == "runner":
            deadline = time.monotonic() + 2
            while not (holds := self._holds_lease()) and time.monotonic() < deadline:
                pass  # a chunk begins soon
            self.in_hand += holds
            self.runner.kill()
            self.runner.start(wait=None)
        elif what == "PostgreSQL":
            self.postgres.stop(immediate=True)
            time.sleep(self.chance.uniform(0, 0.5))
            self.postgres.start()
        elif what == "MariaDB":
            self.mariadb.kill()
            time.sleep(self.chance.uniform(0, 0.5))
            self.mariadb.start()
        if what in self.killed:
            self.killed[what] += 1

    def _holds_lease(self):
        with contextlib.suppress(psycopg.Error):
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                return connection.execute("SELECT count(*) FROM constraint_runner.import "
                                          "WHERE lease_until > now()").fetchone()[0]
        return 0
