#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps the order of the folders of src/: a folder includes only from itself and from the folders
before it in src/meson.build, every folder of src/ is in that list, a header that another folder
includes exists, and a library is used only by the folders that it was let into. The same order
holds between the houses of a folder, where its meson.build has a list of them.

usage: tests/layers.py [SOURCE_ROOT]
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
LIBRARY = re.compile(r'^\s*#\s*include\s+<([^>]+)>', re.M)
OWN_BUILD_FILES = {'build_options.hpp'}

# Libraries that are kept to a few folders: the beginning of the header, and the folders.
HIDDEN_LIBRARIES = {
    'pqxx/': {'store'},
    'libpq-fe.h': {'store'},
    'boost/process': {'php'},
    'boost/beast': {'api'},
    'boost/asio': {'api', 'app'},
    'boost/iostreams': {'source'},
    'zstd.h': {'base', 'store'},
    'zlib.h': {'base'},
    'bzlib.h': {'base'},
    'curl/': {'source'},
    'mysql.h': {'source'},
    'toml++/': {'config'},
    'CLI/': {'cli'},
    'simdjson.h': {'entity'},
    'openssl/': {'base', 'store'},
    'pcre2.h': {'checks'},
    'prometheus/': {'ops'},
    'systemd/': {'api', 'ops'},
}


def folder_order(root):
    order = list_of(root / 'src' / 'meson.build', 'folders')
    if not order:
        sys.exit('src/meson.build: no list "folders = […]" found')
    return order


def list_of(path, name):
    """The names in the list `name` of a build file; none when it has no such list."""
    text = path.read_text(encoding='utf-8') if path.exists() else ''
    match = re.search(rf'^{name}\s*=\s*\[(.*?)\]', text, re.S | re.M)
    return re.findall(r"'([a-z_]+)'", match.group(1)) if match else []


def house_problems(where, own, included, houses):
    """`own` and `included`: the parts of two paths below src/, of one folder."""
    if len(own) > 2 and own[1] not in houses:
        yield f'src/{own[0]}/{own[1]}: not in the list "houses" of src/{own[0]}/meson.build'
    elif len(included) > 2 and included[1] in houses and (
            len(own) < 3 or houses.index(included[1]) > houses.index(own[1])):
        yield (f'{where}: {"/".join(own[:-1])}/ must not include from '
               f'{"/".join(included[:-1])}/, which comes after it')


def library_problems(text, folder, path):
    for match in LIBRARY.finditer(text):
        for prefix, allowed in HIDDEN_LIBRARIES.items():
            if match.group(1).startswith(prefix) and folder not in allowed:
                yield (f'{path}:{line_of(text, match)}: <{match.group(1)}> may be included in '
                       f'{", ".join(sorted(f"src/{f}" for f in allowed))} only')


def line_of(text, match):
    return text.count('\n', 0, match.start(1)) + 1


def problems_of(root, order):
    position = {folder: i for i, folder in enumerate(order)}
    src = root / 'src'
    for folder in sorted(p.name for p in src.iterdir() if p.is_dir()):
        if folder not in position:
            yield f'src/{folder}: not in the list of src/meson.build'
    for path in sorted(src.rglob('*')):
        if path.suffix not in ('.hpp', '.cpp', '.inc'):
            continue
        parts = path.relative_to(src).parts
        if len(parts) < 2 or parts[0] not in position:
            continue
        own = parts[0]
        houses = list_of(src / own / 'meson.build', 'houses')
        text = path.read_text(encoding='utf-8')
        yield from library_problems(text, own, f'src/{"/".join(parts)}')
        for match in INCLUDE.finditer(text):
            name = match.group(1)
            where = f'src/{"/".join(parts)}:{line_of(text, match)}'
            if '/' not in name:
                if name not in OWN_BUILD_FILES and not (path.parent / name).exists():
                    yield f'{where}: "{name}" is no file beside it; write "folder/{name}"'
                continue
            other = name.split('/')[0]
            if other not in position:
                yield f'{where}: "{name}" is in no folder of src/; use <…> for a library'
            elif position[other] > position[own]:
                yield f'{where}: {own}/ must not include from {other}/, which comes after it'
            elif not name.endswith('.inc') and not (src / name).exists():
                yield f'{where}: "{name}" does not exist'
            elif other == own and houses:
                yield from house_problems(where, parts, name.split('/'), houses)


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]
    order = folder_order(root)
    problems = list(problems_of(root, order))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f'{len(order)} folders, {len(problems)} breaches of their order')
    print(f'{len(order) if not problems else 0} passed, {len(problems)} failed')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
