# SPDX-License-Identifier: GPL-2.0-or-later
"""Any good dump that is cut, repeated, reordered or damaged at one byte gives the same results, or the
run says that something is wrong. Random, but the same every time."""
import gzip
import json
import random
import subprocess

import pytest

from entities import item, single_value_property
from runner_process import binary
from test_check_dump import DATA, NOW, array, results
from test_input_shapes import OK

ITEMS = [item(f"Q{n}", n, "ab" if n % 3 else "a") for n in range(1, 13)]
DUMP = array([single_value_property(), *ITEMS])


@pytest.fixture
def check(tmp_path):
    """Exit code and results by entity of a dump of these bytes."""
    folders = iter(range(10_000))

    def run(data):
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        (folder / "dump").write_bytes(data)
        done = subprocess.run([binary(), "check", "--dump", folder / "dump", "--output", folder / "out",
                               "--format", "results", "--compress", "none", "--threads", "1", *NOW],
                              capture_output=True, timeout=60, check=False,
                              env={"CONSTRAINT_RUNNER_CONFIG": "/dev/null"})
        assert done.returncode in (OK, DATA), done
        assert done.returncode == OK or done.stderr
        found = {line["entity"]: line for line in results(folder / "out")}
        return done.returncode, found
    return run


@pytest.fixture
def good(check):
    code, found = check(DUMP)
    assert code == OK and len(found) == 13
    return found


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_cut_is_reported(check, good, pack):
    pick = random.Random(1)
    data = pack(DUMP)
    for _ in range(30):
        code, found = check(data[:pick.randrange(1, len(data))])
        assert code == DATA or found == good


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_is_repeated_or_in_another_order_is_the_same(check, good, pack):
    pick = random.Random(2)
    documents = [single_value_property(), *ITEMS]
    for _ in range(10):
        other = documents + pick.sample(documents, 3)
        pick.shuffle(other)
        assert check(pack(array(other))) == (OK, good)
    code, found = check(pack(DUMP) + pack(DUMP))  # two arrays
    assert code == DATA or found == good


def test_a_damaged_byte_of_packed_data_is_reported(check, good):
    pick = random.Random(3)
    packed = gzip.compress(DUMP)
    for _ in range(40):
        damaged = bytearray(packed)
        damaged[pick.randrange(len(packed))] ^= 1 << pick.randrange(8)
        code, found = check(bytes(damaged))
        assert code == DATA or found == good


def test_a_damaged_byte_is_reported_or_concerns_one_entity(check, good):
    """A letter of a value may be another one, which no reader can know; then it is that entity's."""
    pick = random.Random(4)
    first = DUMP.index(b"\n", DUMP.index(b"P10")) + 1  # of the items
    for _ in range(60):
        damaged = bytearray(DUMP)
        at = pick.randrange(first, len(DUMP))
        damaged[at] = pick.randrange(256)
        code, found = check(bytes(damaged))
        if code == DATA:
            continue
        begin = DUMP.rindex(b"\n", 0, at) + 1
        concerned = {json.loads(text[begin:].split(b"\n")[0].rstrip(b","))["id"]
                     for text in (DUMP, bytes(damaged))}  # the id itself may be damaged
        same = good.keys() - concerned
        assert {e: found.get(e) for e in same} == {e: good[e] for e in same}, (at, damaged[at])


def rich(entity):
    """A statement for each type of value, with qualifiers and a reference."""
    def snak(prop, kind, value):
        return {"snaktype": "value", "property": prop, "datavalue": {"value": value, "type": kind}}

    def entity_id(number):
        return {"entity-type": "item", "numeric-id": number, "id": f"Q{number}"}
    time = {"time": "+1899-05-12T00:00:00Z", "timezone": 0, "before": 0, "after": 0, "precision": 11,
            "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}
    mains = [snak("P11", "wikibase-entityid", entity_id(4115189)), snak("P12", "time", time),
             snak("P13", "quantity", {"amount": "+34", "unit": "http://www.wikidata.org/entity/Q11573",
                                      "upperBound": "+35", "lowerBound": "+33"}),
             snak("P14", "monolingualtext", {"text": "name", "language": "en"}),
             snak("P15", "globecoordinate", {"latitude": 52.5, "longitude": 13.25, "altitude": None,
                                             "precision": 0.01,
                                             "globe": "http://www.wikidata.org/entity/Q2"}),
             snak("P10", "string", "text")]
    claims = {main["property"]: [
        {"mainsnak": main, "type": "statement", "rank": "normal",
         "id": f"{entity}$3344ce48-5bed-496c-9abc-7e941939d9{n:02}",
         "qualifiers": {"P580": [snak("P580", "time", time)]}, "qualifiers-order": ["P580"],
         "references": [{"snaks": {"P248": [snak("P248", "wikibase-entityid", entity_id(5188))]},
                         "snaks-order": ["P248"]}]}] for n, main in enumerate(mains)}
    return {"type": "item", "id": entity, "lastrevid": 7, "labels": {}, "claims": claims}


# what may be another value of the same kind
FREE = {"text", "language", "amount", "unit", "upperBound", "lowerBound", "time", "timezone", "before",
        "after", "precision", "latitude", "longitude", "altitude", "globe", "lastrevid", "id"}


def differences(good, damaged, key=None):
    """The key of each value that is another one; those of a JSON object's keys as "keys of"."""
    if isinstance(good, dict) and isinstance(damaged, dict):
        if good.keys() != damaged.keys():
            return [f"keys of {key}: {sorted(good.keys() ^ damaged.keys())}"]
        return [d for k in good for d in differences(good[k], damaged[k], k)]
    if isinstance(good, list) and isinstance(damaged, list) and len(good) == len(damaged):
        return [d for pair in zip(good, damaged) for d in differences(*pair, key)]
    return [] if good == damaged else [key]


def test_a_damaged_byte_of_a_value_is_reported_unless_it_is_another_value(check):
    """`id` is free for statements, whose hexadecimal digits mean nothing; those of entities are
    checked against their numeric-id. A string value has the key `value`."""
    constraints = {f"P{n}": single_value_property(f"P{n}") for n in range(10, 16)}
    good_item = rich("Q2")
    dump = array([*constraints.values(), good_item, rich("Q3")])
    begin = dump.index(b'{"type": "item"')
    code, good = check(dump)
    assert code == OK
    pick = random.Random(5)
    silent = 0
    for at in pick.sample(range(begin, dump.index(b"\n", begin)), 250):
        damaged = bytearray(dump)
        damaged[at] ^= pick.choice([1, 2, 4, 8, 16])
        code, found = check(bytes(damaged))
        if code == DATA or found == good:
            continue
        silent += 1
        line = bytes(damaged)[begin:].split(b"\n")[0].rstrip(b",")
        other = json.loads(line)
        for key in differences(good_item, other):
            assert key in FREE | {"value"}, (at, key, line)
    assert silent < 100
