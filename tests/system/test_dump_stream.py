# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /v1/dump: the same rows as the command `dump`, as one stream; a stream that breaks off is
seen to be broken."""
import csv
import gzip
import http.client
import io
import json
import os
import signal
import subprocess
import time

import psycopg
import pytest

from entities import item, single_value_property
from pg import PrivatePostgres
from runner_process import wait_until

DUMP = "/v1/dump?wiki=none"
MANY = 400_000  # pairs: more than sockets and the runner hold of a stream
INSERT = f"""INSERT INTO constraint_runner.violation
SELECT 10, 'warning', 'none', 'Q' || (1000000 + n), 'Q' || (1000000 + n) || '$' || n, 'P10$1',
    'Q21510851', 'single-value' FROM generate_series(1, {MANY}) AS n"""


@pytest.fixture
def filled(make_runner):
    """40 items with 0 to 3 violations each."""
    runner = make_runner().start()
    for documents in ([single_value_property()],
                      [item(f"Q{n}", 1, "abcd"[:n % 4 + 1]) for n in range(1, 41)]):
        assert runner.submit(*({"entity": d["id"], "revision": d["lastrevid"], "document": d}
                               for d in documents)).status == 202
        wait_until(runner.is_idle)
    return runner


@pytest.fixture
def large(make_runner, tmp_path):
    with PrivatePostgres(tmp_path / "pg") as postgres:
        runner = make_runner(conninfo=postgres.conninfo).start()
        with psycopg.connect(postgres.conninfo, autocommit=True) as database:
            database.execute(INSERT)
        yield runner, postgres
        runner.close()


def begin(runner, query=""):
    """A client that reads nothing beyond the head."""
    connection = runner.connection(timeout=60)
    connection.request("GET", DUMP + query)
    return connection, connection.getresponse()


@pytest.mark.parametrize("options", [
    {"format": "ttl"}, {"format": "ttl", "details": "true"}, {"format": "nt"}, {"format": "csv"},
    {"format": "csv", "sentences": "true"}, {"format": "json"}],
    ids=lambda options: "-".join(options.values()))
def test_the_stream_has_what_the_command_writes(filled, tmp_path, options):
    flags = [f"--{name}" for name in options if name != "format"]
    done = filled.run("dump", "--wiki", "none", "--output", str(tmp_path / "out"), "--format",
                      options["format"], "--compress", "none", "--shards", "1", *flags)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    [file] = manifest["files"]
    written = (tmp_path / "out" / file["name"]).read_bytes()
    answer = filled.get(DUMP + "".join(f"&{n}={v}" for n, v in options.items()))
    assert answer.status == 200 and answer.body == written and len(written) > 1000
    assert int(answer.headers["Dump-Position"]) >= int(manifest["events"]["transaction"])


def test_it_is_compressed_on_request(filled):
    plain = filled.get(DUMP).body
    packed = filled.get(DUMP + "&compress=gz")
    assert packed.headers["Content-Type"] == "application/gzip"
    assert gzip.decompress(packed.body) == plain
    zstd = filled.get(DUMP + "&compress=zst").body
    assert subprocess.run(["zstd", "-dc"], input=zstd, capture_output=True,
                          check=True).stdout == plain


def test_events_from_its_position_on_go_on_where_it_ends(filled):
    answer = filled.get(DUMP + "&format=csv")
    pairs = {(r["statement"], r["constraint"])
             for r in csv.DictReader(io.StringIO(answer.body.decode()))}
    filled.submit({"entity": "Q3", "revision": 2, "document": item("Q3", 2, "a")},
                  {"entity": "Q4", "revision": 2, "document": item("Q4", 2, "xy")})
    wait_until(filled.is_idle)
    after, more = answer.headers["Dump-Position"], True
    while more:
        page = filled.get(f"/v1/events?wiki=none&limit=100&after={after}").json
        after, more = page["next"], page["more"]
        for event in page["events"]:
            pairs -= {(p["statement"], p["constraint"]) for p in event["disappeared"]}
            pairs |= {(p["statement"], p["constraint"]) for p in event["appeared"]}
    now = csv.DictReader(io.StringIO(filled.get(DUMP + "&format=csv").body.decode()))
    assert pairs == {(r["statement"], r["constraint"]) for r in now}


@pytest.mark.parametrize("query, field", [
    ("?format=ttl", "wiki"), ("?wiki=none&format=xml", "format"),
    ("?wiki=none&compress=xz", "compress"), ("?wiki=none&details=yes", "details")])
def test_a_wrong_parameter_is_named(filled, query, field):
    answer = filled.get("/v1/dump" + query)
    assert answer.status == 400 and answer.error["field"] == field


def test_two_run_concurrently_and_a_leaving_client_frees_its_slot(large):
    runner, _ = large
    first, second = begin(runner), begin(runner)
    assert first[1].status == second[1].status == 200
    third = runner.get(DUMP)
    assert third.status == 503 and third.error["code"] == "busy" and third.headers["Retry-After"]
    first[1].close()
    first[0].close()
    wait_until(lambda: runner.get(DUMP + "&compress=zst").status == 200)
    rest = second[1].read()
    assert rest.count(b"\n") >= MANY and rest.endswith(b" .\n")
    wait_until(lambda: runner.log().count("bytes in") == 3)
    assert runner.log().count(", aborted") == 1


def test_a_database_that_ends_cuts_the_stream_off(large):
    runner, postgres = large
    connection, response = begin(runner)
    assert response.status == 200
    postgres.stop(immediate=True)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    postgres.start()
    wait_until(runner.is_ready, 30)
    assert runner.get(DUMP + "&compress=gz").status == 200


def test_a_stream_does_not_keep_the_runner_from_ending(large):
    runner, _ = large
    connection, response = begin(runner)
    assert response.status == 200
    began = time.monotonic()
    os.kill(runner.process.pid, signal.SIGTERM)
    assert runner.wait(20) == 0 and time.monotonic() - began < 15
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()


def test_a_client_that_stops_reading_is_cut_off(large):
    runner, _ = large
    runner.stop()
    runner.write_config(server__read_timeout="1s")
    runner.start()
    connection, response = begin(runner)
    assert response.status == 200
    wait_until(lambda: ", aborted" in runner.log(), 90)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
