# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the heads of PHP classes: names, parents, constants, and what methods take and give."""
import re

MODIFIERS = r"(?:(?:abstract|final|public|protected|private|static|readonly)\s+)*"
CLASS = re.compile(r"^(?P<modifiers>(?:(?:abstract|final|readonly)\s+)*)(?P<kind>class|interface)\s+"
                   r"(?P<name>\w+)(?P<rest>[^{]*)\{", re.M)
METHOD = re.compile(rf"^\s*(?P<modifiers>{MODIFIERS})function\s+&?(?P<name>\w+)\s*\(", re.M)
CONSTANT = re.compile(r"^\s*(?:(?:final|public|protected|private)\s+)*const\s+(?:\w+\s+)?(\w+)\s*=", re.M)
PARAMETER = re.compile(r"^(?:(?:public|protected|private|readonly)\s+)*(?P<type>[?\\|\w]+\s+)?(?P<ref>&\s*)?"
                       r"(?P<dots>\.\.\.\s*)?\$(?P<name>\w+)(?P<default>\s*=.*)?$", re.S)
BUILT_IN = {"array", "bool", "callable", "false", "float", "int", "iterable", "mixed", "never", "null",
            "object", "parent", "self", "static", "string", "true", "void", "resource", "closure"}


def without_comments(text):
    """Comments as blanks; what is in strings is taken for code, which does no harm here."""
    return re.sub(r"/\*.*?\*/|(?m:^[ \t]*(?://|#(?!\[))[^\n]*$)", lambda m: re.sub(r"[^\n]", " ", m[0]), text,
                  flags=re.S)


def balanced(text, at, pair="()"):
    """The position after the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == pair[0]) - (text[i] == pair[1])
        if depth == 0:
            return i + 1
    raise ValueError("brackets do not match")


def split(text, separator=","):
    """At separators outside of brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == separator and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [p.strip() for p in parts + [text[start:]] if p.strip()]


class Names:
    """What short names of a file stand for."""

    def __init__(self, text):
        found = re.search(r"^namespace\s+([\w\\]+)\s*[;{]", text, re.M)
        self.namespace = found[1] if found else ""
        self.uses = {}
        for name, alias in re.findall(r"^use\s+([\w\\]+)(?:\s+as\s+(\w+))?\s*;", text, re.M):
            self.uses[alias or name.rsplit("\\", 1)[-1]] = name.lstrip("\\")

    def full(self, name):
        if name.startswith("\\"):
            return name[1:]
        head, _, rest = name.partition("\\")
        if head in self.uses:
            return self.uses[head] + ("\\" + rest if rest else "")
        return f"{self.namespace}\\{name}".lstrip("\\")

    def type(self, text):
        text = text.strip()
        mark, text = ("?", text[1:]) if text.startswith("?") else ("", text)
        return mark + "|".join(p if p.lower() in BUILT_IN else self.full(p) for p in text.split("|"))


def read_parameter(text, names):
    """As PHP writes it, with whole names; whatever the default is, null stands for it."""
    found = PARAMETER.match(text.strip())
    if found is None:
        raise ValueError(f"not understood: {text!r}")
    kind = names.type(found["type"]) + " " if found["type"] else ""
    return (kind + ("&" if found["ref"] else "") + ("..." if found["dots"] else "") + "$" + found["name"]
            + (" = null" if found["default"] else ""))


def documented_return(text, at, names):
    """Of the comment before a method: `@return Foo|null` is Foo."""
    before = text[:at].rstrip()
    if not before.endswith("*/"):
        return ""
    found = re.search(r"@return\s+([\w\\|\[\]]+)", before[before.rfind("/**"):])
    for part in (found[1].split("|") if found else []):
        if part.lower() not in BUILT_IN and not part.endswith("]"):
            return names.full(part)
    return ""


def read_class(text):
    """Of the first class of a file; None when there is none."""
    code = without_comments(text)
    names = Names(code)
    head = CLASS.search(code)
    if head is None:
        return None
    extends = re.search(r"\bextends\s+([\w\\,\s]+?)(?=\bimplements\b|$)", head["rest"])
    implements = re.search(r"\bimplements\s+([\w\\,\s]+)$", head["rest"])
    parents = [names.full(p) for found in (extends, implements) if found for p in split(found[1])]
    body = code[head.end():]
    methods = {}
    for found in METHOD.finditer(body):
        end = balanced(body, found.end() - 1)
        returns = re.match(r"\s*:\s*([?\\|\w]+)", body[end:])
        modifiers = found["modifiers"].split()
        method = {"modifiers": " ".join(m for m in modifiers if m != "public"),
                  "parameters": [read_parameter(p, names) for p in split(body[found.end():end - 1])]}
        if returns:
            method["returns"] = names.type(returns[1])
        elif documented := documented_return(text, head.end() + found.start(), names):
            method["documented_returns"] = documented
        methods[found["name"]] = method
    return {"name": f"{names.namespace}\\{head['name']}".lstrip("\\"), "kind": head["kind"],
            "modifiers": head["modifiers"].split(), "parents": parents,
            "constants": CONSTANT.findall(body), "methods": methods}
