# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /v1/events?kind=import: each change of an import's status, in the stream of all events."""
import csv
import io
import json

import psycopg
import pytest

from entities import item, single_value_property
from event_stream import EventStream, Refused
from runner_process import wait_until

OVER = ("complete", "failed", "cancelled")
FAST = {"imports.poll_interval": "50ms", "imports.backoff_base": "20ms",
        "imports.backoff_max": "100ms"}


def ask(runner, wiki="file", **fields):
    answer = runner.post("/v1/import", {"import_method": "entities", "wiki": wiki,
                                        "entities": ["Q1", "Q2"], **fields})
    assert answer.status == 202, answer
    return answer.json["job_id"]


def status(runner, job):
    return runner.get(f"/v1/import/{job}/status").json


def ended(runner, job):
    wait_until(lambda: status(runner, job)["status"] in OVER)
    return status(runner, job)


def page(runner, query=""):
    answer = runner.get("/v1/events?kind=import&limit=1000" + query)
    assert answer.status == 200, answer
    return answer.json


def steps(events, job):
    return [(e["previous_status"], e["status"]) for e in events if e["job_id"] == job]


def test_who_listens_hears_how_an_import_goes(make_runner):
    runner = make_runner(FAST).start()
    with EventStream(runner, "?kind=import", kind="import") as stream, \
            EventStream(runner) as results, EventStream(runner, "?kind=result") as named, \
            EventStream(runner, "?kind=import&wiki=none", kind="import") as other:
        job = ask(runner, label="round 12")
        stream.wait_for(lambda: stream.events and stream.events[-1]["status"] == "complete")
        results.wait_for(lambda: results.events)
        named.wait_for(lambda: named.events == results.events)
    assert not other.events
    assert steps(stream.events, job) == [(None, "queued"), ("queued", "running"),
                                         ("running", "complete")]
    first, last = stream.events[0], stream.events[-1]
    assert set(first) == {"id", "wiki", "created_at", "job_id", "import_method", "label", "owner",
                          "status", "previous_status", "total", "done", "failed", "counts", "error"}
    assert (first["wiki"], first["import_method"], first["label"]) == ("file", "entities", "round 12")
    assert first["owner"].startswith("uid ") and first["error"] is None
    assert (last["total"], last["done"], last["counts"]["entities_checked"]) == (2, 2, 2)
    assert page(runner)["events"] == stream.events
    assert all("entity" in e for e in results.events), "results are told as before"
    assert runner.get("/v1/events?limit=1000").json["events"] == results.events


def test_who_comes_back_misses_nothing_whatever_the_pages(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0}).start()
    jobs = [ask(runner, entities=[f"Q{n}"]) for n in range(1, 6)]
    with EventStream(runner, "?kind=import&after=oldest", kind="import") as stream:
        stream.wait_for(lambda: len(stream.events) == 5)
    for job in jobs:
        assert runner.request("DELETE", f"/v1/import/{job}").status == 200
    with EventStream(runner, "?kind=import", {"Last-Event-ID": stream.events[2]["id"]},
                     kind="import") as again:
        again.wait_for(lambda: len(again.events) == 7)
    whole = page(runner, "&after=oldest")["events"]
    assert whole == stream.events + again.events[2:]
    for limit in (1, 3, 10):
        events, place, more = [], "oldest", True
        while more:
            answer = runner.get(f"/v1/events?kind=import&limit={limit}&after={place}").json
            events += answer["events"]
            place, more = answer["next"], answer["more"]
        assert events == whole
    rows = list(csv.DictReader(io.StringIO(
        runner.get("/v1/events?kind=import&format=csv").body.decode(), newline="")))
    assert [(r["job_id"], r["status"]) for r in rows] == [
        (str(e["job_id"]), e["status"]) for e in whole]
    lines = runner.get("/v1/events?kind=import&format=ndjson").body.decode().splitlines()
    assert [json.loads(line) for line in lines] == whole


def test_a_failed_one_that_is_retried_is_told_as_both(make_runner):
    runner = make_runner({**FAST, "imports.max_attempts": 1, "wiki.file.api_url":
                          "http://127.0.0.1:1/api.php"}).start()
    job = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                     "from": "api"}).json["job_id"]
    assert ended(runner, job)["status"] == "failed"
    assert runner.post(f"/v1/import/{job}/retry", {}).status == 200
    wait_until(lambda: steps(page(runner)["events"], job)[-1] == ("running", "failed") and
               len(steps(page(runner)["events"], job)) == 5)
    events = page(runner)["events"]
    assert steps(events, job) == [(None, "queued"), ("queued", "running"), ("running", "failed"),
                                  ("failed", "running"), ("running", "failed")]
    assert events[2]["error"]["code"] == "unavailable" and events[3]["error"] is None


def test_a_change_that_a_kill_undoes_is_no_event_and_one_that_stays_is(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0}).start()
    job = ask(runner)
    runner.kill()
    runner.start()
    assert steps(page(runner)["events"], job) == [(None, "queued")]
    with psycopg.connect(runner.settings["database.conninfo"]) as slow:
        slow.execute("UPDATE constraint_runner.import SET state = 'cancelled', ended_at = now()")
        later = ask(runner, entities=["Q9"])
        # what is committed later with an earlier place is not passed over
        assert [e["job_id"] for e in page(runner)["events"]] == [job]
        slow.commit()
    wait_until(lambda: len(page(runner)["events"]) == 3)
    events = page(runner)["events"]
    assert steps(events, job) == [(None, "queued"), ("queued", "cancelled")]
    assert steps(events, later) == [(None, "queued")]


def test_another_runner_tells_of_them_at_once(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0}).start()
    other = make_runner({**FAST, "imports.threads": 0},
                        conninfo=runner.settings["database.conninfo"]).start()
    with EventStream(other, "?kind=import", kind="import") as stream:
        job = ask(runner)
        stream.wait_for(lambda: steps(stream.events, job) == [(None, "queued")])


def test_a_token_of_a_wiki_hears_of_its_own_alone(make_runner, tmp_path):
    token = "token-of-wiki-none-1"
    (tmp_path / "none").write_text(token)
    runner = make_runner({"imports.threads": 0, "wiki.none.token_file": tmp_path / "none",
                          "wiki.none.source": "file",
                          "wiki.none.files": [tmp_path / "none.ndjson"]})
    (tmp_path / "none.ndjson").write_text(json.dumps(item("Q1", 1)) + "\n")
    runner.start()
    own = {"Authorization": f"Bearer {token}"}
    ask(runner, wiki="file")
    mine = ask(runner, wiki="none")
    wait_until(lambda: len(page(runner)["events"]) == 2)
    answer = runner.get("/v1/events?kind=import&limit=10", headers=own)
    assert [e["job_id"] for e in answer.json["events"]] == [mine]
    refused = runner.get("/v1/events?kind=import&limit=10&wiki=file", headers=own)
    assert (refused.status, refused.error["code"]) == (404, "unknown_wiki")
    with EventStream(runner, "?kind=import&after=oldest", own, kind="import") as stream:
        stream.wait_for(lambda: stream.events)
        runner.request("DELETE", f"/v1/import/{mine}")
        stream.wait_for(lambda: len(stream.events) == 2)
    assert {e["job_id"] for e in stream.events} == {mine}


def test_they_are_removed_with_age_as_the_others_are(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0, "events.keep": "2s"}).start()
    ask(runner)
    first = page(runner)["events"][0]["id"] if page(runner)["events"] else None
    wait_until(lambda: not page(runner)["events"], 60)
    if first:
        gone = runner.get("/v1/events?kind=import&limit=1&after=1-1")
        assert gone.status == 410


@pytest.mark.parametrize("query, field", [("kind=job", "kind"), ("kind=import&property=P1", "property"),
                                          ("kind=import&type=Q1", "type")])
def test_what_is_no_question_about_imports_is_refused(shared, query, field):
    answer = shared.get("/v1/events?limit=1&" + query)
    assert (answer.status, answer.error["field"]) == (400, field)
    with pytest.raises(Refused):
        EventStream(shared, "?" + query)


def test_dumps_of_what_changed_know_nothing_of_them(make_runner, tmp_path):
    runner = make_runner(FAST, entities=[single_value_property(), item("Q1", 10, "ab")]).start()
    ended(runner, ask(runner, entities=["P10", "Q1"]))
    folder = tmp_path / "dump"
    done = runner.run("dump", "--output", str(folder), "--wiki", "file", "--since", "1", "--format",
                      "nt", "--format", "json", "--compress", "none")
    assert done.returncode == 0, done.stderr
    text = "".join(p.read_text() for p in folder.iterdir() if p.name != "manifest.json")
    assert "Q1" in text and "import/" not in text


def test_the_command_line_follows_imports(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0}).start()
    job = ask(runner)
    wait_until(lambda: page(runner)["events"])
    done = runner.run("events", "--kind", "import")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["job_id"] for line in done.stdout.splitlines()] == [job]
    assert runner.run("events").stdout == ""
    assert runner.run("events", "--kind", "job").returncode == 64
