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
import threading
import time
from urllib.parse import urljoin, urlsplit

from .answer import NoAnswer, Request, Response

MAX_BODY_BYTES = 1024 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Failed(Exception):
    def __init__(self, id: str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.answer = NoAnswer(id, reason, remedy)


def fetch(request: Request) -> Response | NoAnswer:
    """Ask one URL; follow redirects only where asked, never to another scheme, at most five."""
    started = time.monotonic()
    budget = _Budget(started + request.timeout_seconds, request.timeout_seconds)
    url, token = request.url, request.bearer_token
    try:
        for _hop in range(_MAX_REDIRECTS + 1):
            status, headers, body = _exchange(url, token, request, budget)
            answer = Response(url, status, headers, body, (time.monotonic() - started) * 1000)
            location = answer.header("Location")
            if not request.follow_redirects or status not in _REDIRECTS or not location:
                return answer
            target = _redirect_target(url, location)
            if _origin(target) != _origin(url):
                token = None
            url = target
    except _Failed as failed:
        return failed.answer
    return NoAnswer("http_redirect", f"was redirected more than {_MAX_REDIRECTS} times", "Probe the last URL itself.")


class _Budget:
    """The time that is left of one request's time-out."""

    def __init__(self, ends_at: float, whole_seconds: float) -> None:
        self.ends_at = ends_at
        self.whole_seconds = whole_seconds

    def left(self, id: str, doing: str) -> float:
        """Return the seconds left; failing with the id where there are none."""
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise self.over(id, doing)
        return seconds

    def over(self, id: str, doing: str) -> _Failed:
        """Return the failure that says what took too long."""
        return _Failed(id, f"{doing} within {self.whole_seconds:g} s")


class _BoundedReader(io.RawIOBase):
    """Reads a socket, never past the budget."""

    def __init__(self, connection: socket.socket, budget: _Budget) -> None:
        self._connection = connection
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self._connection.settimeout(self._budget.left("http_timeout", "sent no whole answer"))
        return self._connection.recv_into(buffer)  # type: ignore[arg-type]


class _Readable:
    """What C(HTTPResponse) wants of a socket."""

    def __init__(self, reader: _BoundedReader) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


def _exchange(
    url: str, token: str | None, request: Request, budget: _Budget
) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
    connection = _connect(host, port, budget)
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


def _resolve(host: str, port: int, budget: _Budget) -> list[tuple[int, tuple[object, ...]]]:
    """Return the addresses of a name. The system's resolver knows no time-out, so it is asked in a thread."""
    found: list[tuple[int, tuple[object, ...]]] = []
    errors: list[str] = []

    def ask() -> None:
        try:
            for family, _kind, _protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))
        except (OSError, UnicodeError) as error:
            errors.append(getattr(error, "strerror", None) or str(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(budget.left("http_dns", f"has a name, {host}, that did not resolve"))
    if thread.is_alive():
        raise budget.over("http_dns", f"has a name, {host}, that did not resolve")
    if errors or not found:
        why = errors[0] if errors else "no address"
        raise _Failed("http_dns", f"has a name, {host}, that does not resolve: {why}", "Check the URL and the DNS.")
    return found


def _connect(host: str, port: int, budget: _Budget) -> socket.socket:
    """Return a connection to the first address that takes one."""
    addresses = _resolve(host, port, budget)
    failed: _Failed | None = None
    for index, (family, address) in enumerate(addresses):
        left = budget.left("http_connect_timeout", f"took no connection on port {port}")
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(left / (len(addresses) - index))
        try:
            connection.connect(address)
            return connection
        except TimeoutError:
            failed = budget.over("http_connect_timeout", f"took no connection on port {port} of {address[0]}")
        except ConnectionRefusedError:
            reason = f"refused the connection: nothing listens on port {port} of {address[0]}"
            failed = _Failed("http_refused", reason, "Start the component, or correct the URL.")
        except OSError as error:
            reason = f"cannot be reached at {address[0]} port {port}: {error.strerror or error}"
            failed = _Failed("http_unreachable", reason, "Check the route and the firewall.")
        connection.close()
    assert failed is not None, "a name that resolves has an address"
    raise failed


def _secured(connection: socket.socket, host: str, request: Request, budget: _Budget) -> ssl.SSLSocket:
    """Return the connection within TLS."""
    try:
        context = ssl.create_default_context(cafile=request.ca_cert)
    except (OSError, ssl.SSLError) as error:
        connection.close()
        reason = f"was not asked: the CA file {request.ca_cert} cannot be used: {getattr(error, 'strerror', error)}"
        raise _Failed("http_tls", reason, "Correct ca_cert: a readable PEM file.") from None
    if not request.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        connection.settimeout(budget.left("http_tls_timeout", "finished no TLS handshake"))
        # an end without TLS's own goodbye is a cut, not an end
        return context.wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False)
    except TimeoutError:
        raise budget.over("http_tls_timeout", "finished no TLS handshake") from None
    except ssl.SSLCertVerificationError as error:
        reason = f"shows a certificate that is not accepted: {error.verify_message}"
        raise _Failed("http_tls", reason, "Renew or correct the certificate, or name its CA by ca_cert.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise _Failed("http_tls", f"does not speak TLS with us: {why}") from None


def _ask(connection: socket.socket, head: bytes, budget: _Budget) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    answer = http.client.HTTPResponse(_Readable(_BoundedReader(connection, budget)), method="GET")  # type: ignore[arg-type]
    try:
        connection.settimeout(budget.left("http_timeout", "took no request"))
        connection.sendall(head)
        answer.begin()
        body = answer.read(MAX_BODY_BYTES + 1)
    except TimeoutError:
        raise budget.over("http_timeout", "sent no whole answer") from None
    except http.client.IncompleteRead:
        raise _Failed("http_cut", "cut its answer off in the body") from None
    except http.client.RemoteDisconnected:
        raise _Failed("http_cut", "closed the connection without an answer") from None
    except http.client.HTTPException as error:
        raise _Failed("http_protocol", f"does not speak HTTP: {type(error).__name__}") from None
    except OSError as error:
        where = "in the body" if answer.headers is not None else "before an answer"
        raise _Failed("http_cut", f"cut the connection {where}: {error.strerror or error}") from None
    if len(body) > MAX_BODY_BYTES:
        reason = f"sent a body of more than {MAX_BODY_BYTES} bytes"
        raise _Failed("http_oversized", reason, "Probe a smaller page.")
    promised = answer.headers.get("Content-Length", "")
    if not answer.chunked and promised.isdecimal() and len(body) < int(promised):
        raise _Failed("http_cut", f"cut its answer off after {len(body)} of {promised} bytes")
    return answer.status, tuple(answer.headers.items()), body


def _redirect_target(url: str, location: str) -> str:
    """Return where a redirect leads, when it may be followed."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        usable = bool(parts.hostname) and parts.port != 0 and target.isascii() and target.isprintable()
    except ValueError:
        usable = False
    if not usable or " " in target or "@" in parts.netloc:
        raise _Failed("http_redirect", "redirects to something that is no usable URL")
    if parts.scheme != urlsplit(url).scheme:
        reason = f"redirects to the scheme {parts.scheme}, which is never followed"
        raise _Failed("http_redirect", reason, "Probe that URL itself.")
    return parts._replace(fragment="").geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]
