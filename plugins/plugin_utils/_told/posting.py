# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending JSON over HTTP: certificates are verified, redirects are not followed, and an error shows no secret.

Imported only when somebody is told: it brings ssl and http.client with it.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from ...module_utils._redact import Redactor
from .harmless import one_line
from .patience import CONNECT_SECONDS, Failed, left_of, twice

_ANSWER = 120
_AGAIN = (429, *range(500, 600))


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the secret to another place."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow none."""


def post(
    url: str, body: Mapping[str, object], *, ends_at: float, secret: str = "", token: str = "", ca_file: str = ""
) -> str:
    """Send one body, once more where nothing arrived or the receiver failed; return why it was not delivered.

    :param ends_at: on the monotonic clock, when nothing new is begun.
    :param secret: what no sentence may show.
    :param token: sent as C(Authorization: Bearer).
    :returns: empty when the receiver took it.
    """
    redactor = Redactor([secret] if secret else [])
    try:
        opener = opener_of(ca_file)
    except OSError as error:
        return f"ca_file {ca_file} cannot be used: {trouble(error)}"
    headers = {"Content-Type": "application/json", "User-Agent": "steady.ops"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    host = request.host.rpartition("@")[2]

    def attempt() -> str:
        _send(opener, request, min(CONNECT_SECONDS, left_of(ends_at)))
        return ""

    problem = twice(attempt, ends_at)
    return one_line(redactor.text(f"{host}: {problem}")) if problem else ""


def trouble(error: BaseException) -> str:
    """Return what went wrong with a connection, in words that no server chose."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection could be made ({error.reason or 'handshake failed'})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, ConnectionError):
        return "the connection was cut"
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__


def opener_of(ca_file: str = "") -> urllib.request.OpenerDirector:
    """Return what opens addresses as this module does.

    :param ca_file: the certificates that are trusted; empty for the machine's own.
    :raises OSError: it cannot be read.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Stay())


def _send(opener: urllib.request.OpenerDirector, request: urllib.request.Request, seconds: float) -> None:
    try:
        with opener.open(request, timeout=seconds) as answer:
            answer.read(_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            raise Failed(_answered(error), again=error.code in _AGAIN) from None
    except urllib.error.URLError as error:
        reason = error.reason if isinstance(error.reason, BaseException) else error
        untrusted = isinstance(reason, ssl.SSLCertVerificationError)
        raise Failed(trouble(reason), again=not untrusted) from None
    except TimeoutError as error:
        # it may have arrived
        raise Failed(trouble(error)) from None
    except (OSError, http.client.HTTPException) as error:
        raise Failed(trouble(error), again=True) from None


def _answered(error: urllib.error.HTTPError) -> str:
    """Return what the receiver said; the body of a refusal says which field it does not like."""
    if error.code >= 500:
        return f"answered {error.code}"
    if 300 <= error.code < 400:
        return f"answered {error.code} and points elsewhere, which is not followed"
    said = one_line(error.read(_ANSWER).decode(errors="replace"), _ANSWER)
    return f"answered {error.code}" + (f": {said}" if said else "")
