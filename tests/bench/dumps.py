#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What whole dumps cost: `check --dump` by stage on one and two threads, its memory as the dump
grows, rows a second of `dump`, and the first fill of a database from a dump. Wants the golden set
(GOLDEN_DIR), a release build (BUILD_ROOT or build/), and for the last two PostgreSQL.

usage: tests/bench/dumps.py [--sizes 10000,100000] [--only check|memory|dump|import] [--json]"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / 'tests' / 'support'), str(ROOT / 'scripts' / 'lib'), str(HERE)]
# pylint: disable=wrong-import-position
import golden_items

BUILD = pathlib.Path(os.environ.get('BUILD_ROOT') or ROOT / 'build')
BINARY = os.environ.get('CONSTRAINT_RUNNER') or str(BUILD / 'src' / 'cli' / 'constraint-runner')
CONFIG = ROOT / 'tests' / 'parity' / 'golden.toml'
STAGES = ['read', 'parse', 'collect', 'gather', 'check', 'write']
FILL = '''
INSERT INTO constraint_runner.entity_result
SELECT 1, 1, now(), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'golden', 'Q' || n, 'native', NULL, '{}'
FROM generate_series(1, %(entities)s) n;
INSERT INTO constraint_runner.violation
SELECT 1 + m, 'warning', 'golden', 'Q' || n,
       'Q' || n || '$' || md5(n::text || '-' || m), 'P' || m || '$' || md5(m::text), 'Q21503250',
       'type-instance'
FROM generate_series(1, %(entities)s) n, generate_series(1, 10) m;
ANALYZE constraint_runner.violation; ANALYZE constraint_runner.entity_result;
'''


def make_dump(folder, entities, *options):
    path = folder / f'{entities}{"".join(options)}.json.zst'
    if not path.exists():
        subprocess.run([sys.executable, HERE / 'big_dump.py', str(entities), path, *options],
                       check=True)
    return path


def run_check(folder, dump, threads, *formats):
    """Statistics of one run; with its seconds and the peak of its memory."""
    out = folder / 'checked'
    shutil.rmtree(out, ignore_errors=True)
    titles = folder / 'titles.json'
    titles.write_text('{"*": true}', encoding='ascii')
    began = time.perf_counter()
    command = [BINARY, 'check', '--config', CONFIG, '--dump', dump, '--output', out, '--threads',
               str(threads), '--titles', titles, '--now', '2026-11-21T17:50:00Z', '--stats']
    for each in formats:
        command += ['--format', each]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        text = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f'check --dump ended with {process.returncode}: {text[-500:]}')
    stats = json.loads(next(line for line in text.splitlines() if line.startswith('{"entities"')))
    stats['seconds'] = time.perf_counter() - began
    stats['peak_mb'] = usage.ru_maxrss / 1024
    shutil.rmtree(out)
    return stats


GOLDEN_ENTITIES = 46_609  # most of them a label and class edges
COPIES = 20_000  # of full items


def check_rows(folder, add):
    """Entities of full size: what the dump with the copies costs more than the one without."""
    bare = make_dump(folder, GOLDEN_ENTITIES)
    dump = make_dump(folder, GOLDEN_ENTITIES + COPIES)
    for threads in (1, 2):
        for formats in (['csv'], ['results']):
            less, stats = (min((run_check(folder, each, threads, *formats) for _ in range(2)),
                               key=lambda run: run['seconds']) for each in (bare, dump))
            for key in ('entities', 'seconds'):
                stats[key] -= less[key]
            cpu = {stage: stats['cpu_seconds'][stage] - less['cpu_seconds'][stage]
                   for stage in STAGES}
            name = f'check --dump, {threads} thread{"s" if threads > 1 else ""}, {formats[0]}'
            add(name, stats['entities'] / stats['seconds'], 'entities/s')
            add('  processor time of all stages', 1e6 * sum(cpu.values()) / stats['entities'],
                'us per entity')
            for stage in STAGES:
                add(f'  {stage}', 1e6 * cpu[stage] / stats['entities'], 'us per entity')


def memory_rows(folder, sizes, add):
    for size in sizes:
        dump = make_dump(folder, size)
        stats = run_check(folder, dump, 2, 'csv')
        add(f'check --dump of {size:,} entities', stats['entities'] / stats['seconds'],
            'entities/s')
        add('  peak memory', stats['peak_mb'], 'MB')
        dump.unlink()


def dump_rows(folder, add):
    from pg import PrivatePostgres  # pylint: disable=import-outside-toplevel
    import psycopg  # pylint: disable=import-outside-toplevel
    with PrivatePostgres(folder / 'pg') as postgres:
        config = folder / 'runner.toml'
        config.write_text(f'[database]\nconninfo = {json.dumps(postgres.conninfo)}\n'
                          '[wiki.golden]\n', encoding='utf-8')
        subprocess.run([BINARY, 'migrate', '--config', config], check=True,
                       stdout=subprocess.DEVNULL)
        with psycopg.connect(postgres.conninfo) as database:
            for statement in FILL.split(';'):
                if statement.strip():
                    database.execute(statement % {'entities': 100_000})
        for formats, threads in ((['nt'], 1), (['nt'], 2), (['ttl'], 2), (['csv'], 2)):
            out = folder / 'dumped'
            shutil.rmtree(out, ignore_errors=True)
            command = [BINARY, 'dump', '--config', config, '--output', out, '--threads',
                       str(threads), '--json']
            for each in formats:
                command += ['--format', each]
            began = time.perf_counter()
            said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            seconds = time.perf_counter() - began
            unit = 'rows/s' if formats == ['csv'] else 'triples/s'
            add(f'dump, {formats[0]}.gz, {threads} connection{"s" if threads > 1 else ""}',
                said['violations'] / seconds, unit)
        shutil.rmtree(folder / 'dumped')


def run_import(folder, dump):
    """Entities, seconds, seconds of collecting facts, and peak MB of the import of a dump into an
    empty database that is durable as an ordinary server is."""
    # pylint: disable=import-outside-toplevel
    from pg import PrivatePostgres
    from runner_process import Runner, wait_until
    settings = {f'wiki.golden.{key}': value for key, value in
                tomllib.loads(CONFIG.read_text(encoding='utf-8'))['wiki']['golden'].items()}
    settings['wiki.golden.unit_conversion'] = golden_items.GOLDEN / 'unit-conversion.json'
    with PrivatePostgres(folder / 'pg2', fsync=True, settings=['max_wal_size=4GB']) as postgres:
        runner = Runner(postgres.conninfo, settings={
            **settings, 'imports.dump_folder': dump.parent, 'imports.work_folder': folder,
            'log.level': 'warning'})
        try:
            runner.start()
            job = runner.post('/v1/import', {'import_method': 'dump', 'wiki': 'golden',
                                             'file': dump.name}).json['job_id']
            began, first = time.perf_counter(), None

            def over():
                nonlocal first
                status = runner.get(f'/v1/import/{job}/status').json
                if first is None and status['done'] > 0:
                    first = time.perf_counter()
                return status if status['status'] in ('complete', 'failed') else None
            ended = wait_until(over, 7200, 0.1)
            seconds = time.perf_counter() - began
            if ended['status'] != 'complete':
                sys.exit(f'the import failed: {ended}')
            with open(f'/proc/{runner.process.pid}/status', encoding='ascii') as lines:
                peak = next(line for line in lines if line.startswith('VmHWM'))
            return ended['done'], seconds, (first or began) - began, int(peak.split()[1]) / 1024
        finally:
            runner.close()


def import_rows(folder, add):
    """The first fill with entities of full size: what the dump with the copies costs more."""
    few, less, _, _ = run_import(folder, make_dump(folder, GOLDEN_ENTITIES))
    shutil.rmtree(folder / 'pg2', ignore_errors=True)
    done, seconds, collecting, peak = run_import(folder, make_dump(folder, GOLDEN_ENTITIES + COPIES))
    shutil.rmtree(folder / 'pg2', ignore_errors=True)
    add('import_method=dump, first fill', (done - few) / (seconds - less), 'entities/s')
    add('  of that, collecting facts', collecting, 's')
    add('  peak memory of serve', peak, 'MB')


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sizes', default='10000,100000',
                        help='entities of the dumps whose memory is measured')
    parser.add_argument('--only', choices=['check', 'memory', 'dump', 'import'], action='append')
    parser.add_argument('--folder', type=pathlib.Path, help='for the dumps; else a temporary one')
    parser.add_argument('--json', action='store_true')
    options = parser.parse_args()
    only = options.only or ['check', 'memory', 'dump', 'import']
    rows = []

    def add(what, value, unit):
        rows.append({'what': what, 'value': value, 'unit': unit})
        if not options.json:
            print(f'{what:45} {value:12,.1f} {unit}', flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or pathlib.Path(temporary)
        os.chmod(temporary, 0o755)  # the server of the test is another user
        if not (golden_items.GOLDEN / 'entities.ndjson.zst').exists():
            print(f'SKIPPED, NOT MEASURED: the golden set is not in {golden_items.GOLDEN}',
                  file=sys.stderr)
            only = [each for each in only if each == 'dump']
        if 'check' in only:
            check_rows(folder, add)
        if 'memory' in only:
            memory_rows(folder, [int(size) for size in options.sizes.split(',')], add)
        if 'dump' in only:
            dump_rows(folder, add)
        if 'import' in only:
            import_rows(folder, add)
    if options.json:
        print(json.dumps(rows))


if __name__ == '__main__':
    main()
