# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki with the history of its pages, that answers Special:EntityData as Wikibase does (also with
`revision=`), and can be late, behind, broken or away.

    with FaultyWiki([item("Q1")]) as wiki:
        wiki.put(item("Q1", values=("b",)))   # gets the next revision
        with wiki.hold("Q2") as held:         # answers wait, with what was true when they came
            held.arrived.wait(10)
"""
import collections
import contextlib
import copy
import json
import random
import threading
import time

from json_server import JsonServer

MOST_STATES = 40  # of a page, kept for replicas that lag


class State:
    """What a page is from a moment on: a document, a redirect or (neither) gone."""

    def __init__(self, revision=0, document=None, target=None, lag=0.0):
        self.revision, self.document, self.target = revision, document, target
        self.visible_at = time.monotonic() + lag


class Hold:
    def __init__(self):
        self.arrived, self.released = threading.Event(), threading.Event()


class FaultyWiki(JsonServer):
    def __init__(self, documents=(), first_revision=100):
        super().__init__()
        self.server.handle_error = lambda *_: None  # who asked has gone: was killed, or has no patience
        self.lock = threading.Lock()
        self.pages = {}        # states by id, the last is what the page is
        self.revisions = {}    # id -> revision -> document (None: a redirect)
        self.deleted = {}      # id -> revisions that only an administrator sees
        self.last_revision = first_revision
        self.seen = collections.Counter()   # questions by id
        self.holds = {}
        self.chance = random.Random(1)
        self.away = False      # every answer is 503
        self.errors = 0.0      # the share of answers that are 500
        self.slow = (0.0, 0.0)  # the share of answers that are late, and by how much at most
        self.faults = collections.Counter()
        self.has_api = False   # answers what redirects, also to what is gone
        self.api_refuses = None  # status and text for all but the question for settings
        for document in documents:
            self.put(document, document.get("lastrevid") or None)

    # -- changes -------------------------------------------------------------------------------

    def put(self, document, revision=None, lag=0.0):
        """A new revision, by default with the next number; returns it. `lag`: for so many seconds
        answers still have the state before it."""
        document = copy.deepcopy(document)
        with self.lock:
            revision = self._number(revision)
            document["lastrevid"] = revision
            entity = document["id"]
            self.revisions.setdefault(entity, {})[revision] = document
            self._add(entity, State(revision, document, lag=lag))
        return revision

    def redirect(self, entity, target):
        with self.lock:
            revision = self._number(None)
            self.revisions.setdefault(entity, {})[revision] = None
            self._add(entity, State(revision, target=target))
        return revision

    def delete(self, entity):
        with self.lock:
            self.deleted.setdefault(entity, set()).update(self.revisions.get(entity, ()))
            self._add(entity, State())

    def restore(self, entity, revision):
        """This revision and those before it; later ones stay deleted. No revision is made."""
        with self.lock:
            hidden = self.deleted.get(entity, set())
            self.deleted[entity] = {r for r in hidden if r > revision}
            self._add(entity, State(revision, self.revisions[entity][revision]))

    def catch_up(self, entity):
        """From now on answers have what the page is."""
        with self.lock:
            for state in self.pages.get(entity, ()):
                state.visible_at = 0.0

    def _number(self, revision):
        if revision is None:
            revision = self.last_revision + 1
        self.last_revision = max(self.last_revision, revision)
        return revision

    def _add(self, entity, state):
        states = self.pages.setdefault(entity, [])
        states.append(state)
        del states[:-MOST_STATES]

    # -- what is true --------------------------------------------------------------------------

    def state(self, entity):
        states = self.pages.get(entity)
        return states[-1] if states else State()

    def document(self, entity):
        """The current one; None when the page is gone or a redirect."""
        return self.state(entity).document

    def live(self):
        """Ids of pages that are there, redirects among them."""
        return [e for e in list(self.pages) if self.state(e).revision]

    # -- answers -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def hold(self, entity):
        hold = Hold()
        self.holds[entity] = hold
        try:
            yield hold
        finally:
            self.holds.pop(entity, None)
            hold.released.set()

    def answer(self, path, query):
        if path.endswith("/api.php"):
            return self._api(query)
        entity = path.rsplit("/", 1)[-1].removesuffix(".json")
        with self.lock:
            self.seen[entity] += 1
            status, document = self._look(entity, int(query.get("revision", 0)))
            late = self.chance.random() < self.slow[0] and self.chance.uniform(0, self.slow[1])
            broken = self.chance.random() < self.errors
        hold = self.holds.get(entity)
        if hold is not None:
            hold.arrived.set()
            hold.released.wait(120)
        if late:
            self.faults["slow answers"] += 1
            time.sleep(late)
        if self.away:
            self.faults["answers 503"] += 1
            return 503, "{}"
        if broken:
            self.faults["answers 500"] += 1
            return 500, "{}"
        return status, json.dumps({"entities": {document["id"]: document}} if document else {})

    NAMESPACES = {"Q": "", "P": "Property:", "L": "Lexeme:"}
    MODELS = [(0, "", "wikibase-item"), (2, "User", "wikitext"),
              (120, "Property", "wikibase-property"), (146, "Lexeme", "wikibase-lexeme")]

    def _api(self, query):
        """As MediaWiki's api.php: the namespaces, and redirects, of which all steps are listed."""
        if self.away:
            return 503, "{}"
        if query.get("meta") == "constraintrunnersettings":  # without the extension
            return 200, '{"batchcomplete":true,"warnings":{"query":{"warnings":"Unrecognized value"}}}'
        if self.api_refuses is not None:
            return self.api_refuses
        if query.get("meta") == "siteinfo":
            return 200, json.dumps({"query": {"namespaces": {
                str(n): {"id": n, "name": name, "defaultcontentmodel": model}
                for n, name, model in self.MODELS}}})
        steps = {}
        with self.lock:
            for title in query["titles"].split("|"):
                entity = title.rsplit(":", 1)[-1]
                assert title == self.NAMESPACES[entity[0]] + entity, title
                while self._visible(entity, time.monotonic()).target and entity not in steps:
                    steps[entity] = self._visible(entity, time.monotonic()).target
                    entity = steps[entity]
        name = {e: self.NAMESPACES[e[0]] + e for pair in steps.items() for e in pair}
        return 200, json.dumps({"query": {"redirects": [
            {"from": name[a], "to": name[b]} for a, b in steps.items()]}})

    def _look(self, entity, revision):
        now = time.monotonic()
        state = self._visible(entity, now)
        if entity in self.pages and state is not self.state(entity):
            self.faults["answers from behind"] += 1
        if revision:
            known = self.revisions.get(entity, {})
            if (revision > state.revision or revision in self.deleted.get(entity, ())
                    or known.get(revision) is None):
                return 404, None
            return 200, known[revision]
        if state.target:  # one hop
            state = self._visible(state.target, now)
        return (200, state.document) if state.document else (404, None)

    def _visible(self, entity, now):
        """The last state that has arrived; a state is not seen before those that came earlier."""
        found = None
        for state in self.pages.get(entity, ()):
            if state.visible_at > now and found is not None:
                break
            found = state
        return found or State()

    @property
    def url(self):
        return f"{self.address}/wiki/Special:EntityData/"

    @property
    def api_url(self):
        """Empty where there is none."""
        return f"{self.address}/w/api.php" if self.has_api else ""
