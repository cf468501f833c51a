# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/new-check adds a constraint type to a copy of the tree, which is consistent afterwards,
or says why not and changes nothing."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAKEN = re.compile(r'^(build.*|\.git|__pycache__|\.pytest_cache|\.cache)$')
NEW = {'src/checks/types/odd_value.cpp', 'docs/checks/odd-value.md', 'tests/cases/odd-value/cases.toml',
       'tests/cases/odd-value/check.toml', 'tests/cases/odd-value/parameters.toml'}
CHANGED = {'src/checks/registry.cpp', 'src/checks/meson.build', 'docs/checks/README.md',
           'src/config/constraint_ids.hpp', 'src/results/sentence_patterns.cpp', 'docs/configuration.md',
           'constraint-runner.toml.example'}


@pytest.fixture
def tree(tmp_path):
    copy = tmp_path / 'tree'
    shutil.copytree(ROOT, copy, symlinks=True,
                    ignore=lambda _, names: [n for n in names if TAKEN.match(n)])
    return copy


def new_check(tree, *arguments):
    return subprocess.run([tree / 'scripts' / 'new-check', *arguments], capture_output=True,
                          text=True, check=False,
                          env=os.environ | {'PYTHONDONTWRITEBYTECODE': '1'})


def contents(tree):
    return {str(p.relative_to(tree)): p.read_bytes() for p in tree.rglob('*') if p.is_file()}


def consistency_tests(tree):
    """The copy's own tests that need no program."""
    return subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
         'tests/tools/test_cases.py', 'tests/tools/test_tree.py', '-k', 'not runner'],
        cwd=tree, capture_output=True, text=True, check=False,
        env=os.environ | {'PYTHONDONTWRITEBYTECODE': '1'})


def test_a_new_check_leaves_a_consistent_tree(tree):
    before = contents(tree)
    done = new_check(tree, 'odd-value', '--type', 'Q99999999')
    assert done.returncode == 0, done.stderr
    after = contents(tree)
    assert set(after) - set(before) == NEW
    assert {p for p in before if before[p] != after[p]} == CHANGED
    assert set(done.stdout.splitlines()[:-1]) == NEW | CHANGED
    assert subprocess.run([sys.executable, tree / 'tests' / 'layers.py', tree], check=False,
                          capture_output=True).returncode == 0
    tests = consistency_tests(tree)
    assert tests.returncode == 0, tests.stdout[-3000:]
    assert 'odd-value' in subprocess.run([tree / 'tests' / 'cases' / 'run', '--list'],
                                         capture_output=True, text=True, check=False).stdout


def test_an_own_check_is_marked_everywhere(tree):
    done = new_check(tree, 'odd-value', '--own', '--type', 'Q99999999')
    assert done.returncode == 0, done.stderr

    def text(path):
        return (tree / path).read_text(encoding='utf-8')
    assert '.extra = config::Extra::types,' in text('src/checks/types/odd_value.cpp')
    assert 'own = true' in text('tests/cases/odd-value/check.toml')
    assert 'The runner\'s own' in text('docs/checks/odd-value.md')
    own = text('src/config/constraint_ids.hpp').partition('RUNNER_OWN_IDS(X)')[2]
    assert 'X(OddValueConstraint, "Q99999999")' in own.partition('enum class')[0]
    assert '| `ConstraintRunnerOddValueConstraintId` | `Q99999999` |' in text('docs/configuration.md')
    assert consistency_tests(tree).returncode == 0
    assert '.extra' not in (done := new_check(tree, 'even-value', '--type', 'Q99999998')).stderr
    assert done.returncode == 0 and '.extra' not in text('src/checks/types/even_value.cpp')


def test_the_lists_stay_sorted_and_only_grow(tree):
    lists = {'src/checks/registry.cpp': r'^    X\((\w+)\)',
             'src/checks/meson.build': r"^  'types/(\w+)\.cpp',",
             'src/results/sentence_patterns.cpp': r'^        \{"([\w-]+)",',
             'docs/checks/README.md': r'^- \[([\w-]+)\]'}
    before = {p: re.findall(r, (tree / p).read_text(encoding='utf-8'), re.M)
              for p, r in lists.items()}
    for number, name in enumerate(('a-first', 'none-other', 'zz-last')):
        done = new_check(tree, name, '--type', f'Q9999999{number}')
        assert done.returncode == 0, done.stderr
    for path, row in lists.items():
        after = re.findall(row, (tree / path).read_text(encoding='utf-8'), re.M)
        added = [n for n in after if n not in before[path]]
        assert [n.replace('_', '-') for n in added] == ['a-first', 'none-other', 'zz-last']
        checks = after[:after.index(added[-1]) + 1]  # what follows them is another list
        assert checks == sorted(checks)
        assert [n for n in after if n in before[path]] == before[path]


@pytest.mark.skipif(not shutil.which('g++'), reason='there is no g++')
def test_what_is_made_compiles_without_a_warning(tree):
    assert new_check(tree, 'odd-value', '--type', 'Q99999999').returncode == 0
    for source in ('types/odd_value', 'registry'):
        command = [*(['ccache'] if shutil.which('ccache') else []), 'g++', '-std=c++20',
                   '-fsyntax-only', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion',
                   '-Werror', '-I', 'src', f'src/checks/{source}.cpp']
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_setting_that_no_check_uses_yet_is_used(tree):
    path = tree / 'src' / 'config' / 'constraint_ids.hpp'
    text = path.read_text(encoding='utf-8')
    row = '    X(Odd, "Q99999999")'.ljust(99) + '\\\n'
    path.write_text(text.replace('    X(Class, ', row + '    X(Class, '), encoding='utf-8')
    settings = path.read_bytes()
    done = new_check(tree, 'odd-value', '--setting', 'Odd')
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == settings
    assert 'type = "Q99999999"' in (tree / 'tests/cases/odd-value/check.toml').read_text()


@pytest.mark.parametrize('arguments, message', [
    (['Odd-Value', '--type', 'Q99999999'], "'Odd-Value' is no name for a check"),
    (['odd_value', '--type', 'Q99999999'], "'odd_value' is no name for a check"),
    (['../odd', '--type', 'Q99999999'], "'../odd' is no name for a check"),
    (['odd-', '--type', 'Q99999999'], "'odd-' is no name for a check"),
    (['', '--type', 'Q99999999'], "'' is no name for a check"),
    (['x' * 41, '--type', 'Q99999999'], 'is no name for a check'),
    (['none-of', '--type', 'Q99999999'], 'the check none-of exists already'),
    (['every-check', '--type', 'Q99999999'], 'tests/cases/every-check exists already'),
    (['odd-value'], '--type is needed'),
    (['odd-value', '--type', 'P5'], '--type P5: is no item id'),
    (['odd-value', '--type', 'Q52558054'], 'is the id of the setting NoneOfConstraint already'),
    (['odd-value', '--setting', 'NoneOfConstraint'], 'src/checks/types/none_of.cpp is its check'),
    (['odd-value', '--type', 'Q9', '--setting', 'x y'], '--setting x y: write it like'),
    (['odd-value', '--type', 'Q9', '--setting', 'Class'], 'the setting Class exists, with P2308'),
    (['odd-value', '--type', 'Q9', '--summary', 'no stop'], '--summary: one sentence'),
])
def test_a_bad_request_is_refused_and_changes_nothing(tree, arguments, message):
    before = contents(tree)
    done = new_check(tree, *arguments)
    assert done.returncode == 64
    assert message in done.stderr
    assert contents(tree) == before


def test_a_missing_list_is_reported_and_nothing_changes(tree):
    path = tree / 'src' / 'checks' / 'meson.build'
    path.write_text('# empty\n', encoding='utf-8')
    before = contents(tree)
    done = new_check(tree, 'odd-value', '--type', 'Q99999999')
    assert done.returncode == 64
    assert 'src/checks/meson.build' in done.stderr
    assert contents(tree) == before


def test_a_file_that_cannot_be_written_leaves_all_as_it_was(tree):
    (tree / 'docs' / 'checks' / 'README.md.new').mkdir()  # in the way of the last file
    before = contents(tree)
    done = new_check(tree, 'odd-value', '--type', 'Q99999999')
    assert done.returncode == 73
    assert 'nothing is changed' in done.stderr
    assert contents(tree) == before
    assert not (tree / 'tests' / 'cases' / 'odd-value').exists()
