#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the C++ file that holds the migrations as bytes; called by the build.

usage: embed_migrations.py OUTPUT FILE.sql...
"""
import pathlib
import re
import sys


def main():
    output, *files = map(pathlib.Path, sys.argv[1:])
    lines = ['// made by embed_migrations.py', '#include "store/common/migrations.hpp"', '',
             'namespace runner::store {', 'namespace {', '']
    rows = []
    for number, path in enumerate(files, start=1):
        match = re.fullmatch(r'(\d{4})_[a-z0-9_]+', path.stem)
        if not match or int(match.group(1)) != number:
            sys.exit(f'{path}: migration number {number:04d}_… expected here')
        data = path.read_bytes().replace(b'\r\n', b'\n')
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
