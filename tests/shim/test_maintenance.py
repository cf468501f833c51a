# SPDX-License-Identifier: GPL-2.0-or-later
"""The maintenance scripts; the last one removes everything."""
import json

from entities import item
from runner_process import wait_until
from wiki import ROOT


def run(house, script, *arguments, **options):
    path = ROOT / "php-shim/maintenance" / f"{script}.php"
    return house.wiki.maintenance(str(path), *arguments, **options)


def test_status_tells_how_everything_is(house):
    done = run(house, "Status")
    assert "ready" in done.stdout and "violation pairs" in done.stdout


def test_status_fails_while_the_runner_is_away(without_runner):
    done = run(without_runner, "Status", check=False)
    assert done.returncode == 69 and "not ready" in done.stdout


def test_first_fill_hands_over_what_has_no_current_result(house):
    revision = house.wiki.save(item("Q400", values=("a", "b")))
    house.wait_for("Q400", revision)
    wait_until(house.runner.is_idle)
    house.forget("Q400")
    assert " 1 would be checked" in run(house, "FillStore", "--dry-run").stdout
    assert house.row("Q400") is None
    assert " 1 are in the queue" in run(house, "FillStore").stdout
    house.wait_for("Q400", revision)
    assert " 0 are in the queue" in run(house, "FillStore").stdout


def test_named_entities_are_checked_now_or_later(house):
    revision = house.wiki.save(item("Q401"))
    before = house.wait_for("Q401", revision)
    done = run(house, "CheckEntities", "--now", "Q401", "Q4999", "nonsense", check=False)
    assert done.returncode == 65 and "Q401: checked by runner" in done.stdout
    assert "Q4999: not there" in done.stdout and "nonsense" in done.stderr
    after = house.row("Q401")
    assert after[3] > before[3]
    assert "1 in the queue" in run(house, "CheckEntities", stdin="Q401\n").stdout
    wait_until(lambda: house.row("Q401")[3] > after[3], 20)


def test_the_dump_holds_all_pairs(house):
    revision = house.wiki.save(item("Q402", values=("a", "b")))
    house.wait_for("Q402", revision)
    rows = [json.loads(line) for line in run(house, "DumpViolations").stdout.splitlines()]
    [(total,)] = house.sql("SELECT count(*) FROM constraint_runner.violation "
                           "WHERE wiki = 'testwiki'")
    assert len(rows) == total and "Q402" in {r["entity"] for r in rows}
    assert run(house, "DumpViolations", "--property", "Q5", check=False).returncode == 64


def test_comparison_with_wbqc_finds_differences(house):
    revision = house.wiki.save(item("Q403", values=("a", "b")))
    house.wait_for("Q403", revision)
    done = run(house, "CompareWithWbqc", "Q403", check=False)  # the stand-in finds other things
    assert done.returncode == 65 and "Q403 differs" in done.stdout


def test_removal_takes_the_rows_of_this_wiki_alone(house):
    house.sql("INSERT INTO constraint_runner.violation SELECT property, status, 'otherwiki', entity,"
              " statement, constraint_id, type, message_key FROM constraint_runner.violation"
              " WHERE wiki = 'testwiki'")
    [(others,)] = house.sql("SELECT count(*) FROM constraint_runner.violation"
                            " WHERE wiki = 'otherwiki'")
    wait_until(house.runner.is_idle)
    assert run(house, "RemoveWiki", check=False).returncode == 64
    assert run(house, "RemoveWiki", "--yes", check=False).returncode == 69, "the wiki's role can"
    house.wiki.more_settings("$wgConstraintRunnerDatabase['user'] = 'runner';\n")
    assert "would be removed" in run(house, "RemoveWiki", "--dry-run").stdout
    assert house.row("Q403") is not None
    run(house, "RemoveWiki", "--yes")
    assert house.row("Q403") is None
    house.wiki.more_settings("")
    left = house.sql("SELECT wiki, count(*) FROM constraint_runner.violation GROUP BY 1")
    assert left == [("otherwiki", others)] and others > 0
