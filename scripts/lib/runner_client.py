# SPDX-License-Identifier: GPL-2.0-or-later
"""A small client of the runner's HTTP API over its Unix socket, and a reader of entity files
(NDJSON or JSON dumps; plain, .gz or .zst). Standard library only."""
import contextlib
import gzip
import http.client
import json
import socket
import subprocess
import time


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection over a Unix socket, kept alive between requests."""

    def __init__(self, path, timeout=30):
        super().__init__('runner', timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class RunnerError(Exception):
    """The runner answered with an error, or not at all."""


class Runner:
    """One kept connection; not for several threads at once."""

    def __init__(self, path, timeout=30):
        self.connection = UnixConnection(path, timeout)

    def request(self, method, path, body=None):
        """Returns (status, headers, bytes); a connection that was closed meanwhile is renewed."""
        headers = {}
        if body is not None:
            headers['Content-Type'] = 'application/json'
            if not isinstance(body, bytes):
                body = json.dumps(body, ensure_ascii=False, separators=(',', ':')).encode()
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                return response.status, response.headers, response.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                if attempt == 2:
                    raise
            except Exception:
                self.connection.close()  # an answer that comes later is not the next one's
                raise
        raise AssertionError('not reached')

    def get(self, path):
        """The JSON of a path; None for 404."""
        status, _, body = self.request('GET', path)
        if status == 404:
            return None
        if status != 200:
            raise RunnerError(f'GET {path}: {status} {body.decode(errors="replace")[:500]}')
        return json.loads(body)

    def submit(self, wiki, jobs, patience=60):
        """Posts jobs ({entity, revision?, document?}); waits as told while the queue is full."""
        body = {'wiki': wiki, 'jobs': [{'type': 'check', **job} for job in jobs]}
        deadline = time.monotonic() + patience
        while True:
            status, headers, answer = self.request('POST', '/v1/jobs', body)
            if status == 202:
                return json.loads(answer)
            if status != 503 or time.monotonic() > deadline:
                raise RunnerError(f'POST /v1/jobs: {status} '
                                  f'{answer.decode(errors="replace")[:500]}')
            time.sleep(min(float(headers.get('Retry-After', 1)), 5))

    def ready(self):
        """True when /readyz says so; False while the runner is not there or not ready."""
        try:
            return self.request('GET', '/readyz')[0] == 200
        except OSError:
            return False

    def close(self):
        self.connection.close()


@contextlib.contextmanager
def open_lines(path):
    """The lines of a file as bytes, unpacked by the end of its name."""
    name = str(path)
    if name.endswith('.zst'):
        # --long: archives made with a large window need it; memory is used only then
        process = subprocess.Popen(['zstd', '-dc', '--long=27', '--', name],
                                   stdout=subprocess.PIPE)
        try:
            yield process.stdout
            process.stdout.read()
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode:
            raise OSError(f'{name}: zstd failed')
    elif name.endswith('.gz'):
        with gzip.open(name, 'rb') as file:
            yield file
    else:
        with open(name, 'rb') as file:
            yield file


def read_entities(path):
    """Yields (id, revision, JSON as bytes) of each line; the id of a redirect has no JSON.
    The framing of a JSON dump ("[", "," and "]") is skipped."""
    with open_lines(path) as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip().rstrip(b',')
            if line in (b'', b'[', b']'):
                continue
            try:
                entity = json.loads(line)
                if 'redirect' in entity:
                    yield entity['entity'], 0, None
                else:
                    yield entity['id'], entity.get('lastrevid', 0), line
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                raise ValueError(f'{path}:{number}: no entity ({problem})') from None
