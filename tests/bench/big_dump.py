#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a dump of any size with the sizes, properties and values of the golden set.

usage: tests/bench/big_dump.py ENTITIES FILE [--golden FOLDER]

FILE ends in .json, .json.gz or .json.zst and is a JSON array with an entity a line, as Wikibase
dumps it. First come the golden entities themselves, so that what they refer to exists; then copies
of the full items in a random order (always the same), each with an id, GUIDs and external
identifiers of its own. A thousandth of the identifiers stay as they are: so many are shared, as
some are on a wiki."""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts' / 'lib'))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
import golden_items
from runner_client import open_lines

FIRST_COPY = 200_000_000  # above every id of the golden set
EXTERNAL = re.compile(
    rb'"hash":"[0-9a-f]{40}",("datavalue":\{"value":")([^"\\]{3,})("[^}]*\},"datatype":"external-id")')
DIGITS = re.compile(rb'[0-9]')


class Template:
    """An item cut at the places that differ in each copy: its own id, and the digits of external
    identifiers. The hashes of those snaks go: they would be wrong."""

    def __init__(self, line):
        own = re.search(rb'"id":"(Q[0-9]+)"', line[:400])[1]
        self.size = len(line)
        text = EXTERNAL.sub(lambda m: m[1] + b'\0v' + m[2] + b'\0' + m[3], line.rstrip(b'\n'))
        text = re.sub(rb'"%s(?=["$])' % own, b'"\0i\0', text)
        self.parts = re.split(rb'\0(i|v[^\0]*)\0', text)

    def copy(self, number, rng):
        out = list(self.parts)
        own = b'Q%d' % number
        digits = b'%030d' % rng.getrandbits(96)
        for at in range(1, len(out), 2):
            slot = out[at]
            if slot == b'i':
                out[at] = own
                continue
            value = slot[1:]
            if rng.random() < 0.001:
                out[at] = value
                continue
            turn = iter(digits * (1 + len(value) // len(digits)))
            out[at] = DIGITS.sub(lambda _: bytes((next(turn),)), value)  # pylint: disable=cell-var-from-loop
            digits = digits[7:] + digits[:7]
        return b''.join(out)


def packer(path):
    if path.name.endswith('.gz'):
        return ['gzip', '-c', '-3']
    if path.name.endswith('.zst'):
        return ['zstd', '-c', '-q', '-3']
    return ['cat']


def write(out, options):
    rng = random.Random(1)
    written = 0
    out.write(b'[\n')

    def put(line):
        nonlocal written
        out.write((b',\n' if written else b'') + line)
        written += 1

    templates = []
    with open_lines(options.golden / 'entities.ndjson.zst') as lines:
        for line in lines:
            if written < options.entities:
                put(line.rstrip(b'\n'))
            # the thin ones are a label and class edges: below a kilobyte
            if b'"type":"item"' in line[:300] and len(line) > 1200:
                templates.append(Template(line))
    order = []
    while written < options.entities:
        if not order:
            order = list(templates)
            rng.shuffle(order)
        put(order.pop().copy(FIRST_COPY + written, rng))
        if written % 10_000 == 0 and sys.stderr.isatty():
            print(f'\r{written:,} entities', end='', file=sys.stderr)
    out.write(b'\n]\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('entities', type=int)
    parser.add_argument('file', type=pathlib.Path)
    parser.add_argument('--golden', type=pathlib.Path, default=golden_items.GOLDEN)
    options = parser.parse_args()
    if not (options.golden / 'entities.ndjson.zst').exists():
        sys.exit(f'{options.golden}: the golden set is not there')
    part = options.file.with_name(options.file.name + '.part')
    with open(part, 'wb') as target, \
            subprocess.Popen(packer(options.file), stdin=subprocess.PIPE, stdout=target) as packing:
        write(packing.stdin, options)
        packing.stdin.close()
        if packing.wait() != 0:
            sys.exit('packing failed')
    os.replace(part, options.file)


if __name__ == '__main__':
    main()
