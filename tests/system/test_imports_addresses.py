# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of lists that the runner fetches itself: forms of sources, their faults, and addresses that
are not to be reached."""
import functools
import gzip
import json
import threading
import time
import zlib

import pytest

from commons_wiki import CommonsWiki
from list_server import ListServer, in_public
from runner_process import Runner, wait_until
from test_imports import FAST, finish, status
from test_imports_lists import answers

OPEN = {**FAST, "imports.private_addresses": True, "imports.plain_http": True,
        "imports.address_timeout": "5s", "imports.address_max_bytes": "1MiB"}
PATH = "http://commons.wikimedia.org/wiki/Special:FilePath/"
PUBLIC = "198.35.26.96"


@pytest.fixture(scope="module")
def wiki(mariadb):
    made = CommonsWiki(mariadb, "addresses", new=True)
    made.category("Bridges")
    made.files("Bridges", 1, 30)
    made.rename(3, "Renamed.jpg")
    made.log("move", "File_3.jpg", 3, "Renamed.jpg")
    left = made.page(6, "Old.jpg", redirect=True)
    made.sql(f"INSERT INTO redirect (rd_from, rd_namespace, rd_title) VALUES ({left}, 6, "
             "'File_6.jpg')")
    made.delete_files("page_id = 5")
    made.log("delete", "File_5.jpg", 5)
    made.lose_files("page_id = 7")
    return made


def settings(wiki, **more):
    return {**OPEN, **wiki.mariadb.replica_settings("commons", wiki.database), **more}


@pytest.fixture(scope="module")
def commons(postgres, wiki):
    conninfo = postgres.create_database()
    runner = Runner(conninfo, settings=settings(wiki))
    yield runner.start()
    runner.close()
    postgres.drop_database(conninfo)


@pytest.fixture
def source():
    with ListServer() as server:
        yield server


def start(runner, address, **more):
    answer = runner.post("/v1/import", {"import_method": "files", "address": address, **more})
    assert answer.status == 202, answer
    return answer.json["job_id"]


def ask(runner, address, **more):
    return finish(runner, start(runner, address, **more))


def petscan(*pages):
    return json.dumps({"n": "result", "a": {"query": "https://petscan.example/?", "querytime_sec": 1},
                       "*": [{"n": "combination", "a": {"type": "subset", "*": pages}}]})


def page(title, space=6, text="File", number=999):
    return {"n": "page", "title": title, "id": number, "namespace": space, "len": 1,
            "touched": "20260101000000", "nstext": text}


def results(*bindings, variables=("item", "image")):
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": [
        {key: {"type": "uri", "value": value} for key, value in row.items()} for row in bindings]}})


ONE_AND_EIGHT = {"File:File_1.jpg": ("found", 1, "File_1.jpg"),
                 "File:File_8.jpg": ("found", 8, "File_8.jpg")}
FORMS = {
    "petscan": ("application/json", "petscan", petscan(page("File_1.jpg"), page("File_8.jpg"))),
    "petscan, sparse": ("text/plain", "petscan", petscan("File:File_1.jpg", "File:File_8.jpg")),
    "petscan, quick intersection": ("application/json", "petscan", json.dumps(
        {"namespaces": {"6": "File"}, "wiki": "enwiki", "pages": [
            {"page_id": 9, "page_namespace": 6, "page_title": f"File_{n}.jpg"} for n in (1, 8)]})),
    "petscan, csv": ("text/csv", "csv",
                     '"number","title","pageid","namespace"\n"1","File_1.jpg","9","File"\n'
                     '"2","File_8.jpg","10","File"\n'),
    "query service": ("application/sparql-results+json;charset=utf-8", "sparql", results(
        {"item": "http://www.wikidata.org/entity/Q1", "image": PATH + "File%201.jpg"},
        {"item": "http://www.wikidata.org/entity/Q2"},
        {"item": "http://www.wikidata.org/entity/Q3", "image": PATH + "File_8.jpg"})),
    "query service of Commons": ("application/json", "sparql", results(
        {"file": "https://commons.wikimedia.org/entity/M1"},
        {"file": "https://commons.wikimedia.org/entity/M8"}, variables=["file"])),
    "query service, csv": ("text/csv", "csv", f"item,picture\r\nQ1,{PATH}File_1.jpg\r\n"
                                              f"Q2,{PATH}File_8.jpg\r\n"),
    "sheet": ("text/csv; charset=utf-8", "csv",
              "\ufefffilename,author\r\nFile:File 1.jpg,\"B, C\"\r\nFile 8.jpg,\r\n"),
    "montage": ("text/csv", "csv", "img_name,img_user,page_id\nFile_1.jpg,5,1\nFile_8.jpg,6,8\n"),
    "names": ("application/json", "json", '["File_1.jpg","File 8.jpg"]'),
    "numbers": ("application/json", "json", "[1,8]"),
    "lines of numbers": ("application/jsonl", "ndjson", "1\n8\n"),
    "lines of JSON": ("application/x-ndjson", "ndjson",
                      '{"title":"File:File 1.jpg"}\n{"title":"File_8.jpg","user":"B"}\n'),
    "an import's own lines": ("text/plain", "ndjson", '{"page_id":1,"img_name":"File_1.jpg"}\n'
                              '{"page_id":8,"img_name":"File_8.jpg"}\n{"complete":true}\n'),
    "lines": ("text/plain", "lines", "File:File 1.jpg\nFile 8.jpg\r\n\n"),
    "links": ("text/plain", "lines", "[[File:File 1.jpg]]\n[[:File:File 8.jpg|eight]]\n"),
    "without a type": ("application/octet-stream", "petscan", petscan("File:File_1.jpg",
                                                                     "File:File_8.jpg")),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_fetched_whatever_its_form(commons, source, form):
    kind, named, body = FORMS[form]
    source.pages["/list?a=b&c"] = {"type": kind, "body": body}
    over = ask(commons, source.url("/list?a=b&c") + "#part")
    assert over["status"] == "complete", over
    assert [(outcome, number) for outcome, number, _ in answers(commons, over["job_id"]).values()] \
        == [("found", 1), ("found", 8)]
    assert (over["list_form"], over["files_imported"], over["total"]) == (named, 2, 2)
    assert over["subject"] == "files listed at " + source.url("/list?a=b&c")
    assert source.asked == ["/list?a=b&c"], "fetched once, without the fragment"
    assert source.accepted[0].startswith("application/sparql-results+json"), "else XML comes"


def test_each_name_of_a_fetched_list_is_answered(commons, source):
    source.pages["/"] = petscan(
        page("File_1.jpg"), page("File_3.jpg"), page("Old.jpg"), page("File_5.jpg"),
        page("No_such.jpg"), page("File_1.jpg", number=998), page("File_7.jpg"),
        page("Bridges", 14, "Category"))
    over = ask(commons, source.url("/"))
    assert over["status"] == "complete", over
    assert [i["outcome"] for i in commons.get(f"/v1/import/{over['job_id']}/items").json["items"]] == [
        "found", "renamed", "redirect", "deleted", "missing", "twice", "no_file", "bad_name"]
    assert (over["done"], over["failed"], over["listed_by"]) == (4, 4, "name")


def test_the_same_address_again_tells_what_changed(make_runner, mariadb, source):
    wiki = CommonsWiki(mariadb, "address_again", new=True)
    wiki.category("Bridges")
    wiki.files("Bridges", 1, 3)
    runner = make_runner(settings(wiki)).start()
    source.pages["/"] = "page_id\n1\n2\n"
    first = ask(runner, source.url("/"))
    wiki.rename(1, "Renamed.jpg")
    source.pages["/"] = "page_id\n1\n3\n"
    again = ask(runner, source.url("/"))
    assert again["compared_with"] == first["job_id"]
    assert (again["files_renamed"], again["files_new"], again["files_vanished"]) == (1, 1, 1)
    wiki.files("Bridges", 4, 4)
    source.pages["/"] = "page_id\n1\n4\n9\n"
    third = ask(runner, source.url("/"))
    assert (third["items_missing"], third["listed_by"]) == (1, "page_id")
    wiki.files("Bridges", 9, 9)
    runner.kill()  # what is known of the list is in the database
    runner.start()
    assert runner.post(f"/v1/import/{third['job_id']}/retry", "").status == 200
    over = finish(runner, third["job_id"])
    assert (over["done"], over["failed"]) == (3, 0)
    assert len(source.asked) == 3


def test_a_list_is_fetched_by_the_job_and_not_by_the_request(commons, source):
    may_answer = threading.Event()

    def slow(handler):
        may_answer.wait(20)
        ListServer.answer(handler, body="File_1.jpg")
    source.pages["/slow"] = slow
    ident = start(commons, source.url("/slow"))
    wait_until(lambda: source.asked)
    assert status(commons, ident)["status"] in ("queued", "running")
    may_answer.set()
    assert finish(commons, ident)["status"] == "complete"


def test_a_dry_run_fetches_and_counts(commons, source):
    source.pages["/"] = "File_1.jpg\nFile_2.jpg\nNo such.jpg\n"
    over = ask(commons, source.url("/"), dry_run=True)
    assert (over["status"], over["total"], over["done"], over["files_imported"]) == (
        "complete", 3, 0, 0)
    assert (over["list_form"], over["subject"]) == (
        "lines", "(dry run) files listed at " + source.url("/"))
    assert over["replica_age_seconds"] is not None
    assert commons.get(f"/v1/import/{over['job_id']}/items").json["items"] == []
    source.pages["/"] = {"status": 503}
    began = time.monotonic()
    over = ask(commons, source.url("/"), dry_run=True)
    assert (over["status"], over["error"]["code"]) == ("failed", "address_failed")
    assert time.monotonic() - began < 5 and source.asked == ["/", "/"]
    answer = commons.post("/v1/import", {"import_method": "files", "files": ["A", "B"],
                                         "dry_run": True})
    over = finish(commons, answer.json["job_id"])
    assert (over["status"], over["total"], over["items_done"]) == ("complete", 2, 0)


FAULTS = {
    "404": ({"status": 404, "body": "nothing"}, "address_failed", "HTTP 404", 1),
    "403": ({"status": 403}, "address_failed", "HTTP 403", 1),
    "204": ({"status": 204}, "address_failed", "HTTP 204", 1),
    "503": ({"status": 503}, "address_failed", "HTTP 503", 3),
    "429": ({"status": 429}, "address_failed", "HTTP 429", 3),
    "page": ({"body": "<!DOCTYPE html><title>Sign in</title>", "type": "text/html"},
             "address_unreadable", "HTML page", 1),
    "xml": ({"body": "<?xml version='1.0'?><sparql/>", "type": "application/sparql-results+xml"},
            "address_unreadable", "XML", 1),
    "broken": ({"body": '["A.jpg","B', "type": "application/json"}, "address_unreadable",
               "no JSON", 1),
    "other": ({"body": '{"batchcomplete":true}', "type": "application/json"}, "address_unreadable",
              "no list of files", 1),
    "no column": ({"body": results({"item": "http://x.example/Q1"})}, "address_unreadable",
                  "no column holds file names", 1),
    "error": ({"body": '{"error":"No query given"}'}, "address_unreadable", "No query given", 1),
    "no text": ({"body": b"A.jpg\n\xff\xfe.jpg\n"}, "address_unreadable", "list[1]: not valid UTF-8",
                1),
    "nul": ({"body": '["A\\u0000.jpg"]'}, "address_unreadable", "NUL", 1),
    "too long": ({"body": "x" * 2_001}, "address_unreadable", "2001 bytes", 1),
    "empty": ({"body": ""}, "empty_list", "names no file", 1),
    "no rows": ({"body": results()}, "empty_list", "names no file", 1),
    "oversize": ({"body": "File_1.jpg\n" * 100_000}, "address_too_large", "1048576 bytes", 1),
    "cut off": (lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nFile_1.jpg\n"), "address_failed", "", 3),
    "nonsense": (lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"), "address_failed", "", 1),
    "redirect to itself": ({"status": 302, "Location": "/list"}, "address_failed",
                           "more than 5 redirects", 6),
    "redirect to a file": ({"status": 302, "Location": "file:///etc/passwd"}, "address_refused",
                           "is no http or https URL", 1),
    "redirect with a password": ({"status": 307, "Location": "http://u:p@127.0.0.1/"},
                                 "address_refused", "has a user name", 1),
    "redirect to nothing": ({"status": 302}, "address_failed", "HTTP 302", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_can_not_be_fetched_fails_with_the_reason(commons, source, fault):
    answer, code, words, times = FAULTS[fault]
    source.pages["/list"] = answer
    over = ask(commons, source.url("/list"))
    assert (over["status"], over["error"]["code"]) == ("failed", code), over
    assert words in over["error"]["message"] and len(source.asked) == times
    assert "u:p" not in over["error"]["message"]
    source.pages["/list"] = "File_1.jpg\n"  # mended
    assert commons.post(f"/v1/import/{over['job_id']}/retry", "").status == 200
    over = finish(commons, over["job_id"])
    assert (over["status"], over["files_imported"], over["error"]) == ("complete", 1, None)


def test_a_source_that_is_away_for_a_moment_is_asked_again(commons, source):
    def recovering(handler):
        ListServer.answer(handler, 503 if len(source.asked) < 3 else 200, "File_1.jpg")
    source.pages["/"] = recovering
    over = ask(commons, source.url("/"))
    assert (over["status"], len(source.asked)) == ("complete", 3)


def peak_memory(runner):
    with open(f"/proc/{runner.process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def endless(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"10000\r\n" + b"File_1.jpg\n" * 5957 + b" " * 9 + b"\r\n")


@functools.cache
def packed():
    """300 MiB in 300 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\n" * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(300)) + packer.flush()


def bomb(handler):
    ListServer.answer(handler, body=packed(), Content_Encoding="gzip")


@pytest.mark.parametrize("answer, code", [(endless, "address_too_large"),
                                          (bomb, "address_too_large"),
                                          ("," * 1_000_000, "address_unreadable"),
                                          ("[" * 1_000_000, "address_unreadable"),
                                          ('["' + "x" * 1_000_000, "address_unreadable")],
                         ids=["endless", "bomb", "commas", "brackets", "string"])
def test_memory_is_bounded_whatever_a_source_sends(make_runner, wiki, source, answer, code):
    commons = make_runner(settings(wiki)).start()
    assert len(packed()) < 1 << 20, "what comes over the line is not too large"
    source.pages["/"] = "File_1.jpg\n"
    ask(commons, source.url("/"))
    before = peak_memory(commons)
    source.pages["/list"] = answer
    over = ask(commons, source.url("/list"))
    assert over["error"]["code"] == code, over
    assert peak_memory(commons) - before < 32 * 1024, "kB, of 1 MiB that is allowed"


def test_a_packed_list_is_unpacked(commons, source):
    source.pages["/"] = {"body": gzip.compress(b"File_1.jpg\n"), "Content_Encoding": "gzip"}
    assert ask(commons, source.url("/"))["files_imported"] == 1


def drip(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def hops(handler):
    time.sleep(0.4)
    ListServer.answer(handler, 302, Location=handler.path + "x")


@pytest.mark.parametrize("answer", [drip, lambda handler: time.sleep(4), hops])
def test_a_source_has_so_much_time_whatever_it_does(make_runner, wiki, source, answer):
    commons = make_runner(settings(wiki, **{"imports.address_timeout": "1s"})).start()
    source.pages["/list"] = answer
    for path in ("x", "xx", "xxx", "xxxx"):
        source.pages["/list" + path] = answer
    began = time.monotonic()
    over = ask(commons, source.url("/list"), dry_run=True)
    assert (over["error"]["code"], over["status"]) == ("address_failed", "failed"), over
    assert "within 1000 ms" in over["error"]["message"]
    assert 0.9 < time.monotonic() - began < 3.5


def test_a_runner_that_stops_does_not_wait_for_a_source(make_runner, wiki, source):
    commons = make_runner(settings(wiki, **{"imports.address_timeout": "60s"})).start()
    source.pages["/"] = lambda handler: time.sleep(30)
    ident = start(commons, source.url("/"))
    wait_until(lambda: source.asked)
    began = time.monotonic()
    assert commons.stop() == 0
    assert time.monotonic() - began < 10
    source.pages["/"] = "File_1.jpg\n"
    commons.start()
    over = finish(commons, ident)
    assert (over["status"], over["attempts"]) == ("complete", 0)


def test_names_of_this_host_are_not_connected_to(make_runner, wiki, source):
    commons = make_runner(settings(wiki, **{"imports.private_addresses": False})).start()
    over = ask(commons, source.url("/", host="localhost"))
    assert (over["status"], over["error"]["code"]) == ("failed", "address_refused"), over
    assert "127.0.0.1" in over["error"]["message"] or "::1" in over["error"]["message"]
    assert source.asked == []
    port = source.server.server_address[1]
    for address in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.1.1",
                    "172.16.0.1", "100.64.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]",
                    "224.0.0.1", "0.0.0.0"):
        answer = commons.post("/v1/import", {"import_method": "files",
                                             "address": f"http://{address}:{port}/"})
        assert (answer.status, answer.error["field"]) == (400, "address"), address
    for odd in ("2130706433", "0x7f.1", "127.1", "0177.0.0.1"):  # if they are accepted as names
        answer = commons.post("/v1/import", {"import_method": "files",
                                             "address": f"http://{odd}:{port}/"})
        if answer.status == 202:
            over = finish(commons, answer.json["job_id"])
            assert over["error"]["code"] in ("address_refused", "address_failed"), over
    assert source.asked == []


def test_http_is_refused_unless_it_is_allowed(make_runner, wiki, source):
    commons = make_runner(settings(wiki, **{"imports.plain_http": False})).start()
    answer = commons.post("/v1/import", {"import_method": "files", "address": source.url("/")})
    assert (answer.status, answer.error["field"]) == (400, "address")
    assert "https" in answer.error["message"]


def test_a_redirect_of_a_public_source_to_a_private_address_is_refused(make_runner, wiki):
    """In a network of its own, in which a public address is this host's."""
    came = {}

    def alone():
        try:
            in_public(PUBLIC)
        except OSError as error:
            came["skip"] = str(error)
            return
        try:
            commons = make_runner(settings(wiki, **{"imports.private_addresses": False})).start()
            with ListServer(PUBLIC) as source, ListServer() as private:
                for path, host in (("/number", "127.0.0.1"), ("/name", "localhost"),
                                   ("/notation", "0x7f.1")):
                    source.pages[path] = {"status": 302, "Location": private.url("/secret", host)}
                private.pages["/secret"] = "File_2.jpg\n"
                source.pages["/moved"] = {"status": 301, "Location": "/list"}
                source.pages["/list"] = "File_1.jpg\n"
                came["moved"] = ask(commons, source.url("/moved"))
                for path in ("/number", "/name", "/notation"):
                    came[path] = ask(commons, source.url(path))
                came["asked"] = private.asked
        except BaseException as error:  # pylint: disable=broad-except
            came["error"] = error

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()
    if "skip" in came:
        pytest.skip("no network namespace: " + came["skip"])
    if "error" in came:
        raise came["error"]
    assert (came["moved"]["status"], came["moved"]["files_imported"]) == ("complete", 1)
    for path in ("/number", "/name", "/notation"):
        assert came[path]["error"]["code"] == "address_refused", came[path]
        assert "where http" in came[path]["error"]["message"]
    assert came["asked"] == []


def test_the_command_line_takes_an_address(commons, source):
    source.pages["/list"] = "File_1.jpg\nNo such.jpg\n"
    done = commons.run("import", "names", "--address", source.url("/list"), "--wait")
    assert done.returncode == 0, done
    assert "items_missing    1" in done.stdout
    done = commons.run("import", "names", "--address", source.url("/list"), "--dry-run", "--wait")
    assert done.returncode == 0 and "items_found      0" in done.stdout, done
    done = commons.run("import", "names", "--address", source.url("/no"), "--wait")
    assert done.returncode == 65 and "HTTP 404" in done.stdout + done.stderr, done
    assert commons.run("import", "names").returncode == 64
    assert commons.run("import", "names", "x", "--address", "https://a.example/").returncode == 64
    done = commons.run("import", "names", "--address", "ftp://a.example/")
    assert done.returncode == 64 and "address" in done.stderr, done
