# SPDX-License-Identifier: GPL-2.0-or-later
"""The work list over HTTP, from jobs to pages."""
import urllib.parse

import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until
from test_classes import link


def with_links(entity, revision=1, **links):
    document = item(entity, revision, values=("a", "b") if "P31" in links else ("a",))
    for prop, targets in links.items():
        document["claims"][prop] = [
            {"mainsnak": link(prop, target), "type": "statement", "rank": "normal",
             "id": f"{entity}${prop}-{i}"} for i, target in enumerate(targets.split())]
    return document


def submit(runner, *documents):
    for document in documents:
        assert runner.submit({"entity": document["id"], "revision": document["lastrevid"],
                              "document": document}, wiki="none").status == 202
    wait_until(runner.is_idle)


def listed(runner, limit=1000, **filters):
    """The entities of all pairs."""
    seen, after = [], None
    while True:
        query = {"wiki": "none", "limit": limit, **filters, **({"after": after} if after else {})}
        answer = runner.get("/v1/violations?" + urllib.parse.urlencode(query))
        assert answer.status == 200, answer
        seen += [row["entity"] for row in answer.json["violations"]]
        after = answer.json.get("next")
        if after is None:
            return seen


@pytest.fixture
def filled(runner):
    submit(runner, single_value_property())  # without a source it must be known before its users
    submit(runner, with_links("Q12", P279="Q11"),
           with_links("Q11", P279="Q10"), with_links("Q10", P279="Q12 Q9"),
           with_links("Q101", P31="Q12"), with_links("Q102", P31="Q10 Q13"),
           with_links("Q103", P31="Q13"))
    return runner


def test_every_filter_narrows_the_list_and_pages_are_all_of_it(filled):
    everything = [e for e in ("Q101", "Q102", "Q103") for _ in range(2)]
    for limit in (1, 2, 5, 1000):
        assert listed(filled, limit) == everything
    assert listed(filled, entity="Q102") == ["Q102"] * 2
    assert listed(filled, property="P10") == everything and listed(filled, property="P11") == []
    row = filled.get("/v1/violations?wiki=none&limit=1").json["violations"][0]
    assert row["statement"].startswith("Q101$") and row["property"] == "P10"
    assert row["revision"] == 1 and row["checked_at"].endswith("Z")
    assert row["message"] == "single-value"
    assert listed(filled, type=row["type"], status=row["status"]) == everything
    assert listed(filled, type="Q1") == [] and listed(filled, status="bad-parameters") == []


def test_rows_have_sentences_on_request(filled):
    path = "/v1/violations?wiki=none&limit=4&sentences=true"
    first = filled.get(path).json
    rows = first["violations"] + filled.get(f"{path}&after={first['next']}").json["violations"]
    assert {row["sentence"] for row in rows} == {"P10 should have a single value."} and len(rows) == 6
    with psycopg.connect(filled.settings["database.conninfo"]) as database:  # not of this program
        database.execute("UPDATE constraint_runner.entity_result SET value = '{}' "
                         "WHERE entity = 'Q102'")
    rows = filled.get("/v1/violations?wiki=none&sentences=true").json["violations"]
    assert [row["sentence"] for row in rows if row["entity"] == "Q102"] == ["single-value"] * 2
    assert "sentence" not in filled.get("/v1/violations?wiki=none").json["violations"][0]
    header = filled.get("/v1/violations?wiki=none&format=csv&sentences=true").body.splitlines()[0]
    assert header.endswith(b",revision,checked_at,sentence")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_class_brings_all_below_it_also_after_a_restart(filled, end):
    below = ["Q101"] * 2 + ["Q102"] * 2
    for name in ("Q9", "Q10", "Q11", "Q12"):
        for limit in (1, 1000):
            assert listed(filled, limit, **{"class": name}) == below
    assert listed(filled, **{"class": "Q10", "direct": "true"}) == ["Q102"] * 2
    assert listed(filled, **{"class": "Q9", "direct": "true"}) == []
    getattr(filled, end)()
    filled.start()
    assert listed(filled, **{"class": "Q9", "property": "P10"}) == below
    submit(filled, with_links("Q12", 2))  # it is below nothing any longer
    assert listed(filled, **{"class": "Q9"}) == ["Q102"] * 2


@pytest.mark.parametrize("query, status, words", [
    ("", 400, "wiki: must be given"), ("wiki=nowiki", 404, "nowiki"),
    ("wiki=none&class=L5", 400, "class: "), ("wiki=none&property=31", 400, "property: "),
    ("wiki=none&after=x", 400, "after: not a cursor"), ("wiki=none&limit=many", 400, "limit: "),
    ("wiki=none&entity=Q1'--", 400, "entity: "), ("wiki=none&after=%ff||", 400, "after: "),
    ("wiki=none&after=%01||", 400, "after: ")])
def test_invalid_parameters_are_reported(filled, query, status, words):
    answer = filled.get("/v1/violations?" + query)
    assert answer.status == status and words in answer.json["error"]["message"]
    assert len(listed(filled)) == 6
