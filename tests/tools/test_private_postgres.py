# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/lib/private_postgres: starts, stops, crashes and restarts its own cluster."""
import os
import pathlib
import subprocess

import psycopg
import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / 'scripts' / 'lib' / 'private_postgres'


def run(*arguments):
    return subprocess.run([str(SCRIPT), *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, check=False)


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / 'cluster'
    run('stop', tmp_path / 'cluster', '--immediate', '--remove')


def show(conninfo, name):
    with psycopg.connect(conninfo) as connection:
        return connection.execute(f'SHOW {name}').fetchone()[0]


def test_it_is_durable_and_private_by_default(folder):
    conninfo = run('start', folder).stdout.strip()
    assert [show(conninfo, name) for name in ('fsync', 'synchronous_commit', 'full_page_writes')] \
        == ['on', 'on', 'on']
    assert show(conninfo, 'listen_addresses') == ''
    assert (folder / 'socket').stat().st_mode & 0o777 == 0o700
    status = run('status', folder)
    assert (status.returncode, status.stdout.strip()) == (0, conninfo)
    assert run('start', folder).stdout.strip() == conninfo  # a running one is left alone


def test_options_apply_to_one_start(folder):
    conninfo = run('start', folder, '--no-fsync', '--set', 'work_mem=7MB',
                   '--socket-mode', '0755').stdout.strip()
    assert show(conninfo, 'fsync') == 'off'
    assert show(conninfo, 'work_mem') == '7MB'
    assert (folder / 'socket').stat().st_mode & 0o777 == 0o755
    assert run('stop', folder).returncode == 0
    assert show(run('start', folder).stdout.strip(), 'fsync') == 'on'


def test_data_outlive_a_stop_and_a_crash(folder):
    conninfo = run('start', folder).stdout.strip()
    with psycopg.connect(conninfo) as connection:
        connection.execute('CREATE TABLE kept (x int)')
    for how in ([], ['--immediate']):
        assert run('stop', folder, *how).returncode == 0
        assert run('status', folder).returncode == 3
        assert run('stop', folder).returncode == 0  # nothing to stop is not an error
        conninfo = run('start', folder).stdout.strip()
        with psycopg.connect(conninfo) as connection:
            assert connection.execute('SELECT count(*) FROM kept').fetchone() == (0,)


def test_removing_leaves_nothing(folder):
    run('start', folder, '--no-fsync')
    assert run('stop', folder, '--remove').returncode == 0
    assert not folder.exists()


def test_a_deep_folder_gets_a_short_socket(tmp_path):
    folder = tmp_path / ('deep' * 30)
    conninfo = run('start', folder, '--no-fsync').stdout.strip()
    socket_folder = conninfo.split()[0].removeprefix('host=')
    assert len(socket_folder) < 90
    assert show(conninfo, 'fsync') == 'off'
    assert run('stop', folder, '--remove').returncode == 0
    assert not os.path.exists(socket_folder)


def test_a_left_over_pid_file_of_another_process_stops_nothing(folder):
    run('start', folder, '--no-fsync')
    run('stop', folder)
    (folder / 'data' / 'postmaster.pid').write_text(f'{os.getpid()}\n')
    assert run('status', folder).returncode == 3
    assert run('stop', folder).returncode == 0  # this test would not live to see it
    assert run('start', folder, '--no-fsync').returncode == 0


@pytest.mark.parametrize('arguments', [[], ['begin', 'x'], ['start'], ['start', 'x', '--fast'],
                                       ['start', 'x', '--set'], ['stop', 'x', '--set', 'y']])
def test_wrong_usage_is_reported(arguments, tmp_path):
    done = subprocess.run([str(SCRIPT), *arguments], capture_output=True, text=True, cwd=tmp_path,
                          timeout=60, check=False)
    assert done.returncode == 64
    assert 'usage:' in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.getuid() != 0, reason='only root drops its rights')
def test_root_runs_it_as_another_user_below_a_closed_folder(tmp_path):
    closed = tmp_path / 'closed'
    closed.mkdir(mode=0o700)
    folder = closed / 'cluster'
    conninfo = run('start', folder, '--no-fsync').stdout.strip()
    try:
        pid = (folder / 'data' / 'postmaster.pid').read_text().split()[0]
        assert os.stat(f'/proc/{pid}').st_uid != 0
        assert show(conninfo, 'fsync') == 'off'
    finally:
        assert run('stop', folder, '--immediate', '--remove').returncode == 0
