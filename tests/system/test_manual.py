# SPDX-License-Identifier: GPL-2.0-or-later
"""Manual pages and completions say what the program says of itself."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
# pylint: disable=wrong-import-position
from runner_process import binary  # noqa: E402


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def all_commands(table):
    yield table
    for below in table["commands"]:
        yield from all_commands(below)


@pytest.fixture(scope="module")
def table():
    return json.loads(run(binary(), "--help-json"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    run(sys.executable, ROOT / "scripts/lib/manual.py", binary(),
        ROOT / "scripts/constraint-runner-database", ROOT / "constraint-runner.toml.example", "1.2.3",
        folder / "man1", folder / "man5")
    return folder


@pytest.fixture(scope="module")
def completions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completions")
    files = [folder / "bash", folder / "_zsh", folder / "fish"]
    run(sys.executable, ROOT / "scripts/lib/completions.py", binary(), *files)
    return files


def test_the_table_has_what_help_shows(table):
    for command in all_commands(table):
        shown = run(binary(), *command["name"].split()[1:], "--help")
        assert command["about"].rstrip(".") in shown
        for option in command["options"]:
            assert all(name in shown for name in option["names"]), option
        for below in command["commands"]:
            assert below["name"].split()[-1] in shown
    paths = {command["name"] for command in all_commands(table)}
    assert {"constraint-runner serve", "constraint-runner import category"} <= paths


def test_help_has_examples_and_exit_codes(table):
    """Each that can be run has one, with options that there are."""
    of_all = {name for option in table["options"] for name in option["names"]}
    for command in all_commands(table):
        shown = run(binary(), *command["name"].split()[1:], "--help")
        assert "\n  78  the configuration is invalid\n" in shown
        assert command["examples"] or command["commands"], command["name"]
        own = {name for option in command["options"] for name in option["names"]}
        for example in command["examples"]:
            assert f"\n  {example}\n" in shown
            words = shlex.split(example)
            assert " ".join(words).startswith(command["name"])
            assert {word for word in words if word.startswith("-")} <= own | of_all


def test_choices_and_kinds_of_values_are_reported(table):
    check = next(c for c in table["commands"] if c["name"].endswith(" check"))
    options = {name: option for option in check["options"] for name in option["names"]}
    assert options["--format"]["choices"] == ["csv", "tsv", "results"] or \
        sorted(options["--format"]["choices"]) == ["csv", "results", "tsv"]
    assert options["--threads"]["value"] == "N" and options["--json"]["value"] == ""


def test_each_command_has_a_page_that_man_shows(table, pages):
    names = {command["name"].replace(" ", "-") for command in all_commands(table)}
    assert {p.name for p in (pages / "man1").iterdir()} == {
        f"{name}.1" for name in names | {"constraint-runner-database"}}
    for page in [*(pages / "man1").iterdir(), *(pages / "man5").iterdir()]:
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-K", "utf8", "-P-c", page],
                              check=False, capture_output=True, text=True)
        assert done.stderr == "", page
        shown = re.sub(".\b", "", done.stdout)  # bold
        for heading in ("NAME", "DESCRIPTION", "SEE ALSO"):
            assert f"\n{heading}\n" in shown
    category = (pages / "man1/constraint-runner-import-category.1").read_text()
    assert r"\-\-min\-pixels" in category and "Minimum width times height" in category


def test_the_page_of_the_configuration_has_every_setting(pages):
    page = (pages / "man5/constraint-runner.toml.5").read_text()
    example = (ROOT / "constraint-runner.toml.example").read_text()
    for line in example.splitlines():
        if line.startswith("#") and " = " in line and not line.startswith("# "):
            assert f"\\fB{line[1:].split(' = ')[0]}\\fR" in page


def test_bash_completes_commands_options_and_choices(completions):
    def complete(*words):
        text = " ".join(f"'{word}'" for word in words)
        return run("bash", "-c", f"source {completions[0]}; COMP_WORDS=({text}); "
                   f"COMP_CWORD={len(words) - 1}; _constraint_runner; echo \"${{COMPREPLY[*]}}\"").split()

    program = "constraint-runner"
    assert complete(program, "imp") == ["import"]
    assert {"category", "list", "retry"} <= set(complete(program, "import", ""))
    assert complete(program, "import", "category", "--min-p") == ["--min-pixels"]
    assert complete(program, "--config", "serve", "import", "ca") == ["category", "cancel"]
    assert complete(program, "check", "--format", "cs") == ["csv"]
    assert "--config" in complete(program, "check", "--conf")


def test_zsh_and_fish_take_theirs(completions):
    _, zsh, fish = completions
    if not shutil.which("zsh") or not shutil.which("fish"):
        pytest.skip("SKIPPED, NOT PROVEN: zsh or fish is not installed")
    run("zsh", "-n", zsh)

    def complete(words):
        shown = run("fish", "--no-config", "-c",
                    f"source {fish}; complete -C 'constraint-runner {words}'")
        return [line.split("\t")[0] for line in shown.splitlines()]

    assert complete("imp") == ["import"]
    assert set(complete("import ca")) == {"cancel", "category"}
    assert complete("check --format cs") == ["csv"]
    assert complete("import category --min-p") == ["--min-pixels"]
    assert complete("import list --min-p") == []
