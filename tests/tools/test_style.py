# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file is as the tools that its language has would write it, or has nothing that they warn of."""
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ('src', 'tests', 'scripts', 'examples', 'php-shim', 'docker', 'debian', '.ci')


def tool(name):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f'NOT PROVEN: {name} is not installed')
    return found


def files(suffixes, interpreter=None):
    """By suffix, or of scripts without one by their interpreter."""
    found = []
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob('*'):
            if '__pycache__' in path.parts or 'corpus' in path.parts or not path.is_file():
                continue
            if path.suffix in suffixes:
                found.append(path)
            elif interpreter and not path.suffix:
                with path.open('rb') as file:
                    head = file.readline(80)
                if re.match(rb'#!.*\b' + interpreter + rb'\d*$', head.rstrip()):
                    found.append(path)
    assert len(found) > 5
    return sorted(found)


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_cpp_is_formatted():
    """.clang-format is for version 14: another one would wrap some lines elsewhere."""
    run(tool('clang-format-14'), '--dry-run', '--Werror', *files({'.cpp', '.hpp'}))


def test_python_has_no_warnings():
    run(tool('flake8'), *files({'.py'}, rb'python'))


def test_shell_has_no_warnings():
    run(tool('shellcheck'), '--severity=warning', *files({'.sh'}, rb'(?:ba)?sh'))


def test_php_follows_psr_12():
    """Errors only: a maintenance script of MediaWiki is a class and runs itself. The stand-ins for
    Wikibase, in tests/, have many classes in a file."""
    php = [p for p in files({'.php'}) if 'php-shim' in p.parts and 'tests' not in p.parts]
    run(tool('phpcs'), '--standard=PSR12', '--report=emacs', '-q', '-n', *php)
