# SPDX-License-Identifier: GPL-2.0-or-later
"""The law, row by row: a store after a storm against that of a new runner on an empty database.

Named columns only are compared, so that a table may have more of them. What may differ:
 - times, durations, numbers of checks, and rows of what is gone (tombstones);
 - revisions of dependencies: the stored one may be older (or one that was deleted since) when
   others see the same of that entity;
 - rows of class_node of classes that nobody asks for any more, when they say what the wiki says."""
import collections
import dataclasses
import json

import psycopg
import psycopg.rows

from built_entities import CONSTRAINT

STATES = {0: "found", 1: "missing", 2: "redirect"}
COUNTS = ["n_bad_parameters", "n_violation", "n_warning", "n_suggestion", "n_exception",
          "n_compliance", "n_deprecated", "n_not_in_scope", "n_todo"]
# that have rows of what is gone, or rows that are compared
OTHER_TABLES = {"entity_result", "event", "job", "dead_job", "parity_difference", "violation",
                "dependency", "distinct_value", "violation_class", "checked_class"}


@dataclasses.dataclass
class Difference:
    kind: str
    entity: str
    detail: str


class Store:
    """What a database holds of a wiki."""

    def __init__(self, conninfo, wiki):
        with psycopg.connect(conninfo) as database:
            database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self.database, self.wiki = database, wiki
            self.columns = collections.defaultdict(set)
            for table, column in database.execute(
                    "SELECT table_name, column_name FROM information_schema.columns "
                    "WHERE table_schema = 'constraint_runner'"):
                self.columns[table].add(column)
            self.results = {}
            wanted = ["entity", "revision", "engine", "incomplete", "value", *COUNTS, "seen", "seen_linked",
                      "own"]
            for row in self._rows("entity_result", wanted, " AND tombstone = 0"):
                self.results[row["entity"]] = row
            self.violations = self._keyed("violation", ["entity", "statement", "constraint_id"],
                                          ["property", "type", "status", "message_key", "own", "fix",
                                           "own_status"])
            self.dependencies = self._keyed("dependency", ["entity", "depends_on"],
                                            ["revision", "seen", "named"])
            self.values = self._keyed("distinct_value", ["entity", "key"], ["property"])
            self.instances = self._keyed("violation_class", ["entity", "class"], [])
            self.checked = self._keyed("checked_class", ["entity", "class"], [])
            self.edges = self._keyed("class_edge", ["class", "superclass"], [])
            self.nodes = self._keyed("class_node", ["class"], ["state", "superclasses"])
            self.owners = {table: {row["entity"] for row in self._rows(table, ["entity"])}
                           for table, columns in self.columns.items()
                           if {"wiki", "entity"} <= columns and table not in OTHER_TABLES
                           and not table.endswith("_change")}
            self.left = left_over(database)
            self.dead = [(row["entity"], row["reason"])
                         for row in self._rows("dead_job", ["entity", "reason"])]
            del self.database

    def _rows(self, table, columns, condition=""):
        there = [c for c in columns if c in self.columns[table]]
        if not there:
            return []
        names = ", ".join(f'"{c}"::text' if c in ("value", "status", "key", "message_key")
                          else f'"{c}"' for c in there)
        found = self.database.execute(f"SELECT {names} FROM constraint_runner.{table} "
                                      f"WHERE wiki = %s{condition}", (self.wiki,))
        return [dict(zip(there, row)) for row in found]

    def _keyed(self, table, key, rest):
        return {tuple(row[k] for k in key): {k: row[k] for k in rest if k in row}
                for row in self._rows(table, key + rest)}


def left_over(database):
    """What waits or has still to be followed, by table; of all wikis, in one look."""
    tables = ["job"] + [t for t, in database.execute(
        "SELECT table_name FROM information_schema.tables WHERE "
        "table_schema = 'constraint_runner' AND table_name LIKE '%\\_change'")]
    questions = [f"SELECT '{t}', count(*) FROM constraint_runner.{t}" for t in tables]
    questions.append("SELECT 'import', count(*) FROM constraint_runner.import "
                     "WHERE state = 'active'")
    return {table: count for table, count
            in database.execute(" UNION ALL ".join(questions)).fetchall() if count}


def row_of(conninfo, wiki, entity):
    """Of entity_result but the value, and the last events: for whoever looks for a cause."""
    with psycopg.connect(conninfo, row_factory=psycopg.rows.dict_row) as database:
        rows = database.execute("SELECT * FROM constraint_runner.entity_result WHERE wiki = %s "
                                "AND entity = %s", (wiki, entity)).fetchall()
        events = database.execute(
            "SELECT revision, deleted, created_at::text FROM constraint_runner.event WHERE wiki = %s "
            "AND entity = %s ORDER BY id DESC LIMIT 4", (wiki, entity)).fetchall()
    lines = [" ".join(f"{k}={v}" for k, v in row.items()
                      if k not in ("wiki", "entity", "value") and not k.startswith("n_"))
             for row in rows]
    return lines + [f"event: revision {e['revision']}{' deleted' if e['deleted'] else ''} at "
                    f"{e['created_at'][11:23]}" for e in events]


# -- what the wiki says ----------------------------------------------------------------------------

def seen_by_others(document, entity, linked=False):
    """What checks of other entities may depend on: statements with their ranks, of a property its
    constraints, and the other statements too if it is linked; None when there is no such entity."""
    if document is None:
        return None
    if document["id"] != entity:
        parts = document.get("forms", []) + document.get("senses", [])
        document = next((p for p in parts if p["id"] == entity), None)
        if document is None:
            return None
    statements = [s for of in document["claims"].values() for s in of]
    if entity[0] == "P":
        return document["datatype"], json.dumps([s for s in statements
                                                 if linked
                                                 or s["mainsnak"]["property"] == CONSTRAINT])
    return (document.get("language"), document.get("lexicalCategory"),
            json.dumps([[s["rank"], s["mainsnak"]] for s in statements]))


def best_superclasses(document):
    statements = [s for s in document["claims"].get("P279", []) if s["rank"] != "deprecated"]
    preferred = [s for s in statements if s["rank"] == "preferred"]
    return [s["mainsnak"]["datavalue"]["value"]["id"] for s in preferred or statements]


def class_on(wiki, entity):
    """State and superclasses as class_node has them. Of a redirect to what is gone, or to another
    redirect, a wiki without API says that there is nothing."""
    state = wiki.state(entity)
    if state.target and (wiki.has_api or wiki.document(state.target)):
        return 2, [state.target]
    if state.document is None:
        return 1, []
    return 0, best_superclasses(state.document)


def class_ids(packed):
    numbers = [int.from_bytes(packed[i:i + 8], "big") for i in range(0, len(packed), 8)]
    return [f"Q{n}" for n in numbers]


# -- the comparison --------------------------------------------------------------------------------

def compare(stored, fresh, wiki, found_name="stored", wanted_name="fresh"):
    """Every difference between two stores of one wiki as it is now."""
    differences = []

    def tell(kind, entity, detail):
        differences.append(Difference(kind, entity, detail))

    for table, count in stored.left.items():
        tell("left over", table, f"{count} rows")
    for entity, reason in stored.dead:
        tell("dead job", entity, reason)
    for table, owners in stored.owners.items():
        for entity in sorted(owners - set(fresh.results)):
            tell(f"row of what is gone in {table}", entity, "")
    _results(stored, fresh, tell, found_name, wanted_name)
    for table, name in (("violations", "violation"), ("values", "distinct value"),
                        ("instances", "violation class"), ("checked", "checked class"),
                        ("edges", "class edge")):
        _rows(getattr(stored, table), getattr(fresh, table), name, tell)
    _dependencies(stored, fresh, wiki, tell)
    _classes(stored, fresh, wiki, tell)
    return differences


def _results(stored, fresh, tell, found_name, wanted_name):
    for entity in sorted(set(stored.results) | set(fresh.results)):
        ours, theirs = stored.results.get(entity), fresh.results.get(entity)
        if ours is None or theirs is None:
            tell("result missing" if ours is None else "result of what is gone", entity,
                 f"only {wanted_name}" if ours is None else f"only {found_name}, "
                 f"of revision {ours['revision']}")
            continue
        if ours["revision"] != theirs["revision"]:
            tell("revision", entity, f"{ours['revision']} instead of {theirs['revision']}")
        first, second = json.loads(ours["value"]), json.loads(theirs["value"])
        first_ids = first.pop("latestRevisionIds", {})
        second_ids = second.pop("latestRevisionIds", {})
        if first != second:
            tell("result value", entity, _first_difference(first, second))
        elif set(first_ids) != set(second_ids):
            tell("latestRevisionIds", entity,
                 f"{sorted(set(first_ids) ^ set(second_ids))} on one side only")
        if ours.get("own") != theirs.get("own"):
            tell("extras", entity, f"{json.dumps(ours.get('own'))[:200]} instead of "
                                   f"{json.dumps(theirs.get('own'))[:200]}")
        counts = [c for c in COUNTS if ours.get(c) != theirs.get(c)]
        if counts:
            tell("counts", entity, ", ".join(f"{c} {ours[c]} instead of {theirs[c]}"
                                             for c in counts))
        if ours["incomplete"]:
            tell("incomplete", entity, "; ".join(ours["incomplete"]))
        if ours["engine"] != theirs["engine"]:
            tell("engine", entity, f"{ours['engine']} instead of {theirs['engine']}")
        for column in ("seen", "seen_linked"):
            if ours.get(column) != theirs.get(column):
                tell(column, entity, f"{ours.get(column)} instead of {theirs.get(column)}")


def _first_difference(first, second):
    def names(value):
        return collections.Counter(json.dumps(r, sort_keys=True) for r in value["results"])
    more, less = names(first) - names(second), names(second) - names(first)
    if not more and not less:
        return "the same results in another order" if first["results"] != second["results"] \
            else "futureTime"

    def short(results):
        out = []
        for line in list(results)[:2]:
            result = json.loads(line)
            out.append(f"{result.get('s')} of {result.get('c', {}).get('pid')} "
                       f"{json.dumps(result.get('m'))[:160]}")
        return f"{sum(results.values())}: " + " | ".join(out) if results else "none"
    return f"too much {short(more)}; missing {short(less)}"


def _rows(ours, theirs, name, tell):
    for key in sorted(set(ours) | set(theirs), key=str):
        if key not in theirs:
            tell(f"{name} too much", key[0], f"{key[1:]}")
        elif key not in ours:
            tell(f"{name} missing", key[0], f"{key[1:]}")
        elif ours[key] != theirs[key]:
            tell(f"{name} other", key[0], f"{key[1:]}: {ours[key]} instead of {theirs[key]}")


def _dependencies(stored, fresh, wiki, tell):
    ours, theirs = stored.dependencies, fresh.dependencies
    for key in sorted(set(ours) | set(theirs)):
        entity, target = key
        if key not in theirs:
            tell("dependency too much", entity, f"on {target}")
            continue
        if key not in ours:
            tell("dependency missing", entity, f"on {target}")
            continue
        for column in ("seen", "named"):
            if ours[key].get(column) != theirs[key].get(column):
                tell(f"dependency {column}", entity, f"on {target}: {ours[key].get(column)} "
                                                     f"instead of {theirs[key].get(column)}")
        if ours[key]["revision"] != theirs[key]["revision"]:
            old, new = ours[key]["revision"], theirs[key]["revision"]
            known = wiki.revisions.get(target.split("-")[0], {})
            linked = ours[key]["seen"] % 2 == 1
            same = (old and new and old in known and
                    seen_by_others(known[old], target, linked) ==
                    seen_by_others(known.get(new), target, linked))
            if not same:
                tell("dependency revision", entity, f"on {target}: {old} instead of {new}")


def _classes(stored, fresh, wiki, tell):
    for store, name in ((stored, "class node"), (fresh, "class node of the new runner")):
        for (number,), row in sorted(store.nodes.items()):
            if number <= 0 or number >= 1 << 32:
                continue  # not an item
            entity = f"Q{number}"
            state, superclasses = class_on(wiki, entity)
            found = class_ids(bytes(row["superclasses"]))
            if (row["state"], found) != (state, superclasses):
                tell(name, entity, f"{STATES.get(row['state'])} {found} instead of "
                                   f"{STATES[state]} {superclasses}")
    for key in sorted(set(fresh.nodes) - set(stored.nodes)):
        tell("class node missing", f"Q{key[0]}", "")


def compare_events(events, violations):
    """The pairs that the events lead to against those that are stored."""
    pairs = {}
    differences = []
    for event in events:
        for pair in event["disappeared"]:
            pairs.pop((event["entity"], pair["statement"], pair["constraint"]), None)
        for pair in event["appeared"]:
            pairs[event["entity"], pair["statement"], pair["constraint"]] = (
                pair["status"], pair["type"], pair["property"], pair.get("own", False))
        for pair in event["changed"]:
            pairs[event["entity"], pair["statement"], pair["constraint"]] = (
                pair["to"], pair["type"], pair["property"], pair.get("own", False))
    wanted = {key: (row["status"], row["type"], f"P{row['property']}", row.get("own", False))
              for key, row in violations.items()}
    for key in sorted(set(pairs) | set(wanted)):
        if pairs.get(key) != wanted.get(key):
            differences.append(Difference("event", key[0], f"{key[1:]}: {pairs.get(key)} instead "
                                                           f"of {wanted.get(key)}"))
    return differences
