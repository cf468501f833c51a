# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists that belong to their import: reading one while another runs, what differs between two, what
became of the files of one, and deleting one."""
import json

import pytest

from commons_wiki import CommonsWiki, imported
from runner_process import wait_until
from test_imports import FAST, begin, connect, finish, problems, run, status
from test_imports_lists import answers, ask


@pytest.fixture
def wiki(make_commons, new):
    made = make_commons(new)
    made.category("Bridges")
    made.files("Bridges", 1, 300)
    return made


@pytest.fixture
def commons(make_runner, wiki):
    return make_runner({**FAST, "imports.lease": "1s",
                        **wiki.mariadb.replica_settings("commons", wiki.database)}).start()


def change(wiki):
    """Renames 3, replaces 4, deletes 5, takes out 6, adds 1001."""
    wiki.rename(3, "Renamed.jpg")
    wiki.reupload(4)
    wiki.delete_files("page_id = 5")
    wiki.take_out("page_id = 6", "Bridges")
    wiki.files("Bridges", 1001, 1001)


CHANGES = {3: "renamed", 4: "changed", 5: "vanished", 6: "vanished", 1001: "new"}


def differences(runner, ident, query):
    files, after = [], 0
    while after is not None:
        page = runner.get(f"/v1/import/{ident}/files?{query}&after={after}").json
        files += page["files"]
        after = page.get("next")
    assert page["complete"]
    return files


def test_pages_of_an_import_stay_while_another_runs(commons, wiki):
    before = wiki.expected("Bridges")
    first = run(commons, "Bridges")["job_id"]
    pages = commons.get(f"/v1/import/{first}/files?limit=2").json["files"]
    change(wiki)
    second = run(commons, "Bridges")
    assert second["compared_with"] == first
    assert {k: second[f"files_{k}"] for k in ("renamed", "changed", "vanished", "new")} == {
        "renamed": 1, "changed": 1, "vanished": 2, "new": 1}
    pages += commons.get(f"/v1/import/{first}/files?limit=1000&after=2").json["files"]
    assert [(str(f["page_id"]), f["img_name"], str(f["img_width"])) for f in pages] == [
        (row[0], row[1], row[4]) for row in before]
    with connect(commons) as connection:
        assert imported(connection, first) == before
        assert imported(connection, second["job_id"]) == wiki.expected("Bridges")


def test_what_differs_between_two_imports_is_listed(commons, wiki):
    first = run(commons, "Bridges")["job_id"]
    change(wiki)
    run(commons, "Bridges")
    wiki.rename(4, "Renamed_too.jpg")
    third = run(commons, "Bridges")
    assert (third["files_renamed"], third["files_changed"]) == (1, 0)
    third = third["job_id"]
    found = differences(commons, third, f"since={first}")
    assert {f["page_id"]: f["change"] for f in found} == {**CHANGES, 4: "renamed"}
    names = {f["page_id"]: (f["previous_name"], f["img_name"]) for f in found}
    assert names[3] == ("File_3.jpg", "Renamed.jpg")
    assert names[4] == ("File_4.jpg", "Renamed_too.jpg")
    assert names[5] == (None, "File_5.jpg")
    gone = differences(commons, third, f"since={first}&change=vanished")
    assert [f["page_id"] for f in gone] == [5, 6]
    back = differences(commons, first, f"since={third}&change=new")
    assert [f["page_id"] for f in back] == [5, 6]
    assert differences(commons, third, f"since={third}") == []
    csv = commons.get(f"/v1/import/{third}/files.csv?since={first}").body.decode().splitlines()
    assert len(csv) == 6 and csv[1].startswith("Renamed.jpg,")


def test_what_differs_in_long_lists_is_found_at_their_end(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "long_lists", new=True)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 12_000)
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", wiki.database)}).start()
    first = run(runner, "Bridges")["job_id"]
    wiki.rename(11_999, "Renamed.jpg")
    second = run(runner, "Bridges")["job_id"]
    lines = runner.get(f"/v1/import/{second}/files?format=ndjson&since={first}").body.splitlines()
    assert [json.loads(line).get("img_name") for line in lines] == ["Renamed.jpg", None]
    assert json.loads(lines[1]) == {"complete": True}
    page = runner.get(f"/v1/import/{second}/files?since={first}").json
    assert (page["files"], page["complete"], page["next"]) == ([], False, 1_000)
    assert [f["page_id"] for f in differences(runner, second, f"since={first}")] == [11_999]
    out = runner.run("import", "files", str(second), "--since", str(first)).stdout.splitlines()
    assert len(out) == 2 and out[1].startswith("Renamed.jpg,")


@pytest.mark.parametrize("query, field", [("since=0", "since"), ("since=x", "since"),
                                          ("since=999", "since"), ("since=1&sort=name", "sort"),
                                          ("since=1&change=unchanged", "change")])
def test_wrong_questions_for_differences_name_the_field(commons, query, field):
    ident = run(commons, "Bridges")["job_id"]
    answer = commons.get(f"/v1/import/{ident}/files?{query}")
    assert (answer.status, answer.error["field"]) == (400, field)


def test_the_files_of_an_import_are_looked_up_again(commons, wiki):
    first = run(commons, "Bridges")["job_id"]
    change(wiki)
    wiki.log("delete", "File_5.jpg", 5)
    again = ask(commons, of_import=first)
    assert (again["status"], again["total"], again["compared_with"]) == ("complete", 300, first)
    assert (again["items_found"], again["items_renamed"], again["items_deleted"],
            again["items_replaced"]) == (298, 1, 1, 1)
    # whether it is still in the category is not asked
    assert (again["files_renamed"], again["files_changed"], again["files_vanished"]) == (1, 1, 1)
    renamed = commons.get(f"/v1/import/{again['job_id']}/items?outcome=renamed").json["items"]
    assert [(i["known_name"], i["img_name"], i["replaced"]) for i in renamed] == [
        ("File_3.jpg", "Renamed.jpg", False)]
    replaced = commons.get(f"/v1/import/{again['job_id']}/items?replaced=true").json["items"]
    assert [i["page_id"] for i in replaced] == [4]
    assert [p["item"] for p in problems(commons, again["job_id"])] == ["5: 5"]
    done = commons.run("import", "refresh", str(first), "--wait")
    assert done.returncode == 0 and "items_replaced" in done.stdout


def test_a_csv_that_says_what_was_known_is_compared_with_what_there_is(commons, wiki):
    first = run(commons, "Bridges")["job_id"]
    csv = commons.get(f"/v1/import/{first}/files.csv").body.decode()
    change(wiki)
    again = ask(commons, csv=csv)
    assert (again["items_renamed"], again["items_replaced"], again["failed"]) == (1, 1, 1)
    assert answers(commons, again["job_id"], "&outcome=renamed") == {
        "3": ("renamed", 3, "Renamed.jpg")}
    # by name, where some row has no number
    rows = "img_name,page_id,rec_img_timestamp\nFile_1.jpg,1,2026-01-01T00:01:01Z\nFile 2.jpg,,x\n"
    items = commons.get(f"/v1/import/{ask(commons, csv=rows)['job_id']}/items").json["items"]
    assert [(i["asked"], i["outcome"], i["replaced"]) for i in items] == [
        ("File_1.jpg", "found", False), ("File 2.jpg", "found", None)]


@pytest.mark.parametrize("fields, words", [
    ({"of_import": "1"}, "not the number"), ({"of_import": 0}, "not the number"),
    ({"of_import": 999}, "no import 999"), ({"of_import": 1, "files": ["A"]}, "beside files")])
def test_a_wrong_import_to_look_up_again_is_refused(commons, fields, words):
    answer = commons.post("/v1/import", {"import_method": "files", **fields})
    assert (answer.status, answer.error["field"]) == (400, "of_import")
    assert words in answer.error["message"]


def test_the_data_of_an_import_is_deleted_and_others_stay(commons, wiki):
    first = run(commons, "Bridges")["job_id"]
    second = run(commons, "Bridges")["job_id"]
    lists = ask(commons, files=["File 1.jpg", "No.jpg"])["job_id"]
    assert commons.run("import", "delete", str(first)).returncode == 0
    answer = commons.get(f"/v1/import/{first}/files")
    assert (answer.status, answer.error["code"]) == (410, "data_deleted")
    assert commons.get(f"/v1/import/{second}/files?since={first}").status == 410
    assert status(commons, first)["data_deleted_at"]
    assert len(commons.get(f"/v1/import/{second}/files?limit=1000").json["files"]) == 300
    assert commons.request("DELETE", f"/v1/import/{lists}/data").json["changed"]
    assert commons.get(f"/v1/import/{lists}/items").json["items"] == []
    assert problems(commons, lists) == []
    with connect(commons) as connection:
        wait_until(lambda: connection.execute(
            "SELECT count(*) FROM constraint_runner.commons_file").fetchone()[0] == 300, 150)
    assert commons.post("/v1/import", {"import_method": "files", "of_import": first}).status == 400
    assert commons.request("DELETE", "/v1/import/999/data").status == 404
    idle = begin(commons, "Bridges", depth=1)
    commons.request("POST", f"/v1/import/{idle}/pause", "")
    if status(commons, idle)["status"] == "paused":
        assert commons.request("DELETE", f"/v1/import/{idle}/data").status == 409
        commons.request("DELETE", f"/v1/import/{idle}")
    finish(commons, idle)
