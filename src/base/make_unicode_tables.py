#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the tables of unicode.cpp from Python's own copy of the Unicode database; called by the
build. Characters that a newer Unicode adds change no text that had none of them.

usage: make_unicode_tables.py OUTPUT
"""
import pathlib
import sys
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)  # computed, not looked up


def characters():
    return (code for code in range(0x80, 0x110000)
            if not 0xD800 <= code < 0xE000 and code not in HANGUL)


def decompositions():
    for code in characters():
        text = unicodedata.decomposition(chr(code))
        if text and not text.startswith('<'):
            first, *rest = (int(part, 16) for part in text.split())
            yield code, first, rest[0] if rest else 0


def columns(code):
    char = chr(code)
    if unicodedata.category(char) in ('Mn', 'Me', 'Cf') and code != 0xAD:
        return 0
    return 2 if unicodedata.east_asian_width(char) in 'WF' else 1


def widths():
    """Ranges of characters that do not have one column."""
    first = 0x80
    for code in range(0x80, 0x110001):
        if code == 0x110000 or columns(code) != columns(first):
            if columns(first) != 1:
                yield first, code - 1, columns(first)
            first = code


def main():
    split = list(decompositions())
    tables = {
        'decompositions': split,
        # those that a composition excludes come apart again
        'compositions': sorted(
            (first, second, code) for code, first, second in split
            if second and unicodedata.normalize('NFC', chr(first) + chr(second)) == chr(code)),
        'classes': [(code, unicodedata.combining(chr(code))) for code in characters()
                    if unicodedata.combining(chr(code))],
        # only those whose title case is one character
        'titles': [(code, ord(chr(code).title())) for code in characters()
                   if len(chr(code).title()) == 1 and chr(code).title() != chr(code)],
        'widths': list(widths()),
    }
    lines = ['// made by make_unicode_tables.py', '#include "base/unicode_tables.hpp"', '',
             'namespace runner::base::unicode_tables {', '']
    for name, rows in tables.items():
        lines.append(f'static constexpr Row {name}_rows[] = {{')
        for start in range(0, len(rows), 6):
            lines.append('    ' + ' '.join('{' + ', '.join(f'0x{n:X}' for n in row) + '},'
                                           for row in rows[start:start + 6]))
        lines += ['};', f'const std::span<const Row> {name}({name}_rows);', '']
    lines += ['} // namespace runner::base::unicode_tables', '']
    pathlib.Path(sys.argv[1]).write_text('\n'.join(lines), encoding='ascii')


if __name__ == '__main__':
    main()
