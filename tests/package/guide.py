# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of a document, section by section, as a reader meets them."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sections(path):
    """Heading to its blocks of code."""
    found, heading = {}, ""
    block = []
    for line in [*(ROOT / path).read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("    ") or (block and not line and block[-1] == ""):
            block.append(line[4:])
            continue
        if block:
            found.setdefault(heading, []).append("\n".join(block).rstrip() + "\n")
            block = []
        if match := re.match(r"#+ (.*)", line):
            heading = match[1]
    return found


def commands(path, heading):
    """Those blocks of a section that a user with sudo types."""
    return [block for block in sections(path)[heading] if block.startswith(("sudo ", "openssl "))]
