# SPDX-License-Identifier: GPL-2.0-or-later
"""What `check` leaves: files that replace nothing that must stay, exit codes, and a list for people."""
import contextlib
import json
import os
import pty
import stat
import subprocess
import unicodedata

import pytest

from entities import item, single_value_property
from runner_process import binary
from slow_wiki import SlowWiki
from test_check_dump import array
from test_input_shapes import CANT_CREATE, DATA, DOCUMENTS, NO_INPUT, OK, USAGE, Checked, run


@pytest.mark.parametrize("kind", ["fifo", "link", "directory", "device"])
def test_output_never_replaces_what_is_not_a_regular_file(tmp_path, kind):
    (tmp_path / "d.json").write_bytes(array(DOCUMENTS))
    target = tmp_path / "target"
    target.write_text("mine")
    out, part = tmp_path / "out", tmp_path / "out.part"
    places = [out, part]
    if kind == "device":
        places = ["/dev/null", "/dev/full", "/dev/stdout"]
    for place in places:
        if kind == "fifo":
            os.mkfifo(place)
        elif kind == "link":
            place.symlink_to(target)
        elif kind == "directory":
            place.mkdir()
        before = os.lstat(place)
        for force in ((), ("--force",)):
            done = run("check", "--from", tmp_path / "d.json", "--output",
                       place if kind == "device" else out, *force)
            assert done.returncode == CANT_CREATE, done.stderr
            assert b"--output: " in done.stderr
        after = os.lstat(place)
        assert (before.st_ino, stat.S_IFMT(before.st_mode)) == (after.st_ino,
                                                               stat.S_IFMT(after.st_mode))
        if kind != "device":
            place.rmdir() if kind == "directory" else place.unlink()
    assert target.read_text() == "mine"


def test_an_existing_output_needs_force(tmp_path):
    (tmp_path / "d.json").write_bytes(array(DOCUMENTS))
    out = tmp_path / "out"
    command = ("check", "--from", tmp_path / "d.json", "--output", out)
    assert run(*command).returncode == OK
    first = out.read_bytes()
    out.write_text("mine")
    done = run(*command)
    assert done.returncode == CANT_CREATE and b"--force replaces it" in done.stderr
    assert out.read_text() == "mine"
    assert run(*command, "--force").returncode == OK
    assert out.read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.json", "out"]


def test_a_foreign_part_file_needs_force_too(tmp_path):
    (tmp_path / "d.json").write_bytes(array(DOCUMENTS))
    part = tmp_path / "out.part"
    part.write_text("mine")
    command = ("check", "--from", tmp_path / "d.json", "--output", tmp_path / "out")
    done = run(*command)
    assert done.returncode == CANT_CREATE
    assert b"out.part: exists already; --force replaces it" in done.stderr
    assert part.read_text() == "mine"
    assert run(*command, "--force").returncode == OK
    assert not part.exists()


def test_an_input_without_entities_leaves_the_last_output(tmp_path):
    (tmp_path / "d.json").write_bytes(b"")
    out = tmp_path / "out"
    out.write_text("of yesterday")
    done = run("check", "--from", tmp_path / "d.json", "--output", out, "--force")
    assert done.returncode == DATA
    assert f"--output: {out} is not written".encode() in done.stderr
    assert out.read_text() == "of yesterday"


@pytest.mark.parametrize("option", ["--from", "--ids", "--titles"])
@pytest.mark.parametrize("name", ["in", "link", "hard", "in.part"])
def test_output_is_never_the_input(tmp_path, option, name):
    path = tmp_path / name
    path.write_bytes(array(DOCUMENTS))
    if name in ("link", "hard"):
        (path.symlink_to if name == "link" else path.hardlink_to)(path.rename(tmp_path / "in"))
    before = path.read_bytes()
    done = run("check", option, path, "--output", tmp_path / "in", "--force")
    assert done.returncode == USAGE
    assert b"--output: " in done.stderr and b"would overwrite the input" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("arguments, option", [
    (["--format", "csv"], "--format"), (["--sentences"], "--sentences"),
    (["--compress", "gz"], "--compress"), (["--shard", "5"], "--shard"),
    (["--output", ""], "--output"), (["--titles", ""], "--titles"),
    (["--ids", "-", "--from", "-"], "--from -")])
def test_options_that_would_do_nothing_are_refused_by_name(tmp_path, arguments, option):
    (tmp_path / "d.json").write_bytes(array(DOCUMENTS))
    done = run("check", "--from", tmp_path / "d.json", *arguments)
    assert done.returncode == USAGE and option in done.stderr.decode()
    assert not done.stdout


def test_from_reads_standard_input(tmp_path):
    (tmp_path / "d.json").write_bytes(array(DOCUMENTS))
    of_file = run("check", "--from", tmp_path / "d.json")
    done = run("check", "--from", "-", stdin=array(DOCUMENTS))
    assert done.returncode == OK and done.stdout == of_file.stdout


def test_fail_on_ends_with_1_when_there_is_such_a_result(tmp_path):
    path = tmp_path / "d.json"
    path.write_bytes(array(DOCUMENTS))
    for entity, status_name, code in (("Q1", "warning", 1), ("Q1", "suggestion", 1),
                                      ("Q1", "violation", OK), ("Q2", "warning", OK),
                                      ("Q1", "todo", OK)):
        done = run("check", "--from", path, "--fail-on", status_name, entity)
        assert done.returncode == code, (entity, status_name, done)
    for number, (status_name, code) in enumerate((("warning", 1), ("bad-parameters", OK))):
        assert Checked(path, tmp_path / f"o{number}", "--fail-on", status_name).code == code
    path.write_bytes(array(DOCUMENTS)[:-60])  # a damaged input is the graver thing
    assert run("check", "--from", path, "--fail-on", "warning").returncode == DATA
    assert run("check", "--from", path, "--fail-on", "red").returncode == 64


def test_an_entity_that_is_nowhere_is_named(tmp_path):
    path = tmp_path / "d.json"
    path.write_bytes(array(DOCUMENTS))
    done = run("check", "--from", path, "Q999999", "Q1")
    assert done.returncode == NO_INPUT and b"Q999999: no such entity" in done.stderr
    assert [json.loads(line)["entity"] for line in done.stdout.splitlines()] == ["Q999999", "Q1"]
    (tmp_path / "ids").write_text("Q999999\nQ1\n")
    assert run("check", "--from", path, "--ids", tmp_path / "ids").returncode == OK


def columns(line):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def on_a_terminal(*arguments):
    """The lines that `check` writes there."""
    leader, follower = pty.openpty()
    with subprocess.Popen([binary(), "check", *arguments], stdout=follower, stderr=subprocess.PIPE,
                          env={**os.environ, "CONSTRAINT_RUNNER_CONFIG": os.devnull}) as process:
        os.close(follower)
        text = b""
        with contextlib.suppress(OSError):  # at its end
            while more := os.read(leader, 4096):
                text += more
        assert process.wait(30) == OK
    os.close(leader)
    return text.decode().splitlines()


def test_a_terminal_shows_statements_in_60_columns_and_counts(tmp_path):
    path = tmp_path / "d.json"
    long = item("Q7", 7, ("überlang " * 30, "b"))
    wide = item("Q8", 8, ("東京特許許可局" * 12, "b"))
    path.write_bytes(array([*DOCUMENTS, long, wide]))
    lines = on_a_terminal("--from", str(path), "Q1", "Q7")
    assert max(map(len, lines)) <= 60
    of_wide = on_a_terminal("--from", str(path), "Q8")
    assert 59 <= max(columns(line) for line in of_wide) <= 60
    assert lines[0] == 'Q1 P10 = "a"'
    assert lines[1] == "  Q1$00000000-0000-4000-8000-000000000001"
    assert lines[2] == "  warning: single-value of P10"
    assert any(line.startswith('Q7 P10 = "überlang') and line.endswith("…") for line in lines)
    assert lines[-1].startswith("2 entities: ") and "4 warning" in lines[-1]


@pytest.mark.parametrize("labels, said", [
    ({"en": {"language": "en", "value": "colour"}, "mul": {"language": "mul", "value": "x"}},
     "P10 (colour) should have a single value."),
    ({"mul": {"language": "mul", "value": "Farbe"}}, "P10 (Farbe) should have a single value."),
    ({"de": {"language": "de", "value": "Farbe"}}, "P10 should have a single value."),
    ([], "P10 should have a single value.")], ids=["English", "all", "another", "none"])
def test_a_terminal_shows_the_labels_that_the_files_have(tmp_path, labels, said):
    path = tmp_path / "d.json"
    path.write_bytes(array([{**single_value_property(), "labels": labels}, item("Q1", 1, "ab")]))
    assert on_a_terminal("--from", str(path), "Q1").count("    " + said) == 2


def test_entities_that_the_files_lack_come_from_the_wiki(make_runner, tmp_path):
    path = tmp_path / "batch.ndjson"
    path.write_text(json.dumps(item("Q2", 1, "ab")) + "\n")
    with SlowWiki([single_value_property(), item("Q5")], delay=lambda entity: 0) as wiki:
        runner = make_runner({"wiki.far.source": "http", "wiki.far.entity_data_url": wiki.url})

        def check(*arguments):
            return runner.run("check", "--wiki", "far", "--from", str(path), "--json", *arguments)
        done = check("Q2")
        assert done.returncode == OK, done.stderr
        statuses = [r["s"] for r in json.loads(done.stdout)["results"] if "s" in r]
        assert statuses == ["warning", "warning"] and wiki.seen["P10"]
        assert not wiki.seen["Q2"]
        assert check("Q5").returncode == OK and check("Q6").returncode == NO_INPUT
        alone = check("Q2", "--only-files")
        assert alone.returncode == OK
        assert not [r for r in json.loads(alone.stdout)["results"] if "s" in r]
        asked = wiki.seen["Q7"]
        with path.open("a") as file:
            file.write('{"id": "Q7", "missing": ""}\n')
        assert check("Q7").returncode == NO_INPUT and wiki.seen["Q7"] == asked
    away = check("Q2")
    assert away.returncode == 69 and "P10" in away.stderr
