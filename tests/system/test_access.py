# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may ask what: tokens over TCP, hosts and origins, tokens of one wiki, and no passwords in what
the runner writes."""
import contextlib
import http.client
import json
import signal
import socket
import time

import psycopg
import pytest

from entities import item
from runner_process import Answer, read_all, wait_until

ALL, ONE, BOTH = "token-of-all-wikis-1", "token-of-wiki-none-1", "token-of-two-wikis-1"
JSON = {"Content-Type": "application/json"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tcp:
    """A client over TCP with a token."""

    def __init__(self, port, token=None):
        self.port, self.token = port, token

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}),
                **(JSON if body is not None else {}), **(headers or {})}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)


@pytest.fixture
def served(make_runner, tmp_path):
    """A runner with TCP, a token for all, one for the wiki "none", one for "none" and "file"."""
    for name, text in (("all", ALL), ("none", f"{ONE}\n{BOTH}"), ("file", BOTH)):
        (tmp_path / name).write_text(text + "\n")
        (tmp_path / name).chmod(0o600)
    port = free_port()
    runner = make_runner({"server.listen": f"127.0.0.1:{port}",
                          "server.token_file": tmp_path / "all",
                          "wiki.none.token_file": tmp_path / "none",
                          "wiki.file.token_file": tmp_path / "file",
                          "wiki.third.source": "none"}).start()
    runner.port = port
    return runner


def raw(port, text):
    with socket.create_connection(("127.0.0.1", port), 30) as plain:
        plain.sendall(text)
        return read_all(plain)


def test_tcp_without_a_token_is_no_start(make_runner, tmp_path):
    port = free_port()
    runner = make_runner({"server.listen": f"127.0.0.1:{port}"})
    runner.start(wait=None)
    assert runner.wait() == 78
    assert "server.token_file" in runner.log() and "server.allow_no_token" in runner.log()
    checked = runner.run("config", "check")
    assert checked.returncode == 78 and "server.token_file" in checked.stderr

    runner.write_config(server__allow_no_token=True)
    runner.start()
    assert Tcp(port).get("/v1/queue").status == 200
    assert Tcp(port).get("/v1/queue", headers={"Host": "evil.example"}).status == 403
    runner.stop()
    token = tmp_path / "token"
    token.write_text("short\n")
    runner.write_config(server__token_file=token)
    runner.start(wait=None)
    assert runner.wait() == 78
    assert "short" not in runner.log().splitlines()[-1]


def test_a_token_is_needed_over_tcp_and_not_on_the_socket(served):
    job = {"wiki": "none", "jobs": [{"type": "check", "entity": "Q1"}]}
    for token in (None, "not-one-of-the-tokens"):
        client = Tcp(served.port, token)
        for path in ("/", "/readyz", "/metrics", "/v1/queue", "/v1/events", "/nowhere"):
            answer = client.get(path)
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), path
        assert client.post("/v1/jobs", job).status == 401
        assert client.get("/healthz").status == 200
    assert served.queue()["ready"] == 0
    client = Tcp(served.port, ALL)
    assert client.get("/readyz").json == {"ready": True, "problems": [], "warnings": []}
    assert client.post("/v1/jobs", job).status == 202
    assert served.post("/v1/jobs", job).status == 202
    assert "not-one-of-the" not in served.log() and ALL not in served.log()


def test_a_body_is_not_read_before_the_token(served):
    head = (b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
    assert raw(served.port, head).startswith(b"HTTP/1.1 401 ")


def test_web_pages_can_neither_post_nor_read(served):
    client = Tcp(served.port, ALL)
    body = {"wiki": "none", "jobs": [{"type": "check", "entity": "Q1"}]}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post("/v1/jobs", body, headers={"Content-Type": kind}).status == 415
    bare = (f"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ALL}\r\n"
            "Content-Length: 2\r\n\r\n{}")
    assert raw(served.port, bare.encode()).startswith(b"HTTP/1.1 415 ")
    for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1.evil.example"):
        answer = client.get("/v1/queue", headers={"Host": host})
        assert (answer.status, answer.error["code"]) == (403, "foreign_host")
        assert client.get("/healthz", headers={"Host": host}).status == 403
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        answer = client.get("/v1/queue", headers={"Origin": origin})
        assert (answer.status, answer.error["code"]) == (403, "foreign_origin")
    own = f"http://127.0.0.1:{served.port}"
    assert client.get("/v1/queue", headers={"Origin": own}).status == 200
    assert served.queue()["ready"] == 0


def test_a_web_page_of_an_allowed_origin_may_ask_with_a_token(served):
    page = {"Origin": "https://tool.example"}
    preflight = {**page, "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type"}
    nobody, client = Tcp(served.port), Tcp(served.port, ONE)
    assert nobody.request("OPTIONS", "/v1/jobs", headers=preflight).status == 403
    served.write_config(server__origins=["https://tool.example"])
    served.signal(signal.SIGHUP)
    answer = wait_until(lambda: (a := nobody.request("OPTIONS", "/v1/jobs", headers=preflight)
                                 ).status == 204 and a)
    assert answer.body == b"" and "authorization" in answer.headers[
        "Access-Control-Allow-Headers"].lower()
    for path, status in (("/v1/violations?wiki=none", 200), ("/v1/violations?wiki=file", 404)):
        answer = client.get(path, headers=page)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"],
                answer.headers["Vary"].split(",")[0]) == (status, "https://tool.example", "Origin")
    assert client.post("/v1/jobs", {"wiki": "none", "jobs": [{"type": "check", "entity": "Q1"}]},
                       headers=page).status == 202
    refused = nobody.get("/v1/violations?wiki=none", headers=page)
    assert refused.status == 401 and refused.headers["Access-Control-Allow-Origin"]
    # anything but a preflight needs the token; and other pages are as foreign as before
    assert nobody.request("OPTIONS", "/v1/jobs", headers=page).status == 401
    for origin in ("https://evil.example", "https://tool.example.evil", "http://tool.example"):
        answer = client.get("/v1/violations?wiki=none", headers={"Origin": origin})
        assert answer.status == 403 and "Access-Control-Allow-Origin" not in answer.headers
        assert nobody.request("OPTIONS", "/v1/jobs",
                              headers={**preflight, "Origin": origin}).status == 403
    assert "Access-Control-Allow-Origin" not in client.get("/v1/queue").headers


def test_a_smuggled_request_is_not_answered(served):
    for fields in ("Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
                   "Transfer-Encoding: identity\r\n", "Content-Length: 0\r\nContent-Length: 0\r\n",
                   "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "X: a\r\n b: c\r\n"):
        plain = served.raw()
        plain.sendall(("POST /v1/dead/retry HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"
                       "GET /v1/queue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").encode())
        answers = read_all(plain)
        assert answers.startswith(b"HTTP/1.1 400 ") and b"HTTP/1.1 200" not in answers, fields
    plain = served.raw()
    plain.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
    assert read_all(plain).startswith(b"HTTP/1.1 400 ")


def test_a_token_of_a_wiki_sees_nothing_of_others(served):
    for wiki in ("none", "third"):
        assert served.submit({"entity": "Q5", "revision": 3, "document": item("Q5", 3)},
                             {"entity": "Q6"}, wiki=wiki).status == 202
    wait_until(lambda: served.queue()["dead"] == 2)
    with psycopg.connect(served.settings["database.conninfo"]) as connection:
        connection.execute(
            "INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
            "transaction, deleted, appeared, disappeared, changed) SELECT wiki, 'Q7', 1, now(), "
            "'1', true, '[]', '[]', '[]' FROM unnest(ARRAY['none', 'third']) wiki")
    one, both = Tcp(served.port, ONE), Tcp(served.port, BOTH)

    # what names a wiki
    assert one.get("/v1/results/none/Q5").status == 200
    for client in (one, both):
        answers = [client.get("/v1/results/third/Q5"),
                   client.post("/v1/results/third/Q5/reset", {}),
                   client.post("/v1/jobs", {"wiki": "third", "jobs": []}),
                   client.post("/v1/check", {"wiki": "third", "entity": "Q5", "deadline_ms": 9}),
                   client.post("/v1/dead/retry", {"wiki": "third"}),
                   client.request("DELETE", "/v1/wikis/third")]
        answers += [client.get(f"/v1/{name}?wiki=third")
                    for name in ("dead", "incomplete", "parity", "violations", "events", "import")]
        unknown = client.get("/v1/results/nowiki/Q5")
        for answer in answers:
            assert (answer.status, answer.error["code"]) == (404, "unknown_wiki")
        assert unknown.error["message"] == answers[0].error["message"].replace("third", "nowiki")
    # what names none
    assert [j["wiki"] for j in one.get("/v1/dead").json["jobs"]] == ["none"]
    page = "/v1/events?limit=100&after=oldest"
    wait_until(lambda: len(served.get(page).json["events"]) >= 2)
    assert {e["wiki"] for e in one.get(page).json["events"]} == {"none"}
    assert one.get("/v1/violations").status == 200
    assert list(one.get("/v1/queue").json["wikis"]) == ["none"]
    assert one.get("/v1/queue").json["dead"] == 1
    for name in ("dead", "incomplete", "parity", "violations", "events", "import"):
        answer = both.get(f"/v1/{name}?limit=1")
        assert (answer.status, answer.error["field"]) == (400, "wiki"), name
    assert both.get("/v1/dead?wiki=none").status == 200
    assert one.post("/v1/dead/retry", {}).json == {"retried": 1}
    assert served.queue()["wikis"]["third"]["dead"] == 1
    # what is of all wikis
    for path in ("/", "/metrics"):
        assert one.get(path).status == 403
        assert Tcp(served.port, ALL).get(path).status == 200
    assert one.get("/readyz").status == 200
    # the same over the socket, when the token is sent
    told = served.get("/v1/queue", headers={"Authorization": f"Bearer {ONE}"})
    assert list(told.json["wikis"]) == ["none"]
    assert served.get("/v1/queue", headers={"Authorization": "Bearer wrong"}).status == 401
    assert set(served.queue()["wikis"]) >= {"none", "third"}


def test_imports_are_seen_with_their_wikis_token_only(make_runner, tmp_path):
    (tmp_path / "a").write_text(ONE)
    replica = {"replica_database": "away", "replica_socket": tmp_path / "nobody"}
    runner = make_runner({"imports.threads": 0, "wiki.none.token_file": tmp_path / "a",
                          **{f"wiki.none.{k}": v for k, v in replica.items()},
                          **{f"wiki.file.{k}": v for k, v in replica.items()}}).start()
    own = {"Authorization": f"Bearer {ONE}"}
    request = {"import_method": "category", "category": "Bridges"}
    other = runner.post("/v1/import", {**request, "wiki": "file"}).json["job_id"]
    refused = runner.post("/v1/import", {**request, "wiki": "file"}, headers=own)
    assert (refused.status, refused.error["code"]) == (404, "unknown_wiki")
    # the only wiki with a replica that it knows of
    mine = runner.post("/v1/import", request, headers=own).json["job_id"]
    assert mine != other
    assert [i["job_id"] for i in runner.get("/v1/import", headers=own).json["imports"]] == [mine]
    for method, below in (("GET", ""), ("GET", "/status"), ("GET", "/problems"), ("GET", "/items"),
                          ("GET", "/files"), ("GET", "/files.csv"), ("GET", "/files/raw"),
                          ("GET", "/files.csv/raw"), ("POST", "/pause"), ("POST", "/resume"),
                          ("POST", "/retry"), ("DELETE", "")):
        hidden = runner.request(method, f"/v1/import/{other}{below}", headers=own)
        absent = runner.request(method, f"/v1/import/999{below}", headers=own)
        assert (hidden.status, absent.status) == (404, 404), below
        assert hidden.error["message"] == absent.error["message"].replace("999", str(other))
        assert runner.request(method, f"/v1/import/{mine}{below}", headers=own).status in (200, 409)
    assert runner.get(f"/v1/import/{other}").json["status"] == "queued"


def test_tokens_are_read_again_on_sighup(served, tmp_path):
    (tmp_path / "all").write_text(f"{ALL}\nthe-second-of-the-tokens\n")
    served.signal(1)
    new = Tcp(served.port, "the-second-of-the-tokens")
    wait_until(lambda: new.get("/v1/queue").status == 200)
    (tmp_path / "all").write_text("the-second-of-the-tokens\n")
    served.signal(1)
    wait_until(lambda: Tcp(served.port, ALL).get("/v1/queue").status == 401)
    assert new.get("/v1/queue").status == 200
    (tmp_path / "all").write_text("\n")  # a broken file changes nothing
    served.signal(1)
    wait_until(lambda: "not reloaded" in served.log())
    assert new.get("/v1/queue").status == 200
    assert Tcp(served.port).get("/v1/queue").status == 401


HOSTILE = ["postgresql://u:pa%zzSECRET@127.0.0.1:1/d", "postgresql://u:pa/SECRET@127.0.0.1:1/d",
           "postgresql://u:12/SECRET@127.0.0.1:1/d", "postgresql://u:pa?SECRET@127.0.0.1:1/d",
           "postgresql://u:SECRET%@127.0.0.1:1/d", "postgresql://u:a@SECRET@127.0.0.1:1/d",
           "postgresql://u:a%2FSECRET%25@127.0.0.1:1/d", "host=127.0.0.1 port=1 password=a SECRET",
           "host=127.0.0.1 port=1 password=a SECRET=b", "host=127.0.0.1 port=1 password='SECRET",
           "host=127.0.0.1 port=1 password='a SECRET'"]


@pytest.mark.parametrize("conninfo", HOSTILE)
def test_passwords_of_a_connection_string_never_appear(make_runner, conninfo):
    runner = make_runner(conninfo=conninfo)
    for command in (["config", "show"], ["config", "show", "--json"], ["config", "check"],
                    ["migrate"], ["status"]):
        told = runner.run(*command)
        text = (told.stdout + told.stderr).replace("_WEBHOOK_SECRET_FILE", "")  # a setting's name
        assert "SECRET" not in text, command
    runner.start(wait=None)
    told = []

    def settled():
        with contextlib.suppress(OSError):
            told.append(runner.get("/readyz").body)
        return runner.ended() or b"connect" in b"".join(told)

    wait_until(settled)
    assert b"SECRET" not in b"".join(told)
    assert "SECRET" not in runner.log()


def test_half_sent_requests_lock_no_client_out(make_runner):
    runner = make_runner({"server.max_connections": 100}).start()
    half = []
    try:
        for _ in range(300):
            half.append(runner.raw())
            half[-1].sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        # also of the same user: the oldest half gives way
        begin = time.monotonic()
        wait_until(lambda: runner.get("/healthz").status == 200)
        assert time.monotonic() - begin < 9  # before the read timeout frees anything
    finally:
        for one in half:
            one.close()
