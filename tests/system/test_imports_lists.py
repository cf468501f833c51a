# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of lists of files, by name or number: an answer to each, and what became of those that are
not there."""
import urllib.parse

import pytest

from commons_wiki import FILE_IDS, CommonsWiki, imported
from test_imports import FAST, connect, finish, problems, status


@pytest.fixture(scope="module", params=["old", "new"])
def wiki(request, mariadb):
    made = CommonsWiki(mariadb, f"lists_{request.param}", new=request.param == "new")
    made.category("Bridges")
    made.files("Bridges", 1, 30)
    made.rename(3, "Renamed_Ä.jpg")  # with a redirect
    left = made.page(6, "File_3.jpg", redirect=True)
    made.sql(f"INSERT INTO redirect (rd_from, rd_namespace, rd_title) VALUES ({left}, 6, "
             "'Renamed_Ä.jpg')")
    made.log("move", "File_3.jpg", 3, "Renamed_Ä.jpg")
    made.rename(4, "Again.jpg")  # twice, without redirects
    made.log("move", "File_4.jpg", 4, "Moved.jpg")
    made.log("move", "Moved.jpg", 4, "Again.jpg")
    made.delete_files("page_id = 5")
    made.log("delete", "File_5.jpg", 5)
    old = made.page(6, "Old.jpg", redirect=True)
    made.sql(f"INSERT INTO redirect (rd_from, rd_namespace, rd_title) VALUES ({old}, 6, "
             "'File_6.jpg')")
    made.lose_files("page_id = 7")
    made.files("Bridges", 1001, 1001, name="'ქართული.jpg'")
    return made


@pytest.fixture
def commons(make_runner, wiki):
    return make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()


def ask(runner, **fields):
    answer = runner.post("/v1/import", {"import_method": "files", **fields})
    assert answer.status == 202, answer
    return finish(runner, answer.json["job_id"])


def answers(runner, ident, query=""):
    items = runner.get(f"/v1/import/{ident}/items?limit=1000{query}").json["items"]
    return {i["asked"]: (i["outcome"], i["page_id"], i["img_name"]) for i in items}


NAMES = {
    "File:File 1.jpg": ("found", 1, "File_1.jpg"),
    "file_2.jpg": ("found", 2, "File_2.jpg"),
    "File_3.jpg": ("renamed", 3, "Renamed_Ä.jpg"),
    "File:File 4.jpg": ("renamed", 4, "Again.jpg"),
    "File_5.jpg": ("deleted", None, None),
    "Old.jpg": ("redirect", 6, "File_6.jpg"),
    "File_7.jpg": ("no_file", 7, None),
    "Image:File 1.jpg": ("twice", 1, "File_1.jpg"),
    "No such.jpg": ("missing", None, None),
    "A|B.jpg": ("bad_name", None, None),
    "Category:Bridges": ("bad_name", None, None),
    "https://commons.wikimedia.org/wiki/File:File_8.jpg?uselang=de": ("found", 8, "File_8.jpg"),
    "[[:File:Renamed A\u0308.jpg|a bridge]]": ("twice", 3, "Renamed_Ä.jpg"),
    "ქართული.jpg": ("found", 1001, "ქართული.jpg"),
}


def test_each_name_of_a_list_is_answered(commons, wiki):
    over = ask(commons, files=list(NAMES))
    assert over["status"] == "complete", over
    assert answers(commons, over["job_id"]) == NAMES
    assert (over["total"], over["done"], over["failed"]) == (14, 9, 5)
    assert (over["files_imported"], over["items_twice"], over["items_renamed"]) == (7, 2, 2)
    assert answers(commons, over["job_id"], "&outcome=deleted") == {
        "File_5.jpg": ("deleted", None, None)}
    told = {p["item"]: (p["code"], p["reason"]) for p in problems(commons, over["job_id"])}
    assert told["5: File_5.jpg"] == ("deleted", "File:File 5.jpg was deleted")
    assert told["10: A|B.jpg"][0] == "bad_name" and "character |" in told["10: A|B.jpg"][1]
    with connect(commons) as connection:
        rows = imported(connection, over["job_id"])
    assert rows == [row for row in wiki.expected("Bridges") if int(row[0]) in (1, 2, 3, 4, 6, 8,
                                                                              1001)]


def test_pages_and_files_may_be_named_by_their_numbers(commons, wiki):
    over = ask(commons, page_ids=[1, 3, 5, 7, 99, 1])
    assert [a[0] for a in answers(commons, over["job_id"]).values()] == [
        "twice", "found", "deleted", "no_file", "missing"]
    answer = commons.post("/v1/import", {"import_method": "files",
                                         "file_ids": [FILE_IDS + 2, FILE_IDS + 3, 2]})
    over = finish(commons, answer.json["job_id"])
    if wiki.new:
        assert list(answers(commons, over["job_id"]).values()) == [
            ("found", 2, "File_2.jpg"), ("found", 3, "Renamed_Ä.jpg"), ("missing", None, None)]
    else:
        assert (over["status"], over["error"]["code"]) == ("failed", "no_file_ids")


@pytest.mark.parametrize("csv", [
    "File:File 1.jpg\nFile 8.jpg\r\n\n",
    "filename,author\nFile:File 1.jpg,A\n\"File 8.jpg\",\"B, C\"\n",
    "\ufeffimg_name;x\r\nFile_1.jpg;1\r\nFile_8.jpg;2\r\n",
    "File 1.jpg\tsomebody\t2020\nFile 8.jpg\telse\t2021\n",
    "page_id\n1\n8\n", "A\tFilename\n1\tFile 1.jpg\n2\tFile 8.jpg\n", '"File 1.jpg"\n"File 8.jpg"'])
def test_csv_and_columns_of_sheets_are_lists(commons, csv):
    over = ask(commons, csv=csv)
    assert [a[1] for a in answers(commons, over["job_id"]).values()] == [1, 8]


def test_the_csv_of_an_import_is_a_list_too(commons):
    first = ask(commons, files=["File 1.jpg", "File 8.jpg", "File 9.jpg"])
    csv = commons.get(f"/v1/import/{first['job_id']}/files.csv").body.decode()
    assert ask(commons, csv=csv)["files_imported"] == 3


def test_the_same_list_again_tells_what_changed(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "list_again")
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 12_000)
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", wiki.database)}).start()
    names = [f"File:File {n}.jpg" for n in range(1, 12_001)]
    over = ask(runner, files=names)
    assert (over["files_new"], over["done"], over["total"]) == (12_000, 12_000, 12_000)
    wiki.rename(7, "Renamed.jpg")
    wiki.log("move", "File_7.jpg", 7, "Renamed.jpg")
    wiki.reupload(8)
    wiki.delete_files("page_id = 9")
    over = ask(runner, files=names)
    assert (over["files_renamed"], over["files_changed"], over["files_vanished"],
            over["files_unchanged"]) == (1, 1, 1, 11_997)
    assert answers(runner, over["job_id"], "&outcome=missing") == {
        "File:File 9.jpg": ("missing", None, None)}
    changed = runner.get(f"/v1/import/{over['job_id']}/files?change=renamed").json["files"]
    assert [(f["previous_name"], f["img_name"]) for f in changed] == [("File_7.jpg", "Renamed.jpg")]
    wiki.files("Bridges", 20_001, 20_001, name="'File_9.jpg'")
    assert runner.post(f"/v1/import/{over['job_id']}/retry", "").status == 200
    over = finish(runner, over["job_id"])
    assert (over["done"], over["failed"], over["items_missing"]) == (12_000, 0, 0)


def test_a_list_of_which_nothing_is_there_has_failed(commons):
    over = ask(commons, files=["No such.jpg", "File 5.jpg"])
    assert (over["status"], over["error"]["code"]) == ("failed", "nothing_imported")
    assert status(commons, over["job_id"])["items_deleted"] == 1


@pytest.mark.parametrize("fields, field, words", [
    ({}, "files", "missing"),
    ({"files": []}, "files", "empty list"),
    ({"files": "A"}, "files", "not an array"),
    ({"files": ["A", 1]}, "files[1]", "not a string"),
    ({"files": ["A", "x" * 3000]}, "files[1]", "3000 bytes"),
    ({"page_ids": [0]}, "page_ids[0]", "positive number"),
    ({"file_ids": ["1"]}, "file_ids[0]", "positive number"),
    ({"files": ["A"], "page_ids": [1]}, "page_ids", "beside files"),
    ({"csv": "page_id\nx\n"}, "csv[0]", "positive number"),
    ({"csv": " \n"}, "csv", "empty list"),
    ({"csv": 1}, "csv", "not a string"),
    ({"files": ["A"], "depth": 1}, "depth", "no such field"),
    ({"files": ["A"], "wiki": "file"}, "wiki", "no replica_database")])
def test_a_wrong_list_is_told_what_is_wrong(shared, fields, field, words):
    answer = shared.post("/v1/import", {"import_method": "files", "wiki": "none", **fields})
    assert answer.status == 400, answer
    assert answer.error["field"] == field and words in answer.error["message"]


def test_the_command_line_takes_a_file_of_names(commons, tmp_path):
    (tmp_path / "names.txt").write_text("File 1.jpg\nNo such.jpg\n")
    done = commons.run("import", "names", str(tmp_path / "names.txt"), "--wait")
    assert done.returncode == 0, done
    assert "1 failed" in done.stderr and "items_missing    1" in done.stdout
    assert commons.run("import", "names", str(tmp_path / "nowhere")).returncode == 66
    answer = commons.get("/v1/import/1/items?" + urllib.parse.urlencode({"outcome": "odd"}))
    assert answer.status == 400 and answer.error["field"] == "outcome"
    assert commons.get("/v1/import/999/items").status == 404
