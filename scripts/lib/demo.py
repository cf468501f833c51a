# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows the runner end to end: builds it, starts a private PostgreSQL (data and socket inside the
build folder) and `constraint-runner serve`, submits a job for each entity of the files over the
Unix socket, waits for the results and prints the violations. Without files: the sample wiki of
examples/. Files are NDJSON or JSON dumps, plain, .gz or .zst. Leaves nothing running unless
--keep; --stop ends what --keep left."""
import argparse
import pathlib
import shutil
import subprocess
import sys
import time

import builds
import demo_report
from demo_run import Failed, Place, guard, toml_text
from runner_client import read_entities
from suite_tools import end_all

EXAMPLES = builds.root / 'examples'
WIKI = 'demo'
BATCH = 500  # jobs per request


def arguments():
    parser = argparse.ArgumentParser(prog='scripts/demo', description=__doc__)
    parser.add_argument('files', nargs='*', metavar='FILE', type=pathlib.Path)
    parser.add_argument('--keep', action='store_true',
                        help='leave PostgreSQL and the runner running')
    parser.add_argument('--stop', action='store_true', help='stop what --keep left running')
    parser.add_argument('--no-install', action='store_true',
                        help='do not look for missing packages')
    return parser.parse_args()


def say(text):
    print(text, flush=True)


class Progress:
    """One line that is rewritten, on a terminal only."""

    def __init__(self):
        self.shown = 0.0

    def __call__(self, text):
        if sys.stderr.isatty() and time.monotonic() - self.shown > 0.1:
            self.shown = time.monotonic()
            print(f'\r{text}\x1b[K', end='', file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print('\r\x1b[K', end='', file=sys.stderr, flush=True)


def unpacked(files, folder):
    """The files as the runner reads them again and again: a .zst is unpacked once."""
    result = []
    for number, path in enumerate(files):
        path = path.resolve()
        if path.suffix == '.zst':
            copy = folder / f'{number}-{path.stem}'
            if shutil.which('zstd') is None:
                raise Failed(f'{path}: zstd is not installed')
            subprocess.run(['zstd', '-q', '-d', '-f', '--long=27', '-o', copy, '--', path],
                           check=True, stdin=subprocess.DEVNULL)
            path = copy
        result.append(path)
    return result


def configuration(place, files):
    """examples/constraint-runner.toml with this demo's socket, database and files."""
    ours = {'socket': toml_text(place.socket), 'conninfo': toml_text(place.conninfo),
            'files': '[' + ', '.join(map(toml_text, files)) + ']',
            'unit_conversion': toml_text(EXAMPLES / 'units.json')}
    lines = []
    for line in (EXAMPLES / 'constraint-runner.toml').read_text(encoding='utf-8').splitlines():
        key = line.split('=')[0].strip()
        lines.append(f'{key} = {ours.pop(key)}' if key in ours else line)
    if ours:
        raise Failed(f'examples/constraint-runner.toml lacks {", ".join(ours)}')
    return '\n'.join(lines) + '\n'


def submit(client, files, progress):
    """One job for each entity, without its document: the runner reads the files itself."""
    jobs, sent = [], 0
    for path in files:
        for entity, revision, _ in read_entities(path):
            jobs.append({'entity': entity, 'revision': revision} if revision
                        else {'entity': entity})
            if len(jobs) == BATCH:
                client.submit(WIKI, jobs)
                sent += len(jobs)
                jobs = []
                progress(f'{sent:,} jobs accepted')
    if jobs:
        client.submit(WIKI, jobs)
    return sent + len(jobs)


def refuse_missing(files):
    for path in files:
        if not path.is_file():
            raise Failed(f'{path}: no such file')


def refuse_second(place):
    if place.running_pid() is not None:
        raise Failed('a demo is still running; scripts/demo --stop ends it')


def demo(place, options):
    refuse_missing(options.files)
    refuse_second(place)
    say('building …')
    error = builds.ensure('plain', ['constraint-runner'])
    if error:
        raise Failed(error)
    place.folder.mkdir(parents=True, exist_ok=True)
    for left in place.folder.glob('[0-9]*-*'):
        left.unlink()
    place.log.unlink(missing_ok=True)
    files = unpacked(options.files or [EXAMPLES / 'sample.ndjson'], place.folder)

    say('starting PostgreSQL and the runner …')
    place.start_postgres()
    place.write_config(configuration(place, files))
    place.runner('migrate')
    client = place.start_runner()

    progress = Progress()
    began = time.monotonic()
    sent = submit(client, files, progress)
    accepted = time.monotonic() - began

    def show(counts):
        waiting = counts['ready'] + counts['delayed'] + counts['leased']
        done = max(sent - waiting, 0)
        progress(f'{done:,} of {sent:,} checked ({done / (time.monotonic() - began):,.0f}/s)')
    counts = place.wait_until_idle(client, show)
    seconds = time.monotonic() - began
    progress.end()

    demo_report.report(place, client, WIKI, sample=not options.files)
    if counts['dead']:
        say(f'{counts["dead"]:,} jobs failed for good: GET /v1/dead tells why')
    say(f'{sent:,} jobs accepted in {accepted:.1f} s, all results stored after {seconds:.1f} s '
        f'({sent / seconds:,.0f} entities/s)')
    client.close()


def main():
    options = arguments()
    place = Place(builds.build_root / 'demo')
    if options.stop:
        ran = place.stop_runner()
        place.stop_postgres()
        say('stopped' if ran else 'nothing was running')
        return 0
    refuse_second(place)
    stop = True
    try:
        demo(place, options)
        stop = not options.keep
    finally:
        if stop:
            end_all()
            place.stop()
    demo_report.where_next(place, WIKI, kept=not stop)
    return 0


if __name__ == '__main__':
    sys.exit(guard(main))
