# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/lib/builds.py: what it says while it builds, and builds that can not be had."""
import configparser
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'scripts' / 'lib'))
import builds  # noqa: E402  pylint: disable=wrong-import-position
import suites  # noqa: E402  pylint: disable=wrong-import-position


@pytest.mark.parametrize('log, seconds, text', [
    ('', 10, ''),
    ('$ ninja -C build\nninja: no work to do.\n', 10, ''),
    ('[1/4] Compiling\n[2/4] Compiling\nwarning [9/9]\n', 60, '2 of 4, some 60 s left'),
    ('[50/350] Compiling', 60, '50 of 350, some 6 min left'),
    ('[4/4] Linking', 60, '4 of 4, some 0 s left'),
])
def test_build_progress_is_read_from_ninjas_output(log, seconds, text):
    assert builds.progress_text(log, seconds) == text


def test_progress_is_printed_while_a_build_runs(tmp_path, capsys):
    log = tmp_path / 'log'
    log.write_text('[1/2] Compiling\n', encoding='utf-8')
    progress = builds.Progress('plain', log)
    progress.first = 0.01
    with progress:
        deadline = 200
        while 'building plain: 1 of 2, some' not in (said := capsys.readouterr().out):
            deadline -= 1
            assert deadline > 0, said
            progress.over.wait(0.05)


def test_a_suite_whose_build_is_impossible_here_is_skipped_and_says_why(monkeypatch, capsys):
    monkeypatch.setattr(builds, 'ensure', lambda name: builds.IMPOSSIBLE + 'no package source')
    counts = suites.run_suite('wraps', suites.wraps)
    assert (counts.passed, counts.failed, counts.skipped) == (0, 0, 1)
    assert 'SKIPPED, NOT PROVEN: not possible here: no package source' in capsys.readouterr().out


def test_the_root_of_the_other_release_that_is_not_ready_in_time_is_left_to_the_next_run(
        monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(builds, 'logs', tmp_path)
    monkeypatch.setattr(builds, 'deadline', 0)
    monkeypatch.setattr(builds, '_done', {})
    counts = suites.run_suite('releases', suites.releases)
    assert (counts.failed, counts.skipped) == (0, 1)
    assert f'SKIPPED, NOT PROVEN: the build "{builds.OTHER_RELEASE}" was not ready' in capsys.readouterr().out


def test_every_wrap_names_a_tarball_its_checksum_and_what_it_provides():
    assert {'catch2', 'libpqxx', 'prometheus-cpp', 'simdjson'} <= set(builds.WRAPS)
    for name in builds.WRAPS:
        wrap = configparser.ConfigParser()
        wrap.read(ROOT / 'subprojects' / f'{name}.wrap')
        source = wrap['wrap-file']
        assert re.fullmatch(r'[0-9a-f]{64}', source['source_hash'])
        assert source['source_url'].startswith('https://') and source['source_filename'].endswith('.tar.gz')
        assert source['directory'].lower().startswith(name) and list(wrap['provide'])
        if patch := source.get('patch_directory'):
            assert (ROOT / 'subprojects' / 'packagefiles' / patch / 'meson.build').exists()
