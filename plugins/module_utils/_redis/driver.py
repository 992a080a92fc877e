# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that imports redis: one connection with time-outs, and the server's errors turned into ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._errors import AccessDenied, MissingDriver, OpsError, Unreachable
from .._password import login_password
from .._redact import Redactor
from .options import RedisConnection

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError:
    HAS_REDIS = False
else:
    HAS_REDIS = True


class Session:
    """One connection to one server."""

    def __init__(self, connection: Any, redactor: Redactor, place: str) -> None:
        self._connection = connection
        self._redactor = redactor
        self._place = place

    def command(self, *words: str) -> object:
        """Send one command and return its answer as the protocol gives it (text decoded).

        :raises Unreachable: no answer; C(details["server"]) is true where the server itself said no.
        :raises AccessDenied: the user may not, or was not let in.
        """
        try:
            self._connection.send_command(*words)
            return self._connection.read_response()
        except redis.RedisError as error:
            raise self._translated(error) from None
        except OSError as error:
            raise Unreachable(f"{self._place} gave no answer: {error.strerror or error}") from None

    def _translated(self, error: Any) -> OpsError:
        said = self._redactor.text(str(error)) or type(error).__name__
        if isinstance(error, (redis.AuthenticationError, redis.exceptions.NoPermissionError)):
            remedy = "Correct login_user and its password."
            return AccessDenied(f"{self._place} does not let us in: {said}", remedy=remedy)
        if isinstance(error, (redis.ConnectionError, redis.TimeoutError)) and not isinstance(
            error, redis.exceptions.BusyLoadingError
        ):
            remedy = "Check login_host, login_port and the network."
            return Unreachable(f"{self._place} gave no answer: {said}", remedy=remedy)
        return Unreachable(f"{self._place} answered with an error: {said}", details={"server": True})


@contextmanager
def session(connection: RedisConnection, *, timeout_seconds: float = 5.0) -> Iterator[Session]:
    """Open a connection, log in where credentials are given, and close it at the end.

    :raises MissingDriver: the package redis is not installed.
    :raises Unreachable: nobody answers.
    :raises AccessDenied: the server does not let us in.
    """
    if not HAS_REDIS:
        raise MissingDriver(
            "The Python package redis is missing where this module runs", remedy="Install it: pip install redis."
        )
    password = login_password(connection.password, connection.password_file)
    kind: Any = redis.SSLConnection if connection.tls else redis.Connection
    options: dict[str, Any] = {
        "host": connection.host,
        "port": connection.port,
        "username": connection.user,
        "password": password,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "decode_responses": True,
        # asked once: the answer now is the verdict
        "retry": Retry(NoBackoff(), 0),
        # servers before 6 know no other
        "protocol": 2,
    }
    if connection.tls:
        options["ssl_ca_certs"] = connection.ca_cert
        options["ssl_cert_reqs"] = "required" if connection.validate_certs else "none"
        options["ssl_check_hostname"] = connection.validate_certs
    opened = kind(**options)
    asked = Session(opened, Redactor([password] if password else []), connection.place)
    try:
        try:
            opened.connect()
        except redis.RedisError as error:
            raise asked._translated(error) from None
        yield asked
    finally:
        opened.disconnect()
