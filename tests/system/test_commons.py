# SPDX-License-Identifier: GPL-2.0-or-later
"""Links to Wikimedia Commons: titles are looked up in batches at an API that answers as
MediaWiki's does, or fails as it may."""
import json

import pytest

from entities import single_value_property, statement
from mediawiki_api import Api
from runner_process import wait_until

COMMONS_LINK = "Q21510852"
OPTIONS = {"wiki.file.commons_requests_per_second": 200, "wiki.file.commons_timeout": "400ms",
           "wiki.file.commons_retries": 1, "queue.backoff_max": "200ms",
           "queue.max_attempts": 1000}


def commons_property(prop="P18", namespace="File"):
    document = single_value_property(prop, constraint=COMMONS_LINK)
    snak = {"snaktype": "value", "property": "P2307", "datatype": "string",
            "datavalue": {"value": namespace, "type": "string"}}
    document["claims"]["P2302"][0]["qualifiers"] = {"P2307": [snak]} if namespace else {}
    return document


def item(entity, *links, prop="P18", rank="normal"):
    claims = [statement(f"{entity}${i:08d}-0000-4000-8000-000000000001", prop, link,
                        {"rank": rank}) for i, link in enumerate(links)]
    return {"type": "item", "id": entity, "lastrevid": 1, "labels": {}, "claims": {prop: claims}}


PICTURES = [f"Picture {n}.jpg" for n in range(120)]  # the even ones exist
ENTITIES = [commons_property(), commons_property("P19", ""), commons_property("P20"),
            {**single_value_property("P10")}, item("Q1", "There.jpg"),
            item("Q2", "Nobody.jpg"), item("Q120", *PICTURES)]


@pytest.fixture
def api():
    server = Api()
    yield server
    server.close()


@pytest.fixture
def make(make_runner, api):  # pylint: disable=redefined-outer-name
    def made(entities=(), **settings):
        return make_runner({**OPTIONS, "wiki.file.commons_api": api.url,
                            **{f"wiki.file.{k}": v for k, v in settings.items()}},
                           [*ENTITIES, *entities])
    return made


def check(runner, entity):
    runner.submit({"entity": entity}, wiki="file")
    return wait_until(lambda: (r := runner.result(entity, "file")).status == 200 and r).json


def found(result):
    """Counts of statuses that are not 0, and the messages of the violations."""
    counts = {k: v for k, v in result["counts"].items() if v}
    messages = [r["m"]["k"] for r in result["value"]["results"] if r.get("m")]
    return counts, messages, result["incomplete"]


def test_a_page_that_exists_complies_and_one_that_does_not_is_reported(make, api):
    runner = make().start()
    assert found(check(runner, "Q1")) == ({"compliance": 1}, [], [])
    counts, messages, incomplete = found(check(runner, "Q2"))
    assert (counts, incomplete) == ({"warning": 1}, [])
    assert messages[0].endswith("commons-link-no-existent")
    assert api.titles() == [["File:There.jpg"], ["File:Nobody.jpg"]]
    assert "constraint-runner/" in api.agents.pop()


def test_120_links_need_three_requests_and_none_when_cached(make, api):
    runner = make().start()
    assert found(check(runner, "Q120"))[0] == {"compliance": 60, "warning": 60}
    assert sorted(map(len, api.titles())) == [20, 50, 50]
    assert sorted(t for batch in api.titles() for t in batch) == \
        sorted("File:" + p for p in PICTURES)
    runner.submit({"entity": "Q120", "revision": 2,
                   "document": {**item("Q120", *PICTURES), "lastrevid": 2}}, wiki="file")
    wait_until(lambda: runner.result("Q120", "file").json["revision"] == 2)
    assert len(api.asked) == 3
    assert runner.metric("constraint_runner_commons_requests_total") == 3
    text = runner.get("/metrics").body.decode()
    assert 'constraint_runner_commons_titles_total{from="api",wiki="file"} 120' in text or \
        'constraint_runner_commons_titles_total{wiki="file",from="api"} 120' in text
    assert runner.metric("constraint_runner_commons_titles_total") == 240


def test_entities_that_are_checked_at_the_same_time_share_requests(make, api):
    documents = [item(f"Q{n}", f"Picture {n}.jpg") for n in range(1000, 1100)]
    runner = make(commons_requests_per_second=20).start()
    runner.submit(*({"entity": d["id"], "document": d} for d in documents), wiki="file")
    wait_until(runner.is_idle)
    assert all(runner.result(d["id"], "file").json["incomplete"] == [] for d in documents)
    assert sum(map(len, api.titles())) == 100
    assert len(api.asked) <= 20, "instead of 100"


def test_only_needed_titles_are_requested_and_each_once(make, api):
    excepted = commons_property("P21")
    snak = {"snaktype": "value", "property": "P2303", "datatype": "wikibase-item",
            "datavalue": {"type": "wikibase-entityid",
                          "value": {"entity-type": "item", "id": "Q9"}}}
    excepted["claims"]["P2302"][0]["qualifiers"]["P2303"] = [snak]
    out_of_scope = commons_property("P22")
    out_of_scope["claims"]["P2302"][0]["qualifiers"]["P4680"] = [
        {**snak, "property": "P4680",
         "datavalue": {"type": "wikibase-entityid",
                       "value": {"entity-type": "item", "id": "Q54828449"}}}]
    document = item("Q9", "There.jpg", "There.jpg", "not_well formed.jpg", " There.jpg",
                    "A%20B.jpg")
    document["claims"].update(item("Q9", "Excepted.jpg", prop="P21")["claims"])
    document["claims"].update(item("Q9", "Qualifiers only.jpg", prop="P22")["claims"])
    document["claims"].update(item("Q9", "Deprecated.jpg", prop="P20", rank="deprecated")["claims"])
    document["claims"].update(item("Q9", "No such constraint.jpg", prop="P10")["claims"])
    runner = make([excepted, out_of_scope, document]).start()
    check(runner, "Q9")
    assert sorted(t for batch in api.titles() for t in batch) == \
        ["File:Deprecated.jpg", "File:There.jpg"]


@pytest.mark.parametrize("link,prop,status,key", [
    ("there again.jpg", "P18", "compliance", None),
    ("Café.jpg", "P18", "compliance", None),
    ("Cafe\u0301.jpg", "P18", "compliance", None),
    ("A&amp;B.jpg", "P18", "compliance", None),
    ("Moved twice.jpg", "P18", "compliance", None),
    ("Broken.jpg", "P18", "warning", "commons-link-no-existent"),
    ("File:There.jpg", "P18", "warning", "commons-link-not-well-formed"),
    ("x" * 300, "P18", "warning", "commons-link-no-existent"),
    ("<b>.jpg", "P18", "warning", "commons-link-no-existent"),
    ("a\u001fb", "P18", "warning", "commons-link-no-existent"),
    ("Foo|There", "P19", "warning", "commons-link-no-existent"),
    ("A|a", "P19", "compliance", None),
    ("fr:Paris", "P19", "warning", "commons-link-no-existent"),
    ("#part", "P19", "warning", "commons-link-no-existent"),
])
def test_titles_as_mediawiki_takes_them(make, api, link, prop, status, key):
    runner = make()
    document = runner.folder / "item.ndjson"
    document.write_text("".join(json.dumps(e) + "\n" for e in
                                [*ENTITIES, item("Q7", "There.jpg" if prop == "P18" else "There",
                                                 link, prop=prop)]))
    out = runner.run("check", "--wiki", "file", "--from", str(document), "--json", "Q7")
    assert (out.returncode, out.stderr) == (0, "")
    results = [r for r in json.loads(out.stdout)["results"] if "s" in r]
    assert sorted(r["s"] for r in results) == sorted(["compliance", status])
    keys = [r["m"]["k"] for r in results if "m" in r]
    assert keys == ([] if key is None else [key]) or keys[0].endswith(key)
    assert api.asked


@pytest.mark.parametrize("fault,reason", [
    ("503", "HTTP status 503 (2 attempts)"),
    ("blocked", "HTTP status 429"),
    ("denied", "the API says readapidenied: You need read permission."),
    ("garbage", "the response is not JSON"),
    ("cut", "the response is not JSON"),
    ("empty", "the answer says nothing about titles"),
    ("slow", "Timeout was reached (2 attempts)"),
])
def test_an_api_that_fails_leaves_the_result_incomplete(make, api, fault, reason):
    api.fault = fault
    document = item("Q8", "There.jpg", "not_well formed.jpg")
    document["claims"].update(item("Q8", "a", "b", prop="P10")["claims"])
    runner = make([document]).start()
    counts, messages, incomplete = found(check(runner, "Q8"))
    assert counts == {"todo": 1, "warning": 3}, "other checks are stored as usual"
    assert not [m for m in messages if m.endswith("no-existent")]
    assert len(incomplete) == 1
    assert incomplete[0].startswith(f"commons-link: {api.url}: ")
    assert reason in incomplete[0]
    listed = runner.get("/v1/incomplete?wiki=file").json["results"]
    assert [(row["entity"], row["reasons"]) for row in listed] == [("Q8", incomplete)]
    assert listed[0]["next_attempt"] >= listed[0]["checked_at"]
    queue = runner.queue()
    assert queue["delayed"] + queue["ready"] + queue["leased"] == 1


def test_a_result_becomes_complete_when_the_api_is_back(make, api):
    api.fault = "503"
    runner = make().start()
    assert found(check(runner, "Q1"))[0] == {"todo": 1}
    api.fault = ""
    wait_until(lambda: runner.result("Q1", "file").json["incomplete"] == [])
    assert found(runner.result("Q1", "file").json) == ({"compliance": 1}, [], [])
    wait_until(runner.is_idle)


def test_the_api_is_down_and_then_up(make, api):
    port = api.port
    api.close()
    runner = make().start()
    incomplete = check(runner, "Q1")["incomplete"]
    assert "Couldn't connect to server" in incomplete[0]
    again = Api(port=port)
    try:
        wait_until(lambda: runner.result("Q1", "file").json["incomplete"] == [])
        assert found(runner.result("Q1", "file").json)[0] == {"compliance": 1}
    finally:
        again.close()


@pytest.mark.parametrize("fault", ["429", "maxlag"])
def test_retry_after_is_honoured(make, api, fault):
    api.fault = fault
    runner = make().start()
    result = check(runner, "Q1")
    assert found(result) == ({"compliance": 1}, [], [])
    assert len(api.asked) == 2
    assert result["duration_us"] >= 900_000


def test_without_an_api_links_are_left_to_do_and_the_result_is_complete(make_runner):
    runner = make_runner(entities=ENTITIES).start()
    assert found(check(runner, "Q1")) == ({"todo": 1}, [], [])
    wait_until(runner.is_idle)


def test_check_reports_incomplete_results_and_titles_of_a_file_need_no_request(make, api, tmp_path):
    api.fault = "503"
    runner = make()
    out = runner.run("check", "--wiki", "file", "--json", "Q1")
    assert out.returncode == 65
    assert f"Q1 is incomplete: commons-link: {api.url}: HTTP status 503" in out.stderr
    assert "1 of 1 results are incomplete" in out.stderr
    asked = len(api.asked)
    titles = tmp_path / "titles.json"
    titles.write_text('{"File:There.jpg": "File:There.jpg"}')
    out = runner.run("check", "--wiki", "file", "--json", "--titles", str(titles), "Q1", "Q2")
    assert (out.returncode, out.stderr, len(api.asked)) == (0, "", asked)
    assert '"s":"compliance"' in out.stdout


@pytest.mark.parametrize("key,value,message", [
    ("commons_api", "commons.wikimedia.org", "expected a URL that begins with http"),
    ("commons_requests_per_second", 0, "commons_requests_per_second"),
    ("commons_cache_size", 0, "commons_cache_size"),
    ("commons_missing_age", "soon", "commons_missing_age"),
])
def test_wrong_settings_are_reported(make, key, value, message):
    out = make(**{key: value}).run("config", "check")
    assert out.returncode == 78
    assert message in out.stderr
