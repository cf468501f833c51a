# SPDX-License-Identifier: GPL-2.0-or-later
"""The real constraint-runner as the tests see it: a process, its socket, and JSON.

The binary is named by RUNNER_BINARY or CONSTRAINT_RUNNER, else it is the one in build/."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    named = os.environ.get("RUNNER_BINARY") or os.environ.get("CONSTRAINT_RUNNER")
    return named or str(ROOT / "build" / "src" / "cli" / "constraint-runner")


def wait_until(what, seconds=20.0, step=0.02):
    """Polls `what` until it gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {getattr(what, '__name__', what)}")
        time.sleep(step)


def is_there(process):
    """Whether a process with this id runs."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("runner", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)  # waits for room in the backlog; with a timeout it would not
        self.sock.settimeout(self.timeout)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return str(value) if isinstance(value, (int, float)) else json.dumps(str(value))


class Runner:
    """One `constraint-runner serve`. `settings` are keys like "queue.lease"; a wiki "none" takes
    documents from jobs alone, a wiki "file" reads `entities` (documents) as well."""

    def __init__(self, conninfo, entities=(), settings=None, environment=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="runner-"))
        self.socket = self.folder / "s"
        self.entities = self.folder / "entities.ndjson"
        self.write_entities(entities)
        self.config = self.folder / "runner.toml"
        self.settings = {
            "server.socket": self.socket,
            "server.allow_root": True,
            "database.conninfo": conninfo,
            "queue.backoff_base": "50ms",
            "log.level": "debug",
            "wiki.none.source": "none",
            "wiki.file.source": "file",
            "wiki.file.files": [self.entities],
            **(settings or {}),
        }
        self.environment = environment or {}
        self.process = None
        self.log_path = self.folder / "log"
        self.write_config()

    def write_entities(self, entities):
        """For the next start."""
        self.entities.write_text("".join(json.dumps(e) + "\n" for e in entities))

    def write_config(self, **changes):
        """`changes` with __ for the dot: server__max_body="1k"."""
        self.settings.update({k.replace("__", "."): v for k, v in changes.items()})
        self.config.write_text("".join(f"{k} = {toml(v)}\n" for k, v in self.settings.items()))

    def command(self, *arguments):
        return [binary(), "--config", str(self.config), *arguments]

    def run(self, *arguments, **options):
        """Another command with the same configuration."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True,
                              timeout=60, check=False,
                              env={**os.environ, **self.environment}, **options)

    def start(self, wait="ready"):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command("serve"), stderr=log, stdout=log,
                env={**os.environ, **self.environment})
        if wait == "ready":
            wait_until(self.is_ready, 30)
        elif wait == "listening":
            wait_until(self.is_listening, 30)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def ended(self):
        return self.process.poll() is not None

    def is_listening(self):
        assert not self.ended(), f"ended with {self.process.returncode}: {self.log()}"
        with contextlib.suppress(OSError):
            return self.get("/healthz").status == 200
        return False

    def is_ready(self):
        return self.is_listening() and self.get("/readyz").status == 200

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=40):
        """SIGTERM; returns the exit code."""
        if self.process is not None and not self.ended():
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def wait(self, seconds=40):
        return self.process.wait(seconds)

    def close(self):
        if self.process is not None and not self.ended():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- requests ----------------------------------------------------------------------------

    def connection(self, timeout=30):
        return UnixConnection(self.socket, timeout)

    def raw(self, timeout=30):
        """A connected socket, to misbehave with."""
        plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        plain.connect(str(self.socket))
        plain.settimeout(timeout)
        return plain

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = self.connection(timeout)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def submit(self, *jobs, wiki="none"):
        return self.post("/v1/jobs", {"wiki": wiki,
                                      "jobs": [{"type": "check", **job} for job in jobs]})

    def result(self, entity, wiki="none"):
        return self.get(f"/v1/results/{wiki}/{entity}")

    def queue(self):
        return self.get("/v1/queue").json

    def is_idle(self):
        """No job waits or is being worked on."""
        answer = self.get("/v1/queue")
        counts = answer.json if answer.status == 200 else {"ready": 1}
        return sum(counts.get(k, 0) for k in ("ready", "delayed", "leased")) == 0

    def metric(self, name):
        """The sum of all series of that name."""
        lines = self.get("/metrics").body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.split("{")[0].split(" ")[0] == name)


def read_all(plain):
    """What comes until the other side closes."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := plain.recv(65536):
            data += part
    return data
