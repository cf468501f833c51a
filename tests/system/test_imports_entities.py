# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of entities: whole dumps checked into the database, and lists that become jobs."""
import gzip
import json
import signal

import psycopg
import pytest

from entities import item, single_value_property
from mariadb import PrivateMariadb
from runner_process import wait_until
from test_check_dump import array, noisy_items, small_dump

STORED = """SELECT entity, revision, value::text, n_violation, n_warning, n_compliance, n_todo
FROM constraint_runner.entity_result WHERE wiki = %s AND tombstone = 0 ORDER BY entity"""
PAIRS = """SELECT entity, statement, constraint_id, status FROM constraint_runner.violation
WHERE wiki = %s ORDER BY 1, 2, 3"""
VALUES = "SELECT entity, key FROM constraint_runner.distinct_value WHERE wiki = %s ORDER BY 1, 2"


def ask(runner, **fields):
    answer = runner.post("/v1/import", fields)
    assert answer.status == 202, answer
    return answer.json["job_id"]


def status(runner, job):
    return runner.get(f"/v1/import/{job}/status").json


def complete(runner, job, seconds=120):
    wait_until(lambda: status(runner, job)["status"] in ("complete", "failed", "cancelled"),
               seconds)
    ended = status(runner, job)
    assert ended["status"] == "complete", ended
    return ended


def database(runner, statement, wiki):
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        return connection.execute(statement, (wiki,)).fetchall()


@pytest.fixture
def dumps(tmp_path):
    folder = tmp_path / "dumps"
    folder.mkdir()
    return folder


def with_dumps(make_runner, dumps, entities=None, **settings):
    return make_runner(entities=entities,
                       settings={"imports.dump_folder": dumps, "imports.poll_interval": "50ms",
                                 "imports.lease": "3s", "imports.work_folder": dumps.parent,
                                 **settings})


def test_an_import_without_files_says_what_it_is_where_its_files_are_asked_for(make_runner, dumps):
    (dumps / "d.json").write_bytes(array(small_dump()))
    runner = with_dumps(make_runner, dumps).start()
    job = ask(runner, import_method="dump", wiki="none", file="d.json")
    answer = runner.get(f"/v1/import/{job}/files")
    assert (answer.status, answer.json["error"]["code"]) == (404, "no_files")
    assert f"import {job} has no files: its import_method is dump" in \
        answer.json["error"]["message"]
    assert "no import 999" in runner.get("/v1/import/999/files").json["error"]["message"]


def test_a_dump_leaves_the_same_rows_as_jobs(make_runner, dumps):
    documents = small_dump()
    (dumps / "all.json.gz").write_bytes(gzip.compress(array(documents)))
    ids = [d["id"] for d in documents if "id" in d]
    of_jobs = with_dumps(make_runner, dumps, documents).start()
    of_jobs.submit(*({"entity": i} for i in ids), wiki="file")
    wait_until(of_jobs.is_idle)
    of_dump = with_dumps(make_runner, dumps, []).start()
    ended = complete(of_dump, ask(of_dump, import_method="dump", wiki="file",
                                  file="all.json.gz"))
    assert ended["entities_checked"] == ended["results_stored"] == len(ids)
    assert ended["total"] == len(ids)
    wait_until(of_jobs.is_idle)
    for statement in (STORED, PAIRS, VALUES):
        wait_until(lambda s=statement: database(of_dump, s, "file") == database(of_jobs, s, "file"))
    assert not list(dumps.parent.glob("constraint-runner-import-*"))


def test_what_is_stored_already_is_passed_over_unless_it_is_forced(make_runner, dumps):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 51))]
    (dumps / "d.json").write_bytes(array(documents))
    runner = with_dumps(make_runner, dumps).start()
    assert complete(runner, ask(runner, import_method="dump", wiki="none",
                                file="d.json"))["results_stored"] == 51
    (dumps / "d2.json").write_bytes(array([*documents[:20], item("Q7", 3, "a"), item("Q99")]))
    ended = complete(runner, ask(runner, import_method="dump", wiki="none", file="d2.json"))
    assert (ended["entities_up_to_date"], ended["entities_checked"]) == (19, 2)
    assert ended["violations_disappeared"] == 2
    ended = complete(runner, ask(runner, import_method="dump", wiki="none", file="d2.json",
                                 force=True))
    assert (ended["entities_up_to_date"], ended["entities_checked"]) == (0, 21)


def test_a_dump_goes_on_after_kill_9(make_runner, dumps):
    documents = [single_value_property(),
                 *(item(f"Q{n}", n, [str(i) for i in range(1 + n % 30)]) for n in range(1, 6001)),
                 {"broken": True}]
    (dumps / "d.json").write_bytes(array(documents))
    runner = with_dumps(make_runner, dumps, **{"imports.max_chunk": 300}).start()
    job = ask(runner, import_method="dump", wiki="none", file="d.json")
    kills = 0
    for stored in (300, 2500):
        wait_until(lambda s=stored: status(runner, job)["done"] >= s, 60, 0.005)
        if status(runner, job)["status"] != "complete":
            kills += 1
        runner.kill()
        runner.start()
    ended = complete(runner, job)
    assert kills > 0
    assert len(database(runner, STORED, "none")) == 6001
    expected = sum(n if n > 1 else 0 for n in (1 + k % 30 for k in range(1, 6001)))
    assert len(database(runner, PAIRS, "none")) == expected
    assert ended["failed"] == 1
    problems = runner.get(f"/v1/import/{job}/problems").json["problems"]
    assert [p["item"] for p in problems] == ["line 6003"]


def test_a_paused_dump_waits_and_a_cancelled_one_keeps_what_is_done(make_runner, dumps):
    documents = [item(f"Q{n}", n, "ab") for n in range(1, 3001)]
    (dumps / "d.json").write_bytes(array(documents))
    runner = with_dumps(make_runner, dumps, **{"imports.max_chunk": 100,
                                               "imports.rate_limit": 300}).start()
    job = ask(runner, import_method="dump", wiki="none", file="d.json")
    wait_until(lambda: status(runner, job)["done"] > 0)
    assert runner.post(f"/v1/import/{job}/pause", {}).status == 200
    wait_until(lambda: status(runner, job)["status"] == "paused")
    assert runner.request("DELETE", f"/v1/import/{job}").status == 200
    assert status(runner, job)["status"] == "cancelled"
    assert 0 < len(database(runner, STORED, "none")) < 3000


@pytest.mark.parametrize("fields, text", [
    ({}, "file: missing"),
    ({"file": 5}, "file: not a string"),
    ({"file": "../etc/passwd"}, "file: not the name"),
    ({"file": "a/b"}, "file: not the name"),
    ({"file": ".hidden"}, "file: not the name"),
    ({"file": "d.json", "force": 1}, "force: not true or false"),
    ({"file": "d.json", "extra": 1}, "extra: there is no such field"),
])
def test_a_wrong_request_for_a_dump_names_the_field(shared, fields, text):
    answer = shared.post("/v1/import", {"import_method": "dump", "wiki": "none", **fields})
    assert answer.status == 400 and text in answer.body.decode(), answer


def test_files_that_are_not_there_or_damaged_fail_with_a_reason(make_runner, dumps):
    documents = [single_value_property(), *noisy_items(3000)]
    packed = gzip.compress(array(documents))
    (dumps / "cut.json.gz").write_bytes(packed[:len(packed) * 2 // 3])
    runner = with_dumps(make_runner, dumps).start()
    for file, text in (("none.json", "No such file"), ("cut.json.gz", "damaged gzip data")):
        job = ask(runner, import_method="dump", wiki="none", file=file)
        wait_until(lambda j=job: status(runner, j)["status"] == "failed")
        assert text in json.dumps(status(runner, job))
    ended = status(runner, job)  # what was stored stays stored
    stored = len(database(runner, STORED, "none"))
    assert 1000 < stored == ended["done"] == ended["results_stored"] < 3000, ended
    closed = make_runner().start()
    job = ask(closed, import_method="dump", wiki="none", file="d.json")
    wait_until(lambda: status(closed, job)["status"] == "failed")
    assert "imports.dump_folder is not set" in json.dumps(status(closed, job))


def test_a_list_of_entities_is_checked_behind_edits_and_once(make_runner, dumps):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 301))]
    runner = with_dumps(make_runner, dumps, documents).start()
    ids = [f"Q{n}" for n in range(1, 301)]
    first = ask(runner, import_method="entities", wiki="file", entities=ids[:200])
    ended = complete(runner, first)
    assert ended["jobs_queued"] == ended["total"] == 200
    assert len(database(runner, STORED, "file")) == 200
    ended = complete(runner, ask(runner, import_method="entities", wiki="file", entities=ids))
    assert (ended["entities_up_to_date"], ended["jobs_queued"]) == (200, 100)
    ended = complete(runner, ask(runner, import_method="entities", wiki="file", entities=ids,
                                 force=True))
    assert ended["jobs_queued"] == 300


def queue(runner, statement, *values):
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        connection.execute(statement, values)


def delay(runner, *entities, priority=-20):
    """Jobs that are not due for long, as those of a source that is away."""
    for entity in entities:
        queue(runner, """INSERT INTO constraint_runner.job (wiki, entity, revision, priority,
            queued_at, state, due_at) VALUES ('file', %s, 0, %s, now(), 'delayed', '2100-01-01')""",
              entity, priority)


@pytest.fixture
def few(make_runner, dumps):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 21))]
    return with_dumps(make_runner, dumps, documents).start()


def test_an_import_waits_for_its_own_jobs_alone(few):
    delay(few, *(f"Q{n}" for n in range(1000, 1010)))
    ids = [f"Q{n}" for n in range(1, 11)]
    ended = complete(few, ask(few, import_method="entities", wiki="file", entities=ids))
    assert (ended["done"], ended["entities_checked"], ended["total"]) == (10, 10, 10)
    delay(few, "Q11")
    first = ask(few, import_method="entities", wiki="file", entities=["Q11", "Q12"])
    wait_until(lambda: status(few, first)["done"] == 1)
    assert few.request("DELETE", f"/v1/import/{first}").status == 200
    ended = complete(few, ask(few, import_method="entities", wiki="file", entities=["Q13"]))
    assert (ended["done"], ended["total"]) == (1, 1)


def test_an_entity_is_done_when_it_has_been_checked(few):
    delay(few, "Q5")
    ids = [f"Q{n}" for n in range(1, 11)]
    job = ask(few, import_method="entities", wiki="file", entities=ids)
    wait_until(lambda: status(few, job)["done"] == 9)
    seen = status(few, job)
    assert (seen["status"], seen["total"], seen["entities_listed"]) == ("running", 10, 10)
    assert (seen["jobs_queued"], seen["jobs_coalesced"]) == (9, 1)
    queue(few, "UPDATE constraint_runner.job SET due_at = now() WHERE entity = 'Q5'")
    ended = complete(few, job)
    assert (ended["done"], ended["entities_checked"]) == (10, 10)


def test_a_job_that_failed_is_a_problem_and_is_tried_again(few):
    delay(few, "Q5")
    ids = ["Q4", "Q5", "Q6"]
    job = ask(few, import_method="entities", wiki="file", entities=ids)
    wait_until(lambda: status(few, job)["done"] == 2)
    queue(few, """WITH gone AS (DELETE FROM constraint_runner.job WHERE entity = 'Q5' RETURNING *)
        INSERT INTO constraint_runner.dead_job (wiki, entity, revision, priority, attempts, reason,
        died_at) SELECT wiki, entity, revision, priority, 5, 'it was bad', now() FROM gone""")
    ended = complete(few, job)
    assert (ended["done"], ended["failed"], ended["total"]) == (2, 1, 3)
    problem = few.get(f"/v1/import/{job}/problems").json["problems"][0]
    assert (problem["code"], problem["item"], problem["reason"]) == ("job_failed", "Q5", "it was bad")
    assert few.post(f"/v1/import/{job}/retry", "").status == 200
    wait_until(lambda: status(few, job)["done"] == 3)
    ended = complete(few, job)
    assert (ended["done"], ended["failed"], ended["total"]) == (3, 0, 3)
    assert few.get("/v1/dead").json["jobs"] == []


def test_a_forced_import_is_not_the_one_that_is_under_way(make_runner, dumps):
    runner = with_dumps(make_runner, dumps, **{"imports.threads": 0}).start()
    for request in ({"import_method": "entities", "entities": ["Q1", "Q2"]},
                    {"import_method": "entities", "from": "stored"},
                    {"import_method": "dump", "file": "d.json"}):
        first = ask(runner, wiki="file", **request)
        forced = ask(runner, wiki="file", force=True, **request)
        assert forced != first
        assert ask(runner, wiki="file", force=True, **request) == forced
        assert "forced" in status(runner, forced)["subject"]


def test_an_entity_that_is_named_twice_is_counted_once(few):
    ended = complete(few, ask(few, import_method="entities", wiki="file",
                              entities=["Q1", "Q2", "Q1"]))
    assert (ended["done"], ended["total"], ended["jobs_queued"]) == (2, 2, 2)


def test_what_is_stored_is_checked_again_by_type_property_and_age(make_runner, dumps):
    documents = [single_value_property(), single_value_property("P11"),
                 *(item(f"Q{n}", 1, "ab", prop="P10" if n % 2 else "P11") for n in range(1, 101))]
    runner = with_dumps(make_runner, dumps, documents).start()
    runner.submit(*({"entity": d["id"]} for d in documents), wiki="file")
    wait_until(runner.is_idle)

    def queued(**fields):
        return complete(runner, ask(runner, import_method="entities", wiki="file", **fields)
                        )["jobs_queued"]
    assert queued(**{"from": "stored"}) == 102
    assert queued(**{"from": "stored", "type": "item"}) == 100
    assert queued(**{"from": "stored", "type": "property"}) == 2
    assert queued(**{"from": "stored", "type": "item", "property": "P11"}) == 50
    assert queued(**{"from": "stored", "older_than": 3600}) == 0
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        connection.execute("UPDATE constraint_runner.entity_result SET checked_at = "
                           "now() - interval '2 hours' WHERE entity IN ('Q1', 'Q2', 'Q3')")
    assert queued(**{"from": "stored", "older_than": 3600}) == 3


def test_an_import_of_entities_goes_on_after_kill_9(make_runner, dumps):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 4001))]
    runner = with_dumps(make_runner, dumps, documents, **{"imports.max_chunk": 200}).start()
    job = ask(runner, import_method="entities", wiki="file",
              entities=[f"Q{n}" for n in range(1, 4001)])
    wait_until(lambda: status(runner, job)["done"] >= 200, 60, 0.005)
    runner.process.send_signal(signal.SIGKILL)
    runner.process.wait(30)
    runner.start()
    complete(runner, job)
    assert len(database(runner, STORED, "file")) == 4000


@pytest.mark.parametrize("fields, text", [
    ({}, "from: missing"),
    ({"entities": []}, "entities: an empty list"),
    ({"entities": ["Q1", "X"]}, "entities[1]: not an entity id"),
    ({"entities": "Q1"}, "entities: not an array"),
    ({"entities": ["Q1"], "from": "stored"}, "from: beside entities"),
    ({"entities": ["Q1"], "type": "item"}, "type: beside entities"),
    ({"from": "mars"}, "from: not stored, replica or api"),
    ({"from": "replica"}, "from: the wiki has no replica_database"),
    ({"from": "stored", "type": "tree"}, "type: not item"),
    ({"from": "stored", "property": "Q1"}, "property: not a property id"),
    ({"entities": ["Q1"], "property": "P1"}, "property: beside entities"),
    ({"from": "stored", "older_than": -1}, "older_than: not a number"),
    ({"from": "stored", "older_than": "1h"}, "older_than: not a number"),
    ({"from": "stored", "force": "yes"}, "force: not true or false"),
    ({"from": "stored", "what": 1}, "what: there is no such field"),
])
def test_a_wrong_request_for_entities_names_the_field(shared, fields, text):
    answer = shared.post("/v1/import", {"import_method": "entities", "wiki": "file", **fields})
    assert answer.status == 400 and text in answer.body.decode(), answer


def test_entities_of_a_wiki_without_a_source_are_refused(shared):
    answer = shared.post("/v1/import", {"import_method": "entities", "wiki": "none",
                                        "from": "stored"})
    assert answer.status == 400 and "wiki: it has no source" in answer.body.decode()


@pytest.fixture(scope="module")
def wiki_database():
    """Pages of 5,000 items, 10 properties, talk pages (one of which does not say its model),
    redirects and templates."""
    with PrivateMariadb() as server:
        server.execute("CREATE DATABASE repo")
        server.execute("""CREATE TABLE page (
            page_id INT UNSIGNED AUTO_INCREMENT NOT NULL PRIMARY KEY, page_namespace INT NOT NULL,
            page_title VARBINARY(255) NOT NULL, page_is_redirect TINYINT UNSIGNED DEFAULT 0 NOT NULL,
            page_latest INT UNSIGNED NOT NULL, page_content_model VARBINARY(32) DEFAULT NULL,
            UNIQUE INDEX page_name_title (page_namespace, page_title)) DEFAULT CHARSET=binary;
            INSERT INTO page (page_namespace, page_title, page_latest)
            SELECT 0, CONCAT('Q', seq), 1 FROM seq_1_to_5000;
            INSERT INTO page (page_namespace, page_title, page_latest, page_content_model)
            SELECT 120, CONCAT('P', seq), 1, 'wikibase-property' FROM seq_10_to_19;
            INSERT INTO page (page_namespace, page_title, page_latest, page_content_model)
            SELECT 1, CONCAT('Q', seq), 1, 'wikitext' FROM seq_1_to_50;
            INSERT INTO page (page_namespace, page_title, page_latest) VALUES
            (0, 'Main_Page', 9), (4, 'Q', 9), (10, 'P0', 9), (1, 'Q60', 9);
            INSERT INTO page (page_namespace, page_title, page_latest, page_is_redirect)
            VALUES (0, 'Q6000', 7, 1); INSERT INTO page (page_namespace, page_title, page_latest)
            SELECT 6, CONCAT('File_', seq, '.jpg'), 3 FROM seq_1_to_5""", "repo")
        yield server


def test_every_page_of_a_replica_is_checked_and_then_only_what_is_new(make_runner, dumps,
                                                                      wiki_database):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 5001))]
    runner = with_dumps(make_runner, dumps, documents,
                        **wiki_database.replica_settings("file", "repo", source="file")).start()

    def run(**fields):
        return complete(runner, ask(runner, import_method="entities", wiki="file",
                                    **{"from": "replica"}, **fields))
    assert run(type="property")["jobs_queued"] == 10
    ended = run()
    assert ended["done"] == ended["total"] == 5010 and ended["jobs_queued"] >= 5000
    assert len(database(runner, STORED, "file")) == 5001  # the source has one of the properties
    wiki_database.execute("UPDATE page SET page_latest = 2 WHERE page_title = 'Q77'", "repo")
    runner.write_entities([*documents[:77], item("Q77", 2, "a"), *documents[78:]])
    runner.stop()
    runner.start()
    ended = run(type="item")
    assert (ended["entities_up_to_date"], ended["jobs_queued"]) == (4999, 1)
    assert ("Q77", 2) in {row[:2] for row in database(runner, STORED, "file")}
    assert run(type="mediainfo")["jobs_queued"] == 5


@pytest.mark.parametrize("new", [False, True])
def test_pages_of_a_replica_are_chosen_by_the_property_that_they_use(make_runner, dumps,
                                                                     wiki_database, new):
    wiki_database.execute("DROP TABLE IF EXISTS pagelinks; DROP TABLE IF EXISTS linktarget", "repo")
    linking = """SELECT page_id FROM page WHERE page_namespace IN (0, 1) AND page_title IN
        ('Q3', 'Q40', 'Q50', 'Q4999', 'Q6000', 'Main_Page')"""  # items, talk pages and a redirect
    others = "SELECT page_id FROM page WHERE page_title IN ('Q3', 'Q7')"
    if new:
        wiki_database.execute(f"""CREATE TABLE linktarget (lt_id BIGINT UNSIGNED PRIMARY KEY,
            lt_namespace INT NOT NULL, lt_title VARBINARY(255) NOT NULL) DEFAULT CHARSET=binary;
            CREATE TABLE pagelinks (pl_from INT UNSIGNED NOT NULL, pl_target_id BIGINT NOT NULL,
            INDEX (pl_target_id, pl_from), PRIMARY KEY (pl_from, pl_target_id));
            INSERT INTO linktarget VALUES (1, 120, 'P12'), (2, 0, 'P12'), (3, 120, 'P11');
            INSERT INTO pagelinks SELECT page_id, 1 FROM ({linking}) a;
            INSERT INTO pagelinks SELECT page_id, 3 FROM ({others}) b""", "repo")
    else:
        wiki_database.execute(f"""CREATE TABLE pagelinks (pl_from INT UNSIGNED NOT NULL,
            pl_namespace INT NOT NULL, pl_title VARBINARY(255) NOT NULL,
            PRIMARY KEY (pl_from, pl_namespace, pl_title)) DEFAULT CHARSET=binary;
            INSERT INTO pagelinks SELECT page_id, 120, 'P12' FROM ({linking}) a;
            INSERT INTO pagelinks SELECT page_id, 120, 'P11' FROM ({others}) b""", "repo")
    documents = [item(f"Q{n}", 1, "ab") for n in range(1, 5001)]
    runner = with_dumps(make_runner, dumps, documents, **{
        **wiki_database.replica_settings("file", "repo", source="file"),
        "imports.max_chunk": 3}).start()

    def run(**fields):
        return complete(runner, ask(runner, import_method="entities", wiki="file",
                                    **{"from": "replica"}, **fields))
    ended = run(property="P12")
    assert (ended["done"], ended["jobs_queued"], ended["total_is"]) == (4, 4, "known")
    assert [row[0] for row in database(runner, STORED, "file")] == ["Q3", "Q40", "Q4999", "Q50"]
    assert run(property="P12", type="property")["done"] == 0
    assert run(property="P13")["done"] == 0  # nobody uses it
    job = ask(runner, import_method="entities", wiki="file", **{"from": "replica"}, property="P99")
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert status(runner, job)["error"] == {"code": "no_such_property",
                                            "message": "the wiki has no property P99"}


def test_a_replica_that_goes_away_is_waited_for(make_runner, dumps, wiki_database):
    settings = wiki_database.replica_settings("file", "repo", source="file")
    socket = next(k for k in settings if k.endswith("replica_socket"))
    runner = with_dumps(make_runner, dumps, [], **{**settings, socket: "/nowhere/mysql.sock",
                                                   "imports.backoff_base": "50ms",
                                                   "imports.max_attempts": 3}).start()
    job = ask(runner, import_method="entities", wiki="file", **{"from": "replica"})
    wait_until(lambda: status(runner, job)["status"] == "failed")
    assert status(runner, job)["error"]["code"] == "unavailable"
