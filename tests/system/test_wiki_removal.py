# SPDX-License-Identifier: GPL-2.0-or-later
"""DELETE /v1/wikis/{wiki}: everything of a wiki goes, and the wiki can begin again."""
import psycopg
import pytest

from entities import item
from runner_process import wait_until

QUERY = ("SELECT entity, statement, constraint_id, status FROM constraint_runner.violation WHERE "
         "wiki = %s ORDER BY 1, 2, 3")


def pairs(runner, wiki):
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        return connection.execute(QUERY, (wiki,)).fetchall()


@pytest.fixture
def runner(make_runner):
    """With a second wiki like "file"."""
    made = make_runner()
    made.write_config(**{"wiki.other.source": "file", "wiki.other.files": [made.entities]})
    return made.start()


def fill(runner):
    documents = [item("Q5", 3, ("a", "b")), item("Q6", 4, ("a", "b"))]
    for wiki in ("file", "other"):
        answer = runner.submit(*[{"entity": d["id"], "revision": d["lastrevid"], "document": d}
                                 for d in documents], wiki=wiki)
        assert answer.status == 202, answer
    wait_until(runner.is_idle)


def test_a_wiki_is_removed_and_starts_over(runner):
    fill(runner)
    before = pairs(runner, "file")
    other = pairs(runner, "other")
    assert len(before) == 4 and other == before
    answer = runner.request("DELETE", "/v1/wikis/file")
    assert answer.status == 200 and answer.json["wiki"] == "file"
    assert answer.json["results"] == 2 and answer.json["violations"] == 4
    assert answer.json["rows"] > 6
    assert pairs(runner, "file") == [] and pairs(runner, "other") == other
    assert runner.result("Q5", "file").status == 404
    assert runner.request("DELETE", "/v1/wikis/file").json["rows"] == 0
    fill(runner)  # the same revisions as before: nothing remembers them
    assert pairs(runner, "file") == before


def test_a_wiki_that_is_not_configured_can_be_removed(runner):
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.execute("INSERT INTO constraint_runner.violation VALUES (1, 'warning', "
                           "'closedwiki', 'Q1', 'Q1$1', 'P1$1', 'Q2', 'k')")
    answer = runner.request("DELETE", "/v1/wikis/closedwiki")
    assert answer.status == 200 and answer.json["violations"] == 1
    assert pairs(runner, "closedwiki") == []


def test_nothing_is_removed_while_a_job_is_worked_on(runner):
    fill(runner)
    before = pairs(runner, "file")
    assert len(before) == 4
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as connection:
        connection.execute("INSERT INTO constraint_runner.job (revision, queued_at, due_at, state, "
                           "priority, wiki, entity) VALUES (1, now(), now() + interval '1 h', "
                           "'leased', 0, 'file', 'Q9')")
    answer = runner.request("DELETE", "/v1/wikis/file")
    assert answer.status == 409 and answer.error["code"] == "busy"
    assert "jobs of file are in flight (1)" in answer.error["message"]
    assert pairs(runner, "file") == before
