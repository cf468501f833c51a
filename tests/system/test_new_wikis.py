# SPDX-License-Identifier: GPL-2.0-or-later
"""New wikis are added on SIGHUP, and PHP workers run only while a wiki needs them."""
import contextlib
import http.client
import json
import signal
import sys

from entities import item
from own_wiki import WORKER
from runner_process import is_there, wait_until


def test_workers_start_when_they_are_needed_and_end_when_idle(own_wiki):
    wiki = own_wiki({"php_idle": "200ms"})
    wiki.says()
    wiki.save(item("Q1", values=()), item("Q2", values=()))
    wiki.runner.start()
    assert not (wiki.folder / "starts").exists()
    wiki.check("Q1")
    wiki.stored("Q1")
    started = (wiki.folder / "starts").read_text().split()
    wait_until(lambda: not any(is_there(int(each)) for each in started))
    wiki.check("Q2")
    wiki.stored("Q2")
    assert len((wiki.folder / "starts").read_text().split()) > len(started)


def test_a_new_wiki_needs_no_restart(own_wiki):
    wiki = own_wiki()
    wiki.says(wiki=None)
    wiki.save(item("Q1", values=()), item("Q2", values=()))
    wiki.runner.start()
    wiki.check("Q1")
    wiki.stored("Q1")
    process = wiki.runner.process.pid
    assert wiki.runner.submit({"entity": "Q1"}, wiki="late").status == 404
    folder = wiki.runner.folder / "wikis.d"
    folder.mkdir()
    (folder / "late.toml").write_text(
        f"[wiki.late]\nsource = \"php\"\nphp_command = {json.dumps([sys.executable, str(WORKER), str(wiki.folder)])}\n")
    wiki.runner.signal(signal.SIGHUP)
    wait_until(lambda: wiki.runner.submit({"entity": "Q1"}, wiki="late").status == 202, 60)
    wait_until(lambda: wiki.runner.result("Q1", "late").status == 200)
    wiki.check("Q2")  # the others continue
    wiki.stored("Q2")
    assert wiki.runner.process.pid == process and not wiki.runner.ended()
    assert "new wikis: late" in wiki.runner.log()
    assert wiki.runner.stop() == 0
    assert not wiki.runner.socket.exists()


def test_while_a_wiki_is_added_no_connection_is_refused(own_wiki):
    wiki = own_wiki()
    wiki.says()
    wiki.runner.start()
    folder = wiki.runner.folder / "wikis.d"
    folder.mkdir()
    for number in range(3):
        (folder / f"w{number}.toml").write_text(f"[wiki.w{number}]\n")
        wiki.runner.signal(signal.SIGHUP)
        known = False
        while not known:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
                # one that was made and had not sent anything may be closed, as any that is idle
                answer = wiki.runner.submit({"entity": "Q1", "document": item("Q1")}, wiki=f"w{number}")
                assert answer.status in (202, 404, 503), answer
                known = answer.status == 202


def test_a_new_wiki_that_cannot_be_is_left_out(own_wiki, tmp_path):
    wiki = own_wiki()
    wiki.says()
    wiki.save(item("Q1", values=()))
    wiki.runner.start()
    folder = wiki.runner.folder / "wikis.d"
    folder.mkdir()
    (folder / "bad.toml").write_text(
        f"[wiki.bad]\nsource = \"none\"\nunit_conversion = \"{tmp_path}/absent\"\n")
    wiki.runner.signal(signal.SIGHUP)
    wait_until(lambda: "the new wikis are not added" in wiki.runner.log(), 60)
    wait_until(wiki.runner.is_ready, 30)
    wiki.check("Q1")
    wiki.stored("Q1")
