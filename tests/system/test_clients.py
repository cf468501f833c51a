# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that misbehave: half a request, silence, thousands of connections."""
import contextlib
import resource
import time

from runner_process import read_all, wait_until

QUICK = {"server.read_timeout": "500ms", "server.idle_timeout": "1s"}


def test_a_half_sent_request_gets_408(make_runner):
    runner = make_runner(QUICK).start()
    half = runner.raw()
    half.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"wiki\":")
    assert runner.get("/healthz").status == 200
    assert read_all(half).startswith(b"HTTP/1.1 408 ")


def test_a_request_that_drips_is_cut_off_all_the_same(make_runner):
    runner = make_runner(QUICK).start()
    slow = runner.raw()
    begin = time.monotonic()
    try:
        for byte in b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 1000:
            slow.sendall(bytes([byte]))
            time.sleep(0.02)
    except ConnectionError:
        pass
    assert time.monotonic() - begin < 5
    assert runner.get("/healthz").status == 200


def test_a_silent_client_is_closed(make_runner):
    runner = make_runner(QUICK).start()
    silent = runner.raw()
    begin = time.monotonic()
    assert read_all(silent) == b""
    assert 0.8 < time.monotonic() - begin < 5


def test_ten_thousand_idle_connections_are_refused_in_good_order(make_runner):
    wanted = 10_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < wanted + 200:
        wanted = hard - 200
        print(f"only {wanted} connections: the limit of open files is {hard}")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    runner = make_runner({"server.max_connections": 500}).start()
    kept = runner.connection()
    kept.request("GET", "/healthz")
    kept.getresponse().read()
    idle = []
    try:
        for _ in range(wanted):
            idle.append(runner.raw())
        # one that was connected before is served while they all hang there
        kept.request("GET", "/healthz")
        assert kept.getresponse().read() == b'{"alive":true}\n'
        refused = wait_until(
            lambda: (n := runner_metric(kept, "constraint_runner_http_connections_refused_total"))
            >= wanted - 500 and n, 60)
        assert refused <= wanted
        # beyond the half that one client may have; while very many are being refused, or when one
        # gives way to a newer one, it is closed without a word
        told = []
        for one in idle[250:500]:
            one.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                told.append(read_all(one))
        assert any(told)
        assert all(t.startswith(b"HTTP/1.1 503 ") and b"Retry-After" in t for t in told if t)
    finally:
        for one in idle:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, soft)
    wait_until(lambda: runner.is_ready() if not runner.ended() else True, 20)
    assert not runner.ended()


def runner_metric(connection, name):
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return next(float(line.split()[1]) for line in text.splitlines()
                if line.startswith(name + " "))


def test_a_connection_serves_many_requests_in_order(shared):
    plain = shared.raw()
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 200
                  + b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answers = read_all(plain)
    assert answers.count(b"HTTP/1.1 200 OK") == 201
    assert answers.rstrip().endswith(b'{"ready":true,"problems":[],"warnings":[]}')
