# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo, run as a user would: the sample brings out every status, files of one's own are
taken, and nothing is left running, whatever the end."""
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / 'scripts' / 'lib' / 'demo.py'
FOLDER = pathlib.Path(os.environ.get('BUILD_DIR') or ROOT / 'build') / 'demo'
STATUSES = ['bad-parameters', 'violation', 'warning', 'suggestion', 'exception', 'compliance',
            'deprecated', 'not-in-scope', 'todo']


def processes():
    """Command lines of what runs in the demo's folder."""
    found = []
    for path in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
        try:
            command = path.read_bytes().replace(b'\0', b' ').decode(errors='replace')
        except OSError:
            continue
        if f'{FOLDER}/' in command:
            found.append(command)
    return found


@pytest.fixture(autouse=True)
def alone():
    if processes():
        pytest.skip('a demo is running already')
    yield
    left = processes()
    subprocess.run([sys.executable, DEMO, '--stop'], check=False, capture_output=True)
    assert not left


def demo(*arguments):
    return subprocess.run([sys.executable, DEMO, *arguments], check=False, text=True,
                          capture_output=True, timeout=300)


def test_the_sample_brings_out_every_status():
    done = demo()
    assert done.returncode == 0, done.stderr
    for status in STATUSES:
        count = re.search(rf'^{status} +([\d,]+)$', done.stdout, re.M)
        assert count and count[1] != '0', status
    assert 'Q2      P462      one-of' in done.stdout
    assert re.search(r'^Q13 +P582 +range +warning', done.stdout, re.M)
    assert re.search(r'one-of +violation +P462 should have one of these values: Q\d+', done.stdout)
    assert 'P31 = Q103: remove one of them. Use P1340 instead.' in done.stdout
    assert 'curl --unix-socket' in done.stdout


def test_files_replace_the_sample(tmp_path):
    lines = (ROOT / 'examples' / 'sample.ndjson').read_text(encoding='utf-8').splitlines()
    dump = tmp_path / 'dump.json.gz'
    dump.write_bytes(gzip.compress(('[\n' + ',\n'.join(lines[:30]) + '\n]\n').encode()))
    rest = tmp_path / 'rest.ndjson'
    rest.write_text('\n'.join(lines[30:]) + '\n', encoding='utf-8')
    done = demo(dump, rest)
    assert done.returncode == 0, done.stderr
    assert f'{len(lines)} jobs accepted' in done.stdout
    parts = sum(len(json.loads(line).get(kind, [])) for line in lines for kind in ('forms', 'senses'))
    # one is a redirect; forms and senses have results of their own
    assert f'{len(lines) - 1 + parts} entities have a result' in done.stdout


def test_a_missing_file_is_named():
    done = demo('no-such-file.ndjson')
    assert done.returncode == 1
    assert 'no-such-file.ndjson: no such file' in done.stderr


def test_a_file_that_holds_no_entities_is_refused_and_all_is_stopped(tmp_path):
    path = tmp_path / 'words.ndjson'
    path.write_text('these are words\n', encoding='utf-8')
    done = demo(path)
    assert done.returncode == 1
    assert 'words.ndjson' in done.stderr


def test_keep_leaves_a_runner_that_stop_ends():
    done = demo('--keep')
    assert done.returncode == 0, done.stderr
    assert processes()
    second = demo()
    assert second.returncode == 1 and '--stop' in second.stderr
    assert demo('--stop').stdout == 'stopped\n'
    assert not processes()


def test_ctrl_c_stops_what_was_started():
    with subprocess.Popen([sys.executable, DEMO], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while not processes():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)
        assert process.returncode == 130
