# SPDX-License-Identifier: GPL-2.0-or-later
"""A private PostgreSQL cluster for the tests, by scripts/lib/private_postgres.

    with PrivatePostgres(folder) as postgres:
        conninfo = postgres.create_database()
"""
import itertools
import os
import pathlib
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lib" / "private_postgres"


class PrivatePostgres:
    """Owns one cluster below `folder`; not durable unless `fsync` is true."""

    _numbers = itertools.count(1)

    def __init__(self, folder, fsync=False, settings=(), socket_mode="0700"):
        self.folder = pathlib.Path(folder)
        self.fsync = fsync
        self.settings = list(settings)
        self.socket_mode = socket_mode
        self.conninfo = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(immediate=True, remove=True)

    def start(self):
        """Starts the server (again); returns the conninfo of the database constraint_runner."""
        command = [str(SCRIPT), "start", str(self.folder), "--socket-mode", self.socket_mode]
        if not self.fsync:
            command.append("--no-fsync")
        for setting in self.settings:
            command += ["--set", setting]
        self.conninfo = _run(command).strip()
        return self.conninfo

    def stop(self, immediate=False, remove=False):
        """Ends the server; `immediate` as a crash would."""
        command = [str(SCRIPT), "stop", str(self.folder)]
        if immediate:
            command.append("--immediate")
        if remove:
            command.append("--remove")
        _run(command)

    def restart(self, immediate=False):
        self.stop(immediate=immediate)
        return self.start()

    def conninfo_of(self, database):
        return self.conninfo.rsplit("dbname=", 1)[0] + "dbname=" + database

    def create_database(self, name=None):
        """Creates an empty database; returns its conninfo."""
        import psycopg  # the rest is of use without it

        name = name or f"test_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.conninfo_of(name)

    def drop_database(self, conninfo):
        """What create_database() gave, with whoever is still connected. Databases that are kept
        make the removal of the cluster slow: each has hundreds of files."""
        import psycopg

        name = conninfo.rsplit("dbname=", 1)[1]
        try:
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg.OperationalError:
            pass  # the server is stopped, and removed with all that it has

    @staticmethod
    def server_user():
        """The user that the server runs as (not root)."""
        return _run([str(SCRIPT), "user"]).strip()


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
