# SPDX-License-Identifier: GPL-2.0-or-later
"""A migration that databases have applied can't be changed unnoticed."""
import pathlib
import shutil
import subprocess
import sys

import pytest

STORE = pathlib.Path(__file__).resolve().parents[2] / 'src' / 'store'


@pytest.fixture(name='migrations')
def _migrations(tmp_path):
    return shutil.copytree(STORE / 'migrations', tmp_path / 'migrations')


def embed(migrations):
    output = migrations.parent / 'out.cpp'
    done = subprocess.run(
        [sys.executable, STORE / 'embed_migrations.py', output, migrations / 'SHA256SUMS',
         *sorted(migrations.glob('*.sql'))], capture_output=True, text=True, check=False)
    return done, output


def test_the_migrations_of_the_tree_are_as_they_were_added(migrations):
    done, output = embed(migrations)
    assert done.returncode == 0, done.stderr
    assert '0016_ready_order' in output.read_text(encoding='utf-8')


def test_a_changed_comment_ends_the_build(migrations):
    changed = migrations / '0016_ready_order.sql'
    text = changed.read_text(encoding='utf-8')
    changed.write_text(text.replace('-- Always', '-- always', 1), encoding='utf-8')
    done, output = embed(migrations)
    assert done.returncode != 0 and not output.exists()
    assert '0016_ready_order.sql has changed' in done.stderr


def test_a_new_migration_is_told_its_line(migrations):
    count = len(list(migrations.glob('*.sql')))
    new = migrations / f'{count + 1:04d}_new.sql'
    new.write_text('SELECT 1;\n', encoding='utf-8')
    done, output = embed(migrations)
    assert done.returncode != 0 and not output.exists()
    line = done.stderr.strip().splitlines()[-1]
    assert line.endswith(f'  {new.name}')
    with (migrations / 'SHA256SUMS').open('a', encoding='utf-8') as sums:
        sums.write(line + '\n')
    done, output = embed(migrations)
    assert done.returncode == 0, done.stderr
