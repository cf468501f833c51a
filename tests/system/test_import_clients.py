# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose imports are whose, and how many one client may have."""
import os
import socket

import pytest

from commons_wiki import CommonsWiki
from mariadb import PrivateMariadb
from runner_process import wait_until
from test_import_events import FAST, ask, ended, status

ONE, TWO = "token-of-client-one-1", "token-of-client-two-1"


def of(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"{ONE} montage\n{TWO}\n")
    path.chmod(0o600)
    return {"server.token_file": path}


def post(runner, token, **fields):
    return runner.post("/v1/import", {"import_method": "entities", "wiki": "file", **fields},
                       headers=of(token) if token else {})


def test_an_import_has_its_owner_and_others_may_see_and_change_it(make_runner, tokens):
    runner = make_runner({**FAST, **tokens, "imports.threads": 0}).start()
    mine = ask(runner)
    ones = post(runner, ONE, entities=["Q1"]).json["job_id"]
    twos = post(runner, TWO, entities=["Q2"]).json["job_id"]
    assert status(runner, mine)["owner"] == f"uid {os.getuid()}"
    one, two = status(runner, ones)["owner"], status(runner, twos)["owner"]
    assert (one, two) == ("montage", "token 2")
    # the first one asked
    assert post(runner, TWO, entities=["Q1"]).json == {"job_id": ones, "is_new": False}
    assert status(runner, ones)["owner"] == one

    def owned(owner):
        answer = runner.request("GET", "/v1/import?owner=" + owner.replace(" ", "%20"))
        return [i["job_id"] for i in answer.json["imports"]]
    assert owned(one) == [ones] and owned(two) == [twos]
    assert owned(f"uid {os.getuid()}") == [mine] and owned("nobody") == []
    listed = runner.run("import", "list", "--owner", f"uid {os.getuid()}", "--json")
    assert f'"job_id":{mine},' in listed.stdout and f'"job_id":{ones},' not in listed.stdout
    seen = runner.get(f"/v1/import/{ones}", headers=of(TWO))
    assert seen.status == 200
    assert runner.request("DELETE", f"/v1/import/{ones}", headers=of(TWO)).status == 200


def test_a_client_has_no_more_under_way_than_it_may(make_runner, tokens):
    runner = make_runner({**FAST, **tokens, "imports.threads": 0,
                          "imports.max_running_of_client": 2}).start()
    first = post(runner, ONE, entities=["Q1"]).json["job_id"]
    assert post(runner, ONE, entities=["Q2"]).status == 202
    refused = post(runner, ONE, entities=["Q3"])
    assert (refused.status, refused.error["code"]) == (429, "too_many_imports")
    assert int(refused.headers["Retry-After"]) > 0
    assert "imports.max_running_of_client" in refused.error["message"]
    assert post(runner, ONE, entities=["Q1"]).json == {"job_id": first, "is_new": False}
    assert post(runner, TWO, entities=["Q3"]).status == 202
    assert post(runner, None, entities=["Q4"]).status == 202
    runner.request("DELETE", f"/v1/import/{first}")
    assert post(runner, ONE, entities=["Q5"]).status == 202
    again = runner.post(f"/v1/import/{first}/retry", {})
    assert (again.status, again.error["code"]) == (429, "too_many_imports")
    assert status(runner, first)["status"] == "cancelled"


def test_a_client_has_no_more_files_than_it_may(make_runner, tokens):
    with PrivateMariadb() as mariadb:
        wiki = CommonsWiki(mariadb, "commons", new=True)
        wiki.category("Bridges")
        wiki.files("Bridges", 1, 600)
        wiki.category("Few")
        wiki.files("Few", 1001, 1010)
        runner = make_runner({**FAST, **tokens, **mariadb.replica_settings("commons", "commons"),
                              "imports.max_chunk": 50, "imports.max_files_of_client": 200}).start()

        def begin(token, **fields):
            return runner.post("/v1/import", {"wiki": "commons", **fields}, headers=of(token))
        few = begin(ONE, import_method="category", category="Few").json["job_id"]
        assert ended(runner, few)["status"] == "complete"
        refused = begin(ONE, import_method="files", page_ids=list(range(1, 192)))
        assert (refused.status, refused.error["code"]) == (429, "too_many_files")
        assert "10 files, 191 more" in refused.error["message"]
        assert int(refused.headers["Retry-After"]) > 0
        many = begin(ONE, import_method="category", category="Bridges").json["job_id"]
        failed = ended(runner, many)
        assert (failed["status"], failed["error"]["code"]) == ("failed", "too_many_files")
        assert 190 < failed["done"] <= 300, "it stops at the next chunk"
        assert begin(ONE, import_method="category", category="Few").status == 429
        assert ended(runner, begin(TWO, import_method="category",
                                   category="Few").json["job_id"])["status"] == "complete"
        assert runner.request("DELETE", f"/v1/import/{many}/data").status == 200
        wait_until(lambda: begin(ONE, import_method="category", category="Few").status == 202)


def test_over_tcp_without_a_token_the_owner_is_that(make_runner):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runner = make_runner({**FAST, "imports.threads": 0, "server.listen": f"127.0.0.1:{port}",
                          "server.allow_no_token": True}).start()
    from test_access import Tcp  # pylint: disable=import-outside-toplevel
    job = Tcp(port).post("/v1/import", {"import_method": "entities", "wiki": "file",
                                        "entities": ["Q1"]}).json["job_id"]
    assert status(runner, job)["owner"] == "tcp"
