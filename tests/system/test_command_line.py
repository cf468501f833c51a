# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line from outside: exit codes, messages, settings, and how fast it starts."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get('CONSTRAINT_RUNNER', ROOT / 'build' / 'src' / 'cli' / 'constraint-runner')

USAGE, NO_INPUT, CONFIG, IO = 64, 66, 78, 74


def run(*arguments, env=None, cwd=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith('CONSTRAINT_RUNNER_')}
    # a file of /etc must not matter here
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False, cwd=cwd,
                          env={**clean, 'CONSTRAINT_RUNNER_CONFIG': os.devnull, **(env or {})})


def test_version_names_build_and_libraries():
    result = run('--version')
    assert result.returncode == 0
    assert result.stdout.startswith('constraint-runner 0.')
    assert 'sanitizers: ' in result.stdout and 'Boost 1.8' in result.stdout


@pytest.mark.parametrize('arguments, message', [
    ([], 'subcommand is required'),
    (['confg'], 'unknown command "confg"; did you mean "config"?'),
    (['config'], 'subcommand is required'),
    (['config', 'shw'], 'unknown command "shw"; did you mean "show"?'),
    (['config', 'show', '--jsn'], 'unknown option --jsn; did you mean "--json"?'),
    (['config', 'show', 'extra'], 'unexpected argument "extra"'),
    (['--frobnicate'], 'unknown option --frobnicate'),
    (['config', 'show', '--set', 'log.level'], 'expected KEY=VALUE'),
    (['config', 'show', '--set', 'log.levle=info'], 'did you mean "level"?'),
    (['config', 'show', '--log-level', 'loud'], 'expected one of trace'),
    (['config', 'show', '--set'], '--set'),
    (['check', '--now', 'yesterday', 'Q1'], 'expected a time like'),
    (['check', '--threads', 'many', 'Q1'], '--threads'),
    (['check', '--wiki', 'nowiki', 'Q1'], 'unknown wiki "nowiki"'),
    (['config', 'show', '--set', 'database.conninfo=host=h password=pw'], 'command line'),
])
def test_a_wrong_command_line_is_a_usage_error_that_says_what_is_wrong(arguments, message):
    result = run(*arguments)
    assert result.returncode == USAGE
    assert message in result.stderr
    assert result.stdout == ''


def test_global_options_may_follow_the_command(tmp_path):
    file = tmp_path / 'a.toml'
    file.write_text('[queue]\nbatch = 7\n')
    for arguments in (['--config', file, '--set', 'log.level=debug', 'config', 'show', '--json'],
                      ['config', 'show', '--json', '--config', file, '--set', 'log.level=debug']):
        shown = json.loads(run(*arguments).stdout)
        assert shown['queue.batch'] == {
            'value': 7, 'default': 100, 'source': f'{file}:2',
            'environment': 'CONSTRAINT_RUNNER_QUEUE_BATCH', 'reloadable': False}
        assert shown['log.level']['source'] == '--set'


def test_flags_win_over_the_environment_and_the_environment_over_the_file(tmp_path):
    file = tmp_path / 'a.toml'
    file.write_text('[log]\nlevel = "error"\n[queue]\nbatch = 7\n')
    env = {'CONSTRAINT_RUNNER_CONFIG': str(file), 'CONSTRAINT_RUNNER_LOG_LEVEL': 'warning'}
    shown = json.loads(run('config', 'show', '--json', env=env).stdout)
    assert shown['log.level']['value'] == 'warning'
    assert shown['queue.batch']['value'] == 7
    shown = json.loads(run('config', 'show', '--json', '--log-level', 'debug', env=env).stdout)
    assert shown['log.level']['value'] == 'debug'


@pytest.mark.parametrize('text, message', [
    ('[server]\nsoket = "x"\n', ':2: server.soket: unknown key; did you mean "socket"?'),
    ('[server]\nmax_connections = "many"\n', ':2: server.max_connections: expected a whole'),
    ('[server\n', ':1:'),
    ('\xff\n', ':1:'),
])
def test_a_wrong_configuration_is_reported_with_its_line(tmp_path, text, message):
    file = tmp_path / 'a.toml'
    file.write_bytes(text.encode('latin-1'))
    result = run('config', 'check', '--config', file)
    assert result.returncode == CONFIG
    assert f'{file}{message}' in result.stderr


def test_a_missing_configuration_is_reported_by_name(tmp_path):
    result = run('config', 'show', '--config', tmp_path / 'none.toml')
    assert result.returncode == NO_INPUT
    assert 'none.toml: No such file' in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read every file')
def test_an_unreadable_configuration_is_reported_by_name(tmp_path):
    file = tmp_path / 'a.toml'
    file.write_text('')
    file.chmod(0)
    result = run('config', 'show', '--config', file)
    assert result.returncode == NO_INPUT
    assert 'a.toml: Permission denied' in result.stderr


def test_config_check_finds_files_that_are_not_there(tmp_path):
    file = tmp_path / 'a.toml'
    file.write_text('[server]\nsocket_group = "no-such-group"\n'
                    '[wiki.x]\nsource = "file"\nfiles = ["none.ndjson"]\n')
    result = run('config', 'check', '--config', file, '--json')
    assert result.returncode == CONFIG
    answer = json.loads(result.stdout)
    assert not answer['ok']
    assert any(f'wiki.x.files: {tmp_path}/none.ndjson: No such file' in p
               for p in answer['problems'])
    assert any('no-such-group' in p for p in answer['problems'])


def test_no_password_is_ever_shown(tmp_path):
    (tmp_path / 'password').write_text('hunter2\n')
    file = tmp_path / 'a.toml'
    file.write_text('[database]\nconninfo = "host=h password=hunter2"\n'
                    'password_file = "password"\n')
    for arguments, code in ((['config', 'show'], 0), (['config', 'show', '--json'], 0),
                            (['config', 'check', '-vv'], CONFIG)):  # no host h, no wiki
        result = run(*arguments, '--config', file)
        assert result.returncode == code
        assert 'hunter2' not in result.stdout + result.stderr


def test_the_example_file_can_be_used_as_it_is():
    result = run('config', 'show', '--changed', '--config', ROOT / 'constraint-runner.toml.example')
    assert (result.returncode, result.stdout) == (0, '')


def test_what_config_show_prints_is_a_configuration(tmp_path):
    file = tmp_path / 'shown.toml'
    file.write_text(run('config', 'show', '--set', 'wiki.a.source=none').stdout)
    result = run('config', 'check', '--config', file)
    assert result.returncode == 0, result.stderr


def test_json_log_lines_are_json():
    env = {'CONSTRAINT_RUNNER_LOG_"\\LEVL\n': 'x'}
    result = run('config', 'check', '--log-format', 'json', '--set', 'wiki.a.source=none', env=env)
    assert result.returncode == 0, result.stderr
    line, = result.stderr.splitlines()
    assert json.loads(line)['level'] == 'warning'


def test_a_full_disk_is_noticed():
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = subprocess.run([BINARY, 'config', 'show'], stdout=full, stderr=subprocess.PIPE,
                                check=False, timeout=60)
    assert result.returncode == IO
