# SPDX-License-Identifier: GPL-2.0-or-later
"""The views for SQL users: docs/sql.md names their columns, and every table says what it holds."""
import pathlib
import re

import psycopg

from entities import item
from runner_process import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DESCRIBED = """
SELECT c.relname, c.relkind, a.attname, coalesce(col_description(c.oid, a.attnum), obj_description(c.oid))
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'constraint_runner'::regnamespace AND c.relkind IN ('r', 'v') {}
ORDER BY c.relname, a.attnum"""


def described(runner, condition=""):
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        return connection.execute(DESCRIBED.format(condition)).fetchall()


def test_each_table_and_column_says_what_it_holds(runner):
    rows = described(runner)
    assert len(rows) > 200
    assert [row for row in rows if not row[3]] == []
    assert described(runner, "AND obj_description(c.oid) IS NULL") == []


def test_the_document_names_the_columns_as_the_views_do(runner):
    text = (ROOT / "docs/sql.md").read_text()
    views = {}
    for view, _, column, comment in described(runner, "AND c.relkind = 'v'"):
        views.setdefault(view, []).append((column, comment))
    assert set(views) == set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    for view, columns in views.items():
        section = text.partition(f"\n## {view}\n")[2].partition("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE) == columns, view


def test_a_view_shows_what_is_stored(runner):
    assert runner.submit({"entity": "Q2", "revision": 3, "document": item("Q2", 3, ("a", "b"))},
                         {"entity": "Q404", "revision": 1}).status == 202
    wait_until(lambda: runner.result("Q2").status == 200)
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        found = connection.execute("SELECT entity, revision, complete, value IS NOT NULL "
                                   "FROM constraint_runner.results").fetchall()
    assert found == [("Q2", 3, True, True)]
