# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run will do, in order: steps, their hash, and the one loop that does them.

The only C(check) branch of the collection stands in L(apply).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from ._errors import OpsError, Refused

# spelled once here: inside Plan the name `object` is a field
Values = Mapping[str, object]


class State(str, Enum):
    """What became of a step."""

    PLANNED = "planned"
    WOULD_DO = "would do"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNDONE = "undone"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Step:
    """One change: its kind, what it changes, the sentence that says so, and what undoes it.

    :param kind: a word from the domain, such as C(switch).
    :param target: the object or part that is changed.
    :param undo: the sentence of the way back; empty when there is none.
    :param bounds: limits of open-ended work (ceilings, cutoffs), part of the intent.
    :param why: why it was skipped, failed or undone.
    """

    kind: str
    target: str
    sentence: str
    undo: str = ""
    bounds: Mapping[str, object] = field(default_factory=dict)
    state: State = State.PLANNED
    why: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the step as a result shows it."""
        shown: dict[str, object] = {
            "kind": self.kind,
            "target": self.target,
            "sentence": self.sentence,
            "state": self.state.value,
            "undo": self.undo,
        }
        if self.bounds:
            shown["bounds"] = dict(self.bounds)
        if self.why:
            shown["why"] = self.why
        return shown


@dataclass(frozen=True)
class Plan:
    """The steps of one run on one object, and the intent they serve.

    :param desired: the options that say what is wanted, secrets already as fingerprints.
    """

    runbook: str
    action: str
    object: str
    steps: tuple[Step, ...] = ()
    desired: Values = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the intent.

        Covered: runbook, action, object, desired options, and per step its kind, target, reversibility and
        bounds. Not covered: sentences, states, measurements, and the order of equal steps.
        """
        steps = sorted(_canonical([step.kind, step.target, bool(step.undo), dict(step.bounds)]) for step in self.steps)
        intent = _canonical([self.runbook, self.action, self.object, dict(self.desired), steps])
        return f"sha256:{hashlib.sha256(intent.encode()).hexdigest()}"


@dataclass(frozen=True)
class Done:
    """What executing a step came to."""

    state: State = State.DONE
    why: str = ""
    go_on: bool = True


def apply(
    plan: Plan,
    execute: Callable[[Step], Done],
    *,
    check: bool,
    before_each: Callable[[], None],
    approved_hashes: Sequence[str] = (),
    refusal: OpsError | None = None,
) -> tuple[Step, ...]:
    """Do the steps in order and return them with what became of each.

    :param execute: does one step; an exception from it leaves the loop at once.
    :param before_each: proves before every step that this run may still change the object.
    :param approved_hashes: when given, the plan must be one of these.
    :param refusal: why a real run must not begin; a check run shows the plan all the same.
    :raises Refused: the plan is not the one that was approved, or must not be begun; nothing was done.
    """
    if check:
        return tuple(replace(step, state=State.WOULD_DO) for step in plan.steps)
    if refusal is not None:
        raise refusal
    if approved_hashes and plan.steps and plan.hash not in approved_hashes:
        raise Refused(
            f"The plan for {plan.object} is no longer the one that was shown: the world changed in between",
            remedy="Run it again and read the new plan.",
            details={"plan_hash": plan.hash},
        )
    finished: list[Step] = []
    for index, step in enumerate(plan.steps):
        before_each()
        done = execute(step)
        finished.append(replace(step, state=done.state, why=done.why))
        if not done.go_on:
            rest = plan.steps[index + 1 :]
            finished.extend(replace(later, state=State.NOT_REACHED, why=done.why) for later in rest)
            break
    return tuple(finished)


def changed(steps: Sequence[Step]) -> bool:
    """Tell whether any step changed something, or would."""
    return any(step.state in (State.DONE, State.WOULD_DO, State.UNDONE, State.FAILED) for step in steps)


def diff(before: Mapping[str, object], after: Mapping[str, object], *, header: str = "") -> dict[str, str]:
    """Return Ansible's before/after texts: one sorted C(key: value) line for each key on either side."""
    shown = {"before": _lines(before), "after": _lines(after)}
    if header:
        shown["before_header"] = shown["after_header"] = header
    return shown


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=_plain)


def _plain(value: object) -> object:
    # the order of a set differs from one process to the next
    return sorted(value, key=repr) if isinstance(value, (set, frozenset)) else str(value)


def _lines(values: Mapping[str, object]) -> str:
    return "".join(f"{key}: {_flat(values[key])}\n" for key in sorted(values))


def _flat(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
