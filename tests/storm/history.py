# SPDX-License-Identifier: GPL-2.0-or-later
"""The history of the storm's wiki: one change after the other, each with the jobs that the wiki
sends for it. Made of the seed alone: a shorter history is the beginning of a longer one."""
import dataclasses
import random

from built_entities import CONSTRAINT
from world import CATEGORIES, CLASSES, FIRST_MISSING, ITEMS, LANGUAGES, LEXEMES, PROPERTIES, World

KEPT_VERSIONS = 6  # of a page, to be restored
BEHIND = set(ITEMS[::3])  # their edits may be seen later: no job asks for them without a revision
UNSURE = 1500  # changes for which a page that was deleted or restored is seen as it is
ABSURD = 10**14


@dataclasses.dataclass
class Job:
    """What is sent `delay` seconds after the change, and again until it is accepted."""
    entity: str
    revision: int = 0
    document: dict = None
    delay: float = 0.0
    priority: str = "normal"
    why: str = "edit"
    number: int = -1  # of the change

    def body(self):
        out = {"type": "check", "entity": self.entity}
        if self.revision:
            out["revision"] = self.revision
        if self.document is not None:
            out["document"] = self.document
        if self.priority != "normal":
            out["priority"] = self.priority
        return out

    def __str__(self):
        parts = [self.why]
        parts += [f"r{self.revision}"] if self.revision else []
        parts += ["with document"] if self.document is not None else []
        parts += [self.priority] if self.priority != "normal" else []
        return f"job({', '.join(parts)}, +{self.delay:.1f} s)"


@dataclasses.dataclass
class Change:
    number: int
    what: str
    entity: str
    jobs: list
    at: str = ""


class History:
    """Of `faults` those that faults.py says are made here."""

    def __init__(self, seed, wiki, faults):
        self.seed, self.wiki, self.faults = seed, wiki, faults
        self.world = World()
        self.pages = {}      # what is there, by id
        self.versions = {}   # [(revision, page)] by id
        self.gone = set()
        self.redirects = {}
        self.unsure = {}     # number of the last change that sent a job without a revision
        self.number = 0
        for page in self.world.first_pages(random.Random(f"{seed}/first")):
            self._save(page, 0.0)

    def change(self):
        """The next one, made on the wiki."""
        self.number += 1
        chance = random.Random(f"{self.seed}/{self.number}")
        while True:
            kinds, weights = zip(*self.KINDS)
            kind = chance.choices(kinds, weights)[0]
            change = kind(self, chance)
            if change is not None:
                break
        change.jobs += self._other_jobs(chance)
        for job in change.jobs:
            job.number = self.number
        return change

    # -- changes -------------------------------------------------------------------------------

    def edit_values(self, chance):
        page = self._some(chance, ITEMS + CLASSES[:4])
        return page and self._edited(chance, page, self._vary(chance, page.statements, page.entity))

    def edit_rank(self, chance):
        page = self._some(chance, ITEMS + CLASSES)
        if page is None or not page.statements:
            return None
        statement = chance.choice(page.statements)
        statement.rank = chance.choice(["preferred", "normal", "deprecated"])
        return self._edited(chance, page, f"rank of {statement.prop}")

    def edit_labels(self, chance):
        page = self._some(chance, ITEMS + CLASSES + PROPERTIES)
        if page is None:
            return None
        page.labels ^= {chance.choice(LANGUAGES)}
        page.descriptions ^= {chance.choice(LANGUAGES)}
        return self._edited(chance, page, "labels and descriptions")

    def edit_class(self, chance):
        page = self._some(chance, CLASSES)
        if page is None:
            return None
        above = [s for s in page.statements if s.prop == "P279"]
        if above and chance.random() < 0.5:
            page.statements.remove(chance.choice(above))
        if not above or chance.random() < 0.7:
            page.statements.append(self.world.superclass(chance))
        return self._edited(chance, page, "superclasses")

    def edit_instance(self, chance):
        page = self._some(chance, ITEMS)
        if page is None:
            return None
        page.statements = [s for s in page.statements if s.prop != "P31"]
        if chance.random() < 0.9:
            page.statements.append(self.world.instance(chance))
        return self._edited(chance, page, "classes")

    def edit_constraint(self, chance):
        page = self._some(chance, PROPERTIES)
        if page is None:
            return None
        what = chance.choice(["add", "remove", "change", "remove"])
        constraints = [s for s in page.statements if s.prop == CONSTRAINT]
        if what != "add" and not constraints:
            what = "add"
        if what != "add":
            page.statements.remove(chance.choice(constraints))
        if what != "remove" and len(constraints) < 3:
            page.statements.append(self.world.constraint(chance, page.entity))
        return self._edited(chance, page, f"constraint: {what}")

    def edit_property(self, chance):
        """Statements that its users do not see, but who links to it does."""
        page = self._some(chance, PROPERTIES)
        if page is None:
            return None
        others = [s for s in page.statements if s.prop != CONSTRAINT]
        if others and chance.random() < 0.5:
            page.statements.remove(chance.choice(others))
        if len(others) < 3:
            page.statements.append(self.world.of_property(chance))
        return self._edited(chance, page, "statements")

    def edit_lexeme(self, chance):
        page = self._some(chance, LEXEMES)
        if page is None:
            return None
        what = chance.random()
        if what < 0.15:
            return self._edited(chance, page, self._vary(chance, page.statements, page.entity))
        if what > 0.9:
            page.category = chance.choice(CATEGORIES)
            return self._edited(chance, page, "lexical category")
        part = f"{page.entity}-{chance.choice(['F1', 'F2', 'S1'])}"
        if part not in page.parts:
            page.parts[part] = [self.world.statement(chance, part)]
            return self._edited(chance, page, f"{part} made")
        if what < 0.25:
            del page.parts[part]
            return self._edited(chance, page, f"{part} removed")
        if what < 0.30:
            page.language = chance.choice(["Q1860", "Q188"])
            return self._edited(chance, page, "language")
        return self._edited(chance, page, self._vary(chance, page.parts[part], part))

    def delete(self, chance):
        names = chance.choice([ITEMS, ITEMS, CLASSES, LEXEMES, PROPERTIES])
        page = self._some(chance, names)
        if page is None or self._is_held(page.entity):
            return None
        return self._delete(page.entity)

    def restore(self, chance):
        if not self.gone:
            return None
        entity = chance.choice(sorted(self.gone))
        versions = self.versions[entity]
        place = len(versions) - 1 if chance.random() < 0.5 else chance.randrange(len(versions))
        revision, page = versions[place]
        del versions[place + 1:]  # stay deleted
        self.wiki.restore(entity, revision)
        self.gone.discard(entity)
        self.pages[entity] = page.copy()
        return self._change("restored", entity, [self._question(entity, "restored")])

    def recreate(self, chance):
        """A deleted page, or one that there never was."""
        missing = [i for i in ITEMS[FIRST_MISSING:] if i not in self.versions]
        names = sorted(self.gone) + missing
        if not names:
            return None
        entity = chance.choice(names)
        if entity[0] == "P":
            return None
        make = self.world.new_lexeme if entity[0] == "L" else self.world.new_item
        return self._edited(chance, make(chance, entity), "created")

    def redirect(self, chance):
        names = chance.choice([ITEMS, ITEMS, CLASSES, LEXEMES])
        page = self._some(chance, names)
        target = self._some(chance, names)
        if (page is None or target is None or page.entity == target.entity
                or self._is_held(page.entity)):
            return None
        return self._redirect(chance, page.entity, target.entity)

    def merge(self, chance):
        """Statements go to another page, and the page redirects to it."""
        page, target = self._some(chance, ITEMS), self._some(chance, ITEMS)
        if (page is None or target is None or page.entity == target.entity
                or self._is_held(page.entity)):
            return None
        for statement in page.statements:
            statement.number = self.world.number()
            target.statements.append(statement)
        first = self._edited(chance, target, f"merged with {page.entity}")
        second = self._redirect(chance, page.entity, target.entity)
        return self._change(f"merged into {target.entity}", page.entity, first.jobs + second.jobs)

    def revert_redirect(self, chance):
        if not self.redirects:
            return None
        entity = chance.choice(sorted(self.redirects))
        _, page = self.versions[entity][-1]
        return self._edited(chance, page.copy(), "no redirect any more")

    KINDS = [(edit_values, 34), (edit_rank, 8), (edit_labels, 8), (edit_class, 5),
             (edit_instance, 5), (edit_constraint, 6), (edit_property, 5), (edit_lexeme, 9), (delete, 5), (restore, 5),
             (recreate, 3), (redirect, 4), (merge, 2), (revert_redirect, 5)]

    def _is_held(self, entity):
        """A redirect to it would say nothing any more."""
        return "dangling" not in self.faults and entity in self.redirects.values()

    # -- how -----------------------------------------------------------------------------------

    def _some(self, chance, names):
        """A copy of a page that is there."""
        there = [n for n in names if n in self.pages]
        return self.pages[chance.choice(there)].copy() if there else None

    def _vary(self, chance, statements, entity):
        what = chance.random()
        if statements and what < 0.35:
            gone = chance.choice(statements)
            statements.remove(gone)
            return f"{gone.prop} removed"
        if statements and what < 0.5 and entity[0] == "Q":
            changed = chance.choice(statements)
            new = self.world.statement(chance, entity)
            changed.prop, changed.value = new.prop, new.value
            return f"{changed.prop} {changed.value}"
        if len(statements) < 8:
            statements.append(self.world.statement(chance, entity))
            return f"{statements[-1].prop} {statements[-1].value} added"
        del statements[chance.randrange(len(statements)):]
        return "several removed"

    def _save(self, page, lag):
        revision = self.wiki.put(page.document(), lag=lag)
        self.gone.discard(page.entity)
        self.redirects.pop(page.entity, None)
        self.pages[page.entity] = page
        versions = self.versions.setdefault(page.entity, [])
        versions.append((revision, page.copy()))
        del versions[:-KEPT_VERSIONS]
        return revision

    def _edited(self, chance, page, what):
        entity = page.entity
        was_there = entity in self.pages
        kind = chance.uniform(0, 0.75 if entity in BEHIND and was_there else 1)
        lag = chance.uniform(0.3, 3)
        behind = (chance.random() < 0.3 and "behind" in self.faults and entity in BEHIND
                  and was_there and self.unsure.get(entity, -UNSURE) <= self.number - UNSURE)
        revision = self._save(page, lag if behind else 0.0)
        document = self.wiki.revisions[entity][revision]
        jobs = []
        if kind < 0.40:
            jobs.append(Job(entity, revision))
        elif kind < 0.65:
            jobs.append(Job(entity, revision, document))
        elif kind < 0.75:
            jobs.append(Job(entity, revision))
            jobs.append(Job(entity, revision, document, delay=self._delay(chance), why="repeated"))
        elif kind < 0.85:
            jobs.append(self._question(entity, "edit"))
        else:
            jobs.append(Job(entity, revision, document))
            jobs.append(self._question(entity, "repeated", self._delay(chance)))
        jobs[0].delay = self._delay(chance)
        jobs[0].priority = chance.choice(["normal"] * 6 + ["high", "low"])
        return self._change(f"{what}: r{revision}{' seen later' if behind else ''}", entity, jobs)

    def _delete(self, entity):
        self.wiki.delete(entity)
        self.gone.add(entity)
        self.pages.pop(entity, None)
        self.redirects.pop(entity, None)
        return self._change("deleted", entity, [self._question(entity, "deleted")])

    def _redirect(self, chance, entity, target):
        revision = self.wiki.redirect(entity, target)
        self.wiki.catch_up(entity)
        self.pages.pop(entity)
        self.redirects[entity] = target
        job = (Job(entity, revision, why="redirect") if chance.random() < 0.6
               else self._question(entity, "redirect"))
        job.delay = self._delay(chance)
        return self._change(f"redirects to {target}: r{revision}", entity, [job])

    def _question(self, entity, why, delay=0.0):
        self.unsure[entity] = self.number
        self.wiki.catch_up(entity)
        return Job(entity, why=why, delay=delay)

    @staticmethod
    def _delay(chance):
        kind = chance.random()
        return chance.uniform(0, 0.1 if kind < 0.6 else 1.5 if kind < 0.95 else 6)

    def _change(self, what, entity, jobs):
        return Change(self.number, what, entity, jobs)

    def _other_jobs(self, chance):
        """Of pages that were not changed just now."""
        jobs = []
        known = sorted(self.versions)
        if chance.random() < 0.05:  # the wiki's PHP has checked it, and says so
            entity = chance.choice(known)
            if entity not in BEHIND:
                jobs.append(self._question(entity, "PHP"))
        if "old" in self.faults and chance.random() < 0.06:
            entity = chance.choice(known)
            revision, _ = chance.choice(self.versions[entity])
            jobs.append(Job(entity, revision, self.wiki.revisions[entity][revision],
                            delay=self._delay(chance), why="old document"))
        if "forged" in self.faults and chance.random() < 0.004:
            entity = chance.choice([e for e in known if e not in BEHIND])
            revision, page = self.versions[entity][-1]
            document = {**page.document(), "lastrevid": revision + ABSURD}
            jobs.append(Job(entity, revision + ABSURD,
                            document if chance.random() < 0.5 else None, why="forged"))
        return jobs
