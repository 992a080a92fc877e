# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a run takes: a pure decision over what serves, what is recorded, and what is wanted.

The decision table is that of the documentation (docs/releases.md); every row of it is a test.
"""

from __future__ import annotations

from dataclasses import replace

from .._clock import format_time
from .._errors import Refused
from .._findings import Finding, Severity
from .._plan import Plan, Step
from .deploying import deploy
from .facts import RECONCILE, Course, Facts, adoption, finishes
from .history import History
from .intent import Intent
from .returning import rollback
from .undoing import undo
from .values import Operation, Wanted
from .ways import ADOPT, again, deployment, return_to


def decide(wanted: Wanted, history: History, facts: Facts) -> Course:
    """Choose the course.

    :raises Refused: nothing sensible can be planned at all.
    """
    plan = Plan(
        runbook=wanted.runbook,
        action=wanted.action,
        object=wanted.object,
        desired={**wanted.options, "release": wanted.release, "rollback_to": wanted.rollback_to},
    )
    if history.intent is not None:
        return _reconcile_first(wanted, history.intent, facts, plan)
    if facts.observation.obstacle:
        raise Refused(facts.observation.obstacle)
    if facts.observation.operation is not None:
        return replace(_planned(wanted, history, facts, plan), refusal=_under_way(wanted, facts.observation.operation))
    return _planned(wanted, history, facts, plan)


def _planned(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    if wanted.action == "adopt":
        return _adopt(wanted, history, facts, plan)
    if wanted.action == "rollback":
        return rollback(wanted, history, facts, plan)
    if wanted.action == "undo":
        return undo(wanted, history, facts, plan)
    return deploy(wanted, history, facts, plan)


def _reconcile_first(wanted: Wanted, intent: Intent, facts: Facts, plan: Plan) -> Course:
    if wanted.action == "adopt":
        raise Refused(
            f"{wanted.component} has an unfinished {intent.in_words}, so nothing is adopted",
            remedy="Run the same deploy or rollback again first: it finishes it or puts back what served.",
            next=deployment(intent.after.digest) if intent.runbook == "deploy" else return_to(),
        )
    run = f"run {intent.run}" if intent.run else "an earlier run"
    begun = f"the {intent.in_words} that {run} left unfinished"
    back = None if finishes(wanted, facts.asked, intent) else intent.before
    target = back or intent.after
    step = Step(
        RECONCILE,
        wanted.object,
        f"Put {back.label} back: settle {begun}" if back else f"Finish {begun}",
        undo=f"serve {intent.before.label}" if intent.before and not back else "",
        bounds={"to": target.id, "unfinished": intent.after.id},
    )
    finding = Finding("unfinished_run", Severity.WARNING, f"{wanted.component} has {begun}", value=intent.run)
    return Course(replace(plan, steps=(step,)), target=target, findings=(finding,))


def _under_way(wanted: Wanted, operation: Operation) -> Refused:
    since = f" since {format_time(operation.started_at)}" if operation.started_at else ""
    return Refused(
        f"Operation {operation.id} ({operation.type}, {operation.status}){since} is under way and no run of steady.ops"
        " began it",
        remedy="It cannot be cancelled: wait for its end and run the same command again.",
        next=again(wanted),
    )


def _adopt(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    serving = facts.serving
    if serving is None:
        why = facts.observation.unknown_because or "nothing serves"
        raise Refused(
            f"What {wanted.component} serves cannot be recorded: {why}",
            remedy="Name the release that serves by its digest.",
            next=deployment("DIGEST-OF-WHAT-SERVES", deploy_action="adopt"),
        )
    if facts.asked is not None and facts.asked.id != serving.id:
        raise Refused(
            f"{wanted.component} serves {serving.label}, not {facts.asked.label}, which deploy_release names, so"
            " nothing is adopted",
            remedy="Leave deploy_release out, or name what serves.",
            next=ADOPT,
        )
    if not facts.serves_well:
        raise Refused(
            f"{wanted.component} serves {serving.label}, which fails its probe ({facts.said}), so it is not adopted",
            remedy="Repair it or deploy a release that passes.",
            next=deployment(history.offered(serving.id)),
        )
    steps, findings = adoption(wanted, history, serving)
    unchanged = "" if steps else f"{wanted.component} serves {serving.label}, which is recorded already"
    return Course(replace(plan, steps=steps), target=serving, findings=findings, unchanged=unchanged)
