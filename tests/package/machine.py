# SPDX-License-Identifier: GPL-2.0-or-later
"""A fresh Debian with systemd, for installing packages as a user does: a root made with debootstrap and
kept for the next run, booted by systemd-nspawn with an overlay in memory that ends with it."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
# pylint: disable=wrong-import-position
from runner_process import wait_until  # noqa: E402

ROOTS = pathlib.Path(os.environ.get("ROOTS")
                     or pathlib.Path.home() / ".cache" / "constraint-runner" / "roots")
# what a server of Debian has, beside what debootstrap makes
USUAL = "systemd,systemd-sysv,dbus,sudo,ca-certificates"


class Impossible(Exception):
    """This machine can't have such a root; the text says why."""


def release():
    words = dict(line.split("=", 1) for line in
                 pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines() if "=" in line)
    return words["VERSION_CODENAME"].strip('"')


def bounded(command, seconds):
    """A slow machine skips what it can't have in time: nothing is written meanwhile, and a suite that is
    silent for ten minutes is ended."""
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as problem:
        raise Impossible(f"{command[0]} took more than {seconds} s") from problem


def in_root(root, *command):
    done = bounded(
        ["chroot", root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
         "DEBIAN_FRONTEND=noninteractive", *command], 120)
    if done.returncode:
        raise Impossible(f"{' '.join(map(str, command))}: {done.stderr[-400:]}")
    return done.stdout


def base_root(packages, others):
    """A root in whose cache are the packages that `packages` (files) and `others` (names) need."""
    if os.getuid() != 0:
        raise Impossible("a root is made by root only")
    for program in ("debootstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(program):
            raise Impossible(f"{program} is not installed")
    root = ROOTS / f"package-{release()}"
    if not (root / "made").exists():
        server = subprocess.run([ROOT / "scripts" / "lib" / "package_source"], check=False,
                                capture_output=True, text=True)
        if server.returncode:
            raise Impossible(server.stderr.strip())
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        made = bounded(["debootstrap", "--variant=minbase", f"--include={USUAL}", release(), root,
                        server.stdout.strip()], 300)
        if made.returncode:
            raise Impossible(f"debootstrap: {(made.stdout + made.stderr)[-400:]}")
        (root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        in_root(root, "useradd", "--create-home", "--shell", "/bin/bash", "tester")
        (root / "etc/sudoers.d/tester").write_text("tester ALL=(ALL) NOPASSWD: ALL\n")
        in_root(root, "systemctl", "mask", "apt-daily.timer", "apt-daily-upgrade.timer")  # apt's lock
        # the host's network may have a PostgreSQL on its port
        (root / "etc/postgresql-common/createcluster.d").mkdir(parents=True, exist_ok=True)
        (root / "etc/postgresql-common/createcluster.d/test.conf").write_text(
            "listen_addresses = ''\nport = 5432\n")
        (root / "etc/hostname").write_text("new\n")
        (root / "etc/hosts").write_text("127.0.0.1 localhost new\n")
        (root / "made").touch()
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    folder = root / "srv/packages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for package in packages:
        shutil.copy(package, folder)
    in_root(root, "apt-get", "-q", "update")
    in_root(root, "apt-get", "-q", "-y", "--download-only", "install", *others,
            *(f"/srv/packages/{package.name}" for package in packages))
    return root


class Machine:
    """Boots; `run` runs shell text as an ordinary user who may use sudo."""

    def __init__(self, root, log):
        # pylint: disable=consider-using-with
        self.log = open(log, "wb")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={root}", "--machine=constraint-runner-test",
             "--hostname=new", "--volatile=overlay", "--keep-unit", "--register=no",
             "--resolv-conf=off", "--boot"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.leader = None

    def __enter__(self):
        try:
            self.leader = wait_until(self._leader, 20)
            wait_until(self._is_up, 90, 0.2)
        except AssertionError as problem:
            self.__exit__()
            raise Impossible(f"systemd does not boot in it: {problem}") from problem
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()  # nspawn ends all that is in it
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def _leader(self):
        if self.process.poll() is not None:
            raise AssertionError("systemd-nspawn ended")
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in children.split():
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() in ("systemd", "init"):
                return child
        return None

    def _is_up(self):
        done = self._enter(["systemctl", "is-system-running"])
        return done.stdout.strip() in ("running", "degraded")

    def _enter(self, command, **options):
        return subprocess.run(
            ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid", "--root", "--wd",
             "--", "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *command],
            check=False, capture_output=True, text=True, timeout=300, **options)

    def run(self, text, *, check=True, user="tester"):
        folder = "/home/tester" if user == "tester" else "/"
        done = self._enter(["runuser", "-u", user, "--", "bash", "-euc", f"cd {folder}\n{text}"],
                           stdin=subprocess.DEVNULL)
        if check and done.returncode:
            raise AssertionError(f"{text}\nended with {done.returncode}:\n{done.stdout}{done.stderr}\n"
                                 f"{self.journal()}")
        return done

    def journal(self):
        return self._enter(["journalctl", "--no-pager", "--lines=30",
                            "--unit=constraint-runner.service"]).stdout

    def has(self, path):
        return self._enter(["test", "-e", path]).returncode == 0

    def eventually(self, text, words, seconds=30):
        """Runs it until it prints the words."""
        deadline = time.monotonic() + seconds
        while True:
            printed = self.run(text, check=False).stdout
            if words in printed:
                return printed
            if time.monotonic() > deadline:
                raise AssertionError(f"{text}\nprints no {words!r} but:\n{printed}\n{self.journal()}")
            time.sleep(0.3)
