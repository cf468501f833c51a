# SPDX-License-Identifier: GPL-2.0-or-later
"""What a client gets instead of an answer as it is: gzip, or that it has it already."""
import gzip
import shutil
import subprocess

import pytest

from commons_wiki import CommonsWiki
from entities import item, single_value_property
from mariadb import PrivateMariadb
from runner_process import wait_until
from test_imports import FAST, run

GZIP = {"Accept-Encoding": "gzip, deflate"}
LIST = "/v1/violations?wiki=none&limit=1000"


@pytest.fixture
def filled(make_runner):
    runner = make_runner().start()
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 41))]
    for part in (documents[:1], documents[1:]):
        assert runner.submit(*({"entity": d["id"], "revision": d["lastrevid"], "document": d}
                               for d in part)).status == 202
        wait_until(runner.is_idle)
    return runner


@pytest.mark.parametrize("path", [LIST, LIST + "&format=csv", LIST + "&format=ndjson", "/metrics",
                                  "/v1/dump?wiki=none&format=csv", "/v1/results/none/Q1"])
def test_a_client_that_takes_gzip_gets_it(filled, path):
    plain = filled.get(path)
    packed = filled.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    if len(plain.body) < 1024:
        assert packed.body == plain.body
        return
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.body) < len(plain.body)
    unpacked = gzip.decompress(packed.body)
    if path != "/metrics":
        assert unpacked == plain.body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_unpacks_lists_and_streams(filled):
    for path in (LIST, "/v1/dump?wiki=none&format=csv"):
        done = subprocess.run(["curl", "-sS", "--fail", "--compressed", "--unix-socket",
                               filled.socket, "http://runner" + path], capture_output=True,
                              check=True, timeout=60)
        assert done.stdout == filled.get(path).body


def test_what_a_client_has_is_not_sent_again(filled):
    first = filled.get(LIST)
    tag = first.headers["ETag"]
    same = filled.get(LIST, headers={"If-None-Match": tag, **GZIP})
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag)
    head = filled.request("HEAD", LIST, headers={"If-None-Match": tag})
    assert (head.status, head.body) == (304, b"")
    assert filled.submit({"entity": "Q1", "revision": 2, "document": item("Q1", 2, "a")}).status == 202
    wait_until(filled.is_idle)
    other = filled.get(LIST, headers={"If-None-Match": tag})
    assert other.status == 200 and other.headers["ETag"] != tag and other.body != first.body


def test_a_connection_continues_after_a_response_without_a_body(filled):
    tag = filled.get(LIST).headers["ETag"]
    connection = filled.connection()
    for expected in (304, 200, 304):
        headers = {"If-None-Match": tag} if expected == 304 else GZIP
        connection.request("GET", LIST, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == expected and bool(body) == (expected == 200)
    connection.close()


def test_a_whole_list_of_a_complete_import_stays_as_it_is(make_runner):
    with PrivateMariadb() as mariadb:
        wiki = CommonsWiki(mariadb, "tagged", new=True)
        wiki.category("Bridges")
        wiki.files("Bridges", 1, 100)
        runner = make_runner(
            {**FAST, **wiki.mariadb.replica_settings("commons", wiki.database)}).start()
        job = run(runner, "Bridges")["job_id"]
        path = f"/v1/import/{job}/files.csv"
        plain = runner.get(path)
        packed = runner.get(path, headers=GZIP)
        assert gzip.decompress(packed.body) == plain.body and len(plain.body) > 5000
        tag = plain.headers["ETag"]
        assert packed.headers["ETag"] == tag
        assert runner.get(path, headers={"If-None-Match": tag}).status == 304
        others = [runner.get(f"/v1/import/{job}/{rest}", headers={"If-None-Match": tag})
                  for rest in ("files.csv?sort=name", "files?format=ndjson", "files")]
        assert [answer.status for answer in others] == [200] * 3
