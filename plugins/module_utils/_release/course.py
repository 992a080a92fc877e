# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a run takes: a pure decision over what serves, what is recorded, and what is wanted.

The decision table is that of the documentation (docs/releases.md); every row of it is a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .._clock import format_time
from .._errors import OpsError, Refused
from .._findings import Finding, Severity
from .._plan import Plan, Step
from .history import VERIFIED, WITHDRAWN, History, fits
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
        return _reconcile_first(wanted, history, plan)
    if facts.observation.obstacle:
        raise Refused(facts.observation.obstacle)
    if facts.observation.operation is not None:
        return replace(_planned(wanted, history, facts, plan), refusal=_under_way(facts))
    return _planned(wanted, history, facts, plan)


def _planned(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    if wanted.action == "adopt":
        return _adopt(wanted, history, facts, plan)
    if wanted.action == "rollback":
        return _rollback(wanted, history, facts, plan)
    return _deploy(wanted, history, facts, plan)


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


def _reconcile_first(wanted: Wanted, history: History, plan: Plan) -> Course:
    intent = history.intent
    assert intent is not None
    if wanted.action == "adopt":
        raise Refused(
            f"{wanted.component} has an unfinished {intent.runbook} of {intent.after.label}, so nothing is adopted",
            remedy="Run the same deploy or rollback again first: it finishes it or puts back what served.",
        )
    begun = f"the {intent.runbook} of {intent.after.label} that run {intent.run or 'before'} left unfinished"
    step = Step(
        RECONCILE,
        wanted.object,
        f"Finish or put back {begun}",
        undo=f"serve {intent.before.label}" if intent.before else "",
        bounds={"to": intent.after.id},
    )
    finding = Finding("unfinished_run", Severity.WARNING, f"{wanted.component} has {begun}", value=intent.run)
    return Course(replace(plan, steps=(step,)), target=intent.after, back=intent.before, findings=(finding,))


def _under_way(facts: Facts) -> Refused:
    operation = facts.observation.operation
    assert operation is not None
    since = f" since {format_time(operation.started_at)}" if operation.started_at else ""
    return Refused(
        f"Operation {operation.id} ({operation.type}, {operation.status}){since} is under way and no run of steady.ops"
        " began it",
        remedy="It cannot be cancelled: wait for its end and run the same command again.",
    )


def _adoption(wanted: Wanted, history: History, serving: Release) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    last = history.last_served
    if last is not None and last.id == serving.id:
        return (), ()
    finding = outside_change(wanted, history, serving)
    step = Step(ADOPT, wanted.object, f"Record {serving.label}, which serves and passes its probe", undo="none needed")
    return (step,), (finding,) if finding else ()


def _adopt(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    serving = facts.serving
    if serving is None:
        raise Refused(
            f"What {wanted.component} serves cannot be recorded: {facts.observation.unknown_because or 'nothing serves'}",
            remedy="Name the release that serves by its digest: deploy.yml -e deploy_action=adopt"
            " -e deploy_release=sha256:....",
        )
    if not facts.serves_well:
        raise Refused(
            f"{wanted.component} serves {serving.label}, which fails its probe ({_said(facts)}), so it is not adopted",
            remedy="Repair it or deploy a release that passes.",
        )
    steps, findings = _adoption(wanted, history, serving)
    unchanged = "" if steps else f"{wanted.component} serves {serving.label}, which is recorded already"
    return Course(replace(plan, steps=steps), target=serving, findings=findings, unchanged=unchanged)


def _deploy(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    asked, serving = facts.asked, facts.serving
    assert asked is not None
    adopt, findings = _adoption(wanted, history, serving) if serving and facts.serves_well else ((), ())
    if serving is not None and serving.id == asked.id and not facts.differences:
        asked = serving
        if not facts.serves_well:
            raise Refused(
                f"{wanted.component} serves {asked.label} already and it fails its probe: {_said(facts)}",
                remedy="Go back with rollback.yml, or deploy another release.",
            )
        unchanged = "" if adopt else f"{wanted.component} serves {asked.label} already and it passes its probe"
        return Course(replace(plan, steps=adopt), target=asked, findings=findings, unchanged=unchanged)
    back = _way_back(history, facts)
    step = _switch_step(wanted, facts, asked, back)
    refusal = None if back or wanted.without_way_back else _no_way_back(wanted, facts)
    return Course(replace(plan, steps=(*adopt, step)), target=asked, back=back, findings=findings, refusal=refusal)


def _way_back(history: History, facts: Facts) -> Release | None:
    serving = facts.serving
    if serving is not None and facts.serves_well:
        return None if serving.id in facts.gone else serving
    left = facts.observation.release_id
    return next((release for release in history.eligible(left) if release.id not in facts.gone), None)


def _no_way_back(wanted: Wanted, facts: Facts) -> Refused:
    serving = facts.serving
    if not facts.observation.exists:
        why = "nothing serves yet"
    elif serving is None:
        why = facts.observation.unknown_because or "what serves is not known"
    elif serving.id in facts.gone:
        why = f"the artefact of {serving.label}, which serves, no longer exists"
    else:
        why = f"{serving.label}, which serves, fails its probe ({_said(facts)}) and nothing served before it"
    return Refused(
        f"There is no way back from this deployment of {wanted.component}: {why}",
        remedy="If that is meant, add -e deploy_without_way_back=true.",
    )


def _switch_step(wanted: Wanted, facts: Facts, to: Release, back: Release | None) -> Step:
    serving = facts.serving
    undo = f"serve {back.label}" if back else ""
    settings = {name: list(change) for name, change in facts.differences.items()}
    bounds: dict[str, object] = {"to": to.id, "back": back.id if back else None}
    if settings:
        bounds["settings"] = sorted(settings)
    if not facts.observation.exists:
        sentence = f"Create the service and serve {to.label}"
    elif serving is not None and serving.id == to.id:
        sentence = f"Change {', '.join(sorted(settings))} of {to.label}"
    else:
        left = serving.label if serving else (facts.observation.ref or "what serves")
        sentence = f"Serve {to.label} instead of {left}"
        sentence += f", with {', '.join(sorted(settings))} changed" if settings else ""
    return Step(SWITCH, wanted.object, sentence, undo=undo, bounds=bounds)


def _rollback(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    left, serving = facts.observation.release_id, facts.serving
    if wanted.rollback_from and not (serving and fits(serving, wanted.rollback_from)):
        return _already_left(wanted, history, history.find(wanted.rollback_from, "rollback_from"), facts, plan)
    if not facts.observation.exists:
        raise Refused(
            f"Nothing serves {wanted.component}, so there is nothing to roll back", remedy=history.candidates()
        )
    serving = facts.serving
    if wanted.rollback_to:
        target = history.named_target(wanted.rollback_to)
    else:
        target = next(iter(history.eligible(left)), None) or _nothing_before(wanted, history, facts)
    if target.id == left:
        return Course(plan, target=target, unchanged=f"{wanted.component} serves {target.label} already")
    if target.id in facts.gone:
        raise Refused(
            f"{wanted.component} cannot go back to {target.label}: its artefact no longer exists",
            remedy=f"Name another with -e rollback_to=. {history.candidates()}",
        )
    back = serving if serving and facts.serves_well and serving.id not in facts.gone else None
    adopt, findings = _adoption(wanted, history, serving) if serving and facts.serves_well else ((), ())
    step = _switch_step(wanted, replace(facts, differences={}), target, back)
    return Course(replace(plan, steps=(*adopt, step)), target=target, back=back, findings=findings)


def _already_left(wanted: Wanted, history: History, origin: Release, facts: Facts, plan: Plan) -> Course:
    serving = facts.serving
    now = serving.label if serving else "something that is not known"
    if history.verdict(origin.id) == WITHDRAWN and serving is not None and history.verdict(serving.id) == VERIFIED:
        sentence = f"{wanted.component} no longer serves {origin.label}: it was rolled back, and {now} serves"
        return Course(plan, target=serving, unchanged=sentence)
    raise Refused(
        f"rollback_from names {origin.label}, but {wanted.component} serves {now}",
        remedy="Leave rollback_from out, or name what serves now.",
    )


def _nothing_before(wanted: Wanted, history: History, facts: Facts) -> Release:
    left = facts.serving.label if facts.serving else (facts.observation.ref or "what serves")
    raise Refused(
        f"{wanted.component} has no release to go back to: nothing verified served before {left}",
        remedy=f"Deploy a release by name instead. {history.candidates()}",
    )


def _said(facts: Facts) -> str:
    return facts.proof.sentence if facts.proof else "it was not probed"
