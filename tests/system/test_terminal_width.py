# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands say on a terminal fits into its width; elsewhere a message is one line."""
import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import unicodedata

import pytest

from entities import item, single_value_property
from runner_process import binary


def columns(line):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def said_on_a_terminal(width, *command):
    """The lines of standard error and standard output."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen([binary(), *command], stdout=follower, stderr=follower,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull}) as process:
        os.close(follower)
        text = b""
        with contextlib.suppress(OSError):  # at its end
            while more := os.read(leader, 4096):
                text += more
        process.wait(30)
    os.close(leader)
    return text.decode().splitlines()


def said_to_a_pipe(*command):
    done = subprocess.run([binary(), *command], capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull})
    return done.stderr.splitlines()


def too_long(lines, width):
    """What is longer than the terminal although there is a space to break it at."""
    return [line for line in lines if columns(line) > width and " " in line.strip()]


@pytest.fixture(name="damaged")
def damaged_property(tmp_path):
    """Entities of which none can be checked in full: their property can't be read."""
    bad = {**single_value_property(), "claims": {"P2302": [{"mainsnak": "nonsense"}]}}
    folder = tmp_path / ("a-folder-with-a-long-name-" * 4)
    folder.mkdir()
    path = folder / "d.json"
    path.write_text("".join(json.dumps(d) + "\n" for d in (bad, item("Q1"), item("Q2"))))
    return path


@pytest.mark.parametrize("width", [60, 40, 200])
def test_notes_of_check_fit(damaged, width):
    lines = said_on_a_terminal(width, "check", "--from", str(damaged))
    assert any("Q1 is incomplete: " in line for line in lines)
    assert not too_long(lines, width)
    assert any(str(damaged) in line for line in lines)  # a path stays whole
    assert any(line.startswith("  ") and not line.strip().startswith("Q") for line in lines)
    piped = said_to_a_pipe("check", "--from", str(damaged))
    assert any(columns(line) > 100 for line in piped)
    assert all(line.startswith("constraint-runner: ") for line in piped)


@pytest.mark.parametrize("command", [
    ["check", "--from", "/nonexistent/file", "--output", "/nonexistent/folder", "--fail-on", "nothing"],
    ["check", "--wiki", "w", "--set", "wiki.w.source=nonsense and more of it so that it gets long", "Q1"],
    ["migrate", "--set", "database.conninfo=host=/nonexistent/folder dbname=of_nobody"],
    ["config", "check", "--set", "imports.dump_folder=/nonexistent/folder",
     "--set", "wiki.w.php_command=[\"no-such-program\"]"],
    ["status", "--socket", "/nonexistent/socket"], ["--help"], ["check", "--help"],
    ["import", "category", "--help"]])
def test_errors_and_help_fit(command):
    lines = said_on_a_terminal(60, *command)
    assert lines and not too_long(lines, 60)


def test_words_stay_whole_and_in_their_order(damaged):
    words = " ".join(said_to_a_pipe("check", "--from", str(damaged))).split()
    lines = said_on_a_terminal(60, "check", "--from", str(damaged))
    begin = next(n for n, line in enumerate(lines) if line.startswith("constraint-runner: "))
    assert " ".join(lines[begin:]).split()[:20] == words[:20]
