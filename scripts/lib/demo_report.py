# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/demo prints: the violations as the database holds them, the counts of all statuses,
and where to look next."""
import json
import shutil

import builds

STATUSES = ['bad-parameters', 'violation', 'warning', 'suggestion', 'exception', 'compliance',
            'deprecated', 'not-in-scope', 'todo']
LISTED = 60  # violations shown one by one


def table(head, rows, right=()):
    """Columns as wide as their longest cell; `right` are the numbers of columns aligned right."""
    cells = [head, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(head))]

    def line(row):
        return '  '.join(str(c).rjust(w) if i in right else str(c).ljust(w)
                         for i, (c, w) in enumerate(zip(row, widths))).rstrip()
    print(line(head))
    print('  '.join('-' * w for w in widths))
    for row in rows:
        print(line(row))
    print()


def type_names(place):
    """Names of the constraint types, from the runner's own table."""
    checks = json.loads(place.runner('checks', 'list', '--json'))
    rows = checks.get('checks', []) if isinstance(checks, dict) else checks
    own_first = sorted(rows, key=lambda row: not row.get('own'))  # WBQC's name of a type counts
    return {row['item']: row['name'] for row in own_first}


def listed(client, wiki):
    """The first violations of the work list, the gravest first."""
    rows = client.get(f'/v1/violations?wiki={wiki}&limit=1000&sentences=true')['violations']
    return sorted(rows, key=lambda row: (STATUSES.index(row['status']), len(row['entity']),
                                         row['entity'], row['property']))


def report(place, client, wiki, sample):
    names = type_names(place)

    def named(item):
        return names.get(item) or item

    where = f"wiki = '{wiki}'"  # an id of this program, never from outside
    total = int(place.sql(f'SELECT count(*) FROM constraint_runner.violation WHERE {where}')[0][0])
    rows = listed(client, wiki)[:LISTED] if sample else []
    print()
    if rows:
        table(['entity', 'property', 'constraint type', 'status', 'what is wrong'],
              [[row['entity'], row['property'], named(row['type']), row['status'], row['sentence']]
               for row in rows])
        if total > len(rows):
            print(f'… and {total - len(rows):,} more\n')
    kinds = place.sql(
        'SELECT type, status, count(*), min(entity) '
        f'FROM constraint_runner.violation WHERE {where} '
        'GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2')
    if not sample:
        table(['constraint type', 'status', 'pairs', 'for example'],
              [[named(t), s, f'{int(n):,}', e] for t, s, n, e in kinds], right=(2,))

    sums = ', '.join(f'sum({column(s)})' for s in STATUSES)
    counts = place.sql('SELECT count(*), count(incomplete), '
                       f'{sums} FROM constraint_runner.entity_result WHERE {where} AND tombstone = 0')[0]
    entities, incomplete, *checks = (int(c or 0) for c in counts)
    table(['status of the check', 'checks'],
          [[s, f'{n:,}'] for s, n in zip(STATUSES, checks)], right=(1,))
    print(f'{entities:,} entities have a result, with {sum(checks):,} checks; '
          f'{total:,} pairs of statement and constraint are violated; '
          f'{incomplete:,} results are incomplete')


def column(status):
    return 'n_' + status.replace('-', '_')


def where_next(place, wiki, kept):
    psql = shutil.which('psql') or 'psql'
    print()
    if not kept:
        print('Nothing was left running; scripts/demo --keep leaves it, to look around. Then also:')
    else:
        print('The runner and its database are running. Look around:')
    curl = f'curl --unix-socket {place.socket} http://runner'
    print(f'  {curl}/v1/results/{wiki}/Q2')
    print(f'  {curl}/v1/queue')
    print(f'  {curl}/metrics')
    print(f'  {builds.binary()} --config {place.config} status')
    print(f"  {psql} -d '{place.conninfo}' "
          "-c 'SELECT * FROM constraint_runner.violation LIMIT 10'")
    if kept:
        print('Stop it: scripts/demo --stop')
    print('Configuration: ' + str(place.config) + ' · log: ' + str(place.log))
    print('README.md and docs/architecture.md tell how it works.')
