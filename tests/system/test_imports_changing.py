# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of categories that change while they are read, and files with odd histories: what is there
at the end is what one query over the final state finds."""
import contextlib
import json
import re

import psycopg
import pytest

from commons_switch import LaterTables, publish
from commons_wiki import FILE_IDS, CommonsWiki, imported, quoted, same_as_wiki
from runner_process import wait_until
from test_imports import FAST, begin, connect, finish, problems, run, status


@pytest.fixture
def wiki(make_commons, new):
    made = make_commons(new)
    made.category("Bridges")
    return made


def slowly(make_runner, wiki, **more):
    """A runner that reads 50 files at once, a few hundred a second."""
    return make_runner({**FAST, "imports.max_chunk": 50, "imports.rate_limit": 600,
                        **wiki.mariadb.replica_settings("commons", wiki.database), **more}).start()


@contextlib.contextmanager
def paused(runner, ident, done):
    """Holds an import in the middle, once it has brought that much."""
    wait_until(lambda: status(runner, ident)["done"] >= done)
    assert runner.post(f"/v1/import/{ident}/pause", "").json["status"] == "paused"
    yield
    assert runner.post(f"/v1/import/{ident}/resume", "").status == 200


def test_files_that_are_renamed_before_they_are_read_are_not_missed(make_runner, wiki):
    wiki.files("Bridges", 1, 1000)
    runner = slowly(make_runner, wiki)
    ident = begin(runner, "Bridges")
    with paused(runner, ident, 100):
        for page in range(901, 1001):  # in the order of names they are before all others now
            wiki.rename(page, f"Aaa_{page}.jpg")
    over = finish(runner, ident)
    same_as_wiki(runner, wiki, over, "Bridges")
    assert (over["done"], over["total"], over["files_imported"]) == (1000, 1000, 1000)


def test_what_changes_behind_the_cursor_is_noticed(make_runner, wiki):
    wiki.category("Castles")
    wiki.files("Bridges", 1, 1000)
    wiki.files("Castles", 2001, 2600)
    runner = slowly(make_runner, wiki)
    ident = begin(runner, "Bridges", "Castles")
    with paused(runner, ident, 200):
        for page in (3, 4, 999):
            wiki.rename(page, f"Zzz_{page}.jpg")
        for page in (5, 6, 998):
            wiki.reupload(page)
        wiki.delete_files("page_id IN (7, 8, 997)")
        wiki.take_out("page_id IN (9, 996)", "Bridges")
        wiki.lose_files("page_id IN (10, 995)")
        wiki.files("Bridges", 3001, 3010, time=None)
        wiki.files("Bridges", 3011, 3012, time="2025-01-01")  # committed late, behind the cursor
        wiki.take_out("page_id IN (11, 12)", "Bridges")
        wiki.put_in("page_id IN (11, 12)", "Castles", time=None)
        wiki.take_out("page_id IN (2001, 2002)", "Castles")
        wiki.put_in("page_id IN (2001, 2002)", "Bridges", time=None)
    over = finish(runner, ident)
    same_as_wiki(runner, wiki, over, "Bridges", "Castles")
    assert over["failed"] == 2
    assert sorted(p["item"] for p in problems(runner, ident)) == ["file:10", "file:995"]
    gone = runner.get(f"/v1/import/{ident}/files?change=vanished").json["files"]
    assert {7, 8, 9, 10} <= {f["page_id"] for f in gone} <= {7, 8, 9, 10, 995, 996, 997}
    assert over["files_new"] == over["files_imported"] == over["done"]


def test_what_is_hidden_behind_the_cursor_is_noticed(make_runner, wiki):
    """As when an uploader asks for it while a round is being imported: the list would keep the name
    that nobody is to see any more."""
    wiki.files("Bridges", 1, 1000)
    runner = slowly(make_runner, wiki)
    ident = begin(runner, "Bridges")
    with paused(runner, ident, 200):
        for page, bits in ((5, 4), (25, 1)):  # of the first versions: the user, and the file
            wiki.sql(f"UPDATE filerevision SET fr_deleted = {bits} WHERE fr_id = 3 * {page} + 1"
                     if wiki.new else f"UPDATE oldimage SET oi_deleted = {bits} WHERE oi_name = "
                     f"'File_{page}.jpg' ORDER BY oi_timestamp LIMIT 1")
    same_as_wiki(runner, wiki, finish(runner, ident), "Bridges")


def test_files_of_one_second_and_between_subcategories_cost_no_more(make_runner, mariadb, new):
    costs = []
    for name, count in (("few", 2_000), ("many", 8_000)):
        wiki = CommonsWiki(mariadb, f"second_{name}_{int(new)}", new=new)
        wiki.category("Bridges")
        wiki.files("Bridges", 1, count)
        if new:
            wiki.sql("UPDATE categorylinks SET cl_sortkey = 'same', cl_timestamp = cl_timestamp")
        runner = make_runner({**FAST, "imports.max_chunk": 200, **mariadb.replica_settings(
            "commons", wiki.database)}).start()
        before = mariadb.reads()
        over = run(runner, "Bridges")
        assert over["files_imported"] == count
        costs.append((mariadb.reads() - before) / count)
        runner.stop()
    assert costs[1] < 1.3 * costs[0], costs
    assert max(costs) < 16, "entries that MariaDB looks at for a file, read and compared"


def test_the_numbers_of_pages_and_of_files_are_different_columns(make_runner, wiki):
    wiki.files("Bridges", 1, 20)
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    ident = run(runner, "Bridges")["job_id"]
    files = runner.get(f"/v1/import/{ident}/files").json["files"]
    assert [f["page_id"] for f in files] == list(range(1, 21))
    assert [f["file_id"] for f in files] == [FILE_IDS + n if wiki.new else None
                                             for n in range(1, 21)]


def test_every_version_but_the_latest_may_be_the_first(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "archive_names", new=True)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 20)
    wiki.sql("UPDATE filerevision JOIN file ON fr_file = file_id SET fr_archive_name = '' "
             f"WHERE fr_id <> file_latest AND file_id IN ({FILE_IDS} + 5, {FILE_IDS} + 15);"
             f"UPDATE filerevision SET fr_timestamp = REPEAT('0', 14) WHERE fr_file = "
             f"{FILE_IDS} + 10 AND fr_archive_name <> '' ORDER BY fr_timestamp LIMIT 1")
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", wiki.database)}).start()
    over = run(runner, "Bridges")
    with connect(runner) as connection:
        rows = imported(connection, over["job_id"])
    assert rows == wiki.expected("Bridges")
    five = next(row for row in rows if row[0] == "5")
    assert five[8] == "20250106120000" and five[12] == ""


def test_odd_times_and_redirects_are_told_with_what_they_are(make_runner, wiki):
    wiki.files("Bridges", 1, 20)
    wiki.rename(3, "New_name.jpg")
    left = wiki.page(6, "File_3.jpg", redirect=True)
    wiki.sql(f"INSERT INTO redirect (rd_from, rd_namespace, rd_title) VALUES ({left}, 6, "
             "'New_name.jpg')")
    wiki.put_in(f"page_id = {left}", "Bridges")
    if wiki.new:
        wiki.sql("UPDATE filerevision SET fr_timestamp = REPEAT('0', 14) WHERE fr_id = 3 * 4;"
                 "UPDATE filerevision SET fr_timestamp = '20280101000000' WHERE fr_id = 3 * 5 + 2")
    else:
        wiki.sql("UPDATE image SET img_timestamp = REPEAT('0', 14) WHERE img_name = 'File_4.jpg';"
                 "UPDATE oldimage SET oi_timestamp = '20280101000000' WHERE oi_name = 'File_5.jpg' "
                 "ORDER BY oi_timestamp DESC LIMIT 1")
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    over = run(runner, "Bridges")
    assert (over["status"], over["done"], over["failed"], over["total"]) == ("complete", 19, 2, 21)
    told = {p["code"]: p for p in problems(runner, over["job_id"])}
    assert set(told) == {"file_redirect", "bad_time", "newer_old_version"}
    assert "redirects to File:New name.jpg" in told["file_redirect"]["reason"]
    assert told["newer_old_version"]["item"] == "File:File 5.jpg"
    assert not told["newer_old_version"]["counted"] and told["bad_time"]["counted"]


def test_a_switch_of_the_tables_in_the_middle_loses_nothing(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "switched")
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 1000)
    later = LaterTables(wiki)
    before = wiki.expected("Bridges")
    runner = slowly(make_runner, wiki, **{"imports.max_attempts": 100})
    ident = begin(runner, "Bridges")
    wait_until(lambda: status(runner, ident)["done"] >= 200)
    assert status(runner, ident)["schema"].startswith("image and oldimage")
    wiki.sql("DROP TABLE image, oldimage")
    wait_until(lambda: status(runner, ident)["status"] == "waiting")
    later.show_links()
    later.show_files()
    over = finish(runner, ident)
    assert over["status"] == "complete", over
    assert over["schema"].startswith("file and filerevision")
    assert (over["done"], over["total"], over["total_is"]) == (1000, 1000, "known")
    with connect(runner) as connection:
        assert imported(connection, ident) == before
    files = runner.get(f"/v1/import/{ident}/files?limit=1000").json["files"]
    assert all(f["file_id"] == f["page_id"] + FILE_IDS for f in files)


def test_old_tables_that_stay_as_they_were_are_left_while_files_are_compared(make_runner, mariadb):
    """In production they stay for weeks: what is renamed or uploaded since has no file in them."""
    wiki = CommonsWiki(mariadb, "frozen")
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 2000)
    later = LaterTables(wiki)
    later.show_links()
    runner = make_runner({**FAST, "imports.max_chunk": 10,
                          **mariadb.replica_settings("commons", wiki.database)}).start()
    ident = begin(runner, "Bridges")
    wait_until(lambda: status(runner, ident)["current"] == "what changed meanwhile", 60, step=0.005)
    with paused(runner, ident, 0):
        later.show_files()
        wiki.reupload(1)
        wiki.rename(1990, "New_name.jpg")
        wiki.files("Bridges", 3001, 3003, time=None)
    same_as_wiki(runner, wiki, finish(runner, ident), "Bridges")


@pytest.mark.parametrize("name, title", [
    ("ქართული ხიდები", "ქართული_ხიდები"), ("Category:ⅳ Bridges", "ⅳ_Bridges"),
    ("ⅳ bridges", "Ⅳ_bridges"), ("ⓐ", "ⓐ"), ("Bru\u0308cken", "Brücken"),
    ("https://commons.wikimedia.org/wiki/Category:Br%C3%BCcken?uselang=de", "Brücken"),
    ("[[:Category:Bridges & dams|bridges]]", "Bridges_&_dams"),
    ("Bridges &amp; dams", "Bridges_&_dams"), ("ǆungla", "ǅungla"), ("ärger", "ärger")])
def test_names_find_the_categories_of_the_wiki(make_runner, mariadb, name, title):
    database = f"names_{abs(hash(name))}"
    wiki = CommonsWiki(mariadb, database)
    wiki.category(title)
    wiki.files(title, 1, 3)
    runner = make_runner({**FAST, **mariadb.replica_settings("commons", database)}).start()
    over = run(runner, name)
    assert (over["status"], over["files_imported"]) == ("complete", 3), over
    assert over["categories"] == [title.replace("_", " ")]


@pytest.mark.parametrize("category, code, words", [
    ("Gone", "redirect_to_nothing", "Nothing, which does not exist"),
    ("Round_1", "redirect_loop", "Round 1 → Round 2 → Round 1"),
    ("Unclear", "unclear_redirect", "links to 2 categories")])
def test_an_import_that_brings_nothing_has_failed_and_says_why(make_runner, wiki, category, code,
                                                               words):
    wiki.category("Category_redirects")
    wiki.category("Castles")
    wiki.hard_redirect("Gone", "Nothing")
    wiki.hard_redirect("Round_1", "Round_2")
    wiki.hard_redirect("Round_2", "Round_1")
    wiki.soft_redirect("Unclear", "Bridges", "Castles")
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    done = runner.run("import", "category", category, "--wait")
    assert done.returncode == 65 and words in done.stderr, done
    over = status(runner, 1)
    assert (over["status"], over["done"], over["failed"], over["total"]) == ("failed", 0, 0, 0)
    assert over["error"]["code"] == code and words in over["error"]["message"]
    wiki.files(category, 1, 4)  # and once it has files a retry brings them
    assert runner.post("/v1/import/1/retry", "").status == 200
    assert finish(runner, 1)["files_imported"] == 4


def test_files_that_can_t_be_taken_at_all_make_a_failed_import(make_runner, wiki):
    wiki.files("Bridges", 1, 3)
    wiki.lose_files("page_id <= 3")
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    over = run(runner, "Bridges")
    assert (over["status"], over["done"], over["failed"]) == ("failed", 0, 3)
    assert over["error"]["code"] == "nothing_imported"


def test_the_age_of_the_replica_is_told_and_warned_of(make_runner, mariadb, wiki):
    wiki.files("Bridges", 1, 10)
    settings = mariadb.replica_settings("commons", wiki.database)
    runner = make_runner({**FAST, **settings}).start()
    over = run(runner, "Bridges")  # the newest file is of January 2026
    assert over["replica_age_by"] == "newest change" and over["replica_age_seconds"] > 86_400
    assert "the newest change that the replica has is" in over["warnings"][0]
    assert "warning" in runner.run("import", "status", str(over["job_id"])).stdout

    listed = runner.post("/v1/import", {"import_method": "files", "files": ["File 1.jpg"]}).json
    assert "the newest change that the replica has is" in finish(runner, listed["job_id"])[
        "warnings"][0]

    beat = f"beat_{wiki.database}"
    mariadb.execute(f"CREATE DATABASE {beat}; CREATE TABLE {beat}.heartbeat (shard VARBINARY(16), "
                    f"last_updated VARBINARY(26), `lag` DECIMAL(20, 4)); INSERT INTO "
                    f"{beat}.heartbeat VALUES ('s1', '2020-01-01T00:00:00.000', 1e8), ('s4', "
                    f"DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 90 SECOND, '%Y-%m-%dT%H:%i:%s'), 90)")
    table = mariadb.replica_settings("commons", wiki.database,
                                     replica_heartbeat_table=f"{beat}.heartbeat")
    over = run(make_runner({**FAST, **table}).start(), "Bridges")
    assert over["replica_age_by"] == "heartbeat" and 85 <= over["replica_age_seconds"] <= 150
    assert over["warnings"] == []
    table["wiki.commons.replica_max_age"] = "60s"
    over = run(make_runner({**FAST, **table}).start(), "Bridges")
    assert re.fullmatch(r"the replica is \d+ seconds behind its wiki", over["warnings"][0])


def test_a_dry_run_counts_and_imports_nothing(make_runner, wiki):
    wiki.hard_redirect("Old", "Bridges")
    wiki.files("Bridges", 1, 30)
    wiki.put_in(f"page_id = {wiki.category('Castles')}", "Bridges", "subcat")
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    over = run(runner, "Old", dry_run=True)
    assert (over["status"], over["total"], over["done"]) == ("complete", 30, 0)
    assert over["members"] == [
        {"category": "Old", "files": 0, "subcategories": 0, "pages": 0},
        {"category": "Bridges", "files": 30, "subcategories": 1, "pages": 0}]
    assert over["redirects"] == [{"from": "Old", "to": "Bridges", "kind": "hard"}]
    assert over["replica_age_seconds"] is not None
    assert runner.get(f"/v1/import/{over['job_id']}/files").json["files"] == []
    shown = runner.run("import", "category", "Old", "--dry-run", "--wait")
    assert "Category:Bridges: 30 files, 1 subcategories" in shown.stdout, shown


def test_subcategories_down_to_a_depth(make_runner, wiki):
    below = {"Bridges": ("Arches", "Stone"), "Arches": ("Old",), "Old": ("Bridges", "Ruins")}
    for n, name in enumerate(("Arches", "Stone", "Old", "Ruins")):
        wiki.category(name)
        wiki.files(name, 100 * n + 101, 100 * n + 110)
    wiki.files("Bridges", 1, 10)
    wiki.put_in("page_id = 101", "Bridges")  # in two of them
    for parent, children in below.items():
        for child in children:
            wiki.put_in(f"page_namespace = 14 AND page_title = '{child}'", parent, "subcat")
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    over = run(runner, "Bridges", depth=2)
    assert over["categories"] == ["Bridges", "Arches", "Stone", "Old"]
    same_as_wiki(runner, wiki, over, "Bridges", "Arches", "Stone", "Old")
    files = runner.get(f"/v1/import/{over['job_id']}/files?limit=1000").json["files"]
    brought = {f["page_id"]: f["category"] for f in files}
    assert (brought[1], brought[101], brought[102], brought[301]) == (
        "Bridges", "Bridges", "Arches", "Old")
    same_as_wiki(runner, wiki, run(runner, "Bridges", depth=9), "Bridges", "Arches", "Stone", "Old",
                 "Ruins")
    over = run(runner, "Bridges", depth=9, exclude=["category:old"])
    assert over["categories"] == ["Bridges", "Arches", "Stone"]
    over = run(runner, "Bridges", depth=9, max_categories=2)
    assert (over["categories"], over["category_problems"]) == (["Bridges", "Arches"], 1)
    assert [p["code"] for p in problems(runner, over["job_id"])] == ["too_many_categories"]
    done = runner.run("import", "category", "Bridges", "--depth", "1", "--exclude", "Stone", "--wait")
    assert done.returncode == 0 and "20 of 20" in done.stderr, done
    for fields, field in (({"depth": -1}, "depth"), ({"depth": 51}, "depth"),
                          ({"exclude": ["A"]}, "exclude"), ({"depth": 1, "exclude": [1]}, "exclude[0]"),
                          ({"depth": 1, "max_categories": 0}, "max_categories")):
        answer = runner.post("/v1/import", {"import_method": "category", "category": "A", **fields})
        assert (answer.status, answer.error["field"]) == (400, field), fields


def test_errors_do_not_tell_where_files_are_on_the_server(make_runner):
    runner = make_runner({**FAST, "imports.max_attempts": 1, "wiki.none.replica_database": "x",
                          "wiki.none.replica_socket": "/no/such/folder/nobody"}).start()
    over = run(runner, "Bridges", wiki="none")
    assert over["status"] == "failed"
    assert "'nobody'" in over["error"]["message"] and "folder" not in json.dumps(over)
    assert "/no/such/folder/nobody" in runner.log()


def test_the_wiki_need_not_be_named_when_one_has_a_replica(make_runner, wiki):
    wiki.files("Bridges", 1, 3)
    runner = make_runner({**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
    answer = runner.post("/v1/import", {"import_method": "category", "category": "Bridges"})
    assert answer.status == 202, answer
    ident = answer.json["job_id"]
    assert answer.headers["Location"] == f"/v1/import/{ident}"
    assert finish(runner, ident)["wiki"] == "commons"
    assert runner.get(answer.headers["Location"]).json["job_id"] == ident


def test_views_with_hidden_columns_are_enough(make_runner, mariadb, new):
    """As on Toolforge: a user who may only SELECT from views in which what is hidden is null."""
    wiki = CommonsWiki(mariadb, f"tables_{int(new)}", new=new)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 300)
    database = f"views_{int(new)}"
    user = f"tool_{int(new)}"
    publish(wiki, database, user)
    runner = make_runner({**FAST, "imports.max_chunk": 100, **mariadb.replica_settings(
        "commons", database, replica_user=user)}).start()
    over = run(runner, "Bridges")
    same_as_wiki(runner, wiki, over, "Bridges")
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        assert quoted(wiki.database) not in str(connection.execute(
            "SELECT details FROM constraint_runner.import").fetchall())
