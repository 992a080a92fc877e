# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a database whether it answers, who it is, and whether it is the primary."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from .._errors import AccessDenied, NotFound, OpsError, Unreachable
from .._findings import Finding, Severity


class Queries(Protocol):
    """What is asked of a session."""

    def query(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""


Open = Callable[[], AbstractContextManager[Queries]]

_WHO = (
    "SELECT 1, current_database(), current_user, current_setting('server_version'), pg_is_in_recovery(),"
    " extract(epoch FROM now() - pg_postmaster_start_time())::bigint"
)
_SYSTEM = "SELECT system_identifier::text FROM pg_control_system()"


@dataclass(frozen=True)
class Wanted:
    """What the database must be.

    :param role: C(primary), C(standby) or C(any).
    :param system_identifier: the cluster's own number; None: not compared.
    """

    role: str = "any"
    system_identifier: str | None = None
    max_ms: float | None = None


@dataclass(frozen=True)
class Facts:
    """What the database said about itself; C(latency_ms) covers connection, log-in and query."""

    database: str
    user: str
    server_version: str
    in_recovery: bool
    uptime_seconds: int
    system_identifier: str | None
    latency_ms: float

    def as_dict(self) -> dict[str, object]:
        """Return what a result shows under C(database)."""
        return {
            "name": self.database,
            "user": self.user,
            "server_version": self.server_version,
            "role": "standby" if self.in_recovery else "primary",
            "uptime_seconds": self.uptime_seconds,
            "system_identifier": self.system_identifier,
            "latency_ms": round(self.latency_ms, 1),
        }


def ask(open_session: Open) -> Facts | OpsError:
    """Connect and ask; an error that says something about the database is returned, not raised.

    :raises OpsError: the question could not be put at all: no driver, no password file.
    """
    started = time.monotonic()
    try:
        with open_session() as session:
            one, database, user, version, in_recovery, uptime = session.query(_WHO)[0]
            latency_ms = (time.monotonic() - started) * 1000
            if one != 1:
                raise Unreachable(f"SELECT 1 returned {one}")
            return Facts(database, user, version, in_recovery, uptime, _system(session), latency_ms)
    except (Unreachable, AccessDenied, NotFound) as error:
        return error


def judge(place: str, found: Facts | OpsError, wanted: Wanted) -> list[Finding]:
    """Compare what was found with what the database must be. Pure."""
    if isinstance(found, OpsError):
        return [_no_answer(found)]
    findings = []
    role = "standby" if found.in_recovery else "primary"
    if wanted.role not in ("any", role):
        message = f"The {place} is the {role}, wanted the {wanted.role}"
        findings.append(Finding("postgres_role", Severity.CRITICAL, message, role, wanted.role))
    if wanted.system_identifier is not None and found.system_identifier != wanted.system_identifier:
        said = found.system_identifier or "a cluster that does not say which one it is"
        message = f"The {place} belongs to {said}, wanted {wanted.system_identifier}"
        severity = Severity.CRITICAL if found.system_identifier else Severity.UNKNOWN
        findings.append(Finding("postgres_identity", severity, message, said, wanted.system_identifier))
    if wanted.max_ms is not None and found.latency_ms > wanted.max_ms:
        message = f"The {place} answered in {found.latency_ms:.0f} ms, above {wanted.max_ms:g} ms"
        latency = round(found.latency_ms, 1)
        findings.append(Finding("postgres_latency", Severity.CRITICAL, message, latency, wanted.max_ms, "ms"))
    message = f"{place} answered SELECT 1 in {found.latency_ms:.0f} ms, PostgreSQL {found.server_version}, {role}"
    ok = Finding("postgres_ok", Severity.OK, message, round(found.latency_ms, 1), wanted.max_ms, "ms")
    return findings or [ok]


def _no_answer(error: OpsError) -> Finding:
    if isinstance(error, NotFound):
        return Finding("postgres_no_database", Severity.CRITICAL, error.sentence.rstrip("."), remedy=error.remedy)
    if isinstance(error, AccessDenied):
        return Finding("postgres_denied", Severity.UNKNOWN, error.sentence.rstrip("."), remedy=error.remedy)
    if error.details.get("server"):
        return Finding("postgres_refuses", Severity.CRITICAL, error.sentence.rstrip("."), remedy=error.remedy)
    return Finding("postgres_unreachable", Severity.UNKNOWN, error.sentence.rstrip("."), remedy=error.remedy)


def _system(session: Queries) -> str | None:
    try:
        return str(session.query(_SYSTEM)[0][0])
    except OpsError:
        # a managed server may keep it to itself
        return None
