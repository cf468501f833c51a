# SPDX-License-Identifier: GPL-2.0-or-later
"""When the jobs of a wiki are done, the store holds what a new runner on an empty database would
hold. One test for each way in which that can break; tests/storm/ does all of it at random.

What another check or runner does "meanwhile" is arranged with answers of the wiki that are held
back, with stopped processes and with locks, not with pauses."""
import contextlib
import re
import signal
import subprocess
import time

import pytest

from built_entities import INSTANCE, constraint, item, lexeme, link, prop, text
from law_bench import (DISTINCT, REQUIRES, SINGLE, SYMMETRIC, TYPE, VALUE_TYPE, WIKI, followed,
                       import_dump, no_value_changes, not_stored, partner, paused, symmetric,
                       waits_for_a_lock, write_dump)
from runner_process import wait_until


def single_value():
    return prop("P10", [constraint("single")])


def two_values(entity):
    """Breaks the single value constraint with each of two statements."""
    return item(entity, [text("P10", "a"), text("P10", "b")])


# -- 1 -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("first_job", ["waits", "runs"])
def test_a_deletion_wins_over_the_document_of_a_job_that_is_not_done(law, first_job):
    for document in (single_value(), two_values("Q1"), two_values("Q2")):
        law.wiki.put(document)
    runner = law.runner(workers__threads=1)
    with law.wiki.hold("P10") as held:
        law.submit(runner, law.job("Q1" if first_job == "runs" else "Q2"))
        assert held.arrived.wait(20)
        if first_job == "waits":
            law.submit(runner, law.job("Q1"))
        law.wiki.delete("Q1")
        law.submit(runner, "Q1")
    law.settle()
    assert law.broken("Q1") is None
    assert runner.result("Q1", WIKI).status == 404


# -- 2 and 3 -------------------------------------------------------------------------------------

def test_a_runner_that_did_not_hear_of_an_edit_does_not_check_against_the_old_revision(law):
    for document in (symmetric(), partner("Q1", "Q2"), partner("Q2"), partner("Q3", "Q2"),
                     partner("Q4", "Q2")):
        law.wiki.put(document)
    first, second = law.two_runners()
    with paused(first):
        law.check(second, "P26", "Q2", "Q1", "Q3", "Q4")  # the second runner knows Q2 now
    assert law.broken("Q1") == [SYMMETRIC]
    with paused(second):  # no pair of Q2 itself changes with this
        revision = law.wiki.put(partner("Q2", "Q1", "Q3", "Q4"))
        law.submit(first, law.job("Q2"))
        law.stored("Q2", revision)
    with paused(first):
        revision = law.wiki.put(item("Q3", [link("P26", "Q2")], languages=["en"]))
        law.submit(second, law.job("Q3"))
        law.stored("Q3", revision)
        law.settle_if_possible()  # what follows from Q2 is done by the second runner too
    law.settle()
    assert [law.broken(q) for q in ("Q1", "Q3", "Q4")] == [[], [], []]


def test_a_runner_that_did_not_hear_of_an_edit_does_not_check_with_the_old_constraints(law):
    for document in (single_value(), two_values("Q1"), two_values("Q2")):
        law.wiki.put(document)
    first, second = law.two_runners()
    with paused(first):
        law.check(second, "P10", "Q1", "Q2")
    assert law.broken("Q1") == [SINGLE, SINGLE]
    with paused(second):
        revision = law.wiki.put(prop("P10"))
        law.submit(first, law.job("P10"))
        law.stored("P10", revision)
    with paused(first):
        revision = law.wiki.put(item("Q2", [text("P10", "a"), text("P10", "c")]))
        law.submit(second, law.job("Q2"))
        law.stored("Q2", revision)
        law.settle_if_possible()
    law.settle()
    assert [law.broken("Q1"), law.broken("Q2")] == [[], []]


# -- 4 -------------------------------------------------------------------------------------------

def test_an_answer_that_comes_late_does_not_take_the_place_of_a_newer_revision(law):
    for document in (symmetric(), partner("Q1", "Q2"), partner("Q2")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, law.job("P26"), law.job("Q2"))
    with law.wiki.hold("Q2") as held:
        law.submit(runner, law.job("Q1"))
        assert held.arrived.wait(20)  # with the old revision
        revision = law.wiki.put(partner("Q2", "Q1"))
        law.submit(runner, law.job("Q2"))
        law.stored("Q2", revision)
    law.settle()
    assert law.broken("Q1") == []


# -- 5 -------------------------------------------------------------------------------------------

def test_the_first_result_of_a_linked_entity_is_followed(law):
    for document in (symmetric(), partner("Q1", "Q2"), partner("Q2")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    law.wiki.put(partner("Q2", "Q1"))
    law.check(runner, law.job("Q2"))
    assert law.broken("Q1") == []


def test_the_first_result_of_a_property_is_followed(law):
    for document in (single_value(), two_values("Q1")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "Q1")
    assert law.broken("Q1") == [SINGLE, SINGLE]
    law.wiki.put(prop("P10"))
    law.check(runner, law.job("P10"))
    assert law.broken("Q1") == []


# -- 6 -------------------------------------------------------------------------------------------

def test_the_constraints_of_a_deleted_property_are_gone(law):
    for document in (single_value(), two_values("Q1"), two_values("Q2")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P10", "Q1")
    assert law.broken("Q1") == [SINGLE, SINGLE]
    law.wiki.delete("P10")
    law.check(runner, "P10")
    law.check(runner, "Q2")
    assert [law.broken("Q1"), law.broken("Q2")] == [[], []]


# -- 7 -------------------------------------------------------------------------------------------

def test_an_old_document_of_a_property_that_comes_after_a_restart_changes_nothing(law):
    old = law.wiki.put(single_value())
    law.wiki.put(prop("P10"))
    for entity in ("Q1", "Q2"):
        law.wiki.put(two_values(entity))
    runner = law.runner()
    law.check(runner, "P10", "Q1")
    assert law.broken("Q1") == []
    assert runner.stop() == 0
    runner.start()
    law.check(runner, law.job("P10", old))
    law.check(runner, "Q2")
    assert law.broken("Q2") == []


# -- 8 -------------------------------------------------------------------------------------------


def test_a_dump_from_before_the_edit_of_a_property_is_checked_with_what_is_stored(law):
    old = law.wiki.put(single_value())
    law.wiki.put(two_values("Q1"))
    write_dump(law, [law.wiki.document(e) for e in ("P10", "Q1")])
    assert law.wiki.put(prop("P10")) > old
    runner = law.runner()
    law.check(runner, "P10")
    import_dump(law, runner)
    assert law.broken("Q1") == []


# -- 9 -------------------------------------------------------------------------------------------

def test_a_change_is_followed_however_long_the_check_of_a_dependent_takes(law):
    both = prop("P26", [constraint("symmetric"),
                        constraint("value type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])],
                "wikibase-item")
    for document in (both, partner("Q1", "Q2"), item("Q2", [link("P31", "Q50")]),
                     item("Q50", [link("P279", "Q100")]), item("Q100")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, law.job("P26"), law.job("Q2"))
    with law.wiki.hold("Q50") as held:
        law.submit(runner, law.job("Q1"))
        assert held.arrived.wait(20)  # Q2 is read already
        revision = law.wiki.put(item("Q2", [link("P31", "Q50"), link("P26", "Q1")]))
        law.submit(runner, law.job("Q2"))
        # Q2 needs the class Q50 now as well: its job may have to wait for the answer too
        with contextlib.suppress(AssertionError):
            wait_until(lambda: law.revision("Q2") == revision, 5)
            wait_until(lambda: followed(law, "Q2"), 10)
    law.settle()
    assert law.broken("Q1") == []


# -- 10 ------------------------------------------------------------------------------------------

def test_an_edit_of_the_target_of_a_redirect_is_followed(law):
    for document in (symmetric(), partner("Q1", "Q5"), partner("Q5"), partner("Q2")):
        law.wiki.put(document)
    law.wiki.redirect("Q5", "Q2")
    runner = law.runner()
    law.check(runner, "P26", "Q2", "Q5")
    law.check(runner, "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    law.wiki.put(partner("Q2", "Q1"))
    law.check(runner, law.job("Q2"))
    assert law.broken("Q1") == []


# -- 11 ------------------------------------------------------------------------------------------

def code(entity, value):
    return item(entity, [text("P20", value)])


def named(runner, entity):
    """The other entities that the result of the entity names as having its value."""
    found = []
    for result in runner.result(entity, WIKI).json["value"]["results"]:
        if result.get("c", {}).get("qid") == DISTINCT:
            found += result["m"]["a"][0]["v"]
    return found


@pytest.mark.parametrize("case", ["more than ten", "one comes and one goes"])
def test_a_value_that_is_taken_between_look_and_commit_is_seen(law, case):
    law.wiki.put(prop("P20", [constraint("distinct")]))
    sharers = [f"Q{n}" for n in range(20, 32)] if case == "more than ten" else ["Q20"]
    for entity in sharers:
        law.wiki.put(code(entity, "x"))
    law.wiki.put(code("Q10", "y"))
    law.wiki.put(code("Q99", "z"))
    first, second = law.runner(), law.runner()
    law.check(first, "P20", *sharers, "Q10", "Q99")
    with paused(second), not_stored(law, "Q99"):
        law.wiki.put(code("Q99", "x"))
        law.submit(first, law.job("Q99"))
        wait_until(lambda: waits_for_a_lock(law), 20)  # it has looked at the others
        with paused(first):
            second.signal(signal.SIGCONT)
            if case != "more than ten":
                revision = law.wiki.put(code("Q20", "y2"))
                law.submit(second, law.job("Q20"))
                law.stored("Q20", revision)
            revision = law.wiki.put(code("Q10", "x"))
            law.submit(second, law.job("Q10"))
            law.stored("Q10", revision)
            # what follows from it is done before Q99 is stored
            with contextlib.suppress(AssertionError):
                wait_until(lambda: no_value_changes(law), 8)
    law.settle()
    expected = ["Q10", *sharers][:10] if case == "more than ten" else ["Q10"]
    assert named(first, "Q99") == expected
    if case != "more than ten":
        assert named(first, "Q10") == ["Q99"]


# -- 13 ------------------------------------------------------------------------------------------

def test_a_restored_older_revision_has_a_result(law):
    old = law.wiki.put(two_values("Q1"))
    law.wiki.put(single_value())
    law.wiki.put(item("Q1", [text("P10", "a")]))
    runner = law.runner()
    law.check(runner, "P10", law.job("Q1"))
    law.wiki.delete("Q1")
    law.check(runner, "Q1")
    assert law.broken("Q1") is None
    law.wiki.restore("Q1", old)
    law.check(runner, "Q1")
    assert law.broken("Q1") == [SINGLE, SINGLE]
    assert law.revision("Q1") == old
    answer = runner.post("/v1/check", {"wiki": WIKI, "entity": "Q1", "deadline_ms": 5000})
    assert answer.status == 200, answer


# -- 14 ------------------------------------------------------------------------------------------

ABSURD = 10**15


@pytest.mark.parametrize("kind", ["document", "revision"])
def test_a_revision_that_the_wiki_does_not_have_is_not_for_good(law, kind):
    for document in (single_value(), two_values("Q1")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P10", "Q1")
    forged = {"entity": "Q1", "revision": ABSURD}
    if kind == "document":
        forged["document"] = {**item("Q1", [text("P10", "a")]), "lastrevid": ABSURD}
    law.submit(runner, forged)
    if kind == "document":
        law.settle(150)  # a revision that was announced is waited for
    law.check(runner, "Q1")  # asks the wiki
    assert law.broken("Q1") == [SINGLE, SINGLE]
    revision = law.wiki.put(item("Q1", [text("P10", "c")]))
    law.check(runner, law.job("Q1"))
    assert law.revision("Q1") == revision
    assert law.broken("Q1") == []
    assert runner.get(f"/v1/dead?wiki={WIKI}").json["jobs"] == []


def test_an_entity_can_be_reset(law):
    for document in (single_value(), two_values("Q1")):
        law.wiki.put(document)
    runner = law.runner()
    forged = {**item("Q1", [text("P10", "a")]), "lastrevid": ABSURD}
    law.check(runner, "P10", {"entity": "Q1", "revision": ABSURD, "document": forged})
    answer = runner.post(f"/v1/results/{WIKI}/Q1/reset", {})
    assert answer.status in (200, 202), answer
    law.settle()
    assert law.broken("Q1") == [SINGLE, SINGLE]
    assert law.revision("Q1") == law.wiki.state("Q1").revision


# -- 15 ------------------------------------------------------------------------------------------

def lexeme_with(entity, *form_values, sense_values=("a", "b")):
    return lexeme(entity, [text("P10", "a")],
                  {f"{entity}-F1": [text("P10", v) for v in form_values]},
                  {f"{entity}-S1": [text("P10", v) for v in sense_values]})


def parts_of(law, entity="L1"):
    return [law.broken(f"{entity}{part}") for part in ("", "-F1", "-S1")]


def test_the_job_of_a_lexeme_checks_its_forms_and_senses(law):
    law.wiki.put(single_value())
    law.wiki.put(lexeme_with("L1", "a", "b"))
    runner = law.runner()
    law.check(runner, "P10", "L1")
    assert parts_of(law) == [[], [SINGLE, SINGLE], [SINGLE, SINGLE]]


@pytest.mark.parametrize("how", ["fixed", "form removed", "deleted", "redirected"])
def test_the_results_of_forms_follow_their_lexeme(law, how):
    for document in (single_value(), lexeme_with("L1", "a", "b"), lexeme_with("L2", "a")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P10", "L1", "L1-F1", "L1-S1")
    assert law.broken("L1-F1") == [SINGLE, SINGLE]
    if how == "fixed":
        law.wiki.put(lexeme_with("L1", "a", sense_values=()))
    elif how == "form removed":
        law.wiki.put(lexeme("L1"))
    elif how == "deleted":
        law.wiki.delete("L1")
    else:
        law.wiki.redirect("L1", "L2")
    law.check(runner, "L1")
    assert parts_of(law) == {"fixed": [[], [], []], "form removed": [[], None, None],
                             "deleted": [None, None, None],
                             "redirected": [None, None, None]}[how]


def test_an_entity_that_links_to_a_form_follows_it(law):
    for document in (prop("P28", [constraint("value requires", P2306=["<P10>"])],
                          "wikibase-form"),
                     item("Q1", [link("P28", "L1-F1")]), lexeme_with("L1")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P28", "L1", "Q1")
    assert law.broken("Q1") == [REQUIRES]
    law.wiki.put(lexeme_with("L1", "a"))
    law.check(runner, law.job("L1"))
    assert law.broken("Q1") == []


def test_a_line_of_a_dump_checks_the_forms_and_senses_of_its_lexeme(law):
    law.wiki.put(single_value())
    law.wiki.put(lexeme_with("L1", "a", "b"))
    write_dump(law, [law.wiki.document(e) for e in ("P10", "L1")])
    import_dump(law, law.runner())
    assert parts_of(law) == [[], [SINGLE, SINGLE], [SINGLE, SINGLE]]


# -- 16 ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", ["edited", "deleted", "becomes a redirect"])
def test_a_change_of_a_class_is_followed_below_it(law, how):
    type_of_subject = constraint("subject type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])
    type_of_value = constraint("value type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])
    for document in (prop("P11", [type_of_subject]), prop("P27", [type_of_value], "wikibase-item"),
                     item("Q1", [link("P31", "Q50"), text("P11", "a")]),
                     item("Q2", [link("P27", "Q1")]), item("Q50", [link("P279", "Q60")]),
                     item("Q60", [link("P279", "Q70")]), item("Q70", [link("P279", "Q100")]),
                     item("Q100"), item("Q99")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P11", "P27", "Q1", "Q2", "Q50", "Q60", "Q70")
    assert [law.broken("Q1"), law.broken("Q2")] == [[], []]
    if how == "edited":
        law.wiki.put(item("Q60", [link("P279", "Q99")]))
    elif how == "deleted":
        law.wiki.delete("Q60")
    else:
        law.wiki.redirect("Q60", "Q99")
    law.check(runner, "Q60")
    assert [law.broken("Q1"), law.broken("Q2")] == [[TYPE], [VALUE_TYPE]]


# -- 17 ------------------------------------------------------------------------------------------

def test_the_first_constraint_of_a_property_is_followed(law):
    law.wiki.put(prop("P10"))
    law.wiki.put(two_values("Q1"))
    runner = law.runner()
    law.check(runner, "P10", "Q1")
    assert law.broken("Q1") == []
    law.wiki.put(single_value())
    law.check(runner, law.job("P10"))
    assert law.broken("Q1") == [SINGLE, SINGLE]


@pytest.mark.parametrize("setting", ["check_qualifiers", "ids.SingleValueConstraint"])
def test_changed_settings_of_a_wiki_are_followed(law, setting):
    name, before, after = {
        "check_qualifiers": (f"wiki.{WIKI}.check_qualifiers", False, True),
        "ids.SingleValueConstraint":
            (f"wiki.{WIKI}.ids.WBQualityConstraintsSingleValueConstraintId", "Q19474405", SINGLE),
    }[setting]
    letters = prop("P12", [constraint("format", P1793=["[a-z]+"])])
    law.wiki.put(letters)
    law.wiki.put(single_value())
    law.wiki.put(item("Q1", [text("P10", "a", qualifiers=[("P12", "7")]), text("P10", "b")]))
    runner = law.runner(**{name: before})
    law.check(runner, "P10", "P12", "Q1")
    count = len(law.broken("Q1"))
    assert runner.stop() == 0
    runner.settings[name] = after
    runner.write_config()
    runner.start()
    wait_until(lambda: len(law.broken("Q1")) > count, 30)
    law.settle()
    assert law.broken("Q1").count(SINGLE) == 2


# -- 18 ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", ["created", "restored"])
def test_a_missing_target_that_comes_is_followed(law, how):
    law.wiki.put(symmetric())
    law.wiki.put(partner("Q1", "Q2"))
    runner = law.runner()
    if how == "restored":
        revision = law.wiki.put(partner("Q2", "Q1"))
        law.wiki.delete("Q2")
        law.check(runner, "Q2")
    law.check(runner, "P26", "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    if how == "created":
        law.wiki.put(partner("Q2", "Q1"))
    else:
        law.wiki.restore("Q2", revision)
    law.check(runner, "Q2")
    assert law.broken("Q1") == []


# -- of the same kind: what WBQC does not record as a dependency ---------------------------------

def test_the_classes_of_a_linked_entity_are_followed(law):
    type_of_value = constraint("value type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])
    for document in (prop("P27", [type_of_value], "wikibase-item"), item("Q1", [link("P27", "Q2")]),
                     item("Q2", [link("P31", "Q50")]), item("Q50"), item("Q100")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P27", "Q1", "Q2")
    assert law.broken("Q1") == [VALUE_TYPE]
    law.wiki.put(item("Q2", [link("P31", "Q100")]))
    law.check(runner, law.job("Q2"))
    assert law.broken("Q1") == []


def test_a_linked_entity_that_is_deleted_is_followed(law):
    type_of_value = constraint("value type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])
    for document in (prop("P27", [type_of_value], "wikibase-item"), item("Q1", [link("P27", "Q2")]),
                     item("Q2", [link("P31", "Q100")]), item("Q100")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P27", "Q1", "Q2")
    assert law.broken("Q1") == []
    law.wiki.delete("Q2")
    law.check(runner, "Q2")
    assert law.broken("Q1") == [VALUE_TYPE]


# -- looking at it -------------------------------------------------------------------------------

def test_verify_finds_what_is_stored_wrongly_and_queues_it(law):
    law.wiki.put(single_value())
    for entity in ("Q1", "Q2", "Q3"):
        law.wiki.put(two_values(entity))
    runner = law.runner()
    law.check(runner, "P10", "Q1", "Q2", "Q3")
    good = runner.run("verify", "--wiki", WIKI)
    assert (good.returncode, good.stdout) == (0, "4 compared, 0 different, 0 pending, 0 unreadable, "
                                                 "0 queued\n"), good
    with law.database() as database:
        database.execute("UPDATE constraint_runner.entity_result SET n_warning = 7 "
                         "WHERE entity = 'Q1'")
        database.execute("UPDATE constraint_runner.entity_result SET revision = 1 "
                         "WHERE entity = 'Q2'")
    bad = runner.run("verify", "--wiki", WIKI, "--sample", "100", "--queue")
    assert bad.returncode == 1, bad
    lines = sorted(bad.stdout.splitlines())
    assert lines[0].startswith("4 compared, 2 different") and lines[0].endswith("2 queued")
    assert lines[1].startswith("Q1: warning 7 stored") and lines[2].startswith("Q2: revision 1 stored")
    law.settle()
    assert runner.run("verify", "--wiki", WIKI, "--json").returncode == 0
    law.wiki.delete("Q3")
    gone = runner.run("verify", "--wiki", WIKI)
    assert (gone.returncode, gone.stdout.splitlines()[0]) == (
        1, "Q3: a result is stored, but the wiki has no such entity")


def test_verify_shows_progress_and_how_to_continue(law):
    law.wiki.put(single_value())
    ids = [f"Q{n}" for n in range(1, 241)]  # more than a page
    for entity in ids:
        law.wiki.put(two_values(entity))
    runner = law.runner()
    law.check(runner, "P10", *ids)
    with law.database() as database:
        database.execute("UPDATE constraint_runner.entity_result SET n_warning = 7 "
                         "WHERE entity IN ('Q1', 'Q99')")
    order = sorted(["P10", *ids])
    command = runner.command("verify", "--wiki", WIKI)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"Q1: warning 7 stored")
        process.send_signal(signal.SIGSTOP)  # so that it takes long
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        line = process.stderr.readline().decode()
        process.send_signal(signal.SIGINT)
        said = line + process.communicate(timeout=30)[1].decode()
    assert re.match(r"\d+ entities, \d+/s, 1 different", line), said
    ended = re.search(r"\nconstraint-runner: interrupted: repeating the command starts over"
                      r"(; --after (\w+) continues)?\n", said)
    assert ended and process.returncode == -signal.SIGINT, said
    rest = runner.run("verify", "--wiki", WIKI, "--after", order[199])
    assert rest.returncode == 1, rest
    assert rest.stdout.splitlines()[-1].startswith(f"{len(order) - 200} compared, 1 different")
    wrong = runner.run("verify", "--wiki", WIKI, "--after", "Q0")
    assert wrong.returncode == 64 and '--after: "Q0" is not an entity ID' in wrong.stderr
    both = runner.run("verify", "--wiki", WIKI, "--after", "Q1", "--sample", "5")
    assert both.returncode == 64 and "--sample excludes --after" in both.stderr


def test_reset_on_the_command_line(law):
    for document in (single_value(), two_values("Q1")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P10", "Q1")
    with law.database() as database:
        database.execute("UPDATE constraint_runner.entity_result SET revision = %s, "
                         "newest_revision = %s WHERE entity = 'Q1'", (ABSURD, ABSURD))
    done = runner.run("reset", "--wiki", WIKI, "Q1")
    assert done.returncode == 0, done
    law.settle()
    assert law.revision("Q1") == law.wiki.state("Q1").revision
    assert runner.run("reset", "--wiki", WIKI, "Q0x").returncode == 64


def test_a_result_is_stale_while_a_check_is_pending_and_the_queue_says_why(law):
    law.wiki.put(symmetric())
    for document in (partner("Q1", "Q2"), partner("Q2", "Q1")):
        law.wiki.put(document)
    runner = law.runner(workers__threads=1)
    law.check(runner, "P26", "Q1", "Q2")
    assert runner.get(f"/v1/results/{WIKI}/Q1").json["stale"] is False
    law.wiki.put(item("Q2", []))
    with law.wiki.hold("Q1") as held:
        law.submit(runner, "Q2")
        assert held.arrived.wait(20)
        assert runner.get(f"/v1/results/{WIKI}/Q1").json["stale"] is True
        queue = runner.get("/v1/queue").json["wikis"][WIKI]
        assert queue["reasons"]["dependant"] == 1, queue
    law.settle()
    assert runner.get(f"/v1/results/{WIKI}/Q1").json["stale"] is False
