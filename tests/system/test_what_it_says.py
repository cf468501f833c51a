# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runner says of its work: the fields of its log, its state on SIGUSR1, what is slow, what
checks cost by type; and where long commands are."""
import json
import re
import signal
import subprocess
import time

import psycopg
import pytest

from entities import item, single_value_property
from runner_process import binary, wait_until
from slow_wiki import SlowWiki


def lines(runner):
    return [json.loads(line) for line in runner.log().splitlines()]


def about(runner, words):
    return next((line for line in lines(runner) if words in line["message"]), None)


def test_json_log_lines_have_fields(make_runner):
    runner = make_runner({"log.format": "json", "queue.backoff_base": "10ms"}).start()
    runner.submit({"entity": "Q1", "revision": 7, "document": item("Q1", 7)},
                  {"entity": "Q2", "revision": 8})  # which nobody has
    wait_until(runner.is_idle)
    stored = wait_until(lambda: about(runner, "Q1 of none is stored"))
    assert (stored["wiki"], stored["entity"], stored["revision"]) == ("none", "Q1", 7)
    assert stored["job"] > 0 and 0 <= stored["duration"] < 60
    dead = about(runner, "Q2 of none goes to the dead list")
    assert (dead["wiki"], dead["entity"], dead["revision"]) == ("none", "Q2", 8)
    assert dead["job"] != stored["job"]
    answered = about(runner, "POST /v1/jobs: 202")
    assert answered["request"] > 0 and answered["status"] == 202 and answered["duration"] >= 0
    others = {line["request"] for line in lines(runner) if "request" in line}
    assert len(others) > 1


def test_text_log_lines_have_no_fields(make_runner):
    runner = make_runner().start()
    runner.submit({"entity": "Q1", "revision": 7, "document": item("Q1", 7)})
    wait_until(lambda: "Q1 of none is stored" in runner.log())
    assert '"wiki"' not in runner.log()


def test_sigusr1_writes_the_state_to_the_log(make_runner):
    with SlowWiki([single_value_property(), item("Q1")],
                  delay=lambda entity: 60 if entity == "Q1" else 0) as wiki:
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              "wiki.slow.http_timeout": "120s",
                              "server.drain_timeout": "100ms"}).start()
        runner.submit({"entity": "Q1"}, wiki="slow")
        wait_until(lambda: wiki.seen["Q1"] or runner.queue()["leased"] == 1)
        wait_until(lambda: runner.signal(signal.SIGUSR1) or
                   "state: Q1 of slow for " in runner.log(), step=0.5)
        log = runner.log()
        assert re.search(r"state: ready; up for \d+ s, \d+ results stored, \d+ connections", log)
        assert re.search(r"state: Q1 of slow for [\d.]+ s: is gathered for", log)
        assert "state: 1 jobs in flight, 1 of them started" in log
        assert "state: accepting: 1 jobs in 1 transactions" in log
        assert runner.is_ready()


def test_sigusr1_logs_what_blocks_the_runner(make_runner):
    runner = make_runner(conninfo="host=/nonexistent dbname=x").start(wait="listening")
    wait_until(lambda: runner.signal(signal.SIGUSR1) or
               "state: problem: database: the database is unavailable" in runner.log(), step=0.5)
    assert "state: not ready" in runner.log()
    assert "no job can be done before the database answers" in runner.log()


def test_a_slow_entity_is_logged(make_runner):
    with SlowWiki([single_value_property(), item("Q1"), item("Q2")],
                  delay=lambda entity: 5.5 if entity == "Q1" else 0) as wiki:
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              "log.format": "json"}).start()
        runner.submit({"entity": "Q1"}, {"entity": "Q2"}, wiki="slow")
        wait_until(runner.is_idle, 40)
    slow = about(runner, "Q1 of slow took ")
    assert slow["level"] == "info" and slow["entity"] == "Q1" and slow["duration"] > 5
    assert about(runner, "Q2 of slow took ") is None


def test_checks_are_counted_by_type(make_runner):
    runner = make_runner().start()
    runner.submit(*({"entity": f"Q{n}", "document": item(f"Q{n}", 1, "abc")} for n in range(1, 11)),
                  wiki="file")
    wait_until(runner.is_idle)
    text = runner.get("/metrics").body.decode()
    assert 'constraint_runner_checks_total{type="single-value"} 30' in text
    assert re.search(r'constraint_runner_check_seconds_total\{type="single-value"\} \d', text)


def dump_of(path, count):
    documents = [single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, count + 1))]
    path.write_text("[\n" + ",\n".join(json.dumps(d) for d in documents) + "\n]\n")


def test_a_dump_ends_with_a_summary(tmp_path):
    dump_of(tmp_path / "d.json", 3)
    done = subprocess.run([binary(), "check", "--dump", tmp_path / "d.json", "--output",
                           tmp_path / "out"], capture_output=True, text=True, check=False,
                          timeout=60, env={"CONSTRAINT_RUNNER_CONFIG": "/dev/null"})
    assert done.returncode == 0 and done.stdout == ""
    assert re.fullmatch(
        r"constraint-runner: 4 entities checked in \d+ s: 0 violations, 6 warnings, 0 suggestions; "
        rf"the files are in {tmp_path}/out\n", done.stderr), done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_prints_how_to_continue(tmp_path, number):
    """The input is held up, so that it takes long."""
    dump_of(tmp_path / "d.json", 200)
    text = (tmp_path / "d.json").read_bytes()
    with subprocess.Popen([binary(), "check", "--dump", "-", "--output", tmp_path / "out"],
                          stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"CONSTRAINT_RUNNER_CONFIG": "/dev/null"}) as process:
        process.stdin.write(text[:-3])
        process.stdin.flush()
        wait_until((tmp_path / "out" / ".work").exists)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == -number
    assert b"\nconstraint-runner: interrupted: repeating the command starts over" in b"\n" + said


def test_long_commands_show_progress_without_a_terminal_and_can_be_resumed(tmp_path):
    dump_of(tmp_path / "d.json", 20_000)
    command = [binary(), "check", "--dump", tmp_path / "d.json", "--output", tmp_path / "out",
               "--shard", "500"]
    options = {"stderr": subprocess.PIPE, "env": {"CONSTRAINT_RUNNER_CONFIG": "/dev/null"}}
    with subprocess.Popen(command, **options) as process:
        wait_until((tmp_path / "out" / ".work").exists, step=0.001)
        process.send_signal(signal.SIGSTOP)  # so that it takes long
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        line = process.stderr.readline().decode()
        process.send_signal(signal.SIGINT)
        said = line + process.stderr.read().decode()
    assert re.match(r"(collecting: \d+ MB|checking: \d+ entities, \d+/s)(, [\d.]+ %)?\n", line), said
    assert "interrupted: repeat the command to resume" in said
    with subprocess.Popen(command, **options) as process:
        said = process.stderr.read().decode()
    assert process.returncode == 0 and "20001 entities checked in " in said


def test_checking_many_entities_shows_progress_and_a_summary(tmp_path):
    path = tmp_path / "d.ndjson"
    path.write_text("".join(json.dumps(d) + "\n" for d in [
        single_value_property(), *(item(f"Q{n}", 1, "ab") for n in range(1, 20_001))]))
    command = [binary(), "check", "--from", path, "--output", tmp_path / "out", "--threads", "1"]
    options = {"stderr": subprocess.PIPE, "env": {"CONSTRAINT_RUNNER_CONFIG": "/dev/null"}}

    def begin():
        process = subprocess.Popen(command, **options)
        wait_until((tmp_path / "out.part").exists, step=0.001)
        process.send_signal(signal.SIGSTOP)  # so that it takes long
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        line = process.stderr.readline().decode()
        assert re.match(r"\d+ of 20001 entities, \d+/s\n", line), line
        return process
    with begin() as process:
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
    assert "interrupted: repeating the command starts over" in said, said
    (tmp_path / "out.part").unlink(missing_ok=True)
    with begin() as process:
        said = process.stderr.read().decode()
    assert process.returncode == 0
    assert re.search(r"constraint-runner: 20001 entities checked in \d+ s: 0 violations, "
                     r"40000 warnings, 0 suggestions\n$", said), said


def test_an_import_that_is_waited_for_goes_on_in_the_runner(make_runner, tmp_path):
    dump_of(tmp_path / "d.json", 20)
    runner = make_runner({"imports.dump_folder": tmp_path, "imports.give_way_above": 1000}).start()
    with psycopg.connect(runner.settings["database.conninfo"]) as lock:
        lock.execute("LOCK TABLE constraint_runner.entity_result IN EXCLUSIVE MODE")
        with subprocess.Popen(runner.command("import", "dump", "d.json", "--wiki", "none", "--wait"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert b"import 1 begins" in process.stdout.readline()
            assert process.stderr.readline()  # where it is
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert b"the runner continues the import" in said and b"import status 1 --wait" in said
    wait_until(lambda: runner.get("/v1/import/1/status").json["status"] == "complete", 60)


def test_every_line_about_a_wiki_has_it_as_a_field(make_runner, tmp_path):
    (tmp_path / "packed.json").write_bytes(b"\xfd7zXZ\x00" + bytes(100))
    (tmp_path / "damaged.json").write_text(json.dumps(single_value_property()) + "\nnonsense\n" +
                                           json.dumps(item("Q1")) + "\n")
    folder = tmp_path / "dumps"
    folder.mkdir()
    dump_of(folder / "d.json", 3)
    names = ("alphawiki", "packedwiki", "damagedwiki")
    runner = make_runner({
        "log.format": "json", "queue.backoff_base": "10ms", "imports.dump_folder": str(folder),
        "wiki.alphawiki.source": "none",
        "wiki.packedwiki.source": "file", "wiki.packedwiki.files": [str(tmp_path / "packed.json")],
        "wiki.damagedwiki.source": "file",
        "wiki.damagedwiki.files": [str(tmp_path / "damaged.json")]}).start()
    runner.submit({"entity": "Q1", "revision": 7, "document": item("Q1", 7)}, wiki="alphawiki")
    runner.submit({"entity": "Q1"}, wiki="damagedwiki")
    runner.submit({"entity": "Q1"}, wiki="packedwiki")
    runner.get("/v1/results/alphawiki/Q1")
    runner.get("/v1/violations?wiki=alphawiki")
    assert runner.get("/v1/dump?wiki=alphawiki&format=csv").status == 200
    assert runner.post("/v1/check", {"wiki": "alphawiki", "entity": "Q1",
                                     "deadline_ms": 9000}).status == 200
    runner.post("/v1/dead/retry", {"wiki": "alphawiki"})
    runner.post("/v1/results/alphawiki/Q1/reset", {})
    started = runner.post("/v1/import", {"import_method": "dump", "wiki": "alphawiki",
                                         "file": "d.json"})
    assert started.status == 202, started
    number = started.json["job_id"]
    wait_until(lambda: about(runner, f"import {number} is complete"), 40)
    assert runner.get(f"/v1/import/{number}").status == 200
    wait_until(lambda: about(runner, "dump of alphawiki"))
    wait_until(lambda: about(runner, "of packedwiki is deferred"))
    wait_until(lambda: about(runner, "GET /v1/import/{job_id}: 200"))

    for line in lines(runner):
        for name in names:
            if re.search(rf"\b{name}\b", line["message"]):
                assert line.get("wiki") == name, line
        if found := re.match(r"import (\d+)\b", line["message"]):
            assert (line.get("import"), line.get("wiki")) == (int(found[1]), "alphawiki"), line
    assert about(runner, "wiki packedwiki: its files can't be read")
    assert about(runner, "wiki damagedwiki: ")
    assert about(runner, f"import {number}: ")["wiki"] == "alphawiki"
    for route in ("GET /v1/results/{wiki}/{entity}", "GET /v1/violations", "GET /v1/dump",
                  "POST /v1/check", "POST /v1/dead/retry", "POST /v1/import",
                  "POST /v1/results/{wiki}/{entity}/reset", "GET /v1/import/{job_id}"):
        assert about(runner, route + ": ").get("wiki") == "alphawiki", about(runner, route + ": ")
    assert about(runner, "GET /v1/import/{job_id}: ")["import"] == number
