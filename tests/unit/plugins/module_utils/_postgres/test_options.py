"""The connection options: a blank answer is not given, and no password is shown."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._postgres.options import POSTGRES_OPTIONS, PostgresConnection


def test_options_read_blank_as_not_given() -> None:
    blank = PostgresConnection.from_options(dict.fromkeys(POSTGRES_OPTIONS, ""))
    assert blank == PostgresConnection("localhost", 5432, "postgres")
    full = PostgresConnection.from_options(
        {"login_unix_socket": "/run/pg", "login_host": "db", "login_port": 6432, "login_password": "hush"}
    )
    assert (full.host, full.port, full.password) == ("/run/pg", 6432, "hush")
    assert "hush" not in repr(full)
    assert full.place == "database postgres at /run/pg port 6432"
