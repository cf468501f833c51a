# SPDX-License-Identifier: GPL-2.0-or-later
"""The class graph outlives the runner, and an edit of a class is seen immediately."""
import psycopg
import pytest

from entities import statement
from runner_process import wait_until
from small_wiki import SmallWiki

TYPE, INSTANCE = "Q21503250", "Q21503252"
CLASSES = ["Q50", "Q60", "Q70", "Q100"]


def link(prop, target):
    return {"snaktype": "value", "property": prop, "datatype": "wikibase-item",
            "datavalue": {"type": "wikibase-entityid",
                          "value": {"entity-type": "item", "id": target,
                                    "numeric-id": int(target[1:])}}}


def entity(number, revision, **links):
    """An item with links: P31="Q5"."""
    claims = {p: [{"mainsnak": link(p, target), "type": "statement", "rank": "normal",
                   "id": f"{number}${p}-{i}"} for i, target in enumerate(targets.split())]
              for p, targets in links.items()}
    return {"type": "item", "id": number, "lastrevid": revision, "labels": {}, "claims": claims}


def member(number, revision=1):
    """Its P10 may only be used on instances of Q100."""
    document = entity(number, revision, P31="Q50")
    document["claims"]["P10"] = [statement(f"{number}$a", "P10", "x")]
    return document


def type_property():
    return {"type": "property", "datatype": "string", "id": "P10", "lastrevid": 1, "labels": {},
            "claims": {"P2302": [{
                "mainsnak": link("P2302", TYPE), "type": "statement", "rank": "normal",
                "id": "P10$00000000-0000-4000-8000-000000000001",
                "qualifiers": {"P2308": [link("P2308", "Q100")],
                               "P2309": [link("P2309", INSTANCE)]},
                "qualifiers-order": ["P2308", "P2309"]}]}}


@pytest.fixture
def wiki():
    with SmallWiki([type_property(), member("Q1"), member("Q2"), entity("Q50", 5, P279="Q60"),
                    entity("Q60", 6, P279="Q70"), entity("Q70", 7, P279="Q100"),
                    entity("Q100", 8)]) as served:
        yield served


@pytest.fixture
def make_two(make_runner, wiki, postgres):
    conninfo = postgres.create_database()

    def make(**settings):
        return make_runner({"wiki.http.source": "http", "wiki.http.entity_data_url": wiki.url,
                            "wiki.http.http_retries": 0,
                            **{k.replace("__", "."): v for k, v in settings.items()}},
                           conninfo=conninfo)
    make.conninfo = conninfo
    return make


def check(runner, number, revision=0, document=None):
    """How many violations the result has, checked again."""
    job = {"entity": number, "revision": revision}
    if document:
        job["document"] = document
    assert runner.submit(job, wiki="http").status == 202
    wait_until(runner.is_idle)
    counts = runner.result(number, "http").json["counts"]
    return counts["violation"] + counts["warning"]


def kept(conninfo):
    with psycopg.connect(conninfo) as database:
        return {row[0] for row in database.execute(
            "SELECT class FROM constraint_runner.class_node WHERE wiki = 'http'")}


def edges(conninfo):
    with psycopg.connect(conninfo) as database:
        return database.execute("SELECT class, superclass FROM constraint_runner.class_edge "
                                "WHERE wiki = 'http' ORDER BY 1, 2").fetchall()


def asked(wiki):
    return {number: wiki.seen[number] for number in CLASSES}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restarted_runner_does_not_ask_for_classes_again(make_two, wiki, end):
    runner = make_two().start()
    assert check(runner, "Q1") == 0
    assert asked(wiki) == {number: 1 for number in CLASSES}
    if end == "kill":
        wait_until(lambda: kept(make_two.conninfo) == {50, 60, 70, 100})
    getattr(runner, end)()
    assert kept(make_two.conninfo) == {50, 60, 70, 100}

    runner.start()
    assert check(runner, "Q2") == 0
    assert asked(wiki) == {number: 1 for number in CLASSES}
    wait_until(lambda: "4 classes loaded" in runner.log())
    assert runner.metric("constraint_runner_class_graph_classes") == 4
    assert runner.metric("constraint_runner_class_graph_edges") == 3


def test_an_edit_of_a_class_changes_the_next_check_below_it_also_after_a_restart(make_two, wiki):
    runner = make_two().start()
    assert check(runner, "Q1") == 0
    wait_until(lambda: kept(make_two.conninfo) == {50, 60, 70, 100})
    check(runner, "Q60", 16, entity("Q60", 16, P279="Q99"))  # the wiki itself still has the old one
    assert check(runner, "Q1") == 1
    runner.stop()
    runner.start()
    assert check(runner, "Q2") == 1
    assert wiki.seen["Q60"] == 1


def test_a_deleted_class_and_a_redirect_are_what_wbqc_makes_of_them(make_two, wiki):
    runner = make_two().start()
    assert check(runner, "Q1") == 0
    del wiki.documents["Q70"]
    assert runner.submit({"entity": "Q70"}, wiki="http").status == 202
    wait_until(runner.is_idle)
    assert check(runner, "Q1") == 1
    wiki.put(entity("Q71", 20, P279="Q100"))
    wiki.put(entity("Q71", 20, P279="Q100"), under="Q70")
    assert runner.submit({"entity": "Q70", "revision": 21}, wiki="http").status == 202
    wait_until(runner.is_idle)
    assert check(runner, "Q1") == 0
    runner.stop()
    before = asked(wiki)
    runner.start()
    assert check(runner, "Q2") == 0
    assert asked(wiki) == before


def test_two_runners_share_what_they_know_of_classes(make_two, wiki):
    first, second = make_two().start(), make_two().start()
    assert check(first, "Q1") == 0
    wait_until(lambda: kept(make_two.conninfo) == {50, 60, 70, 100})
    first.stop()  # so that the second one does it
    assert check(second, "Q2") == 0
    assert asked(wiki) == {number: 1 for number in CLASSES}
    first.start()
    edited = entity("Q60", 16, P279="Q99")
    assert first.submit({"entity": "Q60", "revision": 16, "document": edited},
                        wiki="http").status == 202
    wait_until(first.is_idle)
    for runner in (first, second):  # whichever did it, and whichever does these
        for number in ("Q1", "Q2"):
            assert check(runner, number) == 1
    assert wiki.seen["Q60"] == 1


def test_an_expired_class_is_read_again_and_an_unavailable_wiki_is_not_an_answer(make_two, wiki):
    runner = make_two(wiki__http__class_age="1s", queue__backoff_base="100ms").start()
    assert check(runner, "Q1") == 0
    wait_until(lambda: kept(make_two.conninfo) == {50, 60, 70, 100})
    wiki.put(entity("Q60", 16, P279="Q99"))  # no job tells of it
    wiki.put(member("Q2"))
    wiki.away = True
    with psycopg.connect(make_two.conninfo) as database:
        database.execute("UPDATE constraint_runner.class_node SET read_at = read_at - '1h'::interval")
    runner.stop()
    runner.start()
    assert runner.submit({"entity": "Q2", "revision": 1, "document": member("Q2")},
                         wiki="http").status == 202
    wait_until(lambda: "Q2 of http is deferred" in runner.log())
    assert runner.result("Q2", "http").status == 404
    wiki.away = False
    wait_until(runner.is_idle)
    assert check(runner, "Q2") == 1


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_edges_of_classes_are_kept_whatever_their_origin_and_follow_edits(make_two, wiki, end):
    runner = make_two().start()
    assert check(runner, "Q1") == 0
    read = [("Q50", "Q60"), ("Q60", "Q70"), ("Q70", "Q100")]  # as the check met them
    wait_until(lambda: edges(make_two.conninfo) == read)
    # a class that no check has needed, in a cycle with itself
    wiki.put(entity("Q80", 9, P279="Q100 Q80"))
    check(runner, "Q80", 9, entity("Q80", 9, P279="Q100 Q80"))
    wait_until(lambda: edges(make_two.conninfo) == [*read, ("Q80", "Q100"), ("Q80", "Q80")])
    getattr(runner, end)()
    runner.start()
    check(runner, "Q80", 8, entity("Q80", 8, P279="Q99"))  # too late
    assert edges(make_two.conninfo) == [*read, ("Q80", "Q100"), ("Q80", "Q80")]
    check(runner, "Q60", 16, entity("Q60", 16, P279="Q99"))
    check(runner, "Q80", 10, entity("Q80", 10))
    assert edges(make_two.conninfo) == [("Q50", "Q60"), ("Q60", "Q99"), ("Q70", "Q100")]
