# SPDX-License-Identifier: GPL-2.0-or-later
"""The work list with many rows: a page is the right one, and reads few of them, whatever is asked."""
import json

import pytest

from wiki import ROOT

DUMP = str(ROOT / "php-shim/maintenance/DumpViolations.php")
PAIRS, CLASSES = 300_000, 25_000
# Q1 is above all, Q2 above 21,000 classes with many instances, Q3 above three, Q4 above 3,900 of
# which few have an instance; the classes below each form circles.
FILL = f"""
INSERT INTO constraint_runner.class_edge
SELECT 'testwiki', 'Q' || (500000 + n), CASE
    WHEN n <= 3 THEN 'Q3' WHEN n = 4 OR n = 4001 THEN CASE n WHEN 4 THEN 'Q4' ELSE 'Q2' END
    WHEN n < 4001 THEN 'Q' || (500004 + (n - 4) * 7919 % (n - 4))
    ELSE 'Q' || (504001 + (n - 4001) * 7919 % (n - 4001)) END
FROM generate_series(1, {CLASSES}) AS n;
INSERT INTO constraint_runner.class_edge VALUES ('testwiki', 'Q2', 'Q1'), ('testwiki', 'Q3', 'Q1'),
    ('testwiki', 'Q4', 'Q1'), ('testwiki', 'Q500004', 'Q500010'), ('testwiki', 'Q3', 'Q500002'),
    ('testwiki', 'Q504001', 'Q504001');
INSERT INTO constraint_runner.violation
SELECT 10 + n % 1000, (CASE WHEN n % 50000 = 0 THEN 'bad-parameters' WHEN n % 2 = 0 THEN 'warning'
    ELSE 'violation' END)::constraint_runner.violation_status, 'testwiki', 'Q' || (1000000 + n / 3),
    'Q' || (1000000 + n / 3) || '$' || n, 'P' || (10 + n % 1000) || '$1',
    'Q' || (21510800 + n % 30), 'single-value' FROM generate_series(1, {PAIRS}) AS n;
INSERT INTO constraint_runner.violation_class
SELECT DISTINCT 'testwiki', 'Q' || (1000000 + n), CASE
    WHEN n % 9001 = 7 THEN 'Q' || (500001 + n % 3) WHEN n % 3001 = 9 THEN 'Q' || (500004 + n % 3900)
    WHEN n % 10 = 3 THEN 'Q' || (504001 + n % 20000) ELSE 'Q6' END
FROM generate_series(0, {PAIRS // 3}) AS n;
"""
TABLES = {"violation": "entity LIKE 'Q1______'", "violation_class": "entity LIKE 'Q1______'",
          "class_edge": "class LIKE 'Q5_____' OR class IN ('Q2', 'Q3', 'Q4')"}
COMMON = [{"class": "Q1"}, {"class": "Q2"}, {"class": "Q6"}, {"class": "Q6", "direct": True}]
QUESTIONS = [
    {}, {"property": "P500"}, {"type": "Q21510805", "status": "violation"}, {"status": "violation"},
    {"status": "bad-parameters"}, {"property": "P500", "status": "bad-parameters"},
    {"property": "P511", "status": "violation"}, {"entity": "Q1050000"}, *COMMON,
    {"class": "Q3"}, {"class": "Q4"},
    {"class": "Q9"}, {"class": "Q504001"}, {"class": "Q6", "property": "P500"},
    {"class": "Q2", "type": "Q21510805"}, {"class": "Q4", "status": "warning"},
    {"class": "Q3", "status": "violation"}, {"class": "Q1", "status": "bad-parameters"},
    {"class": "Q2", "property": "P511"}, {"class": "Q4", "direct": True}]


@pytest.fixture(scope="module")
def large(house):
    house.sql(FILL)
    house.sql(f"VACUUM ANALYZE constraint_runner.{', constraint_runner.'.join(TABLES)}")
    # so that each request ends its connection, and what it has read is counted
    house.wiki.more_settings("$wgConstraintRunnerDatabase['persistent'] = false;\n")
    yield house
    house.wiki.more_settings("")
    for table, rows in TABLES.items():
        house.sql(f"DELETE FROM constraint_runner.{table} WHERE {rows}")


def rows_read(house):
    """By all that ended their connection."""
    [(rows,)] = house.sql(
        "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = ANY(%s)) + "
        "(SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = ANY(%s))",
        list(TABLES), list(TABLES))
    return int(rows)


def name_of(question):
    return ",".join(f"{k}={v}" for k, v in question.items()) or "all"


@pytest.mark.parametrize("question", QUESTIONS, ids=name_of)
def test_no_page_reads_more_than_a_part_of_the_rows(large, question):
    before = rows_read(large)
    answer = large.wiki.api(action="query", list="constraintviolations", cvlimit="50",
                            **{f"cv{k}": str(v) for k, v in question.items()})
    assert "query" in answer, answer
    read = rows_read(large) - before
    # what it may cost: twice a look at some thousand pairs, and the classes below one
    assert 0 <= read < 100_000, read
    if question in COMMON[2:] or "class" not in question:
        assert read < 1000, read


@pytest.mark.parametrize("export", ["csv", "json"])
def test_an_export_continues_to_the_last_row(large, export):
    page = large.wiki.request("/index.php?title=Special:ConstraintViolations&status=violation&format="
                              + export)
    lines = page.body.splitlines()[export == "csv":]
    [(total,)] = large.sql("SELECT count(*) FROM constraint_runner.violation WHERE wiki = 'testwiki' "
                           "AND status = 'violation'")
    assert len(lines) == total > 100_000
    [(last,)] = large.sql("SELECT entity FROM constraint_runner.violation WHERE wiki = 'testwiki' AND "
                          "status = 'violation' ORDER BY entity DESC LIMIT 1")
    assert (lines[-1].split(",")[0] if export == "csv" else json.loads(lines[-1])["entity"]) == last


@pytest.mark.parametrize("question", [q for q in QUESTIONS if "class" in q and q not in COMMON],
                         ids=name_of)
def test_the_pages_together_are_all_that_matches(large, question):
    arguments = [a for k, v in question.items() for a in ([f"--{k}"] + [v] * (k != "direct"))]
    dump = large.wiki.maintenance(DUMP, *arguments)
    keys = [(row["entity"], row["statement"])
            for row in map(json.loads, dump.stdout.splitlines())]
    step = "" if question.get("direct") else """UNION SELECT e.class FROM below b
        JOIN constraint_runner.class_edge e ON e.superclass = b.class"""
    where = " AND ".join(f"v.{column}::text = %s" for column in question
                         if column not in ("class", "direct")) or "true"
    values = [v.removeprefix("P") for k, v in question.items() if k not in ("class", "direct")]
    expected = large.sql(f"""
        WITH RECURSIVE below(class) AS (SELECT %s::text COLLATE "C" {step})
        SELECT v.entity, v.statement FROM constraint_runner.violation v
        WHERE v.wiki = 'testwiki' AND v.entity = ANY (ARRAY(
            SELECT entity FROM constraint_runner.violation_class JOIN below USING (class)
            WHERE wiki = 'testwiki')) AND {where}
        ORDER BY v.entity, v.statement, v.constraint_id""", question["class"], *values)
    assert keys == expected
