# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came back when a URL was asked: an answer, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Request:
    """One GET.

    :param timeout_seconds: for everything together: name, connection, TLS, answer, body.
    :param bearer_token: sent as a header to the first server only, never to where a redirect leads elsewhere.
    """

    url: str
    timeout_seconds: float
    follow_redirects: bool = False
    bearer_token: str | None = field(default=None, repr=False)
    validate_certs: bool = True
    ca_cert: str | None = None


@dataclass(frozen=True)
class Response:
    """A whole answer.

    :param url: the URL that answered, after any redirects.
    :param headers: as they came, a name may come twice.
    :param latency_ms: from the start of the request to the last byte of the body.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    latency_ms: float

    def header(self, name: str) -> str | None:
        """Return the values of one header joined by C(, ), or None when there is none."""
        values = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(values) if values else None


@dataclass(frozen=True)
class NoAnswer:
    """Why there is no whole answer.

    :param id: the finding's id, such as C(http_dns).
    :param reason: what happened, as the end of the sentence that begins with the URL.
    """

    id: str
    reason: str
    remedy: str = ""


Answer: TypeAlias = "Response | NoAnswer"
Fetch = Callable[[Request], "Response | NoAnswer"]
