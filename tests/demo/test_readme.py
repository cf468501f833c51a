# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README shows of the program is what the program prints."""
import contextlib
import os
import pathlib
import pty
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "scripts" / "lib" / "demo.py"
sys.path.insert(0, str(ROOT / "tests" / "support"))
# pylint: disable=wrong-import-position
from runner_process import binary  # noqa: E402


def blocks():
    """Command and lines shown, of each block that begins with a prompt."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"(?:^    .*\n)+", text, re.M):
        lines = [line[4:] for line in block.splitlines()]
        if lines[0].startswith("$ "):
            yield lines[0][2:], lines[1:]


def on_a_terminal(command):
    """With the binary under test, wherever it is."""
    controller, terminal = pty.openpty()
    shell = f'constraint-runner() {{ "{binary()}" "$@"; }}; {command}'
    with subprocess.Popen(["bash", "-c", shell], cwd=ROOT, stdin=terminal, stdout=terminal,
                          stderr=terminal) as process:
        os.close(terminal)
        output = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(controller, 65536):
                output += piece
    os.close(controller)
    assert process.returncode == 0, output
    return [line.rstrip() for line in output.decode().splitlines()]


def in_order(shown, printed):
    """Each line that is shown comes, after the one before it; "…" is for what is left out."""
    rest = iter(printed)
    for line in shown:
        if line != "…":
            pattern = re.escape(line).replace("…", ".*")
            assert any(re.fullmatch(pattern, candidate) for candidate in rest), (line, printed)


def test_what_the_readme_shows_is_what_is_printed():
    folder = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build") / "demo"
    (check, sentences), (curl, rows) = blocks()
    in_order(sentences, on_a_terminal(check))
    subprocess.run([sys.executable, DEMO, "--keep"], check=True, capture_output=True, timeout=300)
    try:
        in_order(rows, on_a_terminal(curl.replace("build/demo", str(folder))))
    finally:
        subprocess.run([sys.executable, DEMO, "--stop"], check=True, capture_output=True)
