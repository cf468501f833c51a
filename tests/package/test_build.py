# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/package makes, before it is installed anywhere."""
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def contents(package):
    listed = subprocess.run(["dpkg-deb", "--contents", package], check=True, capture_output=True,
                            text=True).stdout
    return {line.split()[5].removeprefix("."): line.split() for line in listed.splitlines()}


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", package, name], check=True, capture_output=True,
                          text=True).stdout.strip()


def test_the_version_is_that_of_the_tree(packages):
    version = re.search(r"\n  version: '(.*)'", (ROOT / "meson.build").read_text())[1]
    assert json.loads((ROOT / "php-shim/extension.json").read_text())["version"] == version
    assert {field(package, "Version") for package in packages.values()} == {version}


def test_each_setting_file_is_a_conffile_and_nothing_is_started(packages, tmp_path):
    subprocess.run(["dpkg-deb", "--control", packages["constraint-runner"], tmp_path], check=True)
    assert (tmp_path / "conffiles").read_text() == "/etc/constraint-runner/constraint-runner.toml\n"
    scripts = (tmp_path / "postinst").read_text()
    assert "deb-systemd-invoke start" not in scripts and "systemd-sysusers" in scripts


def test_every_command_has_its_page(packages, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", packages["constraint-runner"], tmp_path], check=True)
    table = json.loads(subprocess.run([tmp_path / "usr/bin/constraint-runner", "--help-json"],
                                      check=True, capture_output=True).stdout)
    pages = {path.name for path in (tmp_path / "usr/share/man/man1").iterdir()}

    def check(command):
        assert f"{command['name'].replace(' ', '-')}.1.gz" in pages
        for below in command["commands"]:
            check(below)
    check(table)


def test_documents_link_to_documents_that_are_there(packages):
    files = contents(packages["constraint-runner"])
    doc = "/usr/share/doc/constraint-runner/"
    assert f"{doc}docs/operations.md" in files and f"{doc}php-shim/README.md" in files
    assert not [path for path in files if path.endswith((".md.gz", ".yaml.gz"))]


def test_the_extension_is_whole_and_linked(packages):
    files = contents(packages["mediawiki-extension-constraint-runner"])
    folder = "/usr/share/constraint-runner/mediawiki/ConstraintRunner"
    shim = ROOT / "php-shim"
    left_out = {"phpcs.xml"}
    tracked = subprocess.run(["git", "-c", "safe.directory=*", "ls-files"], cwd=shim, check=False,
                             capture_output=True, text=True).stdout.split()
    assert not [f for f in tracked if f not in left_out and f"{folder}/{f}" not in files]
    link = files["/var/lib/mediawiki/extensions/ConstraintRunner"]
    assert link[-1].lstrip("/") == folder.lstrip("/") or link[-1].endswith(folder)


def test_a_new_debian_can_be_made(new_debian):
    """Its own test, since it takes minutes the first time."""
    assert (new_debian / "etc/debian_version").exists()
