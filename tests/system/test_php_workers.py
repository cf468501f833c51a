# SPDX-License-Identifier: GPL-2.0-or-later
"""PHP workers as source, as second engine and as proof, with workers that are made of Python."""
import contextlib
import json
import os
import signal
import sys

import pytest

from entities import item, single_value_property
from runner_process import ROOT, Runner, is_there, wait_until

WORKER = ROOT / "tests/support/fake_worker.py"
UNKNOWN = "Q1234"  # a constraint type that is not checked natively


class Wiki:
    """A wiki "php", the folder of its workers, and the runner."""

    def __init__(self, conninfo, folder, **settings):
        self.folder = folder
        (folder / "only-files").touch()
        (folder / "types").write_text(UNKNOWN)
        self.runner = Runner(conninfo, settings={
            "wiki.php.source": "php",
            "wiki.php.php_command": [sys.executable, WORKER, folder],
            "wiki.php.php_workers": 2,
            **{f"wiki.php.{k}": v for k, v in settings.items()}})

    def save(self, document):
        path = self.folder / f"{document['id']}.json"
        path.with_suffix(".new").write_text(json.dumps(document))
        path.with_suffix(".new").rename(path)

    def check(self, *entities):
        answer = self.runner.submit(*({"entity": e} for e in entities), wiki="php")
        assert answer.status == 202, answer

    def stored(self, entity, revision):
        def there():
            answer = self.runner.result(entity, "php")
            return answer.status == 200 and answer.json["revision"] >= revision and answer.json
        return wait_until(there)

    def requests(self):
        """That the workers have answered."""
        with contextlib.suppress(FileNotFoundError):
            return len((self.folder / "asked").read_text().splitlines())
        return 0

    def workers(self):
        with contextlib.suppress(FileNotFoundError):
            return [int(line) for line in (self.folder / "starts").read_text().split()]
        return []


@pytest.fixture
def make(postgres, tmp_path):
    made = []

    def start(**settings):
        wiki = Wiki(postgres.create_database(), tmp_path, **settings)
        made.append(wiki)
        return wiki
    yield start
    for wiki in made:
        wiki.runner.close()


def test_entities_and_properties_come_from_the_workers(make):
    wiki = make()
    wiki.save(single_value_property(revision=3))
    wiki.save(item("Q1", revision=5, values=("a", "b")))
    wiki.runner.start()
    wiki.check("Q1", "Q2")
    result = wiki.stored("Q1", 5)
    assert result["counts"]["warning"] + result["counts"]["violation"] == 2
    assert result["value"]["latestRevisionIds"] == {"Q1": 5, "P10": 3}
    wait_until(wiki.runner.is_idle)
    assert wiki.runner.result("Q2", "php").status == 404
    assert wiki.runner.post("/v1/check", {"wiki": "php", "entity": "Q1",
                                           "deadline_ms": 5000}).status == 200
    assert wiki.runner.metric("constraint_runner_php_requests_total") >= 2
    assert wiki.runner.metric("constraint_runner_php_workers") >= 1


def test_workers_that_are_killed_lose_nothing_and_are_replaced(make):
    wiki = make(php_requests=50)
    wiki.save(single_value_property())
    entities = [f"Q{i}" for i in range(1, 201)]
    for entity in entities:
        wiki.save(item(entity, revision=2))
    wiki.runner.start()
    wiki.check(*entities)
    killed = 0
    for i in range(10):  # each after some work, so that what is done is done in spite of it
        wait_until(lambda i=i: wiki.requests() > 10 * (i + 1) or wiki.runner.is_idle())
        with contextlib.suppress(ProcessLookupError):
            os.kill(wiki.workers()[-1], signal.SIGKILL)
            killed += 1
    for entity in entities:
        assert wiki.stored(entity, 2)
    assert killed > 0 and wiki.runner.queue()["dead"] == 0
    assert len(wiki.workers()) > 2


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_no_worker_outlives_the_runner(make, how):
    wiki = make()
    wiki.save(item("Q1", revision=2))
    wiki.runner.start()
    wiki.check("Q1")
    wiki.stored("Q1", 2)
    workers = wiki.workers()
    assert workers
    if how == "stopped":
        assert wiki.runner.stop() == 0
    else:
        wiki.runner.kill()
    wait_until(lambda: not any(is_there(w) for w in workers))


def test_without_a_worker_jobs_wait_and_are_done_when_there_is_one(make, tmp_path):
    script = tmp_path / "worker.sh"
    script.write_text("#!/bin/sh\necho no database >&2; exit 1\n")
    script.chmod(0o755)
    wiki = make(php_command=[script])
    wiki.runner.write_config(queue__backoff_max="200ms", queue__max_attempts=1000)
    wiki.save(item("Q1", revision=2))
    wiki.runner.start()
    wiki.check("Q1")
    wait_until(lambda: "no database" in wiki.runner.log())
    answer = wiki.runner.post("/v1/check", {"wiki": "php", "entity": "Q1", "deadline_ms": 500})
    assert answer.status in (503, 504)
    script.with_suffix(".new").write_text(f"#!/bin/sh\nexec {sys.executable} {WORKER} {tmp_path}\n")
    script.with_suffix(".new").chmod(0o755)
    script.with_suffix(".new").rename(script)
    wait_until(lambda: wiki.runner.result("Q1", "php").status == 200, 60)


def with_unknown_type(revision=3):
    document = single_value_property(revision=revision)
    more = single_value_property(constraint=UNKNOWN)["claims"]["P2302"][0]
    document["claims"]["P2302"].append({**more, "id": more["id"][:-1] + "2"})
    return document


def test_constraint_types_that_only_wbqc_supports_are_checked_by_it(make):
    wiki = make()
    wiki.save(with_unknown_type())
    wiki.save(item("Q1", revision=5, values=("a", "b")))
    wiki.runner.start()
    wiki.check("Q1")
    result = wiki.stored("Q1", 5)
    assert result["engine"] == "native+php" and not result["incomplete"]
    keys = [r["m"]["k"] for r in result["value"]["results"] if "m" in r]
    assert sorted(set(keys)) == ["only-wbqc", "single-value"]
    assert result["counts"]["violation"] >= 1


def test_when_wbqc_can_not_the_rest_is_stored_as_incomplete_until_it_can(make, tmp_path):
    command = tmp_path / "worker"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{WORKER}' '{tmp_path}'\n")
    command.chmod(0o755)
    wiki = make(source="file", files=[tmp_path / "all.ndjson"], php_command=[command],
                php_workers=1, php_requests=1)
    documents = [with_unknown_type(), item("Q1", revision=5, values=("a", "b")),
                 item("Q2", revision=5, values=())]
    (tmp_path / "all.ndjson").write_text("".join(json.dumps(d) + "\n" for d in documents))
    wiki.runner.start()
    wiki.check("Q2")
    wiki.stored("Q2", 5)  # the settings of the wiki are known now
    command.unlink()
    wiki.check("Q1")
    result = wiki.stored("Q1", 5)
    assert result["engine"] == "native" and str(command) in result["incomplete"][0]
    assert any(r.get("m", {}).get("k") == "single-value" for r in result["value"]["results"])


def test_differences_from_wbqc_are_kept_and_removed(make):
    wiki = make(verify_sample=1, verify_keep="2s")
    wiki.save(single_value_property(revision=3))
    wiki.save(item("Q1", revision=5, values=("a", "b")))
    wiki.runner.start()
    wiki.check("Q1")
    wiki.stored("Q1", 5)

    def rows():
        return wiki.runner.get("/v1/parity?wiki=php").json["differences"]
    found = wait_until(rows)
    assert {row["entity"] for row in found} == {"Q1"}
    [row] = [r for r in found if r["property"] == "P10"]
    assert row["revision"] == 5 and row["php"] == [] and len(row["native"]) == 2
    assert wiki.runner.metric("constraint_runner_verified_total") == 1
    assert wiki.runner.metric("constraint_runner_verify_differences_total") >= 1
    wait_until(lambda: not rows())


def test_equal_results_are_no_difference(make):
    wiki = make(verify_sample=1)
    wiki.save(single_value_property(revision=3))
    wiki.save(item("Q1", revision=5))
    lines = wiki.runner.run("check", "--wiki", "php", "Q1").stdout.splitlines()
    (wiki.folder / "results").write_text(json.dumps(json.loads(lines[0])["results"]))
    wiki.runner.start()
    wiki.check("Q1")
    wiki.stored("Q1", 5)
    wait_until(lambda: wiki.runner.metric("constraint_runner_verified_total") == 1)
    assert wiki.runner.get("/v1/parity").json == {"differences": []}


@pytest.mark.parametrize("settings, words", [
    ({"php_command": []}, "php_command"),
    ({"php_command": ["php", ""]}, "empty string"),
    ({"verify_sample": 1.5}, "a number from 0 to 1"),
    ({"verify_sample": "much"}, "a number from 0 to 1"),
    ({"php_workers": 0}, "a whole number from 1"),
    ({"source": "none", "php_command": [], "verify_sample": 0.5}, "needs php_command"),
])
def test_invalid_settings_are_reported(make, settings, words):
    wiki = make(**settings)
    done = wiki.runner.run("config", "check")
    assert done.returncode == 78 and words in done.stderr, done
    assert "wiki.php." in done.stderr
