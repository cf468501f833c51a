# SPDX-License-Identifier: GPL-2.0-or-later
"""The builds that scripts/test, scripts/demo and tests/bench/run need, each a Meson build directory:
the plain one (build/), the sanitized ones and the fuzz targets (build/asan, build/tsan,
build/fuzz). Made with ccache, configured once, brought up to date once per run.

usage: scripts/lib/builds.py [NAME…]      (brings these up to date; the plain one by default)"""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import threading
import time

import suite_tools

root = pathlib.Path(__file__).resolve().parents[2]
build_root = pathlib.Path(os.environ.get('BUILD_DIR') or root / 'build').resolve()
logs = build_root / 'logs'
JOBS = f'-j{len(os.sched_getaffinity(0))}'
ci = os.environ.get('CI', '').lower() in ('1', 'true', 'yes')

# what the suites of a sanitized build run; all else would be compiled for nothing
SANITIZED_TARGETS = ['constraint-runner', 'unit-tests', 'store_tests']
# -O1 without debug information: fast enough to run, cheap enough to compile; asserts speak. The
# names in stack traces come from the symbol table.
SANITIZED = ['-Dbuildtype=debugoptimized', '-Doptimization=1', '-Ddebug=false', '-Db_ndebug=false']

# of the releases in scripts/lib/packages
CLANG = next(filter(shutil.which, ('clang++-14', 'clang++-19')), 'clang++')


def release_of_this_machine():
    return platform.freedesktop_os_release().get('VERSION_CODENAME', '')


WRAPS = sorted(wrap.stem for wrap in (root / 'subprojects').glob('*.wrap'))

# name: directory, compiler, options of meson, targets of ninja (none: all)
BUILDS = {
    'plain': (build_root, 'g++', ['--buildtype=release'], []),
    # the checks left out double the time of compiling; a null pointer ends the program anyway.
    # Instrumented code makes g++ 12 warn of uninitialized memory inside std::function.
    'asan': (build_root / 'asan', 'g++',
             [*SANITIZED, '-Db_sanitize=address,undefined',
              "-Dcpp_args=['-fno-sanitize=null,alignment,vptr,object-size', "
              "'-Wno-maybe-uninitialized']"], SANITIZED_TARGETS),
    # -Wno-tsan: Asio has fences, which TSan can't see; its queues have mutexes, which it can
    'tsan': (build_root / 'tsan', 'g++',
             [*SANITIZED, '-Db_sanitize=thread', '-Dcpp_args=-Wno-tsan'], SANITIZED_TARGETS),
    'fuzz': (build_root / 'fuzz', CLANG,
             [*SANITIZED, '-Dfuzzing=true', '-Dtests=false', '-Db_sanitize=address,undefined',
              '-Db_lundef=false'], ['fuzz-targets']),
    # each library of subprojects/ instead of the system's; tests/wraps/fill has put them there
    'wraps': (build_root / 'wraps', 'g++',
              ['--buildtype=release', '--wrap-mode=nodownload',
               '--force-fallback-for=' + ','.join(WRAPS)], ['constraint-runner', 'store_tests']),
}

# the supported release of Debian that this machine has not
OTHER_RELEASE = 'bookworm' if release_of_this_machine() == 'trixie' else 'trixie'
OTHER_ENV = {'PACKAGES_FOR': 'build run test'}

SANITIZER_ENV = {
    'ASAN_OPTIONS': 'detect_stack_use_after_return=1:abort_on_error=0:exitcode=99',
    'LSAN_OPTIONS': 'print_suppressions=0'
                    f':suppressions={root / "tests" / "lsan.suppressions"}',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1:exitcode=99',
    'TSAN_OPTIONS': 'halt_on_error=0:exitcode=99:second_deadlock_stack=1'
                    f':suppressions={root / "tests" / "tsan.suppressions"}',
}

OUT_OF_TIME = 'not ready in time'
IMPOSSIBLE = 'not possible here: '  # begins an error text
deadline = None  # of time.monotonic(): other builds than the plain one are not waited for after it

_done = {}  # name: error text, or None
_one_at_a_time = threading.Lock()  # two at once would both be ready late
_locks = {name: threading.Lock() for name in [*BUILDS, OTHER_RELEASE]}


def directory(name='plain'):
    return BUILDS[name][0]


def binary(name='plain'):
    """The constraint-runner of a build."""
    return directory(name) / 'src' / 'cli' / 'constraint-runner'


def _fill_package_cache():
    log = logs / 'wraps-fill.log'
    code, _ = suite_tools.run_logged([root / 'tests' / 'wraps' / 'fill'], log, timeout=600)
    if code == 0:
        return None
    said = ' '.join(suite_tools.tail(log, 1))
    return IMPOSSIBLE + said if code == 77 else f'tests/wraps/fill failed, see {log}: {said}'


def _configure(name):
    if name == 'wraps' and (error := _fill_package_cache()):
        return error
    where, compiler, options, _ = BUILDS[name]
    # clang 14 warns of other things, and of what is right in g++
    werror = ['-Dwerror=true'] if ci and compiler == 'g++' else []
    log = logs / f'configure-{name}.log'
    stamp = where / 'configured-with'
    wanted = '\n'.join([*options, *werror])
    if (where / 'build.ninja').exists():
        as_wanted = stamp.exists() and stamp.read_text(encoding='utf-8') == wanted
        # a plain build configured by a user is left as it is
        if as_wanted or (name == 'plain' and not werror):
            return None
        command = ['meson', 'configure', where, *(werror if name == 'plain' else options + werror)]
    else:
        # what an interrupted setup left
        shutil.rmtree(where / 'meson-private', ignore_errors=True)
        command = ['meson', 'setup', where, root, *options, *werror]
    cxx = f'ccache {compiler}' if shutil.which('ccache') else compiler
    code, _ = suite_tools.run_logged(command, log, cwd=root, env={'CXX': cxx}, timeout=300)
    if code != 0:
        return f'configuring the build "{name}" failed, see {log}'
    stamp.write_text(wanted, encoding='utf-8')
    return None


class Progress:
    """Says now and then how far a build is, from what ninja writes into its log."""
    first, interval = 10, 30  # seconds

    def __init__(self, name, log):
        self.name, self.log, self.began = name, log, time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _watch(self):
        wait = self.first
        while not self.over.wait(wait):
            wait = self.interval
            text = progress_text(self._written(), time.monotonic() - self.began)
            if text:
                suite_tools.say(f'building {self.name}: {text}')

    def _written(self):
        try:
            return self.log.read_text(encoding='utf-8', errors='replace')
        except OSError:
            return ''


def progress_text(log, seconds):
    """"120 of 363, some 4 min left" of ninja's output after so many seconds; "" when it says
    nothing."""
    steps = re.findall(r'^\[(\d+)/(\d+)\]', log, re.MULTILINE)
    if not steps:
        return ''
    done, total = map(int, steps[-1])
    left = seconds / done * (total - done)
    return f'{done} of {total}, some ' + (f'{left / 60:.0f} min' if left >= 90 else
                                          f'{left:.0f} s') + ' left'


def ensure(name, targets=None):
    """Brings a build (or only these targets of it) up to date; returns an error text or None.
    Threads that ask for the same build wait for the one that makes it."""
    with _locks[name]:
        if name not in _done:
            with _one_at_a_time:
                error = _ensure(name, targets)
            if targets:
                return error
            _done[name] = error
        return _done[name]


def _ensure_other_release(patience):
    """A root of the other release with its build; what a run could not end the next one continues."""
    log = logs / f'build-{OTHER_RELEASE}.log'
    command = ['nice', '-n', '10', root / 'tests' / 'releases' / 'run', '--build', OTHER_RELEASE]
    code, seconds = suite_tools.run_logged(command, log, env=OTHER_ENV, timeout=patience)
    if code == 0:
        suite_tools.say(f'built {OTHER_RELEASE} in {seconds:.0f} s')
        return None
    if code is None:
        return OUT_OF_TIME
    if code == 77:
        return IMPOSSIBLE + ' '.join(suite_tools.tail(log, 1))
    return f'the build in Debian {OTHER_RELEASE} failed ({suite_tools.ending(code, 3600)}), see {log}'


def _ensure(name, targets):
    patience = 3600
    if deadline is not None and name != 'plain':
        patience = deadline - time.monotonic()
        if patience <= 0:
            return OUT_OF_TIME
    if name == OTHER_RELEASE:
        return _ensure_other_release(patience)
    where, _, _, usual_targets = BUILDS[name]
    error = _configure(name)
    if error is None:
        log = logs / f'build-{name}.log'
        wanted = [output for t in targets or usual_targets for output in _outputs(where, t)]
        command = ['ninja', '-C', where, JOBS, *wanted]
        with Progress(name, log):
            code, seconds = suite_tools.run_logged(command, log, timeout=patience)
        if code == 0:
            suite_tools.say(f'built {name} in {seconds:.0f} s')
        elif code is None and patience < 3600:
            error = OUT_OF_TIME
        else:
            error = f'the build "{name}" failed ({suite_tools.ending(code, 3600)}), see {log}'
            if not suite_tools.stopping.is_set():
                suite_tools.say('\n'.join(f'    {line}' for line in _compiler_errors(log)))
    return error


def _outputs(where, target):
    """The files of a Meson target, relative to the build directory; an alias is its own name."""
    introspected = subprocess.run(['meson', 'introspect', '--targets', where],
                                  stdout=subprocess.PIPE, check=True).stdout
    for entry in json.loads(introspected):
        if entry['name'] == target and entry['type'] == 'executable':
            return [os.path.relpath(f, where) for f in entry['filename']]
    return [target]


def _compiler_errors(log):
    text = log.read_text(encoding='utf-8', errors='replace').splitlines()
    errors = [line[:300] for line in text
              if re.search(r'\berror: |undefined reference|^FAILED: ', line)]
    return errors[:12] or text[-12:]


def meson_tests(name, suite):
    """The programs (as argument lists) that a build declares as tests of a suite."""
    out = subprocess.run(['meson', 'introspect', '--tests', directory(name)],
                         stdout=subprocess.PIPE, check=True).stdout
    return [t['cmd'] for t in json.loads(out)
            if any(s.split(':')[-1] == suite for s in t['suite'])]


def subprojects(name):
    """The wraps that a build uses."""
    out = subprocess.run(['meson', 'introspect', '--projectinfo', directory(name)],
                         stdout=subprocess.PIPE, check=True).stdout
    return {each['name'] for each in json.loads(out)['subprojects']}


if __name__ == '__main__':
    try:
        problems = [e for e in map(ensure, sys.argv[1:] or ['plain']) if e]
    except KeyboardInterrupt:
        suite_tools.end_all()
        sys.exit(130)
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
