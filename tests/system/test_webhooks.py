# SPDX-License-Identifier: GPL-2.0-or-later
"""`notify` of an import: its end is told to an address, signed, at least once, whatever breaks; and
to no address that a client may not make the runner talk to."""
import json

import psycopg
import pytest

from hook_receiver import HookReceiver
from runner_process import wait_until
from test_import_events import FAST, ask, ended, status

SECRET = "a secret of this test"


@pytest.fixture
def hook():
    with HookReceiver(SECRET) as receiver:
        yield receiver


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def make(make_runner, secret_file):
    def made(settings=None, **options):
        return make_runner({**FAST, "imports.webhook_secret_file": secret_file,
                            "imports.private_addresses": True, "imports.plain_http": True,
                            "imports.webhook_timeout": "1s", **(settings or {})}, **options)
    return made


def told(runner, job, number=0):
    """What the status says of an address."""
    return status(runner, job)["notify"][number]


def test_the_end_of_an_import_is_told_with_its_status(make, hook):
    runner = make().start()
    job = ask(runner, notify=hook.url("/hook?key=secret"), label="round 12")
    assert status(runner, job)["notify"][0]["url"] == hook.url("")
    assert ended(runner, job)["status"] == "complete"
    wait_until(lambda: hook.deliveries)
    wait_until(lambda: told(runner, job)["delivered_at"])
    delivery, = hook.deliveries
    assert hook.bad_signatures == 0 and delivery["path"] == "/hook?key=secret"
    assert delivery["headers"]["Content-Type"] == "application/json"
    now = status(runner, job)
    assert delivery["body"] | {"notify": None} == now | {"notify": None}
    assert (now["notify"][0]["attempts"], now["notify"][0]["error"]) == (1, None)
    assert "key=secret" not in json.dumps(now) and "key=secret" not in runner.log()
    assert SECRET not in runner.log() and SECRET not in runner.run("config", "show").stdout
    assert runner.metric("constraint_runner_import_webhooks_delivered_total") == 1
    shown = runner.run("import", "status", str(job))
    assert hook.url("") in shown.stdout and "owner" in shown.stdout
    # one that is cancelled is told too, and the same import again as another delivery
    cancelled = make({"imports.threads": 0}, conninfo=runner.settings["database.conninfo"]).start()
    runner.stop()
    other = ask(cancelled, notify=hook.url("/other"))
    assert cancelled.request("DELETE", f"/v1/import/{other}").status == 200
    wait_until(lambda: len(hook.deliveries) == 2)
    assert hook.deliveries[1]["body"]["status"] == "cancelled"
    assert hook.deliveries[1]["id"] != delivery["id"]


def test_one_that_failed_is_told_with_its_error_and_again_after_a_retry(make, hook):
    runner = make({"imports.max_attempts": 1,
                   "wiki.file.api_url": "http://127.0.0.1:1/api.php"}).start()
    job = runner.post("/v1/import", {"import_method": "entities", "wiki": "file", "from": "api",
                                     "notify": hook.url()}).json["job_id"]
    wait_until(lambda: len(hook.deliveries) == 1)
    assert hook.deliveries[0]["body"]["error"]["code"] == "unavailable"
    runner.post(f"/v1/import/{job}/retry", {})
    wait_until(lambda: len(hook.deliveries) == 2)
    assert len({d["id"] for d in hook.deliveries}) == 2
    assert {d["body"]["status"] for d in hook.deliveries} == {"failed"}


def test_an_address_that_fails_is_tried_again_with_the_same_id(make, hook):
    hook.statuses = [500, 404, 302, 200]
    hook.location = hook.url("/elsewhere")
    runner = make().start()
    job = ask(runner, notify=hook.url("/hook"))
    wait_until(lambda: told(runner, job)["delivered_at"])
    assert len(hook.deliveries) == 4 and len({d["id"] for d in hook.deliveries}) == 1
    assert {d["path"] for d in hook.deliveries} == {"/hook"}, "redirects are not followed"
    assert told(runner, job)["attempts"] == 4
    assert runner.metric("constraint_runner_import_webhook_failures_total") == 3


def test_an_address_that_is_away_for_too_long_is_given_up(make, hook):
    hook.statuses = [503] * 1000
    runner = make({"imports.webhook_retry_for": "1s"}).start()
    job = ask(runner, notify=hook.url())
    wait_until(lambda: told(runner, job)["given_up_at"])
    assert told(runner, job)["error"] == "it answered with status 503"
    assert told(runner, job)["next_attempt"] is None
    assert len(hook.deliveries) >= 2
    assert runner.metric("constraint_runner_import_webhooks_given_up_total") == 1
    assert "given up: it answered" in runner.run("import", "status", str(job)).stdout


@pytest.fixture
def slow():
    with HookReceiver(SECRET) as receiver:
        receiver.hold.clear()
        yield receiver


def test_a_slow_address_does_not_hold_up_others(make, hook, slow):
    """Not for one moment of the time that it may take, however many ends it is to be told of."""
    runner = make({"imports.webhook_timeout": "60s"}).start()
    for n in range(1, 21):
        ask(runner, entities=[f"Q{n}"], notify=slow.url())
    wait_until(lambda: slow.deliveries)
    quick = [ask(runner, entities=[f"Q{n}"], notify=hook.url()) for n in range(21, 24)]
    wait_until(lambda: all(told(runner, job)["delivered_at"] for job in quick))
    assert len(slow.deliveries) == 1


def test_a_slow_server_with_many_addresses_holds_up_no_other(make, hook, slow):
    runner = make({"imports.webhook_timeout": "60s"}).start()
    for n in range(1, 21):
        ask(runner, entities=[f"Q{n}"], notify=slow.url(f"/{n}"))
    wait_until(lambda: len(slow.deliveries) >= 4)
    quick = ask(runner, entities=["Q21"], notify=hook.url())
    wait_until(lambda: told(runner, quick)["delivered_at"])
    assert len(slow.deliveries) == 4
    slow.hold.set()
    wait_until(lambda: len(slow.deliveries) == 20)


def test_a_kill_between_the_end_of_an_import_and_its_delivery_loses_nothing(make, hook):
    """No runner with a secret runs when the import ends: as if it were killed right after the
    commit."""
    runner = make({"imports.webhook_secret_file": "", "imports.threads": 1})
    with_secret = make({"imports.threads": 0},
                       conninfo=runner.settings["database.conninfo"]).start()
    job = ask(with_secret, notify=hook.url())
    with_secret.kill()
    runner.start()
    assert ended(runner, job)["status"] == "complete"
    runner.kill()
    assert not hook.deliveries
    with_secret.start()
    wait_until(lambda: told(with_secret, job)["delivered_at"])
    delivery, = hook.deliveries
    assert delivery["body"]["status"] == "complete" and hook.bad_signatures == 0


def test_a_kill_in_the_middle_of_a_delivery_repeats_it_with_the_same_id(make, hook):
    hook.hold.clear()
    runner = make().start()
    job = ask(runner, notify=hook.url())
    wait_until(lambda: hook.deliveries)
    runner.kill()  # the receiver has it, and the runner does not know
    hook.hold.set()
    runner.start()
    wait_until(lambda: told(runner, job)["delivered_at"])
    assert len(hook.deliveries) == 2 and len({d["id"] for d in hook.deliveries}) == 1


def test_a_runner_that_stops_does_not_wait_for_a_slow_address(make, hook):
    hook.hold.clear()
    runner = make({"imports.webhook_timeout": "300s"}).start()
    job = ask(runner, notify=hook.url())
    wait_until(lambda: hook.deliveries)
    assert runner.stop(20) == 0
    hook.hold.set()
    runner.start()  # it is due at once, and not after the time that one attempt may take
    wait_until(lambda: told(runner, job)["delivered_at"])
    assert len({d["id"] for d in hook.deliveries}) == 1


def test_two_runners_tell_each_end_once(make, hook):
    runner = make().start()
    make(conninfo=runner.settings["database.conninfo"]).start()
    jobs = [ask(runner, entities=[f"Q{n}"], notify=hook.url(f"/{n}")) for n in range(1, 21)]
    wait_until(lambda: all(told(runner, job)["delivered_at"] for job in jobs), 60)
    assert sorted(d["path"] for d in hook.deliveries) == sorted(f"/{n}" for n in range(1, 21))


def test_the_same_import_asked_for_twice_tells_both(make, hook):
    runner = make({"imports.threads": 0}).start()
    job = ask(runner, notify=hook.url("/one"))
    again = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                       "entities": ["Q1", "Q2"], "notify": hook.url("/two")}).json
    assert again == {"job_id": job, "is_new": False}
    runner.request("DELETE", f"/v1/import/{job}")
    wait_until(lambda: len(hook.deliveries) == 2)
    assert {d["path"] for d in hook.deliveries} == {"/one", "/two"}
    for n in range(10):
        answer = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                            "entities": ["Q3"], "notify": hook.url(f"/{n}")})
        assert answer.status == 202
    answer = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                        "entities": ["Q3"], "notify": hook.url("/more")})
    assert (answer.status, answer.error["field"]) == (400, "notify")


def refusal(runner, url):
    answer = runner.post("/v1/import", {"import_method": "entities", "wiki": "file",
                                        "entities": ["Q1"], "notify": url})
    assert (answer.status, answer.error["field"]) == (400, "notify"), answer
    return answer.error["message"]


def test_without_a_secret_nothing_can_be_notified(make_runner):
    runner = make_runner({**FAST, "imports.threads": 0}).start()
    assert "imports.webhook_secret_file" in refusal(runner, "https://tool.example/hook")
    assert runner.get("/v1/import").json["imports"] == []
    done = runner.run("import", "entities", "Q1", "--wiki", "file", "--notify", "https://a.example/")
    assert done.returncode == 64 and "imports.webhook_secret_file" in done.stderr


def test_only_public_addresses_are_told(make, hook):
    strict = make({"imports.private_addresses": False, "imports.plain_http": False,
                   "imports.threads": 0}).start()
    assert "is no https URL" in refusal(strict, hook.url("/?key=secret"))
    assert "is no https URL" in refusal(strict, "file:///etc/passwd")
    assert "has a user name" in refusal(strict, "https://me:secret@tool.example/")
    for host in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[fd00::1]",
                 "[::ffff:192.168.0.1]", "100.64.0.1", "0.0.0.0"):
        assert "not public" in refusal(strict, f"https://{host}/hook")
    assert "longer than" in refusal(strict, "https://tool.example/" + "x" * 2000)
    # a name can be resolved to anything at any time: it is the socket that is checked
    runner = make({"imports.private_addresses": False}).start()
    jobs = [ask(runner, entities=[f"Q{n}"], notify=hook.url(host=host))
            for n, host in enumerate(("localhost", "127.1", "0x7f000001"), 1)]
    for job in jobs:
        wait_until(lambda j=job: told(runner, j)["error"])
        assert "is not public" in told(runner, job)["error"]
    assert not hook.deliveries


def test_a_receiver_without_encryption_only_where_it_is_allowed(make, hook):
    runner = make().start()
    job = ask(runner, notify=hook.url())
    runner.stop()
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        connection.execute("UPDATE constraint_runner.import_delivery SET delivered_at = NULL, "
                           "due_at = now()")
    seen = len(hook.deliveries)
    runner.write_config(imports__plain_http=False)
    runner.start()
    wait_until(lambda: told(runner, job)["error"])
    assert "is no https URL" in told(runner, job)["error"]
    assert len(hook.deliveries) == seen
