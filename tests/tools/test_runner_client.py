# SPDX-License-Identifier: GPL-2.0-or-later
"""How the scripts read entity files."""
import gzip
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts' / 'lib'))
from runner_client import read_entities  # noqa: E402  pylint: disable=wrong-import-position

LINES = b'{"id":"Q1","lastrevid":7}\n{"id":"P2"}\n{"entity":"Q3","redirect":"Q1"}\n'
FOUND = [('Q1', 7, b'{"id":"Q1","lastrevid":7}'), ('P2', 0, b'{"id":"P2"}'), ('Q3', 0, None)]


def test_ndjson_plain_gz_and_zst(tmp_path):
    plain = tmp_path / 'a.ndjson'
    plain.write_bytes(LINES)
    packed = tmp_path / 'a.ndjson.gz'
    packed.write_bytes(gzip.compress(LINES))
    subprocess.run(['zstd', '-q', plain], check=True)
    for path in (plain, packed, tmp_path / 'a.ndjson.zst'):
        assert list(read_entities(path)) == FOUND


def test_the_framing_of_a_dump_is_skipped(tmp_path):
    path = tmp_path / 'dump.json'
    path.write_bytes(b'[\n' + LINES.rstrip().replace(b'\n', b',\n') + b'\n]\n')
    assert list(read_entities(path)) == FOUND


@pytest.mark.parametrize('line', [b'nothing', b'{"labels":{}}', b'[1]', b'42'])
def test_a_line_that_is_no_entity_is_named(tmp_path, line):
    path = tmp_path / 'bad.ndjson'
    path.write_bytes(b'{"id":"Q1"}\n' + line + b'\n')
    with pytest.raises(ValueError, match='bad.ndjson:2: '):
        list(read_entities(path))


def test_a_broken_archive_is_an_error(tmp_path):
    path = tmp_path / 'broken.ndjson.zst'
    path.write_bytes(b'no archive')
    with pytest.raises(OSError, match='zstd failed'):
        list(read_entities(path))
