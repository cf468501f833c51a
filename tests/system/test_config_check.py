# SPDX-License-Identifier: GPL-2.0-or-later
"""`config check` looks whether what the settings name is there."""
import gzip
import json
import os

import pytest

from entities import item
from runner_process import wait_until


def check(runner, **changes):
    runner.write_config(**changes)
    done = runner.run("config", "check", "--json")
    problems = json.loads(done.stdout)["problems"]
    assert done.returncode == (78 if problems else 0), done
    return problems


def test_a_good_configuration_is_good(make_runner, tmp_path):
    runner = make_runner({"imports.dump_folder": tmp_path, "imports.work_folder": tmp_path,
                          "wiki.php.source": "php", "wiki.php.php_command": ["sh", "-c", "true"],
                          "wiki.http.source": "http",
                          "wiki.http.entity_data_url": "http://localhost:1/wiki/Special:EntityData/",
                          "wiki.http.commons_api": "http://[::1]:2/w/api.php",
                          "wiki.http.replica_host": "127.0.0.1",
                          "wiki.http.replica_database": "w"})
    assert check(runner) == []
    assert runner.run("config", "check").stdout == "The configuration is valid.\n"


@pytest.mark.parametrize("conninfo,words", [
    ("hst=localhost", 'invalid connection option "hst"'),
    ("postgresql://u@localhost/x?sslmod=on", 'invalid URI query parameter: "sslmod"'),
    ("host=localhost password='a' secret=b", 'invalid connection option "********"'),
    ("postgresql://u:se%2Fcret%25@localhost/x?sslmod=on", 'invalid URI query parameter: "********"'),
])
def test_an_invalid_conninfo_is_reported_without_its_password(make_runner, conninfo,
                                                                           words):
    runner = make_runner()
    problems = check(runner, database__conninfo=conninfo)
    assert problems == [f"database.conninfo: libpq does not take it: {words}"]
    assert "cret" not in problems[0]
    refused = runner.run("serve")
    assert refused.returncode == 78 and words in refused.stderr and "cret" not in refused.stderr


@pytest.mark.parametrize("conninfo,words", [
    ("host=localhost password='secret", "a quote is not closed"),
    ("host localhost password secret", "a word is not followed by ="),
    ("postgresql://user:se%zzcret@localhost/x", "a % is not followed by two hexadecimal digits"),
])
def test_a_conninfo_that_can_not_be_read_is_refused_like_any_setting(make_runner, conninfo, words):
    runner = make_runner()
    runner.write_config(database__conninfo=conninfo)
    for command in (["config", "check"], ["serve"]):
        refused = runner.run(*command)
        assert refused.returncode == 78, command
        assert f"database.conninfo: {words}" in refused.stderr and "cret" not in refused.stderr


@pytest.mark.parametrize("key,value,words", [
    ("imports.dump_folder", "/nonexistent/dumps", "/nonexistent/dumps: No such file"),
    ("imports.dump_folder", "/dev/null", "/dev/null: "),
    ("imports.work_folder", "/nonexistent/work", "/nonexistent/work: No such file"),
    ("wiki.file.files", ["/nonexistent/dump.json"], "/nonexistent/dump.json: No such file"),
    ("wiki.none.php_command", ["/nonexistent/php", "run.php"],
     '"/nonexistent/php" is not an executable program'),
    ("wiki.none.php_command", ["no-such-program-as-this"],
     '"no-such-program-as-this" is not an executable program'),
    ("wiki.none.php_command", ["sh", "/nonexistent/run.php"], "/nonexistent/run.php: No such file"),
    ("wiki.none.unit_conversion", "/nonexistent/units.json", "/nonexistent/units.json: "),
    ("wiki.none.commons_api", "https://commons.invalid/w/api.php",
     'the host "commons.invalid" is not found: '),
    ("wiki.none.api_url", "http://user@wiki.invalid:8080/api.php",
     'the host "wiki.invalid" is not found: '),
    ("database.conninfo", "host=db.invalid dbname=x", 'the host "db.invalid" is not found: '),
    ("database.conninfo", "postgresql://db.invalid/x", 'the host "db.invalid" is not found: '),
    ("database.conninfo", "host=/nonexistent/pg dbname=x", "/nonexistent/pg: No such file"),
])
def test_what_is_not_there_is_named_with_its_setting(make_runner, key, value, words):
    problems = check(make_runner({key: value}))
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"{key}: {words}")


@pytest.mark.parametrize("content, words", [
    (b"id,label\nQ1,a\nQ2,b\n", "no line of it is an entity"),
    ('{"id":"Q1"}'.encode("utf-16"), "UTF-16"),
    (gzip.compress(json.dumps(item("Q1", 1)).encode() * 50)[:-20], "cut off"),
    (b"", "it holds no entity")], ids=["CSV", "UTF-16", "cut", "empty"])
def test_a_file_of_a_wiki_must_begin_as_one_with_entities(make_runner, tmp_path, content, words):
    path = tmp_path / "d.json"
    path.write_bytes(content)
    problems = check(make_runner({"wiki.file.files": [path]}))
    assert len(problems) == 1
    assert problems[0].startswith(f"wiki.file.files: {path}: ") and words in problems[0]


def test_a_file_of_a_wiki_must_be_a_regular_file(make_runner, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    runner = make_runner()
    assert check(runner, **{"wiki.file.files": [tmp_path]}) == [
        f"wiki.file.files: {tmp_path}: is a directory, not a regular file"]
    words = f"wiki.file.files: {fifo}: is a FIFO, not a regular file"
    assert check(runner, **{"wiki.file.files": [fifo]}) == [words]
    asked = runner.run("check", "--wiki", "file", "Q1")  # which waited for a writer
    assert asked.returncode == 78 and words in asked.stderr
    runner.start(wait=None)
    wait_until(lambda: words in runner.log() or runner.ended())
    assert words in runner.log()
    runner.stop(20)


def test_a_folder_is_no_program(make_runner, tmp_path):
    assert check(make_runner({"wiki.none.php_command": [str(tmp_path)]})) == [
        f'wiki.none.php_command: "{tmp_path}" is not an executable program']


def test_hosts_of_the_source_and_the_replica(make_runner):
    problems = check(make_runner({
        "wiki.w.source": "http", "wiki.w.entity_data_url": "https://data.invalid/",
        "wiki.w.replica_host": "replica.invalid", "wiki.w.replica_database": "w"}))
    assert [p.split(" is not")[0] for p in problems] == [
        'wiki.w.entity_data_url: the host "data.invalid"',
        'wiki.w.replica_host: the host "replica.invalid"']


def test_a_configuration_without_wikis_could_do_nothing(make_runner):
    runner = make_runner()
    runner.settings = {k: v for k, v in runner.settings.items() if not k.startswith("wiki.")}
    assert check(runner) == ["wiki: there is no section [wiki.ID], so no job can be accepted"]


@pytest.mark.parametrize("content, words", [
    (b"root:x:0:0:root:/root:/bin/bash\n", "line 1, byte 1: must be a JSON object from units"),
    (b'{"Q1": {"factor": "1", "unit": "Q2"},\n "Q3": nope}', "line 2, byte 8: must be"),
    (b'{"Q1": {"factor": "1", "unit": "Q2"}} {}', "line 1, byte 39: must be"),
    (b"", "line 1, byte 1: it ends there; must be"),
    (b"[1]", "must be a JSON object from units"),
    (b'{"Q1": {"factor": "2"}}', "Q1 has no unit; it must be"),
    (bytes(range(256)), "line 1, byte 1: must be")],
    ids=["text", "damaged", "two values", "empty", "a list", "no unit", "bytes"])
def test_a_conversion_file_is_read_as_serve_reads_it(make_runner, tmp_path, content, words):
    path = tmp_path / "units.json"
    path.write_bytes(content)
    runner = make_runner({"wiki.none.unit_conversion": str(path)})
    problems = check(runner)
    assert len(problems) == 1
    assert problems[0].startswith(f"wiki.none.unit_conversion: {path}: ") and words in problems[0]
    refused = runner.run("serve")
    assert refused.returncode == 78 and words in refused.stderr
    for said in (problems[0], refused.stderr):
        assert "boost" not in said and "hpp" not in said and "syntax error" not in said


@pytest.mark.parametrize("key,value,words", [
    ("server.socket", "/nonexistent/folder/runner.sock", "/nonexistent/folder: No such file"),
    ("server.socket", "/etc/passwd/runner.sock", "/etc/passwd: is not a directory"),
    ("server.socket", "/etc/passwd", "/etc/passwd: is not a socket"),
    ("wiki.none.replica_socket", "/etc/passwd", "/etc/passwd: is not a socket"),
    ("wiki.none.replica_socket", "/nonexistent/s", "/nonexistent/s: No such file"),
    ("imports.dump_folder", "/etc/passwd", "/etc/passwd: is not a directory")])
def test_sockets_and_folders_are_what_their_settings_need(make_runner, key, value, words):
    replica = {"wiki.none.replica_database": "w"} if "replica" in key else {}
    problems = check(make_runner(), **{key: value}, **replica)
    assert len(problems) == 1 and problems[0].startswith(f"{key}: {words}"), problems


@pytest.mark.parametrize("key", ["server.token_file", "database.password_file", "wiki.none.token_file",
                                 "wiki.none.replica_password_file"])
def test_a_secret_that_is_not_there_is_named_with_its_setting(make_runner, key):
    runner = make_runner({key: "/nonexistent/secret"})
    runner.write_config()
    for command in (["config", "check"], ["serve"]):
        refused = runner.run(*command)
        assert refused.returncode == 66
        assert f"{key}: /nonexistent/secret: No such file" in refused.stderr


def test_the_folder_that_systemd_makes_may_not_be_there_yet(make_runner):
    assert check(make_runner(), server__socket="/run/of-no-service-yet/runner.sock") == []
