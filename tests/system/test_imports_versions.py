# SPDX-License-Identifier: GPL-2.0-or-later
"""Files with many versions, or odd ones, and members of a category that are no files: pages, files and
versions come with one statement, whose rows are versions."""
import pytest

from commons_wiki import FILE_IDS, CommonsWiki, same_as_wiki
from test_imports import FAST, connect, problems, run


@pytest.fixture
def wiki(make_commons, new):
    made = make_commons(new)
    made.category("Bridges")
    return made


def add_versions(wiki, page, count):
    """The first is of 2001, and two are of each later second."""
    name = f"File_{page}.jpg"
    time = "DATE_FORMAT('2001-01-01' + INTERVAL FLOOR((seq - 1) / 2) SECOND, '%Y%m%d%H%i%s')"
    if wiki.new:
        wiki.sql(f"INSERT INTO filerevision (fr_id, fr_file, fr_width, fr_height, fr_metadata, "
                 f"fr_description_id, fr_actor, fr_timestamp, fr_archive_name, fr_deleted) SELECT "
                 f"{1_000_000 * page} + seq, {page + FILE_IDS}, 10, 10, '', 1, 1 + seq % 50, {time}, "
                 f"CONCAT(seq, '!{name}'), 0 FROM seq_1_to_{count}")
    else:
        wiki.sql(f"INSERT INTO oldimage (oi_name, oi_archive_name, oi_description_id, oi_actor, "
                 f"oi_timestamp, oi_metadata) SELECT '{name}', CONCAT(seq, '!{name}'), 1, "
                 f"1 + seq % 50, {time}, '' FROM seq_2_to_{count}")


def runner_of(make_runner, wiki, **more):
    return make_runner({**FAST, **more, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()


@pytest.mark.parametrize("chunk", [1, 7, 40, 5000])
def test_files_with_more_versions_than_fit_a_chunk(make_runner, wiki, chunk):
    wiki.files("Bridges", 1, 30)
    for page, count in ((7, 7), (8, 1_500), (9, 40), (30, 2_000)):
        add_versions(wiki, page, count)
    runner = runner_of(make_runner, wiki, **{"imports.max_chunk": chunk})
    over = run(runner, "Bridges")
    rows = same_as_wiki(runner, wiki, over, "Bridges")
    assert rows["8"][8] == "20010101000000"
    with connect(runner) as connection:
        times = connection.execute("SELECT other_times FROM constraint_runner.commons_file WHERE "
                                   "page_id = 8 AND import_id = %s", (over["job_id"],)).fetchone()[0]
    times = times.split(",")
    assert times == sorted(set(times)) and len(times) == 750


@pytest.mark.parametrize("chunk", [1, 4, 5000])
def test_members_that_are_no_files_are_passed_over_unless_they_are_said_to_be(make_runner, wiki, chunk):
    wiki.files("Bridges", 1, 9)
    for n in range(12):
        wiki.put_in(f"page_id = {wiki.page(0, f'Text_{n}')}", "Bridges", "page")
        wiki.put_in(f"page_id = {wiki.category(f'Bridges_{n}')}", "Bridges", "subcat")
    wiki.files("Bridges", 101, 109)
    text, gone = wiki.page(0, "No_file"), wiki.page(6, "Gone.jpg")
    wiki.put_in(f"page_id IN ({text}, {gone})", "Bridges", "file")
    wiki.sql(f"DELETE FROM page WHERE page_id = {gone}")
    runner = runner_of(make_runner, wiki, **{"imports.max_chunk": chunk})
    over = run(runner, "Bridges")
    assert over["files_imported"] == 18
    same_as_wiki(runner, wiki, over, "Bridges")
    assert {(p["code"], p["item"]) for p in problems(runner, over["job_id"])} == {
        ("no_file_page", f"file:{text}"), ("page_missing", f"file:{gone}")}
    # once more, with files that are in the list and not in the category any more
    wiki.take_out("page_id IN (1, 5, 105)", "Bridges")
    over = run(runner, "Bridges")
    assert (over["files_imported"], over["files_vanished"], over["failed"]) == (15, 3, 2)
    same_as_wiki(runner, wiki, over, "Bridges")


@pytest.mark.parametrize("chunk", [1, 5, 5000])
def test_a_file_that_a_category_has_as_something_else_is_neither_taken_nor_counted(
        make_runner, wiki, chunk):
    """As where a type was not changed with the page. What is taken is what is counted, and is what Montage
    takes."""
    wiki.category("Castles")
    wiki.files("Bridges", 1, 30)
    wiki.files("Castles", 101, 110)
    wiki.sql("UPDATE categorylinks SET cl_type = 'page', cl_timestamp = cl_timestamp WHERE cl_from IN "
             "(3, 7, 30, 105)")
    wiki.sql("UPDATE categorylinks SET cl_type = 'subcat', cl_timestamp = cl_timestamp WHERE cl_from = 8")
    wiki.put_in("page_id = 7", "Castles")  # there it is a file
    text = wiki.page(0, "No_file")
    wiki.put_in(f"page_id = {text}", "Bridges", "file")
    runner = runner_of(make_runner, wiki, **{"imports.max_chunk": chunk})
    over = run(runner, "Bridges", "Castles")
    assert (over["files_imported"], over["failed"], over["total"]) == (36, 1, 37)
    same_as_wiki(runner, wiki, over, "Bridges", "Castles")
    # one becomes a file of the category, another one becomes something else
    wiki.sql("UPDATE categorylinks SET cl_type = IF(cl_from = 3, 'file', 'page'), "
             "cl_timestamp = cl_timestamp WHERE cl_from IN (3, 4)")
    over = run(runner, "Bridges", "Castles")
    assert (over["files_new"], over["files_vanished"], over["total"]) == (1, 1, 37)
    same_as_wiki(runner, wiki, over, "Bridges", "Castles")


def test_a_latest_version_that_is_another_file_s(make_runner, mariadb):
    wiki = CommonsWiki(mariadb, "astray", new=True)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 20)
    wiki.sql(f"UPDATE filerevision JOIN file ON fr_id = file_latest SET fr_file = 1, fr_width = 4711 "
             f"WHERE file_id IN ({FILE_IDS} + 4, {FILE_IDS} + 5)")
    runner = runner_of(make_runner, wiki)
    rows = same_as_wiki(runner, wiki, run(runner, "Bridges"), "Bridges")
    assert [rows[page][4] for page in "45"] == ["4711", "4711"]


def test_a_file_in_several_of_the_categories_is_one(make_runner, wiki):
    wiki.files("Bridges", 1, 40)
    for name in ("Arches", "Stone"):
        wiki.category(name)
        wiki.put_in("page_namespace = 6", name)
    runner = runner_of(make_runner, wiki, **{"imports.max_chunk": 15})
    over = run(runner, "Bridges", "Arches", "Stone")
    assert over["files_imported"] == 40
    same_as_wiki(runner, wiki, over, "Bridges", "Arches", "Stone")
