# SPDX-License-Identifier: GPL-2.0-or-later
"""The two commands ask the package system nothing when they are told not to install."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(folder, *command):
    """With a dpkg-query that leaves a mark and knows no package, and no way to become root."""
    mark = folder / 'asked'
    tools = folder / 'bin'
    tools.mkdir()
    for name in ('dpkg-query', 'sudo', 'apt-get'):
        (tools / name).write_text(f'#!/bin/sh\necho {name} >> "{mark}"\nexit 1\n', encoding='utf-8')
        (tools / name).chmod(0o755)
    environment = {**os.environ, 'PATH': f'{tools}:{os.environ["PATH"]}'}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True,
                          check=False, timeout=60)
    return done, mark.exists()


@pytest.mark.parametrize('command', [('scripts/test', '--only', 'no-such-suite'),
                                     ('scripts/demo', 'no-such-file.ndjson')])
def test_packages_are_looked_for_unless_told_not_to(tmp_path, command):
    (tmp_path / 'with').mkdir()
    (tmp_path / 'without').mkdir()
    done, asked = run(tmp_path / 'with', *command)
    assert asked and done.returncode != 0
    assert 'installing:' in done.stderr or 'please install:' in done.stderr
    done, asked = run(tmp_path / 'without', *command, '--no-install')
    assert not asked and done.returncode != 0
    assert command[-1] in done.stderr + done.stdout  # it came as far as the arguments
