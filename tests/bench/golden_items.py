# SPDX-License-Identifier: GPL-2.0-or-later
"""The full items of the golden set (its other items are thin: a label and class edges, or nothing),
and the requests that carry them."""
import json
import os
import pathlib
import re

from load import request
from runner_client import open_lines

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = pathlib.Path(os.environ.get('GOLDEN_DIR') or ROOT.parent / 'shared' / 'golden')
LASTREVID = re.compile(rb'"lastrevid":\d+')


def is_full(item):
    return (len(item['labels']) > 1 or bool(item['descriptions'])
            or any(p not in ('P31', 'P279') for p in item['claims']))


def prepare(folder):
    """Unpacks the golden entities into `folder` once; returns (file of all entities, file of the
    full items, ids of the full items)."""
    everything, items, ids = (folder / n for n in ('entities.ndjson', 'items.ndjson', 'items.txt'))
    if not ids.exists():
        found = []
        with open_lines(GOLDEN / 'entities.ndjson.zst') as lines, \
                open(everything, 'wb') as all_out, open(items, 'wb') as items_out:
            for line in lines:
                all_out.write(line)
                if b'"type":"item"' not in line[:300]:
                    continue
                entity = json.loads(line)
                if is_full(entity):
                    items_out.write(line)
                    found.append(entity['id'])
        ids.write_text(''.join(f'{i}\n' for i in found), encoding='ascii')
    return everything, items, ids.read_text(encoding='ascii').split()


def documents(items_file):
    """(id, JSON) of each full item."""
    with open(items_file, 'rb') as lines:
        return [(json.loads(line)['id'], line.rstrip(b'\n')) for line in lines]


def job(entity, document, revision):
    """A job with its document, which says the same revision."""
    document = LASTREVID.sub(b'"lastrevid":%d' % revision, document, count=1)
    return (b'{"type":"check","entity":"%s","revision":%d,"document":%s}'
            % (entity.encode(), revision, document))


def post(wiki, jobs):
    return request('POST', '/v1/jobs',
                   b'{"wiki":"%s","jobs":[%s]}' % (wiki.encode(), b','.join(jobs)))


def batches(wiki, docs, revision, most_jobs=50, most_bytes=2_000_000):
    """Requests that post all documents at one revision."""
    jobs, size = [], 0
    for entity, document in docs:
        jobs.append(job(entity, document, revision))
        size += len(jobs[-1])
        if len(jobs) == most_jobs or size > most_bytes:
            yield post(wiki, jobs)
            jobs, size = [], 0
    if jobs:
        yield post(wiki, jobs)
