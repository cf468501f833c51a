# SPDX-License-Identifier: GPL-2.0-or-later
"""Every edit of an entity reaches the runner, sooner or later."""
import pathlib
import socket
import time
import urllib.parse

from entities import item
from real_wiki import needs_movable_pages
from runner_process import wait_until


def test_an_edit_becomes_a_stored_result(house):
    revision = house.wiki.save(item("Q100", values=("a", "b")))
    assert house.wait_for("Q100", revision)[1] == "native"
    later = house.wiki.save(item("Q100", values=("a",)))
    assert house.wait_for("Q100", later)[0] == later > revision


def test_a_page_without_an_entity_is_not_sent_to_the_runner(house):
    before = house.runner.metric("constraint_runner_jobs_accepted_total")
    answer = house.wiki.api(True, action="edit", title="Project:Talk", text="talk",
                            token=house.wiki.token())
    assert answer["edit"]["result"] == "Success"
    revision = house.wiki.save(item("Q101"))
    house.wait_for("Q101", revision)
    assert house.runner.metric("constraint_runner_jobs_accepted_total") == before + 1


def test_edits_while_the_runner_is_away_are_kept_and_sent_later(without_runner):
    house = without_runner
    house.wiki.save(item("Q110"))
    newest = house.wiki.save(item("Q110", values=("b",)))
    other = house.wiki.save(item("Q111"))
    wait_until(lambda: len(house.wiki.kept_jobs("Q110", "Q111")) == 2)  # one for each entity
    house.wiki.run_jobs()
    assert len(house.wiki.kept_jobs("Q110", "Q111")) == 2, "went away although the runner did not have them"
    house.runner.start()
    wait_until(lambda: "Q110" in house.wiki.run_jobs() or house.row("Q110"), 60, 1)
    house.wait_for("Q110", newest)
    wait_until(lambda: house.wiki.run_jobs() is not None and not house.wiki.kept_jobs("Q110", "Q111"), 60, 1)
    house.wait_for("Q111", other)


def test_a_full_queue_loses_nothing(house):
    house.runner.stop()
    house.runner.write_config(queue__max_length=1)
    house.sql("INSERT INTO constraint_runner.job (revision, queued_at, due_at, state, priority,"
              " wiki, entity) VALUES (1, now(), now() + interval '1 h', 'delayed', 0, 'other', 'Q1')")
    house.runner.start()
    try:
        revision = house.wiki.save(item("Q115"))
        wait_until(lambda: len(house.wiki.kept_jobs("Q115")) == 1)
    finally:
        house.sql("DELETE FROM constraint_runner.job WHERE wiki = 'other'")
        house.runner.stop()
        house.runner.write_config(queue__max_length=1000000)
        house.runner.start()
    wait_until(lambda: house.wiki.run_jobs() is not None and house.row("Q115"), 60, 1)
    house.wait_for("Q115", revision)


def test_a_deleted_entity_has_no_result_and_a_restored_one_has(house):
    revision = house.wiki.save(item("Q120", values=("a", "b")))
    house.wait_for("Q120", revision)
    house.wiki.act("delete", "Q120")
    house.until(lambda: house.row("Q120")[2] != 0)
    assert house.runner.result("Q120", "testwiki").status == 404
    house.wiki.act("undelete", "Q120")
    assert house.wait_for("Q120", revision)[0] == revision


def test_a_redirect_has_no_result(house):
    revision = house.wiki.save(item("Q130"))
    house.wait_for("Q130", revision)
    house.wiki.save({"id": "Q130", "redirect": "Q100"})
    house.until(lambda: house.row("Q130")[2] != 0)


def test_protecting_a_page_checks_its_new_revision(house):
    revision = house.wiki.save(item("Q140"))
    house.wait_for("Q140", revision)
    try:
        house.wiki.act("protect", "Q140", protections="edit=sysop")
        assert house.wait_for("Q140", revision + 1)[0] > revision
    finally:
        house.wiki.act("protect", "Q140", protections="edit=all")


def test_purging_checks_again(house):
    revision = house.wiki.save(item("Q150"))
    before = house.wait_for("Q150", revision)
    house.wiki.api(True, action="purge", titles=house.wiki.title("Q150"))
    house.until(lambda: house.row("Q150")[3] > before[3])


def test_the_job_of_wbqc_pushed_by_hand_reaches_the_runner(house):
    revision = house.wiki.save(item("Q160"))
    before = house.wait_for("Q160", revision)
    house.wiki.push("constraintsRunCheck", {"entityId": "Q160"})
    assert "good" in house.wiki.run_jobs("constraintsRunCheck")
    after = house.until(lambda: house.row("Q160")[3] > before[3] and house.row("Q160"))
    assert after[1] == "native"


def test_a_large_entity_is_fetched_by_the_runner(house):
    house.wiki.more_settings("$wgConstraintRunnerDocumentMaxBytes = 0;\n")
    try:
        revision = house.wiki.save(item("Q170", values=("a", "b")))
        assert house.wait_for("Q170", revision)
    finally:
        house.wiki.more_settings("")


def test_a_merge_and_its_undoing_are_followed(house):
    for entity in ("Q180", "Q181"):
        house.wait_for(entity, house.wiki.save(item(entity, values=("a", "b"))))
    house.wiki.save({"id": "Q180", "redirect": "Q181"})
    house.until(lambda: house.row("Q180")[2] != 0)
    assert house.sql("SELECT count(*) FROM constraint_runner.violation "
                     "WHERE entity = 'Q180'") == [(0,)]
    again = house.wiki.save(item("Q180", values=("a", "b")))
    assert house.wait_for("Q180", again)[0] == again


def test_an_imported_entity_is_checked(house):
    revision = house.wiki.save(item("Q182", values=("a", "b")))
    house.wait_for("Q182", revision)
    exported = house.wiki.request("/index.php?" + urllib.parse.urlencode(
        {"title": "Special:Export", "pages": house.wiki.title("Q182")})).body
    assert "Q182" in exported
    dump = pathlib.Path(house.wiki.folder) / "import.xml"
    dump.write_text(exported.replace("Q182", "Q183"))
    house.wiki.maintenance("importDump", str(dump))
    assert house.wait_for("Q183", 1)[1] == "native"
    pairs = house.sql("SELECT count(*) FROM constraint_runner.violation WHERE entity = 'Q183'")
    assert pairs == [(2,)]


@needs_movable_pages
def test_moving_a_page_sends_its_entity(house):
    revision = house.wiki.save(item("Q184"))
    house.wait_for("Q184", revision)
    wait_until(house.runner.is_idle)

    def jobs():
        return sum(house.runner.metric(f"constraint_runner_jobs_{kind}_total")
                   for kind in ("accepted", "coalesced"))
    before = jobs()
    answer = house.wiki.api(True, action="move", to="Project:Moved", noredirect="1",
                            token=house.wiki.token(), **{"from": house.wiki.title("Q184")})
    assert "move" in answer, answer
    wait_until(lambda: jobs() > before)


def test_a_restored_page_is_checked_at_its_latest_revision(house):
    house.wiki.save(item("Q185", values=("a", "b")))
    newest = house.wiki.save(item("Q185", values=("a",)))
    house.wait_for("Q185", newest)
    house.wiki.act("delete", "Q185")
    house.until(lambda: house.row("Q185")[2] != 0)
    house.wiki.act("undelete", "Q185")
    assert house.wait_for("Q185", newest)[0] == newest


def test_a_restored_page_is_requested_without_a_revision(house):
    """A part of it may have come back, so that its latest revision is lower than the one before."""
    older = house.wiki.save(item("Q188", values=("a", "b")))
    second = int(time.time())
    wait_until(lambda: int(time.time()) > second)  # the API tells revisions by their second
    newest = house.wiki.save(item("Q188", values=("a",)))
    [page] = house.wiki.api(action="query", prop="revisions", revids=older,
                            rvprop="timestamp")["query"]["pages"]
    house.wait_for("Q188", newest)
    house.wiki.act("delete", "Q188")
    house.until(lambda: house.row("Q188")[2] != 0)
    wait_until(house.runner.is_idle)
    house.runner.stop()
    try:
        house.wiki.act("undelete", "Q188", timestamps=page["revisions"][0]["timestamp"])
        wait_until(lambda: len(house.wiki.kept_jobs("Q188")) == 1)
        [kept] = house.wiki.kept_jobs("Q188")
        assert "entity=Q188 revision=0 " in kept
    finally:
        house.runner.start()
    wait_until(lambda: house.wiki.run_jobs() is not None and
               house.row("Q188")[:3:2] == (older, 0), 60, 1)


def test_a_runner_that_never_answers_does_not_block_queued_jobs(without_runner):
    house = without_runner
    pathlib.Path(house.runner.socket).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(house.runner.socket))
        silent.listen(10)
        revision = house.wiki.save(item("Q186"))
        wait_until(lambda: len(house.wiki.kept_jobs("Q186")) == 1)
    pathlib.Path(house.runner.socket).unlink()
    house.runner.start()
    wait_until(lambda: house.wiki.run_jobs() is not None and house.row("Q186"), 60, 1)
    house.wait_for("Q186", revision)


def test_a_runner_that_never_answers_blocks_no_process_of_the_wiki(house, tmp_path):
    path = tmp_path / "silent.sock"
    house.wait_for("Q187", house.wiki.save(item("Q187", values=("before",))))
    house.wiki.more_settings(f"$wgConstraintRunnerSocket = '{path}';\n"
                             "$wgConstraintRunnerRetrySeconds = 600;\n")
    taken = []
    try:
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(path))
            path.chmod(0o777)
            silent.listen(100)
            silent.setblocking(False)
            for number in range(6):  # the first finds it out, the others leave it alone
                newest = house.wiki.save(item("Q187", values=(str(number),)))
            wait_until(lambda: len(house.wiki.kept_jobs("Q187")) == 1)
            try:
                while True:
                    taken.append(silent.accept()[0])
            except BlockingIOError:
                pass
        assert len(taken) == 1, "each edit waited for the runner"
    finally:
        house.wiki.more_settings("")
        for connection in taken:
            connection.close()
    wait_until(lambda: house.wiki.run_jobs() is not None and house.row("Q187")[0] >= newest, 60, 1)
