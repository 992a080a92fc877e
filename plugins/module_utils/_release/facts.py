# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read, what follows from it, and the steps that every course is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._errors import OpsError
from .._findings import Finding, Severity
from .._plan import Plan, Step
from .history import History
from .intent import Intent
from .protocol import Proof
from .values import Observation, Release, Wanted

ADOPT, SWITCH, RECONCILE = "adopt", "switch", "reconcile"


@dataclass(frozen=True)
class Facts:
    """What was read before anything is decided.

    :param serving: what serves, with what is recorded of it; C(None) when nothing does or it cannot be known.
    :param proof: how what serves stands now.
    :param asked: the release that was named, resolved; C(None) when none was.
    :param gone: ids of recorded releases whose artefact no longer exists.
    :param differences: settings that stand otherwise than asked.
    """

    observation: Observation
    serving: Release | None = None
    proof: Proof | None = None
    asked: Release | None = None
    gone: frozenset[str] = frozenset()
    differences: Mapping[str, tuple[object, object]] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Return what the probe of what serves said."""
        return self.proof.sentence if self.proof else "it was not probed"

    @property
    def serves_well(self) -> bool:
        """Tell whether what serves passed its probe."""
        return self.proof is not None and self.proof.passed


@dataclass(frozen=True)
class Course:
    """What the run will do.

    :param target: the release to switch to.
    :param back: where a switch that fails goes back to.
    :param refusal: why a real run must not begin; a check run shows it as a finding.
    :param unchanged: the sentence of a run that has nothing to do.
    """

    plan: Plan
    target: Release | None = None
    back: Release | None = None
    findings: tuple[Finding, ...] = ()
    refusal: OpsError | None = None
    unchanged: str = ""


def finishes(wanted: Wanted, asked: Release | None, intent: Intent) -> bool:
    """Tell whether this run finishes what a killed one began; otherwise it puts back what served.

    A rollback and an undo always are: nobody wants to be put back on the release that somebody wanted to leave.

    :param asked: the release that was named, resolved.
    """
    if intent.runbook in ("rollback", "undo"):
        return True
    return wanted.action == "deploy" and asked is not None and asked.id == intent.after.id


def outside_change(wanted: Wanted, history: History, serving: Release) -> Finding | None:
    """Return the finding that another tool put there what serves; C(None) when the ledger knows it as last served."""
    last = history.last_served
    if last is None or last.id == serving.id:
        return None
    return Finding(
        "outside_change",
        Severity.WARNING,
        f"{wanted.component} serves {serving.label}, which another tool put there: {last.label} served last"
        " as far as the ledger knows",
        value=serving.id,
        threshold=last.id,
    )


def adoption(wanted: Wanted, history: History, serving: Release) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """Return the step that records what serves, where the ledger does not know it as last served."""
    last = history.last_served
    if last is not None and last.id == serving.id:
        return (), ()
    finding = outside_change(wanted, history, serving)
    step = Step(ADOPT, wanted.object, f"Record {serving.label}, which serves and passes its probe", undo="none needed")
    return (step,), (finding,) if finding else ()


def switch_step(wanted: Wanted, facts: Facts, to: Release, back: Release | None) -> Step:
    """Return the one step that changes what serves, its sentence as a person would say it."""
    serving = facts.serving
    undo = f"serve {back.label}" if back else ""
    settings = sorted(facts.differences)
    bounds: dict[str, object] = {"to": to.id, "back": back.id if back else None}
    if settings:
        bounds["settings"] = settings
    if not facts.observation.exists:
        sentence = f"Create the service and serve {to.label}"
    elif serving is not None and serving.id == to.id:
        sentence = f"Change {', '.join(settings)} of {to.label}"
    else:
        left = serving.label if serving else (facts.observation.ref or "what serves")
        sentence = f"Serve {to.label} instead of {left}"
        sentence += f", with {', '.join(settings)} changed" if settings else ""
    return Step(SWITCH, wanted.object, sentence, undo=undo, bounds=bounds)
