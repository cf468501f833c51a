# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /v1/events: who listens hears of every change, in order and without a gap, whatever breaks."""
import csv
import io
import json
import signal
import subprocess

import psycopg
import pytest

from entities import item, single_value_property
from event_stream import EventStream, Refused, applied
from pg import PrivatePostgres
from runner_process import read_all, wait_until

USAGE, DATA, NO_INPUT, UNAVAILABLE = 64, 65, 66, 69


def store(runner, *documents):
    assert runner.submit(*({"entity": d["id"], "revision": d["lastrevid"], "document": d}
                           for d in documents)).status == 202
    wait_until(runner.is_idle)


def stored_pairs(runner):
    with psycopg.connect(runner.settings["database.conninfo"]) as database:
        return {(s, c): status for s, c, status in database.execute(
            "SELECT statement, constraint_id, status FROM constraint_runner.violation")}


def page(runner, query=""):
    answer = runner.get("/v1/events?limit=1000" + query)
    assert answer.status == 200, answer
    return answer.json


def pages(runner, limit, after="oldest", query=""):
    """All events, by pages of `limit`, and the place after them."""
    events, more = [], True
    while more:
        answer = runner.get(f"/v1/events?limit={limit}&after={after}{query}").json
        assert len(answer["events"]) <= limit
        events += answer["events"]
        after, more = answer["next"], answer["more"]
    return events, after


@pytest.fixture
def checked(make_runner):
    """A runner with the property P10, whose constraint allows one value only."""
    runner = make_runner().start()
    store(runner, single_value_property())
    return runner


def test_who_listens_hears_of_each_change(checked):
    with EventStream(checked) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        store(checked, item("Q7", 5, "ab"))
        store(checked, item("Q8", 1, "a"))  # no violations: no event
        store(checked, item("Q7", 6, "a"))
        stream.wait_for(lambda: len(stream.events) == 2)
    first, second = stream.events
    assert set(first) == {"id", "wiki", "entity", "revision", "deleted", "created_at", "appeared",
                          "disappeared", "changed"}
    assert (first["wiki"], first["entity"], first["revision"]) == ("none", "Q7", 5)
    assert first["deleted"] is False and first["created_at"].endswith("Z")
    assert first["disappeared"] == first["changed"] == []
    assert first["appeared"] == [
        {"statement": item("Q7", 5, "ab")["claims"]["P10"][i]["id"],
         "constraint": "P10$00000000-0000-4000-8000-000000000001", "property": "P10",
         "type": "Q19474404", "status": "warning"} for i in range(2)]
    assert second["revision"] == 6 and second["disappeared"] == first["appeared"]
    assert checked.metric("constraint_runner_events_sent_total") == 2
    wait_until(lambda: checked.metric("constraint_runner_event_listeners") == 0)


def test_a_listener_hears_what_another_runner_stores(checked, make_runner):
    other = make_runner(conninfo=checked.settings["database.conninfo"]).start()
    with EventStream(other) as one, EventStream(checked) as two:
        checked.submit({"entity": "Q2"}, wiki="file")  # either of them checks it
        for stream in (one, two):
            stream.wait_for(lambda s=stream: s.entities() == ["Q2"])


def test_only_what_was_asked_for_comes(make_runner):
    runner = make_runner().start()
    store(runner, single_value_property(), single_value_property("P11"))
    both = item("Q1", 1, "ab")
    both["claims"] |= item("Q1", 1, "ab", "P11")["claims"]
    for at, statement in enumerate(both["claims"]["P11"]):
        statement["id"] = f"Q1$eleven-{at}"
    with EventStream(runner) as everything, EventStream(runner, "?wiki=file") as other_wiki, \
            EventStream(runner, "?wiki=none&property=P11") as eleven, \
            EventStream(runner, "?type=Q19474404") as of_type, \
            EventStream(runner, "?type=Q1") as of_no_type:
        store(runner, both)
        store(runner, item("Q2", 1, "ab"))
        for stream in (everything, of_type):
            stream.wait_for(lambda s=stream: len(s.events) == 2)
        eleven.wait_for(lambda: len(eleven.events) == 1)
        assert not other_wiki.events and not of_no_type.events
    assert everything.entities() == of_type.entities() == ["Q1", "Q2"]
    assert len(everything.events[0]["appeared"]) == 4
    assert [p["property"] for p in eleven.events[0]["appeared"]] == ["P11", "P11"]
    assert [e["entity"] for e in page(runner, "&property=p11")["events"]] == ["Q1"]
    narrow = page(runner, "&type=Q1")
    assert narrow["events"] == [] and narrow["more"] is False


def test_who_comes_back_goes_on_after_the_last_id(checked):
    with EventStream(checked) as stream:
        store(checked, item("Q1", 1, "ab"))
        stream.wait_for(lambda: stream.entities() == ["Q1"])
    store(checked, item("Q2", 1, "ab"))
    store(checked, item("Q3", 1, "ab"))
    with EventStream(checked, "?after=" + stream.last_id) as again:
        again.wait_for(lambda: again.entities() == ["Q2", "Q3"])
        store(checked, item("Q4", 1, "ab"))
        again.wait_for(lambda: again.entities() == ["Q2", "Q3", "Q4"])
    # the header is newer than the address that a browser says again and again
    with EventStream(checked, "?after=oldest", {"Last-Event-ID": again.events[1]["id"]}) as last:
        last.wait_for(lambda: last.entities() == ["Q4"])
    with EventStream(checked, "?after=oldest") as oldest:
        oldest.wait_for(lambda: oldest.entities() == ["Q1", "Q2", "Q3", "Q4"])
    with EventStream(checked) as now:
        store(checked, item("Q5", 1, "ab"))
        now.wait_for(lambda: now.entities() == ["Q5"])


def test_pages_give_the_same_as_the_stream(checked):
    for n in range(1, 24):
        store(checked, item(f"Q{n}", 1, "ab"))
    with EventStream(checked, "?after=oldest") as stream:
        stream.wait_for(lambda: len(stream.events) == 23)
    for limit in (1, 5, 23, 1000):
        events, place = pages(checked, limit)
        assert events == stream.events
        assert pages(checked, limit, place) == ([], place)
    answer = checked.get("/v1/events", headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["events"] == stream.events and answer.json["more"] is False
    # nothing of interest: the place moves on all the same
    assert page(checked, "&wiki=file")["next"] == place
    store(checked, item("Q50", 1, "ab"))
    assert [e["entity"] for e in page(checked, "&after=" + place)["events"]] == ["Q50"]
    assert page(checked, "&after=now")["events"] == []


def test_dump_and_stream_join_without_a_gap(checked, tmp_path):
    """A transaction is open while the dump is made, and one that the dump sees is newer."""
    store(checked, *(item(f"Q{n}", 1, "ab") for n in range(1, 6)))
    with psycopg.connect(checked.settings["database.conninfo"]) as slow:
        slow.execute("INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
                     "transaction, deleted, appeared, disappeared) VALUES ('none', 'Q90', 9, "
                     "now(), '1', false, %s, '[]')",
                     (json.dumps([{"statement": "Q90$slow", "constraint": "P10$c",
                                   "property": "P10", "type": "Q1", "status": "warning"}]),))
        store(checked, item("Q6", 1, "ab"))
        assert checked.run("dump", "--wiki", "none", "--output", str(tmp_path / "dump"), "--format",
                           "csv", "--compress", "none").returncode == 0
        slow.execute("INSERT INTO constraint_runner.violation VALUES (10, 'warning', 'none', 'Q90',"
                     " 'Q90$slow', 'P10$c', 'Q1', '')")
    dumped = {}
    for path in (tmp_path / "dump").glob("dump-*.csv"):
        dumped |= {(row["statement"], row["constraint"]): row["status"]
                   for row in csv.DictReader(io.StringIO(path.read_text()))}
    assert any("Q6$" in s for s, _ in dumped) and not any("Q90$" in s for s, _ in dumped)
    place = json.loads((tmp_path / "dump" / "manifest.json").read_text())["events"]["transaction"]
    store(checked, item("Q1", 2, "a"), item("Q7", 1, "ab"))
    with EventStream(checked, f"?wiki=none&after={place}") as stream:
        stream.wait_for(lambda: applied(dumped, stream.events) == stored_pairs(checked))
        store(checked, item("Q6", 2, "a"))
        stream.wait_for(lambda: applied(dumped, stream.events) == stored_pairs(checked))
    assert "Q90" in stream.entities()


@pytest.mark.parametrize("query, headers, field", [
    ("?after=yesterday", {}, "after"), ("?after=1-2-3", {}, "after"), ("?after=-1", {}, "after"),
    ("?after=99999999999999999999999", {}, "after"),
    ("", {"Last-Event-ID": "x"}, "Last-Event-ID"),
    ("?after=oldest", {"Last-Event-ID": "1-"}, "Last-Event-ID"),
    ("?property=Q1", {}, "property"), ("?type=P1", {}, "type"), ("?type=single-value", {}, "type"),
    ("?limit=0", {}, "limit"), ("?limit=1001", {}, "limit"), ("?limit=x&after=oldest", {}, "limit"),
    ("?since=5", {}, "since")])
def test_a_wrong_request_is_told_what_is_wrong(shared, query, headers, field):
    answer = shared.get("/v1/events" + query, headers=headers)
    assert answer.status == 400 and answer.error["field"] == field
    assert field in answer.error["message"]


def test_an_unknown_wiki_and_other_methods_are_refused(shared):
    assert shared.get("/v1/events?wiki=nowiki").status == 404
    assert shared.post("/v1/events", {}).status == 405


def test_a_place_whose_events_are_gone_is_refused_with_the_way_out(checked):
    store(checked, item("Q1", 1, "ab"))
    store(checked, item("Q2", 1, "ab"))
    events, place = pages(checked, 10)
    first = events[0]["id"].split("-")
    with psycopg.connect(checked.settings["database.conninfo"]) as database:
        database.execute("DELETE FROM constraint_runner.event WHERE entity = 'Q1'; "
                         "UPDATE constraint_runner.event_horizon SET transaction = "
                         f"'{first[0]}', id = {first[1]}, created_at = '2026-11-01 00:00:00Z'")
    for query in ("?after=1-1", "?limit=5&after=" + first[0], "?after=0"):
        answer = checked.get("/v1/events" + query)
        assert answer.status == 410 and answer.error["code"] == "gone"
        assert "up to 2026-11-01T00:00:00Z" in answer.error["message"]
        assert "take a dump" in answer.error["message"]
    answer = checked.get("/v1/events?after=999999999999")
    assert answer.status == 410 and "another" in answer.error["message"]
    for query in ("?after=" + events[0]["id"], "?after=oldest"):
        with EventStream(checked, query) as stream:
            stream.wait_for(lambda s=stream: s.entities() == ["Q2"])
    assert page(checked, "&after=" + place)["events"] == []


def test_too_many_listeners_are_refused_until_one_leaves(make_runner):
    runner = make_runner({"events.max_listeners": 2}).start()
    with EventStream(runner) as one, EventStream(runner):
        with pytest.raises(Refused) as refused:
            EventStream(runner)
        assert refused.value.status == 503 and int(refused.value.headers["Retry-After"]) > 0
        assert "events.max_listeners" in refused.value.body["error"]["message"]
        assert runner.metric("constraint_runner_event_listeners_refused_total") == 1
        assert page(runner)["events"] == []  # pages are for everybody
        one.close()
        wait_until(lambda: runner.metric("constraint_runner_event_listeners") == 1)
        with EventStream(runner) as third:
            assert third.response.status == 200


def test_signs_of_life_tell_the_place_too(make_runner):
    """Who hears nothing for long must not come back with a place that is too old."""
    runner = make_runner({"events.heartbeat": "50ms"}).start()
    store(runner, single_value_property())
    with EventStream(runner, "?wiki=file") as stream:
        before = stream.wait_for(lambda: stream.last_id)
        stream.wait_for(lambda: len(stream.comments) >= 3)
        store(runner, item("Q1", 1, "ab"))
        stream.wait_for(lambda: page(runner, "&after=" + stream.last_id)["events"] == [])
        assert [int(p) for p in stream.last_id.split("-")] > [int(p) for p in before.split("-")]
        assert not stream.events


def test_the_end_is_told_when_the_runner_stops(checked):
    with EventStream(checked) as stream:
        store(checked, item("Q1", 1, "ab"))
        stream.wait_for(lambda: stream.events)
        assert checked.stop() == 0
        stream.wait_for(lambda: stream.ended)
    assert stream.ended == "clean" and stream.end["reason"] == "stopping"
    checked.start()
    store(checked, single_value_property())  # the wiki has no source: it comes with jobs alone
    store(checked, item("Q2", 1, "ab"))
    with EventStream(checked, headers={"Last-Event-ID": stream.last_id}) as again:
        again.wait_for(lambda: again.entities() == ["Q2"])


def fill(conninfo, count, size, first=1):
    """`count` events of `size` bytes each."""
    with psycopg.connect(conninfo) as database:
        database.execute(
            "INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, transaction, "
            "deleted, appeared, disappeared) SELECT 'none', 'Q' || n, n, now(), '1', false, "
            "json_build_array(json_build_object('statement', repeat('x', %s), 'constraint', 'c', "
            "'property', 'P10', 'type', 'Q1', 'status', 'warning')), '[]' "
            "FROM generate_series(%s::int, %s::int) n", (size, first, first + count - 1))


def test_a_slow_reader_costs_little_and_holds_up_nobody(make_runner):
    runner = make_runner({"server.read_timeout": "1s"}).start()
    conninfo = runner.settings["database.conninfo"]
    sleeper = runner.raw()
    sleeper.sendall(b"GET /v1/events HTTP/1.1\r\nHost: r\r\n\r\n")
    with EventStream(runner) as stream:
        wait_until(lambda: runner.metric("constraint_runner_event_listeners") == 2)
        before = runner.metric("process_resident_memory_bytes")
        for part in range(12):
            fill(conninfo, 50, 100_000, 1 + 50 * part)
        stream.wait_for(lambda: len(stream.events) == 600)  # 60 MB
        assert runner.metric("process_resident_memory_bytes") - before < 40_000_000
        wait_until(lambda: runner.metric("constraint_runner_event_listeners_cut_off_total") == 1)
        wait_until(lambda: runner.metric("constraint_runner_event_listeners") == 1)
    assert stream.entities() == [f"Q{n}" for n in range(1, 601)]
    taken = read_all(sleeper)
    sleeper.close()
    assert not taken.endswith(b"0\r\n\r\n")  # no good end
    # the last id of an event that came whole
    whole = taken[:taken.rfind(b"\n\n") + 1].split(b"\n")
    place = [line[4:].decode() for line in whole if line.startswith(b"id: ")][-1]
    heard = sum(line.startswith(b"data: ") for line in whole)
    with EventStream(runner, "?after=" + place) as again:
        again.wait_for(lambda: again.entities() and again.entities()[-1] == "Q600")
    assert again.entities() == [f"Q{n}" for n in range(heard + 1, 601)]


def test_a_reader_that_is_slow_for_a_while_misses_nothing(make_runner):
    runner = make_runner().start()
    conninfo = runner.settings["database.conninfo"]
    dozer = runner.raw()
    dozer.sendall(b"GET /v1/events?after=oldest HTTP/1.0\r\n\r\n")
    wait_until(lambda: runner.metric("constraint_runner_event_listeners") == 1)
    fill(conninfo, 100, 50_000)
    with EventStream(runner, "?after=oldest") as stream:
        stream.wait_for(lambda: len(stream.events) == 100)
    # it has more than its buffer to come
    data = b""
    while data.count(b"\ndata: ") < 100 or not data.endswith(b"\n\n"):
        part = dozer.recv(65536)
        assert part
        data += part
    dozer.close()
    assert b"\r\n\r\nretry: " in data  # HTTP/1.0 knows no chunks
    assert [json.loads(line[6:])["entity"] for line in data.split(b"\n")
            if line.startswith(b"data: ")] == [f"Q{n}" for n in range(1, 101)]
    assert runner.metric("constraint_runner_event_listeners_cut_off_total") == 0


WRITER = """
import random, sys, psycopg
conninfo, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
chance = random.Random(name)
with psycopg.connect(conninfo) as database:
    for n in range(count):
        for entity in sorted(chance.sample(range(20), chance.randint(1, 4))):
            # as a result is stored: the entity is locked, then its event is written
            database.execute("SELECT pg_current_xact_id()")
            database.execute("SELECT pg_sleep(%s)", (chance.random() * 0.01,))
            seen = database.execute("UPDATE public.state SET count = count + 1 WHERE entity = %s "
                                    "RETURNING count", (f"Q{entity + 1}",)).fetchone()[0]
            database.execute("INSERT INTO constraint_runner.event (wiki, entity, revision, "
                             "created_at, transaction, deleted, appeared, disappeared) VALUES "
                             "('none', %s, %s, now(), pg_current_xact_id(), false, '[]', '[]')",
                             (f"Q{entity + 1}", seen))
            database.execute("SELECT pg_notify('constraint_runner', '[]')")
        if chance.random() < 0.2:
            database.rollback()
        else:
            database.commit()
"""


def test_nothing_is_missed_when_the_runner_is_killed_and_commits_come_out_of_order(make_runner):
    runner = make_runner().start()
    conninfo = runner.settings["database.conninfo"]
    with psycopg.connect(conninfo) as database:
        database.execute("CREATE TABLE public.state (entity text PRIMARY KEY, count int); "
                         "INSERT INTO public.state SELECT 'Q' || n, 0 FROM generate_series(1, 20) n")
    writers = [subprocess.Popen(["/usr/bin/python3", "-c", WRITER, conninfo, str(n), "120"])
               for n in range(4)]
    heard, place, kills = [], "oldest", 0
    try:
        while any(writer.poll() is None for writer in writers):
            with EventStream(runner, "?after=" + place) as stream:
                enough = 15
                wait_until(lambda s=stream, e=enough: len(s.events) >= e or
                           all(w.poll() is not None for w in writers), 60)
                if kills < 6:
                    runner.kill()
                    kills += 1
                    stream.wait_for(lambda s=stream: s.ended)
            heard += stream.events
            place = stream.last_id or place
            if runner.ended():
                runner.start()
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert kills >= 3
    with psycopg.connect(conninfo) as database:
        expected = {(e, r) for e, r in database.execute(
            "SELECT entity, revision FROM constraint_runner.event")}
    with EventStream(runner, "?after=" + place) as stream:
        wait_until(lambda: {(e["entity"], e["revision"]) for e in heard + stream.events} >= expected,
                   30)
    heard += stream.events
    assert len(expected) > 100
    assert len(heard) == len(expected)  # none twice either: the ids are exact
    for entity in {e for e, _ in expected}:  # in the order in which they happened
        revisions = [e["revision"] for e in heard if e["entity"] == entity]
        assert revisions == sorted(revisions)
    assert pages(runner, 7)[0] == heard


def test_a_stream_outlives_the_database(make_runner, tmp_path):
    with PrivatePostgres(tmp_path / "pg", fsync=True) as postgres:
        runner = make_runner({"events.heartbeat": "100ms"}, conninfo=postgres.conninfo).start()
        store(runner, single_value_property())
        with EventStream(runner) as stream:
            store(runner, item("Q1", 1, "ab"))
            stream.wait_for(lambda: stream.entities() == ["Q1"])
            postgres.stop(immediate=True)
            stream.wait_for(lambda: any("database is away" in c for c in stream.comments))
            answer = runner.get("/v1/events?limit=1")
            assert answer.status == 503 and answer.headers["Retry-After"]
            with pytest.raises(Refused) as refused:
                EventStream(runner)
            assert refused.value.status == 503
            postgres.start()
            second = item("Q2", 1, "ab")
            wait_until(lambda: runner.submit({"entity": "Q2", "revision": 1,
                                              "document": second}).status == 202)
            stream.wait_for(lambda: stream.entities() == ["Q1", "Q2"])


def test_a_head_is_answered_without_a_body(shared):
    plain = shared.raw()
    plain.sendall(b"HEAD /v1/events HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
    answer = read_all(plain)
    plain.close()
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n")
    assert b"text/event-stream" in answer


# -- the command -------------------------------------------------------------------------------

def test_the_command_prints_lines_of_json(checked):
    store(checked, *(item(f"Q{n}", 1, "ab") for n in range(1, 6)))
    done = checked.run("events")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines == pages(checked, 100)[0] and len(lines) == 5
    done = checked.run("events", "--wiki", "none", "--property", "P10", "--after", lines[2]["id"])
    assert [json.loads(line) for line in done.stdout.splitlines()] == lines[3:]
    assert checked.run("events", "--wiki", "file").stdout == ""


def test_the_command_follows_also_when_the_runner_comes_back(checked):
    with subprocess.Popen(checked.command("events", "--follow", "--after", "oldest"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        store(checked, item("Q1", 1, "ab"))
        assert json.loads(process.stdout.readline())["entity"] == "Q1"
        checked.kill()
        assert "trying again" in process.stderr.readline()
        checked.start()
        store(checked, single_value_property())
        store(checked, item("Q2", 1, "ab"))
        assert json.loads(process.stdout.readline())["entity"] == "Q2"
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("arguments, code, words", [
    (["--after", "yesterday"], USAGE, "no place among the events"),
    (["--after", "999999999999"], DATA, "take a dump"),
    (["--property", "x y&z"], USAGE, "no property id"),
    (["--wiki", "nowiki"], NO_INPUT, "not configured"),
    (["--since", "1"], USAGE, "--since")])
def test_the_command_says_what_is_wrong(shared, arguments, code, words):
    done = shared.run("events", *arguments)
    assert done.returncode == code and words in done.stderr, done.stderr


def test_the_command_says_that_no_runner_listens(make_runner):
    done = make_runner().run("events")
    assert done.returncode == UNAVAILABLE and "no runner listens" in done.stderr
