# SPDX-License-Identifier: GPL-2.0-or-later
"""The PHPUnit tests of tests/shim/phpunit, inside the wiki."""
import pathlib
import xml.etree.ElementTree as ElementTree

import pytest

from entities import item
from real_wiki import needs_standins

pytestmark = needs_standins

TESTS = pathlib.Path(__file__).resolve().parent / "phpunit"
CLASSES = sorted(p.stem for p in TESTS.glob("*Test.php"))


@pytest.fixture(scope="module")
def report(house, tmp_path_factory):
    revision = house.wiki.save(item("Q290", values=("a", "b")))
    house.wait_for("Q290", revision)  # a result with violations, to be read
    path = tmp_path_factory.mktemp("phpunit") / "report.xml"
    done = house.wiki.maintenance(str(TESTS / "RunPhpUnit.php"), "--junit", str(path), check=False)
    assert path.exists(), done.stdout + done.stderr
    return list(ElementTree.parse(path).getroot().iter("testcase"))


@pytest.mark.parametrize("name", CLASSES)
def test_phpunit(report, name):
    cases = [case for case in report if case.get("class") == name]
    problems = {case.get("name"): problem.text for case in cases for problem in case
                if problem.tag in ("failure", "error", "warning")}
    assert cases and not problems, problems
