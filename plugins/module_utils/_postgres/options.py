# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of every PostgreSQL module, in the words of community.postgresql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

POSTGRES_OPTIONS: dict[str, dict[str, object]] = {
    "login_host": {"type": "str", "default": "localhost"},
    "login_port": {"type": "int", "default": 5432},
    "login_unix_socket": {"type": "path"},
    "login_user": {"type": "str"},
    "login_password": {"type": "str", "no_log": True},
    "login_password_file": {"type": "path", "no_log": False},
    "login_db": {"type": "str", "default": "postgres"},
    "ssl_mode": {
        "type": "str",
        "choices": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        "default": "prefer",
    },
    "ca_cert": {"type": "path"},
}


@dataclass(frozen=True)
class PostgresConnection:
    """How to reach one database; what is not given is found as libpq finds it."""

    host: str
    port: int
    database: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    ssl_mode: str = "prefer"
    ca_cert: str | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> PostgresConnection:
        """Read the options of a module, an empty string as not given."""

        def given(name: str) -> str | None:
            value = options.get(name)
            return str(value) if value not in (None, "") else None

        return cls(
            host=given("login_unix_socket") or given("login_host") or "localhost",
            port=int(given("login_port") or 5432),
            database=given("login_db") or "postgres",
            user=given("login_user"),
            password=given("login_password"),
            password_file=given("login_password_file"),
            ssl_mode=given("ssl_mode") or "prefer",
            ca_cert=given("ca_cert"),
        )

    @property
    def place(self) -> str:
        """Return database, host and port as a sentence names them."""
        return f"database {self.database} at {self.host} port {self.port}"
