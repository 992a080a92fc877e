# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what can go wrong at a call, at an operation, or in an answer; taken in the order of their pushing."""

from __future__ import annotations

import time
import uuid
from typing import Any

from lab.fakes.apprunner.state import State
from lab.fakes.apprunner.wire import ApiError, Request

# Stage by kind. `before`: the call is not carried out. `after`: it is, and its answer is lost or late.
# `operation`: rides on the operation that the call starts. `read`: changes what a reading call (or, with seconds, the
# reads after a mutating call) shows.
KINDS: dict[str, tuple[str, str]] = {
    "500_before": ("before", "answers InternalServiceErrorException, nothing was done"),
    "reset_before": ("before", "cuts the connection without an answer, nothing was done"),
    "throttle": ("before", "answers ThrottlingException"),
    "expired_token": ("before", "answers ExpiredTokenException"),
    "access_denied": ("before", "answers AccessDeniedException"),
    "invalid_state": ("before", "answers InvalidStateException"),
    "html_502": ("before", "answers an HTML page with status 502"),
    "delay": ("before", "waits `seconds`, then carries the call out and answers"),
    "500_after": ("after", "carries the call out and answers InternalServiceErrorException"),
    "reset_after": ("after", "carries the call out and cuts the connection without an answer"),
    "garbled_after": ("after", "carries the call out and answers half of the JSON"),
    "delay_after": ("after", "carries the call out and answers after `seconds`"),
    "stuck": (
        "operation",
        "the operation stays in its `phase` (default provision, pause or delete) until released or for `seconds`",
    ),
    "slow_operation": (
        "operation",
        "the operation stays `seconds` longer in its `phase` (default provision, pause or delete)",
    ),
    "self_rollback": ("operation", "the platform calls the new version unhealthy and rolls back by itself"),
    "succeeded_but_old": ("operation", "SUCCEEDED, configuration is new, but the old process goes on serving"),
    "fail": ("operation", "FAILED without a rollback status; the old version goes on serving"),
    "rollback_failed": (
        "operation",
        "unhealthy, ROLLBACK_FAILED; the old process serves, the configuration is the new one",
    ),
    "stale_describe": ("read", "DescribeService shows the service as it was before its last mutation"),
    "stale_list": ("read", "ListOperations does not show the newest operation"),
    "other_notation": ("read", "Cpu and Memory in the other notation (1024 as 1 vCPU, 2048 as 2 GB, and back)"),
}
READS = {"DescribeService", "ListOperations", "ListServices"}
FOREVER = 10**9


class Faults:
    """The queue of faults in the state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def push(self, given: dict[str, Any]) -> dict[str, Any]:
        """Queue one fault: `kind`, `call` (operation name, `*`, or `mutating`), and optionally `count` (default 1),
        `after` (let so many matching calls pass first), `service` (name), `access_key`, `seconds`, `phase`.
        Raises ApiError when a key is not known.
        """
        if given.get("kind") not in KINDS:
            raise ApiError("BadFault", f"kind {given.get('kind')!r} is not known; use one of {', '.join(KINDS)}")
        unknown = set(given) - {"kind", "call", "count", "after", "service", "access_key", "seconds", "phase"}
        if unknown:
            raise ApiError("BadFault", f"keys {sorted(unknown)} are not known")
        fault = {"call": "*", "count": 1, "after": 0, **given, "id": str(uuid.uuid4())}
        if fault["kind"].startswith("stale_") and fault["call"] in READS and "seconds" in fault:
            fault.update(until=time.time() + float(fault["seconds"]), count=FOREVER)
        if fault["kind"] == "other_notation" and "count" not in given:
            fault["count"] = FOREVER
        with self._state.lock:
            self._state.faults.append(fault)
            self._state.save()
        return fault

    def clear(self) -> None:
        """Forget all that were not taken yet."""
        with self._state.lock:
            self._state.faults = []
            self._state.save()

    def take(self, request: Request, service: str) -> list[dict[str, Any]]:
        """The faults that hit this request: at most one of the stages `before` and `after`, and all others."""
        taken: list[dict[str, Any]] = []
        with self._state.lock:
            for fault in list(self._state.faults):
                if not self._matches(fault, request, service):
                    continue
                stage = KINDS[fault["kind"]][0]
                if stage in ("before", "after") and any(
                    KINDS[other["kind"]][0] in ("before", "after") for other in taken
                ):
                    continue
                if fault["after"] > 0:
                    fault["after"] -= 1
                    continue
                fault["count"] -= 1
                taken.append(dict(fault))
                if fault["count"] <= 0:
                    self._state.faults.remove(fault)
            if taken:
                self._state.save()
        return taken

    @staticmethod
    def _matches(fault: dict[str, Any], request: Request, service: str) -> bool:
        if fault["call"] == "mutating":
            if not request.mutating:
                return False
        elif fault["call"] not in ("*", request.operation):
            return False
        if (
            fault.get("service", service) != service
            or fault.get("access_key", request.access_key) != request.access_key
        ):
            return False
        if KINDS[fault["kind"]][0] == "operation" and not request.mutating:
            return False
        return "until" not in fault or time.time() < fault["until"]


def one(faults: list[dict[str, Any]], *kinds: str) -> dict[str, Any] | None:
    """The first fault of one of these kinds."""
    return next((fault for fault in faults if fault["kind"] in kinds), None)


def staged(faults: list[dict[str, Any]], stage: str) -> list[dict[str, Any]]:
    """The faults of one stage."""
    return [fault for fault in faults if KINDS[fault["kind"]][0] == stage]
