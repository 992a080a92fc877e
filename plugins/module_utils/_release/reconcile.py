# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling what a killed run left open, by observing: finish it, or put back what served."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from .._errors import OpsError
from .._findings import Finding, Severity
from .._plan import Done, State
from .attempt import Attempt, End, attempt, judge, settled_observation, wait
from .carry import conclude, go_back, left_alone, undone, way_back_failed
from .facts import finishes
from .history import FAILED, fits
from .intent import Intent
from .outcome import release_entry
from .run import Run
from .values import Ending, Observation, Operation, Release, Wanted

_LEFT = "it did not stay: the stopped run or the platform had gone back from it"


def reconcile(run: Run) -> Done:
    """Settle the open intent of the component.

    Forward, when the same release is wanted again or a rollback was under way: it is finished and judged.
    Otherwise what served before is put back, and the run asks for another turn where there is more to do. A release
    that nobody judged keeps the verdict that it had.
    """
    intent = cast(Intent, run.history.intent)
    run.course = replace(run.course, target=intent.after, back=intent.back)
    run.facts = replace(run.facts, serving=intent.before)
    try:
        waited = _until_quiet(run, intent)
        if waited is not None and not waited.settled:
            return conclude(run, intent.after, waited)
        return _settle(run, intent, waited)
    except OpsError as error:
        return run.stopped(error)


def wants_more(wanted: Wanted, intent: Intent) -> bool:
    """Tell whether this run has a wish of its own beyond finishing the unfinished rollback."""
    if wanted.action != intent.runbook:
        return True
    if intent.runbook != "rollback":
        return False
    another_target = bool(wanted.rollback_to) and not fits(intent.after, wanted.rollback_to)
    origin = intent.before
    another_origin = bool(wanted.rollback_from) and not (origin and fits(origin, wanted.rollback_from))
    return another_target or another_origin


def _until_quiet(run: Run, intent: Intent) -> Attempt | None:
    operation = run.facts.observation.operation
    if operation is None:
        return None
    run.crew.say(f"waiting for operation {operation.id}, which an earlier run began")
    run.crew.operations.append(operation)
    return wait(run.crew, operation)


def _settle(run: Run, intent: Intent, waited: Attempt | None) -> Done:
    seen = run.facts.observation
    if waited is not None and waited.operation is not None:
        # right after its end the platform may still show what stood before
        went_back = (waited.end is End.REVERTED) is not intent.put_back_began(seen.last_operation)
        comes = intent.before if went_back else intent.after
        seen = settled_observation(run.crew, comes or intent.after, waited.operation)
    run.facts = replace(run.facts, observation=seen)
    tried = seen.last_operation not in ("", intent.mark)
    at_before = seen.digest == intent.before.digest if intent.before else not seen.exists
    if seen.exists and seen.digest == intent.after.digest:
        return _at_after(run, intent, seen, waited)
    if at_before and not tried:
        return _once_more(run, f"the {intent.in_words} had not begun")
    if at_before and intent.before is not None:
        return _at_before(run, intent, intent.before, waited)
    changed = f"{run.name} is configured for {seen.ref or seen.release_id or 'nothing known'}, which neither the killed"
    run.findings.append(Finding("outside_change", Severity.WARNING, f"{changed} run nor an earlier one put there"))
    return _once_more(run, "another tool changed the component since")


def _once_more(run: Run, why: str) -> Done:
    run.again, run.intent_open = True, False
    run.sentence = f"Nothing of the killed run is left to settle on {run.name}: {why}"
    return Done(State.SKIPPED, why)


def _at_after(run: Run, intent: Intent, seen: Observation, waited: Attempt | None) -> Done:
    operation = Operation(seen.last_operation, "", "ended", Ending.SUCCEEDED)
    failed = waited is not None and waited.end is not End.VERIFIED and not intent.put_back_began(seen.last_operation)
    before = intent.before
    if before is None or finishes(run.crew.wanted, run.facts.asked, intent):
        return _finish(run, intent, waited if waited and failed else judge(run.crew, intent.after, operation))
    _note_verdict(run, intent, waited.why if waited and failed else "")
    outcome = attempt(run.crew, before, like=seen, way_back=True)
    if outcome.end is End.OUTSIDE:
        return left_alone(run, before, outcome.why)
    if outcome.end is not End.VERIFIED:
        run.explanation = outcome.explanation
        run.serving = None
        run.fail(
            f"{run.name} could not be put back to {before.label} after a killed run: {outcome.why}",
            intent_open=not outcome.settled,
        )
        return Done(State.FAILED, outcome.why, go_on=False)
    _warn_of_settings(run, intent)
    return _put_back(run, intent, before, outcome)


def _note_verdict(run: Run, intent: Intent, why: str) -> None:
    """Record the killed run's release: as failed for a reason, else with the verdict that it had."""
    if why:
        run.remember(intent.after, FAILED, run.with_last_words(why))
    else:
        run.entries.append(release_entry(intent.after))


def _finish(run: Run, intent: Intent, outcome: Attempt) -> Done:
    """Judge the release of the killed run as that run would have, in the words of its own runbook."""
    wanted = run.crew.wanted
    more = wants_more(wanted, intent) or not finishes(wanted, run.facts.asked, intent)
    run.crew = replace(run.crew, wanted=replace(run.crew.wanted, action=intent.runbook))
    last = run.history.last_served
    if intent.before is not None and intent.back == intent.before and (last is None or last.id != intent.before.id):
        # the killed run saw it pass and would have adopted it first
        run.adopt(intent.before, None)
    done = conclude(run, intent.after, outcome)
    if run.rolled_back:
        _warn_of_settings(run, intent)
    run.again = more and not run.failed
    return done


def _at_before(run: Run, intent: Intent, before: Release, waited: Attempt | None) -> Done:
    """What served before serves again: by the platform, by the killed run's own undo, or by one that put it back."""
    judged = not intent.put_back_began(run.facts.observation.last_operation)
    word, reason = run.history.verdicts.get(intent.after.id, ("", ""))
    # the platform tells how it ended, an earlier run what was wrong with it; only then is all we know that it is gone
    why = (waited.why if waited else "") or (reason if word == FAILED else "") or _LEFT
    run.explanation = waited.explanation if waited is not None else ()
    _note_verdict(run, intent, why if judged else "")
    proof = run.crew.prober.prove(before)
    wanted = run.crew.wanted
    if judged and finishes(wanted, run.facts.asked, intent) and not wants_more(wanted, intent):
        if proof.passed:
            return undone(run, intent.after, before, proof, why)
        if intent.back is not None and intent.back != before:
            return go_back(run, intent.after, Attempt(End.REJECTED, why))
        return way_back_failed(run, intent.after, before, proof, why)
    outcome = Attempt(End.VERIFIED if proof.passed else End.REJECTED, proof.sentence, proof=proof)
    return _put_back(run, intent, before, outcome)


def _put_back(run: Run, intent: Intent, before: Release, outcome: Attempt) -> Done:
    """Tell that what served before serves, and ask for another turn unless that is all that was wanted."""
    wanted = run.crew.wanted
    run.intent_open = False
    run.proof = outcome.proof
    run.sentence = f"{run.name} serves {before.label} again, which fails its probe: {outcome.why}"
    if outcome.end is End.VERIFIED:
        run.brought_back(before, run.course.target, outcome.proof)
        left = f"the unfinished {intent.in_words}, which is {run.verdict(intent.after) or 'unproved'},"
        run.sentence = f"{run.name} serves {before.label} again: {left} is put back"
        run.course = replace(run.course, target=before)
    from_it = not wanted.rollback_from or fits(intent.after, wanted.rollback_from)
    leaves_it = intent.runbook == "deploy" and wanted.action == "rollback" and not wanted.rollback_to and from_it
    if not leaves_it:
        run.again = True
    elif outcome.end is not End.VERIFIED:
        run.serving = before
        run.fail(run.sentence)
        run.tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)
    return Done(State.DONE)


def _warn_of_settings(run: Run, intent: Intent) -> None:
    if not intent.settings:
        return
    names = ", ".join(intent.settings)
    run.findings.append(
        Finding(
            "settings_not_restored",
            Severity.WARNING,
            f"The killed run had changed {names} of {run.name}; their old values are kept nowhere, so they stand as it"
            " left them",
            value=names,
            remedy="Deploy the release that serves with the values you want.",
        )
    )
