# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of every Redis module, in the words of community.general."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

REDIS_OPTIONS: dict[str, dict[str, object]] = {
    "login_host": {"type": "str", "default": "localhost"},
    "login_port": {"type": "int", "default": 6379},
    "login_user": {"type": "str"},
    "login_password": {"type": "str", "no_log": True},
    "login_password_file": {"type": "path", "no_log": False},
    "tls": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_cert": {"type": "path"},
}


@dataclass(frozen=True)
class RedisConnection:
    """How to reach one Redis server."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    tls: bool = False
    validate_certs: bool = True
    ca_cert: str | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> RedisConnection:
        """Read the options of a module, an empty string as not given."""

        def given(name: str) -> str | None:
            value = options.get(name)
            return str(value) if value not in (None, "") else None

        return cls(
            host=given("login_host") or "localhost",
            port=int(given("login_port") or 6379),
            user=given("login_user"),
            password=given("login_password"),
            password_file=given("login_password_file"),
            tls=options.get("tls") is True,
            validate_certs=options.get("validate_certs") is not False,
            ca_cert=given("ca_cert"),
        )

    @property
    def place(self) -> str:
        """Return the server as a sentence names it."""
        return f"Redis at {self.host} port {self.port}"
