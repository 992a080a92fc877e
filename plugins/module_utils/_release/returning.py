# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a rollback: which release to return to. Pure."""

from __future__ import annotations

from dataclasses import replace

from .._errors import Refused
from .._plan import Plan
from .facts import Course, Facts, adoption, switch_step
from .history import VERIFIED, WITHDRAWN, History, fits
from .values import Release, Wanted
from .ways import Way, deployment, return_to


def rollback(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    """Decide on a rollback.

    :raises Refused: there is no release to go back to, or not the one that was named.
    """
    left, serving = facts.observation.release_id, facts.serving
    if wanted.rollback_from and not (serving and fits(serving, wanted.rollback_from)):
        return _already_left(wanted, history, history.find(wanted.rollback_from, "rollback_from"), facts, plan)
    if not facts.observation.exists:
        raise Refused(
            f"Nothing serves {wanted.component}, so there is nothing to roll back",
            remedy=history.candidates(),
            next=deployment(history.offered()),
        )
    if wanted.rollback_to:
        target = history.named_target(wanted.rollback_to)
    else:
        target = next(iter(history.eligible(left)), None) or _nothing_before(wanted, history, facts)
    if target.id == left:
        if not facts.serves_well:
            raise Refused(
                f"{wanted.component} serves {target.label} already and it fails its probe: {facts.said}",
                remedy=f"Name another. {history.candidates()}",
                next=_another(history, facts, target),
            )
        return Course(plan, target=target, unchanged=f"{wanted.component} serves {target.label} already")
    if target.id in facts.gone:
        raise Refused(
            f"{wanted.component} cannot go back to {target.label}: its artefact no longer exists",
            remedy=f"Name another. {history.candidates()}",
            next=_another(history, facts, target),
        )
    back = serving if serving and facts.serves_well and serving.id not in facts.gone else None
    adopt, findings = adoption(wanted, history, serving) if serving and facts.serves_well else ((), ())
    step = switch_step(wanted, replace(facts, differences={}), target, back)
    return Course(replace(plan, steps=(*adopt, step)), target=target, back=back, findings=findings)


def _another(history: History, facts: Facts, target: Release) -> Way:
    """Return the rollback to the next candidate; where there is none, the deployment of a release by name."""
    passed_over = {target.id, *facts.gone}
    others = [item for item in history.eligible(facts.observation.release_id) if item.id not in passed_over]
    return return_to(rollback_to=others[0].id) if others else deployment("")


def _already_left(wanted: Wanted, history: History, origin: Release, facts: Facts, plan: Plan) -> Course:
    serving = facts.serving
    now = serving.label if serving else "something that is not known"
    if history.verdict(origin.id) == WITHDRAWN and serving is not None and history.verdict(serving.id) == VERIFIED:
        if not facts.serves_well:
            raise Refused(
                f"{wanted.component} no longer serves {origin.label}: it was rolled back, but {now}, which serves now,"
                f" fails its probe: {facts.said}",
                remedy="Go further back.",
                next=return_to(rollback_from=serving.id),
            )
        sentence = f"{wanted.component} no longer serves {origin.label}: it was rolled back, and {now} serves"
        return Course(plan, target=serving, unchanged=sentence)
    raise Refused(
        f"rollback_from names {origin.label}, but {wanted.component} serves {now}",
        remedy="Leave rollback_from out, or name what serves now.",
        next=return_to(),
    )


def _nothing_before(wanted: Wanted, history: History, facts: Facts) -> Release:
    left = facts.serving.label if facts.serving else (facts.observation.ref or "what serves")
    raise Refused(
        f"{wanted.component} has no release to go back to: nothing verified served before {left}",
        remedy=f"Deploy a release by name instead. {history.candidates()}",
        next=history.way_on(facts.observation.release_id),
    )
