# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of an undo: back to what served before the last deploy or rollback of a component. Pure.

A unit asks for it when another of its components did not pass.
"""

from __future__ import annotations

from dataclasses import replace

from .._errors import Refused
from .._findings import Finding, Severity
from .._plan import Plan
from .facts import Course, Facts, switch_step
from .history import History
from .intent import Intent
from .values import Release, Wanted


def undo(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    """Decide on an undo.

    :raises Refused: something else serves than the last run left, or there is nothing to go back to.
    """
    last, serving = history.settled, facts.serving
    if last is None or history.last_served is None or history.last_served.id != last.after.id:
        unchanged = f"{wanted.component} has nothing to undo: its last deploy or rollback did not stay"
        return Course(plan, target=serving, unchanged=unchanged)
    if facts.observation.release_id != last.after.id:
        now = serving.label if serving else (facts.observation.ref or "nothing known")
        raise Refused(
            f"{wanted.component} serves {now} and not {last.after.label}, which the {last.runbook} left there, so"
            " nothing is undone",
            remedy="Another tool changed it: look at releases.yml, then deploy or roll back by name.",
            details=_stays(serving),
        )
    if last.back is not None and last.back.id == last.after.id:
        unchanged = f"{wanted.component} serves {last.after.label} as before; its settings stay as the run left them"
        return Course(plan, target=serving, findings=_settings_stay(wanted, last), unchanged=unchanged)
    if last.back is None and last.runbook == "rollback":
        unchanged = f"{wanted.component} stays on {last.after.label}: what it was rolled back from fails its probe"
        return Course(plan, target=serving, unchanged=unchanged)
    if last.back is None or last.back.id in facts.gone:
        gone = "" if last.back is None else f": the artefact of {last.back.label} no longer exists"
        raise Refused(
            f"{wanted.component} cannot go back from {last.after.label}, there is nothing to go back to{gone}",
            remedy="Deploy a release by name.",
            details=_stays(serving),
        )
    target = history.releases[last.back.id]
    step = switch_step(wanted, replace(facts, differences={}), target, None)
    return Course(replace(plan, steps=(step,)), target=target)


def _stays(serving: Release | None) -> dict[str, object]:
    return {"cannot_be_undone": True, "serving": serving.as_dict() if serving else None}


def _settings_stay(wanted: Wanted, last: Intent) -> tuple[Finding, ...]:
    names = ", ".join(last.settings)
    sentence = f"The old values of {names} of {wanted.component} are kept nowhere, so they stay as the run left them"
    remedy = "Deploy the release that serves with the values you want."
    return (Finding("settings_not_restored", Severity.WARNING, sentence, value=names, remedy=remedy),)
