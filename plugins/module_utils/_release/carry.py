# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing the steps of a course: record what serves, switch, and go back when the release does not pass."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from .._clock import format_duration
from .._errors import OpsError
from .._findings import Finding, Severity
from .._plan import Done, State, Step
from .attempt import Attempt, End, attempt, settled_observation
from .facts import ADOPT
from .history import FAILED, VERIFIED, WITHDRAWN
from .outcome import verdict_entry
from .protocol import Proof
from .run import Run
from .values import Release


def execute(run: Run, step: Step) -> Done:
    """Do one step of the course; an error on the way becomes a red result, not a lost one."""
    if step.kind == ADOPT:
        return _adopt(run)
    try:
        return _switch(run)
    except OpsError as error:
        return run.stopped(error)


def _adopt(run: Run) -> Done:
    # a course has this step only where something serves
    serving = cast(Release, run.facts.serving)
    run.adopt(serving, run.facts.proof)
    run.sentence = f"{run.name} serves {serving.label}, which is recorded now"
    return Done()


def _switch(run: Run) -> Done:
    target = cast(Release, run.course.target)
    needed = run.crew.wanted.switch_seconds * (2 if run.course.back else 1)
    if run.deadline.left() < needed:
        run.fail(
            f"{run.name} was not switched to {target.label}: {format_duration(run.deadline.left())} are left and"
            f" the switch with its undo may take {format_duration(needed)}"
        )
        return Done(State.SKIPPED, "not enough time left", go_on=False)
    like = None if run.crew.wanted.action == "deploy" else run.facts.observation
    outcome = attempt(run.crew, target, like=like, way_back=run.crew.wanted.action == "undo")
    return conclude(run, target, outcome)


def conclude(run: Run, target: Release, outcome: Attempt) -> Done:
    """Turn the outcome of the forward switch into records, an undo where one is due, and a sentence."""
    run.proof, run.explanation = outcome.proof, outcome.explanation
    if outcome.end is End.VERIFIED:
        return _verified(run, target, outcome)
    if not outcome.settled:
        run.fail(f"{run.name} is in an unknown state on its way to {target.label}: {outcome.why}", intent_open=True)
        run.serving = None
        run.tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)
    if outcome.end is End.NOT_BEGUN:
        run.fail(f"{run.name} was not switched to {target.label}, nothing changed: {outcome.why}")
        run.tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)
    if outcome.end is End.OUTSIDE:
        return left_alone(run, target, outcome.why)
    run.remember(target, FAILED, run.with_last_words(outcome.why))
    return go_back(run, target, outcome)


def left_alone(run: Run, target: Release, why: str) -> Done:
    """Report that somebody else changes the component: nothing of theirs is undone."""
    seen = run.crew.platform.observe()
    now = seen.ref or seen.release_id or "nothing known"
    sentence = f"{run.name} was changed by another tool during this run ({why}); it is configured for {now} now"
    run.findings.append(Finding("outside_change", Severity.CRITICAL, sentence, value=now, threshold=target.id))
    run.fail(sentence)
    at_rest = seen.digest and seen.operation is None and not seen.obstacle
    known = run.history.releases.get(seen.release_id)
    run.serving = known or Release(seen.digest or "", seen.ref) if at_rest else None
    run.tell_serving()
    run.next = {"playbook": "releases"}
    return Done(State.FAILED, why, go_on=False)


def go_back(run: Run, target: Release, outcome: Attempt) -> Done:
    """Bring back what served, after C(target) did not pass."""
    rollback, back, left = run.crew.wanted.action == "rollback", run.course.back, run.facts.serving
    if outcome.end is End.REVERTED and (back is None or back == left):
        return _platform_went_back(run, target, outcome)
    if back is None:
        if rollback and left is not None:
            run.remember(left, WITHDRAWN, run.crew.wanted.reason or "rolled back; it failed its probe")
        run.fail(f"{target.label} did not pass on {run.name} and there is nothing to go back to: {outcome.why}")
        run.serving = target if outcome.end is End.REJECTED and outcome.proof else None
        run.tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)
    run.crew.say(f"going back to {back.label}: {outcome.why}")
    returned = attempt(run.crew, back, like=run.facts.observation, way_back=True)
    if returned.end is End.VERIFIED:
        return undone(run, target, back, returned.proof, outcome.why)
    if returned.end is End.OUTSIDE:
        return left_alone(run, target, returned.why)
    run.fail(
        f"{target.label} did not pass on {run.name} ({outcome.why}), and going back to {back.label} failed:"
        f" {returned.why}",
        intent_open=not returned.settled,
    )
    run.explanation += returned.explanation
    run.serving = None
    run.tell_serving()
    return Done(State.FAILED, outcome.why, go_on=False)


def undone(run: Run, target: Release, back: Release, proof: Proof | None, why: str) -> Done:
    """Note that the way back was gone and proved."""
    run.brought_back(back, run.course.target, proof)
    # what an undo falls back to is what it should have left
    run.rolled_back = run.crew.wanted.action != "undo"
    run.fail(f"{run.name} went back to {back.label}: {target.label} did not pass, {why}")
    run.tell_serving()
    return Done(State.UNDONE, why, go_on=False)


def _undone_on_purpose(run: Run, target: Release, proof: Proof | None) -> None:
    """Record an undo that was asked for: a release that only the undone run verified is withdrawn."""
    left, last = run.facts.serving, run.history.intent or run.history.settled
    if left is not None and last is not None and not last.was_verified:
        run.remember(left, WITHDRAWN, run.crew.wanted.reason or "undone")
    run.brought_back(target, left, proof)
    run.sentence = f"{run.name} serves {target.label} again" + (f" instead of {left.label}" if left else "")


def _platform_went_back(run: Run, target: Release, outcome: Attempt) -> Done:
    crew, left, operation = run.crew, run.facts.serving, outcome.operation
    # right after its end the platform may still show what it has left
    seen = settled_observation(crew, left, operation) if left and operation else crew.platform.observe()
    if operation and crew.moved_on(seen, operation):
        return left_alone(run, target, f"{outcome.why}, and another change was begun")
    back = run.history.releases.get(seen.release_id) or left
    if back is None or seen.digest != back.digest:
        run.fail(f"{target.label} did not pass on {run.name}: {outcome.why}")
        run.serving = None
        run.tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)
    proof = run.crew.prober.prove(back)
    if proof.passed:
        return undone(run, target, back, proof, f"{outcome.why} and returned by itself")
    return way_back_failed(run, target, back, proof, outcome.why)


def way_back_failed(run: Run, target: Release, back: Release, proof: Proof | None, why: str) -> Done:
    """Note that what served before serves again but fails its probe."""
    run.proof, run.serving = proof, back
    said = proof.sentence if proof else "it was not probed"
    run.fail(
        f"{target.label} did not pass on {run.name} ({why}); {back.label} serves again and fails its probe: {said}"
    )
    run.tell_serving()
    return Done(State.FAILED, why, go_on=False)


def _verified(run: Run, target: Release, outcome: Attempt) -> Done:
    wanted, left = run.crew.wanted, run.facts.serving
    seen_version = outcome.proof.version if outcome.proof else None
    target = replace(target, version=target.version or seen_version)
    if wanted.action == "rollback":
        if left is not None:
            run.remember(left, WITHDRAWN, wanted.reason or f"rolled back to {target.label}")
        run.entries.append(verdict_entry(target, VERIFIED))
        run.serves(target, left, "rollback", outcome.proof)
        run.sentence = f"{run.name} serves {target.label} again" + (f" instead of {left.label}" if left else "")
    elif wanted.action == "undo":
        _undone_on_purpose(run, target, outcome.proof)
    else:
        run.remember(target, VERIFIED)
        run.serves(target, left, "deploy", outcome.proof)
        instead = f" instead of {left.label}" if left else ""
        run.sentence = f"{run.name} serves {target.label}"
        run.sentence += " with its new settings" if left and left.id == target.id else instead
    run.intent_open = False
    if seen_version is None:
        run.findings.append(
            Finding(
                "version_not_stated",
                Severity.WARNING,
                f"{run.name} states no version: only the platform's own word tells that {target.label} serves",
                remedy="Give the application a version endpoint and component_probe its version.json.",
            )
        )
    return Done()
