# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be said of the extension without running it."""
import json
import re
import shutil
import subprocess

import pytest

from wiki import ROOT

SHIM = ROOT / "php-shim"


def messages(name):
    found = json.loads((SHIM / "i18n" / f"{name}.json").read_text())
    found.pop("@metadata")
    return found


@pytest.mark.skipif(shutil.which("phpcs") is None, reason="phpcs is not installed")
def test_phpcs_finds_nothing():
    done = subprocess.run(["phpcs", "--runtime-set", "ignore_warnings_on_exit", "0"], cwd=SHIM,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted(SHIM.rglob("*.php")), ids=lambda p: p.stem)
def test_every_file_declares_strict_types(path):
    assert "declare(strict_types=1);" in path.read_text()


@pytest.mark.parametrize("folder", ["", "api/"])
def test_every_message_is_explained(folder):
    assert messages(folder + "en").keys() == messages(folder + "qqq").keys()
    assert all(messages(folder + "qqq").values()) and all(messages(folder + "en").values())


def test_every_message_that_is_used_exists():
    code = "".join(p.read_text() for p in SHIM.rglob("*.php"))
    used = re.findall(r"'((?:constraintrunner|constraintviolations)-[a-z-]+[a-z])'", code)
    names = {m for m in used if not m.startswith(("constraintrunner-check", "constraintrunner-vio",
                                                  "constraintrunner-links", "constraintrunner-own",
                                                  "constraintrunner-fix",
                                                  "constraintrunner-statement"))}
    assert names, "the pattern found nothing"
    assert names <= messages("en").keys()


def test_settings_are_documented():
    config = json.loads((SHIM / "extension.json").read_text())["config"]
    readme = (SHIM / "README.md").read_text()
    assert [key for key in config if f"$wg{key}" not in readme] == []
    assert all(setting["description"] for setting in config.values())
