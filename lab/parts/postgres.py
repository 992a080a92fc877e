# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PostgreSQL: the newest server that Debian has installed, with one database per system.

PostgreSQL refuses root, so root's lab runs it as the account `postgres` (else `nobody`), which owns the data directory.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.parts import Lab, Part
from lab.parts.databases import DATABASES, connect, create_databases, password_of
from lab.place import write_private
from lab.processes import Launch, environment

SUPERUSER = "steady"
DONE = "initialised"  # a file beside the data directory: without it, initdb was killed half-way
SETTINGS = """
listen_addresses = '127.0.0.1'
shared_preload_libraries = 'pg_stat_statements'
shared_buffers = 64MB
# dynamic shared memory in the data directory: a killed server leaves nothing in /dev/shm
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
"""


class Postgres(Part):
    """One PostgreSQL on loopback and on a socket in the lab's directory."""

    name = "postgres"
    wait_seconds = 60.0
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: ends sessions, then itself

    def missing_package(self) -> str | None:
        return None if _newest() else "postgresql"

    def prepare(self, lab: Lab) -> Launch:
        home, account = lab.place.state / self.name, _account()
        data = home / "data"
        if not (home / DONE).exists():
            shutil.rmtree(home, ignore_errors=True)
            self._initialise(lab, home, account)
        self.clear(lab)
        lines = [f"port = {lab.take_port(self.name)}", f"unix_socket_directories = '{_socket_folder(lab)}'"]
        conf = data / "steady_lab.conf"
        write_private(conf, "# written by `lab up`\n" + "\n".join(lines) + SETTINGS)
        _give(conf, account)
        return Launch(self.name, [str(_programs() / "postgres"), "-D", str(data)], cwd=home, user=account)

    def _initialise(self, lab: Lab, home: Path, account: str | None) -> None:
        """Run initdb. The marker is written last, so that a half-done directory is made anew."""
        password = lab.place.secret("postgres").read_text()
        for folder in (home, _socket_folder(lab)):
            folder.mkdir(mode=0o700, exist_ok=True)
            _give(folder, account)
        _socket_folder(lab).chmod(0o711)
        password_file = home / "password"
        write_private(password_file, password)
        _give(password_file, account)
        argv = [
            str(_programs() / "initdb"),
            "-D",
            str(home / "data"),
            "-U",
            SUPERUSER,
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
        self._run_initdb(lab, home, account, argv)
        password_file.unlink()
        with open(home / "data" / "postgresql.conf", "a") as conf:
            conf.write("\ninclude 'steady_lab.conf'\n")
        (home / DONE).touch()

    def _run_initdb(self, lab: Lab, home: Path, account: str | None, argv: list[str]) -> None:
        done = subprocess.run(
            argv,
            cwd=home,
            env=environment(self.name, lab.place.state),
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            user=account,
            group=pwd.getpwnam(account).pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode != 0:
            said = " ".join(done.stderr.split()) or f"code {done.returncode}"
            raise LabError(f"postgres: initdb failed: {said[-300:]}")

    def probe(self, lab: Lab) -> str | None:
        import psycopg

        try:
            with connect(lab, "postgres") as connection:
                connection.execute("SELECT 1")
        except psycopg.Error as error:
            return f"SELECT 1 fails: {' '.join(str(error).split())[:160]}"
        return None

    def fill(self, lab: Lab) -> None:
        create_databases(lab)

    def describe(self, lab: Lab) -> dict[str, Any]:
        databases = {
            system: {"database": each.name, "user": each.role, "password_file": str(password_of(lab, system))}
            for system, each in DATABASES.items()
        }
        return {
            "host": "127.0.0.1",
            "port": lab.port(self.name),
            "socket": str(_socket_folder(lab)),
            "user": SUPERUSER,
            "database": "smartunderwrite",
            "password_file": str(lab.place.secrets / "postgres"),
            "databases": databases,
            "data_directory": str(lab.place.state / self.name / "data"),
            "programs": str(_programs()),
        }

    def clear(self, lab: Lab) -> None:
        """Remove a killed server's lock files and its segment of shared memory, which outlive it."""
        lock = lab.place.state / self.name / "data" / "postmaster.pid"
        if lock.exists():
            lines = lock.read_text().splitlines()
            segment = lines[6].split() if len(lines) > 6 else []
            if len(segment) == 2 and _unused_segment(segment[1]):
                subprocess.run(["ipcrm", "-m", segment[1]], capture_output=True, check=False)
            lock.unlink()
        for left in _socket_folder(lab).glob(".s.PGSQL.*"):
            left.unlink()


def _newest() -> Path | None:
    """Debian's newest folder of server programs that is complete."""
    programs = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = [each.parent for each in programs if (each.parent / "postgres").exists()]
    return max(found, key=lambda each: float(each.parent.name), default=None)


def _programs() -> Path:
    found = _newest()
    if found is None:
        raise LabError("postgres: there is no PostgreSQL server: run `apt-get install postgresql` as root.")
    return found


def _socket_folder(lab: Lab) -> Path:
    return lab.place.state / "run"


def _account() -> str | None:
    """The account that PostgreSQL runs under: None for one's own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LabError(
        "postgres: it refuses to run as root and there is no account `postgres`: run `apt-get install postgresql`."
    )


def _give(path: Path, account: str | None) -> None:
    if account:
        owner = pwd.getpwnam(account)
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _unused_segment(identifier: str) -> bool:
    """Whether a System V segment exists and nobody is attached to it."""
    for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == identifier:
            return fields[6] == "0"
    return False
