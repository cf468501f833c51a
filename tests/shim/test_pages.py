# SPDX-License-Identifier: GPL-2.0-or-later
"""The special pages, the API module and the exports."""
import csv
import io
import json
import re
import urllib.request

import pytest

from entities import item
from real_wiki import needs_standins
from runner_process import wait_until
from wiki import ROOT

LIST = "/index.php?title=Special:ConstraintViolations"
DUMP = str(ROOT / "php-shim/maintenance/DumpViolations.php")
REPORT = "/index.php/Special:ConstraintReport/"


@pytest.fixture(scope="module")
def listed(house):
    """Six violation pairs of three entities."""
    for entity in ("Q300", "Q301", "Q302"):
        revision = house.wiki.save(item(entity, values=("a", "b")))
        house.wait_for(entity, revision)
    return house


def instance_of(entity, name):
    return link(entity, "P31", name)


def link(entity, prop, name):
    return {"id": f"{entity}$class-{name}", "type": "statement", "rank": "normal", "mainsnak": {
        "snaktype": "value", "property": prop, "datatype": "wikibase-item",
        "datavalue": {"type": "wikibase-entityid", "value": {
            "entity-type": "item", "id": name, "numeric-id": int(name[1:])}}}}


def recheck(house, entity, token):
    return house.wiki.request(REPORT + entity, {"constraintrunner-recheck": "1",
                                                "wpEditToken": token})


@needs_standins
def test_the_report_shows_time_revision_and_counts_of_all_statuses(listed):
    page = listed.wiki.request(REPORT + "Q300")
    revision = listed.row("Q300")[0]
    assert page.status == 200
    assert f"oldid={revision}" in page.body and "Checked on" in page.body
    assert re.search(r"Violation|Warning", page.body) and "standin-row" in page.body
    assert "out of date" not in page.body


def test_the_report_says_that_it_is_stale_or_incomplete(listed):
    listed.sql("UPDATE constraint_runner.entity_result SET revision = 1, incomplete = '{timeout}',"
               " value = replace(value::text, '\"Q302\":', '\"Q302\":9')::json"
               " WHERE entity = 'Q302'")
    page = listed.wiki.request(REPORT + "Q302")
    assert "out of date" in page.body and "timeout" in page.body
    listed.wiki.check(id="Q302")
    assert "out of date" not in listed.wiki.request(REPORT + "Q302").body


@needs_standins
def test_a_label_with_script_does_not_run(listed):
    page = listed.wiki.request(REPORT + "Q300")
    assert "&lt;script&gt;label of Q19474404&lt;/script&gt;" in page.body
    assert "<script>label" not in page.body


def a_right_that_nobody_has(right):
    """Later versions of WBQC have it and give it to everybody."""
    return f"$wgAvailableRights[] = '{right}';\n$wgRevokePermissions['*']['{right}'] = true;\n"


def test_the_report_requires_wbqcs_own_right(listed):
    listed.wiki.more_settings(a_right_that_nobody_has("wbqc-check-constraints-uncached"))
    try:
        assert "constraintrunner-recheck" not in listed.wiki.request(REPORT + "Q300").body
        before = listed.row("Q300")
        page = recheck(listed, "Q300", listed.wiki.token())
        assert "ermission error" in page.body and listed.row("Q300") == before
    finally:
        listed.wiki.more_settings("")


def test_check_again_needs_the_token(listed):
    before = listed.row("Q300")
    recheck(listed, "Q300", "wrong")
    listed.wiki.request(REPORT + "Q300?constraintrunner-recheck=1")
    assert listed.row("Q300") == before
    page = recheck(listed, "Q300", listed.wiki.token())
    assert page.status == 200 and page.url.endswith("Q300")
    assert listed.row("Q300")[3] > before[3]


def test_check_again_is_limited(listed):
    listed.wiki.more_settings("$wgRateLimits = ['constraintrunner-check' => ['user' => [0, 60]]];\n"
                              "$wgGroupPermissions['sysop']['noratelimit'] = false;\n"
                              "$wgGroupPermissions['bureaucrat']['noratelimit'] = false;\n"
                              "$wgMainCacheType = CACHE_DB;\n")
    try:
        before = listed.row("Q300")
        page = recheck(listed, "Q300", listed.wiki.token())
        assert "exceeded this limit" in page.body and listed.row("Q300") == before
    finally:
        listed.wiki.more_settings("")


def test_wbqcs_right_is_required_where_it_exists(listed):
    listed.wiki.more_settings(a_right_that_nobody_has("wbqc-check-constraints"))
    try:
        assert "constraintrunner-recheck" not in listed.wiki.request(REPORT + "Q300").body
        before = listed.row("Q300")
        page = recheck(listed, "Q300", listed.wiki.token())
        assert "ermission error" in page.body and listed.row("Q300") == before
    finally:
        listed.wiki.more_settings("")


def test_readers_without_permission_get_nothing(listed):
    anonymous = listed.wiki.opener
    listed.wiki.more_settings("$wgGroupPermissions['*']['read'] = false;\n")
    try:
        listed.wiki.opener = urllib.request.build_opener()
        assert "Q300" not in listed.wiki.request(LIST + "&format=csv").body
        assert "error" in listed.wiki.api(action="query", list="constraintviolations")
        assert "standin-row" not in listed.wiki.request(REPORT + "Q300").body
    finally:
        listed.wiki.opener = anonymous
        listed.wiki.more_settings("")


@needs_standins
def test_the_list_shows_labels_links_and_ages(listed):
    page = listed.wiki.request(LIST + "&entity=Q301")
    assert page.status == 200 and "label of Q301" in page.body and "label of P10" in page.body
    assert re.search(r"Item:Q301#Q301%24", page.body) and " ago" in page.body
    assert page.body.count('class="constraintrunner-recheck"') == 2
    assert "label of Q300" not in page.body


@needs_standins
def test_the_list_shows_messages_in_the_language_of_the_reader(listed):
    page = listed.wiki.request(LIST + "&entity=Q301")
    assert page.body.count("The wiki says that <b>P10</b> has several values.") == 2
    assert "<code" not in page.body
    page = listed.wiki.request(LIST + "&entity=Q301&uselang=de")
    assert page.body.count("Das Wiki sagt, dass <b>P10</b> mehrere Werte hat.") == 2


@needs_standins
def test_the_runner_supplies_english_messages_that_the_wiki_lacks(listed):
    with_other_key(listed, "Q301", "multi-value")
    try:
        # a page waits 0.3 s for the runner, and then leaves it alone for a second
        wait_until(lambda: listed.wiki.request(LIST + "&entity=Q301&uselang=de").body.count(
            "P10 should have several values.") == 2)
        listed.runner.stop()
        page = listed.wiki.request(LIST + "&entity=Q301")
        assert page.status == 200 and page.body.count('<code dir="ltr">') == 2
    finally:
        with_other_key(listed, "Q301", "single-value")
        if listed.runner.ended():
            listed.runner.start()


def with_other_key(house, entity, key):
    house.sql("UPDATE constraint_runner.entity_result SET value = regexp_replace(value::text, "
              "'\"k\":\"(single|multi)-value\"', %s, 'g')::json WHERE entity = %s",
              f'"k":"{key}"', entity)


@needs_standins
def test_a_download_has_sentences_on_request(listed):
    assert "sentences=1" in listed.wiki.request(LIST + "&entity=Q301").body
    text = listed.wiki.request(LIST + "&format=csv&entity=Q301&sentences=1&uselang=de").body
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["sentence"] for row in rows} == {"Das Wiki sagt, dass P10 mehrere Werte hat."}
    assert list(rows[0])[-3:] == ["revision", "checked_at", "sentence"]
    line = listed.wiki.request(LIST + "&format=json&entity=Q301&sentences=1").body.splitlines()[0]
    assert json.loads(line)["sentence"] == "The wiki says that P10 has several values."


def test_the_list_has_pages(listed):
    seen, path = [], LIST + "&property=P10&limit=2"
    for _ in range(50):
        page = listed.wiki.request(path)
        seen += re.findall(r"#(Q\d+%24[0-9a-f-]+)", page.body)
        following = re.search(r'href="([^"]*after=[^"]*)"', page.body)
        if following is None:
            break
        path = following.group(1).replace("&amp;", "&")
    [(total,)] = listed.sql("SELECT count(*) FROM constraint_runner.violation "
                            "WHERE wiki = 'testwiki' AND property = 10")
    assert len(seen) == len(set(seen)) == total >= 6


@pytest.mark.parametrize("query, words", [
    ("&property=x%27%20OR%201", "must be a property ID"), ("&type=P5", "must be an item ID"),
    ("&entity=%3Cscript%3E", "must be an entity ID"), ("&class=L1", "class must be an item ID"),
    ("&status=fine", "status does not exist")])
def test_an_invalid_filter_is_reported(listed, query, words):
    page = listed.wiki.request(LIST + query)
    assert page.status == 200 and words in page.body and "<script>Q" not in page.body


def test_the_api_continues_where_it_stopped(listed):
    seen, more = [], {}
    while True:
        answer = listed.wiki.api(action="query", list="constraintviolations", cvproperty="P10",
                                 cvlimit="2", **more)
        seen += [(v["entity"], v["statement"]) for v in answer["query"]["constraintviolations"]]
        if "continue" not in answer:
            break
        more = answer["continue"]
    assert {"Q300", "Q301", "Q302"} <= {e for e, _ in seen} and len(seen) == len(set(seen))
    row = listed.wiki.api(action="query", list="constraintviolations",
                          cventity="Q300")["query"]["constraintviolations"][0]
    assert row["revision"] == listed.row("Q300")[0] and row["property"] == "P10"
    assert listed.wiki.api(action="query", list="constraintviolations", cvcontinue="x")["error"]
    wrong = listed.wiki.api(action="query", list="constraintviolations", cvproperty="Q1")
    assert wrong["error"]["code"] == "bad-property"


@needs_standins
def test_the_api_has_sentences_on_request(listed):
    answer = listed.wiki.api(action="query", list="constraintviolations", cventity="Q300",
                             cvsentences="1", uselang="de")
    assert {v["sentence"] for v in answer["query"]["constraintviolations"]} == {
        "Das Wiki sagt, dass P10 mehrere Werte hat."}
    answer = listed.wiki.api(action="query", list="constraintviolations", cventity="Q300")
    assert "sentence" not in answer["query"]["constraintviolations"][0]


def of_class(listed, name, **others):
    """The entities of all pairs, two to a page."""
    seen, more = [], {}
    while True:
        answer = listed.wiki.api(action="query", list="constraintviolations", cvclass=name,
                                 cvlimit="2", **others, **more)
        seen += [v["entity"] for v in answer["query"].get("constraintviolations", [])]
        if "continue" not in answer:
            return seen
        more = answer["continue"]


@needs_standins
def test_the_list_can_be_narrowed_to_a_class(listed):
    for entity, classes in (("Q310", ("Q5", "Q6")), ("Q311", ("Q5",)), ("Q312", ("Q6",))):
        document = item(entity, values=("a", "b"))
        document["claims"]["P31"] = [instance_of(entity, c) for c in classes]
        listed.wait_for(entity, listed.wiki.save(document))
    assert of_class(listed, "Q5") == ["Q310", "Q310", "Q311", "Q311"]
    assert of_class(listed, "Q6") == ["Q310", "Q310", "Q312", "Q312"]
    assert of_class(listed, "Q7") == []
    page = listed.wiki.request(LIST + "&class=q5&property=P10")
    assert "label of Q311" in page.body and "label of Q312" not in page.body
    listed.wait_for("Q311", listed.wiki.save(item("Q311", values=("a", "b"))))
    assert of_class(listed, "Q5") == ["Q310", "Q310"]


@needs_standins
def test_a_class_brings_the_instances_of_all_classes_below_it(listed):
    def class_item(entity, *superclasses):
        document = item(entity)
        document["claims"]["P279"] = [link(entity, "P279", c) for c in superclasses]
        listed.wait_for(entity, listed.wiki.save(document))
    class_item("Q32", "Q31")
    class_item("Q33", "Q32", "Q30")
    class_item("Q31", "Q33")  # a circle
    class_item("Q34", "Q30")
    for entity, name in (("Q321", "Q31"), ("Q322", "Q33"), ("Q323", "Q34")):
        document = item(entity, values=("a", "b"))
        document["claims"]["P31"] = [link(entity, "P31", name)]
        listed.wait_for(entity, listed.wiki.save(document))
    circle = ["Q321", "Q321", "Q322", "Q322"]
    for name in ("Q31", "Q32", "Q33"):
        assert of_class(listed, name) == circle
        assert of_class(listed, name, cvproperty="P10") == circle
    assert of_class(listed, "Q30") == [*circle, "Q323", "Q323"]
    assert of_class(listed, "Q34") == ["Q323", "Q323"]
    assert of_class(listed, "Q30", cvdirect="1") == []
    assert of_class(listed, "Q33", cvdirect="1", cvproperty="P10") == ["Q322", "Q322"]

    page = listed.wiki.request(LIST + "&class=Q30&limit=5")
    assert "label of Q323" in page.body and "&amp;after=Q323" in page.body
    page = listed.wiki.request(LIST + "&class=Q33&direct=1")
    assert "label of Q322" in page.body and "label of Q321" not in page.body
    assert re.search(r"name='?\"?direct'?\"?[^>]*checked", page.body) and "direct=1" in page.body
    lines = listed.wiki.request(LIST + "&format=json&class=Q31").body.splitlines()
    assert [json.loads(x)["entity"] for x in lines] == circle
    lines = listed.wiki.request(LIST + "&format=csv&class=Q31&direct=1").body.splitlines()
    assert [x[:5] for x in lines[1:]] == ["Q321,"] * 2
    dump = listed.wiki.maintenance(DUMP, "--class", "Q31")
    assert [json.loads(x)["entity"] for x in dump.stdout.splitlines()] == circle

    class_item("Q33", "Q99")  # it is below them no longer
    assert of_class(listed, "Q30") == ["Q323", "Q323"]
    assert of_class(listed, "Q31") == ["Q321", "Q321"]


def test_exports_hold_the_whole_list(listed):
    text = listed.wiki.request(LIST + "&format=csv&property=P10")
    assert text.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text.body)))
    lines = listed.wiki.request(LIST + "&format=json&property=P10").body.splitlines()
    assert [r["statement"] for r in rows] == [json.loads(x)["statement"] for x in lines]
    assert {"Q300", "Q301", "Q302"} <= {r["entity"] for r in rows}


def test_the_list_says_that_the_database_is_away(listed):
    listed.wiki.more_settings("$wgConstraintRunnerDatabase['host'] = '/nowhere';\n")
    try:
        assert listed.wiki.request(LIST).status == 503
        answer = listed.wiki.api(action="query", list="constraintviolations")
        assert answer["error"]["code"] == "constraintviolations-away"
    finally:
        listed.wiki.more_settings("")
        wait_until(lambda: listed.wiki.request(LIST).status == 200)
