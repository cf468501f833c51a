# SPDX-License-Identifier: GPL-2.0-or-later
"""The law (test_law.py) where a page leads to another one: redirects whose target goes and comes
back, of which the wiki sends no job, and properties that are values."""
import pytest

from built_entities import INSTANCE, constraint, item, lexeme, link, prop, text
from law_bench import REQUIRES, SYMMETRIC, TYPE, partner, symmetric


@pytest.mark.parametrize("asked_meanwhile", [True, False])
@pytest.mark.parametrize("how", ["deleted", "redirected"])
def test_a_redirect_whose_target_comes_back_is_followed(law, how, asked_meanwhile):
    """Only the target has jobs; the wiki answers 404 for the redirect as long as it is gone."""
    for document in (symmetric(), partner("Q1", "Q5"), partner("Q5"), partner("Q2", "Q1"),
                     partner("Q7")):
        law.wiki.put(document)
    law.wiki.redirect("Q5", "Q2")
    runner = law.runner()
    law.check(runner, "P26", "Q2", "Q7", "Q1")
    assert law.broken("Q1") == []
    if how == "deleted":
        law.wiki.delete("Q2")
    else:
        law.wiki.redirect("Q2", "Q7")
    law.check(runner, "Q2" if asked_meanwhile else "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    law.wiki.put(partner("Q2", "Q1"))
    law.check(runner, "Q2")
    assert law.broken("Q1") == []


def test_a_redirect_that_was_always_missing_is_followed_with_an_api(law):
    law.wiki.has_api = True
    for document in (symmetric(), partner("Q1", "Q5"), partner("Q5"), partner("Q2", "Q1")):
        law.wiki.put(document)
    law.wiki.redirect("Q5", "Q2")
    law.wiki.delete("Q2")
    runner = law.runner()
    law.check(runner, "P26", "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    law.wiki.put(partner("Q2", "Q1"))
    law.check(runner, "Q2")
    assert law.broken("Q1") == []


@pytest.mark.parametrize("answer", [
    (200, '{"query":{}}'), (404, "not found"), (200, "<html></html>")],
    ids=["without titles", "no page", "no JSON"])
def test_an_api_that_refuses_leaves_redirects_to_nothing_missing(law, answer):
    law.wiki.has_api, law.wiki.api_refuses = True, answer
    for document in (symmetric(), partner("Q1", "Q5")):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P26", "Q1")
    assert law.broken("Q1") == [SYMMETRIC]
    assert "redirects whose target is missing" in runner.log()


def test_a_class_that_redirects_to_one_that_comes_back_is_followed(law):
    type_of_subject = constraint("subject type", P2308=["<Q100>"], P2309=[f"<{INSTANCE}>"])
    for document in (prop("P11", [type_of_subject]), item("Q1", [link("P31", "Q50"), text("P11", "a")]),
                     item("Q50"), item("Q60", [link("P279", "Q100")]), item("Q100")):
        law.wiki.put(document)
    law.wiki.redirect("Q50", "Q60")
    runner = law.runner()
    law.check(runner, "P11", "Q1", "Q60")
    assert law.broken("Q1") == []
    law.wiki.delete("Q60")
    law.check(runner, "Q60")
    assert law.broken("Q1") == [TYPE]
    law.wiki.put(item("Q60", [link("P279", "Q100")]))
    law.check(runner, "Q60")
    assert law.broken("Q1") == []


# -- a form of a lexeme that redirects ---------------------------------------------------------------

FORM_STATES = {
    "with it": lambda wiki: wiki.put(lexeme("L1", [], {"L1-F1": []}, {})),
    "without it": lambda wiki: wiki.put(lexeme("L1", [], {}, {})),
    "deleted": lambda wiki: wiki.delete("L1"),
    "redirect": lambda wiki: wiki.redirect("L1", "L2"),
}


@pytest.mark.parametrize("before, after", [
    *(("redirect", state) for state in FORM_STATES if state != "redirect"),
    *((state, "redirect") for state in FORM_STATES if state != "redirect")])
def test_a_link_to_a_form_follows_what_becomes_of_its_lexeme(law, before, after):
    """While the lexeme redirects, WBQC sees the lexeme at the target instead of the form."""
    for document in (prop("P28", [constraint("value requires", P2306=["<P10>"])], "wikibase-form"),
                     prop("P10"), item("Q1", [link("P28", "L1-F1")]),
                     lexeme("L2", [text("P10", "a")], {}, {}), lexeme("L1", [], {"L1-F1": []}, {})):
        law.wiki.put(document)
    runner = law.runner()
    for state in (before, after):
        FORM_STATES[state](law.wiki)
        law.check(runner, *(("P28", "L2", "L1", "Q1") if state == before else ("L1",)))
        assert law.broken("Q1") == ([] if state == "redirect" else [REQUIRES])


# -- a property as a value -------------------------------------------------------------------------

@pytest.mark.parametrize("also_used", [True, False])
def test_statements_of_a_property_are_followed_where_it_is_linked(law, also_used):
    """Who uses the property sees its constraints alone, and is not checked again."""
    statements = [link("P40", "P12")] + ([text("P12", "a")] if also_used else [])
    for document in (prop("P40", [constraint("symmetric")], "wikibase-property"), prop("P12"),
                     item("Q1", statements), item("Q2", [text("P12", "b")])):
        law.wiki.put(document)
    runner = law.runner()
    law.check(runner, "P40", "P12", "Q1", "Q2")
    assert law.broken("Q1") == [SYMMETRIC]
    before = law.check_number("Q2")
    law.wiki.put(prop("P12", [link("P40", "Q1")]))
    law.check(runner, "P12")
    assert law.broken("Q1") == []
    assert law.check_number("Q2") == before
