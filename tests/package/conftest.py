# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of this tree, those of "the version before", a wiki, and a new Debian."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tests/support", "tests/package"):
    sys.path.insert(0, str(ROOT / folder))
# pylint: disable=wrong-import-position
from machine import Impossible, Machine, base_root  # noqa: E402
from small_wiki import SmallWiki  # noqa: E402

BUILD = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build")


@pytest.fixture(scope="session")
def packages():
    """The files that scripts/package made; PACKAGES names a folder of ready ones."""
    folder = pathlib.Path(os.environ.get("PACKAGES") or BUILD / "package")
    if "PACKAGES" not in os.environ:
        log = BUILD / "logs" / "package-build.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as out:
            done = subprocess.run([ROOT / "scripts" / "package", folder], stdout=out,
                                  stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, f"see {log}: {log.read_text(errors='replace')[-2000:]}"
    found = {path.name.split("_")[0]: path for path in folder.glob("*.deb")}
    assert found.keys() == {"constraint-runner", "mediawiki-extension-constraint-runner"}
    return found


@pytest.fixture(scope="session")
def version_before(packages, tmp_path_factory):
    """The package constraint-runner with a lower version."""
    folder = tmp_path_factory.mktemp("before")
    subprocess.run(["dpkg-deb", "--raw-extract", packages["constraint-runner"], folder / "tree"],
                   check=True)
    control = folder / "tree" / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    control.write_text("".join(("Version: 0.0.1" if line.startswith("Version:") else line) + "\n"
                               for line in lines))
    package = folder / "constraint-runner_0.0.1.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "tree", package],
                   check=True, stdout=subprocess.DEVNULL)
    return package


@pytest.fixture(scope="session")
def sample():
    text = (ROOT / "examples" / "sample.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def wiki(sample):
    with SmallWiki(e for e in sample if "redirect" not in e) as small:
        yield small


@pytest.fixture(scope="session")
def new_debian(packages, version_before):
    try:
        return base_root([*packages.values(), version_before], ["postgresql", "curl", "man-db"])
    except Impossible as problem:
        pytest.skip(f"SKIPPED, NOT PROVEN: no new Debian can be had here: {problem}")


@pytest.fixture(scope="module")
def machine(new_debian):
    log = BUILD / "logs" / "package-machine.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with Machine(new_debian, log) as booted:
            yield booted
    except Impossible as problem:
        pytest.skip(f"SKIPPED, NOT PROVEN: no new Debian with systemd can be had here: {problem}")
