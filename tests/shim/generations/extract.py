#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the facts of a generation of Wikibase and WBQC that php-shim/ depends on, from their git
repositories: the heads of the classes that it names and of their parents, services, settings, rights.

usage: extract.py WIKIBASE_GIT WBQC_GIT BRANCH > BRANCH.json
"""
import json
import pathlib
import re
import subprocess
import sys

from php_facts import Names, read_class, without_comments

SHIM = pathlib.Path(__file__).resolve().parents[3] / "php-shim"
FOREIGN = ("Wikibase\\", "WikibaseQuality\\")


def git(repository, *arguments):
    return subprocess.run(["git", "--git-dir", repository, *arguments], capture_output=True, text=True,
                          check=True).stdout


class Tree:
    def __init__(self, repository, branch):
        self.repository, self.branch = repository, branch
        self.commit = git(repository, "rev-parse", branch).strip()
        self.date = git(repository, "log", "-1", "--format=%cs", branch).strip()
        self.files = {}
        for path in git(repository, "ls-tree", "-r", "--name-only", branch).splitlines():
            if path.endswith(".php") and not re.search(r"(^|/)tests/", path):
                self.files.setdefault(pathlib.PurePath(path).stem, []).append(path)

    def show(self, path):
        return git(self.repository, "show", f"{self.branch}:{path}")

    def find(self, name):
        for path in self.files.get(name.rsplit("\\", 1)[-1], []):
            found = read_class(self.show(path))
            if found is not None and found["name"] == name:
                return found
        return None


def named_classes():
    """That php-shim imports, or names in strings."""
    found = set()
    for path in SHIM.rglob("*.php"):
        code = path.read_text()
        found |= {n for n in Names(code).uses.values() if n.startswith(FOREIGN)}
        found |= set(re.findall(r"'(Wikibase(?:Quality)?\\[\w\\]+)'", code))
    return found


def collect(trees, wanted, called):
    """They and their parents, with the methods that may be called; also the classes of what these
    return, since calls continue with them."""
    classes, todo = {}, sorted(wanted)
    while todo:
        name = todo.pop()
        if name in classes or not name.startswith(FOREIGN):
            continue
        found = next(filter(None, (tree.find(name) for tree in trees)), None)
        classes[name] = found
        if found is None:
            continue
        todo += found["parents"]
        todo += [(m.get("returns") or m.get("documented_returns", "")).lstrip("?")
                 for name, m in found["methods"].items() if name in called]
    classes = {name: found for name, found in sorted(classes.items()) if found is not None}
    promised = {m for c in classes.values() if c["kind"] == "interface" for m in c["methods"]}
    for found in classes.values():
        del found["name"]
        found["methods"] = {
            name: method for name, method in found["methods"].items()
            if "private" not in method["modifiers"] and (
                name in called | promised or name == "__construct" or "abstract" in method["modifiers"])}
    return classes


def services(wikibase, wbqc):
    """Name to type."""
    found = {}
    text = without_comments(wikibase.show("repo/WikibaseRepo.ServiceWiring.php"))
    names = Names(text)
    for name, returned in re.findall(
            r"'(WikibaseRepo\.\w+)'\s*=>\s*(?:static\s+)?function\s*\([^)]*\)\s*:\s*([?\\\w]+)", text):
        found[name] = names.type(returned)
    constants = {}
    for path in ("src/ConstraintsServices.php", "src/WikibaseServices.php"):
        for constant, name in re.findall(r"const\s+(\w+)\s*=\s*'(WBQC_\w+)'", wbqc.show(path)):
            constants[pathlib.PurePath(path).stem + "::" + constant] = name
    for path in ("src/ServiceWiring.php", "src/ServiceWiring-Wikibase.php"):
        text = without_comments(wbqc.show(path))
        names = Names(text)
        for key, returned in re.findall(
                r"(\w+::\w+)\s*=>\s*static\s+function\s*\([^)]*\)\s*:\s*([?\\\w]+)", text):
            found[constants[key]] = names.type(returned)
    return dict(sorted(found.items()))


def write(facts, out):
    """A line for each method, so that a later extraction is a short difference."""
    classes = facts.pop("classes")
    out.write(json.dumps(facts, indent=1)[:-2] + ',\n "classes": {')
    for n, (name, found) in enumerate(classes.items()):
        methods = {k: {part: v for part, v in method.items() if v}
                   for k, method in found.pop("methods").items()}
        found = {k: v for k, v in found.items() if v}
        out.write(("," if n else "") + f"\n  {json.dumps(name)}: {json.dumps(found)[:-1]},\n   \"methods\": {{")
        out.write(",".join(f"\n    {json.dumps(k)}: {json.dumps(v)}" for k, v in methods.items()))
        out.write("}}")
    out.write("\n }\n}\n")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    wikibase, wbqc = Tree(sys.argv[1], sys.argv[3]), Tree(sys.argv[2], sys.argv[3])
    manifest = json.loads(git(wbqc.repository, "show", f"{wbqc.branch}:extension.json"))
    code = "".join(p.read_text() for p in SHIM.rglob("*.php"))
    used = set(re.findall(r"'((?:WikibaseRepo\.|WBQC_)\w+)'", code))
    settings = set(re.findall(r"'(WBQualityConstraints\w+)'", code))
    facts = {
        "branch": sys.argv[3],
        "Wikibase": {"commit": wikibase.commit, "date": wikibase.date},
        "WikibaseQualityConstraints": {"commit": wbqc.commit, "date": wbqc.date},
        "services": {k: v for k, v in services(wikibase, wbqc).items() if k in used},
        "settings": sorted(settings & manifest["config"].keys()),
        "jobs": sorted(manifest["JobClasses"]), "special_pages": sorted(manifest["SpecialPages"]),
        "rights": manifest.get("AvailableRights", []),
        "classes": collect((wbqc, wikibase), named_classes(),
                           set(re.findall(r"(?:->|::|function )(\w+)\(", code))),
    }
    write(facts, sys.stdout)


if __name__ == "__main__":
    main()
