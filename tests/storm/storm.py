# SPDX-License-Identifier: GPL-2.0-or-later
"""One storm: a wiki with its history, runners on one database, faults; then quiet, and the law."""
import collections
import contextlib
import http.client
import json
import pathlib
import random
import shutil
import threading
import time

import psycopg

import law
from faults import Faults
from faulty_wiki import FaultyWiki
from history import BEHIND, History, Job
from runner_process import Runner, wait_until
from sender import Sender

WIKI = "storm"
LEASE = 2.0  # seconds


class Storm:
    """`edits` changes with `faults`, about `rate` changes a second. `folder` is its own."""

    def __init__(self, seed, edits, postgres, folder, runners=2, faults=(), rate=33.0,
                 settle=300.0, say=print):
        self.seed, self.edits, self.postgres = seed, edits, postgres
        self.folder = pathlib.Path(folder)
        self.keep = None  # a folder for the logs of the runners
        self.runner_count, self.faults, self.rate, self.settle = runners, set(faults), rate, settle
        self.say = say
        self.changes = []
        self.rows = {}  # what is stored of entities that differ, for people
        self.counts = collections.Counter()
        self.problems = []
        self.databases, self.all_runners = [], []

    def run(self):
        """The differences."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "dumps").mkdir(exist_ok=True)
        with FaultyWiki() as wiki:
            self.wiki = wiki
            try:
                return self._run()
            finally:
                for number, runner in enumerate(self.all_runners):
                    if self.keep:
                        self.keep.mkdir(parents=True, exist_ok=True)
                        shutil.copy(runner.log_path, self.keep / f"runner-{number}.log")
                    runner.close()
                for database in self.databases:
                    self.postgres.drop_database(database)

    def _run(self):
        self.wiki.has_api = self.seed % 2 == 0
        self.history = History(self.seed, self.wiki, self.faults)
        first_documents = [self.wiki.document(e) for e in self.wiki.live()]
        database = self._database()
        runners = [self._runner(database).start() for _ in range(self.runner_count)]
        began = time.monotonic()
        sender = Sender(WIKI, self.wiki, runners, self.faults, self.seed)
        faults = Faults(self.seed, self.faults, runners, self.postgres, database, self.wiki, WIKI,
                        LEASE)
        try:
            self._first_fill(sender)
            self._edit(sender, runners, first_documents)
            self.counts["seconds of storm"] = round(time.monotonic() - began)
            faults.end()
            self._quiet(runners, sender, database)
            self._counts_of(sender, faults)
        finally:
            faults.ending.set()
            sender.end()
        self.problems += [f"refused: {text}" for text in sender.refused]
        stored = law.Store(database, WIKI)
        differences = law.compare_events(self._events(runners[0]), stored.violations)
        for runner in runners:
            with contextlib.suppress(Exception):
                runner.stop()
        differences += self._fresh(stored)
        for entity in {d.entity for d in differences}:
            self.rows[entity] = law.row_of(database, WIKI, entity)
        return differences

    # -- the storm -----------------------------------------------------------------------------

    def _first_fill(self, sender):
        """Goes on while the wiki is edited."""
        if "fill" in self.faults:
            sender.add(self._fill_jobs(random.Random(f"{self.seed}/fill"), 15))
        else:
            sender.add([Job(e, self.wiki.state(e).revision, why="first")
                        for e in self.wiki.live()])

    def _fill_jobs(self, chance, seconds):
        return [Job(e, self.wiki.state(e).revision if e in BEHIND else 0, priority="low",
                    delay=chance.uniform(0, seconds), why="fill") for e in self.wiki.live()]

    def _edit(self, sender, runners, documents):
        began = time.monotonic()
        chance = random.Random(f"{self.seed}/storm")
        for number in range(1, self.edits + 1):
            wait = began + number / self.rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            change = self.history.change()
            change.at = time.strftime("%H:%M:%S")
            self.changes.append(change)
            self.counts["edits"] += 1
            sender.add(change.jobs)
            if "fill" not in self.faults:
                continue
            if number % 700 == 350:
                sender.add(self._fill_jobs(chance, 5))
            if number % 600 in (50, 250):  # of the wiki as it was some hundred edits ago
                self._import(runners, documents, number)
                documents = [self.wiki.document(e) for e in self.wiki.live()
                             if self.wiki.document(e)]
            if number % 900 == 500:
                self._post_import(runners, {"import_method": "entities", "entities": [
                    e for e in self.wiki.live() if e not in BEHIND]})

    def _import(self, runners, documents, number):
        name = f"dump-{number}.json"
        if "revived" not in self.faults:
            documents = [d for d in documents if not self._is_behind(d)]
        lines = ",\n".join(json.dumps(d) for d in documents)
        (self.folder / "dumps" / name).write_text(f"[\n{lines}\n]\n")
        self._post_import(runners, {"import_method": "dump", "file": name,
                                    "force": number % 400 < 200})

    def _is_behind(self, document):
        """Whether an older revision than this one was restored."""
        return 0 < self.wiki.state(document["id"]).revision < document["lastrevid"]

    def _post_import(self, runners, body):
        def post():
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                for runner in runners:
                    with contextlib.suppress(Exception):
                        if runner.post("/v1/import", {"wiki": WIKI, **body},
                                       timeout=5).status == 202:
                            self.counts[f"imports ({body['import_method']})"] += 1
                            return
                time.sleep(0.3)
            self.problems.append(f"an import was not accepted: {str(body)[:100]}")
        threading.Thread(target=post, daemon=True).start()

    def _counts_of(self, sender, faults):
        self.counts["jobs"] = sender.accepted
        self.counts["requests sent again"] = sender.again
        self.counts.update(faults.counts)
        self.counts.update(self.wiki.faults)
        self.problems += faults.problems

    # -- afterwards ----------------------------------------------------------------------------

    def _quiet(self, runners, sender, database):
        """Until all is accepted, done and followed."""
        began = time.monotonic()
        try:
            for runner in runners:
                wait_until(runner.is_ready, 90)
            wait_until(sender.is_done, 120)
            sender.ask_for_forged()
            wait_until(sender.is_done, 60)
        except AssertionError as problem:
            self.problems.append(f"after the storm: {problem}")
        self._settled(database)
        self.counts["seconds until settled"] = round(time.monotonic() - began)

    def _settled(self, database):
        deadline = time.monotonic() + self.settle
        left = {}
        while time.monotonic() < deadline:
            try:
                with psycopg.connect(database, autocommit=True) as connection:
                    left = law.left_over(connection)
                    if not left:
                        return
            except psycopg.OperationalError:
                pass
            time.sleep(0.2)
        self.problems.append(f"not settled after {self.settle:.0f} s: {left}")

    def _events(self, runner):
        events, after, patience = [], "oldest", 10
        while True:
            try:
                page = runner.get(f"/v1/events?wiki={WIKI}&after={after}&limit=1000")
            except (OSError, http.client.HTTPException) as problem:
                page = problem
            if getattr(page, "status", 0) == 503 and patience:  # as it asks for
                patience -= 1
                time.sleep(1)
                continue
            if getattr(page, "status", 0) != 200:
                self.problems.append(f"events: {page!r}")
                return events
            events += page.json["events"]
            after = page.json["next"]
            if not page.json["more"]:
                self.counts["events"] = len(events)
                return events

    def _fresh(self, stored):
        """Filled once, compared with itself filled twice, and that with what is stored."""
        database = self._database()
        runner = self._runner(database).start()
        self.counts["pages"] = len(self.wiki.live())
        first = self._fill(runner, database)
        fresh = self._fill(runner, database)
        again = law.compare(first, fresh, self.wiki, "first fill", "second fill")
        differences = law.compare(stored, fresh, self.wiki)
        for difference in again:
            difference.kind = "FIRST FILL: " + difference.kind
        runner.stop()
        return differences + again

    def _fill(self, runner, database):
        live = self.wiki.live()
        for first in range(0, len(live), 100):
            answer = runner.submit(*({"entity": e} for e in live[first:first + 100]), wiki=WIKI)
            assert answer.status == 202, answer
        self._settled(database)
        return law.Store(database, WIKI)

    # -- parts ---------------------------------------------------------------------------------

    def _database(self):
        database = self.postgres.create_database()
        self.databases.append(database)
        return database

    def _runner(self, database):
        runner = Runner(database, (), {
            f"wiki.{WIKI}.source": "http", f"wiki.{WIKI}.entity_data_url": self.wiki.url,
            f"wiki.{WIKI}.api_url": self.wiki.api_url,
            f"wiki.{WIKI}.extras": ["fix", "types", "classes", "redirects", "times", "beside"],
            f"wiki.{WIKI}.http_retries": 1, f"wiki.{WIKI}.http_timeout": "5s",
            "workers.threads": 3, "queue.lease": f"{LEASE:.0f}s", "queue.poll_interval": "200ms",
            "queue.backoff_max": "1s", "queue.max_attempts": 1000, "imports.threads": 2,
            "imports.lease": f"{LEASE:.0f}s", "imports.poll_interval": "200ms",
            "imports.backoff_max": "1s", "imports.max_attempts": 1000,
            "imports.dump_folder": self.folder / "dumps", "imports.work_folder": self.folder,
            "log.level": "debug",
        })
        self.all_runners.append(runner)
        return runner

    def story(self, entity, last=25):
        """What happened to a page, for whoever looks for the cause."""
        page = entity.split("-")[0]
        lines = []
        for change in self.changes:
            jobs = [j for j in change.jobs if j.entity == page]
            if change.entity == page or jobs:
                what = change.what if change.entity == page else "-"
                lines.append(f"{change.at} {change.number}: {what}; {', '.join(map(str, jobs))}")
        return lines[-last:] + self.rows.get(entity, [])
