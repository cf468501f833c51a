# SPDX-License-Identifier: GPL-2.0-or-later
"""`constraint-runner ctl`: pauses that lose nothing and outlive restarts, priorities, reload, drain."""
import contextlib
import signal
import subprocess
import time

import psycopg
import pytest

from entities import item
from runner_process import wait_until
from slow_wiki import SlowWiki

TEMP_FAIL, NO_INPUT, USAGE, CONFIG, UNAVAILABLE = 75, 66, 64, 78, 69


def ctl(runner, *arguments):
    return runner.run("ctl", *arguments)


def stored(runner, entity, wiki="none"):
    return runner.result(entity, wiki).status == 200


def document(entity, revision=1):
    return {"entity": entity, "revision": revision, "document": item(entity, revision)}


def is_counted(runner, state, count, wiki="none"):
    return runner.queue()["wikis"].get(wiki, {}).get(state) == count


@contextlib.contextmanager
def slow_runner(make_runner, seconds, settings=None):
    """A runner with a job in flight, of a wiki that takes so long for an answer."""
    with SlowWiki([item("Q7")], delay=lambda entity: seconds) as wiki:
        runner = make_runner({"wiki.slow.source": "http", "wiki.slow.entity_data_url": wiki.url,
                              **(settings or {})}).start()
        runner.submit({"entity": "Q7"}, wiki="slow")
        wait_until(lambda: is_counted(runner, "leased", 1, "slow"))
        yield runner


def test_jobs_of_a_paused_wiki_are_accepted_and_wait_others_go_on(make_runner):
    runner = make_runner().start()
    paused = ctl(runner, "pause", "--wiki", "none", "--reason", "the wiki moves")
    assert paused.returncode == 0, paused.stderr
    assert paused.stdout.startswith("none is paused since 2")
    assert paused.stdout.endswith("Z: the wiki moves\n")

    assert runner.submit(document("Q5"), document("Q6")).status == 202
    assert runner.submit({"entity": "Q2"}, wiki="file").status == 202
    wait_until(lambda: stored(runner, "Q2", "file"))
    queue = runner.queue()
    assert queue["wikis"]["none"]["ready"] == 2
    [pause] = queue["paused"]
    assert (pause["wiki"], pause["reason"]) == ("none", "the wiki moves")
    assert 'constraint_runner_queue_paused{wiki="none"} 1' in runner.get("/metrics").body.decode()
    assert 'constraint_runner_queue_paused{wiki="file"} 0' in runner.get("/metrics").body.decode()
    assert "none</strong> since" in runner.get("/").body.decode().replace(" is paused", "")

    resumed = ctl(runner, "resume", "--wiki", "none")
    assert (resumed.returncode, resumed.stdout) == (0, "no wiki is paused\n")
    wait_until(lambda: stored(runner, "Q5") and stored(runner, "Q6"))
    assert runner.queue()["paused"] == []
    assert 'constraint_runner_queue_paused{wiki="none"} 0' in runner.get("/metrics").body.decode()


def test_a_pause_outlives_the_runner_and_holds_for_all_runners_of_the_database(make_runner, postgres):
    conninfo = postgres.create_database()
    first = make_runner(conninfo=conninfo).start()
    assert ctl(first, "pause").stdout.startswith("all wikis are paused since ")
    first.submit(document("Q5"))
    first.signal(signal.SIGTERM)
    first.process.wait(30)
    status = first.run("status")
    assert status.returncode == UNAVAILABLE
    assert "all wikis are paused since" in status.stdout

    first.start()
    second = make_runner(conninfo=conninfo).start()
    for runner in (first, second):
        wait_until(lambda r=runner: any(w.startswith("paused: all wikis since")
                                        for w in r.get("/readyz").json["warnings"]))
        assert "warning: paused: all wikis since" in runner.run("status").stdout
        assert '"paused":[{"wiki":null,' in runner.run("status", "--json").stdout
        assert "paused: all wikis since" in runner.log()
    assert first.queue()["ready"] == 1
    assert ctl(second, "resume").stdout == "no wiki is paused\n"
    wait_until(lambda: stored(first, "Q5"))


def test_the_pause_of_all_and_that_of_a_wiki_are_two(make_runner):
    runner = make_runner().start()
    ctl(runner, "pause", "--wiki", "none", "--reason", "one")
    ctl(runner, "pause", "--reason", "all")
    ctl(runner, "pause", "--wiki", "none", "--reason", "one more")
    assert [(p["wiki"], p["reason"]) for p in runner.queue()["paused"]] == [
        (None, "all"), ("none", "one more")]
    runner.submit(document("Q5"))
    assert "none is paused" in ctl(runner, "resume").stdout
    assert "none is paused" in ctl(runner, "resume").stdout  # again: no error
    assert is_counted(runner, "ready", 1)
    ctl(runner, "resume", "--wiki", "none")
    wait_until(lambda: stored(runner, "Q5"))


def test_a_check_while_paused_is_answered_from_the_store_or_not_at_all(make_runner):
    runner = make_runner().start()
    runner.submit({"entity": "Q1"}, wiki="file")
    wait_until(lambda: stored(runner, "Q1", "file"))
    ctl(runner, "pause", "--wiki", "file")
    check = {"wiki": "file", "deadline_ms": 20_000}
    assert runner.post("/v1/check", {**check, "entity": "Q1"}).status == 200
    begun = time.monotonic()
    answer = runner.post("/v1/check", {**check, "entity": "Q2"})
    assert (answer.status, answer.error["code"]) == (503, "paused")
    assert answer.headers["Retry-After"]
    assert time.monotonic() - begun < 10  # not at the deadline


def test_imports_of_a_paused_wiki_wait(make_runner):
    runner = make_runner().start()
    ctl(runner, "pause", "--wiki", "file")
    started = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                         "entities": ["Q1", "Q2"]})
    assert started.status == 202, started
    path = f"/v1/import/{started.json['job_id']}/status"
    time.sleep(1.5)  # longer than the pause between two looks for imports
    assert runner.get(path).json["done"] == 0
    ctl(runner, "resume", "--wiki", "file")
    wait_until(lambda: runner.get(path).json["status"] == "complete")
    wait_until(lambda: stored(runner, "Q1", "file") and stored(runner, "Q2", "file"))


def test_pause_waits_for_jobs_in_flight(make_runner):
    with slow_runner(make_runner, 1.5) as runner:
        done = ctl(runner, "pause", "--wiki", "slow", "--wait")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "no job is in flight")
        assert not is_counted(runner, "leased", 1, "slow")


def test_priorities_of_waiting_jobs_decide_what_goes_first(make_runner, postgres):
    conninfo = postgres.create_database()
    runner = make_runner({"workers.threads": 1, "queue.batch": 1}, conninfo=conninfo).start()
    ctl(runner, "pause")
    runner.submit(*[document(f"Q{n}") for n in range(5, 15)])
    runner.submit({"entity": "Q1"}, wiki="file")
    low = ctl(runner, "reprioritise", "--wiki", "none", "--priority", "low", "--reason", "edit")
    assert (low.returncode, low.stdout) == (0, "10 jobs have the priority low now\n"), low.stderr
    high = ctl(runner, "reprioritise", "--wiki", "none", "--priority", "high", "Q14", "Q13", "Q999")
    assert high.stdout == "2 jobs have the priority high now\n"
    none = ctl(runner, "reprioritise", "--wiki", "none", "--priority", "high", "--reason", "fill")
    assert none.stdout == "0 jobs have the priority high now\n"
    with psycopg.connect(conninfo) as database:
        rows = database.execute("SELECT entity, priority FROM constraint_runner.job "
                                "WHERE wiki = 'none'").fetchall()
    assert {e for e, p in rows if p == 10} == {"Q13", "Q14"}
    assert {p for e, p in rows if e not in ("Q13", "Q14")} == {-10}
    ctl(runner, "resume")
    wait_until(runner.is_idle)
    with psycopg.connect(conninfo) as database:
        order = [row[0] for row in database.execute(
            "SELECT entity FROM constraint_runner.entity_result WHERE wiki = 'none' "
            "ORDER BY check_number")]
    assert order[:2] == ["Q13", "Q14"]
    assert order[2:] == [f"Q{n}" for n in range(5, 13)]


def test_dead_jobs_and_resets(make_runner):
    runner = make_runner().start()
    runner.submit({"entity": "Q6"}, {"entity": "Q7"})  # no document, no source: dead
    wait_until(lambda: runner.queue()["dead"] == 2)
    ctl(runner, "pause")
    one = ctl(runner, "retry-dead", "--wiki", "none", "Q6", "Q5")
    assert (one.returncode, one.stdout) == (0, "1 dead jobs are back in the queue\n"), one.stderr
    assert ctl(runner, "retry-dead").stdout == "1 dead jobs are back in the queue\n"
    assert (runner.queue()["dead"], runner.queue()["ready"]) == (0, 2)
    reset = ctl(runner, "reset", "--wiki", "file", "Q1")
    assert (reset.returncode, reset.stdout) == (0, "Q1: forgotten, and queued for a check\n")


def test_reload_says_what_changed_or_what_is_wrong(make_runner):
    runner = make_runner().start()
    assert ctl(runner, "reload").stdout == "no changes\n"
    runner.write_config(queue__max_length=77, workers__threads=3)
    done = ctl(runner, "reload")
    assert (done.returncode, done.stdout) == (
        0, "applied: queue.max_length\nonly a restart applies: workers.threads\n")
    runner.write_config(workers__threads=1, wiki__more__source="none")
    assert "new wikis: more\n" in ctl(runner, "reload").stdout
    wait_until(lambda: runner.submit(document("Q5"), wiki="more").status == 202)
    before = runner.config.read_text()
    runner.config.write_text(before + "[queue\n")
    wrong = runner.post("/v1/reload", None)
    assert (wrong.status, wrong.error["code"]) == (422, "not_reloaded")
    assert "runner.toml" in wrong.error["message"]
    runner.config.write_text(before)
    assert ctl(runner, "reload").returncode == 0


def test_drain_answers_when_the_jobs_in_flight_are_stored(make_runner):
    with slow_runner(make_runner, 1) as runner:
        done = ctl(runner, "drain")
        assert (done.returncode, done.stdout) == (
            0, "all jobs in flight are finished; the runner ends\n"), done.stderr
        assert runner.process.wait(20) == 0
        assert ctl(runner, "drain").returncode == UNAVAILABLE
        runner.start()
        assert stored(runner, "Q7", "slow")


def test_a_second_drain_does_not_cut_the_first_short(make_runner):
    """As a second SIGTERM would."""
    with slow_runner(make_runner, 2) as runner:
        both = [subprocess.Popen(runner.command("ctl", "drain"), stdout=subprocess.PIPE, text=True)
                for _ in range(2)]
        said = [each.communicate(timeout=30)[0] for each in both]
        assert "all jobs in flight are finished; the runner ends\n" in said  # one may find no listener
        assert runner.process.wait(20) == 0


def test_drain_says_when_jobs_are_given_back(make_runner):
    with slow_runner(make_runner, 20, {"server.drain_timeout": "500ms"}) as runner:
        done = ctl(runner, "drain")
        assert done.returncode == TEMP_FAIL, done
        assert "given back" in done.stdout
        assert runner.process.wait(20) == TEMP_FAIL


@pytest.mark.parametrize("arguments, code, message", [
    ([], USAGE, "subcommand is required"),
    (["pause", "--wiki", "nowiki"], USAGE, 'unknown wiki "nowiki"'),
    (["reprioritise", "--wiki", "none"], USAGE, "--priority"),
    (["reprioritise", "--wiki", "none", "--priority", "urgent"], USAGE, "--priority"),
    (["reprioritise", "--wiki", "none", "--priority", "low", "Q0x"], USAGE, "Q0x"),
    (["reprioritise", "--priority", "low"], USAGE, "--wiki"),
    (["retry-dead", "--wiki", "none", "seven"], USAGE, "seven"),
])
def test_wrong_words_are_usage_errors(shared, arguments, code, message):
    result = ctl(shared, *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
