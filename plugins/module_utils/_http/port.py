# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a port whether it takes connections."""

from __future__ import annotations

from .._errors import InvalidInput
from .._findings import Finding, Severity
from .answer import NoAnswer
from .connection import Budget, Failed, connect


def ask(host: str, port: int, *, timeout_seconds: float) -> float | NoAnswer:
    """Connect and close; return the milliseconds until the connection stood, or why there is none.

    :raises InvalidInput: the port or the time-out cannot be.
    """
    if not host.strip():
        raise InvalidInput("host is empty", remedy="Name the host to connect to.")
    if not 1 <= port <= 65535:
        raise InvalidInput(f"port is {port}", remedy="Give a number from 1 to 65535.")
    if not 0.1 <= timeout_seconds <= 120:
        raise InvalidInput(f"timeout_seconds is {timeout_seconds:g}", remedy="Give a number from 0.1 to 120 s.")
    budget = Budget(timeout_seconds, "tcp")
    try:
        connect(host, port, budget).close()
    except Failed as failed:
        return failed.answer
    return budget.spent_ms()


def judge(host: str, port: int, found: float | NoAnswer, *, max_ms: float | None) -> Finding:
    """Turn the answer into one finding. Pure."""
    place = f"{host} port {port}"
    if isinstance(found, NoAnswer):
        return Finding(found.id, Severity.UNKNOWN, f"{place} {found.reason}", remedy=found.remedy)
    took = round(found, 1)
    if max_ms is not None and found > max_ms:
        message = f"{place} took a connection in {found:.0f} ms, above {max_ms:g} ms"
        return Finding("tcp_latency", Severity.CRITICAL, message, took, max_ms, "ms")
    return Finding("tcp_ok", Severity.OK, f"{place} took a connection in {found:.0f} ms", took, max_ms, "ms")
