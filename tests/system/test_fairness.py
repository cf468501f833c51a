# SPDX-License-Identifier: GPL-2.0-or-later
"""A slow wiki does not hold up a fast one, low priority not high, and requests that wait no others."""
import concurrent.futures
import time

import pytest

from entities import item, single_value_property
from runner_process import wait_until
from slow_wiki import SlowWiki


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@pytest.fixture
def slow(make_runner):
    """A runner with 5,000 jobs of low priority of a wiki that takes 2 s for an answer."""
    with SlowWiki([single_value_property(), *(item(f"Q{n}") for n in range(1, 5101))],
                  delay=lambda entity: 2.0 if entity.startswith("Q") else 0) as wiki:
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              "workers.threads": 2}).start()
        for first in range(1, 5001, 500):
            assert runner.submit(*({"entity": f"Q{n}", "priority": "low"}
                                   for n in range(first, first + 500)), wiki="slow").status == 202
        wait_until(lambda: wiki.seen["Q1"])
        runner.slow = wiki
        yield runner


def stored_after(runner, number, revision):
    begin = time.monotonic()
    runner.submit({"entity": f"Q{number}", "revision": revision,
                   "document": item(f"Q{number}", revision)})
    wait_until(lambda: runner.result(f"Q{number}").status == 200
               and runner.result(f"Q{number}").json["revision"] == revision, 30, 0.005)
    return time.monotonic() - begin


def test_edits_of_another_wiki_do_not_wait_for_a_slow_fill(slow):
    times = [stored_after(slow, n, 1) for n in range(1, 41)]
    print(f"p50 {percentile(times, 0.5):.3f} s, p99 {percentile(times, 0.99):.3f} s")
    assert percentile(times, 0.99) < 1.0


def test_a_check_of_another_wiki_is_answered_during_a_slow_fill(slow):
    slow.submit({"entity": "Q1", "revision": 1, "document": item("Q1", 1)})
    wait_until(lambda: slow.result("Q1").status == 200)
    assert slow.post("/v1/check", {"wiki": "none", "entity": "Q1", "deadline_ms": 3000}).status == 200


def test_an_urgent_job_of_the_slow_wiki_goes_before_its_fill(slow):
    begin = time.monotonic()
    slow.submit({"entity": "Q5100"}, wiki="slow")
    wait_until(lambda: slow.result("Q5100", wiki="slow").status == 200, 20)
    assert time.monotonic() - begin < 2 + 2
    answer = slow.post("/v1/check", {"wiki": "slow", "entity": "Q5099", "deadline_ms": 9000})
    assert answer.status == 200


def test_many_waiting_checks_starve_no_other(make_runner):
    """900 requests for a result of a wiki that does not answer, and the API is as quick as before."""
    with SlowWiki([single_value_property(), item("Q1")], delay=lambda entity: 30) as wiki:
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              "workers.threads": 2, "server.max_connections": 2000}).start()
        body = b'{"wiki":"slow","entity":"Q%d","deadline_ms":20000}'
        waiting, answers = [], []
        for n in range(1, 901):
            plain = runner.raw()
            text = body % n
            plain.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
            waiting.append(plain)
        wait_until(lambda: runner.metric("constraint_runner_checks_waiting") == 200)
        for path in ("/metrics", "/v1/queue", "/v1/results/none/Q1", "/readyz", "/"):
            begin = time.monotonic()
            assert runner.get(path).status in (200, 404)
            assert time.monotonic() - begin < 1, path
        assert stored_after(runner, 1, 1) < 2
        begin = time.monotonic()
        assert runner.post("/v1/check", {"wiki": "none", "entity": "Q1", "deadline_ms": 20000}).status == 200
        assert time.monotonic() - begin < 1
        for plain in waiting:
            plain.setblocking(False)
            try:
                answers.append(plain.recv(4096))
            except BlockingIOError:
                pass
            plain.close()
    assert len(answers) == 700
    assert all(b" 503 " in a and b"Retry-After: " in a and b'"busy"' in a for a in answers)


def test_many_requests_for_one_entity_are_one_check(make_runner):
    with SlowWiki([single_value_property(), item("Q1")],
                  delay=lambda entity: 0.5 if entity == "Q1" else 0) as wiki:
        runner = make_runner({"wiki.slow.source": "http",
                              "wiki.slow.entity_data_url": wiki.url}).start()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: runner.post(
                "/v1/check", {"wiki": "slow", "entity": "Q1", "deadline_ms": 60000}).status, range(40)))
        assert answers == [200] * 40
        assert wiki.seen["Q1"] <= 6
