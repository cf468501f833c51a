# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters of files, when they are imported and when they are listed: what is left out is counted by
reason and listed."""
import json
import urllib.parse

import pytest

from commons_wiki import CommonsWiki
from test_imports import FAST, finish, run, status
from test_imports_lists import answers, ask


@pytest.fixture(scope="module", params=[False, True], ids=["old", "new"])
def wiki(request, mariadb):
    """700 files: 100 + n wide and 200 + n high; of three types; every fifth first uploaded in January
    or February 2025, the others on the first days of January 2026."""
    made = CommonsWiki(mariadb, f"filters_{int(request.param)}", new=request.param)
    made.category("Bridges")
    made.files("Bridges", 1, 700)
    return made


@pytest.fixture
def commons(make_runner, wiki):
    return make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()


def wanted(wiki, test):
    """Pages of the files for which `test` of a row holds, as CommonsWiki.expected() has them."""
    return [int(row[0]) for row in wiki.expected("Bridges") if test(row)]


def listed(runner, ident, query=""):
    pages, after = [], 0
    while after is not None:
        page = runner.get(f"/v1/import/{ident}/files?limit=1000&after={after}{query}").json
        pages += [f["page_id"] for f in page["files"]]
        after = page.get("next")
    return pages


CASES = [
    ({"uploaded_from": "2026-01-01T06:00:00"}, "date", lambda r: r[8] >= "20260101060000"),
    ({"uploaded_before": "2026-01-01"}, "date", lambda r: r[8] < "20260101"),
    ({"uploaded_from": "2026-01-01", "uploaded_before": "2026-01-01T03:00"}, "date",
     lambda r: "20260101" <= r[8] < "20260101030000"),
    ({"uploaded_from": "2026-01-01T08:00:00", "time_zone": "Europe/Kyiv"}, "date",
     lambda r: r[8] >= "20260101060000"),
    ({"uploaded_from": "2026-01-01 06:00:00", "versions": "latest"}, "date",
     lambda r: r[11] >= "20260101060000"),
    ({"min_side": 400}, "size", lambda r: min(int(r[4]), int(r[5])) >= 400),
    ({"min_pixels": 200_000}, "size", lambda r: int(r[4]) * int(r[5]) >= 200_000),
    ({"mime_types": ["image/png", "video/*"]}, "mime_type", lambda r: r[2:4] != ("image", "jpeg")),
    ({"uploaders": ["Nutzer Ä3", "nutzer_Ä4"]}, "uploader",
     lambda r: r[7] in ("Nutzer Ä3", "Nutzer Ä4")),
    ({"not_uploaders": ["User:Nutzer Ä3"]}, "uploader", lambda r: r[7] != "Nutzer Ä3"),
]


@pytest.mark.parametrize("filter_, reason, test", CASES, ids=[json.dumps(c[0]) for c in CASES])
def test_what_a_filter_leaves_out_is_counted_and_listed(commons, wiki, filter_, reason, test):
    over = run(commons, "Bridges", filter=filter_)
    assert over["status"] == "complete", over
    expected = wanted(wiki, test)
    assert 0 < len(expected) < 700
    assert listed(commons, over["job_id"]) == expected
    assert over["files_imported"] == len(expected)
    assert over["files_left_out"] == over[f"left_out_by_{reason}"] == 700 - len(expected)
    assert (over["done"], over["total"], over["total_is"]) == (700, 700, "known")
    out = commons.get(f"/v1/import/{over['job_id']}/files?change=left_out&limit=1000").json["files"]
    assert {f["page_id"] for f in out} == set(range(1, 701)) - set(expected)
    assert {f["left_out"] for f in out} == {reason}
    csv = commons.get(f"/v1/import/{over['job_id']}/files.csv").body.decode().splitlines()
    assert len(csv) == 1 + len(expected)


@pytest.mark.parametrize("filter_, reason, test", CASES, ids=[json.dumps(c[0]) for c in CASES])
def test_the_same_filters_narrow_a_list(commons, wiki, filter_, reason, test):
    ident = run(commons, "Bridges")["job_id"]
    query = "&" + urllib.parse.urlencode(
        {k: "|".join(v) if isinstance(v, list) else v for k, v in filter_.items()})
    expected = wanted(wiki, test)
    assert listed(commons, ident, query) == expected
    page = commons.get(f"/v1/import/{ident}/files?{query[1:]}").json
    assert page["left_out"][reason] == 700 - len(expected)
    assert sum(page["left_out"].values()) == 700 - len(expected)
    lines = commons.get(f"/v1/import/{ident}/files?format=ndjson{query}").body.splitlines()
    assert len(lines) == len(expected) + 1


def test_the_middle_version_of_a_file_counts_where_any_does(make_runner, mariadb):
    for new in (False, True):
        wiki = CommonsWiki(mariadb, f"versions_{int(new)}", new=new)
        wiki.category("Bridges")
        wiki.files("Bridges", 1, 10)  # 5 and 10 have versions of January and February 2025
        wiki.reupload(7)
        runner = make_runner({**FAST, **mariadb.replica_settings("commons", wiki.database)}).start()
        february = {"uploaded_from": "2025-02-01", "uploaded_before": "2025-03-01"}
        assert listed(runner, run(runner, "Bridges", filter={**february, "versions": "any"})[
            "job_id"]) == [5, 10]
        over = run(runner, "Bridges", filter=february)
        assert over["files_imported"] == 1  # the first version of 10 is hidden
        everything = run(runner, "Bridges")["job_id"]
        query = "&uploaded_from=2025-02-01&uploaded_before=2025-03-01&versions="
        assert listed(runner, everything, query + "any") == [5, 10]
        assert listed(runner, everything, query + "latest") == []
        late = "&uploaded_from=2027-01-01&versions="
        assert listed(runner, everything, late + "any") == [7]
        assert listed(runner, everything, late + "first") == []
        runner.stop()


def test_a_file_that_changes_so_that_it_passes_is_new_the_next_time(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "passing", new=True)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 20)
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", wiki.database)}).start()
    filter_ = {"min_side": 110}
    first = run(runner, "Bridges", filter=filter_)
    assert (first["files_new"], first["files_left_out"]) == (11, 9)
    wiki.sql("UPDATE filerevision SET fr_width = 500 WHERE fr_id = 3 * 5")
    wiki.sql("UPDATE filerevision SET fr_width = 50 WHERE fr_id = 3 * 15")
    second = run(runner, "Bridges", filter=filter_)
    assert second["compared_with"] == first["job_id"]
    assert (second["files_new"], second["files_unchanged"], second["files_left_out"]) == (1, 10, 9)
    assert [f["page_id"] for f in runner.get(
        f"/v1/import/{second['job_id']}/files?since={first['job_id']}").json["files"]] == [5, 15]


def test_items_of_a_list_that_are_left_out_say_why(commons):
    over = ask(commons, files=["File 1.jpg", "File 2.jpg", "No.jpg"],
               filter={"mime_types": ["image/png"]})
    assert (over["files_imported"], over["items_left_out"], over["failed"]) == (1, 1, 1)
    assert (over["done"], over["total"]) == (2, 3)
    assert set(answers(commons, over["job_id"], "&outcome=left_out")) in ({"File 1.jpg"},
                                                                        {"File 2.jpg"})
    over = ask(commons, files=["File 1.jpg"], filter={"min_side": 100_000})
    assert (over["status"], over["error"]["code"]) == ("failed", "all_left_out")


def test_an_import_of_which_nothing_is_left_has_failed_and_says_why(commons):
    over = run(commons, "Bridges", filter={"min_side": 100_000})
    assert (over["status"], over["error"]["code"]) == ("failed", "all_left_out")
    assert over["filter"] == {"min_side": 100_000}


def test_imports_with_other_filters_are_others(make_runner, wiki):
    runner = make_runner({**FAST, "imports.threads": 0,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    ids = [runner.post("/v1/import", {"import_method": "category", "category": "Bridges", **more}
                       ).json["job_id"]
           for more in ({}, {"filter": {"min_side": 5}}, {"filter": {"min_side": 6}},
                        {"filter": {"min_side": 5}})]
    assert ids == [1, 2, 3, 2]
    assert "min_side" in status(runner, 2)["subject"]


def test_the_command_line_filters(commons, wiki):
    done = commons.run("import", "category", "Bridges", "--wait", "--uploaded-from", "2026-01-01",
                       "--time-zone", "Europe/Kyiv", "--min-side", "400", "--mime-type", "image/*",
                       "--not-uploader", "Nutzer Ä3", "--not-uploader", "Nutzer Ä4")
    assert done.returncode == 0, done
    assert finish(commons, 1)["filter"] == {
        "uploaded_from": "2025-12-31T22:00:00", "time_zone": "UTC", "min_side": 400,
        "mime_types": ["image/*"], "not_uploaders": ["Nutzer Ä3", "Nutzer Ä4"]}
    assert "left_out_by_size" in done.stdout


@pytest.mark.parametrize("filter_, field, words", [
    (1, "filter", "not an object"), ({}, "filter", "nothing out"),
    ({"versions": "any"}, "filter", "nothing out"),
    ({"size": 1}, "filter.size", "no such field"),
    ({"uploaded_from": "yesterday"}, "filter.uploaded_from", "not a time"),
    ({"uploaded_from": "2025-02-30"}, "filter.uploaded_from", "not a time"),
    ({"uploaded_from": "2025-02-03T25:00"}, "filter.uploaded_from", "not a time"),
    ({"uploaded_from": 2025}, "filter.uploaded_from", "not a time"),
    ({"uploaded_from": "2025-02-03", "uploaded_before": "2025-02-03"}, "filter.uploaded_before",
     "not later"),
    ({"uploaded_from": "2025-02-03T00:00:00Z", "time_zone": "Europe/Kyiv"}, "filter.time_zone",
     "ends with Z"),
    ({"uploaded_from": "2025-02-03", "time_zone": "Mars/Base"}, "filter.time_zone",
     'no time zone "Mars/Base"'),
    ({"min_side": -1}, "filter.min_side", "whole number"),
    ({"min_pixels": "2M"}, "filter.min_pixels", "whole number"),
    ({"mime_types": "image/png"}, "filter.mime_types", "not an array"),
    ({"mime_types": ["png"]}, "filter.mime_types[0]", "not a type"),
    ({"uploaders": []}, "filter.uploaders", "empty list"),
    ({"not_uploaders": ["A", 1]}, "filter.not_uploaders[1]", "not a string"),
    ({"uploaded_from": "2025-02-03", "versions": "all"}, "filter.versions", "first, latest or any"),
])
def test_a_wrong_filter_names_its_field(commons, filter_, field, words):
    answer = commons.post("/v1/import", {"import_method": "category", "category": "Bridges",
                                         "filter": filter_})
    assert answer.status == 400, answer
    assert answer.error["field"] == field and words in answer.error["message"]


@pytest.mark.parametrize("query, field", [("min_side=x", "min_side"), ("mime_types=png",
                         "mime_types[0]"), ("uploaded_from=x", "uploaded_from"),
                         ("uploaded_from=2025-01-01&time_zone=X", "time_zone")])
def test_a_wrong_filter_of_a_list_names_its_parameter(commons, query, field):
    ident = run(commons, "Bridges")["job_id"]
    answer = commons.get(f"/v1/import/{ident}/files?{query}")
    assert (answer.status, answer.error["field"]) == (400, field)
