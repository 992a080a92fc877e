# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a Redis server whether it answers and which role it has."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from .._errors import AccessDenied, OpsError, Unreachable
from .._findings import Finding, Severity

_ROLES = {"master": "primary", "slave": "replica", "sentinel": "sentinel"}


class Commands(Protocol):
    """What is asked of a session."""

    def command(self, *words: str) -> object:
        """Send one command and return its answer."""


Open = Callable[[], AbstractContextManager[Commands]]


@dataclass(frozen=True)
class Facts:
    """What the server answered.

    :param answer: to PING.
    :param role: C(primary), C(replica) or C(sentinel); None where this user may not ask.
    """

    answer: str
    role: str | None
    latency_ms: float

    def as_dict(self) -> dict[str, object]:
        """Return what a result shows under C(server)."""
        return {"answer": self.answer, "role": self.role, "latency_ms": round(self.latency_ms, 1)}


def ask(open_session: Open) -> Facts | OpsError:
    """Connect, log in, PING; an error that says something about the server is returned, not raised."""
    started = time.monotonic()
    try:
        with open_session() as session:
            answer = session.command("PING")
            latency_ms = (time.monotonic() - started) * 1000
            return Facts(str(answer), _role(session), latency_ms)
    except (Unreachable, AccessDenied) as error:
        return error


def judge(place: str, found: Facts | OpsError, *, role: str, max_ms: float | None) -> Finding:
    """Compare the answer with what the server must be. Pure.

    :param role: C(primary), C(replica) or C(any).
    """
    if isinstance(found, OpsError):
        id, severity = "redis_unreachable", Severity.UNKNOWN
        if isinstance(found, AccessDenied):
            id = "redis_denied"
        elif found.details.get("server"):
            id, severity = "redis_refuses", Severity.CRITICAL
        return Finding(id, severity, found.sentence.rstrip("."), remedy=found.remedy)
    latency = round(found.latency_ms, 1)
    if found.answer != "PONG":
        message = f"{place} answered PING with {found.answer[:40]!r}, wanted PONG"
        return Finding("redis_answer", Severity.CRITICAL, message, found.answer[:40], "PONG")
    if role != "any" and found.role != role:
        message = f"{place} is {found.role or 'of a role that it does not say'}, wanted {role}"
        severity = Severity.CRITICAL if found.role else Severity.UNKNOWN
        return Finding("redis_role", severity, message, found.role, role)
    if max_ms is not None and found.latency_ms > max_ms:
        message = f"{place} answered in {found.latency_ms:.0f} ms, above {max_ms:g} ms"
        return Finding("redis_latency", Severity.CRITICAL, message, latency, max_ms, "ms")
    message = f"{place} answered PONG in {found.latency_ms:.0f} ms"
    return Finding("redis_ok", Severity.OK, message, latency, max_ms, "ms")


def _role(session: Commands) -> str | None:
    try:
        answer = session.command("ROLE")
    except OpsError:
        return None
    return _ROLES.get(str(answer[0])) if isinstance(answer, list) and answer else None
