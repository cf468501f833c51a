# SPDX-License-Identifier: GPL-2.0-or-later
"""The storm on imports of tests/storm/imports, small."""
import os
import pathlib
import subprocess
import time

from runner_process import binary

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "storm" / "imports"


def test_an_import_in_a_storm_brings_what_one_query_finds(tmp_path):
    seed = int(time.time())
    done = subprocess.run([SCRIPT, "--files", "3000", "--kills", "1", "--seed", str(seed),
                           "--keep", tmp_path], capture_output=True, text=True, timeout=600,
                          check=False, env={**os.environ, "CONSTRAINT_RUNNER": binary()})
    assert done.returncode == 0, f"logs in {tmp_path}: {done.stdout}{done.stderr}"
    assert "1 of runner, 1 of PostgreSQL, 1 of MariaDB" in done.stdout, done.stdout
    assert done.stdout.endswith("1 passed, 0 failed\n")
