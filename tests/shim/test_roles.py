# SPDX-License-Identifier: GPL-2.0-or-later
"""What the wiki's role may do in PostgreSQL (sql/roles.sql)."""
import psycopg
import pytest

from entities import item


@pytest.fixture(scope="module")
def rows(house):
    """One result of this wiki, and one of another."""
    revision = house.wiki.save(item("Q500", values=("a", "b")))
    house.wait_for("Q500", revision)
    for table in ("entity_result", "violation"):
        house.sql(f"CREATE TEMP TABLE t AS SELECT * FROM constraint_runner.{table} WHERE "
                  "entity = 'Q500'; UPDATE t SET wiki = 'foreign'; "
                  f"INSERT INTO constraint_runner.{table} SELECT * FROM t")
    house.sql("INSERT INTO constraint_runner.class_edge VALUES ('testwiki', 'Q1', 'Q2'), "
              "('foreign', 'Q1', 'Q3')")
    yield house
    house.sql("DELETE FROM constraint_runner.class_edge WHERE class = 'Q1'")
    for table in ("entity_result", "violation"):
        house.sql(f"DELETE FROM constraint_runner.{table} WHERE wiki = 'foreign'")


def as_wiki(house, query):
    with psycopg.connect(house.conninfo.replace("user=runner", "user=wiki"),
                         autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.mark.parametrize("table", ["entity_result", "violation", "dependency", "class_edge"])
def test_it_reads_its_own_wiki_alone(rows, table):
    wikis = as_wiki(rows, f"SELECT DISTINCT wiki FROM constraint_runner.{table}")
    assert wikis == [("testwiki",)]


def test_it_writes_its_own_wiki_alone(rows):
    assert as_wiki(rows, "UPDATE constraint_runner.entity_result SET duration_us = 1 "
                         "WHERE wiki = 'foreign'") == 0
    assert as_wiki(rows, "DELETE FROM constraint_runner.violation WHERE wiki = 'foreign'") == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_wiki(rows, "INSERT INTO constraint_runner.dependency VALUES (1, 'foreign', 'Q1', 'Q2')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_wiki(rows, "UPDATE constraint_runner.violation SET wiki = 'foreign'")


@pytest.mark.parametrize("query", [
    "SELECT 1 FROM constraint_runner.job", "DELETE FROM constraint_runner.entity_result",
    "SELECT 1 FROM constraint_runner.event", "DELETE FROM constraint_runner.class_edge",
    "DROP TABLE constraint_runner.violation", "INSERT INTO constraint_runner.wiki_role VALUES ('foreign', 'wiki')"])
def test_it_can_do_nothing_else(rows, query):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_wiki(rows, query)
