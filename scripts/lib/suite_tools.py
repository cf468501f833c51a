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


def end_group(process, patience=10):
    """Ends a program started by run_logged, with all its children."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
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


def run_logged(command, log, *, cwd=None, env=None, timeout=1800, append=False):
    """Runs a program with its output in `log`. Returns (exit code or None on a timeout, seconds)."""
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
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            end_group(process)
            code = None
            out.write(f'ended after {timeout} s\n'.encode())
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


def junit_suite(command, report, log, *, cwd=None, env=None, timeout=900):
    """Runs a program that writes a JUnit file and counts; an end that the file does not explain
    (a crash, a timeout, a sanitizer's report, no test at all) is one more failure."""
    report = pathlib.Path(report)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    code, _ = run_logged(command, log, cwd=cwd, env=env, timeout=timeout)
    try:
        counts = read_junit(report)
    except (OSError, ElementTree.ParseError):
        return died(f'no results: {ending(code, timeout)}, see {log}')
    if code != 0 and counts.failed == 0:
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
