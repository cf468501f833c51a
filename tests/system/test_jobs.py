# SPDX-License-Identifier: GPL-2.0-or-later
"""The main road: a job in, a stored result out."""
import time

from entities import item, single_value_property
from runner_process import wait_until


def test_a_job_with_a_document_becomes_a_stored_result(shared):
    answer = shared.submit({"entity": "Q100", "revision": 7, "document": item("Q100", 7)})
    assert (answer.status, answer.json) == (202, {"accepted": 1, "coalesced": 0})
    found = wait_until(lambda: (r := shared.result("Q100")).status == 200 and r)
    assert found.json["entity"] == "Q100"
    assert found.json["revision"] == 7
    assert found.json["incomplete"] == []
    assert "latestRevisionIds" in found.json["value"]


def test_a_job_without_document_is_loaded_from_the_source_and_violations_are_found(shared):
    assert shared.submit({"entity": "Q2"}, {"entity": "Q1"}, wiki="file").status == 202
    bad = wait_until(lambda: (r := shared.result("Q2", "file")).status == 200 and r).json
    good = wait_until(lambda: (r := shared.result("Q1", "file")).status == 200 and r).json
    assert (bad["revision"], bad["counts"]["violation"] + bad["counts"]["warning"]) == (20, 2)
    assert (good["counts"]["violation"], good["counts"]["compliance"]) == (0, 1)


def test_a_document_gives_the_revision_when_the_job_does_not(shared):
    shared.submit({"entity": "Q101", "document": item("Q101", 55)})
    found = wait_until(lambda: (r := shared.result("Q101")).status == 200 and r)
    assert found.json["revision"] == 55


def test_an_older_revision_never_replaces_a_newer_one(shared):
    for revision in (9, 8):
        shared.submit({"entity": "Q102", "revision": revision,
                       "document": item("Q102", revision)})
        wait_until(shared.is_idle)
    assert shared.result("Q102").json["revision"] == 9


def test_a_lowercase_id_means_the_same_entity(shared):
    shared.submit({"entity": "q103", "document": item("Q103")})
    assert wait_until(lambda: shared.result("q103").status == 200)
    assert shared.result("Q103").json["entity"] == "Q103"


def test_no_jobs_are_accepted_as_none(shared):
    assert shared.submit().json == {"accepted": 0, "coalesced": 0}


def test_a_missing_entity_and_a_redirect_have_no_result(shared):
    assert shared.submit({"entity": "Q404"}, {"entity": "Q3"}, wiki="file").status == 202
    wait_until(shared.is_idle)
    assert shared.result("Q404", "file").status == 404
    assert shared.result("Q3", "file").status == 404
    assert not [j for j in shared.get("/v1/dead?wiki=file").json["jobs"]]


def test_check_gives_a_result_now(make_runner):
    runner = make_runner().start()
    answer = runner.post("/v1/check", {"wiki": "file", "entity": "Q2", "deadline_ms": 5000})
    assert (answer.status, answer.json["revision"]) == (200, 20)
    before = runner.metric("constraint_runner_jobs_accepted_total")
    again = runner.post("/v1/check", {"wiki": "file", "entity": "Q2", "deadline_ms": 5000})
    assert again.json["checked_at"] == answer.json["checked_at"], "was fresh, and checked again"
    assert runner.metric("constraint_runner_jobs_accepted_total") == before


def test_check_does_not_give_the_result_that_the_caller_knows_to_be_stale(make_runner):
    runner = make_runner().start()
    body = {"wiki": "file", "entity": "Q2", "revision": 20, "deadline_ms": 5000}
    first = runner.post("/v1/check", body).json
    second = runner.post("/v1/check", {**body, "other_than": first["checked_at"]}).json
    assert second["checked_at"] > first["checked_at"]
    third = runner.post("/v1/check", {**body, "other_than": first["checked_at"]}).json
    assert third["checked_at"] == second["checked_at"], "there was another one already"


def test_check_of_a_missing_entity_is_404(shared):
    answer = shared.post("/v1/check", {"wiki": "file", "entity": "Q404", "deadline_ms": 5000})
    assert (answer.status, answer.error["code"]) == (404, "no_entity")


def test_check_past_its_deadline_is_504(shared):
    begin = time.monotonic()
    answer = shared.post("/v1/check", {"wiki": "none", "entity": "Q777", "revision": 5,
                                       "deadline_ms": 300})
    assert (answer.status, answer.error["code"]) == (504, "deadline")
    assert 0.25 < time.monotonic() - begin < 3


def test_dead_jobs_say_why_and_can_be_retried(make_runner):
    runner = make_runner().start()
    runner.submit({"entity": "Q5", "revision": 3})  # no document, no source
    wait_until(lambda: runner.queue()["dead"] == 1)
    dead = runner.get("/v1/dead?wiki=none").json["jobs"][0]
    assert (dead["wiki"], dead["entity"], dead["revision"]) == ("none", "Q5", 3)
    assert "no document" in dead["reason"]
    assert runner.post("/v1/dead/retry", {"wiki": "none", "entity": "Q5"}).json == {"retried": 1}
    wait_until(lambda: runner.queue()["dead"] == 1)
    assert runner.post("/v1/dead/retry", {}).json == {"retried": 1}
    wait_until(lambda: runner.queue()["dead"] == 1)
    assert runner.get("/v1/dead?limit=1&after=none|Q5").json["jobs"] == []


def test_metrics_and_status_page_tell_of_the_work(shared):
    wait_until(shared.is_idle)
    text = shared.get("/metrics").body.decode()
    assert 'constraint_runner_http_requests_total{route="/v1/jobs",status="202"}' in text
    assert shared.metric("constraint_runner_jobs_accepted_total") > 0
    assert shared.metric("constraint_runner_job_seconds_count") > 0
    assert "constraint_runner_ready 1" in text
    page = shared.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"Ready." in page.body and b"http" not in page.body


def test_the_status_page_says_in_sentences_what_was_found_last(make_runner):
    runner = make_runner().start()
    assert b"Found last" not in runner.get("/").body
    runner.submit({"entity": "P10", "document": single_value_property()})
    wait_until(runner.is_idle)
    runner.submit({"entity": "Q1", "document": item("Q1", 1, "ab")},
                  {"entity": "Q2", "document": item("Q2", 1, "ab")})
    wait_until(runner.is_idle)
    runner.submit({"entity": "Q2", "revision": 2, "document": item("Q2", 2, "a")})
    wait_until(runner.is_idle)
    page = runner.get("/").body.decode()
    assert "<td>Q1</td><td>warning</td><td>P10 should have a single value.</td>" in page
    assert "<td>Q2</td>" not in page  # it was fixed


def test_latency_is_low_when_all_is_quiet(make_runner):
    runner = make_runner().start()
    times = []
    for n in range(1, 21):
        begin = time.monotonic()
        runner.submit({"entity": f"Q{n}", "document": item(f"Q{n}")})
        wait_until(lambda e=f"Q{n}": runner.result(e).status == 200, step=0.001)
        times.append(time.monotonic() - begin)
    assert sorted(times)[10] < 0.25, "the queue is polled, not woken"
