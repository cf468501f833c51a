# SPDX-License-Identifier: GPL-2.0-or-later
"""What the extension names of Wikibase and WBQC exists in each generation that it supports: classes,
services, settings, the job, the page, methods and constants. generations/*.json are facts of the
real sources, with their commits; generations/extract.py writes them again."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent / "generations"
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position
from php_facts import Names, balanced, without_comments  # noqa: E402

SHIM = HERE.parents[2] / "php-shim"
GENERATIONS = {p.stem: json.loads(p.read_text()) for p in sorted(HERE.glob("*.json"))}
FOREIGN = ("Wikibase\\", "WikibaseQuality\\")
CODE = {p: without_comments(p.read_text()) for p in sorted(SHIM.rglob("*.php"))}
every_generation = pytest.mark.parametrize("facts", GENERATIONS.values(), ids=GENERATIONS)


def of_class(facts, name):
    """It and what it inherits from, as far as that is known."""
    found, todo = [], [name]
    while todo:
        head = facts["classes"].get(todo.pop())
        if head is not None:
            found.append(head)
            todo += head.get("parents", [])
    return found


def has(facts, name, kind, member):
    return any(member in head.get(kind, ()) for head in of_class(facts, name))


def result_of(facts, name, method):
    """The class that a method gives, "" when that is not known."""
    for head in of_class(facts, name):
        found = head["methods"].get(method)
        if found is not None:
            kind = (found.get("returns") or found.get("documented_returns", "")).lstrip("?")
            return name if kind in ("self", "static") else kind
    return ""


def typed_names(code, names, facts):
    """Class by variable or property of a file: by declarations, `new`, and services."""
    types = {}
    for kind, name in re.findall(r"\??([\w\\]+)\s+\$(\w+)", code):
        if kind[0].isupper():
            types.setdefault(name, set()).add(names.full(kind))
    for name, kind in re.findall(r"\$(\w+)\s*=\s*new\s+([A-Z]\w*)", code):
        types.setdefault(name, set()).add(names.full(kind))
    for name, service in re.findall(r"\$(\w+)\s*=\s*\$this->service\('([\w.]+)'\)\s*;", code):
        if service in facts["services"]:
            types.setdefault(name, set()).add(facts["services"][service])
    return {name: kinds.pop() for name, kinds in types.items() if len(kinds) == 1}


def chains(code):
    """(what it begins with, names of the methods called one after the other)."""
    starts = r"(?:\$this->service\('(?P<service>[\w.]+)'\)|\$(?:this->)?(?P<name>\w+)|(?P<static>[A-Z]\w*)(?=::))"
    for found in re.finditer(starts + r"(?=\??->|::)", code):
        at, methods = found.end(), []
        while call := re.compile(r"\s*(?:\??->|::)(\w+)\(").match(code, at):
            methods.append(call[1])
            at = balanced(code, call.end() - 1)
        if methods:
            yield found, methods


def calls(facts):
    """(file, class, method) of every call on an object of Wikibase or WBQC."""
    for path, code in CODE.items():
        names = Names(code)
        types = typed_names(code, names, facts)
        parent = re.search(r"class\s+\w+\s+extends\s+([\w\\]+)", code)
        for start, methods in chains(code):
            if start["service"]:
                kind = facts["services"].get(start["service"], "")
            elif start["static"]:
                kind = names.full(start["static"])
            else:
                kind = types.get(start["name"], "")
            narrowed = {names.full(k) for n, k in re.findall(r"\$(?:this->)?(\w+) instanceof ([A-Z]\w*)", code)
                        if n == start["name"]}
            for method in methods:
                if not has(facts, kind, "methods", method):
                    kind = next((k for k in narrowed if has(facts, k, "methods", method)), kind)
                if not kind.startswith(FOREIGN):
                    break
                yield path, kind, method
                kind = result_of(facts, kind, method)
        if parent and names.full(parent[1]).startswith(FOREIGN):
            for method in re.findall(r"parent::(\w+)\(", code):
                yield path, names.full(parent[1]), method


def test_every_generation_names_the_commits_it_was_read_from():
    assert {"REL1_43", "REL1_45", "master"} <= GENERATIONS.keys()
    for facts in GENERATIONS.values():
        for source in ("Wikibase", "WikibaseQualityConstraints"):
            assert re.fullmatch(r"[0-9a-f]{40}", facts[source]["commit"])


@every_generation
def test_every_class_that_is_named_exists(facts):
    named = {name for code in CODE.values() for name in Names(code).uses.values()
             if name.startswith(FOREIGN)}
    named |= {name for code in CODE.values()
              for name in re.findall(r"'(Wikibase(?:Quality)?\\[\w\\]+)'", code)}
    assert len(named) > 35
    asked_for = {Names(code).full(name) for code in CODE.values()
                 for name in re.findall(r"class_exists\((\w+)::class\)", code)}
    assert named - facts["classes"].keys() - asked_for == set()


@every_generation
def test_every_service_that_is_named_exists(facts):
    code = "".join(CODE.values()) + (SHIM / "extension.json").read_text()
    named = set(re.findall(r"['\"]((?:WikibaseRepo\.|WBQC_)\w+)['\"]", code))
    assert len(named) > 15
    assert named - facts["services"].keys() == set()


@every_generation
def test_settings_rights_the_job_and_the_page_exist(facts):
    named = set(re.findall(r"'(WBQualityConstraints\w+)'", "".join(CODE.values())))
    assert len(named) >= 6 and named - set(facts["settings"]) == set()
    rights = set(re.findall(r"'(wbqc-check[\w-]+)'", CODE[SHIM / "src/Results/CheckRight.php"]))
    assert set(facts["rights"]) <= rights, "a right that came with this generation is not asked for"
    assert "constraintsRunCheck" in facts["jobs"] and "ConstraintReport" in facts["special_pages"]


@every_generation
def test_every_method_that_is_called_exists(facts):
    found = set(calls(facts))
    missing = {(path.name, kind, method) for path, kind, method in found
               if of_class(facts, kind) and not has(facts, kind, "methods", method)}
    assert missing == set()
    known = {(kind, method) for _, kind, method in found if of_class(facts, kind)}
    assert len(known) > 40, "the pattern finds too little"
    assert any(method == "getConstraintTypeItemId" for _, method in known), "calls go on in chains"


@every_generation
def test_every_constant_that_is_named_exists(facts):
    found = set()
    for code in CODE.values():
        names = Names(code)
        found |= {(names.full(kind), constant)
                  for kind, constant in re.findall(r"\b([A-Z]\w+)::([A-Z][A-Z_]+)\b", code)}
    found = {(kind, constant) for kind, constant in found if kind in facts["classes"]}
    assert len(found) >= 3
    assert {c for c in found if not has(facts, c[0], "constants", c[1])} == set()


@pytest.mark.skipif(shutil.which("php") is None, reason="SKIPPED, NOT PROVEN: php is missing")
@pytest.mark.parametrize("generation", GENERATIONS)
def test_php_loads_all_classes_beside_those_of_the_generation(generation):
    done = subprocess.run(["php", HERE / "load.php", HERE / f"{generation}.json"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["loaded"] > 50
    statistics = "StatsdDataFactory" if generation == "REL1_43" else "StatsFactory"
    assert statistics in found["page_services"]
    # as they are given in ReplaceResultsSource::make()
    assert len(found["source_parameters"]) == 10
