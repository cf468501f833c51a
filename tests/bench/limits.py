# SPDX-License-Identifier: GPL-2.0-or-later
"""What the same machine does in the same minute without the runner: bare upserts of the same rows
into the same tables, from one connection, one commit per batch. Nobody who stores the rows
durably can be much faster on one connection; several connections share the cost of a commit."""
import time

import psycopg

JOB = '''
INSERT INTO bench.job (revision, queued_at, priority, wiki, entity)
SELECT 0, now(), 0, 'bench', e FROM unnest(%s::text[]) AS e
ON CONFLICT (wiki, entity) DO UPDATE SET generation = bench.job.generation + 1'''

READ_RESULTS = '''
SELECT entity, revision, value::text FROM constraint_runner.entity_result
WHERE wiki = %s AND value IS NOT NULL LIMIT 2000'''

RESULT = '''
INSERT INTO bench.entity_result (revision, check_number, checked_at, duration_us, n_bad_parameters,
    n_violation, n_warning, n_suggestion, n_exception, n_compliance, n_deprecated, n_not_in_scope,
    n_todo, tombstone, wiki, entity, engine, value)
SELECT r, 0, now(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'bench', e, 'none', v::json
FROM unnest(%s::bigint[], %s::text[], %b::text[]) AS t(r, e, v)
ON CONFLICT (wiki, entity) DO UPDATE SET revision = excluded.revision, value = excluded.value
WHERE bench.entity_result.revision <= excluded.revision'''


def _tables(connection):
    connection.execute('CREATE SCHEMA IF NOT EXISTS bench')
    for table in ('job', 'entity_result'):
        connection.execute(f'DROP TABLE IF EXISTS bench.{table}')
        connection.execute(f'CREATE TABLE bench.{table} '
                           f'(LIKE constraint_runner.{table} INCLUDING ALL)')


def upsert_jobs(conninfo, count, batch):
    """Jobs per second."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        _tables(connection)
        ids = [f'Q{i}' for i in range(1, count + 1)]
        began = time.perf_counter()
        for at in range(0, count, batch):
            connection.execute(JOB, (ids[at:at + batch],), prepare=True)
        return count / (time.perf_counter() - began)


def upsert_results(conninfo, wiki, batch=100):
    """Stored results per second, of the values that the runner has stored."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        _tables(connection)
        rows = connection.execute(READ_RESULTS, (wiki,)).fetchall()
        began = time.perf_counter()
        for at in range(0, len(rows), batch):
            entities, revisions, values = zip(*rows[at:at + batch])
            connection.execute(RESULT, (list(revisions), list(entities), list(values)),
                               prepare=True)
        return len(rows) / (time.perf_counter() - began)


COPIED = 250


def fill(conninfo, wiki, first, last):
    """Copies the COPIED smallest of the stored results, with violations, dependencies and values,
    for made-up entities (Q9…): copy n of each for every n of first … last. It is the number of
    rows that counts; copies of large ones would take hours and tell no more. Returns how many
    results there are then."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            'CREATE TEMPORARY TABLE copied AS '
            'SELECT entity, 900000000 + row_number() OVER (ORDER BY entity) AS new_number '
            "FROM (SELECT entity FROM constraint_runner.entity_result "
            "WHERE wiki = %s AND entity !~ '^Q[0-9]{9,}' AND value IS NOT NULL "
            "ORDER BY length(value::text) LIMIT %s) AS small", (wiki, COPIED))
        connection.execute('CREATE INDEX ON copied (entity)')
        for table in ('entity_result', 'violation', 'dependency', 'distinct_value'):
            columns = [row[0] for row in connection.execute(
                'SELECT column_name FROM information_schema.columns WHERE table_schema = '
                "'constraint_runner' AND table_name = %s ORDER BY ordinal_position", (table,))]
            selected = ["'Q' || (new_number + n * 10000)" if c == 'entity' else f'r.{c}'
                        for c in columns]
            connection.execute(
                f'INSERT INTO constraint_runner.{table} ({", ".join(columns)}) '
                f'SELECT {", ".join(selected)} FROM constraint_runner.{table} AS r '
                'JOIN copied USING (entity) CROSS JOIN generate_series(%s::int, %s::int) AS n '
                'WHERE r.wiki = %s ON CONFLICT DO NOTHING', (first, last, wiki))
        connection.execute('VACUUM ANALYZE')
        return connection.execute('SELECT count(*) FROM constraint_runner.entity_result '
                                  'WHERE wiki = %s', (wiki,)).fetchone()[0]
