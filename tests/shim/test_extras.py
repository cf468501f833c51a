# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runner finds beyond WBQC, on the pages and in the answers of the wiki."""
import csv
import io
import json

import pytest

from entities import item
from real_wiki import needs_standins

LIST = "/index.php?title=Special:ConstraintViolations"
API = "/api.php?action=query&format=json&formatversion=2&list=constraintviolations"
SENTENCE = "An entity with P10 <script>should</script> have a description."
OWN = [{"own": True, "|": {"t": "statement", "i": "Q350", "g": "own"},
        "c": {"id": "c", "pid": "P10", "qid": "Q111204896"}, "s": "warning", "CM": [],
        "m": {"k": "description-in-language", "a": []}, "sentence": SENTENCE}]
FIX = {"replace_property": "P11", "replace_value": {"value": "<b>x</b>", "type": "string"},
       "own": True}


@pytest.fixture(scope="module")
def listed(house):
    """A result with two pairs of WBQC, each with a fix; of one, an own check says otherwise."""
    revision = house.wiki.save(item("Q350", values=("a", "b")))
    house.wait_for("Q350", revision)
    guid = house.sql("SELECT min(statement) FROM constraint_runner.violation "
                     "WHERE entity = 'Q350'")[0][0]
    house.sql("UPDATE constraint_runner.violation SET fix = %s WHERE entity = 'Q350'",
              json.dumps(FIX))
    house.sql("UPDATE constraint_runner.violation SET own_status = 'compliance' "
              "WHERE statement = %s", guid)
    own = json.loads(json.dumps(OWN))
    own[0]["|"]["g"] = guid
    house.sql("UPDATE constraint_runner.entity_result SET own = %s WHERE entity = 'Q350'",
              json.dumps(own))
    house.sql("INSERT INTO constraint_runner.violation (property, status, wiki, entity, statement, "
              "constraint_id, type, message_key, own) VALUES (10, 'warning', 'testwiki', 'Q350', "
              "%s, 'c', 'Q111204896', 'description-in-language', true)", guid)
    yield house
    house.forget("Q350")
    house.wait_for("Q350", house.wiki.save(item("Q350")))


@needs_standins
def test_the_list_shows_own_rows_with_an_escaped_sentence(listed):
    page = listed.wiki.request(LIST + "&entity=Q350")
    assert page.status == 200
    assert "&lt;script&gt;should&lt;/script&gt; have a description." in page.body
    assert "<script>should" not in page.body
    assert page.body.count("(Constraint Runner)") == 1
    assert page.body.count("(Constraint Runner: ") == 1


@needs_standins
def test_the_list_shows_fixes(listed):
    page = listed.wiki.request(LIST + "&entity=Q350")
    assert page.body.count("Use this property instead:") == 2
    assert "&lt;b&gt;x&lt;/b&gt;" in page.body and "<b>x</b>" not in page.body


def test_programs_get_them_with_their_marks(listed):
    rows = json.loads(listed.wiki.request(API + "&cventity=Q350").body)["query"][
        "constraintviolations"]
    assert [row.get("own") for row in rows].count(True) == 1
    assert [row["fix"] for row in rows if "fix" in row] == [FIX] * 2
    assert [row["own_status"] for row in rows if "own_status" in row] == ["compliance"]
    lines = listed.wiki.request(LIST + "&format=json&entity=Q350").body.splitlines()
    assert [json.loads(line).get("own") for line in lines].count(True) == 1


def test_csv_has_them_on_request(listed):
    def rows(more=""):
        text = listed.wiki.request(LIST + "&format=csv&entity=Q350" + more).body
        return list(csv.DictReader(io.StringIO(text)))
    assert list(rows()[0])[-1] == "checked_at"
    assert list(rows("&extras=1")[0])[-3:] == ["own", "fix", "own_status"]
    assert [row["own"] for row in rows("&extras=1")].count("true") == 1
    assert json.loads(next(row["fix"] for row in rows("&extras=1") if row["fix"])) == FIX
