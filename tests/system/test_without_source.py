# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki without a source: the documents of its properties come with jobs, in any order, to any
runner; the store ends as that of a runner that had all properties first."""
import json

import pytest

from entities import item, single_value_property
from runner_process import Runner, wait_until

PROPERTIES = [single_value_property("P10"), single_value_property("P11")]
ITEMS = [item("Q1", 5, ("a", "b")), item("Q2", 6, ("a",)), item("Q3", 7, ("a", "b"), "P11"),
         item("Q4", 8, ("a", "b", "c"))]
BOTH = {**item("Q5", 9, ("a", "b")), "claims": {**item("Q5", 9, ("a", "b"))["claims"],
                                                **item("Q5", 9, ("c", "d"), "P11")["claims"]}}
ENTITIES = [*PROPERTIES, *ITEMS, BOTH]


def send(runner, entities):
    runner.submit(*({"entity": e["id"], "revision": e["lastrevid"], "document": e}
                    for e in entities))


def stored(runner):
    """The results, without what differs between any two checks."""
    wait_until(runner.is_idle)
    found = {}
    for each in ENTITIES:
        answer = runner.result(each["id"])
        assert answer.status == 200, (each["id"], answer)
        found[each["id"]] = {name: answer.json[name] for name in
                             ("revision", "counts", "incomplete", "value")}
    return found


@pytest.fixture(scope="module")
def expected(postgres):
    conninfo = postgres.create_database()
    runner = Runner(conninfo, PROPERTIES).start()
    try:
        send(runner, PROPERTIES)
        wait_until(runner.is_idle)
        send(runner, [*ITEMS, BOTH])
        found = stored(runner)
    finally:
        runner.close()
        postgres.drop_database(conninfo)
    assert [found[e["id"]]["counts"]["warning"] for e in [*ITEMS, BOTH]] == [2, 0, 2, 3, 4]
    return found


def settles(runner, expected):
    wait_until(lambda: stored(runner) == expected, 30)


def test_all_in_one_request(runner, expected):
    send(runner, ENTITIES)
    settles(runner, expected)


@pytest.mark.parametrize("order", [(2, 3, 4, 5, 6, 0, 1), (0, 2, 4, 1, 3, 5, 6),
                                   (6, 5, 4, 3, 2, 1, 0), (1, 6, 0, 2, 3, 4, 5)])
def test_one_after_the_other(runner, expected, order):
    for i in order:
        send(runner, [ENTITIES[i]])
        wait_until(runner.is_idle)
    settles(runner, expected)


def test_two_runners_and_one_that_starts_later(make_runner, expected):
    first = make_runner().start()
    second = make_runner(conninfo=first.settings["database.conninfo"]).start()
    for i, entity in enumerate(reversed(ENTITIES)):
        send((first, second)[i % 2], [entity])
    settles(second, expected)
    first.stop()
    second.stop()
    third = make_runner(conninfo=first.settings["database.conninfo"]).start()
    send(third, [item("Q6", 1, ("a", "b"))])
    wait_until(lambda: third.result("Q6").status == 200)
    assert third.result("Q6").json["counts"]["warning"] == 2
    assert stored(third) == expected


def test_a_later_revision_of_a_property_that_came_late(runner):
    send(runner, ITEMS[:1])
    wait_until(runner.is_idle)
    assert runner.result("Q1").json["counts"]["warning"] == 0
    send(runner, [{**single_value_property("P10"), "claims": {}}])
    wait_until(runner.is_idle)
    send(runner, [single_value_property("P10", 2)])
    wait_until(lambda: runner.is_idle() and runner.result("Q1").json["counts"]["warning"] == 2)


def test_an_older_document_that_was_kept_replaces_nothing(runner):
    send(runner, [item("Q1", 5, ("a", "b"))])
    wait_until(runner.is_idle)
    send(runner, [item("Q1", 6, ())])
    wait_until(runner.is_idle)
    send(runner, PROPERTIES)
    wait_until(runner.is_idle)
    result = runner.result("Q1").json
    assert (result["revision"], result["counts"]["warning"]) == (6, 0)


def test_mediainfo_of_a_wiki_without_source_with_the_properties_of_another(make_runner):
    """Those that the other wiki does not have are not properties without constraints."""
    runner = make_runner({"wiki.commons.source": "none", "wiki.commons.properties": "file"}).start()
    claims = item("M1", 1, ("a", "b"))["claims"]
    other = item("M1", 1, ("a",), "P999")["claims"]
    media = {"type": "mediainfo", "id": "M1", "lastrevid": 1, "labels": {},
             "statements": {**claims, **other}}
    runner.submit({"entity": "M1", "revision": 1, "document": media}, wiki="commons")
    wait_until(lambda: runner.result("M1", "commons").status == 200)
    result = runner.result("M1", "commons").json
    assert result["counts"]["warning"] == 2
    assert result["counts"]["todo"] == 1
    assert "P999 can't be read" in result["incomplete"][0]


def test_properties_of_an_imported_dump_are_kept(make_runner, tmp_path):
    """For jobs to come; and an item of a dump that lacks the property waits for it."""
    (tmp_path / "all.json").write_text(
        "".join(json.dumps(e) + "\n" for e in (PROPERTIES[0], ITEMS[2])), encoding="utf-8")
    runner = make_runner({"imports.dump_folder": tmp_path, "imports.poll_interval": "50ms"}).start()
    done = runner.run("import", "dump", "all.json", "--wiki", "none", "--wait")
    assert done.returncode == 0, done.stderr
    send(runner, ITEMS[:1])
    wait_until(lambda: runner.result("Q1").status == 200)
    assert runner.result("Q1").json["counts"]["warning"] == 2
    assert runner.result("Q3").json["counts"]["warning"] == 0
    send(runner, PROPERTIES[1:])
    wait_until(lambda: runner.result("Q3").json["counts"]["warning"] == 2)
