# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permit that the guard hands to the modules, and the proof before each step that it still holds.

The lease's deadline stands in a small file on the machine where the module runs:
C({"deadline": seconds on the boot-time clock, "stop": false}). While the module lives it holds a shared lock
on C(module.lock) beside that file, so that the keeper and the next run can see whether it still does.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ._clock import Clock
from ._errors import InvalidInput, LeaseLost, Refused

PERMIT_OPTION = {"type": "dict"}
_LOCK_NAME = "module.lock"

# spelled once here: inside Permit the name `object` is a field
Option = Mapping[str, object]


@dataclass(frozen=True)
class Permit:
    """What this run may change, and until when.

    :param object: the object of this task, C(<system>/<environment>/<component>).
    :param deadline_path: the file that holds the lease's deadline; empty in check mode.
    """

    run: str
    runbook: str
    action: str
    object: str
    deadline_path: str = ""
    approved_plan_hashes: Sequence[str] = ()
    lab: bool = False
    real: bool = False

    @classmethod
    def from_option(cls, value: Option | None, *, check: bool, object: str = "") -> Permit:
        """Read the module's option.

        :param object: how to name the object when there is no permit, in check mode.
        :raises Refused: a real run without a permit, or with one from a check run.
        :raises InvalidInput: the value does not come from the guard.
        """
        if not value:
            if check:
                return cls(run="", runbook="", action="", object=object)
            raise Refused(
                "A change needs a permit and the option permit is empty",
                remedy="Make steady.ops.guard the first task of the play and pass permit: '{{ ops_run.permit }}',"
                " or run with --check.",
            )
        try:
            named = str(value.get("object") or "") or _only_object(value)
            lease = _lease_of(value, named)
            permit = cls(
                run=str(value["run"]),
                runbook=str(value["runbook"]),
                action=str(value["action"]),
                object=named,
                deadline_path=str(lease.get("lease_deadline_path") or ""),
                approved_plan_hashes=tuple(str(item) for item in _hashes(value.get("approved_plan_hashes"))),
                lab=bool(value.get("lab")),
                real=value.get("mode") == "real",
            )
        except (KeyError, TypeError, ValueError, StopIteration):
            raise InvalidInput(
                "The option permit was not written by steady.ops.guard", remedy="Pass permit: '{{ ops_run.permit }}'."
            ) from None
        if not check and not (permit.real and permit.deadline_path):
            raise Refused(
                "The option permit comes from a check run and allows no change", remedy="Run the play without --check."
            )
        return permit

    def hold(self) -> int | None:
        """Show to the keeper that this module lives, until the process ends. Returns the open descriptor.

        :raises LeaseLost: the run's directory is gone, and the run with it.
        """
        if not self.deadline_path:
            return None
        path = Path(self.deadline_path).with_name(_LOCK_NAME)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except OSError as error:
            raise LeaseLost(
                f"The lease on {self.object} cannot be held: {path} cannot be locked ({error.strerror})", remedy=_AGAIN
            ) from None
        return descriptor

    def prove(self, clock: Clock) -> None:
        """Return when the lease still holds.

        :raises LeaseLost: it ran out, the run that held it is gone, or nobody can tell.
        """
        try:
            lease = json.loads(Path(self.deadline_path).read_text(encoding="utf-8"))
            deadline, stop = float(lease["deadline"]), bool(lease["stop"])
            if not math.isfinite(deadline):
                raise ValueError(deadline)
        except (OSError, ValueError, OverflowError, KeyError, TypeError):
            raise LeaseLost(
                f"The lease on {self.object} cannot be proved: its deadline is gone", remedy=_AGAIN
            ) from None
        if stop:
            raise LeaseLost(f"The run that held the lease on {self.object} is gone", remedy=_AGAIN)
        if clock.steady() >= deadline:
            raise LeaseLost(f"The lease on {self.object} ran out", remedy=_AGAIN)


_AGAIN = "Run the same command again: it finishes or puts back what was begun."


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _hashes(value: object) -> Sequence[object]:
    # anything else must not pass for "nothing to approve"
    if value is not None and not isinstance(value, (list, tuple)):
        raise TypeError(value)
    return value or ()


def _only_object(value: Mapping[str, object]) -> str:
    (only,) = _list(value["objects"]) or ({},)
    return str(only["object"]) if isinstance(only, Mapping) else ""


def _lease_of(value: Mapping[str, object], named: str) -> Mapping[str, object]:
    leases = (item for item in _list(value["objects"]) if isinstance(item, Mapping))
    return next(lease for lease in leases if lease["object"] == named)
