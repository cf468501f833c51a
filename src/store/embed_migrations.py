#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the C++ file that holds the migrations as bytes; called by the build.

A database remembers the text of each migration that it has applied, comments included, and a runner
refuses to work on it with another. So the sums, a file as sha256sum writes it, have to agree.

usage: embed_migrations.py OUTPUT SUMS FILE.sql...
"""
import hashlib
import pathlib
import re
import sys


def main():
    output, sums_file, *files = map(pathlib.Path, sys.argv[1:])
    sums = dict(reversed(line.split('  ', 1))
                for line in sums_file.read_text(encoding='utf-8').splitlines())
    lines = ['// made by embed_migrations.py', '#include "store/common/migrations.hpp"', '',
             'namespace runner::store {', 'namespace {', '']
    rows = []
    for number, path in enumerate(files, start=1):
        match = re.fullmatch(r'(\d{4})_[a-z0-9_]+', path.stem)
        if not match or int(match.group(1)) != number:
            sys.exit(f'{path}: migration number {number:04d}_… expected here')
        data = path.read_bytes().replace(b'\r\n', b'\n')
        found = hashlib.sha256(data).hexdigest()
        if path.name not in sums:
            sys.exit(f'{path}: a new migration, which needs a line in {sums_file}:\n'
                     f'{found}  {path.name}')
        if found != sums[path.name]:
            sys.exit(f'{path} has changed: databases that have applied it would be refused. Write a '
                     f'new migration instead. (If no database can have it, its line in {sums_file} is\n'
                     f'{found}  {path.name})')
        lines.append(f'constexpr char sql_{number}[] = {{')
        for start in range(0, len(data), 20):
            lines.append('    ' + ' '.join(f"'\\x{byte:02x}'," for byte in data[start:start + 20]))
        lines.append('};')
        rows.append(f'    {{{number}, "{path.stem}", {{sql_{number}, sizeof sql_{number}}}}},')
    lines += ['', 'constexpr Migration all_migrations[] = {', *rows, '};', '', '} // namespace', '',
              'std::span<const Migration> embedded_migrations() noexcept {',
              '    return all_migrations;', '}', '', '} // namespace runner::store', '']
    output.write_text('\n'.join(lines), encoding='utf-8')


if __name__ == '__main__':
    main()
