# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/release in a repository with the files that it changes; scripts/package has a stand-in."""
import hashlib
import pathlib
import shutil
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ['scripts/release', 'meson.build', 'php-shim/extension.json', 'debian/changelog']
PACKAGE = '#!/bin/sh\nmkdir -p "$1"; cat meson.build >"$1/constraint-runner_1.2.3_amd64.deb" 2>/dev/null ||\n' \
          '    cat "$(dirname "$0")/../meson.build" >"$1/constraint-runner_1.2.3_amd64.deb"\n'


def run(tree, *arguments):
    return subprocess.run([tree / 'scripts' / 'release', *arguments], check=False, capture_output=True,
                          text=True)


def git(tree, *arguments):
    return subprocess.run(['git', '-C', tree, '-c', 'user.name=A', '-c', 'user.email=a@example.org',
                           *arguments], check=True, capture_output=True, text=True).stdout


def commit(tree):
    git(tree, 'add', '--all')
    git(tree, 'commit', '--message', 'All')


@pytest.fixture
def tree(tmp_path):
    made = tmp_path / 'tree'
    for name in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, made / name)
    (made / 'CHANGELOG.md').write_text('# Changelog\n\n## [Unreleased]\n\n### Added\n- This.\n\n'
                                       '## [0.0.1] - 2026-01-01\n- That.\n')
    (made / 'scripts' / 'package').write_text(PACKAGE)
    (made / 'scripts' / 'package').chmod(0o755)
    git(tmp_path, 'init', '--quiet', made)
    commit(made)
    return made


def test_the_versions_of_the_tree_are_one(tree):
    refused = run(tree, 'make', tree.parent / 'out')
    assert 'versions differ' not in refused.stderr


def test_a_version_is_written_everywhere_and_released(tree):
    assert run(tree, 'prepare', '1.2.3').returncode == 0
    assert "version: '1.2.3'" in (tree / 'meson.build').read_text()
    assert '"version": "1.2.3"' in (tree / 'php-shim/extension.json').read_text()
    assert (tree / 'debian/changelog').read_text().startswith('constraint-runner (1.2.3) ')
    assert '## [Unreleased]\n\n## [1.2.3] - 2' in (tree / 'CHANGELOG.md').read_text()
    commit(tree)
    out = tree.parent / 'out'
    done = run(tree, 'make', out)
    assert done.returncode == 0, done.stderr
    names = {'NOTES.md', 'SHA256SUMS', 'constraint-runner-1.2.3.tar.gz',
             'constraint-runner_1.2.3_amd64.deb'}
    assert {p.name for p in out.iterdir()} == names
    assert (out / 'NOTES.md').read_text() == '# Constraint Runner 1.2.3\n\n### Added\n- This.\n'
    sums = dict(reversed(line.split('  ')) for line in (out / 'SHA256SUMS').read_text().splitlines())
    assert sums.keys() == names - {'SHA256SUMS'}
    for name, checksum in sums.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == checksum
    with tarfile.open(out / 'constraint-runner-1.2.3.tar.gz') as archive:
        assert 'constraint-runner-1.2.3/meson.build' in archive.getnames()
    # of the same commit the same bytes
    first = sums['constraint-runner-1.2.3.tar.gz']
    assert run(tree, 'make', out).returncode == 0 and first in (out / 'SHA256SUMS').read_text()


@pytest.mark.parametrize('spoil, message', [
    (lambda tree: (tree / 'new').write_text('x'), 'not committed'),
    (lambda tree: (tree / 'debian/changelog').write_text('constraint-runner (9.9.9) x; y=z\n'),
     'debian/changelog 9.9.9')])
def test_what_is_not_ready_is_refused(tree, spoil, message):
    assert run(tree, 'prepare', '1.2.3').returncode == 0
    commit(tree)
    spoil(tree)
    refused = run(tree, 'make', tree.parent / 'out')
    assert refused.returncode == 65 and message in refused.stderr
    assert not (tree.parent / 'out').exists()


def test_nothing_unreleased_and_no_version_are_refused(tree):
    assert 'is no version' in run(tree, 'prepare', 'next').stderr
    assert run(tree, 'prepare', '1.2.3').returncode == 0
    assert 'says nothing of Unreleased' in run(tree, 'prepare', '1.2.4').stderr
