# SPDX-License-Identifier: GPL-2.0-or-later
"""The maintenance scripts; the last one removes everything."""
import csv
import gzip
import hashlib
import io
import json

from entities import item
from real_wiki import needs_standins
from runner_process import wait_until
from wiki import ROOT


def run(house, script, *arguments, **options):
    path = ROOT / "php-shim/maintenance" / f"{script}.php"
    return house.wiki.maintenance(str(path), *arguments, **options)


def test_status_reports_the_state_of_everything(house):
    wait_until(house.runner.is_idle)
    done = run(house, "Status")
    assert "ready" in done.stdout and "violation pairs" in done.stdout
    assert "nothing of this wiki" in done.stdout and "unknown" not in done.stdout


def test_status_fails_while_the_runner_is_away(without_runner):
    done = run(without_runner, "Status", check=False)
    assert done.returncode == 69 and "not ready" in done.stdout
    assert "its queue:         unknown\n" in done.stdout


@needs_standins
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
    assert done.returncode == 65 and "Q401: checked" in done.stdout
    assert "Q4999: not there" in done.stdout and "nonsense" in done.stderr
    after = house.row("Q401")
    assert after[3] > before[3]
    assert "1 in the queue" in run(house, "CheckEntities", stdin="Q401\n").stdout
    house.until(lambda: house.row("Q401")[3] > after[3])


def test_the_dump_holds_all_pairs(house):
    revision = house.wiki.save(item("Q402", values=("a", "b")))
    house.wait_for("Q402", revision)
    rows = [json.loads(line) for line in run(house, "DumpViolations").stdout.splitlines()]
    [(total,)] = house.sql("SELECT count(*) FROM constraint_runner.violation "
                           "WHERE wiki = 'testwiki'")
    assert len(rows) == total and "Q402" in {r["entity"] for r in rows}
    assert run(house, "DumpViolations", "--property", "Q5", check=False).returncode == 64


@needs_standins
def test_the_dump_has_sentences_on_request(house):
    house.wait_for("Q406", house.wiki.save(item("Q406", values=("a", "b"))))

    def sentences(*options):
        rows = map(json.loads, run(house, "DumpViolations", *options).stdout.splitlines())
        return {row.get("sentence") for row in rows if row["entity"] == "Q406"}
    assert sentences() == {None}
    assert sentences("--sentences") == {"The wiki says that P10 has several values."}
    assert sentences("--sentences", "--language", "de") == {
        "Das Wiki sagt, dass P10 mehrere Werte hat."}
    wrong = run(house, "DumpViolations", "--sentences", "--language", "no/such", check=False)
    assert wrong.returncode == 64 and "--language" in wrong.stderr


def test_an_import_is_started_and_watched(house):
    revision = house.wiki.save(item("Q404"))
    before = house.wait_for("Q404", revision)
    done = run(house, "Import", "entities", "--from", "stored", "--force", "--wait")
    assert done.stdout.startswith("import ") and "complete: " in done.stdout
    house.until(lambda: house.row("Q404")[3] > before[3])
    number = done.stdout.split()[1]
    assert "complete: " in run(house, "Import", "--job", number).stdout


def test_an_import_that_is_wrong_says_what(house):
    for arguments, text in (((), "category, entities or dump"), (("everything",), "category, entities"),
                            (("dump",), "name one file"), (("entities",), ""),
                            (("entities", "nonsense"), "entities[0]"), (("--job", "x"), "--job"),
                            (("--job", "4000000"), "4000000")):
        done = run(house, "Import", *arguments, check=False)
        assert done.returncode == 64 and text in done.stdout + done.stderr, (arguments, done)


def test_an_import_without_runner_is_not_started(without_runner):
    assert run(without_runner, "Import", "entities", "Q1", check=False).returncode == 69


def test_all_results_are_dumped_by_the_runner(house, tmp_path):
    house.wait_for("Q405", house.wiki.save(item("Q405", values=("a", "b"))))
    out = tmp_path / "dump"
    run(house, "Dump", "--output", str(out), "--format", "csv", "--format", "nt", "--sentences",
        "--compress", "none")
    assert {path.name for path in out.iterdir()} == {"dump.csv", "dump.nt", "manifest.json"}
    rows = list(csv.DictReader(io.StringIO((out / "dump.csv").read_text())))
    [(total,)] = house.sql("SELECT count(*) FROM constraint_runner.violation "
                           "WHERE wiki = 'testwiki'")
    assert len(rows) == total and all(row["sentence"] for row in rows)
    manifest = json.loads((out / "manifest.json").read_text())
    for file in manifest["files"]:
        data = (out / file["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    again = run(house, "Dump", "--output", str(out), check=False)
    assert again.returncode == 73, "a folder with a dump is left alone"
    house.wait_for("Q405", house.wiki.save(item("Q405", values=("a",))))
    increment = house.runner.run("dump", "--wiki", "testwiki", "--output", str(tmp_path / "more"),
                                 "--since", str(out / "manifest.json"), "--format", "csv")
    assert increment.returncode == 0, increment.stderr


def test_a_dump_is_compressed_and_errors_are_reported(house, tmp_path):
    run(house, "Dump", "--output", str(tmp_path / "new" / "dump"))
    text = gzip.decompress((tmp_path / "new" / "dump" / "dump.ttl.gz").read_bytes())
    assert text.startswith(b"@prefix")
    for options in (["--format", "xml"], ["--compress", "7z"]):
        done = run(house, "Dump", "--output", str(tmp_path / "x"), *options, check=False)
        assert done.returncode == 64 and options[0] in done.stdout + done.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letters.txt").write_text("")
    done = run(house, "Dump", "--output", str(tmp_path / "mine"), check=False)
    assert done.returncode == 73 and "letters.txt" in done.stdout + done.stderr


def test_an_interrupted_dump_starts_over(without_runner, tmp_path):
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "dump.ttl.gz.part").write_text("half of it")
    done = run(without_runner, "Dump", "--output", str(tmp_path / "dump"), check=False)
    assert done.returncode == 69 and "run this again" in done.stdout + done.stderr
    assert not (tmp_path / "dump" / "manifest.json").exists()
    without_runner.runner.start()
    try:
        run(without_runner, "Dump", "--output", str(tmp_path / "dump"))
    finally:
        without_runner.runner.stop()
    assert {path.name for path in (tmp_path / "dump").iterdir()} == {"dump.ttl.gz", "manifest.json"}


@needs_standins
def test_comparison_with_wbqc_finds_differences(house):
    revision = house.wiki.save(item("Q403", values=("a", "b")))
    house.wait_for("Q403", revision)
    done = run(house, "CompareWithWbqc", "Q403", check=False)  # the stand-in finds other things
    assert done.returncode == 65 and "Q403: stored alone: " in done.stdout and "Q403: WBQC alone: " in done.stdout
    assert "Q19474404" in done.stdout and "single-value" in done.stdout
    assert "1 different" in done.stdout and "(listed deviation)" not in done.stdout
    [(results,)] = house.sql("SELECT value->'results' FROM constraint_runner.entity_result "
                             "WHERE wiki = 'testwiki' AND entity = 'Q403'")
    checked = [r for r in results if "0" in r and r["|"]["t"] == "statement"]
    assert len(checked) == 2
    deviating = "$wgWBQualityConstraintsTypeConstraintId = 'Q19474404';\n"
    try:
        house.wiki.more_settings(deviating + "$wgStandinResults = json_decode(<<<'X'\n"
                                 + json.dumps(checked) + "\nX, true);\n")
        done = run(house, "CompareWithWbqc", "Q403")
        lines = [line for line in done.stdout.splitlines() if " alone: " in line]
        assert len(lines) == 3 and all(line.endswith("(listed deviation)") for line in lines)
        assert "1 with listed deviations only, 0 different" in done.stdout
        # so does format where WBQC has neither SPARQL nor Shellbox, which leaves it todo
        results = house.wiki.folder / "more.php"
        text = results.read_text().replace("Type", "Format", 1)
        results.write_text(text)
        assert "1 with listed deviations only, 0 different" in run(house, "CompareWithWbqc", "Q403").stdout
        results.write_text(text + "$wgWBQualityConstraintsSparqlEndpoint = 'https://sparql.example/';\n")
        assert "1 different" in run(house, "CompareWithWbqc", "Q403", check=False).stdout
        # that a statement was checked is no result of a constraint type that deviates
        house.wiki.more_settings(deviating)
        done = run(house, "CompareWithWbqc", "Q403", check=False)
        lines = [line for line in done.stdout.splitlines() if "was checked" in line]
        assert len(lines) == 2 and "(listed deviation)" not in "".join(lines)
        assert done.returncode == 65 and "1 different" in done.stdout
    finally:
        house.wiki.more_settings("")


def test_removal_is_the_runners(without_runner):
    done = run(without_runner, "RemoveWiki", "--yes", check=False)
    assert done.returncode == 69
    assert without_runner.sql("SELECT 1 FROM constraint_runner.entity_result WHERE wiki = 'testwiki'")


def test_removal_takes_the_rows_of_this_wiki_alone(house):
    house.sql("INSERT INTO constraint_runner.violation SELECT property, status, 'otherwiki', entity,"
              " statement, constraint_id, type, message_key FROM constraint_runner.violation"
              " WHERE wiki = 'testwiki'")
    [(others,)] = house.sql("SELECT count(*) FROM constraint_runner.violation"
                            " WHERE wiki = 'otherwiki'")
    house.wait_for("Q407", house.wiki.save(item("Q407", values=("a", "b"))))
    wait_until(house.runner.is_idle)
    assert run(house, "RemoveWiki", check=False).returncode == 64
    assert "would be removed" in run(house, "RemoveWiki", "--dry-run").stdout
    house.sql("INSERT INTO constraint_runner.job (revision, queued_at, due_at, state, priority, wiki,"
              " entity) VALUES (1, now(), now() + interval '1 h', 'leased', 0, 'testwiki', 'Q1')")
    busy = run(house, "RemoveWiki", "--yes", check=False)
    assert busy.returncode == 75 and "Nothing was removed" in busy.stdout + busy.stderr
    house.sql("DELETE FROM constraint_runner.job WHERE entity = 'Q1'")
    run(house, "RemoveWiki", "--yes")
    assert house.row("Q407") is None
    left = house.sql("SELECT wiki, count(*) FROM constraint_runner.violation GROUP BY 1")
    assert left == [("otherwiki", others)] and others > 0
