# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of one real run: what was read, what came of each step, what must be recorded."""

from __future__ import annotations

from collections.abc import Mapping

from .._clock import Deadline
from .._errors import OpsError
from .._findings import Finding, Severity
from .._plan import Done, State, Step
from .attempt import Crew
from .facts import ADOPT, Course, Facts
from .history import FAILED, VERIFIED, History
from .outcome import Result, release_entry, served_entry, verdict_entry
from .protocol import Moment, Proof
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

    def stopped(self, error: OpsError) -> Done:
        """Note that the run had to stop in the middle, with its intent open."""
        self.fail(f"The run on {self.name} stopped in the middle: {error}", intent_open=True)
        self.serving = None
        self.tell_serving()
        return Done(State.FAILED, error.sentence, go_on=False)

    def fail(self, sentence: str, *, intent_open: bool = False) -> None:
        """Make the run red."""
        self.failed, self.sentence, self.intent_open = True, sentence, intent_open

    def remember(self, release: Release, verdict: str, reason: str = "") -> None:
        """Record a release with its verdict."""
        self.entries += [release_entry(release), verdict_entry(release, verdict, reason)]

    def serves(self, release: Release, before: Release | None, how: str, proof: Proof | None) -> None:
        """Record that a release serves and passed its probe.

        :param before: what served until then.
        """
        self.entries.append(served_entry(release, before, how))
        self.serving, self.proof = release, proof

    def adopt(self, serving: Release, proof: Proof | None) -> None:
        """Record what another tool put there, or what served before the ledger began."""
        self.remember(serving, VERIFIED, "observed and probed")
        last = self.history.last_served
        self.serves(serving, last, "outside" if last else "adopt", proof)

    def brought_back(self, back: Release, left: Release | None, proof: Proof | None) -> None:
        """Record that what served before serves again, and what it is where the ledger did not know.

        The component's commands after an undo are run then; what was brought back stays whatever they say, for there
        is nothing better to go to.
        """
        if self.verdict(back) != VERIFIED:
            self.remember(back, VERIFIED, "served before, and passes its probe")
        self.serves(back, left, "undo", proof)
        why = self.crew.run_hooks(Moment.AFTER_UNDO, back)
        if why:
            remedy = "Do by hand what the command should have done."
            self.findings.append(Finding("hook_failed", Severity.CRITICAL, why, remedy=remedy))

    def verdict(self, release: Release) -> str:
        """Return the last verdict, this run's own before the ledger's: new settings of one release may fail."""
        ours = [entry for entry in self.entries if entry["kind"] == "verdict" and entry["release"] == release.id]
        return str(ours[-1]["verdict"]) if ours else self.history.verdict(release.id)

    def tell_serving(self) -> None:
        """Say what serves now, and the one next command."""
        now = self.serving.label if self.serving else "not known"
        said = self.with_last_words(self.sentence.rstrip("."))
        self.sentence = f"{said}. Serving now: {now}{self._other_targets()}"
        self.next = self._next()

    def with_last_words(self, why: str) -> str:
        """Return a reason with the last that the platform or the application said."""
        return f"{why} (last words: {self.explanation[-1]})" if self.explanation else why

    def _other_targets(self) -> str:
        """Return the candidates that remain after a rollback whose target did not pass."""
        target = self.course.target
        if self.crew.wanted.action != "rollback" or target is None or self.verdict(target) != FAILED:
            return ""
        passed_over = {target.id, *self.facts.gone} | ({self.serving.id} if self.serving else set())
        others = [item.label for item in self.history.eligible(target.id) if item.id not in passed_over]
        return f". Next candidates: {', '.join(others)}" if others else ". There is no other candidate"

    def _next(self) -> dict[str, object]:
        if self.intent_open:
            # only a run can settle it, and the same one finishes what was wanted
            wanted = self.crew.wanted
            release = {"variables": {"deploy_release": wanted.release}} if wanted.action == "deploy" else {}
            return {"playbook": wanted.runbook if wanted.action == "undo" else wanted.action, **release}
        now, back, left = self.serving, self.course.back, self.facts.serving
        at_rest = now is not None and back is not None and now.id == back.id
        if self.crew.wanted.action == "rollback" and now is not None and left is not None and now.id == left.id:
            # the same rollback would choose the same target
            at_rest = True
        return {"playbook": "releases" if at_rest or not self.history.served else "rollback"}

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
