# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of an operation: how long each lasts, and what keeps it there."""

from __future__ import annotations

import time

from lab.fakes.apprunner.faults import one
from lab.fakes.apprunner.pace import Pace
from lab.fakes.apprunner.state import Operation, Service, State

# Where an operation stays by a fault that names no phase: each kind of operation passes exactly one of these.
USUAL_PHASES = ("provision", "pause", "delete")


class Stopped(Exception):
    """The fake shuts down, or the service was reset away under the operation."""


class Phases:
    """Takes operations through their phases; one instance for all."""

    def __init__(self, state: State, pace: Pace) -> None:
        self._state = state
        self._pace = pace
        self._stopping = False

    def stop(self) -> None:
        """Let no operation take a further step."""
        with self._state.lock:
            self._stopping = True
            self._state.changed.notify_all()

    def release(self, service: Service) -> None:
        """Let a held or stuck operation go on."""
        with self._state.lock:
            service.hold = ""
            for operation in service.operations:
                operation.faults = [fault for fault in operation.faults if fault["kind"] != "stuck"]
            self._state.save()

    def require(self, service: Service) -> None:
        """Raise Stopped when the operation must not go on. Holds for as long as the caller holds the state's lock."""
        if self._stopping or self._state.services.get(service.arn) is not service:
            raise Stopped

    def spend(self, service: Service, operation: Operation, phase: str) -> None:
        """Spend a phase's time, and longer while it is held or stuck; raises Stopped."""
        with self._state.lock:
            self.require(service)
            operation.phase, operation.updated = phase, time.time()
            self._state.save()
            began = time.monotonic()
            while True:
                self.require(service)
                left = began + self._pace.seconds(phase) + _slowed(operation, phase) - time.monotonic()
                if left <= 0 and service.hold != phase and not _is_stuck(operation, phase, time.monotonic() - began):
                    return
                self._state.changed.wait(min(left, 1.0) if left > 0 else 0.2)


def _concerns(fault: dict[str, object], phase: str) -> bool:
    return phase == fault["phase"] if "phase" in fault else phase in USUAL_PHASES


def _slowed(operation: Operation, phase: str) -> float:
    slow = one(operation.faults, "slow_operation")
    return float(slow.get("seconds", 60)) if slow and _concerns(slow, phase) else 0.0


def _is_stuck(operation: Operation, phase: str, spent: float) -> bool:
    stuck = one(operation.faults, "stuck")
    return bool(stuck) and _concerns(stuck or {}, phase) and spent < float((stuck or {}).get("seconds", 1 << 40))
