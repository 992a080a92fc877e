"""What the engine's tests share: releases by short names, records from short stories, and a stage that can go wrong.

The stage is the world of ``tests.release_world`` with faults that are put before or after single calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost
from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.module_utils._release.attempt import Crew
from ansible_collections.steady.ops.plugins.module_utils._release.engine import Surroundings, settle
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Facts
from ansible_collections.steady.ops.plugins.module_utils._release.history import History
from ansible_collections.steady.ops.plugins.module_utils._release.outcome import Result
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Moment, Proof
from ansible_collections.steady.ops.plugins.module_utils._release.values import (
    Observation,
    Operation,
    Release,
    Wanted,
)
from tests.release_world import OBJECT, MemoryPlatform, MemoryProber, World, digest_of, history_of

Fault: TypeAlias = "Exception | Callable[[Any], Any] | None"


def release(name: str, **more: Any) -> Release:
    """Return the release that tests call by a short name."""
    return Release(digest_of(name), ref=name, **{"version": name, **more})


def label(name: str) -> str:
    """Return how sentences call it."""
    return release(name).label


def records(*story: str) -> list[dict[str, object]]:
    """Return the ledger's records: ``a`` served verified, ``a failed`` and ``a withdrawn`` are verdicts on it."""
    kept: list[dict[str, object]] = []
    for event in story:
        name, _rest, verdict = event.partition(" ")
        kept.append({"kind": "release", "component": "api", **release(name).as_dict()})
        reason = f"{name} was {verdict}" if verdict else ""
        word = verdict or "verified"
        kept.append({"kind": "verdict", "release": release(name).id, "verdict": word, "reason": reason})
        if not verdict:
            kept.append({"kind": "served", "release": release(name).id, "from": None, "how": "deploy"})
    return kept


def history(*story: str) -> History:
    """Return what the ledger knows after a story."""
    return History.from_records(records(*story), "api")


def wanted(action: str = "deploy", **more: Any) -> Wanted:
    """Return what one run is asked."""
    return Wanted(**{"action": action, "object": OBJECT, "runbook": action, **more})


def proof(passed: bool = True, sentence: str = "answered 200", **more: Any) -> Proof:
    """Return a proof."""
    return Proof(passed, sentence, Finding("http", Severity.OK if passed else Severity.CRITICAL, sentence), **more)


def facts(serving: str = "", *, passes: bool = True, asked: str = "", gone: str = "", **more: Any) -> Facts:
    """Return what was read: ``serving`` is configured and recorded, and passes its probe or answers 500."""
    seen = Observation(exists=bool(serving), digest=digest_of(serving) if serving else None, ref=serving)
    given: dict[str, Any] = {
        "observation": seen,
        "serving": release(serving) if serving else None,
        "proof": proof(passes, "answered 200" if passes else "answered 500") if serving else None,
        "asked": release(asked) if asked else None,
        "gone": frozenset(release(name).id for name in gone),
    }
    return Facts(**{**given, **more})


class StagedPlatform(MemoryPlatform):
    """The world's platform with faults: an exception instead of the call, or a change of its answer."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.before: dict[str, list[Fault]] = {}
        self.after: dict[str, list[Fault]] = {}
        self.differ: dict[str, tuple[object, object]] = {}
        self.likes: list[Observation | None] = []

    def observe(self) -> Observation:
        return self._staged("observe", super().observe)

    def differences(self, observation: Observation) -> dict[str, tuple[object, object]]:
        return self.differ

    def switch(self, release: Release, *, like: Observation | None = None) -> Operation:
        self.likes.append(like)
        return self._staged("switch", lambda: MemoryPlatform.switch(self, release, like=like))

    def progress(self, operation: Operation) -> Operation:
        return self._staged("progress", lambda: MemoryPlatform.progress(self, operation))

    def explain(self, operation: Operation) -> list[str]:
        return self._staged("explain", lambda: MemoryPlatform.explain(self, operation))

    def _staged(self, call: str, carry_out: Callable[[], Any]) -> Any:
        early, late = self._next(self.before, call), self._next(self.after, call)
        if isinstance(early, Exception):
            raise early
        if early is not None:
            early(None)
        answer = carry_out()
        if isinstance(late, Exception):
            raise late
        return late(answer) if late is not None else answer

    @staticmethod
    def _next(faults: dict[str, list[Fault]], call: str) -> Fault:
        return faults[call].pop(0) if faults.get(call) else None


class StagedProber(MemoryProber):
    """The world's prober; what is put into ``then`` happens while it probes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.then: list[Callable[[], object] | None] = []
        self.asked: list[tuple[str, bool]] = []

    def prove(self, release: Release, *, brief: bool = False) -> Proof:
        self.asked.append((release.id, brief))
        happens = self.then.pop(0) if self.then and not brief else None
        if happens is not None:
            happens()
        return super().prove(release, brief=brief)


class StagedHooks:
    """The component's own commands: each moment says what is put there, and is noted."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.ran: list[tuple[str, str]] = []

    def run(self, moment: Moment, release: Release) -> str:
        self.ran.append((moment.value, release.ref))
        return self.says.get(moment.value, "")


class _Lease(Permit):
    ends: Callable[[], bool]

    def prove(self, clock: object) -> None:
        if self.ends():
            raise LeaseLost("The lease on api ran out")


class Stage:
    """A world in which single calls can go wrong.

    :param serving: what is configured when the curtain rises; the story is what the ledger knows.
    """

    def __init__(self, serving: str = "a", story: tuple[str, ...] = ("a",), **behaviour: str) -> None:
        self.world = World(configured=serving, behaviour={**dict.fromkeys("abcdef", "good"), **behaviour})
        self.world.records = records(*story)
        self.platform = StagedPlatform(self.world)
        self.prober = StagedProber(self.world)
        self.hooks = StagedHooks()
        self.said: list[str] = []
        self.lease_until = float("inf")
        self.permit = _Lease(run="r", runbook="deploy", action="deploy", object=OBJECT)
        object.__setattr__(self.permit, "ends", lambda: self.world.clock.seconds >= self.lease_until)

    def crew(self, **more: Any) -> Crew:
        """Return the crew of one switch."""
        return Crew(
            self.platform,
            self.prober,
            self.world.clock,
            wanted(**more),
            lambda: self.permit.prove(self.world.clock),
            self.said.append,
        )

    def settle(self, action: str = "deploy", *, check: bool = False, **more: Any) -> Result:
        """Carry out one run, or plan it."""
        around = Surroundings(self.platform, self.prober, self.world.clock, self.permit, self.said.append, self.hooks)
        return settle(around, wanted(action, **more), history_of(self.world), check=check)

    def leave_open(self, after: str, *, before: str | None = "a", back: str | None = "a", **more: Any) -> None:
        """Let the ledger hold the intent of a killed run."""
        shown: dict[str, Any] = {
            "from_release": release(before).as_dict() if before else None,
            "to_release": release(after).as_dict(),
            "back_release": release(back).as_dict() if back else None,
            "mark": more.get("mark", ""),
            "settings": more.get("settings", []),
            "put_back_mark": more.get("put_back_mark", ""),
        }
        runbook = more.get("runbook", "deploy")
        intent = {"kind": "intent", "runbook": runbook, "components": {"api": shown}, "state": "open", "run": "r0"}
        self.world.records.append(intent)

    def operation(self) -> Operation:
        """Return the newest operation as the platform shows it."""
        return self.platform._operation(self.world.operations[-1])
