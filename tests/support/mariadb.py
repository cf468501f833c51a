# SPDX-License-Identifier: GPL-2.0-or-later
"""A private MariaDB server on a Unix socket, run by an unprivileged user.

    with PrivateMariadb(folder) as mariadb:
        mariadb.execute("CREATE DATABASE wiki")
        rows = mariadb.rows("SELECT 1, 'a'", "wiki")

The user root has no password; `reader` may read every database (password in `password_file`)."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

PASSWORD = "it's a secret"


def _prefix():
    """A command prefix that runs it as a user other than root."""
    if os.geteuid() != 0:
        return []
    for name in ("mysql", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    raise RuntimeError("there is no user that MariaDB could run as")


class PrivateMariadb:
    def __init__(self, settings=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mariadb-"))
        self.data = self.folder / "data"
        self.socket = self.folder / "s"
        self.password_file = self.folder / "password"
        self.settings = list(settings)
        self.process = None

    def __enter__(self):
        try:
            self._install()
            self.start()
            self.execute("CREATE USER reader IDENTIFIED BY 'it''s a secret';"
                         "GRANT SELECT ON *.* TO reader")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _install(self):
        self.folder.chmod(0o777)
        self.password_file.write_text(PASSWORD + "\n")
        done = subprocess.run(
            [*_prefix(), "mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
             "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"],
            capture_output=True, text=True, timeout=180, check=False, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb-install-db: {done.stdout}{done.stderr}")

    def start(self):
        log = open(self.folder / "log", "ab")
        # a server that starts deletes all temporary tables in its tmpdir, also those of others in /tmp
        self.process = subprocess.Popen(
            [*_prefix(), "mariadbd", "--no-defaults", f"--datadir={self.data}",
             f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}", "--skip-networking",
             f"--tmpdir={self.folder}",
             "--innodb-buffer-pool-size=128M",
             "--innodb-log-file-size=64M", *self.settings],
            stdout=log, stderr=log, cwd=self.folder)
        log.close()
        deadline = time.monotonic() + 60
        while True:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            if self._client("SELECT 1").returncode == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("MariaDB does not start")
            time.sleep(0.05)

    def kill(self):
        """As a crash."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _client(self, sql, database="", user="root"):
        # the unprivileged user may not see where the tests run
        return subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", f"--user={user}", "--batch",
             "--raw", "--skip-column-names", "--default-character-set=binary",
             *([database] if database else [])],
            input=sql.encode() if isinstance(sql, str) else sql, capture_output=True, timeout=1800,
            check=False, env={**os.environ, **({} if user == "root" else {"MYSQL_PWD": PASSWORD})})

    def start_if_ended(self):
        if self.process.poll() is not None:
            self.start()

    def execute(self, sql, database="", user="root"):
        done = self._client(sql, database, user)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr.decode()} for {sql[:300]}")
        return done.stdout.decode(errors="surrogateescape")

    def rows(self, sql, database=""):
        """Rows of texts; NULL is "NULL"."""
        return [tuple(line.split("\t")) for line in self.execute(sql, database).splitlines()]

    def reads(self):
        """Rows and entries of indexes that the server has looked at so far."""
        return sum(int(n) for _, n in self.rows(
            "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Handler_read%' OR "
            "Variable_name = 'Handler_icp_attempts'"))

    def replica_settings(self, wiki, database, **more):
        """Settings of a runner that make `database` the replica of `wiki`."""
        settings = {"source": "none", "replica_database": database, "replica_socket": self.socket,
                    "replica_user": "reader", "replica_password_file": self.password_file, **more}
        return {f"wiki.{wiki}.{key}": value for key, value in settings.items()}
