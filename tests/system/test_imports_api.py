# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of entities that MediaWiki's API lists."""
import pytest

from entities import item, single_value_property
from page_api import PageApi
from runner_process import wait_until
from test_imports_entities import (STORED, ask, complete, database,
                                   dumps,  # noqa: F401  pylint: disable=unused-import
                                   status, with_dumps)

# pylint: disable=redefined-outer-name


@pytest.fixture
def api():
    with PageApi({0: ("wikibase-item", ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Main_Page"]),
                  1: (None, ["Q1"]), 6: (None, ["A.jpg", "B.jpg"]),
                  120: ("wikibase-property", ["P10", "P11"]),
                  146: ("wikibase-lexeme", [])}) as served:
        yield served


def test_every_page_of_an_api_is_checked_and_then_only_what_is_new(make_runner, dumps, api):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 8))]
    runner = with_dumps(make_runner, dumps, documents, **{"wiki.file.api_url": api.url}).start()

    def run(**fields):
        return complete(runner, ask(runner, import_method="entities", wiki="file",
                                    **{"from": "api"}, **fields))
    api.articles = 12
    job = ask(runner, import_method="entities", wiki="file", **{"from": "api"})
    wait_until(lambda: status(runner, job)["total"] is not None)
    assert status(runner, job)["total"] in (9, 12)  # not the 84 pages of the wiki
    ended = complete(runner, job)
    assert (ended["done"], ended["jobs_queued"], ended["total"], ended["total_is"]) == (
        9, 9, 9, "known")
    assert len(database(runner, STORED, "file")) == 8  # the source has one of the properties
    assert {q["gapnamespace"] for q in api.asked if "gapnamespace" in q} == {"0", "120", "146"}
    assert [q["gapcontinue"] for q in api.asked if "gapcontinue" in q] == ["Q3", "Q6"]
    assert run(type="item")["entities_up_to_date"] == 7
    api.revisions["Q5"] = 2
    runner.write_entities([*documents[:5], item("Q5", 2, "a"), *documents[6:]])
    runner.stop()
    runner.start()
    assert run(type="item")["jobs_queued"] == 1
    assert ("Q5", 2) in {row[:2] for row in database(runner, STORED, "file")}
    assert run(type="mediainfo")["jobs_queued"] == 2


def test_a_list_of_an_api_goes_on_by_whatever_key_it_names(make_runner, dumps, api):
    api.fault = "otherwise"
    runner = with_dumps(make_runner, dumps, [item(f"Q{n}", 1, "ab") for n in range(1, 8)],
                        **{"wiki.file.api_url": api.url}).start()
    job = ask(runner, import_method="entities", wiki="file", **{"from": "api"})
    assert complete(runner, job)["done"] == 9
    assert [q["otherwise"] for q in api.asked if "otherwise" in q] == ["Q3", "Q6"]


def test_pages_of_an_api_are_chosen_by_the_property_that_they_use(make_runner, dumps, api):
    documents = [item(f"Q{n}", 1, "ab") for n in range(1, 8)]
    api.links = {"Space:P10": ["Q2", "Q3", "Q4", "Q6", "P11", "Main_Page"], "Space:P11": []}
    runner = with_dumps(make_runner, dumps, documents, **{"wiki.file.api_url": api.url}).start()

    def run(**fields):
        return complete(runner, ask(runner, import_method="entities", wiki="file",
                                    **{"from": "api"}, **fields))
    assert run(property="P10", type="item")["done"] == 4
    assert [row[0] for row in database(runner, STORED, "file")] == ["Q2", "Q3", "Q4", "Q6"]
    assert [q["gblcontinue"] for q in api.asked if "gblcontinue" in q] == ["Q4"]
    assert run(property="P10")["done"] == 5
    assert run(property="P11")["done"] == 0
    job = ask(runner, import_method="entities", wiki="file", **{"from": "api"}, property="P99")
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert status(runner, job)["error"]["code"] == "no_such_property"


@pytest.mark.parametrize("fault, code", [("denied", "readapidenied"), ("garbage", "no_answer"),
                                         ("nowhere", "bad_answer"),
                                         ("503", "unavailable"), ("maxlag", "unavailable")])
def test_an_api_that_refuses_ends_the_import_with_its_words(make_runner, dumps, api, fault, code):
    api.fault = fault
    runner = with_dumps(make_runner, dumps, [], **{
        "wiki.file.api_url": api.url, "imports.backoff_base": "20ms",
        "imports.max_attempts": 3}).start()
    job = ask(runner, import_method="entities", wiki="file", **{"from": "api"})
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert status(runner, job)["error"]["code"] == code
    api.fault = None
    runner.post(f"/v1/import/{job}/retry", {})
    complete(runner, job)


def test_an_api_that_is_not_configured_is_told(shared):
    answer = shared.post("/v1/import", {"import_method": "entities", "wiki": "file", "from": "api"})
    assert answer.status == 400 and "api_url" in answer.body.decode()
