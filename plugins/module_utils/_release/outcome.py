# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result contract of deploy, adopt and rollback: the same on every platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._clock import format_time
from .._findings import Finding
from .._plan import Plan, Step, changed, diff
from .protocol import Proof
from .values import Observation, Operation, Release


@dataclass(frozen=True)
class Result:
    """What a run came to.

    :param serving: what serves now, as far as it is known.
    :param entries: records for the ledger, without run and time.
    :param intent: the record to write before the real run begins; only from a check run.
    :param intent_open: whether an announced switch is still unsettled.
    :param again: the run settled what another left; the same command must be planned anew.
    :param refused: why a real run must not begin; only from a check run.
    :param next: the one next command as playbook and variables.
    """

    sentence: str
    plan: Plan
    steps: tuple[Step, ...] = ()
    failed: bool = False
    rolled_back: bool = False
    release: Release | None = None
    previous: Release | None = None
    serving: Release | None = None
    seen: Observation = field(default_factory=Observation)
    operations: tuple[Operation, ...] = ()
    proof: Proof | None = None
    explanation: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    entries: tuple[Mapping[str, object], ...] = ()
    intent: Mapping[str, object] | None = None
    intent_open: bool = False
    again: bool = False
    refused: str = ""
    next: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    duration_seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the keys of the contract, the same in check mode."""
        component = self.plan.object.rpartition("/")[2]
        return {
            "changed": changed(self.steps),
            "failed": self.failed,
            "msg": self.sentence,
            "release": _shown(self.release),
            "previous": _shown(self.previous),
            "serving": {**shown, "since": self._since()} if (shown := _shown(self.serving)) else None,
            "rolled_back": self.rolled_back,
            "explanation": list(self.explanation),
            "operations": [operation.as_dict() for operation in self.operations],
            "probe": self.proof.as_dict() if self.proof else None,
            "duration_seconds": round(self.duration_seconds, 1),
            "plan": [step.as_dict() for step in self.steps],
            "plan_hash": self.plan.hash,
            "findings": [finding.as_dict() for finding in self.findings],
            "diff": diff(self.before, self.after, header=self.plan.object),
            "entries": [{**entry, "component": component} for entry in self.entries],
            "intent": dict(self.intent) if self.intent else None,
            "intent_open": self.intent_open,
            "again": self.again,
            "refused": self.refused,
            "next": dict(self.next),
        }

    def _since(self) -> str | None:
        """Return when what serves began to: the end of this run's last operation, else as it was observed."""
        ended = [operation.ended_at for operation in self.operations if operation.ended_at is not None]
        moment = ended[-1] if ended else self.seen.since
        return format_time(moment) if moment is not None else None


def release_entry(release: Release) -> dict[str, object]:
    """Return the record of a release."""
    return {"kind": "release", **release.as_dict()}


def verdict_entry(release: Release, verdict: str, reason: str = "") -> dict[str, object]:
    """Return the record of a verdict on a release."""
    return {"kind": "verdict", "release": release.id, "verdict": verdict, "reason": reason}


def served_entry(release: Release, before: Release | None, how: str) -> dict[str, object]:
    """Return the record that a release served verified.

    :param how: C(deploy), C(rollback), C(undo), C(adopt) or C(outside).
    """
    return {"kind": "served", "release": release.id, "from": before.id if before else None, "how": how}


def _shown(release: Release | None) -> dict[str, object] | None:
    if release is None:
        return None
    return {"id": release.id, "ref": release.ref, "digest": release.digest, "version": release.version}
