# SPDX-License-Identifier: GPL-2.0-or-later
"""The case files: every check has some, and their runner can fail."""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / 'tests' / 'cases'
sys.path.insert(0, str(CASES))
import expansion  # noqa: E402  pylint: disable=wrong-import-position
import notation  # noqa: E402  pylint: disable=wrong-import-position

NAMES = notation.Names('P100', 'Q100', 'Q19474404')


def registered_checks():
    text = (ROOT / 'src' / 'checks' / 'registry.cpp').read_text(encoding='utf-8')
    table = text.partition('#define RUNNER_CHECKS(X)')[2].partition('\n\n')[0]
    return [name.replace('_', '-') for name in re.findall(r'X\((\w+)\)', table)]


@pytest.mark.parametrize('check', registered_checks())
def test_every_check_has_case_files(check):
    assert (CASES / check / 'check.toml').is_file()
    assert len(list((CASES / check).glob('*.toml'))) > 1, 'no cases of its own'


@pytest.mark.parametrize('check', registered_checks())
def test_every_check_has_a_page(check):
    text = (ROOT / 'docs' / 'checks' / f'{check}.md').read_text(encoding='utf-8')
    facts = expansion.Check(CASES / check).facts
    assert text.startswith(f'# {check}\n')
    assert f'`{facts["type"]}`' in text
    index = (ROOT / 'docs' / 'checks' / 'README.md').read_text(encoding='utf-8')
    assert f'({check}.md)' in index


def test_every_page_is_that_of_a_check():
    pages = {path.stem for path in (ROOT / 'docs' / 'checks').glob('*.md')} - {'README'}
    assert pages <= set(registered_checks())


# messages that need more than one entity's document and those it links to
ELSEWHERE = {'unique-value': 'tests/unit/checks_distinct_values_test.cpp'}


def test_every_message_of_a_check_is_expected_by_some_case():
    literals = set()
    for path in (ROOT / 'src' / 'checks').rglob('*.cpp'):
        text = path.read_text(encoding='utf-8')
        literals |= set(re.findall(r'ViolationMessage(?: message)?\(\s*"([\w-]+)"', text))
    expected = {e.message['k'] for case in expansion.all_cases(CASES) for e in case.expected
                if e.message}
    assert len(literals) > 25
    for key, file in ELSEWHERE.items():
        assert f'"{key}"' in (ROOT / file).read_text(encoding='utf-8')
    assert literals - expected == set(ELSEWHERE)


def test_every_message_has_a_sentence():
    patterns = (ROOT / 'src' / 'results' / 'sentence_patterns.cpp').read_text(encoding='utf-8')
    sentences = set(re.findall(r'^ +\{"([\w-]+)",', patterns, re.MULTILINE))
    expected = {e.message['k'] for case in expansion.all_cases(CASES) for e in case.expected
                if e.message}
    assert len(expected) > 60
    assert not (expected | set(ELSEWHERE)) - sentences


def test_every_check_is_tried_with_the_cases_of_every_check():
    counts = {}
    for case in expansion.all_cases(CASES):
        counts[case.check.name] = counts.get(case.check.name, 0) + 1
    assert set(registered_checks()) <= set(counts)
    assert min(counts.values()) > 100


def fake_program(path, answer):
    path.write_text(f'#!{sys.executable}\nimport sys\nsys.stdout.write({answer!r})\n', encoding='utf-8')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def run_cases(program, *options):
    return subprocess.run([CASES / 'run', *options], capture_output=True, text=True, check=False,
                          env=os.environ | {'CONSTRAINT_RUNNER': str(program)})


def test_the_runner_reports_a_program_without_output(tmp_path):
    done = run_cases(fake_program(tmp_path / 'fake', ''), '--only', 'integer/cases: zero')
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == '0 passed, 1 failed'


def expected_line(case, change=lambda result: None):
    results = case.results()
    for result in results:
        if 's' in result:
            change(result)
    return json.dumps({'entity': case.subject, 'results': results,
                       'dependencies': case.dependencies()})


@pytest.mark.parametrize('change', [
    lambda r: r.update(s='compliance'),
    lambda r: r['m'].update(k='integer-bounds'),
    lambda r: r['m']['a'][0].update(r='predicate'),
    lambda r: r['|'].update(h='0' * 40),
    lambda r: r['c'].update(id='P1$other'),
    lambda r: r.update(l=[{'text': 'x', 'language': 'en'}]),
], ids=['status', 'message key', 'role', 'snak hash', 'constraint', 'clarification'])
def test_the_runner_notices_a_difference_in(change, tmp_path):
    only = 'integer/cases: a half'
    case = next(c for c in expansion.all_cases(CASES) if only in c.name)
    good = fake_program(tmp_path / 'good', expected_line(case))
    assert run_cases(good, '--only', only).returncode == 0
    bad = fake_program(tmp_path / 'bad', expected_line(case, change))
    assert run_cases(bad, '--only', only).returncode == 1


def test_a_statement_is_read():
    one = notation.Statement('P 5~4..6[Q1] {P10 "a, b", P11 novalue} <P12 en:"x"> deprecated',
                             NAMES, 'Q100$1')
    assert one.main['datavalue']['value']['upperBound'] == '+6'
    assert one.main['property'] == 'P100'
    assert [q['snaktype'] for q in one.qualifiers] == ['value', 'novalue']
    assert one.references[0][0]['datavalue']['value'] == {'text': 'x', 'language': 'en'}
    assert one.rank == 'deprecated'


@pytest.mark.parametrize('text', ['P', 'P "x', 'P Q', 'P "x" {P10 Q1', 'P "x" rank', '"x"',
                                  'P10'])
def test_an_invalid_statement_is_reported(text):
    with pytest.raises(ValueError):
        notation.Statement(text, NAMES, 'Q100$1')


@pytest.mark.parametrize('text, expected', [
    # hashes as www.wikidata.org and WikibaseQualityConstraints' own results show them
    ('P9001 Q71', '04c328862b0478510ddb75c8079dbdb29e3bfd4e'),
    ('P2306 P9003', '60becb2250575c4b35f9307851abd2ac5f148bc6'),
])
def test_the_hash_of_a_snak_is_that_of_wikibase(text, expected):
    assert notation.snak_hash(notation.one_snak(text, NAMES)) == expected
