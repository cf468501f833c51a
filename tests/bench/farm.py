#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures a runner with many wikis, each in a file of wikis.d: how long it takes to start, what
memory it has at rest, how long a new wiki takes, and that jobs of some of them are stored.

    tests/bench/farm.py [--wikis 2000] [--source php|http|none] [--fail]

`--fail` ends with 1 when a figure is beyond its limit."""
import argparse
import contextlib
import pathlib
import signal
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests' / 'support')]
# pylint: disable=wrong-import-position
from entities import item
from pg import PrivatePostgres
from runner_process import Runner, toml, wait_until

WORKER = ROOT / 'tests' / 'support' / 'fake_worker.py'
MOST_SECONDS, MOST_MB = 10, 200
REST = 5  # seconds


def settings_of(source, folder):
    if source == 'php':
        return {'source': 'php', 'php_idle': '1s', 'php_command': [sys.executable, WORKER, folder]}
    if source == 'http':
        # no answer, and a port that refuses: what is measured is the runner
        return {'source': 'http', 'entity_data_url': 'http://127.0.0.1:9/wiki/Special:EntityData/',
                'api_url': 'http://127.0.0.1:9/w/api.php'}
    return {'source': 'none'}


def write_wiki(runner, name, settings):
    folder = runner.folder / 'wikis.d'
    folder.mkdir(exist_ok=True)
    (folder / f'{name}.toml').write_text(f'[wiki.{name}]\n' + ''.join(
        f'{key} = {toml(value)}\n' for key, value in settings.items()))


def memory(process):
    """Resident, and what no other process shares, in MB."""
    values = {}
    for line in pathlib.Path(f'/proc/{process}/smaps_rollup').read_text().splitlines()[1:]:
        name, _, value = line.partition(':')
        values[name] = int(value.split()[0]) / 1000 if value.strip().endswith('kB') else 0
    return values['Rss'], values['Private_Clean'] + values['Private_Dirty']


def processor_seconds(process):
    fields = pathlib.Path(f'/proc/{process}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def store_some(runner, wikis, source):
    if source == 'http':
        return 0
    for wiki in wikis:
        job = {'entity': 'Q1', **({} if source == 'php' else {'document': item('Q1')})}
        assert runner.submit(job, wiki=wiki).status == 202
    for wiki in wikis:
        wait_until(lambda: runner.result('Q1', wiki).status == 200, 120)
    return len(wikis)


def measure(options, conninfo, folder):
    (folder / 'only-files').touch()
    (folder / 'Q1.json').write_text('{"type":"item","id":"Q1","lastrevid":1,"labels":{},"claims":[]}')
    runner = Runner(conninfo, settings={'log.level': 'info'})
    figures = {}
    with contextlib.closing(runner):
        settings = settings_of(options.source, folder)
        names = [f'w{number:05}' for number in range(options.wikis)]
        for name in names:
            write_wiki(runner, name, settings)
        begin = time.monotonic()
        runner.start()
        figures['ready after (s)'] = time.monotonic() - begin, MOST_SECONDS
        used = processor_seconds(runner.process.pid)
        time.sleep(REST)
        resident, own = memory(runner.process.pid)
        figures['resident at rest (MB)'] = resident, MOST_MB
        figures['of that its own (MB)'] = own, MOST_MB
        figures['processor at rest (%)'] = (
            100 * (processor_seconds(runner.process.pid) - used) / REST, None)
        stored = store_some(runner, names[::max(1, options.wikis // 20)], options.source)
        figures['wikis with a job that was stored'] = stored, None
        write_wiki(runner, 'late', {'source': 'none'})
        begin = time.monotonic()
        runner.signal(signal.SIGHUP)
        job = {'entity': 'Q1', 'document': item('Q1')}
        wait_until(lambda: runner.submit(job, wiki='late').status == 202, 60)
        figures['new wiki taken in after (s)'] = time.monotonic() - begin, MOST_SECONDS
        time.sleep(REST)
        figures['resident after that (MB)'] = memory(runner.process.pid)[0], MOST_MB
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--wikis', type=int, default=2000)
    parser.add_argument('--source', choices=['php', 'http', 'none'], default='php')
    parser.add_argument('--fail', action='store_true')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with PrivatePostgres(folder / 'pg', socket_mode='0755') as postgres:
            figures = measure(options, postgres.create_database(), folder)
    beyond = False
    for name, (value, limit) in figures.items():
        wrong = limit is not None and value > limit
        beyond = beyond or wrong
        print(f'{name:34} {value:10.1f}' + (f'  at most {limit}' if limit is not None else '')
              + ('  BEYOND' if wrong else ''))
    return 1 if beyond and options.fail else 0


if __name__ == '__main__':
    sys.exit(main())
