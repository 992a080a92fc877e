"""pg_ping in process."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.modules import pg_ping
from tests.unit.plugins.modules.looking import CLOSED, assert_unknown_and_red, run


def test_nobody_there_is_unknown_and_red() -> None:
    result = run(pg_ping, login_host="127.0.0.1", login_port=CLOSED, login_password="hush-hush")
    assert_unknown_and_red(result, "postgres_unreachable", "database")
    assert "hush-hush" not in str(result["findings"])


def test_a_password_file_that_is_not_there_is_one_sentence() -> None:
    assert run(pg_ping, login_password_file="/nowhere/password")["msg"] == (
        "login_password_file /nowhere/password cannot be read: No such file or directory. Correct the path."
    )
