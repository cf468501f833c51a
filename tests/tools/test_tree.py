# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that every file of the tree keeps."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {'.cpp', '.hpp', '.py', '.sql', '.build', '.sh', '.php'}


def tree():
    folders = ['src', 'tests', 'scripts', 'examples', 'docs', 'php-shim', 'subprojects/packagefiles']
    files = [p for f in folders for p in (ROOT / f).rglob('*')]
    files += ROOT.glob('*.md')
    return sorted(p for p in files if p.is_file() and '__pycache__' not in p.parts)


def is_script(path):
    return path.suffix == '' and path.read_bytes()[:2] == b'#!'


def test_every_source_file_names_its_license_at_its_head():
    missing = [str(p.relative_to(ROOT)) for p in tree()
               if (p.suffix in SOURCES or is_script(p))
               and b'SPDX-License-Identifier: GPL-2.0-or-later' not in p.read_bytes()[:400]]
    assert not missing


def test_no_source_file_has_outgrown_25_kilobytes():
    big = [f'{p.relative_to(ROOT)}: {p.stat().st_size}' for p in tree()
           if (p.suffix in SOURCES or is_script(p)) and p.stat().st_size > 25_000]
    assert not big


def test_only_base_handles_utf8():
    """Elsewhere bytes of characters are not looked at, and texts are cut by base::utf8_prefix."""
    tail = re.compile(r'0xC0U?\)? *[!=]= *0x80|0xC0U? *\|')
    cut = re.compile(r'\.substr\(0, (?:\d{2,}|shown|max_\w+)\)')
    ascii_only = re.compile(r'sha1_hex|sha256|checksum|hex\.|rest\.substr\(0, 14\)|without_mark|fmt::format\("\{:')
    found = [f'{p.relative_to(ROOT)}:{number}: {line.strip()}'
             for p in tree() if p.suffix in {'.cpp', '.hpp'} and p.is_relative_to(ROOT / 'src')
             and not p.is_relative_to(ROOT / 'src' / 'base')
             for number, line in enumerate(p.read_text(encoding='utf-8').splitlines(), 1)
             if tail.search(line) or (cut.search(line) and not ascii_only.search(line))]
    assert not found


def test_no_merge_is_left_half_done():
    marks = (b'\n<<<<<<< ', b'\n>>>>>>> ')
    found = [str(p.relative_to(ROOT)) for p in [*tree(), *(ROOT / 'debian').rglob('*')]
             if p.is_file() and 'corpus' not in p.parts
             and any(mark in b'\n' + p.read_bytes() for mark in marks)]
    assert not found


def test_links_between_documents_lead_somewhere():
    broken = []
    for path in tree():
        if path.suffix != '.md':
            continue
        for target in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', path.read_text(encoding='utf-8')):
            if '://' not in target and not (path.parent / target).exists():
                broken.append(f'{path.relative_to(ROOT)}: {target}')
    assert not broken


def test_maintenance_scripts_are_called_by_the_names_of_their_files():
    """MediaWiki's run.php tells capitals from small letters."""
    files = {p.stem for p in (ROOT / 'php-shim' / 'maintenance').glob('*.php')} | {'SCRIPT'}
    wrong = [f'{p.relative_to(ROOT)}: {name}' for p in [*tree(), ROOT / 'constraint-runner.toml.example']
             if p.suffix in {'.md', '.cpp', '.example', '.php'}
             for name in re.findall(r'\bConstraintRunner:(?!:)(\w+)', p.read_text(encoding='utf-8'))
             if name not in files]
    assert not wrong


def test_files_with_a_shebang_are_executable():
    assert not [str(p.relative_to(ROOT)) for p in tree() if p.suffix == '.py'
                and p.read_bytes()[:2] == b'#!' and not p.stat().st_mode & 0o111]


@pytest.mark.parametrize('path', [p for p in tree() if is_script(p)],
                         ids=lambda p: str(p.relative_to(ROOT)))
def test_scripts_can_be_parsed_and_run(path):
    assert path.stat().st_mode & 0o111, 'not executable'
    first = path.read_text(encoding='utf-8').splitlines()[0]
    if first in ('#!/bin/sh', '#!/bin/bash'):
        shell = first.removeprefix('#!')
        assert subprocess.run([shell, '-n', path], check=False).returncode == 0
