# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of deploy, adopt and rollback: read, decide, apply, report. It knows no platform."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .._clock import Clock, Deadline
from .._errors import NotFound
from .._findings import Finding, Severity
from .._permit import Permit
from .._plan import State, Step, apply
from .attempt import Crew
from .carry import execute
from .course import decide
from .facts import RECONCILE, SWITCH, Facts, finishes
from .history import VERIFIED, History, fits
from .intent import Intent, intent_record
from .outcome import Result
from .protocol import Hooks, NoHooks, Platform, Prober, Say
from .reconcile import reconcile
from .run import Run
from .values import Observation, Release, Wanted
from .ways import as_wanted


@dataclass(frozen=True)
class Surroundings:
    """What a run works with."""

    platform: Platform
    prober: Prober
    clock: Clock
    permit: Permit
    say: Say
    hooks: Hooks = field(default_factory=NoHooks)


def settle(around: Surroundings, wanted: Wanted, history: History, *, check: bool) -> Result:
    """Carry out one deploy, adoption or rollback of one component, or say what it would do.

    An intent that a killed run left open is settled first; then C(again) asks for another turn.

    :raises OpsError: nothing was touched.
    """
    started = around.clock.steady()
    deadline = Deadline.after(around.clock, wanted.deadline_seconds)
    facts = read(around, wanted, history)
    course = decide(wanted, history, facts)
    run = Run(_crew(around, wanted, facts), history, course, facts, deadline)
    steps = apply(
        course.plan,
        lambda step: reconcile(run) if step.kind == RECONCILE else execute(run, step),
        check=check,
        before_each=lambda: around.permit.prove(around.clock),
        approved_hashes=around.permit.approved_plan_hashes,
        refusal=course.refusal,
    )
    only_planned = all(step.state is State.WOULD_DO for step in steps)
    result = _predicted(run, steps) if only_planned else run.result(steps)
    return replace(result, duration_seconds=around.clock.steady() - started)


def read(around: Surroundings, wanted: Wanted, history: History) -> Facts:
    """Collect what the decision needs; changes nothing."""
    platform = around.platform
    observation = platform.observe()
    asked = None
    if wanted.release:
        asked = _resolve(platform, history, wanted)
        asked = replace(asked, probe=wanted.probe, schema_revision=wanted.schema_revision)
    if history.intent is not None or observation.obstacle:
        return Facts(observation, asked=asked)
    serving = _serving(wanted, history, observation, asked)
    proof = around.prober.prove(serving, brief=True) if serving else None
    if serving is not None and proof is not None and serving.id not in history.releases:
        serving = replace(serving, version=proof.version or serving.version)
    candidates = [serving] if serving else []
    candidates += history.eligible(observation.release_id)
    if wanted.action == "undo" and history.settled is not None and history.settled.back is not None:
        candidates.append(history.settled.back)
    if wanted.rollback_to:
        candidates.append(history.named_target(wanted.rollback_to))
    return Facts(
        observation,
        serving=serving,
        proof=proof,
        asked=asked,
        gone=frozenset(release.id for release in candidates if not platform.available(release)),
        differences=platform.differences(observation) if wanted.action == "deploy" else {},
    )


def _resolve(platform: Platform, history: History, wanted: Wanted) -> Release:
    """Find the artefact that was named; what the platform does not know by that name the history may."""
    try:
        return platform.resolve(wanted.release)
    except NotFound as error:
        known = [release for release in history.releases.values() if fits(release, wanted.release)]
        if not any(platform.available(release) for release in known):
            error.next = as_wanted(error.next, wanted)
            raise
        return history.find(wanted.release, "deploy_release")


def _serving(wanted: Wanted, history: History, seen: Observation, asked: Release | None) -> Release | None:
    if not seen.exists:
        return None
    if seen.digest is None:
        return replace(asked, version=None) if asked is not None and wanted.action == "adopt" else None
    known = history.releases.get(seen.release_id)
    return known or Release(digest=seen.digest, ref=seen.ref, probe=wanted.probe)


def _crew(around: Surroundings, wanted: Wanted, facts: Facts) -> Crew:
    return Crew(
        platform=around.platform,
        prober=around.prober,
        clock=around.clock,
        wanted=wanted,
        prove_lease=lambda: around.permit.prove(around.clock),
        say=around.say,
        mark=facts.observation.last_operation,
        hooks=around.hooks,
    )


def _predicted(run: Run, steps: tuple[Step, ...]) -> Result:
    """Describe what a real run would do, from the same course."""
    course, wanted, serving = run.course, run.crew.wanted, run.facts.serving
    findings = course.findings
    if course.refusal is not None:
        findings = (*findings, Finding("refused", Severity.CRITICAL, str(course.refusal)))
    target = course.target or serving
    before, after = run.states(target)
    announced = _announced(run, steps, target)
    sentence = course.unchanged or "; ".join(step.sentence for step in steps)
    return Result(
        sentence=sentence,
        plan=course.plan,
        steps=steps,
        release=target,
        previous=serving,
        serving=serving,
        seen=run.facts.observation,
        proof=run.facts.proof,
        findings=findings,
        intent=intent_record(announced, wanted.component) if announced else None,
        intent_open=run.history.intent is not None,
        refused=str(course.refusal) if course.refusal else "",
        next=course.refusal.next if course.refusal else {},
        before=before,
        after=after,
    )


def _announced(run: Run, steps: tuple[Step, ...], target: Release | None) -> Intent | None:
    """Return the intent that the ledger must hold before these steps begin."""
    open_one, wanted, mark = run.history.intent, run.crew.wanted, run.crew.mark
    if open_one is not None:
        began = open_one.put_back_began(mark)
        puts_back = not finishes(wanted, run.facts.asked, open_one)
        return replace(open_one, put_back_mark=mark) if puts_back and not began else open_one
    if target is None or not any(step.kind == SWITCH for step in steps):
        return None
    settings = tuple(sorted(run.facts.differences))
    undoes = run.history.settled if wanted.action == "undo" else None
    verified = undoes.was_verified if undoes else run.history.verdict(target.id) == VERIFIED
    return Intent(wanted.action, "", run.facts.serving, target, run.course.back, mark, settings, was_verified=verified)
