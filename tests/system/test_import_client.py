# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/commons_import.py, the client that docs/montage.md shows, over a Unix socket and TCP."""
import pathlib
import socket
import sys

import pytest

from commons_wiki import FILE_IDS, CommonsWiki
from list_server import ListServer
from mariadb import PrivateMariadb
from test_imports import FAST

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples"))
# pylint: disable=wrong-import-position
from commons_import import (  # noqa: E402
    ImportClient, ImportFailed, RequestRefused, RunnerUnavailable)


@pytest.fixture(scope="module")
def wiki():
    with PrivateMariadb() as mariadb:
        made = CommonsWiki(mariadb, "commons", new=True)
        made.category("Bridges")
        made.files("Bridges", 1, 7_000)
        yield made


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(params=["socket", "tcp"])
def client(request, make_runner, wiki, tmp_path):
    settings = {**FAST, "imports.private_addresses": True, "imports.plain_http": True,
                **wiki.mariadb.replica_settings("commons", wiki.database)}
    if request.param == "tcp":
        settings["server.listen"] = f"127.0.0.1:{free_port()}"
        token_file = tmp_path / "token"
        token_file.write_text("a-token-for-this-test\n")
        settings["server.token_file"] = token_file
    runner = make_runner(settings).start()
    made = (ImportClient("http://" + settings["server.listen"], token="a-token-for-this-test")
            if request.param == "tcp" else ImportClient(str(runner.settings["server.socket"])))
    made.runner = runner
    return made


def test_a_category_is_started_watched_and_read(client, wiki):
    assert client.wait(client.start_category(["Bridges"], dry_run=True))["total"] == 7_000
    seen = []
    job = client.start_category(["Bridges"])
    status = client.wait(job, progress=seen.append)
    assert (status["done"], seen[-1]["status"]) == (7_000, "complete")
    files = list(client.files(job))
    assert [f["img_name"] for f in files] == sorted(row[1] for row in wiki.expected("Bridges"))
    assert all(f["file_id"] == f["page_id"] + FILE_IDS for f in files)
    assert list(client.files(job, change="renamed")) == []


def test_a_list_is_answered_item_by_item(client):
    job = client.start_files(names=[f"File:File {n}.jpg" for n in range(1, 1_501)] + ["No.jpg"])
    status = client.wait(job)
    assert (status["done"], status["failed"]) == (1_500, 1)
    assert len(list(client.items(job))) == 1_501
    assert [i["asked"] for i in client.items(job, "missing")] == ["No.jpg"]
    assert [p["code"] for p in client.problems(job)] == ["missing"]
    csv = "filename\nFile 1.jpg\n"
    assert [f["page_id"] for f in client.files(client_job(client, csv))] == [1]


def test_a_list_is_fetched_from_an_address(client):
    with ListServer() as source:
        source.pages["/sheet"] = {"type": "text/csv", "body": "filename,author\r\nFile 1.jpg,A\r\n"}
        assert client.wait(client.start_files(address=source.url("/sheet"), dry_run=True))["total"] == 1
        job = client.start_files(address=source.url("/sheet"))
        assert client.wait(job)["list_form"] == "csv"
        assert [f["page_id"] for f in client.files(job)] == [1]
        with pytest.raises(ImportFailed) as failed:
            client.wait(client.start_files(address=source.url("/gone")))
        assert failed.value.code == "address_failed" and "HTTP 404" in str(failed.value)


def test_what_became_of_the_files_of_an_import_is_told(client, wiki):
    job = client.start_category(["Bridges"], filter={"min_side": 1_000})
    status = client.wait(job)
    left_out = list(client.files(job, change="left_out"))
    assert 0 < len(left_out) == status["files_left_out"] < 7_000
    assert {f["left_out"] for f in left_out} == {"size"}
    page = next(client.files(job, sort="page"))["page_id"]
    name = wiki.rows(f"SELECT page_title FROM page WHERE page_id = {page}")[0][0]
    wiki.rename(page, f"{name}_renamed.jpg")
    again = client.refresh(job)
    client.wait(again)
    assert [(i["known_name"], i["img_name"]) for i in client.items(again, "renamed")] == [
        (name, f"{name}_renamed.jpg")]
    assert list(client.items(again, replaced=True)) == []
    assert [f["change"] for f in client.files(again, since=job)] == ["renamed"]
    client.delete(again)
    with pytest.raises(RequestRefused) as refused:
        next(client.files(again))
    assert refused.value.code == "data_deleted"


def client_job(client, csv):
    job = client.start_files(csv=csv)
    client.wait(job)
    return job


def test_errors_are_told_apart(client):
    with pytest.raises(RequestRefused) as refused:
        client.start_category(["A|B"])
    assert (refused.value.status, refused.value.field) == (400, "categories[0]")
    with pytest.raises(ImportFailed, match="there is no category") as failed:
        client.wait(client.start_category(["No such"]))
    assert failed.value.code == "no_such_category"
    with pytest.raises(RequestRefused):
        client.status(999)
    if client.token:
        client.token = "another-token-than-that"
        with pytest.raises(RequestRefused) as unknown:
            client.status(1)
        assert unknown.value.status == 401
    client.runner.stop()
    with pytest.raises(RunnerUnavailable):
        client.status(1)
