# SPDX-License-Identifier: GPL-2.0-or-later
"""maintenance/worker.php, spoken with directly and by a real runner."""
import json
import os
import pathlib
import re
import struct
import subprocess
import tomllib

import pytest

from entities import item
from real_wiki import needs_standins
from runner_process import Runner, wait_until
from wiki import ROOT

SCRIPT = ROOT / "php-shim/maintenance/worker.php"


class Worker:
    def __init__(self, wiki):
        self.process = subprocess.Popen(
            ["php", "maintenance/run.php", str(SCRIPT)], cwd=wiki.mediawiki,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "MW_CONFIG_FILE": str(wiki.config)})
        self.number = 0

    def read(self):
        header = self.process.stdout.read(8)
        assert len(header) == 8, self.process.communicate()[1].decode()
        length, number = struct.unpack(">II", header)
        assert length < 1 << 28, header + self.process.stdout.read(200)
        return number, json.loads(self.process.stdout.read(length))

    def send(self, text):
        self.number += 1
        data = text.encode()
        self.process.stdin.write(struct.pack(">II", len(data), self.number) + data)
        self.process.stdin.flush()
        number, answer = self.read()
        assert number == self.number
        return answer

    def ask(self, **request):
        return self.send(json.dumps(request))

    def end(self):
        self.process.stdin.close()
        return self.process.wait(30)


def told_by_api(house):
    answer = house.wiki.api(action="query", meta="constraintrunnersettings")
    return answer["query"]["constraintrunnersettings"]


@pytest.fixture
def worker(house):
    started = Worker(house.wiki)
    number, greeting = started.read()
    assert number == 0 and greeting["worker"] == "constraint-runner/1"
    assert greeting["wiki"] == "testwiki"
    yield started
    if started.process.poll() is None:
        assert started.end() == 0
    for stream in (started.process.stdout, started.process.stderr):
        stream.close()


def test_entities_are_found_missing_or_redirects(house, worker):
    revision = house.wiki.save(item("Q600", values=("a",)))
    house.wiki.save(item("Q601"))
    house.wiki.save({"id": "Q601", "redirect": "Q600"})
    found, missing, redirect, nonsense = worker.ask(
        service="entities", ids=["Q600", "Q4999", "Q601", "nonsense"])["entities"]
    assert found["state"] == "found" and found["revision"] == revision
    assert found["document"]["id"] == "Q600" and found["document"]["lastrevid"] == revision
    assert missing == {"id": "Q4999", "state": "missing"}
    assert (redirect["state"], redirect["target"]) == ("redirect", "Q600")
    assert nonsense["state"] == "missing"
    assert worker.ask(service="entities", ids=[]) == {"entities": []}


def test_a_worker_sees_what_was_edited_since_it_was_started(house, worker):
    for value in "abc":
        revision = house.wiki.save(item("Q602", values=(value,)))
        [found] = worker.ask(service="entities", ids=["Q602"], min_revision=revision)["entities"]
        assert found["revision"] == revision
        assert worker.ask(service="check", entity="Q602")["revision"] == revision
    house.wiki.act("delete", "Q602")
    [gone] = worker.ask(service="entities", ids=["Q602"], min_revision=revision)["entities"]
    assert gone["state"] == "missing"
    assert worker.ask(service="check", entity="Q602") == {"id": "Q602", "state": "missing"}


@needs_standins
def test_a_check_gives_the_results_of_wbqc_as_they_are_stored(house, worker):
    revision = house.wiki.save(item("Q603"))
    answer = worker.ask(service="check", entity="Q603")
    assert answer["revision"] == revision and answer["counts"]["warning"] == 1
    assert answer["violations"][0]["message_key"] == "checked-by-wbqc"
    assert answer["value"]["latestRevisionIds"] == {"Q603": revision}
    assert len(answer["results"]) == 2
    assert house.row("Q603") is None or house.row("Q603")[1] == "native", "the worker stored it"


@pytest.mark.parametrize("request_text, words", [
    ("", "service"), ("{}", "service"), ("[1]", "service"), ('{"service":"dance"}', "service"),
    ('{"service":"entities"}', "ids"), ('{"service":"entities","ids":[1]}', "ids"),
    ('{"service":"entities","ids":["Q1"],"min_revision":"x"}', "min_revision"),
    ('{"service":"check"}', "entity"), ('{"service":"check","entity":["Q1"]}', "entity"),
    ('{"service":"check","entity":"Q1","constraints":"x"}', "constraints"),
])
def test_an_invalid_request_is_reported_and_the_next_is_served(worker, request_text, words):
    answer = worker.send(request_text)
    assert answer["error"]["code"] == "bad_request" and words in answer["error"]["message"]
    assert worker.ask(service="ping") == {"pong": True}


def test_printed_text_never_mixes_with_the_frames(house):
    house.wiki.more_settings("$wgHooks['MediaWikiServices'][] = static function () {"
                             " static $calls = 0; if ($calls++ > 0) { echo 'printed'; } };\n")
    try:
        noisy = Worker(house.wiki)
        noisy.read()
        for _ in range(3):
            assert noisy.ask(service="check", entity="Q4999")["state"] == "missing"
        assert noisy.end() == 0
        assert b"printed" in noisy.process.stderr.read()
        noisy.process.stdout.close()
        noisy.process.stderr.close()
    finally:
        house.wiki.more_settings("")


@needs_standins
def test_the_runner_takes_entities_from_the_workers(house, postgres):
    wiki = house.wiki
    revision = wiki.save(item("Q610", values=("a", "b")))
    runner = Runner(postgres.create_database(), settings={
        "wiki.testwiki.source": "php",
        "wiki.testwiki.php_command": ["php", wiki.mediawiki / "maintenance/run.php", SCRIPT],
        "wiki.testwiki.verify_sample": 1,
    }, environment={"MW_CONFIG_FILE": str(wiki.config)})
    try:
        runner.start()
        assert runner.submit({"entity": "Q610"}, {"entity": "Q4999"}, wiki="testwiki").status == 202
        result = wait_until(lambda: runner.result("Q610", "testwiki").status == 200 and
                            runner.result("Q610", "testwiki").json, 60)
        assert result["revision"] == revision and result["engine"] == "native"
        keys = {r["m"]["k"] for r in result["value"]["results"] if "m" in r}
        assert keys == {"single-value"}
        # the stand-in of WBQC finds something else, which is what the comparison is for
        found = wait_until(lambda: runner.get("/v1/parity").json["differences"], 60)
        assert {row["entity"] for row in found} == {"Q610"}
        assert runner.stop() == 0
    finally:
        runner.close()


@needs_standins
def test_worker_api_and_script_say_the_same_settings(house, worker, tmp_path):
    told = worker.ask(service="settings")
    assert told["wiki"] == "testwiki" and told["languages"] == ["de", "en"]
    assert told["settings"] == {
        "wbqc": "1.43", "concept_base_uri": "https://wiki.example/entity/", "check_qualifiers": True,
        "start_time_properties": ["P569", "P571"],
        "year_unit": "http://www.wikidata.org/entity/Q577"}
    assert told["ids"]["WBQualityConstraintsPropertyConstraintId"] == "P2302"
    assert told["unit_conversion"] == {"Q1": {"factor": "1000", "unit": "Q2"}}
    assert told_by_api(house) == told
    done = house.wiki.maintenance(str(ROOT / "php-shim/maintenance/Settings.php"),
                                  "--units", str(tmp_path / "units.json"))
    written = tomllib.loads(done.stdout)["wiki"]["testwiki"]
    assert written.pop("ids") == told["ids"]
    assert json.loads(pathlib.Path(written.pop("unit_conversion")).read_text()) == told["unit_conversion"]
    assert written == told["settings"]


@pytest.mark.parametrize("entity,conf", [
    ("Q5520", "'manualRecache' => true, 'storeDirectory' => '/nowhere', 'store' => 'files'"),
    ("Q5521", "'manualRecache' => false, 'storeDirectory' => '/proc/1', 'store' => 'files'"),
    ("Q5522", "'manualRecache' => true, 'store' => 'array', 'storeDirectory' => '/nowhere'")])
def test_a_localisation_cache_that_is_missing_or_anothers_stops_no_worker(house, entity, conf):
    house.wait_for(entity, house.wiki.save(item(entity, values=("a", "b"))))
    house.wiki.more_settings(f"$wgLocalisationCacheConf = [{conf}] + $wgLocalisationCacheConf;\n")
    try:
        started = Worker(house.wiki)
        assert started.read()[1]["worker"] == "constraint-runner/1"
        [found] = started.ask(service="entities", ids=[entity])["entities"]
        assert found["state"] == "found"
        assert started.ask(service="check", entity=entity)["state"] == "found"
        assert started.end() == 0
    finally:
        house.wiki.more_settings("")


def test_all_ids_that_the_runner_uses_are_reported():
    header = (ROOT / "src/config/constraint_ids.hpp").read_text()
    header, _, own = header.partition("RUNNER_OWN_IDS(X)")
    assert own, "WBQC does not know those"
    code = (ROOT / "php-shim/src/Settings/WikiSettings.php").read_text()
    known = re.findall(r'^ +X\((\w+), "', header, re.M)
    told = re.search(r"IDS = \[(.*?)\];", code, re.S)[1]
    assert len(known) > 60 and re.findall(r"'(\w+)'", told) == known
