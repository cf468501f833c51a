# SPDX-License-Identifier: GPL-2.0-or-later
"""Invalid requests: each gets an error that says what is wrong, and does not affect others."""
import json

import pytest

from entities import item, single_value_property
from runner_process import wait_until


def jobs(*entries, wiki="none"):
    return {"wiki": wiki, "jobs": list(entries)}


def check(**members):
    return {"type": "check", **members}


@pytest.mark.parametrize("body, status, field", [
    (jobs(check(entity=42)), 400, "jobs[0].entity"),
    (jobs(check(entity="Q0")), 400, "jobs[0].entity"),
    (jobs(check(entity="Q1"), check(entity="q42;DROP")), 400, "jobs[1].entity"),
    (jobs(check(entity="Q99999999999")), 400, "jobs[0].entity"),
    (jobs(check(entity="Q1\u0000")), 400, "jobs[0].entity"),
    (jobs(check(entity="E15")), 400, "jobs[0].entity"),
    (jobs(check(entity=None)), 400, "jobs[0].entity"),
    (jobs(check()), 400, "jobs[0].entity"),
    (jobs({"entity": "Q1"}), 400, "jobs[0].type"),
    (jobs({"entity": "Q1", "type": "import"}), 400, "jobs[0].type"),
    (jobs(check(entity="Q1", revision=-1)), 400, "jobs[0].revision"),
    (jobs(check(entity="Q1", revision=2 ** 64)), 400, "jobs[0].revision"),
    (jobs(check(entity="Q1", revision="1")), 400, "jobs[0].revision"),
    (jobs(check(entity="Q1", priority=3)), 400, "jobs[0].priority"),
    (jobs(check(entity="Q1", document="{}")), 400, "jobs[0].document"),
    (jobs(check(entity="Q1", document={"id": "Q2"})), 400, "jobs[0].document.id"),
    (jobs(check(entity="Q1", colour="red")), 400, "jobs[0].colour"),
    (jobs("Q1"), 400, "jobs[0]"),
    ({"wiki": "none", "jobs": {}}, 400, "jobs"),
    ({"wiki": "none"}, 400, "jobs"),
    ({"jobs": []}, 400, "wiki"),
    ({"wiki": 7, "jobs": []}, 400, "wiki"),
    ([], 400, "body"),
    (jobs(check(entity="Q1"), wiki="nowiki"), 404, "wiki"),
    (jobs(check(entity="Q1"), wiki="none'; DROP TABLE job; --"), 404, "wiki"),
])
def test_a_wrong_field_is_named(shared, body, status, field):
    answer = shared.post("/v1/jobs", body)
    assert (answer.status, answer.error["field"]) == (status, field), answer
    assert answer.error["message"].startswith(field)


def test_the_message_shows_the_value(shared):
    answer = shared.post("/v1/jobs", jobs(*[check(entity="Q1")] * 3, check(entity="q42;DROP")))
    assert answer.error["message"] == 'jobs[3].entity: "q42;DROP" is not an entity id'


@pytest.mark.parametrize("body", [
    b"", b"{", b'{"wiki":"none","jobs":[}', b'{"wiki":"none" "jobs":[]}', b"{'wiki':1}",
    b'{"wiki":"none","jobs":[],}', b'{"wiki":"none","jobs":[]} x', b"\xef\xbb\xbf{}", b"\x00",
    b'{"wiki":"n\xffone","jobs":[]}', b'{"wiki":"\xc0\xae","jobs":[]}', b'{"wiki":"a\nb"}',
    b'{"wiki":"\\ud800","jobs":[]}',
    b'{"wiki":"none","jobs":[{"type":"check","entity":"Q1","document":{"a":"\xed\xa0\x80"}}]}',
    b'{"wiki":"none","jobs":[{"type":"check","entity":"Q1","document":{"a":01}}]}',
])
def test_what_is_no_json_in_utf8_is_400(shared, body):
    answer = shared.post("/v1/jobs", body)
    assert answer.status == 400, answer
    assert answer.error["code"] in ("bad_json", "bad_field")


@pytest.mark.parametrize("nested", [
    "[" * 100_000, '{"a":' * 100_000, "[" * 101 + "]" * 101])
def test_deep_nesting_is_refused(shared, nested):
    body = '{"wiki":"none","jobs":[{"type":"check","entity":"Q1","document":{"a":' + nested
    answer = shared.post("/v1/jobs", body)
    assert answer.status == 400
    assert "nesting" in answer.error["message"]


def test_a_key_given_twice_is_refused(shared):
    answer = shared.post("/v1/jobs", '{"wiki":"none","wiki":"file","jobs":[]}')
    assert (answer.status, answer.error["field"]) == (400, "wiki")


def test_too_many_jobs_are_413(make_runner):
    runner = make_runner({"server.max_jobs_per_request": 5}).start()
    six = [check(entity=f"Q{n}") for n in range(1, 7)]
    assert runner.post("/v1/jobs", jobs(*six)).status == 413
    assert runner.post("/v1/jobs", jobs(*six[:5], wiki="file")).status == 202


def test_an_oversized_body_is_413_and_the_connection_is_not_left_hanging(make_runner):
    runner = make_runner({"server.max_body": "10KiB"}).start()
    answer = runner.post("/v1/jobs", b"x" * 20_000)
    assert (answer.status, answer.error["code"]) == (413, "body_too_large")
    assert answer.headers["Connection"] == "close"
    assert runner.get("/healthz").status == 200


def test_a_full_queue_is_503_with_retry_after(make_runner):
    runner = make_runner({"queue.max_length": 3, "queue.backoff_base": "1h",
                          "queue.backoff_max": "1h", "wiki.http.source": "http",
                          "wiki.http.entity_data_url": "http://127.0.0.1:1/",
                          "wiki.http.http_retries": 0}).start()
    runner.submit(*[{"entity": f"Q{n}"} for n in range(1, 4)], wiki="http")
    answer = wait_until(lambda: (r := runner.submit({"entity": "Q9"}, wiki="http")).status == 503
                        and r)
    assert answer.error["code"] == "queue_full"
    assert int(answer.headers["Retry-After"]) >= 1
    queue = runner.queue()
    assert queue["delayed"] + queue["ready"] + queue["leased"] <= 4


@pytest.mark.parametrize("path, status", [
    ("/v1/results/none/Q0", 400), ("/v1/results/none/q42%3BDROP", 400),
    ("/v1/results/nowiki/Q1", 404), ("/v1/results/none/Q123456", 404), ("/v1/results/none", 404),
    ("/v1/dead?limit=0", 400), ("/v1/dead?limit=x", 400), ("/v1/dead?after=x", 400),
    ("/v1/dead?wiki=nowiki", 404), ("/nothing", 404), ("/v1/%zz", 400)])
def test_wrong_paths_and_parameters(shared, path, status):
    assert shared.get(path).status == status


def test_methods(shared):
    assert shared.get("/v1/jobs").status == 405
    assert shared.get("/v1/jobs").headers["Allow"] == "POST"
    assert shared.request("DELETE", "/v1/queue").headers["Allow"] == "GET, HEAD"
    head = shared.request("HEAD", "/healthz")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


@pytest.mark.parametrize("body, field", [
    ({"entity": "Q1", "deadline_ms": 1}, "wiki"),
    ({"wiki": "none", "deadline_ms": 1}, "entity"),
    ({"wiki": "none", "entity": "Q1"}, "deadline_ms"),
    ({"wiki": "none", "entity": "Q1", "deadline_ms": -1}, "deadline_ms"),
    ({"wiki": "none", "entity": "Q1", "deadline_ms": 10 ** 9}, "deadline_ms")])
def test_a_wrong_check_request(shared, body, field):
    answer = shared.post("/v1/check", body)
    assert (answer.status, answer.error["field"]) == (400, field)


def test_an_entity_of_ten_megabytes_is_checked(make_runner):
    runner = make_runner().start()
    large = item("Q8", 3, [f"{n:06d}" + "ä" * 250 for n in range(16_000)])
    body = json.dumps(jobs(check(entity="Q8", document=large)), ensure_ascii=False).encode()
    assert 10_000_000 < len(body) < 16_000_000
    assert runner.post("/v1/jobs", body).status == 202
    result = wait_until(lambda: (r := runner.result("Q8")).status == 200 and r, 60)
    assert result.json["revision"] == 3


def test_a_document_that_is_no_entity_goes_to_the_dead_list_with_its_reason(make_runner):
    runner = make_runner().start()
    broken = item("Q6")
    del broken["claims"]["P10"][0]["mainsnak"]
    runner.submit({"entity": "Q6", "document": broken},
                  {"entity": "Q7", "document": {"id": "Q7", "claims": 5}})
    wait_until(lambda: runner.queue()["dead"] == 2)
    reasons = {j["entity"]: j["reason"] for j in runner.get("/v1/dead").json["jobs"]}
    assert "mainsnak" in reasons["Q6"]
    assert "claims" in reasons["Q7"] or "type" in reasons["Q7"]
    assert all(j["attempts"] == 1 for j in runner.get("/v1/dead").json["jobs"]), "it was retried"


def test_an_entity_that_breaks_too_much_goes_to_the_dead_list(make_runner):
    runner = make_runner({"workers.max_result_bytes": "1MiB"}).start()
    runner.submit(*({"entity": entity, "document": item(entity, 1, map(str, range(count)))}
                    for entity, count in (("Q6", 4_000), ("Q7", 400))), wiki="file")
    wait_until(lambda: runner.queue()["dead"] == 1 and runner.result("Q7", "file").status == 200)
    dead, = runner.get("/v1/dead").json["jobs"]
    assert dead["entity"] == "Q6"
    assert "larger than 1048576 bytes (workers.max_result_bytes)" in dead["reason"]
    assert runner.result("Q6", "file").status == 404


def test_a_constraint_of_nonsense_is_a_result_not_a_failure(make_runner):
    prop = single_value_property()
    prop["claims"]["P2302"][0]["qualifiers"] = {
        p: [{"snaktype": kind, "property": p, **value}]
        for p, kind, value in [
            ("P2316", "somevalue", {}), ("P2303", "novalue", {}),
            ("P4680", "value", {"datavalue": {"type": "string", "value": "x"}}),
            ("P4155", "value", {"datavalue": {"type": "quantity", "value": {"amount": "x"}}}),
            ("P6607", "value", {"datavalue": {"type": "time", "value": []}})]}
    runner = make_runner(entities=[prop, item("Q2", 20, ("a", "b"))]).start()
    answer = runner.post("/v1/check", {"wiki": "file", "entity": "Q2", "deadline_ms": 5000})
    assert answer.status == 200, runner.log()
    assert answer.json["counts"]["bad-parameters"] > 0


def test_unreadable_configuration(make_runner, tmp_path):
    runner = make_runner()
    runner.config.write_text("[server\n")
    broken = runner.run("serve")
    assert (broken.returncode, "runner.toml:" in broken.stderr) == (78, True), broken
    runner.config.write_text("[server]\nsokcet = '/x'\n")
    unknown = runner.run("serve")
    assert unknown.returncode == 78 and "socket" in unknown.stderr
    runner.config = tmp_path / "none.toml"
    missing = runner.run("serve")
    assert missing.returncode in (66, 78) and "none.toml" in missing.stderr
    assert "Traceback" not in missing.stderr
