# SPDX-License-Identifier: GPL-2.0-or-later
"""`dump`: all stored results as files, read with real RDF parsers; increments join without a gap;
what was cut off is continued."""
import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess

import psycopg
import pytest

from entities import item, single_value_property
from runner_process import wait_until

USAGE, DATA, UNAVAILABLE, CANT_CREATE, CONFIG = 64, 65, 69, 73, 78
BASE = "http://www.wikidata.org/entity/statement/"
PREDICATE = "http://wikiba.se/ontology#hasViolationForConstraint"
RAPPER, SERDI, RDFPROC = map(shutil.which, ("rapper", "serdi", "rdfproc"))


def name(guid):
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in guid)


def stored_pairs(conninfo, wiki="none"):
    """As the database has them: what RDF must say."""
    with psycopg.connect(conninfo) as database:
        return {(f"<{BASE}{name(s)}>", f"<{BASE}{name(c)}>") for s, c in database.execute(
            "SELECT statement, constraint_id FROM constraint_runner.violation "
            "WHERE wiki = %s AND status <> 'bad-parameters'", (wiki,))}


def unpacked(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    return data


def triples(text):
    """Of N-Triples, by hand: three words and a full stop."""
    found = set()
    for line in text.decode().splitlines():
        subject, predicate, rest = line.split(" ", 2)
        assert rest.endswith(" .")
        found.add((subject, predicate, rest[:-2]))
    return found


def pairs(folder, pattern="dump-*.nt*"):
    found = set()
    for path in folder.glob(pattern):
        for subject, predicate, target in triples(unpacked(path)):
            assert predicate == f"<{PREDICATE}>"
            found.add((subject, target))
    return found


def rows(folder, pattern="dump-*.csv"):
    found = []
    for path in sorted(folder.glob(pattern)):
        found += csv.DictReader(io.StringIO(unpacked(path).decode()))
    return found


def manifest(folder):
    read = json.loads((folder / "manifest.json").read_text())
    for file in read["files"]:
        data = (folder / file["name"]).read_bytes()
        assert len(data) == file["bytes"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    names = {p.name for p in folder.iterdir()}
    assert names == {f["name"] for f in read["files"]} | {"manifest.json"}
    return read


def dump(runner, folder, *arguments):
    return runner.run("dump", "--wiki", "none", "--output", str(folder), *map(str, arguments))


def store(runner, *documents):
    for at in range(0, len(documents), 500):
        assert runner.submit(*({"entity": d["id"], "revision": d["lastrevid"], "document": d}
                               for d in documents[at:at + 500])).status == 202
    wait_until(runner.is_idle)


@pytest.fixture
def filled(make_runner):
    """40 items with 0 to 3 violations each; the property comes as a job too."""
    runner = make_runner().start()
    store(runner, single_value_property())
    store(runner, *(item(f"Q{n}", 1, "abcd"[:n % 4 + 1]) for n in range(1, 41)))
    return runner


@pytest.mark.skipif(not RAPPER or not SERDI, reason="rapper or serdi is not installed")
@pytest.mark.parametrize("details", [[], ["--details"]], ids=["plain", "details"])
def test_rdf_parsers_read_what_the_database_has(filled, tmp_path, details):
    out = tmp_path / "out"
    done = dump(filled, out, "--format", "ttl", "--format", "nt", "--compress", "none",
                "--shards", 5, *details)
    assert done.returncode == 0, done.stderr
    expected = stored_pairs(filled.settings["database.conninfo"])
    assert len(expected) > 60
    parsed = {"rapper ttl": set(), "serdi ttl": set(), "rapper nt": set(), "serdi nt": set()}
    for path in out.glob("dump-*.*t*"):
        kind = path.suffix[1:]
        syntax = {"ttl": "turtle", "nt": "ntriples"}[kind]
        for program, command in (("rapper", [RAPPER, "-q", "-i", syntax, "-o", "ntriples"]),
                                 ("serdi", [SERDI, "-i", syntax, "-o", "ntriples"])):
            read = subprocess.run([*command, str(path)], capture_output=True, check=False)
            assert read.returncode == 0 and not read.stderr, (path, read.stderr)
            parsed[f"{program} {kind}"] |= triples(read.stdout)
    assert len(set(map(frozenset, parsed.values()))) == 1
    found = parsed["rapper ttl"]
    assert {(s, o) for s, p, o in found if p == f"<{PREDICATE}>"} == expected
    if details:
        own = "<https://www.mediawiki.org/wiki/Extension:ConstraintRunner/ontology#"
        assert {(s, o) for s, p, o in found if p == own + "hasWarning>"} == expected
        assert {o for s, p, o in found if p == own + "constraintType>"} == {
            "<http://www.wikidata.org/entity/Q19474404>"}
    else:
        assert len(found) == len(expected)


@pytest.mark.skipif(not RDFPROC, reason="rdfproc is not installed")
def test_a_triple_store_takes_a_dump_and_its_increment(filled, tmp_path):
    def redland(*arguments):
        return subprocess.run([RDFPROC, "-q", "triples", *map(str, arguments)], cwd=tmp_path,
                              capture_output=True, text=True, check=True).stdout

    def asked(guid):
        """The constraints that a statement breaks, as the triple store says."""
        found = redland("query", "sparql", "-", f"SELECT ?c WHERE {{ <{BASE}{name(guid)}> "
                                                f"<{PREDICATE}> ?c }}")
        return set(re.findall(re.escape(BASE) + "[A-Za-z0-9_-]+", found))

    def held():
        return {(s, o) for s, _, o in triples(redland("serialize", "ntriples").encode())}

    whole, later = tmp_path / "whole", tmp_path / "later"
    assert dump(filled, whole, "--compress", "none", "--shards", 2).returncode == 0
    for path in whole.glob("dump-*.ttl"):
        redland("parse", path.as_uri(), "turtle")
    conninfo = filled.settings["database.conninfo"]
    guid, gone, bad = (item(q, 1, "abcd")["claims"]["P10"][0]["id"] for q in ("Q3", "Q7", "Q6"))
    assert held() == stored_pairs(conninfo)
    assert len(asked(guid)) == 1 and len(asked(gone)) == 1 and len(asked(bad)) == 1

    store(filled, item("Q7", 2, "a"), item("Q41", 1, "ab"), constrained("P10", NO_STATUS, 2))
    store(filled, item("Q6", 1, "abc"))  # has bad parameters now, no violations any more
    assert dump(filled, later, "--format", "nt", "--compress", "none", "--since",
                whole / "manifest.json").returncode == 0
    for path in later.glob("dump-*-removed*"):
        for triple in triples(path.read_bytes()):
            redland("remove", *(part.strip("<>") for part in triple))
    for path in later.glob("dump-*-added*"):
        redland("parse", path.as_uri(), "ntriples")
    assert held() == stored_pairs(conninfo)
    assert not asked(gone) and len(asked(guid)) == 1
    assert not asked(bad)


@pytest.mark.parametrize("compress", ["none", "gz", "zst"])
def test_every_format_has_everything(filled, tmp_path, compress):
    out = tmp_path / "out"
    done = dump(filled, out, "--format", "nt", "--format", "csv", "--format", "json",
                "--compress", compress, "--json", "--threads", 3)
    assert done.returncode == 0, done.stderr
    conninfo = filled.settings["database.conninfo"]
    assert pairs(out) == stored_pairs(conninfo)
    said = manifest(out)
    assert said["kind"] == "full" and said["consistent"] is True
    report = json.loads(done.stdout)
    assert said["counts"]["violations"] == report["violations"] == len(rows(out, "dump-*.csv*"))
    assert said["counts"]["triples"] == len(pairs(out))
    lines = [json.loads(line) for path in sorted(out.glob("dump-*.ndjson*"))
             for line in unpacked(path).splitlines()]
    assert len(lines) == said["counts"]["entities"] == 41
    for line in lines:
        stored = filled.result(line["entity"]).json
        for field in ("revision", "counts", "value", "checked_at", "wbqc"):
            assert line[field] == stored[field]
    assert sum(r["entity"] == "Q3" for r in rows(out, "dump-*.csv*")) == 4
    assert all(r["message"] == "single-value" for r in rows(out, "dump-*.csv*"))
    listed = filled.get("/v1/violations?wiki=none&limit=1000&format=csv&sentences=true").body
    listed = list(csv.DictReader(io.StringIO(listed.decode())))
    with_sentences = tmp_path / "sentences"
    assert dump(filled, with_sentences, "--format", "csv", "--sentences").returncode == 0
    assert rows(with_sentences, "dump-*.csv*") == listed
    assert {row["sentence"] for row in listed} == {"P10 should have a single value."}
    without = [{k: v for k, v in row.items() if k != "sentence"} for row in listed]
    assert rows(out, "dump-*.csv*") == without
    assert filled.get("/v1/violations?wiki=none&limit=1000&format=csv").body.decode().splitlines()[0] == (
        ",".join(without[0]))


def test_a_dump_and_its_increment_are_the_same_as_a_new_dump(filled, tmp_path):
    first, more, new = tmp_path / "first", tmp_path / "more", tmp_path / "new"
    formats = ["--format", "nt", "--format", "json", "--compress", "none"]
    assert dump(filled, first, *formats).returncode == 0
    store(filled, item("Q1", 2, "abc"), item("Q3", 2, "a"), item("Q4", 2, "ab"),
          item("Q100", 1, "ab"))
    store(filled, item("Q100", 2, "a"))  # came and went
    with psycopg.connect(filled.settings["database.conninfo"]) as database:
        assert database.execute("SELECT count(*) FROM constraint_runner.event").fetchone()[0] > 0
    done = dump(filled, more, *formats, "--since", first / "manifest.json")
    assert done.returncode == 0, done.stderr
    assert manifest(more)["kind"] == "increment"
    assert manifest(more)["since"]["transaction"] == manifest(first)["events"]["transaction"]
    assert dump(filled, new, *formats).returncode == 0
    added, removed = pairs(more, "dump-*-added.nt"), pairs(more, "dump-*-removed.nt")
    assert added and removed and not added & removed
    assert (pairs(first) - removed) | added == pairs(new)
    changed = {json.loads(line)["entity"] for path in more.glob("dump-*.ndjson")
               for line in path.read_bytes().splitlines()}
    assert {"Q1", "Q3", "Q4", "Q100"} <= changed
    # nothing has happened since
    nothing = tmp_path / "nothing"
    assert dump(filled, nothing, *formats, "--since", new / "manifest.json").returncode == 0
    assert pairs(nothing, "dump-*-added.nt") == pairs(nothing, "dump-*-removed.nt") == set()


def constrained(prop, status=None, revision=1):
    """The property, its constraint with a status: an item's id, a wrong one gives bad
    parameters."""
    document = single_value_property(prop, revision)
    if status:
        snak = {"snaktype": "value", "property": "P2316", "datatype": "wikibase-item",
                "datavalue": {"type": "wikibase-entityid",
                              "value": {"entity-type": "item", "id": status,
                                        "numeric-id": int(status[1:])}}}
        document["claims"]["P2302"][0]["qualifiers"] = {"P2316": [snak]}
        document["claims"]["P2302"][0]["qualifiers-order"] = ["P2316"]
    return document


MANDATORY, NO_STATUS = "Q21502408", "Q5"


@pytest.mark.parametrize("details", [[], ["--details"]], ids=["plain", "details"])
@pytest.mark.parametrize("before, after", [
    (None, MANDATORY), (MANDATORY, NO_STATUS), (NO_STATUS, None)],
    ids=["warning to violation", "to bad parameters", "mended"])
def test_increments_see_statuses_that_change(make_runner, tmp_path, before, after, details):
    runner = make_runner().start()
    conninfo = runner.settings["database.conninfo"]
    first, more, new = tmp_path / "first", tmp_path / "more", tmp_path / "new"
    formats = ["--format", "nt", "--format", "csv", "--format", "json", "--compress", "none",
               *details]
    items = [item(f"Q{n}", 1, "ab", "P10" if n < 6 else "P11") for n in range(1, 11)]
    store(runner, constrained("P10", before), constrained("P11", before))
    store(runner, *items)
    assert dump(runner, first, *formats).returncode == 0

    def all_triples(folder, pattern):
        return {t for path in folder.glob(pattern) for t in triples(path.read_bytes())}

    store(runner, constrained("P10", after, 2), constrained("P11", after, 2))
    store(runner, *items[:4], *items[5:9])
    store(runner, item("Q5", 2, "a"), item("Q10", 2, "a"))
    store(runner, *(item(f"Q{n}", 2, "a") for n in range(6, 10)))  # none of P11 is left
    with psycopg.connect(conninfo) as database:
        assert database.execute("SELECT count(*) FROM constraint_runner.event WHERE "
                                "json_array_length(changed) = 2").fetchone()[0] == 8
    done = dump(runner, more, *formats, "--since", first / "manifest.json", "--shards", 3)
    assert done.returncode == 0, done.stderr
    assert dump(runner, new, *formats).returncode == 0
    added, removed = (all_triples(more, f"dump-*-{what}.nt") for what in ("added", "removed"))
    assert not added & removed
    whole = all_triples(new, "dump-*.nt")
    assert (all_triples(first, "dump-*.nt") - removed) | added == whole
    if details:
        assert {o for _, p, o in whole if "constraintType" in p} and added
    elif before is None:
        assert not added  # a violation it was before
    as_rows = [{tuple(row.values())[:6] for row in rows(folder, pattern)} for folder, pattern in (
        (first, "dump-*.csv"), (more, "*-removed.csv"), (more, "*-added.csv"), (new, "dump-*.csv"))]
    whole_rows = rows(new, "dump-*.csv")
    assert all(row in whole_rows for row in rows(more, "*-added.csv"))
    assert all((row["message"], row["revision"], row["checked_at"]) == ("", "0", "")
               for row in rows(more, "*-removed.csv"))
    assert (as_rows[0] - as_rows[1]) | as_rows[2] == as_rows[3]
    told = {json.loads(line)["entity"] for path in more.glob("dump-*.ndjson")
            for line in path.read_bytes().splitlines()}
    assert told == {f"Q{n}" for n in range(1, 11)}


def test_what_an_earlier_dump_saw_come_goes_with_the_increment(filled, tmp_path):
    """The dump has it although its event comes after the dump's position."""
    conninfo = filled.settings["database.conninfo"]
    first, more, new = tmp_path / "first", tmp_path / "more", tmp_path / "new"
    formats = ["--format", "nt", "--compress", "none"]
    with psycopg.connect(conninfo) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        store(filled, item("Q50", 1, "ab"))
        assert dump(filled, first, *formats).returncode == 0
    assert any("Q50-" in subject for subject, _ in pairs(first))
    store(filled, item("Q50", 2, "a"))
    assert dump(filled, more, *formats, "--since", first / "manifest.json").returncode == 0
    assert dump(filled, new, *formats).returncode == 0
    assert (pairs(first) - pairs(more, "*-removed.nt")) | pairs(more, "*-added.nt") == pairs(new)


def test_edits_in_the_middle_of_a_dump_are_in_the_increment_after_it(filled, tmp_path):
    """A transaction that is open while the dump is made: its events come afterwards, with ids that
    are lower than those the dump has seen."""
    conninfo = filled.settings["database.conninfo"]
    first, more = tmp_path / "first", tmp_path / "more"
    formats = ["--format", "nt", "--compress", "none"]
    with psycopg.connect(conninfo) as slow:
        slow.execute("INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
                     "transaction, deleted, appeared, disappeared) VALUES ('none', 'Q7', 9, now(), "
                     "pg_current_xact_id(), false, %s, '[]')",
                     (json.dumps([{"statement": "Q7$slow", "constraint": "P10$c",
                                   "property": "P10", "type": "Q1", "status": "warning"}]),))
        store(filled, item("Q50", 1, "ab"))  # a later event, committed earlier
        assert dump(filled, first, *formats).returncode == 0
        slow.commit()
    assert dump(filled, more, *formats, "--since", first / "manifest.json").returncode == 0
    assert (f"<{BASE}Q7-slow>", f"<{BASE}P10-c>") in pairs(more, "dump-*-added.nt")


def test_since_takes_a_time_and_deleted_entities_are_reported(filled, tmp_path):
    with psycopg.connect(filled.settings["database.conninfo"]) as database:
        now = database.execute("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + "
                               "interval '1 second', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                               ).fetchone()[0]
        wait_until(lambda: database.execute("SELECT clock_timestamp() > %s::timestamptz",
                                            (now,)).fetchone()[0])
    store(filled, item("Q2", 2, "a"))
    out = tmp_path / "out"
    done = dump(filled, out, "--format", "nt", "--format", "json", "--compress", "none", "--since",
                now)
    assert done.returncode == 0, done.stderr
    assert not pairs(out, "dump-*-added.nt")
    assert {s for s, _ in pairs(out, "dump-*-removed.nt")} == {
        f"<{BASE}Q2-{i:08d}-0000-4000-8000-{1:012d}>" for i in range(3)}
    with psycopg.connect(filled.settings["database.conninfo"]) as database:
        database.execute("UPDATE constraint_runner.entity_result SET tombstone = 1, value = NULL "
                         "WHERE wiki = 'none' AND entity = 'Q2'")
    gone = tmp_path / "gone"
    assert dump(filled, gone, "--format", "json", "--compress", "none", "--since",
                now).returncode == 0
    lines = [json.loads(line) for path in gone.glob("dump-*.ndjson")
             for line in path.read_bytes().splitlines()]
    assert {"wiki": "none", "entity": "Q2", "deleted": True} in lines


def test_a_dump_that_was_killed_is_continued(filled, tmp_path):
    conninfo = filled.settings["database.conninfo"]
    with psycopg.connect(conninfo) as database:
        database.execute(
            "INSERT INTO constraint_runner.entity_result SELECT 1, 1, now(), 1, 0, 0, 0, 0, 0, 0, "
            "0, 0, 0, 0, 'none', 'Q' || n, 'native', NULL, '{}' "
            "FROM generate_series(1000, 41000) n; "
            "INSERT INTO constraint_runner.violation SELECT 10, 'warning', 'none', 'Q' || n, "
            "'Q' || n || '$' || m, 'P10$1', 'Q19474404', 'single-value' "
            "FROM generate_series(1000, 41000) n, generate_series(1, 6) m; "
            "ANALYZE constraint_runner.entity_result")
    whole, out = tmp_path / "whole", tmp_path / "out"
    options = ["--format", "nt", "--compress", "none", "--shards", "30", "--threads", "2"]
    assert dump(filled, whole, *options).returncode == 0
    killed = False
    with subprocess.Popen(filled.command("dump", "--wiki", "none", "--output", str(out), *options),
                          stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: process.poll() is not None or len(list(out.glob("dump-*.nt"))) >= 4,
                   60, 0.001)
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert not killed or not (out / "manifest.json").exists()
    if not killed:
        pytest.skip("the dump was complete before it could be killed")
    done = dump(filled, out, *options[:-4], "--threads", "2", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert 0 < report["resumed_shards"] < report["shards"]
    assert pairs(out) == pairs(whole)
    said = manifest(out)
    assert len(said["snapshots"]) == 2 and said["consistent"] is False
    assert int(said["events"]["transaction"]) == min(
        int(s["transaction"]) for s in said["snapshots"])


def test_errors_are_reported(filled, tmp_path):
    def told(code, text, folder, *arguments):
        done = dump(filled, folder, *arguments)
        assert (done.returncode, text in done.stderr) == (code, True), done.stderr
    told(USAGE, "--since: expected a manifest.json", tmp_path / "a", "--since", "yesterday")
    told(USAGE, "--format", tmp_path / "a", "--format", "xml")
    (tmp_path / "m.json").write_text("{}")
    told(DATA, "no manifest to continue from", tmp_path / "a", "--since", tmp_path / "m.json")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear")
    told(CANT_CREATE, "something else (thesis.txt)", tmp_path / "mine")
    told(DATA, "--since: the position is ahead of this database", tmp_path / "a", "--since",
         "999999999999")
    with psycopg.connect(filled.settings["database.conninfo"]) as database:
        database.execute("UPDATE constraint_runner.event_horizon SET transaction = '7', "
                         "created_at = '2026-11-01 12:00:00Z'")
    for since in ("7", "2026-10-31T00:00:00Z"):
        told(DATA, "the events up to 2026-11-01T12:00:00Z have expired", tmp_path / "a",
             "--since", since)
    assert dump(filled, tmp_path / "later", "--since", "8").returncode == 0
    told(CANT_CREATE, "--output", tmp_path / "mine" / "thesis.txt")
    assert dump(filled, tmp_path / "done").returncode == 0
    told(CANT_CREATE, "a complete dump already", tmp_path / "done")
    done = filled.run("dump", "--wiki", "nowiki", "--output", str(tmp_path / "b"))
    assert done.returncode == USAGE and 'unknown wiki "nowiki"' in done.stderr
    done = filled.run("dump", "--wiki", "none")
    assert done.returncode == USAGE and "--output" in done.stderr
    done = filled.run("dump", "--wiki", "none", "--output", str(tmp_path / "c"), "--set",
                      "database.conninfo=host=/nowhere dbname=x")
    assert done.returncode == UNAVAILABLE
    assert not (tmp_path / "c" / "manifest.json").exists()


def test_a_wiki_without_results_gives_empty_files(runner, tmp_path):
    out = tmp_path / "out"
    done = dump(runner, out, "--format", "nt", "--format", "csv", "--compress", "none")
    assert done.returncode == 0, done.stderr
    assert pairs(out) == set() and rows(out) == []
    assert manifest(out)["counts"]["violations"] == 0
    assert os.listdir(out)
