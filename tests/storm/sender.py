# SPDX-License-Identifier: GPL-2.0-or-later
"""The jobs on their way: each is sent when it is due, to any runner, and again until it is answered
202. So jobs overtake each other, and those of a time without runners come late and together."""
import heapq
import http.client
import itertools
import random
import threading
import time

from history import Job

THREADS = 3
MOST_AT_ONCE = 12
PAUSE = 0.2  # seconds, after an answer that is not 202


class Sender:
    def __init__(self, wiki_id, wiki, runners, revived, seed):
        self.wiki_id, self.wiki, self.runners, self.revived = wiki_id, wiki, runners, revived
        self.chance = random.Random(f"{seed}/sender")
        self.lock = threading.Condition()
        self.heap, self.order = [], itertools.count()
        self.in_hand = 0
        self.accepted, self.again = 0, 0
        self.forged = set()  # entities
        self.refused = []  # what a runner will never take: a fault of the runner or of the storm
        self.ending = False
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def add(self, jobs, delay=0.0):
        with self.lock:
            for job in jobs:
                heapq.heappush(self.heap, (time.monotonic() + job.delay + delay,
                                           next(self.order), job))
            self.lock.notify_all()

    def ask_for_forged(self):
        """A runner that was stopped may have taken in late what was sent again to another one."""
        self.add(Job(entity, why="after forged") for entity in sorted(self.forged))

    def is_done(self):
        with self.lock:
            return not self.heap and not self.in_hand

    def waiting(self):
        with self.lock:
            return len(self.heap) + self.in_hand

    def end(self):
        with self.lock:
            self.ending = True
            self.lock.notify_all()
        for thread in self.threads:
            thread.join(60)

    def _run(self):
        while True:
            with self.lock:
                while not self.ending and not (self.heap and self.heap[0][0] <= time.monotonic()):
                    self.lock.wait(0.05)
                if self.ending:
                    return
                jobs = []
                while (self.heap and self.heap[0][0] <= time.monotonic()
                       and len(jobs) < self.chance.randrange(1, MOST_AT_ONCE + 1)):
                    jobs.append(heapq.heappop(self.heap)[2])
                self.in_hand += len(jobs)
                runner = self.chance.choice(self.runners)
            jobs = [self._as_of_now(job) for job in jobs]
            done = self._send(runner, jobs)
            with self.lock:
                self.in_hand -= len(jobs)
                if done:
                    self.accepted += len(jobs)
                else:
                    self.again += 1
            if not done:
                for job in jobs:
                    job.delay = 0.0
                self.add(jobs, PAUSE)
                continue
            # a revision that the wiki does not have is put right by a question that comes later
            forged = [j.entity for j in jobs if j.why == "forged"]
            self.forged.update(forged)
            self.add(Job(entity, delay=0.3, why="after forged") for entity in forged)

    def _as_of_now(self, job):
        if job.revision == 0:
            self.wiki.catch_up(job.entity)
        elif (job.why != "forged" and "revived" not in self.revived
              and self.wiki.state(job.entity).revision < job.revision):
            return Job(job.entity, why=job.why, number=job.number)  # deleted since
        return job

    def _send(self, runner, jobs):
        try:
            answer = runner.post("/v1/jobs", {"wiki": self.wiki_id,
                                              "jobs": [job.body() for job in jobs]}, timeout=5)
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 202:
            return True
        if answer.status < 500:
            self.refused.append(f"{answer}: {[str(job) for job in jobs]}")
            return True
        return False
