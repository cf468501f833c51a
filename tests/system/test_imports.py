# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of Commons categories from a real MariaDB, with both generations of MediaWiki's tables."""
import concurrent.futures
import contextlib
import csv
import datetime
import io
import json
import os
import pty
import subprocess
import urllib.parse

import psycopg
import pytest

from commons_wiki import CommonsWiki, imported
from runner_process import wait_until

OVER = ("complete", "failed", "cancelled")
FAST = {"imports.poll_interval": "50ms", "imports.backoff_base": "20ms",
        "imports.backoff_max": "100ms"}


@pytest.fixture(scope="module", params=["old", "new"])
def wiki(request, mariadb):
    """A Commons that tests only read."""
    made = CommonsWiki(mariadb, f"commons_{request.param}", new=request.param == "new")
    made.category("Bridges")
    made.files("Bridges", 1, 700)
    made.category("Brücken")
    made.files("Brücken", 1001, 1010, name="CONCAT('Brücke_', seq, '.jpg')")
    made.category("Empty")
    made.category("Category_redirects")
    made.hard_redirect("Hard", "Bridges")
    made.files("Hard", 2001, 2005)
    made.soft_redirect("Soft", "Hard", "Category_redirects")
    made.files("Soft", 2011, 2015)
    made.soft_redirect("Round_1", "Round_2")
    made.soft_redirect("Round_2", "Round_3")
    made.soft_redirect("Round_3", "Round_1")
    made.files("Round_2", 2021, 2022)
    made.soft_redirect("Unclear", "Bridges", "Brücken")
    made.files("Unclear", 2031, 2031)
    made.hard_redirect("To_nothing", "Nothing")
    made.files("To_nothing", 2041, 2041)
    made.files("Red_link", 2051, 2053)  # a category without a page
    return made


@pytest.fixture
def commons(make_runner, wiki):
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)})
    return runner.start()


def begin(runner, *categories, wiki="commons", **more):
    answer = runner.post("/v1/import", {"import_method": "category", "wiki": wiki,
                                        "categories": list(categories), **more})
    assert answer.status == 202, answer
    return answer.json["job_id"]


def status(runner, ident):
    answer = runner.get(f"/v1/import/{ident}/status")
    assert answer.status == 200, answer
    return answer.json


def finish(runner, ident, seconds=60):
    wait_until(lambda: status(runner, ident)["status"] in OVER, seconds)
    return status(runner, ident)


def run(runner, *categories, **more):
    return finish(runner, begin(runner, *categories, **more))


def problems(runner, ident):
    return runner.get(f"/v1/import/{ident}/problems").json["problems"]


def connect(runner):
    return psycopg.connect(runner.settings["database.conninfo"], autocommit=True)


def test_all_files_of_a_category_come_over_as_a_plain_query_has_them(commons, wiki):
    done = run(commons, "Category:Bridges")
    assert done["status"] == "complete", done
    assert (done["files_imported"], done["files_new"], done["failed"]) == (700, 700, 0)
    assert (done["total"], done["total_is"], done["done"]) == (700, "known", 700)
    assert done["schema"].startswith("file and" if wiki.new else "image and")
    with connect(commons) as connection:
        rows = imported(connection, done["job_id"])
    assert rows == wiki.expected("Bridges")
    assert len({row[12] for row in rows}) > 100, "versions with archive names are among them"
    assert any(row[6:8] == ("NULL", "NULL") for row in rows), "hidden users are among them"


def test_files_are_given_by_page_and_as_csv_with_the_columns_of_montage(commons, wiki):
    ident = run(commons, "Bridges")["job_id"]
    first = commons.get(f"/v1/import/{ident}/files?limit=400").json
    rest = commons.get(f"/v1/import/{ident}/files?limit=400&after={first['next']}").json
    assert "next" not in rest
    files = first["files"] + rest["files"]
    expected = wiki.expected("Bridges")
    assert [(str(f["page_id"]), f["img_name"]) for f in files] == [row[:2] for row in expected]

    answer = commons.get(f"/v1/import/{ident}/files", headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert list(rows[0])[:12] == [
        "img_name", "img_major_mime", "img_minor_mime", "img_width", "img_height", "img_user",
        "img_user_text", "img_timestamp", "rec_img_timestamp", "rec_img_user", "rec_img_text",
        "oi_archive_name"]
    assert len(rows) == 700
    assert list(rows[0])[12:] == (["page_id", "file_id"] if wiki.new else ["page_id"])
    five = next(row for row in rows if row["page_id"] == "5")
    assert five["oi_archive_name"] == "20250106120000!File_5.jpg"
    assert five["img_timestamp"] == "20250106120000" < five["rec_img_timestamp"]
    page = commons.get(f"/v1/import/{ident}/files?format=csv&limit=300&after=600")
    assert page.body.startswith(b"File_601.jpg,") and b"partial" not in page.body
    page = commons.get(f"/v1/import/{ident}/files?format=csv&limit=300")
    assert page.body.decode().splitlines()[-1] == (
        f"# partial: more files of import {ident} follow after 300")


def load_as_montage_does(text):
    """What Montage's table of entries takes from a CSV, and the rows that it warns of."""
    entries, warnings = [], []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        try:
            entry = {"name": row["img_name"], "width": int(row["img_width"]),
                     "height": int(row["img_height"]), "user": int(row["img_user"]),
                     "user_text": row["img_user_text"],
                     "date": datetime.datetime.strptime(row["img_timestamp"], "%Y%m%d%H%M%S")}
            if row.get("file_id") is not None:
                entry["file_id"] = int(row["file_id"])
            if row.get("oi_archive_name"):
                entry["reupload"] = (int(row["rec_img_user"]), datetime.datetime.strptime(
                    row["rec_img_timestamp"], "%Y%m%d%H%M%S"))
        except TypeError as error:
            warnings.append((row, error))
        else:
            entries.append(entry)
    return entries, warnings


@pytest.mark.parametrize("address", ["files?format=csv/raw", "files/raw", "files.csv/raw",
                                     "files.csv", "files?sort=name&format=csv"])
def test_montage_loads_the_whole_list_from_one_address(make_runner, mariadb, wiki, address):
    own = CommonsWiki(mariadb, f"montage_{wiki.database}_{abs(hash(address))}", new=wiki.new)
    own.category("Bridges")
    own.files("Bridges", 1, 12_000)
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", own.database)}).start()
    ident = run(runner, "Bridges")["job_id"]
    answer = runner.get(f"/v1/import/{ident}/{address}")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    entries, warnings = load_as_montage_does(answer.body.decode())
    assert (len(entries), warnings) == (12_000, [])
    assert {e["user"] for e in entries if not e["user_text"]} == {0}, "hidden users are among them"
    assert all(("file_id" in e) == wiki.new for e in entries)
    names = [e["name"] for e in entries]
    if "sort=name" in address:
        assert names == sorted(names, key=str.encode)
    assert len(set(names)) == 12_000


def test_a_list_that_is_not_complete_says_so(make_runner, wiki):
    runner = make_runner({**FAST, "imports.rate_limit": 50, "imports.max_chunk": 20,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    ident = begin(runner, "Bridges")
    wait_until(lambda: status(runner, ident)["done"] >= 20)
    entries, warnings = load_as_montage_does(runner.get(
        f"/v1/import/{ident}/files.csv").body.decode())
    assert entries and warnings[0][0]["img_name"] == f"# partial: import {ident} is not complete yet"
    assert runner.get(f"/v1/import/{ident}/files").json["complete"] is False
    lines = runner.get(f"/v1/import/{ident}/files?format=ndjson").body.decode().splitlines()
    assert json.loads(lines[-1]) == {"complete": False,
                                     "partial": f"import {ident} is not complete yet"}
    shown = runner.run("import", "files", str(ident))
    assert "# partial" not in shown.stdout and "not complete yet" in shown.stderr


def test_pages_sorted_by_name_follow_each_other(commons, wiki):
    ident = run(commons, "Bridges", "Brücken")["job_id"]
    names, query = [], "sort=name&limit=300"
    while query:
        page = commons.get(f"/v1/import/{ident}/files?{query}").json
        names += [f["img_name"] for f in page["files"]]
        query = "next" in page and "sort=name&limit=300&" + urllib.parse.urlencode(
            {"after": page["next"], "after_name": page["next_name"]})
    assert names == sorted((row[1] for row in wiki.expected("Bridges", "Brücken")), key=str.encode)
    answer = commons.get(f"/v1/import/{ident}/files?after_name=A")
    assert answer.status == 400 and answer.error["field"] == "after_name"
    assert commons.get(f"/v1/import/{ident}/files?sort=date").error["field"] == "sort"


def test_names_are_taken_as_people_write_them(commons):
    for name in ("brücken", "Category:Brücken", " :category: Br%C3%BCcken ", "Br%c3%bccken_"):
        assert run(commons, name)["files_imported"] == 10, name
    assert run(commons, "Red link")["files_imported"] == 3


def test_redirects_of_both_kinds_are_followed_and_old_and_new_files_taken(commons, wiki):
    done = run(commons, "Soft")
    assert done["status"] == "complete"
    assert done["redirects"] == [{"from": "Soft", "to": "Hard", "kind": "soft"},
                                 {"from": "Hard", "to": "Bridges", "kind": "hard"}]
    assert done["categories"] == ["Soft", "Hard", "Bridges"]
    with connect(commons) as connection:
        assert imported(connection, done["job_id"]) == wiki.expected("Soft", "Hard", "Bridges")
    assert run(commons, "Soft", follow_redirects=False)["files_imported"] == 5


def test_loops_and_unclear_redirects_are_told_and_do_no_harm(commons):
    done = run(commons, "Round 1")
    assert (done["status"], done["files_imported"]) == ("complete", 2)
    told = problems(commons, done["job_id"])
    assert [p["code"] for p in told] == ["redirect_loop"]
    assert "Round 1 → Round 2 → Round 3 → Round 1" in told[0]["reason"]
    done = run(commons, "Unclear", "To nothing")
    assert (done["status"], done["files_imported"]) == ("complete", 2)
    assert {p["code"] for p in problems(commons, done["job_id"])} == {"unclear_redirect",
                                                                     "redirect_to_nothing"}


def test_hops_are_limited(make_runner, wiki):
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings(
        "commons", wiki.database, category_redirect_hops=1)}).start()
    done = run(runner, "Soft")
    assert done["categories"] == ["Soft", "Hard"]
    assert [p["code"] for p in problems(runner, done["job_id"])] == ["too_many_redirects"]


@pytest.mark.parametrize("name, code, words", [
    ("No such thing", "no_such_category", 'there is no category "No such thing"'),
    ("Empty", "empty_category", 'no files in category "Empty"')])
def test_categories_without_files_fail_with_the_reason(commons, name, code, words):
    done = run(commons, name)
    assert done["status"] == "failed"
    assert done["error"]["code"] == code and words in done["error"]["message"]
    done = run(commons, name, "Bridges")
    assert (done["status"], done["files_imported"]) == ("complete", 700)


@pytest.mark.parametrize("body, field, words", [
    ({"categories": []}, "categories", "empty list"),
    ({"categories": "Bridges"}, "categories", "not an array"),
    ({"categories": ["Bridges", 5]}, "categories[1]", "not a string"),
    ({"categories": ["Bridges", " _ "]}, "categories[1]", "empty name"),
    ({"category": "Category:"}, "category", "empty name"),
    ({"category": "x" * 10_000}, "category", "10000 bytes"),
    ({"category": "ä" * 200}, "category", "400 bytes"),
    ({"category": "File:Bridge.jpg"}, "category", "namespace File"),
    ({"category": "A|B"}, "category", "character |"),
    ({"category": "[[Category:A"}, "category", "character ["),
    ({"category": "https://commons.wikimedia.org/"}, "category", "without the title"),
    ({"category": "A%0AB"}, "category", "control character"),
    ({"category": "%FF"}, "category", "UTF-8"),
    ({"category": "../etc"}, "category", "relative path"),
    ({"category": "A", "categories": ["B"]}, "categories", "one of them"),
    ({}, "categories", "missing"),
    ({"category": "A", "recursive": 1}, "recursive", "no such field"),
    ({"category": "A", "follow_redirects": "yes"}, "follow_redirects", "not true or false"),
    ({"category": "A", "import_method": "page"}, "import_method", 'no "page"'),
    ({"category": "A", "import_method": 1}, "import_method", "not a string"),
    ({"category": "A", "wiki": "file"}, "wiki", "no replica_database"),
])
def test_a_wrong_request_is_told_which_field_is_wrong(shared, body, field, words):
    answer = shared.post("/v1/import", {"import_method": "category", "wiki": "none", **body})
    assert answer.status == 400, answer
    assert answer.error["field"] == field
    assert words in answer.error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'{"import_method":"category"}',
                                  b"[" * 5000])
def test_bodies_that_are_no_request_are_refused(shared, body):
    assert shared.post("/v1/import", body).status == 400


def test_a_second_request_for_the_same_is_answered_with_the_first(make_runner, wiki):
    runner = make_runner({**FAST, "imports.threads": 0,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    first = begin(runner, "Bridges", "Brücken")
    answer = runner.post("/v1/import", {"import_method": "category", "wiki": "commons",
                                        "categories": ["Category:brücken", "Bridges", "Bridges"]})
    assert (answer.status, answer.json) == (202, {"job_id": first, "is_new": False})
    assert begin(runner, "Bridges") != first
    assert [i["status"] for i in runner.get("/v1/import").json["imports"]] == ["queued", "queued"]


def test_imports_are_found_by_their_label(make_runner, wiki):
    runner = make_runner({**FAST, "imports.threads": 0,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    first = begin(runner, "Bridges", label="round 12 – ☃")
    begin(runner, "Brücken")
    assert status(runner, first)["label"] == "round 12 – ☃"
    query = urllib.parse.urlencode({"label": "round 12 – ☃"})
    assert [i["job_id"] for i in runner.get(f"/v1/import?{query}").json["imports"]] == [first]
    assert runner.get("/v1/import?label=other").json["imports"] == []
    assert [i["label"] for i in runner.get("/v1/import").json["imports"]] == [None, "round 12 – ☃"]
    assert begin(runner, "Bridges", label="another") == first
    assert runner.run("import", "category", "Empty", "--label", "by hand").returncode == 0
    assert runner.get("/v1/import").json["imports"][0]["label"] == "by hand"
    for wrong in (5, "x" * 201, "a\0b"):
        answer = runner.post("/v1/import", {"import_method": "category", "category": "Bridges",
                                            "label": wrong})
        assert (answer.status, answer.error["field"]) == (400, "label")


def test_an_import_once_more_tells_what_changed(make_runner, mariadb, wiki):
    own = CommonsWiki(mariadb, f"changing_{wiki.database}", new=wiki.new)
    own.category("Bridges")
    own.files("Bridges", 1, 300)
    own.lose_files("page_id = 300")
    runner = make_runner({**FAST, "imports.max_chunk": 40,
                          **mariadb.replica_settings("commons", own.database)}).start()
    first = run(runner, "Bridges")
    assert (first["files_new"], first["failed"]) == (299, 1)
    assert [p["code"] for p in problems(runner, first["job_id"])] == ["file_missing"]

    own.files("Bridges", 401, 410)
    own.rename(7, "Aaa_renamed.jpg")
    own.rename(50, "Zzz_renamed.jpg")
    own.widen("page_id IN (8, 9, 10)")
    own.delete_files("page_id BETWEEN 100 AND 119")
    own.take_out("page_id BETWEEN 120 AND 124", "Bridges")
    own.lose_files("page_id = 130")
    second = run(runner, "Bridges")
    counts = {key: second["files_" + key]
              for key in ("imported", "new", "renamed", "changed", "vanished", "unchanged")}
    assert counts == {"imported": 283, "new": 10, "renamed": 2, "changed": 3, "vanished": 26,
                      "unchanged": 268}
    with connect(runner) as connection:
        assert imported(connection, second["job_id"]) == own.expected("Bridges")
    names = {f["page_id"]: (f["previous_name"], f["img_name"]) for f in runner.get(
        f"/v1/import/{second['job_id']}/files?change=renamed").json["files"]}
    assert names == {7: ("File_7.jpg", "Aaa_renamed.jpg"), 50: ("File_50.jpg", "Zzz_renamed.jpg")}
    gone = runner.get(f"/v1/import/{second['job_id']}/files?change=vanished").json["files"]
    assert [f["page_id"] for f in gone] == [*range(100, 125), 130]
    third = run(runner, "Bridges")
    assert (third["files_unchanged"], third["files_new"], third["files_vanished"]) == (283, 0, 0)


def test_what_failed_is_tried_again(make_runner, mariadb):
    own = CommonsWiki(mariadb, "retried")
    own.category("Bridges")
    own.files("Bridges", 1, 20)
    own.sql("CREATE TABLE hidden AS SELECT * FROM image WHERE img_name IN "
            "('File_3.jpg', 'File_4.jpg')")
    own.lose_files("page_id IN (3, 4)")
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", own.database)}).start()
    done = run(runner, "Bridges")
    assert (done["files_imported"], done["failed"]) == (18, 2)
    own.sql("INSERT INTO image SELECT * FROM hidden WHERE img_name = 'File_3.jpg'")
    assert runner.post(f"/v1/import/{done['job_id']}/retry", "").status == 200
    done = finish(runner, done["job_id"])
    assert (done["status"], done["files_imported"], done["failed"]) == ("complete", 19, 1)
    assert [p["item"] for p in problems(runner, done["job_id"])] == ["file:4"]


@pytest.mark.parametrize("settings, code, words", [
    ({"replica_user": "nobody"}, "access_denied", "Access denied"),
    ({"replica_password_file": ""}, "access_denied", "Access denied"),
    ({"replica_database": "no_such"}, "no_database", "Unknown database"),
    ({"replica_database": "mysql"}, "unknown_schema", "no tables of MediaWiki")])
def test_a_replica_that_refuses_ends_the_import_with_its_words(make_runner, mariadb, settings,
                                                              code, words):
    runner = make_runner({**FAST, **mariadb.replica_settings(
        "commons", **{"database": "mysql", **{k.replace("replica_database", "database"): v
                                              for k, v in settings.items()}})}).start()
    done = run(runner, "Bridges")
    assert done["status"] == "failed"
    assert done["error"]["code"] == code and words in done["error"]["message"]


def test_a_replica_that_is_away_is_waited_for_and_given_up_in_the_end(make_runner, tmp_path):
    runner = make_runner({**FAST, "imports.max_attempts": 3, "wiki.none.replica_database": "x",
                          "wiki.none.replica_socket": tmp_path / "nobody"}).start()
    done = run(runner, "Bridges", wiki="none")
    assert (done["status"], done["attempts"]) == ("failed", 3)
    assert done["error"]["code"] == "unavailable"
    assert "replica x of none: Can't connect" in done["error"]["message"]


def test_a_replica_that_is_away_shows_as_waiting_with_the_next_attempt(make_runner, tmp_path):
    runner = make_runner({"imports.backoff_base": "1h", "imports.backoff_max": "1h",
                          "wiki.none.replica_database": "x",
                          "wiki.none.replica_socket": tmp_path / "nobody"}).start()
    ident = begin(runner, "Bridges", wiki="none")
    wait_until(lambda: status(runner, ident)["status"] == "waiting")
    assert status(runner, ident)["next_attempt"]
    assert runner.run("import", "status", str(ident)).returncode == 0
    assert runner.request("DELETE", f"/v1/import/{ident}").json["status"] == "cancelled"
    assert status(runner, ident)["status"] == "cancelled"


def test_the_replica_is_only_read(mariadb, wiki, commons):
    run(commons, "Bridges")
    grants = mariadb.rows("SHOW GRANTS FOR reader")
    assert all("SELECT" in row[0] and "INSERT" not in row[0] for row in grants)


def test_a_client_may_wait_for_the_end_of_an_import(make_runner, wiki):
    runner = make_runner({**FAST, "imports.rate_limit": 400, "imports.max_chunk": 100,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    ident = begin(runner, "Bridges")
    early = runner.get(f"/v1/import/{ident}?wait=0").json
    assert early["status"] in ("queued", "running")
    assert runner.get(f"/v1/import/{ident}?wait=60").json["status"] == "complete"
    assert runner.get(f"/v1/import/{ident}/status?wait=60").json["status"] == "complete"
    assert runner.get("/v1/import/999?wait=60").status == 404
    for wrong in ("61", "-1", "x"):
        answer = runner.get(f"/v1/import/{ident}?wait={wrong}")
        assert (answer.status, answer.error["field"]) == (400, "wait")


def test_waiting_ends_with_its_time_a_pause_and_the_runner(make_runner, wiki):
    runner = make_runner({**FAST, "imports.threads": 0,
                          **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    ident = begin(runner, "Bridges")
    assert runner.get(f"/v1/import/{ident}?wait=1").json["status"] == "queued"
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(runner.get, f"/v1/import/{ident}?wait=60") for _ in range(5)]
        assert runner.post(f"/v1/import/{ident}/pause", "").status == 200
        assert {w.result(30).json["status"] for w in waiting} == {"paused"}
        runner.post(f"/v1/import/{ident}/resume", "")
        waiting = pool.submit(runner.get, f"/v1/import/{ident}?wait=60")
        wait_until(lambda: status(runner, ident)["status"] == "queued")
        runner.stop()
        with contextlib.suppress(OSError):
            assert waiting.result(30).status == 503


def test_the_command_line_begins_imports_and_shows_them(commons, wiki, tmp_path):
    done = commons.run("import", "category", "Category:Bridges", "--wait")
    assert done.returncode == 0, done
    assert "import 1 begins" in done.stdout
    assert "import 1 complete: 700 of 700" in done.stderr
    shown = commons.run("import", "status", "1", "--json")
    assert json.loads(shown.stdout)["files_imported"] == 700
    listed = commons.run("import", "list", "--wiki", "commons")
    assert "complete" in listed.stdout and "Bridges" in listed.stdout
    out = tmp_path / "files.csv"
    assert commons.run("import", "files", "1", "--output", str(out)).returncode == 0
    assert len(list(csv.DictReader(out.open(newline="")))) == 700
    failed = commons.run("import", "category", "No such thing", "--wait")
    assert failed.returncode == 65 and "there is no category" in failed.stderr
    assert commons.run("import", "problems", "1").stdout == ""
    assert commons.run("import", "retry", "1").returncode == 75
    assert commons.run("import", "status", "99").returncode == 66
    assert commons.run("import", "category", "A|B").returncode == 64
    assert commons.run("import", "category").returncode == 64
    assert commons.run("import", "odd").returncode == 64


def test_a_terminal_shows_a_bar_that_stays_in_its_line(commons):
    leader, follower = pty.openpty()
    with subprocess.Popen(commons.command("import", "category", "Bridges", "--wait"),
                          stdout=subprocess.PIPE, stderr=follower, text=True) as process:
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end was closed
            while part := os.read(leader, 65536):
                shown += part
        os.close(leader)
        assert process.wait(60) == 0
    lines = [line for line in shown.decode().replace("\x1b[K", "").split("\r") if line.strip()]
    assert lines[-1].startswith("[########################] 100 %  700 of 700"), shown


def test_the_command_line_says_when_no_runner_listens(make_runner):
    idle = make_runner({"wiki.none.replica_database": "x"})
    done = idle.run("import", "list")
    assert done.returncode == 69 and "no runner listens" in done.stderr
    assert idle.run("import", "category", "A").returncode == 69


def test_passwords_stay_out_of_what_is_shown(commons):
    shown = commons.run("config", "show")
    assert "it's a secret" not in shown.stdout + commons.log()
    assert "replica_password_file" in shown.stdout
