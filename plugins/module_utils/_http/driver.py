# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file here that opens connections: one GET with the standard library, every way to fail told apart.

Proxies are ignored, and the time-out covers everything: name, connection, TLS, answer, body. A server that
sends one byte a second does not outlive it.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from urllib.parse import urljoin, urlsplit

from .answer import NoAnswer, Request, Response
from .connection import Budget, Failed, connect

MAX_BODY_BYTES = 1024 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def fetch(request: Request) -> Response | NoAnswer:
    """Ask one URL; follow redirects only where asked, never to another scheme, at most five."""
    budget = Budget(request.timeout_seconds, "http")
    url, token = request.url, request.bearer_token
    try:
        for _hop in range(_MAX_REDIRECTS + 1):
            status, headers, body = _exchange(url, token, request, budget)
            answer = Response(url, status, headers, body, budget.spent_ms())
            location = answer.header("Location")
            if not request.follow_redirects or status not in _REDIRECTS or not location:
                return answer
            target = _redirect_target(url, location, budget)
            if _origin(target) != _origin(url):
                token = None
            url = target
    except Failed as failed:
        return failed.answer
    return NoAnswer("http_redirect", f"was redirected more than {_MAX_REDIRECTS} times", "Probe the last URL itself.")


class _BoundedReader(io.RawIOBase):
    """Reads a socket, never past the budget."""

    def __init__(self, connection: socket.socket, budget: Budget) -> None:
        self._connection = connection
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self._connection.settimeout(self._budget.left("timeout", "sent no whole answer"))
        return self._connection.recv_into(buffer)  # type: ignore[arg-type]


class _Readable:
    """What C(HTTPResponse) wants of a socket."""

    def __init__(self, reader: _BoundedReader) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


def _exchange(
    url: str, token: str | None, request: Request, budget: Budget
) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
    connection = connect(host, port, budget)
    try:
        if parts.scheme == "https":
            connection = _secured(connection, host, request, budget)
        return _ask(connection, _head(url, token), budget)
    finally:
        connection.close()


def _head(url: str, token: str | None) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "User-Agent: steady.ops",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _secured(connection: socket.socket, host: str, request: Request, budget: Budget) -> ssl.SSLSocket:
    """Return the connection within TLS."""
    try:
        context = ssl.create_default_context(cafile=request.ca_cert)
    except (OSError, ssl.SSLError) as error:
        connection.close()
        reason = f"was not asked: the CA file {request.ca_cert} cannot be used: {getattr(error, 'strerror', error)}"
        raise budget.failed("tls", reason, "Correct ca_cert: a readable PEM file.") from None
    # with OpenSSL 3 Python takes a cut connection for the end of the answer unless it is told not to
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if not request.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        connection.settimeout(budget.left("tls_timeout", "finished no TLS handshake"))
        # an end without TLS's own goodbye is a cut, not an end
        return context.wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False)
    except TimeoutError:
        raise budget.over("tls_timeout", "finished no TLS handshake") from None
    except ssl.SSLCertVerificationError as error:
        reason = f"shows a certificate that is not accepted: {error.verify_message.rstrip('.')}"
        raise budget.failed("tls", reason, "Renew or correct the certificate, or name its CA by ca_cert.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise budget.failed("tls", f"does not speak TLS with us: {why}") from None


def _ask(connection: socket.socket, head: bytes, budget: Budget) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    answer = http.client.HTTPResponse(_Readable(_BoundedReader(connection, budget)), method="GET")  # type: ignore[arg-type]
    try:
        connection.settimeout(budget.left("timeout", "took no request"))
        connection.sendall(head)
        answer.begin()
        body = answer.read(MAX_BODY_BYTES + 1)
    except TimeoutError:
        raise budget.over("timeout", "sent no whole answer") from None
    except http.client.IncompleteRead:
        raise budget.failed("cut", "cut its answer off in the body") from None
    except http.client.RemoteDisconnected:
        raise budget.failed("cut", "closed the connection without an answer") from None
    except http.client.HTTPException as error:
        raise budget.failed("protocol", f"does not speak HTTP: {type(error).__name__}") from None
    except OSError as error:
        where = "in the body" if answer.headers is not None else "before an answer"
        raise budget.failed("cut", f"cut the connection {where}: {error.strerror or error}") from None
    if len(body) > MAX_BODY_BYTES:
        reason = f"sent a body of more than {MAX_BODY_BYTES} bytes"
        raise budget.failed("oversized", reason, "Probe a smaller page.")
    promised = answer.headers.get("Content-Length", "")
    if not answer.chunked and promised.isdecimal() and len(body) < int(promised):
        raise budget.failed("cut", f"cut its answer off after {len(body)} of {promised} bytes")
    return answer.status, tuple(answer.headers.items()), body


def _redirect_target(url: str, location: str, budget: Budget) -> str:
    """Return where a redirect leads, when it may be followed."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        usable = bool(parts.hostname) and parts.port != 0 and target.isascii() and target.isprintable()
    except ValueError:
        usable = False
    if not usable or " " in target or "@" in parts.netloc:
        raise budget.failed("redirect", "redirects to something that is no usable URL")
    if parts.scheme != urlsplit(url).scheme:
        reason = f"redirects to the scheme {parts.scheme}, which is never followed"
        raise budget.failed("redirect", reason, "Probe that URL itself.")
    return parts._replace(fragment="").geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]
