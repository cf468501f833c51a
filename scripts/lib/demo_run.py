# SPDX-License-Identifier: GPL-2.0-or-later
"""A private PostgreSQL and a runner on it, inside one folder: started, asked, stopped. Used by
scripts/demo and tests/bench/run. Only processes started here are ever signalled."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import builds
from runner_client import Runner, RunnerError

PRIVATE_POSTGRES = builds.root / 'scripts' / 'lib' / 'private_postgres'


class Failed(Exception):
    """Something did not work; the text is for the user."""


def call(command, what):
    """Runs a helper to its end, even when Ctrl-C comes meanwhile: what it starts can then be
    stopped in good order. Returns its output."""
    process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        out, errors = process.communicate()
    except KeyboardInterrupt:
        process.communicate()
        raise
    if process.returncode != 0:
        text = '\n'.join((errors + out).strip().splitlines()[-15:])
        raise Failed(f'{what} failed (exit code {process.returncode})\n{text}')
    return out


def tail(path, lines=15):
    try:
        text = pathlib.Path(path).read_text(encoding='utf-8', errors='replace')
    except OSError:
        return ''
    return '\n'.join(text.splitlines()[-lines:])


class Place:
    """The folder of one demo or benchmark: database, socket, log, process id."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.postgres = self.folder / 'postgres'
        self.socket = self.folder / 'runner.sock'
        if len(str(self.socket)) > 100:  # the path of a Unix socket is short (107 bytes)
            self.socket = pathlib.Path(f'/tmp/constraint-runner-{os.getuid()}-'
                                       f'{abs(hash(str(self.folder))) % 10**8}.sock')
        self.log = self.folder / 'runner.log'
        self.pid_file = self.folder / 'runner.pid'
        self.config = self.folder / 'constraint-runner.toml'
        self.conninfo = None
        self.process = None

    def running_pid(self):
        """The process id of a runner left running in this folder, or None. The number may have
        been taken by another process since, so the process must be a runner of this folder."""
        try:
            pid = int(self.pid_file.read_text(encoding='ascii'))
            command = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
        except (OSError, ValueError):
            return None
        ours = b'serve' in command and str(self.config).encode() in command
        return pid if ours else None

    # -- starting -----------------------------------------------------------------------------

    def start_postgres(self, *settings):
        self.folder.mkdir(parents=True, exist_ok=True)
        call([PRIVATE_POSTGRES, 'stop', self.postgres, '--immediate', '--remove'],
             'removing the database of an earlier run')
        options = [o for s in settings for o in ('--set', s)]
        self.conninfo = call([PRIVATE_POSTGRES, 'start', self.postgres, *options],
                             'starting PostgreSQL').strip()
        return self.conninfo

    def write_config(self, text):
        self.config.write_text(text, encoding='utf-8')

    def runner(self, *arguments):
        """Runs the program for something short; returns its output."""
        return call([builds.binary(), '--config', self.config, *arguments],
                    f'constraint-runner {" ".join(arguments)}')

    def start_runner(self, patience=120):
        # its own session: a Ctrl-C for the caller is not one for the runner
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [builds.binary(), '--config', self.config, 'serve'], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        self.pid_file.write_text(f'{self.process.pid}\n', encoding='ascii')
        client = Runner(self.socket)
        deadline = time.monotonic() + patience
        while not client.ready():
            if self.process.poll() is not None:
                raise Failed(f'the runner ended with exit code {self.process.returncode}; '
                             f'{self.log} says:\n{tail(self.log)}')
            if time.monotonic() > deadline:
                raise Failed(f'the runner is not ready after {patience} s; {self.log} says:\n'
                             f'{tail(self.log)}')
            time.sleep(0.05)
        return client

    # -- asking -------------------------------------------------------------------------------

    def wait_until_idle(self, client, progress=None, patience=120):
        """Waits until no job waits or is worked on. Raises when nothing moves for `patience`
        seconds. Returns the last counts; `progress` is called with each."""
        last, moved = None, time.monotonic()
        pause = 0.01
        while True:
            counts = queue_counts(client.get('/v1/queue'))
            if progress:
                progress(counts)
            waiting = counts['ready'] + counts['delayed'] + counts['leased']
            if waiting == 0:
                return counts
            if counts != last:
                last, moved = counts, time.monotonic()
            if self.process is not None and self.process.poll() is not None:
                raise Failed(f'the runner ended with exit code {self.process.returncode}; '
                             f'{self.log} says:\n{tail(self.log)}')
            if time.monotonic() - moved > patience:
                raise Failed(f'{waiting} jobs have not moved for {patience} s ({counts}); '
                             f'{self.log} says:\n{tail(self.log)}')
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)

    def sql(self, query):
        """The rows of a query, as lists of strings."""
        psql = shutil.which('psql') or 'psql'
        out = call([psql, '-X', '-A', '-t', '-F', '\x1f', '-R', '\x1e', '-v', 'ON_ERROR_STOP=1',
                    '-d', self.conninfo, '-c', query], 'psql')
        return [row.split('\x1f') for row in out.rstrip('\n').split('\x1e') if row]

    # -- stopping -----------------------------------------------------------------------------

    def stop_runner(self, patience=40):
        pid = self.process.pid if self.process else self.running_pid()
        if pid is None:
            return False
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._ended():
                break
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + patience
            while not self._ended() and time.monotonic() < deadline:
                time.sleep(0.02)
        self.process = None
        self.pid_file.unlink(missing_ok=True)
        return True

    def _ended(self):
        if self.process:
            return self.process.poll() is not None
        return self.running_pid() is None

    def stop_postgres(self, remove=False):
        if self.postgres.exists():
            call([PRIVATE_POSTGRES, 'stop', self.postgres, *(['--remove'] if remove else [])],
                 'stopping PostgreSQL')

    def stop(self):
        """Stops both; an error of one does not keep the other running, nor does a further
        Ctrl-C."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        try:
            self.stop_runner()
        finally:
            self.stop_postgres()


def queue_counts(answer):
    """The counts of GET /v1/queue, wherever they are in it."""
    counts = answer.get('counts', answer)
    return {name: int(counts.get(name, 0)) for name in ('ready', 'delayed', 'leased', 'dead')}


def toml_text(value):
    """A TOML string."""
    escaped = str(value).replace('\\', '\\\\').replace('"', '\\"')
    return f'"{escaped}"'


def interrupted(*_):
    raise KeyboardInterrupt


def guard(function):
    """Runs a program's main function: SIGTERM and SIGHUP end it as Ctrl-C does, known errors are
    one text and exit status 1."""
    signal.signal(signal.SIGINT, interrupted)  # also when a shell ignored it for us (`demo &`)
    signal.signal(signal.SIGTERM, interrupted)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup keeps its meaning
        signal.signal(signal.SIGHUP, interrupted)
    try:
        return function()
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130
    except (Failed, RunnerError, OSError, ValueError) as problem:
        program = os.environ.get('PROGRAM', pathlib.Path(sys.argv[0]).name)
        print(f'{program}: {problem}', file=sys.stderr)
        return 1
