"""The PostgreSQL driver against sockets that refuse or hang, and the server's words turned into errors."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    InvalidInput,
    MissingDriver,
    NotFound,
    OpsError,
    RequestRefused,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._password import login_password
from ansible_collections.steady.ops.plugins.module_utils._postgres import driver
from ansible_collections.steady.ops.plugins.module_utils._postgres.options import PostgresConnection
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor

SALES = PostgresConnection("127.0.0.1", 5432, "sales", password="hush-hush")
PLACE = "The database sales at 127.0.0.1 port 5432"

WORDS = [
    ('FATAL:  database "sales" does not exist', NotFound, "does not exist. Correct login_db."),
    ('FATAL:  role "me" does not exist', AccessDenied, "does not let us in: "),
    ("FATAL:  password authentication failed for user", AccessDenied, "does not let us in: "),
    ('FATAL:  no pg_hba.conf entry for host "h", database "sales"', AccessDenied, "does not let us in: "),
    ("FATAL:  sorry, too many clients already", Unreachable, "has no connection left: "),
    ("FATAL:  the database system is starting up", Unreachable, "lets nobody in now: "),
    ("connection failed: connection refused", Unreachable, "gave no connection: connection refused."),
    ("", Unreachable, "gave no connection: no reason given."),
]


@pytest.mark.parametrize(("said", "kind", "sentence"), WORDS)
def test_why_there_is_no_connection(
    monkeypatch: pytest.MonkeyPatch, said: str, kind: type[OpsError], sentence: str
) -> None:
    def refuse(**options: Any) -> None:
        assert (options["password"], options["application_name"]) == ("hush-hush", "steady.ops")
        raise psycopg.OperationalError(f"{said} hush-hush" if said.startswith("FATAL:  password") else said)

    monkeypatch.setattr(driver.psycopg, "connect", refuse)
    with pytest.raises(kind) as caught, driver.session(SALES):
        pass
    assert str(caught.value).startswith(f"{PLACE} {sentence}")
    assert "hush" not in str(caught.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "HAS_PSYCOPG", False)
    with pytest.raises(MissingDriver, match="psycopg"), driver.session(SALES):
        pass


def _password(connection: PostgresConnection) -> str | None:
    return login_password(connection.password, connection.password_file)


def test_the_password_is_read_from_its_file(tmp_path: Path) -> None:
    page = tmp_path / "password"
    page.write_text("hush hush\n")
    assert _password(PostgresConnection("h", 1, "d", password_file=str(page))) == "hush hush"
    assert _password(PostgresConnection("h", 1, "d", password="given", password_file=str(page))) == "given"
    page.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="cannot be read: it is no text"):
        _password(PostgresConnection("h", 1, "d", password_file=str(page)))


class Line:
    """A connection whose queries do what a function does."""

    def __init__(self, execute: Any) -> None:
        self.mine, self.theirs = socket.socketpair()
        self.run = execute

    def fileno(self) -> int:
        return self.mine.fileno()

    def execute(self, statement: str, parameters: object) -> Any:
        return self.run(self.mine, statement, parameters)


def asking(execute: Any, timeout: float = 5.0) -> driver.Session:
    return driver.Session(Line(execute), Redactor(["hush-hush"]), timeout, SALES.place)


class Rows:
    """A cursor."""

    def __init__(self, description: object) -> None:
        self.description = description

    def fetchall(self) -> list[tuple[int]]:
        return [(1,)]


def test_a_query_returns_its_rows() -> None:
    assert asking(lambda line, statement, parameters: Rows(True)).query("SELECT %s", [1]) == [(1,)]
    assert asking(lambda line, statement, parameters: Rows(None)).query("SET x = 1") == []


def test_a_server_that_hangs_is_cut_off() -> None:
    def hang(line: socket.socket, statement: str, parameters: object) -> None:
        line.settimeout(5)
        assert line.recv(1) == b"", "the line was not cut"
        raise psycopg.OperationalError("consuming input failed")

    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"did not answer a query within 0\.2 s"):
        asking(hang, 0.2).query("SELECT 1")
    assert time.monotonic() - started < 2
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (
            psycopg.OperationalError("server closed hush-hush"),
            Unreachable,
            "The database sales at 127.0.0.1 port 5432 went away: server closed ********.",
        ),
        (psycopg.errors.AdminShutdown("bye"), Unreachable, "The database sales at 127.0.0.1 port 5432 went away: bye."),
        (psycopg.errors.InsufficientPrivilege("no"), AccessDenied, f"{PLACE} refused: no. Grant the right."),
        (psycopg.errors.UndefinedTable(""), RequestRefused, f"{PLACE} refused a query: no reason given."),
    ],
)
def test_a_query_that_fails(error: Exception, kind: type[OpsError], sentence: str) -> None:
    def fail(line: socket.socket, statement: str, parameters: object) -> None:
        raise error

    with pytest.raises(kind) as caught:
        asking(fail).query("SELECT 1")
    assert str(caught.value) == sentence


def test_a_session_reads_only_and_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Opened(Line):
        read_only = closed = False

        def close(self) -> None:
            self.closed = True

    opened = Opened(lambda line, statement, parameters: Rows(True))
    monkeypatch.setattr(driver.psycopg, "connect", lambda **options: opened)
    with driver.session(SALES) as session:
        assert opened.read_only
        assert session.query("SELECT 1") == [(1,)]
    assert opened.closed
