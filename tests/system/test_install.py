# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/operations.md says of installing: the files of `ninja install`, and the program that makes
role, database and tables."""
import os
import pathlib
import shutil
import subprocess

import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CONSTRAINT_RUNNER")
                      or ROOT / "build" / "src" / "cli" / "constraint-runner")

SUPERUSER = "runner"  # of the private PostgreSQL


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """`meson install` of a build that is configured again, with the binary that is under test."""
    folder = tmp_path_factory.mktemp("install")
    build = BINARY.parents[2]
    if not (build / "build.ninja").exists():
        pytest.skip("CONSTRAINT_RUNNER is not in a build of meson")
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", folder],
                   check=True, capture_output=True)
    return folder


def only(folder, pattern):
    found = list(folder.rglob(pattern))
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def test_the_unit_starts_the_program_that_is_installed(installed):
    unit = only(installed, "constraint-runner.service").read_text()
    program = only(installed, "bin/constraint-runner")
    assert f"ExecStart=/{program.relative_to(installed)} serve\n" in unit
    user = only(installed, "sysusers.d/constraint-runner.conf").read_text()
    assert "User=constraint-runner\n" in unit and "u constraint-runner " in user
    socket = only(installed, "constraint-runner.socket").read_text()
    assert "SocketGroup=constraint-runner\n" in socket
    if shutil.which("systemd-analyze"):
        text = unit.replace(f"/{program.relative_to(installed)}", str(program))
        checked = installed / "constraint-runner.service"
        checked.write_text(text.replace("User=constraint-runner", "User=root")
                           .replace("Group=constraint-runner", "Group=root"))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", checked], check=False,
                              capture_output=True, text=True)
        checked.unlink()
        problems = [line for line in done.stderr.splitlines() if "constraint-runner.service:" in line]
        assert not problems, done.stderr


def test_roles_and_documents_are_where_the_program_looks(installed):
    program = only(installed, "bin/constraint-runner-database")
    assert os.access(program, os.X_OK)
    share = program.parents[1] / "share" / "constraint-runner"
    assert {p.name for p in share.iterdir()} == {"roles.sql", "openapi.yaml", "mediawiki", "monitoring",
                                                 "constraint-runner.toml.example"}
    assert {p.name for p in (share / "monitoring").iterdir()} >= {"alerts.yml", "grafana.json"}
    assert (share / "mediawiki/ConstraintRunner/extension.json").exists()
    for path in ("man/man1/constraint-runner-serve.1", "man/man5/constraint-runner.toml.5",
                 "doc/constraint-runner/docs/operations.md", "doc/constraint-runner/examples/sample.ndjson"):
        assert (share.parent / path).is_file()


def test_the_rights_of_wikis_are_found_through_a_link_or_missed_before_anything_is_done(installed, tmp_path):
    program = only(installed, "bin/constraint-runner-database")
    link, alone = tmp_path / "link", tmp_path / "alone"
    link.symlink_to(program)
    shutil.copy(program, alone)
    found, missed = (subprocess.run([path, "--dry-run", "wiki", "mywiki", "wiki"], check=False,
                                    capture_output=True, text=True) for path in (link, alone))
    assert found.returncode == 0 and "letting the role wiki" in found.stdout
    assert (missed.returncode, missed.stdout) == (69, "") and "roles.sql" in missed.stderr


def test_edited_settings_stay(installed):
    settings = installed / "etc/constraint-runner/constraint-runner.toml"
    program = only(installed, "bin/constraint-runner")
    assert settings.stat().st_mode & 0o777 == 0o640
    done = subprocess.run([program, "--config", settings, "config", "show", "--changed"], check=True,
                          capture_output=True, text=True)
    assert "dbname=constraint_runner" in done.stdout
    settings.write_text("# mine\n")
    subprocess.run(["meson", "install", "-C", BINARY.parents[2], "--no-rebuild", "--destdir", installed],
                   check=True, capture_output=True)
    assert settings.read_text() == "# mine\n"


class Server:
    """A PostgreSQL without the runner's role, and the program on it."""

    def __init__(self, postgres, folder, program):
        self.program = program
        self.host = psycopg.conninfo.conninfo_to_dict(postgres.conninfo)["host"]
        folder.chmod(0o755)
        self.config = folder / "runner.toml"
        self.config.write_text("[database]\nconninfo = "
                               f'"host={self.host} user=runner-x dbname=runner_x"\n'
                               "[wiki.mywiki]\n")
        self.config.chmod(0o644)

    def run(self, *words):
        return subprocess.run(
            [self.program, "--config", self.config, "--role", "runner-x", "--database", "runner_x",
             *words], check=False, capture_output=True, text=True,
            env={**os.environ, "PGHOST": self.host, "PGUSER": SUPERUSER})

    def rows(self, query, user=SUPERUSER, database="runner_x"):
        with psycopg.connect(host=self.host, user=user,
                             dbname=database) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def server(postgres, tmp_path, installed):
    made = Server(postgres, tmp_path, only(installed, "bin/constraint-runner-database"))
    yield made
    with psycopg.connect(host=made.host, user=SUPERUSER, dbname="postgres",
                         autocommit=True) as connection:
        connection.execute('DROP DATABASE IF EXISTS runner_x')
        connection.execute('DROP ROLE IF EXISTS "runner-x"')
        connection.execute('DROP ROLE IF EXISTS "wiki-x"')
        connection.execute('DROP ROLE IF EXISTS "reader-x"')


def test_setup_makes_everything_and_may_be_repeated(server):
    first = server.run("setup")
    assert first.returncode == 0, first.stderr
    assert "making the role runner-x" in first.stdout
    assert server.rows("SELECT pg_encoding_to_char(encoding), datdba::regrole::text "
                       "FROM pg_database WHERE datname = 'runner_x'") == [("UTF8", '"runner-x"')]
    second = server.run("setup")
    assert second.returncode == 0, second.stderr
    assert "making the role" not in second.stdout
    for _ in range(2):
        granted = server.run("wiki", "mywiki", "wiki-x")
        assert granted.returncode == 0, granted.stderr
    assert server.rows("SELECT tableowner FROM pg_tables WHERE schemaname = 'constraint_runner' "
                       "GROUP BY 1") == [("runner-x",)]
    assert server.rows("SELECT * FROM constraint_runner.wiki_role", user="wiki-x") == [
        ("mywiki", "wiki-x")]
    assert server.rows("SELECT * FROM constraint_runner.violation", user="wiki-x") == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.rows("SELECT constraint_runner.renew_wiki_roles()", user="wiki-x")


def test_a_reader_reads_the_views_and_nothing_else(server):
    assert server.run("setup").returncode == 0
    for _ in range(2):
        granted = server.run("reader", "reader-x")
        assert granted.returncode == 0, granted.stderr
    for view in ("results", "violations", "dependencies", "dead_jobs"):
        assert server.rows(f"SELECT * FROM constraint_runner.{view}", user="reader-x") == []
    for query in ("SELECT FROM constraint_runner.entity_result", "SELECT FROM constraint_runner.job",
                  "DELETE FROM constraint_runner.violations",
                  "LOCK TABLE constraint_runner.violations IN ROW EXCLUSIVE MODE",
                  "SELECT constraint_runner.grant_reader_role('reader-x')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.rows(query, user="reader-x")


def test_a_dry_run_makes_nothing(server):
    done = server.run("--dry-run", "setup")
    assert done.returncode == 0, done.stderr
    assert "making the database runner_x, which belongs to runner-x" in done.stdout
    assert server.rows("SELECT FROM pg_roles WHERE rolname = 'runner-x'", database="postgres") == []


def test_the_owner_is_no_role_of_a_wiki(server):
    assert server.run("setup").returncode == 0
    refused = server.run("wiki", "mywiki", "runner-x")
    assert refused.returncode != 0 and "owns the schema" in refused.stderr


@pytest.mark.parametrize("words, message", [
    ([], "usage:"), (["make"], "unknown command make"), (["wiki", "one"], "wiki needs"),
    (["reader"], "reader needs"),
    (["--colour", "setup"], "unknown option --colour")])
def test_wrong_words_are_named(server, words, message):
    done = server.run(*words)
    assert done.returncode == 64 and message in done.stderr
