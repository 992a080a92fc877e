# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that imports psycopg: sessions with time-outs, and the server's errors turned into ours."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import dup
from typing import Any

from .._errors import AccessDenied, MissingDriver, NotFound, OpsError, RequestRefused, Unreachable
from .._password import login_password
from .._redact import Redactor
from .options import PostgresConnection

try:
    import psycopg
except ImportError:
    HAS_PSYCOPG = False
else:
    HAS_PSYCOPG = True

# libpq gives no SQLSTATE when a connection fails: the server's own words are what there is
_DENIED = (
    "password authentication failed",
    "no pg_hba.conf entry",
    "no password supplied",
    "role ",
    "permission denied",
)
_BUSY = ("too many clients", "remaining connection slots", "too many connections")
_NOT_UP = ("starting up", "shutting down", "in recovery mode", "not yet accepting connections")


class Session:
    """One connection. A query that outlasts its time-out is cut off, even where the server hangs."""

    def __init__(self, connection: Any, redactor: Redactor, timeout_seconds: float, place: str) -> None:
        self._connection = connection
        self._redactor = redactor
        self._timeout_seconds = timeout_seconds
        self._place = place

    def query(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows; none for a statement that returns none.

        :param statement: SQL with C(%s) where a parameter stands; never built from values.
        :raises Unreachable: no answer in time, or the connection is gone.
        :raises AccessDenied: the role may not.
        :raises RequestRefused: the server refused the statement; C(details["sqlstate"]) says why.
        """
        with self._cut_off_when_late() as late:
            try:
                cursor = self._connection.execute(statement, tuple(parameters) or None)
                return list(cursor.fetchall()) if cursor.description else []
            except psycopg.Error as error:
                if late.is_set():
                    sentence = f"The {self._place} did not answer a query within {self._timeout_seconds:g} s"
                    raise Unreachable(sentence) from None
                raise self._translated(error) from None

    @contextmanager
    def _cut_off_when_late(self) -> Iterator[threading.Event]:
        late = threading.Event()
        line = socket.socket(fileno=dup(self._connection.fileno()))

        def cut() -> None:
            late.set()
            line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._timeout_seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()
            timer.join()
            line.close()

    def _translated(self, error: Any) -> OpsError:
        state = error.sqlstate or ""
        said = self._redactor.text(str(error)).splitlines()[0] if str(error) else "no reason given"
        details = {"sqlstate": state}
        if not state or state.startswith(("08", "57P")):
            return Unreachable(f"The {self._place} went away: {said}", details=details)
        if state == "42501":
            return AccessDenied(f"The {self._place} refused: {said}", remedy="Grant the right.", details=details)
        return RequestRefused(f"The {self._place} refused a query: {said}", details=details)


@contextmanager
def session(
    connection: PostgresConnection, *, name: str = "steady.ops", timeout_seconds: float = 10.0, read_only: bool = True
) -> Iterator[Session]:
    """Open a session and close it at the end; what was not committed is rolled back.

    :param name: the application name by which the server's own views show the session.
    :raises MissingDriver: psycopg is not installed.
    :raises Unreachable: nobody answers, or the server lets nobody in now (C(details["server"]) is true then).
    :raises AccessDenied: this role does not come in.
    :raises NotFound: there is no such database.
    """
    if not HAS_PSYCOPG:
        raise MissingDriver(
            "The Python package psycopg is missing where this module runs",
            remedy="Install it: pip install 'psycopg[binary]'.",
        )
    password = login_password(connection.password, connection.password_file)
    redactor = Redactor([password] if password else [])
    given = {"user": connection.user, "password": password, "sslrootcert": connection.ca_cert}
    try:
        opened: Any = psycopg.connect(
            host=connection.host,
            port=connection.port,
            dbname=connection.database,
            sslmode=connection.ssl_mode,
            application_name=name,
            connect_timeout=max(2, round(timeout_seconds)),
            **{key: value for key, value in given.items() if value is not None},  # type: ignore[arg-type]
        )
    except psycopg.Error as error:
        raise _not_opened(connection, redactor.text(str(error))) from None
    try:
        opened.read_only = read_only
        yield Session(opened, redactor, timeout_seconds, connection.place)
    finally:
        opened.close()


def _not_opened(connection: PostgresConnection, text: str) -> OpsError:
    """Say why there is no connection, from what libpq or the server said."""
    said = " ".join(text.split()).removeprefix("connection failed: ") or "no reason given"
    place = f"The {connection.place}"
    if re.search(r'database ".*" does not exist', said):
        return NotFound(f"{place} does not exist", remedy="Correct login_db.")
    if any(word in said for word in _BUSY):
        return Unreachable(f"{place} has no connection left: {said}", details={"server": True})
    if any(word in said for word in _NOT_UP):
        return Unreachable(f"{place} lets nobody in now: {said}", details={"server": True})
    if any(word in said for word in _DENIED):
        return AccessDenied(f"{place} does not let us in: {said}", remedy="Correct login_user and its password.")
    return Unreachable(f"{place} gave no connection: {said}", remedy="Check login_host, login_port and the network.")
