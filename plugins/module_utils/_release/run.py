# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real run: does the steps of its course and keeps what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._clock import Deadline, format_duration
from .._errors import OpsError
from .._findings import Finding, Severity
from .._plan import Done, State, Step
from .attempt import Attempt, Crew, End, attempt
from .course import ADOPT, Course, Facts
from .history import FAILED, VERIFIED, WITHDRAWN, History
from .outcome import Result, release_entry, served_entry, verdict_entry
from .protocol import Proof
from .values import Release


class Run:
    """The state of one real run.

    After the steps, C(result) tells what they came to. Everything that must be remembered is in C(entries).
    """

    def __init__(self, crew: Crew, history: History, course: Course, facts: Facts, deadline: Deadline) -> None:
        self.crew = crew
        self.history = history
        self.course = course
        self.facts = facts
        self.deadline = deadline
        self.entries: list[Mapping[str, object]] = []
        self.findings: list[Finding] = list(course.findings)
        self.serving: Release | None = facts.serving
        self.proof: Proof | None = facts.proof
        self.explanation: tuple[str, ...] = ()
        self.sentence = course.unchanged
        self.failed = False
        self.rolled_back = False
        self.intent_open = history.intent is not None
        self.again = False
        self.next: dict[str, object] = {}

    @property
    def name(self) -> str:
        """Return the component's name, as sentences begin with it."""
        return self.crew.wanted.component

    def execute(self, step: Step) -> Done:
        """Do one step of the course; an error on the way becomes a red result, not a lost one."""
        if step.kind == ADOPT:
            return self._adopt()
        try:
            return self._switch()
        except OpsError as error:
            return self.stopped(error)

    def stopped(self, error: OpsError) -> Done:
        """Note that the run had to stop in the middle, with its intent open."""
        self.fail(f"The run on {self.name} stopped in the middle: {error}", intent_open=True)
        self.serving = None
        return Done(State.FAILED, error.sentence, go_on=False)

    def fail(self, sentence: str, *, intent_open: bool = False) -> None:
        """Make the run red."""
        self.failed, self.sentence, self.intent_open = True, sentence, intent_open

    def remember(self, release: Release, verdict: str, reason: str = "") -> None:
        """Record a release with its verdict."""
        self.entries += [release_entry(release), verdict_entry(release, verdict, reason)]

    def serves(self, release: Release, how: str, proof: Proof | None) -> None:
        """Record that a release serves and passed its probe."""
        before = self.facts.serving or (self.history.intent.before if self.history.intent else None)
        self.entries.append(served_entry(release, before, how))
        self.serving, self.proof = release, proof

    def adopt(self, serving: Release, proof: Proof | None) -> None:
        """Record what another tool put there, or what served before the ledger began."""
        self.remember(serving, VERIFIED, "observed and probed")
        self.serves(serving, "outside" if self.history.served else "adopt", proof)

    def _adopt(self) -> Done:
        serving = self.facts.serving
        assert serving is not None
        self.adopt(serving, self.facts.proof)
        self.sentence = f"{self.name} serves {serving.label}, which is recorded now"
        return Done()

    def _switch(self) -> Done:
        target = self.course.target
        assert target is not None
        needed = self.crew.wanted.switch_seconds * (2 if self.course.back else 1)
        if self.deadline.left() < needed:
            self.fail(
                f"{self.name} was not switched to {target.label}: {format_duration(self.deadline.left())} are left and"
                f" the switch with its undo may take {format_duration(needed)}"
            )
            return Done(State.SKIPPED, "not enough time left", go_on=False)
        like = None if self.crew.wanted.action == "deploy" else self.facts.observation
        outcome = attempt(self.crew, target, like=like)
        return self.conclude(target, outcome)

    def conclude(self, target: Release, outcome: Attempt) -> Done:
        """Turn the outcome of the forward switch into records, an undo where one is due, and a sentence."""
        self.proof, self.explanation = outcome.proof, outcome.explanation
        if outcome.end is End.VERIFIED:
            return self._verified(target, outcome)
        if not outcome.settled:
            self.fail(
                f"{self.name} is in an unknown state on its way to {target.label}: {outcome.why}", intent_open=True
            )
            self.serving = None
            return Done(State.FAILED, outcome.why, go_on=False)
        if outcome.end is End.NOT_BEGUN:
            self.fail(f"{self.name} was not switched to {target.label}, nothing changed: {outcome.why}")
            self._tell_serving()
            return Done(State.FAILED, outcome.why, go_on=False)
        if outcome.end is End.OUTSIDE:
            return self.left_alone(target, outcome.why)
        self.remember(target, FAILED, outcome.why)
        return self.go_back(target, outcome)

    def left_alone(self, target: Release, why: str) -> Done:
        """Report that somebody else changes the component: nothing of theirs is undone."""
        seen = self.crew.platform.observe()
        now = seen.ref or seen.release_id or "nothing known"
        sentence = f"{self.name} was changed by another tool during this run ({why}); it is configured for {now} now"
        self.findings.append(Finding("outside_change", Severity.CRITICAL, sentence, value=now, threshold=target.id))
        self.fail(sentence)
        self.serving = self.history.releases.get(seen.release_id) or (
            Release(seen.digest, seen.ref) if seen.digest else None
        )
        return Done(State.FAILED, why, go_on=False)

    def go_back(self, target: Release, outcome: Attempt) -> Done:
        """Bring back what served, after C(target) did not pass."""
        rollback, back, left = self.crew.wanted.action == "rollback", self.course.back, self.facts.serving
        if outcome.end is End.REVERTED and (back is None or back == left):
            return self._platform_went_back(target, outcome)
        if back is None:
            if rollback and left is not None:
                self.remember(left, WITHDRAWN, self.crew.wanted.reason or "rolled back; it failed its probe")
            self.fail(f"{target.label} did not pass on {self.name} and there is nothing to go back to: {outcome.why}")
            self.serving = target if outcome.end is End.REJECTED and outcome.proof else None
            self._tell_serving()
            return Done(State.FAILED, outcome.why, go_on=False)
        self.crew.say(f"going back to {back.label}: {outcome.why}")
        undone = attempt(self.crew, back, like=self.facts.observation)
        if undone.end is End.VERIFIED:
            return self.undone(target, back, undone.proof, outcome.why)
        self.fail(
            f"{target.label} did not pass on {self.name} ({outcome.why}), and going back to {back.label} failed:"
            f" {undone.why}",
            intent_open=not undone.settled,
        )
        self.explanation += undone.explanation
        self.serving = None
        self._tell_serving()
        return Done(State.FAILED, outcome.why, go_on=False)

    def undone(self, target: Release, back: Release, proof: Proof | None, why: str) -> Done:
        """Note that the way back was gone and proved."""
        self.brought_back(back, proof)
        self.rolled_back = True
        self.fail(f"{self.name} went back to {back.label}: {target.label} did not pass, {why}")
        self._tell_serving()
        return Done(State.UNDONE, why, go_on=False)

    def brought_back(self, back: Release, proof: Proof | None) -> None:
        """Record that what served before serves again, and what it is where the ledger did not know."""
        if self.history.verdict(back.id) != VERIFIED:
            self.remember(back, VERIFIED, "served before, and passes its probe")
        self.serves(back, "undo", proof)

    def _platform_went_back(self, target: Release, outcome: Attempt) -> Done:
        seen = self.crew.platform.observe()
        back = self.history.releases.get(seen.release_id) or self.facts.serving
        if back is None or seen.digest != back.digest:
            self.fail(f"{target.label} did not pass on {self.name}: {outcome.why}; what serves now is not known")
            self.serving = None
            return Done(State.FAILED, outcome.why, go_on=False)
        proof = self.crew.prober.prove(back)
        self.explanation = outcome.explanation
        if proof.passed:
            return self.undone(target, back, proof, f"{outcome.why} and returned by itself")
        return self.way_back_failed(target, back, proof, outcome.why)

    def way_back_failed(self, target: Release, back: Release, proof: Proof | None, why: str) -> Done:
        """Note that what served before serves again but fails its probe."""
        self.proof, self.serving = proof, back
        said = proof.sentence if proof else "it was not probed"
        self.fail(
            f"{target.label} did not pass on {self.name} ({why}); {back.label} serves again and fails its probe: {said}"
        )
        self._tell_serving()
        return Done(State.FAILED, why, go_on=False)

    def _verified(self, target: Release, outcome: Attempt) -> Done:
        wanted, left = self.crew.wanted, self.facts.serving
        seen_version = outcome.proof.version if outcome.proof else None
        target = replace(target, version=target.version or seen_version)
        if wanted.action == "rollback":
            if left is not None:
                self.remember(left, WITHDRAWN, wanted.reason or f"rolled back to {target.id}")
            self.entries.append(verdict_entry(target, VERIFIED))
            self.serves(target, "rollback", outcome.proof)
            self.sentence = f"{self.name} serves {target.label} again" + (f" instead of {left.label}" if left else "")
        else:
            self.remember(target, VERIFIED)
            self.serves(target, "deploy", outcome.proof)
            self.sentence = f"{self.name} serves {target.label}" + (f" instead of {left.label}" if left else "")
        self.intent_open = False
        return Done()

    def _tell_serving(self) -> None:
        """Say what serves now, and the one next command."""
        last_words = f" (last words: {self.explanation[-1]})" if self.explanation else ""
        now = self.serving.label if self.serving else "not known"
        self.sentence = f"{self.sentence}{last_words}. Serving now: {now}"
        at_rest = self.serving is not None and self.course.back is not None and self.serving.id == self.course.back.id
        self.next = {"playbook": "releases" if at_rest or not self.history.served else "rollback"}

    def states(self, target: Release | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return what stood before and what stands when the plan has succeeded, for the diff."""
        left, seen = self.facts.serving, self.facts.observation
        before: dict[str, object] = {"serving": left.label if left else seen.ref or None, "digest": seen.digest}
        after = dict(before)
        switches = any(step.kind != ADOPT for step in self.course.plan.steps)
        if target is not None and switches:
            after = {"serving": target.label, "digest": target.digest}
            for name, (old, new) in self.facts.differences.items():
                before[name], after[name] = old, new
        return before, after

    def result(self, steps: tuple[Step, ...]) -> Result:
        """Return what the run came to."""
        before, after = self.states(self.course.target or self.serving)
        return Result(
            sentence=self.sentence,
            plan=self.course.plan,
            steps=steps,
            failed=self.failed,
            rolled_back=self.rolled_back,
            release=self.course.target,
            previous=self.facts.serving,
            serving=self.serving,
            seen=self.facts.observation,
            operations=tuple(self.crew.operations),
            proof=self.proof,
            explanation=self.explanation,
            findings=tuple(self.findings),
            entries=tuple(self.entries),
            intent_open=self.intent_open,
            again=self.again,
            next=self.next,
            before=before,
            after=after,
        )
