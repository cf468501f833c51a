# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every suite of tests and counts.

The suites, in their order, are listed by --list. Each prints one line with its counts and its
duration; logs and JUnit reports are in build/logs. The last line is "N passed, N failed" (and
", N skipped" if any were); the exit status is 0 only when nothing failed and something passed.
The builds are made one after the other while suites whose build is ready run, two at a time: some
mostly wait. Lines come in the order in which suites end. With CI=true warnings are errors and each
fuzz target runs for a minute instead of ten seconds."""
import argparse
import concurrent.futures
import os
import pathlib
import signal
import sys
import time

import builds
from suite_tools import (Counts, Interrupted, counted_suite, died, end_all, ending, junit_suite,
                         run_logged, say, stopping, tail)

root, logs = builds.root, builds.logs
sys.path.insert(0, str(root / 'tests' / 'support'))
from pg import PrivatePostgres  # noqa: E402  pylint: disable=wrong-import-position

PYTHON = sys.executable
GOLDEN = pathlib.Path(os.environ.get('GOLDEN_DIR') or root.parent / 'shared' / 'golden')


def need(build):
    error = builds.ensure(build)
    if error == builds.OUT_OF_TIME:
        raise OutOfTime(f'SKIPPED, NOT PROVEN: the build "{build}" was not ready in time; what was '
                        'compiled of it is in the cache for the next run')
    if error and error.startswith(builds.IMPOSSIBLE):
        raise OutOfTime(f'SKIPPED, NOT PROVEN: {error}')
    if error:
        raise SuiteDied(error)


class OutOfTime(Exception):
    """The suite was not begun; the text says why."""


class SuiteDied(Exception):
    """The suite can't run; the text says why."""


def golden_or_skip():
    if not (GOLDEN / 'entities.ndjson.zst').exists():
        return Counts(skipped=1, notes=[
            f'SKIPPED, NOT PROVEN: the golden set is not in {GOLDEN} (GOLDEN_DIR names another '
            'place), so nothing was compared with the results of WikibaseQualityConstraints'])
    return None


def layers():
    return counted_suite([PYTHON, root / 'tests' / 'layers.py'], logs / 'layers.log')


def pytest_suite(folder):
    """A slow machine takes as long as it needs, while tests end."""
    path = root / 'tests' / folder
    if not any(path.glob('test_*.py')):
        return Counts(skipped=1, notes=[f'tests/{folder} holds no tests yet'])
    report = logs / f'{folder}.xml'
    command = [PYTHON, '-u', '-m', 'pytest', '-v', '-ra', '-p', 'no:cacheprovider',
               f'--junitxml={report}', path]
    return junit_suite(command, report, logs / f'{folder}.log', cwd=root, timeout=3600, silence=600,
                       env={'CONSTRAINT_RUNNER': str(builds.binary()),
                            'PYTHONDONTWRITEBYTECODE': '1'})


def tools():
    return pytest_suite('tools')


def catch_suite(suite, build='plain', timeout=1800, env=None, label=None):
    """The Catch2 programs that Meson lists under this suite."""
    need(build)
    counts = Counts()
    commands = builds.meson_tests(build, suite)
    if not commands:
        return Counts(skipped=1, notes=[f'the build declares no test of the suite "{suite}" yet'])
    for number, command in enumerate(commands):
        name = f'{label or suite}{number or ""}'
        report = logs / f'{name}.xml'
        counts.add(junit_suite([*command, '-r', 'junit', '-o', report], report,
                               logs / f'{name}.log', timeout=timeout,
                               cwd=builds.directory(build),  # Meson's arguments are relative to it
                               env={**builds.SANITIZER_ENV, **(env or {})}))
    return counts


def unit():
    return catch_suite('unit')


def store(build='plain', label=None):
    need(build)
    with PrivatePostgres(builds.build_root / f'{label or "store"}-postgres') as postgres:
        return catch_suite('store', build, label=label,
                           env={'RUNNER_TEST_DATABASE': postgres.conninfo})


def system():
    need('plain')
    return pytest_suite('system')


def demo():
    need('plain')
    return pytest_suite('demo')


def shim():
    need('plain')
    return pytest_suite('shim')


def package():
    need('plain')  # whose objects the compiler's cache then has
    return pytest_suite('package')


def fault():
    need('plain')
    return pytest_suite('fault')


def storm():
    need('plain')
    return script_suite('tests/storm/run', ['--keep', logs / 'storm'], 'storm.log', 1800)


def script_suite(path, arguments, log, timeout, build='plain'):
    """A program of the tree that counts for itself."""
    script = root / path
    if not script.exists():
        return Counts(skipped=1, notes=[f'{path} is not there yet'])
    return counted_suite([script, *arguments], logs / log, cwd=root, timeout=timeout,
                         env={**builds.SANITIZER_ENV, 'GOLDEN_DIR': str(GOLDEN),
                              'CONSTRAINT_RUNNER': str(builds.binary(build))})


def compare_with_wbqc(build, name, *arguments):
    report = logs / f'{name}.xml'
    return junit_suite([root / 'tests' / 'parity' / 'run', '--junit', report, *arguments], report,
                       logs / f'{name}.log', cwd=root, timeout=3600,
                       env={**builds.SANITIZER_ENV, 'GOLDEN_DIR': str(GOLDEN),
                            'CONSTRAINT_RUNNER': str(builds.binary(build))})


def parity():
    need('plain')
    return golden_or_skip() or compare_with_wbqc('plain', 'parity')


def cases(build='plain'):
    need(build)
    return script_suite('tests/cases/run', [], f'cases-{build}.log', 600, build)


def fuzz():
    need('fuzz')
    seconds = 60 if builds.ci else 10
    folder = builds.directory('fuzz') / 'tests' / 'fuzz'
    targets = sorted(p for p in folder.glob('fuzz_*') if p.is_file() and os.access(p, os.X_OK))
    if not targets:
        return Counts(skipped=1, notes=['there is no fuzz target yet'])
    findings = logs / 'fuzz-findings'
    findings.mkdir(parents=True, exist_ok=True)

    def one(target):
        name = target.name.removeprefix('fuzz_')
        grown = folder / f'corpus-{name}'  # what earlier runs found, then the seeds of the tree
        grown.mkdir(exist_ok=True)
        seeds = root / 'tests' / 'fuzz' / 'corpus' / name
        log = logs / f'fuzz-{name}.log'
        command = [target, f'-max_total_time={seconds}', '-timeout=10', '-rss_limit_mb=2048', '-len_control=0',
                   '-print_final_stats=1', f'-artifact_prefix={findings}/{name}-', grown]
        if seeds.is_dir():
            command.append(seeds)
        words = root / 'tests' / 'fuzz' / f'{name}.dict'
        if words.exists():
            command.append(f'-dict={words}')
        code, _ = run_logged(command, log, env=builds.SANITIZER_ENV, timeout=seconds + 120)
        if code == 0:
            return Counts(passed=1)
        return Counts(failed=1, notes=[f'{name}: {ending(code, seconds + 120)}, see {log}',
                                       *tail(log, 6)])

    counts = Counts()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(one, targets):
            counts.add(result)
    return counts


def sanitized(build):
    need(build)
    parts = [lambda: store(build, label=f'{build}-store'),
             lambda: catch_suite('unit', build, label=f'{build}-unit'),
             lambda: (golden_or_skip()
                      or compare_with_wbqc(build, f'{build}-parity', '--limit', '60',
                                           '--no-cases'))]
    if build == 'asan':  # one thread: nothing for TSan
        parts.append(lambda: cases(build))
    counts = Counts()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda part: part(), parts):
            counts.add(result)
    return counts


def asan():
    return sanitized('asan')


def tsan():
    return sanitized('tsan')


def wraps():
    """Stores and checks with the libraries of subprojects/ instead of the system's."""
    need('wraps')
    counts = Counts()
    used = builds.subprojects('wraps')
    for name in builds.WRAPS:
        if name in used:
            counts.passed += 1
        else:
            counts.add(died(f'{name} is not built from its wrap'))
    return counts.add(store('wraps', label='wraps-store')).add(cases('wraps'))


def releases():
    """The suites that need nothing but a compiler and PostgreSQL, in the other release of Debian."""
    need(builds.OTHER_RELEASE)
    command = [root / 'tests' / 'releases' / 'run', builds.OTHER_RELEASE]
    for suite in ('unit', 'store', 'cases'):
        command += ['--only', suite]
    return counted_suite(command, logs / 'releases.log', timeout=1800, env=builds.OTHER_ENV)


# name, function, part of --quick, what it is, the build that it needs
SUITES = [
    ('layers', layers, True, 'the folders of src/ include only from those before them', None),
    ('tools', tools, True, 'the scripts, the examples and the documents of the tree', None),
    ('unit', unit, True, 'unit tests (Catch2)', 'plain'),
    ('store', store, True, 'the database layer against a private PostgreSQL (Catch2)', 'plain'),
    ('cases', cases, True, 'case files: entity and constraint in, expected result out', 'plain'),
    ('parity', parity, True, "golden entities, compared with WBQC's own results", 'plain'),
    ('system', system, True, 'a real runner, seen from outside (pytest)', 'plain'),
    ('shim', shim, True, 'the extension in a real MediaWiki with stand-ins for Wikibase (pytest)',
     'plain'),
    ('package', package, False, 'the packages in a new Debian, and the guide word for word (pytest)',
     'plain'),
    ('demo', demo, True, 'scripts/demo as a user runs it (pytest)', 'plain'),
    ('fault', fault, False, 'kill -9, a restarted database, two runners on one queue (pytest)',
     'plain'),
    ('storm', storm, False, 'random edits and faults, then the store against a new one, row by row',
     'plain'),
    ('asan', asan, False, 'unit, store, cases and some parity under ASan and UBSan', 'asan'),
    ('tsan', tsan, False, 'unit, store and some parity under TSan', 'tsan'),
    ('fuzz', fuzz, False, 'each libFuzzer target for a while', 'fuzz'),
    ('wraps', wraps, False, 'store and cases with the libraries of subprojects/, built offline', 'wraps'),
    ('releases', releases, False, 'unit, store and cases in a root of the other release of Debian',
     builds.OTHER_RELEASE),
]


def run_suite(name, function):
    began = time.monotonic()
    try:
        counts = function()
    except OutOfTime as problem:
        counts = Counts(skipped=1, notes=[str(problem)])
    except SuiteDied as problem:
        counts = died(str(problem))
    except Interrupted:
        return Counts()
    except Exception as problem:  # pylint: disable=broad-except
        counts = died(f'{type(problem).__name__}: {problem}')
    if stopping.is_set():
        return Counts()  # ended by force: says nothing
    skipped = f', {counts.skipped} skipped' if counts.skipped else ''
    lines = [f'{name:8} {counts.passed:7} passed, {counts.failed} failed{skipped}'
             f'   ({time.monotonic() - began:.1f} s)']
    lines += [f'    {note}' for note in counts.notes[:40]]
    if len(counts.notes) > 40:
        lines.append(f'    … {len(counts.notes) - 40} more lines')
    say('\n'.join(lines))
    return counts


def make_builds(names):
    for name in names:
        try:
            builds.ensure(name)
        except Interrupted:
            return


def run_suites(chosen):
    """Two suites at a time, in their order, and the builds beside them; the counts of all."""
    total = Counts()
    needed = dict.fromkeys(build for *_, build in chosen if build)
    with concurrent.futures.ThreadPoolExecutor(1) as builder, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        try:
            making = builder.submit(make_builds, needed)
            for done in [pool.submit(run_suite, s[0], s[1]) for s in chosen]:
                total.add(done.result())
            making.result()
        except (KeyboardInterrupt, SystemExit):
            end_all()
            pool.shutdown(wait=True, cancel_futures=True)
            say('interrupted')
            total.failed += 1
    return total


def arguments():
    parser = argparse.ArgumentParser(prog='scripts/test', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true',
                        help='no fault tests, sanitizers and fuzzing')
    parser.add_argument('--only', metavar='SUITE', action='append', default=[],
                        choices=[s[0] for s in SUITES], help='only this suite; may be repeated')
    parser.add_argument('--build-minutes', metavar='N', type=float,
                        help='suites whose sanitized build is not ready N minutes after the start '
                             'are skipped')
    parser.add_argument('--no-install', action='store_true',
                        help='do not look for missing packages')
    parser.add_argument('--list', action='store_true', help='list the suites and end')
    return parser.parse_args()


def main():
    options = arguments()
    if options.list:
        for name, _, quick, text, _ in SUITES:
            print(f'{name:8} {text}{"" if quick else " (not with --quick)"}')
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also in the background of a shell
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logs.mkdir(parents=True, exist_ok=True)
    if options.build_minutes is not None:
        builds.deadline = time.monotonic() + 60 * options.build_minutes
    chosen = [s for s in SUITES
              if (s[0] in options.only if options.only else s[2] or not options.quick)]
    total = run_suites(chosen)
    skipped = f', {total.skipped} skipped' if total.skipped else ''
    print(f'{total.passed} passed, {total.failed} failed{skipped}', flush=True)
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
