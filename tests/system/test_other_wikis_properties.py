# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki whose properties and items are another wiki's, as those of Commons are Wikidata's."""
import json
import sys

import pytest

from entities import single_value_property, statement
from own_wiki import WORKER


def mediainfo(entity="M1"):
    claims = [statement(f"{entity}${i:08d}-0000-4000-8000-000000000001", "P10", v)
              for i, v in enumerate("ab")]
    return {"type": "mediainfo", "id": entity, "lastrevid": 1, "labels": {}, "statements": {"P10": claims}}


def commons(own_wiki, tmp_path, settings=None):
    """"own" has files alone; the properties are those of "data"."""
    other = tmp_path / "data"
    other.mkdir()
    (other / "only-files").touch()
    (other / "P10.json").write_text(json.dumps(single_value_property()))
    wiki = own_wiki(settings, **{"wiki.data.source": "php",
                             "wiki.data.php_command": [sys.executable, WORKER, other]})
    wiki.save(mediainfo())
    return wiki


def test_properties_may_be_those_of_another_wiki(own_wiki, tmp_path):
    wiki = commons(own_wiki, tmp_path, {"properties": "data"})
    line = json.loads(wiki.runner.run("check", "--wiki", "own", "--json", "M1").stdout)
    assert sum(r.get("s") == "warning" for r in line["results"]) == 2
    wiki.runner.start()
    wiki.check("M1")
    assert wiki.stored("M1")["warning"] == 2


def test_a_property_that_the_wiki_does_not_have_has_not_no_constraints(own_wiki, tmp_path):
    wiki = commons(own_wiki, tmp_path)
    wiki.runner.start()
    wiki.check("M1")
    wiki.stored("M1")
    stored = wiki.runner.result("M1", "own").json
    assert "P10 can't be read" in stored["incomplete"][0]


@pytest.mark.parametrize("name,words", [("nowhere", "there is no section [wiki.nowhere]"),
                                        ("own", "its own properties"), ("none", "no source")])
def test_the_other_wiki_must_be_there(own_wiki, name, words):
    done = own_wiki({"properties": name}).runner.run("config", "check")
    assert done.returncode == 78 and "wiki.own.properties" in done.stderr and words in done.stderr
