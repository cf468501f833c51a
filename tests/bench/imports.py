# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of a category of 50,000 files from a private MariaDB, in both generations of tables: files
per second beside a plain query for the same rows, MariaDB's time beside that for Montage's query, what a
status costs meanwhile, and what OFFSET would cost. All three share the machine's processors."""
import contextlib
import itertools
import pathlib
import re
import shutil
import sys
import time

from commons_wiki import CommonsWiki
from demo_run import Failed
from mariadb import PrivateMariadb
from montage_query import MONTAGES_QUERY
from pg import PrivatePostgres
from runner_process import Runner

FILES = 50_000
CHUNK = 500


def seconds_of(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def memory_mb(process, name):
    text = pathlib.Path(f'/proc/{process.pid}/status').read_text(encoding='ascii')
    return int(re.search(name + r':\s+(\d+)', text)[1]) / 1024


def run_import(runner):
    """Seconds from the request to complete, and how long each status took meanwhile."""
    request = {'import_method': 'category', 'wiki': 'commons', 'category': 'Bridges'}
    took = []
    began = time.perf_counter()
    ident = runner.post('/v1/import', request).json['job_id']
    while True:
        asked = time.perf_counter()
        status = runner.get(f'/v1/import/{ident}/status').json
        took.append(time.perf_counter() - asked)
        if status['status'] == 'failed':
            raise Failed(f'import: {status["error"]}')
        if status['status'] == 'complete':
            return time.perf_counter() - began, sorted(took)
        time.sleep(0.01)


def processor_seconds(mariadb, user):
    """That MariaDB has worked for a user."""
    return float(mariadb.execute("SELECT cpu_time FROM information_schema.user_statistics WHERE "
                                 f"user = '{user}'") or 0)


def of_montages_query(mariadb, wiki, imports):
    """MariaDB's seconds for an import, in percent of those for Montage's query over the same files."""
    before = processor_seconds(mariadb, 'root')
    for _ in range(3):
        wiki.sql(MONTAGES_QUERY[wiki.new].format('Bridges'))
    return 100 * 3 * imports / (processor_seconds(mariadb, 'root') - before)


def keyset_and_offset(wiki, table):
    """The keys of the category's index in chunks, by where the last ended and by OFFSET."""
    rows = [row.split('\t') for row in wiki.sql(
        "SELECT cl_timestamp, cl_from FROM categorylinks WHERE cl_to = 'Bridges' "
        "AND cl_type = 'file' ORDER BY cl_timestamp, cl_from").splitlines()]
    within = ("SELECT cl_timestamp, cl_from FROM categorylinks WHERE cl_to >= 'Bridges' AND "
              "cl_to <= 'Bridges'")
    ends = [tuple(rows[n - 1]) for n in range(CHUNK, len(rows), CHUNK)]
    order = 'ORDER BY cl_to, cl_timestamp, cl_from'
    keyset = ';'.join([f'{within} {order} LIMIT {CHUNK}'] + [
        f"{within} AND (cl_timestamp > '{time}' OR (cl_timestamp = '{time}' AND cl_from > {page})) "
        f'{order} LIMIT {CHUNK}' for time, page in ends])
    offset = ';'.join(f'{within} {order} LIMIT {n}, {CHUNK}'
                      for n in range(0, len(rows), CHUNK))
    best = min(seconds_of(lambda: wiki.sql(keyset)) for _ in range(3))
    table.add(f'{FILES:,} keys in chunks of {CHUNK}, keyset', 1000 * best, 'ms')
    best = min(seconds_of(lambda: wiki.sql(offset)) for _ in range(3))
    table.add(f'{FILES:,} keys in chunks of {CHUNK}, LIMIT and OFFSET', 1000 * best, 'ms')


def measure(place, table):
    if shutil.which('mariadbd') is None:
        print('SKIPPED, NOT MEASURED: there is no MariaDB here (package mariadb-server); all rows '
              'of imports are left out', file=sys.stderr)
        return
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(PrivatePostgres(place.folder / 'imports-postgres', fsync=True,
                                                       socket_mode='0755'))
        mariadb = stack.enter_context(PrivateMariadb(['--userstat=1']))
        for new, name in ((False, 'image and oldimage'), (True, 'file and filerevision')):
            wiki = CommonsWiki(mariadb, f'bench_{int(new)}', new=new)
            wiki.category('Bridges')
            wiki.files('Bridges', 1, FILES)
            wiki.expected('Bridges')
            plain = min(seconds_of(lambda: wiki.expected('Bridges')) for _ in range(3))
            runner = Runner(postgres.create_database(), (), {
                'imports.poll_interval': '100ms', 'log.level': 'info',
                **mariadb.replica_settings('commons', wiki.database)})
            stack.callback(runner.close)
            runner.start()
            idle = memory_mb(runner.process, 'VmRSS')
            before = processor_seconds(mariadb, 'reader')
            first, took = run_import(runner)
            cost = processor_seconds(mariadb, 'reader') - before
            again, more = run_import(runner)
            took = sorted(itertools.chain(took, more))
            limit = {'limit': FILES / plain, 'limit_name': 'one plain query for the same rows'}
            table.add(f'{name}: import', FILES / first, 'files/s', **limit)
            table.add(f'{name}: import once more', FILES / again, 'files/s', **limit)
            table.add(f"{name}: MariaDB's time, of that for Montage's query",
                      of_montages_query(mariadb, wiki, cost), '%', 50, least=False)
            table.add(f'{name}: status meanwhile, p50', 1000 * took[len(took) // 2], 'ms')
            table.add(f'{name}: status meanwhile, slowest', 1000 * took[-1], 'ms', 50, least=False)
            table.add(f'{name}: memory that it took', memory_mb(runner.process, 'VmHWM') - idle, 'MB')
            runner.close()
            if not new:
                keyset_and_offset(wiki, table)
