# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/test counts: a suite that dies, lies or says nothing is a failure."""
import pathlib
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'scripts' / 'lib'))
import suite_tools  # noqa: E402  pylint: disable=wrong-import-position

JUNIT = '''<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="1 is not 2"/></testcase>
<testcase classname="a" name="broken"><error>boom</error></testcase>
<testcase classname="a" name="left out"><skipped/></testcase>
</testsuite></testsuites>'''


def junit(tmp_path, script, timeout=30):
    report = tmp_path / 'report.xml'
    command = ['sh', '-c', script.replace('REPORT', str(report))]
    return suite_tools.junit_suite(command, report, tmp_path / 'log', timeout=timeout)


def counts(result):
    return result.passed, result.failed, result.skipped


def test_a_junit_report_is_counted_by_its_cases(tmp_path):
    (tmp_path / 'given.xml').write_text(JUNIT)
    result = junit(tmp_path, f'cp {tmp_path}/given.xml REPORT; exit 1')
    assert counts(result) == (1, 2, 1)
    assert 'a.bad: 1 is not 2' in result.notes


@pytest.mark.parametrize('script', ['true', 'exit 3', 'kill -SEGV $$', 'echo "<testsu" > REPORT',
                                    'echo "<testsuite/>" > REPORT'])
def test_a_suite_without_results_is_one_failure(tmp_path, script):
    assert counts(junit(tmp_path, script)) == (0, 1, 0)


def test_an_end_that_no_failed_test_explains_is_a_failure(tmp_path):
    script = 'echo "<testsuite><testcase name=\'x\'/></testsuite>" > REPORT; exit 99'
    assert counts(junit(tmp_path, script)) == (1, 1, 0)


def test_a_report_of_an_earlier_run_does_not_count(tmp_path):
    (tmp_path / 'report.xml').write_text(JUNIT)
    assert counts(junit(tmp_path, 'exit 1')) == (0, 1, 0)


def test_a_suite_past_its_deadline_is_ended_with_its_children(tmp_path):
    began = time.monotonic()
    result = junit(tmp_path, f'sleep 60 & echo $! > {tmp_path}/child; wait', timeout=1)
    assert counts(result) == (0, 1, 0)
    assert time.monotonic() - began < 20
    child = pathlib.Path('/proc', (tmp_path / 'child').read_text().strip(), 'stat')
    deadline = time.monotonic() + 5
    while child.exists() and ' Z ' not in child.read_text():
        assert time.monotonic() < deadline, 'the child still runs'
        time.sleep(0.05)


def test_pytest_that_hangs_is_ended_and_what_was_done_counts(tmp_path):
    (tmp_path / 'test_it.py').write_text('import time\n\n\ndef test_good():\n    pass\n\n\n'
                                         'def test_hangs():\n    time.sleep(600)\n')
    report = tmp_path / 'report.xml'
    command = [sys.executable, '-u', '-m', 'pytest', '-v', '-p', 'no:cacheprovider',
               f'--junitxml={report}', tmp_path]
    result = suite_tools.junit_suite(command, report, tmp_path / 'log', silence=20)
    assert result.passed == 1
    assert result.failed >= 1
    assert any('not done after' in note for note in result.notes)


@pytest.mark.parametrize('output, code, expected', [
    ('12 passed, 0 failed', 0, (12, 0, 0)),
    ('12 passed, 3 failed, 1 skipped', 1, (12, 3, 1)),
    ('1041 equal, 0 different of 1041', 0, (1041, 0, 0)),
    ('12 passed, 0 failed', 1, (12, 1, 0)),
    ('nothing to say', 0, (1, 0, 0)),
    ('nothing to say', 2, (0, 1, 0)),
])
def test_a_program_that_counts_for_itself_is_believed_when_its_exit_code_agrees(
        tmp_path, output, code, expected):
    result = suite_tools.counted_suite(['sh', '-c', f'echo "{output}"; exit {code}'],
                                       tmp_path / 'log')
    assert counts(result) == expected
