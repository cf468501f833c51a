# SPDX-License-Identifier: GPL-2.0-or-later
"""Start, reload and end of the process; its socket; what systemd is told."""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest

from entities import item
from runner_process import wait_until


def test_it_refuses_to_run_as_root(make_runner):
    if os.geteuid() != 0:
        pytest.skip("needs root to be refused")
    runner = make_runner({"server.allow_root": False})
    refused = runner.run("serve")
    assert (refused.returncode, "root" in refused.stderr) == (77, True), refused


def test_a_second_runner_on_the_socket_is_refused(runner):
    second = runner.run("serve")
    assert second.returncode == 71 and "already running" in second.stderr
    assert runner.is_ready()


def test_the_socket_has_its_mode_and_a_stale_one_is_replaced(make_runner):
    runner = make_runner({"server.socket_mode": "0640"}).start()
    assert stat.S_IMODE(os.stat(runner.socket).st_mode) == 0o640
    runner.kill()
    assert runner.socket.exists()
    runner.start()
    assert runner.stop() == 0
    assert not runner.socket.exists()


def test_only_loopback_tcp(make_runner):
    runner = make_runner({"server.listen": "0.0.0.0:0"})
    refused = runner.run("serve")
    assert refused.returncode == 78 and "loopback" in refused.stderr
    token = runner.folder / "token"
    token.write_text("a-token-of-many-letters\n")
    token.chmod(0o600)
    runner.write_config(server__listen="127.0.0.1:0", server__token_file=token)
    runner.start()
    line = next(li for li in runner.log().splitlines() if " and 127.0.0.1:" in li)
    port = int(line.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert plain.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_sigterm_drains_and_the_next_start_continues(make_runner):
    runner = make_runner({"workers.threads": 1}).start()
    jobs = [{"entity": f"Q{n}", "document": item(f"Q{n}", 1, [str(v) for v in range(50)])}
            for n in range(1, 801)]
    assert runner.submit(*jobs).status == 202
    assert runner.stop() == 0, runner.log()
    assert "stopped" in runner.log()
    left = json.loads(runner.run("status", "--json").stdout)["queue"]
    assert sum(counts["leased"] for counts in left.values()) == 0, "leases were not given back"
    runner.start()
    wait_until(runner.is_idle, 60)
    assert all(runner.result(j["entity"]).status == 200 for j in jobs)


class Clients:
    """Connect, ask a moment later and connect again, until a connection is refused or `end` is
    called."""

    def __init__(self, runner):
        self.runner, self.over, self.answered = runner, False, 0
        self.refused, self.problems = None, []
        self.threads = [threading.Thread(target=self._ask_on) for _ in range(16)]
        for thread in self.threads:
            thread.start()

    def _ask_on(self):
        while not self.over:
            try:
                client = self.runner.raw()
            except OSError as problem:
                self.refused = problem
                return
            try:
                time.sleep(0.002)
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
                answer = client.recv(100)
                assert answer.startswith(b"HTTP/1.1 "), answer
                self.answered += 1
            except (OSError, AssertionError) as problem:
                self.problems.append(problem)
            finally:
                client.close()

    def end(self):
        self.over = True
        for thread in self.threads:
            thread.join(20)
        assert self.problems == [] and self.answered > 100
        return self


def test_a_stop_answers_every_connection_that_was_made(make_runner):
    """Also one whose request comes after the signal, or that was not accepted yet."""
    runner = make_runner()
    for _ in range(3):
        runner.start()
        clients = Clients(runner)
        time.sleep(0.3)
        assert runner.stop() == 0
        assert clients.end().refused


def test_sigterm_answers_who_waits_and_a_second_one_stops_at_once(make_runner):
    runner = make_runner({"server.drain_timeout": "60s", "server.read_timeout": "60s"}).start()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(runner.post(
        "/v1/check", {"wiki": "none", "entity": "Q1", "revision": 9, "deadline_ms": 60000})))
    waiting.start()
    half = runner.raw()
    half.sendall(b"POST /v1/jobs HTTP/1.1\r\n")  # holds up the drain
    time.sleep(0.3)
    runner.signal(signal.SIGTERM)
    waiting.join(10)
    assert answers and answers[0].status == 503
    assert not runner.ended()
    begin = time.monotonic()
    runner.signal(signal.SIGTERM)
    assert runner.wait(10) == 75
    assert time.monotonic() - begin < 5


def test_sighup_reloads_what_can_be_reloaded(make_runner):
    runner = make_runner({"server.max_jobs_per_request": 2}).start()
    three = [{"entity": f"Q{n}"} for n in (1, 2, 404)]
    assert runner.submit(*three, wiki="file").status == 413
    runner.write_config(server__max_jobs_per_request=3, workers__threads=7)
    runner.signal(signal.SIGHUP)
    wait_until(lambda: "reloaded: server.max_jobs_per_request" in runner.log())
    assert "only a restart takes over workers.threads" in runner.log()
    assert runner.submit(*three, wiki="file").status == 202
    runner.config.write_text("nonsense\n")
    runner.signal(signal.SIGHUP)
    wait_until(lambda: "not reloaded" in runner.log())
    assert runner.is_ready()


def test_systemd_is_told(make_runner, tmp_path):
    path = tmp_path / "notify"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    listening.settimeout(20)
    runner = make_runner(environment={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "400000"})
    runner.start()

    def next_with(word):
        while word not in (text := listening.recv(4096).decode()):
            pass
        return text

    assert "READY=1" in next_with("READY=1")
    next_with("WATCHDOG=1")
    runner.signal(signal.SIGHUP)
    next_with("RELOADING=1")
    next_with("READY=1")
    runner.signal(signal.SIGTERM)
    next_with("STOPPING=1")
    assert runner.wait() == 0


LAUNCH = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_socket_of_systemd_is_taken(make_runner, tmp_path):
    """And no connection is refused or left without an answer by a restart."""
    path = tmp_path / "given"
    given = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    given.bind(str(path))
    given.listen()
    runner = make_runner()
    runner.socket = path

    def start():
        with open(runner.log_path, "ab") as log:
            runner.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, str(given.fileno()), *runner.command("serve")],
                stderr=log, pass_fds=[given.fileno()])
        wait_until(runner.is_ready)

    start()
    clients = Clients(runner)
    for _ in range(3):
        time.sleep(0.2)
        assert runner.stop() == 0
        start()
    assert clients.end().refused is None
    assert runner.stop() == 0
    assert path.exists(), "the socket belongs to systemd"


def test_status_tells_running_from_not(make_runner):
    runner = make_runner().start()
    runner.submit({"entity": "Q5"})
    wait_until(lambda: runner.queue()["dead"] == 1)
    running = runner.run("status", "--json")
    told = json.loads(running.stdout)
    assert (running.returncode, told["running"], told["ready"]) == (0, True, True)
    assert told["queue"]["none"]["dead"] == 1
    assert "running, ready" in runner.run("status").stdout
    runner.stop()
    stopped = runner.run("status", "--json")
    told = json.loads(stopped.stdout)
    assert (stopped.returncode, told["running"]) == (69, False)
    assert told["queue"]["none"]["dead"] == 1
