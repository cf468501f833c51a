# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki over HTTP says what its settings are in its API, where the extension is installed."""
import json

import psycopg
import pytest

from entities import item
from json_server import JsonServer
from own_wiki import OWN, own_property
from runner_process import wait_until

ENTITIES = {"P10": own_property(), "Q1": item("Q1", values=("a", "b"))}


class Wiki(JsonServer):
    """`settings` is the answer of meta=constraintrunnersettings: status and text."""
    settings = (200, "{}")

    def answer(self, path, query):
        if path == "/api.php":
            assert query["action"] == "query"
            return self.settings if query.get("meta") == "constraintrunnersettings" else (200, "{}")
        found = ENTITIES.get(path.rsplit("/", 1)[1].removesuffix(".json"))
        if found is None:
            return 404, "{}"
        return 200, json.dumps({"entities": {found["id"]: found}})

    def says(self, answer):
        self.settings = (200, json.dumps({"query": {"constraintrunnersettings": answer}}))


@pytest.fixture
def wiki():
    with Wiki() as server:
        yield server


@pytest.fixture
def make(make_runner, wiki):
    def runner(**settings):
        return make_runner({
            "wiki.own.source": "http", "wiki.own.entity_data_url": wiki.address + "/Special:EntityData/",
            "wiki.own.api_url": wiki.address + "/api.php", "wiki.own.http_retries": 0,
            **{f"wiki.own.{name}": value for name, value in settings.items()}})
    return runner


def check(runner):
    return runner.run("check", "--wiki", "own", "--json", "Q1")


def counts(runner):
    answer = runner.result("Q1", "own")
    return answer.json["counts"] if answer.status == 200 else None


def warnings(runner):
    return [w for w in runner.get("/readyz").json["warnings"] if "settings of wiki own" in w]


def test_the_settings_come_from_the_api(make, wiki):
    wiki.says({"settings": {"wbqc": "1.43"}, "ids": OWN, "languages": ["de", "en"]})
    line = json.loads(check(make()).stdout)
    assert line["wbqc"] == "1.43"
    assert sum(r.get("s") == "warning" for r in line["results"]) == 2
    runner = make().start()
    assert runner.submit({"entity": "Q1"}, wiki="own").status == 202
    assert wait_until(lambda: counts(runner))["warning"] == 2


def test_the_graph_of_classes_is_loaded_when_the_settings_are_known(make, wiki):
    wiki.says({"settings": {"wbqc": "1.43"}, "ids": OWN, "languages": ["de", "en"]})
    runner = make().start()
    with psycopg.connect(runner.settings["database.conninfo"], autocommit=True) as database:
        database.execute("INSERT INTO constraint_runner.class_node SELECT 8 * n, 1, now(), 0, 'own', '' "
                         "FROM generate_series(1, 100) AS n")
    runner.stop()
    runner.start()
    assert runner.submit({"entity": "Q1"}, wiki="own").status == 202
    wait_until(lambda: counts(runner))
    wait_until(lambda: "100 classes loaded" in runner.log(), 30)
    assert runner.metric("constraint_runner_class_graph_classes") == 100


@pytest.mark.parametrize("answer", [
    (200, '{"batchcomplete":true,"warnings":{"query":{"warnings":"Unrecognized value for parameter"}}}'),
    (200, '{"batchcomplete":true,"query":{}}'),
])
def test_a_wiki_without_the_extension_has_the_settings_of_the_configuration(make, wiki, answer):
    wiki.settings = answer
    done = check(make(wbqc="1.43"))
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["wbqc"] == "1.43"


def test_a_contradiction_names_both_and_stores_nothing_until_it_is_gone(make, wiki):
    wiki.says({"settings": {"wbqc": "1.43"}})
    runner = make(wbqc="1.44")
    done = check(runner)
    words = ['wiki.own.wbqc is "1.44"', 'of the wiki is "1.43"']
    assert done.returncode == 78 and all(word in done.stderr for word in words), done
    runner.start()
    assert runner.submit({"entity": "Q1"}, wiki="own").status == 202
    [warning] = wait_until(lambda: warnings(runner))
    assert all(word in warning for word in words)
    assert counts(runner) is None
    wiki.says({"settings": {"wbqc": "1.44"}})
    wait_until(lambda: counts(runner), 60)
    assert warnings(runner) == []


@pytest.mark.parametrize("settings,words", [
    (7, "not a JSON object"), ([], "not a JSON object"), (None, "not a JSON object"),
    ({"settings": 7}, '"settings" is not an object'),
    ({"settings": {"check_qualifiers": "perhaps"}}, "check_qualifiers"),
    ({"settings": {"wbqc": "0.9"}}, "wbqc"),
    ({"settings": {"start_time_properties": ["Q5"]}}, "start_time_properties"),
    ({"settings": {"start_time_properties": [["P5"]]}}, "start_time_properties"),
    ({"ids": {"WBQualityConstraintsClassId": "Q5"}}, "WBQualityConstraintsClassId"),
    ({"ids": {"WBQualityConstraintsClassId": None}}, "WBQualityConstraintsClassId"),
    ({"unit_conversion": "nonsense"}, "unit_conversion"),
    ({"unit_conversion": {"Q1": {"factor": "2"}}}, "unit"),
])
def test_an_answer_that_makes_no_sense_is_named_and_nothing_is_checked_with_it(make, wiki, settings, words):
    wiki.says(settings)
    done = check(make())
    assert done.returncode in (65, 78) and words in done.stderr, done
    assert done.stdout == ""


@pytest.mark.parametrize("answer", [
    (200, "<html>not JSON</html>"), (200, ""), (200, "{}"), (200, "[]"), (500, "{}"), (503, "busy"),
    (404, "{}"), (200, '{"error":{"code":"readapidenied","info":"You need read permission"}}')])
def test_while_the_api_is_broken_jobs_wait(make, wiki, answer):
    wiki.settings = answer
    runner = make()
    assert check(runner).returncode == 69
    runner.start()
    assert runner.submit({"entity": "Q1"}, wiki="own").status == 202
    wait_until(lambda: "is deferred" in runner.log())
    assert counts(runner) is None
    wiki.says({"ids": OWN})
    assert wait_until(lambda: counts(runner), 60)["warning"] == 2


def test_a_wiki_that_is_away_at_the_start_is_asked_when_it_comes(make_runner):
    with Wiki() as wiki:
        port = wiki.server.server_address[1]
    runner = make_runner({
        "wiki.own.source": "http", "wiki.own.http_retries": 0, "wiki.own.http_timeout": "1s",
        "wiki.own.entity_data_url": f"http://127.0.0.1:{port}/Special:EntityData/",
        "wiki.own.api_url": f"http://127.0.0.1:{port}/api.php"}).start()
    assert runner.submit({"entity": "Q1"}, wiki="own").status == 202
    wait_until(lambda: "is deferred" in runner.log())
    with Wiki(port) as wiki:
        wiki.says({"ids": OWN})
        assert wait_until(lambda: counts(runner), 60)["warning"] == 2


@pytest.mark.parametrize("with_api", [True, False])
def test_the_user_and_the_password_of_an_address_are_shown_nowhere(make, wiki, with_api):
    secret = wiki.address.replace("://", "://us3r:pa55@")
    away = {"entity_data_url": secret.rsplit(":", 1)[0] + ":1/Special:EntityData/"}
    runner = make(**away, api_url=secret + "/none/api.php" if with_api else "",
                  commons_api="http://us3r:pa55@127.0.0.1:1/api.php").start()
    shown = [runner.run("config", "show").stdout, check(runner).stderr]
    answer = runner.post("/v1/check", {"wiki": "own", "entity": "Q1", "deadline_ms": 3000})
    assert answer.status >= 400
    runner.submit({"entity": "Q1"}, wiki="own")
    wait_until(lambda: "own" in runner.get("/readyz").body.decode())
    shown += [answer.body.decode(), runner.get("/readyz").body.decode()]
    runner.stop()
    shown.append(runner.log())
    for text in shown:
        assert "us3r" not in text and "pa55" not in text
    assert all("://********@127.0.0.1" in shown[i] for i in (0, 1, 4))
