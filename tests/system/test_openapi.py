# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/openapi.yaml against a real server: every path, method and status that it names is asked
for, every answer of the server must be named there and have the shape that is written there."""
import csv
import io
import json
import pathlib
import urllib.parse

import jsonschema
import psycopg
import pytest
import yaml

from entities import item
from pg import PrivatePostgres
from runner_process import wait_until

SPEC = yaml.safe_load(
    (pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml").read_text())
IMPORT_PAGES = ("", "/status", "/problems", "/items", "/files", "/files.csv", "/files/raw",
                "/files.csv/raw")
METHODS = ("get", "post", "put", "delete", "patch")


def documented():
    return {(method, path, status)
            for path, entry in SPEC["paths"].items()
            for method in METHODS if method in entry
            for status in entry[method]["responses"]}


def resolve(node):
    while "$ref" in node and len(node) == 1:
        target = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def validator(schema):
    return jsonschema.Draft202012Validator({**schema, "components": SPEC["components"]})


class Checker:
    """Asks, notes what came, and complains about what is not written."""

    def __init__(self, runner):
        self.runner = runner
        self.seen = set()

    def __call__(self, method, pattern, status, body=None, query="", **segments):
        operation = SPEC["paths"][pattern][method]
        path = pattern
        for name, value in segments.items():
            path = path.replace("{" + name + "}", value)
        answer = self.runner.request(method.upper(), path + query, body)
        assert answer.status == status, f"{method} {path}: {answer}"
        assert str(status) in operation["responses"], f"{method} {pattern} {status} is not written"
        response = resolve(operation["responses"][str(status)])
        media = answer.headers["Content-Type"].split(";")[0]
        assert media in response["content"], f"{media} of {method} {pattern} is not written"
        for name, header in response.get("headers", {}).items():
            header = resolve(header)
            assert not header["required"] or answer.headers[name], f"{name} is missing"
        if media == "application/json":
            validator(response["content"][media]["schema"]).validate(answer.json)
        if body is not None and status < 300 and body != "":
            request = operation["requestBody"]["content"]["application/json"]["schema"]
            validator(request).validate(body)
        self.seen.add((method, pattern, str(status)))
        return answer


def jobs(*entries, wiki="none"):
    return {"wiki": wiki, "jobs": [{"type": "check", **entry} for entry in entries]}


def test_the_description_is_sound():
    assert SPEC["openapi"].startswith("3.")
    for name, schema in SPEC["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert name[0].isupper()


def test_the_server_matches_the_description(make_runner, tmp_path):
    with PrivatePostgres(tmp_path / "pg") as postgres:
        runner = make_runner({"server.max_jobs_per_request": 3,
                              "imports.threads": 0, "imports.max_running_of_client": 3,
                              "wiki.none.replica_database": "away",
                              "wiki.none.replica_socket": tmp_path / "nobody"},
                             conninfo=postgres.conninfo).start()
        ask = Checker(runner)
        ask("get", "/", 200)
        ask("get", "/healthz", 200)
        ask("get", "/readyz", 200)
        ask("get", "/metrics", 200)
        ask("get", "/v1/queue", 200)

        ask("post", "/v1/jobs", 202,
            jobs({"entity": "Q5", "revision": 3, "priority": "high", "document": item("Q5", 3)},
                 {"entity": "Q6"}, {"entity": "Q7"}))
        ask("post", "/v1/jobs", 400, jobs({"entity": "Q0"}))
        ask("post", "/v1/jobs", 404, jobs(wiki="nowiki"))
        ask("post", "/v1/jobs", 413, jobs(*[{"entity": "Q1"}] * 4))

        wait_until(lambda: runner.result("Q5").status == 200)
        result = "/v1/results/{wiki}/{entity}"
        ask("get", result, 200, wiki="none", entity="Q5")
        ask("get", result, 400, wiki="none", entity="Q0")
        ask("get", result, 404, wiki="none", entity="Q999")
        ask("get", result, 404, wiki="nowiki", entity="Q5")

        check = {"wiki": "file", "entity": "Q2", "deadline_ms": 10_000}
        with_results = ask("post", "/v1/check", 200, check)
        assert with_results.json["value"]["results"]
        ask("post", "/v1/check", 400, {**check, "entity": 5})
        ask("post", "/v1/check", 404, {**check, "wiki": "nowiki"})
        ask("post", "/v1/check", 404, {**check, "entity": "Q404"})
        ask("post", "/v1/check", 504, {**check, "wiki": "none", "entity": "Q77", "revision": 1,
                                       "deadline_ms": 50})

        wait_until(lambda: runner.queue()["dead"] == 2)
        page = ask("get", "/v1/dead", 200, query="?limit=1").json
        ask("get", "/v1/dead", 200, query="?wiki=none&after=" + page["next"])
        ask("get", "/v1/dead", 400, query="?limit=0")
        ask("get", "/v1/dead", 404, query="?wiki=nowiki")
        ask("get", "/v1/incomplete", 200, query="?limit=1&after=none|Q1")
        ask("get", "/v1/incomplete", 400, query="?after=Q1")
        ask("get", "/v1/incomplete", 404, query="?wiki=nowiki")
        ask("get", "/v1/parity", 200, query="?wiki=none&limit=5&after=P1$a|none|Q1")
        ask("get", "/v1/parity", 400, query="?after=none|Q1")
        ask("get", "/v1/parity", 404, query="?wiki=nowiki")
        ask("get", "/v1/violations", 200, query="?wiki=none&class=Q5&direct=true&after=Q1|Q1$a|P1$a")
        ask("get", "/v1/violations", 400, query="?wiki=none&status=compliance")
        ask("get", "/v1/violations", 404, query="?wiki=nowiki")
        for form in ("ttl", "nt", "csv", "json"):
            ask("get", "/v1/dump", 200, query="?wiki=none&format=" + form)
        for packing in ("gz", "zst"):
            ask("get", "/v1/dump", 200, query="?wiki=none&compress=" + packing)
        ask("get", "/v1/dump", 400)
        ask("get", "/v1/dump", 404, query="?wiki=nowiki")
        ask("post", "/v1/dead/retry", 200, {"wiki": "none", "entity": "Q6"})
        ask("post", "/v1/dead/retry", 200, {})
        ask("post", "/v1/dead/retry", 200, "")
        ask("post", "/v1/dead/retry", 400, {"wiki": 5})
        ask("post", "/v1/dead/retry", 404, {"wiki": "nowiki"})
        reset = "/v1/results/{wiki}/{entity}/reset"
        ask("post", reset, 202, {}, wiki="none", entity="Q1")
        ask("post", reset, 400, {}, wiki="none", entity="x")
        ask("post", reset, 404, {}, wiki="nowiki", entity="Q1")

        for path in ("/v1/queue/pause", "/v1/queue/resume"):
            ask("post", path, 200, {"wiki": "none"})
            ask("post", path, 200, "")
            ask("post", path, 400, {"wiki": ""})
            ask("post", path, 404, {"wiki": "nowiki"})
        priority = "/v1/queue/reprioritise"
        ask("post", priority, 200, {"wiki": "none", "priority": "low", "reason": "edit",
                                    "entities": ["Q5"]})
        ask("post", priority, 400, {"wiki": "none", "priority": 5})
        ask("post", priority, 404, {"wiki": "nowiki", "priority": "low"})
        ask("post", priority, 413, {"wiki": "none", "priority": "low", "entities": ["Q1"] * 10_001})
        ask("post", "/v1/reload", 200)
        config = runner.config.read_text()
        runner.config.write_text(config + "[queue\n")
        ask("post", "/v1/reload", 422)
        runner.config.write_text(config)

        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute(
                "INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
                "transaction, deleted, appeared, disappeared, changed) VALUES ('none', 'Q7', 1, "
                "now(), '1', false, %s, '[]', %s)",
                ('[{"statement": "s", "constraint": "c", "property": "P1", "type": "Q1", '
                 '"status": "warning"}]',
                 '[{"statement": "s", "constraint": "d", "property": "P1", "type": "Q1", '
                 '"from": "warning", "to": "violation", "from_type": "Q2"}]'))
        wait_until(lambda: runner.get("/v1/events?limit=1&property=P1").json["events"])
        ask("get", "/v1/events", 200, query="?limit=5&wiki=none&property=P1&type=Q1&after=oldest")
        ask("get", "/v1/events", 400, query="?after=x")
        ask("get", "/v1/events", 404, query="?wiki=nowiki")
        ask("get", "/v1/events", 410, query="?after=999999999999")

        request = {"import_method": "category", "wiki": "none", "category": "Bridges"}
        ident = str(ask("post", "/v1/import", 202, request).json["job_id"])
        ask("post", "/v1/import", 202, {"import_method": "category", "wiki": "none",
                                        "categories": ["A", "B"]})
        ask("post", "/v1/import", 400, {**request, "category": ""})
        ask("post", "/v1/import", 404, {**request, "wiki": "nowiki"})
        ask("get", "/v1/import", 200, query="?wiki=none&limit=1&owner=nobody")
        ask("get", "/v1/import", 200, query="?wiki=none&limit=1")
        wait_until(lambda: runner.get("/v1/events?kind=import&limit=1").json["events"])
        ask("get", "/v1/events", 200, query="?limit=5&kind=import&wiki=none")
        ask("get", "/v1/import", 400, query="?status=odd")
        ask("get", "/v1/import", 404, query="?wiki=nowiki")
        for what in IMPORT_PAGES:
            path = "/v1/import/{job_id}" + what
            ask("get", path, 200, job_id=ident)
            ask("get", path, 400, job_id="seven")
            ask("get", path, 404, job_id="999")
        for form in ("csv", "csv/raw", "ndjson"):
            ask("get", "/v1/import/{job_id}/files", 200, query="?format=" + form, job_id=ident)
        lists = ask("post", "/v1/import", 202, {"import_method": "files", "wiki": "none",
                                                "files": ["A.jpg", "B.jpg"]}).json["job_id"]
        ask("get", "/v1/import/{job_id}/items", 200, query="?limit=1", job_id=str(lists))
        for action in ("pause", "resume", "retry"):
            path = "/v1/import/{job_id}/" + action
            ask("post", path, 400, job_id="seven")
            ask("post", path, 404, job_id="999")
        ask("post", "/v1/import/{job_id}/pause", 200, job_id=ident)
        ask("post", "/v1/import/{job_id}/resume", 200, job_id=ident)
        ask("post", "/v1/import/{job_id}/retry", 409, job_id=ident)
        ask("delete", "/v1/import/{job_id}", 200, job_id=ident)
        ask("post", "/v1/import/{job_id}/pause", 409, job_id=ident)
        ask("post", "/v1/import/{job_id}/resume", 409, job_id=ident)
        other = {**request, "category": "Castles"}
        third = str(ask("post", "/v1/import", 202, other).json["job_id"])
        ask("post", "/v1/import", 429, {**request, "category": "Towers"})
        ask("post", "/v1/import/{job_id}/retry", 429, job_id=ident)
        ask("delete", "/v1/import/{job_id}", 200, job_id=third)
        ask("post", "/v1/import/{job_id}/retry", 200, job_id=ident)
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("UPDATE constraint_runner.import SET state = 'failed', "
                               "error = 'no such category', error_code = 'no_such_category', "
                               "ended_at = now() WHERE id = %s", (ident,))
        ask("get", "/v1/import/{job_id}/status", 200, job_id=ident)
        ask("delete", "/v1/import/{job_id}", 409, job_id=ident)
        data = "/v1/import/{job_id}/data"
        ask("delete", data, 409, job_id=str(lists))
        ask("delete", data, 200, job_id=ident)
        for what in ("/files", "/files.csv", "/files/raw", "/files.csv/raw"):
            ask("get", "/v1/import/{job_id}" + what, 410, job_id=ident)
        ask("delete", data, 400, job_id="seven")
        ask("delete", data, 404, job_id="999")
        ask("delete", "/v1/import/{job_id}", 400, job_id="seven")
        ask("delete", "/v1/import/{job_id}", 404, job_id="999")

        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute(
                "INSERT INTO constraint_runner.job (revision, queued_at, due_at, state, priority, "
                "wiki, entity) VALUES (1, now(), now() + interval '1 h', 'leased', 0, 'other', 'Q1')")
        wiki = "/v1/wikis/{wiki}"
        ask("delete", wiki, 409, wiki="other")
        assert ask("delete", wiki, 200, wiki="none").json["results"] > 0
        assert runner.result("Q5").status == 404

        postgres.stop(immediate=True)
        wait_until(lambda: runner.get("/readyz").status == 503)
        ask("get", "/readyz", 503)
        ask("post", "/v1/jobs", 503, jobs({"entity": "Q1"}))
        ask("post", "/v1/check", 503, check)
        ask("get", result, 503, wiki="none", entity="Q5")
        ask("get", "/v1/queue", 503)
        ask("get", "/v1/events", 503)
        ask("get", "/v1/dead", 503)
        ask("get", "/v1/incomplete", 503)
        ask("get", "/v1/parity", 503)
        ask("get", "/v1/violations", 503, query="?wiki=none")
        ask("get", "/v1/dump", 503, query="?wiki=none")
        ask("post", "/v1/dead/retry", 503, {})
        ask("post", "/v1/results/{wiki}/{entity}/reset", 503, {}, wiki="none", entity="Q1")
        ask("post", "/v1/import", 503, request)
        ask("get", "/v1/import", 503)
        for what in IMPORT_PAGES:
            ask("get", "/v1/import/{job_id}" + what, 503, job_id=ident)
        for action in ("pause", "resume", "retry"):
            ask("post", "/v1/import/{job_id}/" + action, 503, job_id=ident)
        ask("delete", "/v1/import/{job_id}", 503, job_id=ident)
        ask("delete", data, 503, job_id=ident)
        ask("delete", wiki, 503, wiki="none")
        ask("post", "/v1/queue/pause", 503, {})
        ask("post", "/v1/queue/resume", 503, {})
        ask("post", priority, 503, {"wiki": "none", "priority": "low"})
        ask("get", "/metrics", 200)
        ask("get", "/", 200)
        ask("post", "/v1/drain", 200)

    assert documented() - ask.seen == set(), "written, but not seen"


def operations():
    return [(method, path) for path, entry in SPEC["paths"].items()
            for method in METHODS if method in entry]


def example(path):
    return path.replace("{wiki}", "none").replace("{entity}", "Q1").replace("{job_id}", "1")


@pytest.mark.parametrize("method, path", operations())
def test_the_documented_parameters_are_those_that_are_accepted(shared, method, path):
    answer = shared.request(method.upper(), example(path) + "?no_such_parameter=1")
    assert (answer.status, answer.error["field"]) == (400, "no_such_parameter")
    _, _, known = answer.error["message"].partition("there are ")
    written = [resolve(p) for p in SPEC["paths"][path][method].get("parameters", [])]
    assert set(filter(None, known.split(", "))) == {
        p["name"] for p in written if p["in"] == "query"}


def place_of(event):
    return tuple(map(int, event.split("-")))


LISTS = [path for method, path in operations() if method == "get" and {"format", "limit"} <= {
    resolve(p)["name"] for p in SPEC["paths"][path][method].get("parameters", [])}]


def test_every_list_comes_as_json_csv_and_lines(make_runner, tmp_path):
    """And these agree."""
    assert len(LISTS) >= 8
    runner = make_runner({"imports.threads": 0, "wiki.none.replica_database": "away",
                          "wiki.none.replica_socket": tmp_path / "nobody"}).start()
    assert runner.submit({"entity": "Q2", "revision": 3, "document": item("Q2", 3, ("a", "b"))},
                         {"entity": "Q6"}, {"entity": "Q7"}, {"entity": "Q8"}).status == 202
    wait_until(lambda: runner.queue()["dead"] == 3)
    ident = runner.post("/v1/import", {"import_method": "files", "wiki": "none",
                                       "files": ["A.jpg", "B.jpg", "C.jpg"]}).json["job_id"]
    filled = 0
    for path in LISTS:
        if path.startswith("/v1/import/{job_id}/files"):
            continue  # Montage's columns: tests of imports
        cursor = "before" if path == "/v1/import" else "after"
        start = "&after=oldest" if path == "/v1/events" else ""
        path = path.replace("{job_id}", str(ident)) + "?limit=2"
        path += "&wiki=none" if path.startswith("/v1/violations") else ""
        page = runner.get(path + start, headers={"Accept": "application/json"})
        rows = next(value for value in page.json.values() if isinstance(value, list))
        lines = runner.get(path + start, headers={"Accept": "application/x-ndjson"})
        assert lines.headers["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line) for line in lines.body.splitlines()] == rows, path
        table = runner.get(path + start, headers={"Accept": "text/csv"})
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert table.body == runner.get(path + start + "&format=csv").body
        found = list(csv.DictReader(io.StringIO(table.body.decode())))
        assert len(found) == len(rows)
        for row, line in zip(rows, found):
            filled += 1
            names = [name for name in row if name in line]
            assert names == list(line), path
            for name, cell in line.items():
                value = row[name]
                assert cell == ("" if value is None else value) if isinstance(
                    value, (str, type(None))) else json.loads(cell) == value
        for answer in (page, lines, table):
            link = answer.headers["Link"]
            assert (link is not None) == ("next" in page.json)
            if link:
                following = link[1:link.index(">")]
                [place] = urllib.parse.parse_qs(following.partition("?")[2])[cursor]
                if path.startswith("/v1/events"):  # its end moves with each transaction
                    assert place_of(place) >= place_of(page.json["next"])
                else:
                    assert place == str(page.json["next"])
                assert runner.get(following).status == 200
    assert filled >= 5


@pytest.mark.parametrize("path", ["/v1", "/v1/violation", "/v1/imports", "/openapi.yaml"])
def test_what_is_not_written_is_not_there(shared, path):
    assert path not in SPEC["paths"]
    assert shared.get(path).status == 404


def test_methods_that_are_not_written_are_refused(shared):
    for path, entry in SPEC["paths"].items():
        real = example(path)
        for method in METHODS:
            if method not in entry:
                answer = shared.request(method.upper(), real)
                assert answer.status == 405, f"{method} {path}: {answer}"
                assert answer.headers["Allow"]
