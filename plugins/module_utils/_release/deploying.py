# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a deployment, and where it goes back to when the release does not pass. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from .._errors import Refused
from .._plan import Plan
from .facts import Course, Facts, adoption, switch_step
from .history import History
from .values import Release, Wanted
from .ways import deployment, return_to


def deploy(wanted: Wanted, history: History, facts: Facts, plan: Plan) -> Course:
    """Decide on a deployment.

    :raises Refused: the release serves already and fails its probe.
    """
    # the engine resolves what is asked before it decides on a deployment
    asked, serving = cast(Release, facts.asked), facts.serving
    adopt, findings = adoption(wanted, history, serving) if serving and facts.serves_well else ((), ())
    if serving is not None and serving.id == asked.id and not facts.differences:
        asked = serving
        if not facts.serves_well:
            raise Refused(
                f"{wanted.component} serves {asked.label} already and it fails its probe: {facts.said}",
                remedy="Go back, or deploy another release.",
                next=return_to(),
            )
        unchanged = "" if adopt else f"{wanted.component} serves {asked.label} already and it passes its probe"
        return Course(replace(plan, steps=adopt), target=asked, findings=findings, unchanged=unchanged)
    left = facts.observation.release_id
    returns = (
        facts.observation.exists and not facts.serves_well and asked.id in {item.id for item in history.eligible(left)}
    )
    back = _way_back(history, facts, asked)
    step = switch_step(wanted, facts, asked, back)
    # the way back itself, deployed by name, is what a rollback would do: nothing is lost by it
    refusal = None if back or returns or wanted.without_way_back else _no_way_back(wanted, history, facts)
    return Course(replace(plan, steps=(*adopt, step)), target=asked, back=back, findings=findings, refusal=refusal)


def _way_back(history: History, facts: Facts, asked: Release) -> Release | None:
    serving = facts.serving
    if serving is not None and facts.serves_well:
        return None if serving.id in facts.gone else serving
    left = facts.observation.release_id
    return next((release for release in history.eligible(left) if release.id not in {asked.id, *facts.gone}), None)


def _no_way_back(wanted: Wanted, history: History, facts: Facts) -> Refused:
    serving = facts.serving
    if not facts.observation.exists:
        why = "nothing serves yet"
    elif serving is None:
        why = facts.observation.unknown_because or "what serves is not known"
    elif serving.id in facts.gone:
        why = f"the artefact of {serving.label}, which serves, no longer exists"
    else:
        before = "no release that served before it can be gone back to"
        before = before if history.eligible(serving.id) else "nothing served before it"
        why = f"{serving.label}, which serves, fails its probe ({facts.said}) and {before}"
    return Refused(
        f"There is no way back from this deployment of {wanted.component}: {why}",
        remedy="If that is meant, say so with deploy_without_way_back.",
        next=deployment(wanted.release, deploy_without_way_back=True),
    )
