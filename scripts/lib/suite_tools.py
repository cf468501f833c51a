# SPDX-License-Identifier: GPL-2.0-or-later
"""What the suites of scripts/test share: counts, running a program with a deadline and a log, and
reading the reports of Catch2 and pytest (JUnit XML) and of the golden comparisons."""
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

running = set()  # the process groups started here and not ended yet
running_lock = threading.Lock()
stopping = threading.Event()  # nothing new is started
output_lock = threading.Lock()


class Interrupted(Exception):
    """Everything is being ended."""


def say(text):
    """Prints whole lines, also when threads speak at the same time."""
    with output_lock:
        print(text, flush=True)


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = field(default_factory=list)  # lines shown below the suite's line

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes
        return self


def died(note):
    """A suite that could not give counts counts as one failure."""
    return Counts(failed=1, notes=[note])


def end_group(process, patience=10, signals=(signal.SIGTERM, signal.SIGKILL)):
    """Ends a program started by run_logged, with all its children."""
    for sign in signals:
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            pass
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    return process.returncode


def end_all():
    with running_lock:
        stopping.set()
        processes = list(running)
    for process in processes:
        end_group(process)


def wait_for(process, log, timeout, silence):
    """The exit code; raises subprocess.TimeoutExpired after `timeout` seconds, or `silence` seconds
    without output."""
    if silence is None:
        return process.wait(timeout)
    began = last = time.monotonic()
    size = 0
    while True:
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            now, grown = time.monotonic(), log.stat().st_size
            if grown != size:
                last, size = now, grown
            if now - began > timeout or now - last > silence:
                raise


def run_logged(command, log, *, cwd=None, env=None, timeout=1800, silence=None, append=False):
    """Runs a program with its output in `log`. Returns (exit code or None on a timeout, seconds).
    `silence`: it may take that many seconds without output; it is interrupted, so that it can write
    its report."""
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with open(log, 'ab' if append else 'wb') as out:
        out.write(('$ ' + ' '.join(map(str, command)) + '\n').encode())
        out.flush()
        with running_lock:
            if stopping.is_set():
                raise Interrupted
            try:
                process = subprocess.Popen(
                    [str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out,
                    stderr=subprocess.STDOUT, cwd=cwd, env={**os.environ, **(env or {})},
                    start_new_session=True)
            except OSError as error:
                out.write(f'{command[0]}: {error}\n'.encode())
                return 127, 0.0
            running.add(process)
        try:
            code = wait_for(process, log, timeout, silence)
        except subprocess.TimeoutExpired:
            if silence is None:
                end_group(process)
            else:
                end_group(process, 60, (signal.SIGINT, signal.SIGTERM, signal.SIGKILL))
            code = None
            out.write(f'ended after {time.monotonic() - began:.0f} s\n'.encode())
        except BaseException:  # Ctrl-C: the program goes first
            end_group(process)
            raise
        finally:
            with running_lock:
                running.discard(process)
    return code, time.monotonic() - began


def ending(code, timeout):
    """How a program ended, in words."""
    if code is None:
        return f'not done after {timeout} s'
    if code < 0:
        try:
            return f'killed by {signal.Signals(-code).name}'
        except ValueError:
            return f'killed by signal {-code}'
    return f'exit code {code}'


def read_junit(path):
    """The counts of a JUnit file by its test cases; raises when it is missing or broken."""
    counts = Counts()
    for case in ElementTree.parse(path).getroot().iter('testcase'):
        if not case.get('name'):  # what pytest was in when it was interrupted
            continue
        name = f'{case.get("classname", "")}.{case.get("name", "")}'.strip('.')
        problem = next((e for e in case if e.tag in ('failure', 'error')), None)
        if problem is not None:
            counts.failed += 1
            text = ' '.join((problem.get('message') or problem.text or '').split())
            counts.notes.append(f'{name}: {text[:200]}')
        elif any(e.tag == 'skipped' for e in case):
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def junit_suite(command, report, log, *, cwd=None, env=None, timeout=900, silence=None):
    """Runs a program that writes a JUnit file and counts; an end that the file does not explain
    (a crash, a timeout, a sanitizer's report, no test at all) is one more failure. With `silence`
    (see run_logged) a timeout leaves the counts of the tests that were done."""
    report = pathlib.Path(report)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    code, seconds = run_logged(command, log, cwd=cwd, env=env, timeout=timeout, silence=silence)
    if code is None:
        timeout = round(seconds)
    try:
        counts = read_junit(report)
    except (OSError, ElementTree.ParseError):
        return died(f'no results: {ending(code, timeout)}, see {log}')
    if code is None:
        counts.failed += 1
        counts.notes.append(f'{ending(code, timeout)}, see {log}')
    elif code != 0 and counts.failed == 0:
        counts.failed += 1
        counts.notes.append(f'{ending(code, timeout)} although no test failed, see {log}')
    if counts.passed + counts.failed + counts.skipped == 0:
        return died(f'no test was run, see {log}')
    return counts


def tail(log, lines=15):
    try:
        text = pathlib.Path(log).read_text(encoding='utf-8', errors='replace')
    except OSError:
        return []
    return [line[:200] for line in text.rstrip().splitlines()[-lines:]]


LAST_LINE = re.compile(r'^(\d+) (?:passed|equal)\b.*?(\d+) (?:failed|different)'
                       r'(?:, (\d+) skipped)?')


def counted_suite(command, log, *, cwd=None, env=None, timeout=900):
    """Runs a program whose output ends in "N passed, N failed[, N skipped]" (or "N equal, N
    different …"); its exit code must agree with it."""
    code, _ = run_logged(command, log, cwd=cwd, env=env, timeout=timeout)
    for line in reversed(tail(log, 40)):
        match = LAST_LINE.match(line)
        if match:
            counts = Counts(int(match[1]), int(match[2]), int(match[3] or 0))
            break
    else:
        if code == 0:
            return Counts(passed=1)
        return Counts(failed=1, notes=tail(log) + [f'{ending(code, timeout)}, see {log}'])
    if counts.failed or code != 0:
        counts.failed = max(counts.failed, 1)
        counts.notes = tail(log) + [f'{ending(code, timeout)}, see {log}']
    return counts
