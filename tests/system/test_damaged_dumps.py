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
