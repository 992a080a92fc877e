"""A real OpenSSH server of the test's own on loopback, with keys of its own, for the user who runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAM = shutil.which("sshd", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin")
# a module may assume no more than this on a machine
PYTHON = "/usr/bin/python3"


class Sshd:
    """One server: started, stopped, started again on the same port.

    :param home: a directory of the test's own; short, because control sockets have a limit of 107 bytes.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True)
        self.user = getpass.getuser()
        for name in ("host", "login"):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)]
            subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        (home / "config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nPidFile none\n"
            f"AuthorizedKeysFile {home}/login.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nAcceptEnv *\n"
            "Subsystem sftp internal-sftp\n"
        )
        (home / "known").write_text(f"[127.0.0.1]:{self.port} {(home / 'host.pub').read_text()}")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command = [str(PROGRAM), "-D", "-E", str(self.home / "log"), "-f", str(self.home / "config")]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        limit = time.monotonic() + 20
        while True:
            assert self._process.poll() is None, (self.home / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < limit, "sshd takes no connection"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Cut the machine off: the server and every connection of it end at once."""
        process, self._process = self._process, None
        if process is None:
            return
        self._signal(process.pid, signal.SIGKILL)
        process.wait()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Be cut off for a while."""
        self.stop()
        yield
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Neither answer nor refuse for a while, as a network that drops every packet."""
        assert self._process is not None
        self._signal(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(self._process.pid, signal.SIGCONT)

    def _signal(self, server: int, what: signal.Signals) -> None:
        for pid in [*self._connections(server), server]:
            with suppress(ProcessLookupError):
                os.kill(pid, what)

    def _connections(self, server: int) -> list[int]:
        """Return the server's own processes, one or two per connection, and nothing that logins have started."""
        found, parents = [], {server}
        while parents:
            children = [(pid, name) for pid, parent, name in _processes() if parent in parents and name == "sshd"]
            parents = {pid for pid, _name in children}
            found += sorted(parents)
        return found

    def variables(self) -> str:
        """Return the inventory variables by which Ansible reaches it, as YAML."""
        arguments = (
            f"-o UserKnownHostsFile={self.home}/known -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
            f" -o ControlPath={self.home}/%C -F none"
        )
        python = PYTHON if Path(PYTHON).exists() else "auto"
        return (
            "ansible_connection: ssh\nansible_host: 127.0.0.1\n"
            f"ansible_port: {self.port}\nansible_user: {self.user}\n"
            f"ansible_ssh_private_key_file: {self.home}/login\nansible_ssh_common_args: {arguments}\n"
            f"ansible_python_interpreter: {python}\n"
        )


def _processes() -> list[tuple[int, int, str]]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _closing, rest = entry.read_text().rpartition(")")
        except OSError:
            continue
        pid, _opening, name = head.partition(" (")
        found.append((int(pid), int(rest.split()[1]), name))
    return found
