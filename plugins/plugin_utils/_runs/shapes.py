# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes that the guard hands out: its result and the permit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .._gates import lab as lab_gate
from .._gates.request import Request, Says, Verdict, refusals
from .._ledger import deadlines
from .._ledger.leases import Lease
from .membership import step_as_dict
from .units import Course, Step


def result_of(request: Request, run: str, verdicts: Sequence[Verdict], target: str) -> dict[str, object]:
    """Return what every guard registers, whether it let pass or refused."""
    policy = request.policy
    return {
        "changed": False,
        "run": run,
        "runbook": request.runbook,
        "action": request.action,
        "system": policy.system,
        "environment": policy.environment,
        "mode": "check" if request.check else "real",
        "lab": is_lab(request, verdicts),
        "objects": list(request.objects),
        "findings": [verdict.as_finding().as_dict() for verdict in verdicts if verdict.says is not Says.PASS],
        "ledger": policy.ledger,
        "target": target,
        "risk": request.risk,
        "would_refuse": request.check and bool(refusals(verdicts, check=False)),
    }


def is_lab(request: Request, verdicts: Sequence[Verdict]) -> bool:
    """Tell whether it may be said that no real system is touched: the label, and nothing that speaks against it."""
    doubted = any(verdict.gate == lab_gate.GATE and verdict.says is not Says.PASS for verdict in verdicts)
    return request.policy.lab and not doubted


def permit_of(
    request: Request, run: str, directory: Path, leases: Sequence[Lease], *, lab: bool = False
) -> dict[str, object]:
    """Return the permit; an object without a lease (reading, check mode) has the token 0 and no deadline."""
    held = {lease.object: lease for lease in leases}
    return {
        "run": run,
        "runbook": request.runbook,
        "action": request.action,
        "objects": [
            {
                "object": name,
                "token": held[name].token if name in held else 0,
                "lease_deadline_path": str(deadlines.path_for(directory, name)) if name in held else "",
            }
            for name in request.objects
        ],
        "approved_plan_hashes": [],
        "mode": "check" if request.check else "real",
        "lab": lab,
    }


def unit_of(found: Course, permit: Mapping[str, object], *, check: bool) -> dict[str, object]:
    """Return the steps of a run over components as a unit: what it settles, rehearses, switches, and undoes.

    Each step is C({"component", "permit", ...}) with the module's options that say what is to come of it; its
    permit says whose step it is. C(told) are lines for the end of a real run that passed.
    """

    def shown(steps: Sequence[Step]) -> list[dict[str, object]]:
        return [
            {**step.options, "component": step.component, "permit": {**permit, "unit": step_as_dict(step)}}
            for step in steps
        ]

    return {
        "settle": shown(() if check else found.settle),
        "rehearse": shown(() if check or len(found.switch) < 2 else found.switch),
        "switch": shown(found.switch),
        "undo": shown(() if check else found.undo),
        "told": list(() if check else found.told),
    }
