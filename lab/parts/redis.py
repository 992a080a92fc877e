# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redis: Debian's server with a password and no persistence of its own accord."""

from __future__ import annotations

import socket
from typing import Any

from lab.parts import Lab, Part, find_program
from lab.place import write_private
from lab.processes import Launch

PASSWORD = "redis"


class Redis(Part):
    """One Redis on loopback."""

    name = "redis"

    def missing_package(self) -> str | None:
        return None if self._program() else "redis-server"

    @staticmethod
    def _program() -> str | None:
        return find_program("redis-server", "/usr/bin", "/usr/local/bin")

    def prepare(self, lab: Lab) -> Launch:
        home = lab.place.state / self.name
        home.mkdir(mode=0o700, exist_ok=True)
        password = lab.place.secret(PASSWORD).read_text()
        settings = [
            "bind 127.0.0.1",
            f"port {lab.take_port(self.name)}",
            f"requirepass {password}",
            f"dir {home}",
            'save ""',
            "appendonly no",
            "daemonize no",
            "set-proc-title no",
        ]
        write_private(home / "redis.conf", "\n".join(settings) + "\n")
        return Launch(self.name, [str(self._program()), str(home / "redis.conf")], cwd=home)

    def probe(self, lab: Lab) -> str | None:
        password = lab.place.secret(PASSWORD).read_text()
        try:
            with socket.create_connection(("127.0.0.1", lab.port(self.name)), timeout=3) as connection:
                connection.sendall(_command("AUTH", password) + _command("PING"))
                answer = b""
                while answer.count(b"\r\n") < 2 and (chunk := connection.recv(1024)):
                    answer += chunk
        except OSError as error:
            return f"no answer to PING ({error})"
        return None if answer == b"+OK\r\n+PONG\r\n" else f"PING answers {answer.decode(errors='replace')[:80]!r}"

    def describe(self, lab: Lab) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": lab.port(self.name), "password_file": str(lab.place.secrets / PASSWORD)}


def _command(*words: str) -> bytes:
    """One command in Redis's own protocol."""
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
