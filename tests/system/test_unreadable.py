# SPDX-License-Identifier: GPL-2.0-or-later
"""What a wiki can't give costs only the checks that need it: over HTTP and from PHP workers, for
properties, targets of links, classes and lexemes. It is listed, and redone when it can be read."""
import copy
import json
import os
import subprocess
import sys
import time

import pytest

from built_entities import constraint, item, lexeme, link, prop, text
from json_server import CLOSE, HTML, SHORT
from runner_process import ROOT, binary, wait_until
from slow_wiki import SlowWiki

SETTINGS = {"queue.backoff_base": "100ms", "queue.backoff_max": "200ms", "queue.max_attempts": 1000}

GOOD = [
    prop("P10", [constraint("single")], revision=1),
    prop("P20", [constraint("single")], revision=1),
    prop("P30", [constraint("symmetric")], "wikibase-item", revision=1),
    prop("P31", datatype="wikibase-item", revision=1),
    prop("P40", [constraint("value type", P2308=["<Q5>"], P2309=["<Q21503252>"])],
         "wikibase-item", revision=1),
    prop("P50", [constraint("lexeme language", P2305=["<Q1860>"])], revision=1),
    item("Q2", [link("P30", "Q1")], revision=1),
    item("Q6", [link("P31", "Q7")], revision=1),
    item("Q7", [link("P279", "Q5")], revision=1),
    # two violations of P10 and four things that may be unreadable
    item("Q1", [text("P10", "a"), text("P10", "b"), text("P20", "a"), text("P20", "b"),
                link("P30", "Q2"), link("P40", "Q6")], revision=1),
    lexeme("L1", forms={"L1-F1": [text("P50", "a"), text("P10", "a"), text("P10", "b")]}, revision=1),
]


def damaged(document):
    out = copy.deepcopy(document)
    for statements in out["claims"].values():
        statements[0]["rank"] = "best"
    if not out["claims"]:
        out["claims"] = {"P10": 7}
    return out


class EveryPage:
    def __contains__(self, _):
        return True


EVERY_PAGE = EveryPage()


class HttpWiki:
    """Entities of `broken` are answered in the way `how`."""

    def __init__(self):
        self.wiki = SlowWiki(GOOD)
        self.broken, self.how = set(), "damaged"
        answer = self.wiki.answer

        def answer_or_not(path, query):
            entity = path.rsplit("/", 1)[-1].removesuffix(".json")
            if entity not in self.broken:
                return answer(path, query)
            if self.how == "damaged":
                return 200, json.dumps({"entities": {
                    entity: damaged(self.wiki.documents[entity])}})
            if self.how == "cut":
                return 200, '{"entities": {"' + entity + '": {"id":'
            if self.how == "large":
                return 200, " " * 2_000_000
            if self.how == "slow":
                time.sleep(2)
                return 500, "{}"
            if self.how in ("missing", "another"):
                answered = ({"id": entity, "missing": ""} if self.how == "missing"
                            else {**self.wiki.documents["Q7"]})
                return 200, json.dumps({"entities": {
                    entity if self.how == "missing" else "Q99": answered}})
            return self.how, "{}"

        self.wiki.answer = answer_or_not

    def settings(self):
        return {"wiki.w.source": "http", "wiki.w.entity_data_url": self.wiki.url,
                "wiki.w.http_retries": 0, "wiki.w.http_max_body": "1MB",
                "wiki.w.http_timeout": "1s"}

    def mend(self):
        self.broken = set()


class PhpWiki:
    def __init__(self, folder):
        self.folder = folder
        (folder / "only-files").touch()
        for document in GOOD:
            self.save(document)

    def save(self, document):
        path = self.folder / f"{document['id']}.json"
        path.with_suffix(".new").write_text(json.dumps(document))
        path.with_suffix(".new").rename(path)

    def damage(self, entities):
        for document in GOOD:
            if document["id"] in entities:
                self.save(damaged(document))

    def settings(self):
        return {"wiki.w.source": "php", "wiki.w.php_command": [
            sys.executable, ROOT / "tests/support/fake_worker.py", self.folder]}

    def mend(self):
        for document in GOOD:
            self.save(document)


def result(runner, entity):
    runner.submit({"entity": entity}, wiki="w")
    return wait_until(lambda: (r := runner.result(entity, "w")).status == 200 and r.json)


def proof(runner, wiki, broken):
    """Q1 has all but what needs `broken`, which is listed and redone."""
    stored = result(runner, "Q1")
    reasons = " ".join(stored["incomplete"])
    assert stored["counts"]["warning"] >= 2 and stored["counts"]["todo"] > 0
    for entity in broken:
        assert f"{entity} can't be read: " in reasons, reasons
    assert runner.get("/v1/dead").json["jobs"] == []
    listed = runner.get("/v1/incomplete?wiki=w").json["results"]
    assert [row["entity"] for row in listed] == ["Q1"] and listed[0]["reasons"] == stored["incomplete"]
    wiki.mend()
    wait_until(lambda: runner.result("Q1", "w").json["incomplete"] == [], 60)
    stored = runner.result("Q1", "w").json
    assert stored["counts"]["todo"] == 0 and stored["counts"]["warning"] == 4
    assert runner.get("/v1/incomplete?wiki=w").json["results"] == []


@pytest.mark.parametrize("broken,how", [
    ({"P20"}, "damaged"), ({"P20"}, 500), ({"P20", "Q2"}, "large"), ({"Q2"}, "cut"),
    ({"Q6"}, 500), ({"Q7"}, "damaged"), ({"P20", "Q2", "Q6"}, "damaged"),
    ({"P20"}, 401), ({"P20"}, 403), ({"P20"}, 429), ({"P20"}, 503), ({"P20"}, CLOSE),
    ({"P20"}, HTML), ({"P20"}, SHORT), ({"P20"}, "slow"), ({"P20"}, "another"), ({"Q2"}, 403),
    ({"Q2"}, 503), ({"Q6"}, HTML), ({"Q7"}, 429), ({"P20", "Q2", "Q6"}, 503)])
def test_over_http_it_affects_only_the_checks_that_need_it(make_runner, broken, how):
    wiki = HttpWiki()
    with wiki.wiki:
        wiki.broken, wiki.how = broken, how
        runner = make_runner({**SETTINGS, **wiki.settings(), "wiki.w.class_age": "1s"}).start()
        proof(runner, wiki, broken)


@pytest.mark.parametrize("broken", [{"P20"}, {"Q2"}, {"P20", "Q2", "Q6"}])
def test_from_php_workers_it_affects_only_the_checks_that_need_it(make_runner, tmp_path, broken):
    wiki = PhpWiki(tmp_path)
    wiki.damage(broken)
    proof(make_runner({**SETTINGS, **wiki.settings()}).start(), wiki, broken)


def test_a_property_of_a_form_that_can_not_be_read_leaves_the_other_checks_of_the_form(make_runner):
    wiki = HttpWiki()
    with wiki.wiki:
        wiki.broken, wiki.how = {"P50"}, 500
        runner = make_runner({**SETTINGS, **wiki.settings()}).start()
        result(runner, "L1")
        form = wait_until(lambda: (r := runner.result("L1-F1", "w")).status == 200 and r.json)
        assert form["counts"]["warning"] == 2 and form["counts"]["todo"] == 1
        assert "P50 can't be read" in form["incomplete"][0]
        wiki.mend()
        wait_until(lambda: runner.result("L1-F1", "w").json["incomplete"] == [], 60)
        assert runner.result("L1-F1", "w").json["counts"]["compliance"] == 1


@pytest.mark.parametrize("how", [403, 503, 500, HTML, CLOSE])
def test_when_every_page_fails_the_jobs_wait_without_an_attempt(make_runner, how):
    wiki = HttpWiki()
    with wiki.wiki:
        runner = make_runner({**SETTINGS, **wiki.settings(), "queue.max_attempts": 2}).start()
        result(runner, "Q1")
        wiki.broken, wiki.how = EVERY_PAGE, how
        time.sleep(0.1)
        runner.submit({"entity": "L1"}, wiki="w")
        time.sleep(3)
        assert runner.result("L1", "w").status == 404
        assert runner.get("/v1/dead").json["jobs"] == []
        assert wiki.wiki.url in json.dumps(runner.get("/readyz").json)
        wiki.mend()
        wait_until(lambda: runner.result("L1", "w").status == 200)
        assert runner.result("L1-F1", "w").json["incomplete"] == []


def test_a_page_that_fails_by_itself_costs_no_other_job(make_runner):
    wiki = HttpWiki()
    with wiki.wiki:
        wiki.broken, wiki.how = {"Q1"}, 403
        runner = make_runner({**SETTINGS, **wiki.settings(), "queue.max_attempts": 2}).start()
        runner.submit({"entity": "Q1"}, {"entity": "Q2"}, {"entity": "L1"}, wiki="w")
        wait_until(lambda: runner.result("L1", "w").status == 200)
        # Q2 links to it: its result is incomplete, so it is redone as often as others
        wait_until(lambda: runner.result("Q2", "w").status == 200)
        assert "Q1 can't be read: " in runner.result("Q2", "w").json["incomplete"][0]
        dead = wait_until(lambda: {job["entity"]: job["reason"]
                                   for job in runner.get("/v1/dead").json["jobs"]}.get("Q1"))
        assert "HTTP status 403" in dead and runner.result("Q1", "w").status == 404


def check(wiki, *ids):
    settings = [part for key, value in wiki.settings().items() for part in ("--set", f"{key}={value}")]
    return subprocess.run([binary(), *map(str, settings), "check", "--json", *ids], text=True,
                          capture_output=True, timeout=60, check=False,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull})


@pytest.mark.parametrize("how", [401, 403, 429, 503, 500, CLOSE, HTML, SHORT, "slow", "another"])
@pytest.mark.parametrize("broken", ["P20", "Q1"])
def test_check_names_the_page_that_fails_and_prints_the_others(broken, how):
    wiki = HttpWiki()
    with wiki.wiki:
        wiki.broken, wiki.how = {broken}, how
        out = check(wiki, "Q1", "Q2")
        assert out.returncode == 65, out.stderr
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        assert wiki.wiki.url + broken + ".json" in out.stderr
        if broken == "Q1":
            assert len(lines) == 1 and "constraint-runner: Q1: http://" in out.stderr
        else:
            assert len(lines) == 2
            assert "Q1 is incomplete: P20 can't be read" in out.stderr
        wiki.broken = EVERY_PAGE
        out = check(wiki, "Q1", "Q2")
        assert (out.returncode, out.stdout) == ((65 if how == "another" else 69), "")


def test_a_page_that_the_response_declares_missing_is_missing():
    wiki = HttpWiki()
    with wiki.wiki:
        wiki.broken, wiki.how = {"P20"}, "missing"
        out = check(wiki, "Q1")
        assert out.returncode == 0 and "todo" not in out.stdout, out.stderr


def test_a_wiki_that_is_away_meanwhile_stores_nothing_half(make_runner):
    wiki = HttpWiki()
    with wiki.wiki:
        runner = make_runner({**SETTINGS, **wiki.settings()}).start()
        wiki.wiki.away = True
        runner.submit({"entity": "Q1"}, wiki="w")
        wait_until(lambda: wiki.wiki.seen["Q1"] > 1)
        assert runner.result("Q1", "w").status == 404
        wiki.wiki.away = False
        wait_until(lambda: runner.result("Q1", "w").status == 200)
        assert runner.result("Q1", "w").json["incomplete"] == []
