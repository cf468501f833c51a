# SPDX-License-Identifier: GPL-2.0-or-later
"""What the wiki's role may do in PostgreSQL (sql/roles.sql)."""
import psycopg
import pytest

from entities import item
from wiki import run_roles


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


@pytest.mark.parametrize("query", [
    "UPDATE constraint_runner.entity_result SET duration_us = 1",
    "DELETE FROM constraint_runner.entity_result", "DELETE FROM constraint_runner.violation",
    "INSERT INTO constraint_runner.dependency VALUES (1, 'testwiki', 'Q1', 'Q2')",
    "DELETE FROM constraint_runner.class_edge", "DELETE FROM constraint_runner.violation_class",
    "INSERT INTO constraint_runner.event (wiki) VALUES ('testwiki')",
    "INSERT INTO constraint_runner.wiki_role VALUES ('foreign', 'wiki')",
    "SELECT nextval('constraint_runner.check_number')", "TRUNCATE constraint_runner.violation",
    "SELECT 1 FROM constraint_runner.job", "SELECT 1 FROM constraint_runner.event",
    "DROP TABLE constraint_runner.violation", "CREATE TABLE constraint_runner.mine ()"])
def test_it_can_only_read(rows, query):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_wiki(rows, query)


@pytest.mark.parametrize("lock", [
    *[f"LOCK TABLE constraint_runner.violation IN {mode} MODE" for mode in (
        "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "ACCESS EXCLUSIVE")],
    "SELECT 1 FROM constraint_runner.entity_result FOR KEY SHARE"])
def test_it_can_lock_neither_tables_nor_rows(rows, lock):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_wiki(rows, f"DO $$ BEGIN EXECUTE '{lock}'; END $$")


def test_privileges_of_an_earlier_version_are_revoked(rows):
    rows.sql("GRANT ALL ON ALL TABLES IN SCHEMA constraint_runner TO wiki")
    rows.sql("GRANT ALL ON ALL SEQUENCES IN SCHEMA constraint_runner TO wiki")
    rows.sql("GRANT CREATE ON SCHEMA constraint_runner TO wiki")
    assert as_wiki(rows, "SELECT count(*) >= 0 FROM constraint_runner.job") == [(True,)]
    run_roles(rows.conninfo)
    for query in ("SELECT 1 FROM constraint_runner.job", "DELETE FROM constraint_runner.violation",
                  "SELECT nextval('constraint_runner.check_number')",
                  "CREATE TABLE constraint_runner.mine ()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_wiki(rows, query)
    assert as_wiki(rows, "SELECT DISTINCT wiki FROM constraint_runner.violation") == [("testwiki",)]


def test_the_owner_of_the_schema_keeps_its_rights(rows):
    done = run_roles(rows.conninfo, role="runner", check=False)
    assert done.returncode != 0 and "owns the schema" in done.stderr
    rows.sql("SELECT nextval('constraint_runner.check_number')")
