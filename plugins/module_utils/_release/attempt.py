# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One switch from its only mutating call to its verdict: begin, wait, compare, probe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from .._clock import Clock, Deadline, format_duration, format_time
from .._errors import AccessDenied, AnswerLost, NotFound, OpsError, RequestRefused, Throttled, Unreachable
from .protocol import Hooks, Moment, NoHooks, Platform, Prober, Proof, Say
from .values import Ending, Observation, Operation, Release, Wanted

_LONGEST_PAUSE = 15.0
_THROTTLE_PAUSES = (2.0, 5.0, 10.0, 20.0, 30.0, 30.0, 30.0)


class End(str, Enum):
    """How an attempt ended."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    REVERTED = "reverted"
    FAILED = "failed"
    NOT_BEGUN = "not begun"
    STUCK = "stuck"
    OUTSIDE = "outside change"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Attempt:
    """What became of one switch.

    :param why: the reason, as the second half of a sentence; empty when it is verified.
    """

    end: End
    why: str = ""
    operation: Operation | None = None
    proof: Proof | None = None
    explanation: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Tell whether it is known what serves, so that the intent can be closed."""
        return self.end not in (End.STUCK, End.UNSEEN)


@dataclass(frozen=True)
class Crew:
    """Everything a switch works with.

    :param prove_lease: returns while this run may still change the object, raises otherwise.
    :param mark: the newest operation of the platform before this run began one.
    :param operations: those that this run began or waited for.
    """

    platform: Platform
    prober: Prober
    clock: Clock
    wanted: Wanted
    prove_lease: Callable[[], None]
    say: Say
    mark: str = ""
    operations: list[Operation] = field(default_factory=list)
    hooks: Hooks = field(default_factory=NoHooks)

    def run_hooks(self, moment: Moment, release: Release) -> str:
        """Run the component's own commands, while this run may change it; return why one did not pass."""
        self.prove_lease()
        return self.hooks.run(moment, release)

    def moved_on(self, seen: Observation, operation: Operation) -> bool:
        """Tell whether somebody else began an operation: one that is neither ours nor from before this run."""
        ours = {known.id for known in self.operations}
        return seen.last_operation not in {"", self.mark, operation.id} | ours


def attempt(crew: Crew, release: Release, *, like: Observation | None = None, way_back: bool = False) -> Attempt:
    """Switch to a release and find out whether it serves.

    :param like: keep the settings of that observation.
    :param way_back: what came after it is left: none of the commands around a switch are run.
    """
    if not way_back and (why := crew.run_hooks(Moment.BEFORE_SWITCH, release)):
        return Attempt(End.NOT_BEGUN, why)
    crew.say(f"switching to {release.label}")
    try:
        operation = _begin(crew, release, like)
    except RequestRefused as error:
        return Attempt(End.OUTSIDE if _others_began(crew) else End.NOT_BEGUN, error.sentence)
    except (AccessDenied, NotFound, Throttled, AnswerLost) as error:
        return Attempt(End.NOT_BEGUN, error.sentence)
    except Unreachable as error:
        return Attempt(End.UNSEEN, error.sentence)
    return follow(crew, release, operation, way_back=way_back)


def _others_began(crew: Crew) -> bool:
    """Tell whether the platform refused because somebody else's operation came in between."""
    try:
        seen = crew.platform.observe()
    except OpsError:
        return False
    return seen.last_operation not in {"", crew.mark} | {known.id for known in crew.operations}


def _begin(crew: Crew, release: Release, like: Observation | None) -> Operation:
    """Send the mutating call; only one that was throttled, and so did nothing, is sent again."""
    for pause in _THROTTLE_PAUSES:
        crew.prove_lease()
        try:
            return crew.platform.switch(release, like=like)
        except Throttled as error:
            crew.say(error.sentence)
            crew.clock.sleep(pause)
    crew.prove_lease()
    return crew.platform.switch(release, like=like)


def follow(crew: Crew, release: Release, operation: Operation, *, way_back: bool = False) -> Attempt:
    """Wait for an operation that is under way to C(release), and judge what came of it."""
    waited = wait(crew, operation)
    if waited.end is not End.VERIFIED or waited.operation is None:
        return waited
    try:
        return judge(crew, release, waited.operation, way_back=way_back)
    except (Unreachable, AccessDenied) as error:
        return Attempt(End.UNSEEN, error.sentence, waited.operation)


def judge(crew: Crew, release: Release, operation: Operation, *, way_back: bool = False) -> Attempt:
    """Compare what serves with C(release) and probe it, once its operation has succeeded."""
    seen = settled_observation(crew, release, operation)
    if crew.moved_on(seen, operation):
        return Attempt(End.OUTSIDE, "another change was begun in the middle", operation)
    if seen.digest != release.digest:
        serves = seen.release_id or seen.unknown_because or "something else"
        why = f"the platform reported {operation.status} but is configured for {serves}"
        return _explained(crew, Attempt(End.REJECTED, why, operation), operation)
    crew.say(f"probing {release.label}")
    proof = crew.prober.prove(release)
    why = "" if proof.passed else proof.sentence
    if not why and not way_back:
        why = crew.run_hooks(Moment.AFTER_SWITCH, release)
    after = crew.platform.observe()
    if after.digest not in (None, release.digest) and not crew.moved_on(after, operation):
        # a platform may answer once more with what it has left
        after = settled_observation(crew, release, operation)
    if crew.moved_on(after, operation):
        return Attempt(End.OUTSIDE, "another change was begun in the middle", operation, proof)
    if not why and after.digest != release.digest:
        why = f"it did not stay: {after.unknown_because or f'{after.release_id} is configured now'}"
    if not why:
        return Attempt(End.VERIFIED, "", operation, proof)
    return _explained(crew, Attempt(End.REJECTED, why, operation, proof), operation)


def wait(crew: Crew, operation: Operation) -> Attempt:
    """Poll an operation to its end, or until a switch may take no longer."""
    started, pause = crew.clock.steady(), crew.wanted.poll_seconds
    limit = Deadline.after(crew.clock, crew.wanted.switch_seconds)
    unseen, answered = "", crew.clock.now()
    while operation.ending is Ending.RUNNING:
        if limit.passed():
            _note(crew, operation)
            if unseen:
                why = f"there is no answer about operation {operation.id} since {format_time(answered)}: {unseen}"
                return Attempt(End.UNSEEN, why, operation)
            waited = format_duration(crew.clock.steady() - started)
            why = f"operation {operation.id} is still {operation.status} after {waited}"
            return _explained(crew, Attempt(End.STUCK, why, operation), operation)
        crew.clock.sleep(min(pause, limit.left()))
        pause = min(pause * 1.25, max(_LONGEST_PAUSE, crew.wanted.poll_seconds))
        crew.prove_lease()
        try:
            operation, unseen = crew.platform.progress(operation), ""
            answered = crew.clock.now()
        except AccessDenied as error:
            _note(crew, operation)
            return Attempt(End.UNSEEN, error.sentence, operation)
        except OpsError as error:
            unseen = error.sentence
        crew.say(_waiting_line(operation, crew.clock.steady() - started, unseen, answered))
    _note(crew, operation)
    if operation.ending is Ending.SUCCEEDED:
        return Attempt(End.VERIFIED, "", operation)
    end = End.REVERTED if operation.ending is Ending.REVERTED else End.FAILED
    why = f"the platform ended it with {operation.status}"
    return _explained(crew, Attempt(end, why, operation), operation)


def _waiting_line(operation: Operation, seconds: float, unseen: str, answered: datetime) -> str:
    """Return the line that says how an operation stands, or since when the platform gives no answer."""
    if unseen:
        why = unseen.rstrip(".")
        return f"waiting: no answer about {operation.type} since {format_time(answered)}: {why}"
    now = operation.status.lower().replace("_", " ")
    return f"waiting: {operation.type} {now}, {format_duration(seconds)}"


def settled_observation(crew: Crew, release: Release, operation: Operation) -> Observation:
    """Observe until the answer fits the operation: right after its end a platform may still show the old state."""
    limit = Deadline.after(crew.clock, crew.wanted.settle_seconds)
    while True:
        seen = crew.platform.observe()
        if seen.digest == release.digest or crew.moved_on(seen, operation) or limit.passed():
            return seen
        shown = seen.release_id or seen.unknown_because or "nothing known"
        longest = format_duration(crew.wanted.settle_seconds)
        crew.say(f"waiting at most {longest} until the platform shows {release.label}: it shows {shown}")
        crew.clock.sleep(min(crew.wanted.poll_seconds, limit.left()))
        crew.prove_lease()


def _note(crew: Crew, operation: Operation) -> None:
    crew.operations[:] = [known for known in crew.operations if known.id != operation.id] + [operation]


def _explained(crew: Crew, outcome: Attempt, operation: Operation) -> Attempt:
    try:
        return replace(outcome, explanation=tuple(crew.platform.explain(operation)))
    except OpsError as error:
        return replace(outcome, explanation=(f"No explanation could be read: {error.sentence}",))
