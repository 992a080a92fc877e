"""A platform in memory on virtual time, a ledger that is a list, and a run that can be killed at any effect."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ansible_collections.steady.ops.plugins.module_utils._errors import NotFound, OpsError, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.module_utils._release.engine import Surroundings, settle
from ansible_collections.steady.ops.plugins.module_utils._release.history import History
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Proof
from ansible_collections.steady.ops.plugins.module_utils._release.values import (
    Ending,
    Observation,
    Operation,
    Release,
    Wanted,
)

OBJECT = "shop/lab/api"
_START = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The run is gone: nothing after this line happens."""


def digest_of(name: str) -> str:
    """Return the digest of a release that tests call by a short name."""
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return _START + timedelta(seconds=self.seconds)

    def steady(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class World:
    """The platform's truth: what is configured, which operations there were, how each release behaves.

    :param behaviour: release name to C(good), C(bad) (serves and fails its probe), C(reverts) (the platform returns
        to the old one by itself) or C(fails) (the operation fails and the new one stays configured).
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    configured: str = ""
    behaviour: dict[str, str] = field(default_factory=dict)
    operations: list[dict[str, object]] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    mutations: int = 0
    takes_seconds: float = 60.0
    kill_after: int | None = None
    effects: int = 0

    def effect(self) -> None:
        """Count one effect, and end the run there when its time has come."""
        self.effects += 1
        if self.kill_after is not None and self.effects > self.kill_after:
            raise Killed

    def advance(self) -> None:
        """Let operations end whose time is up."""
        for operation in self.operations:
            if operation["status"] == "RUNNING" and self.clock.seconds >= float(str(operation["until"])):
                self._end(operation)

    def _end(self, operation: dict[str, object]) -> None:
        how = self.behaviour[str(operation["to"])]
        operation["status"] = {"reverts": "REVERTED", "fails": "FAILED"}.get(how, "SUCCEEDED")
        if how == "reverts":
            self.configured = str(operation["from"])

    def begin(self, name: str) -> str:
        """Begin to serve a release, as this run or another tool does."""
        self.advance()
        if any(operation["status"] == "RUNNING" for operation in self.operations):
            raise RequestRefused("another operation is under way")
        self.mutations += 1
        id = f"op-{len(self.operations) + 1}"
        until = self.clock.seconds + self.takes_seconds
        self.operations.append({"id": id, "from": self.configured, "to": name, "status": "RUNNING", "until": until})
        self.configured = name
        return id

    def outside(self, name: str) -> None:
        """Another tool deploys, and its operation ends."""
        self.begin(name)
        self.clock.sleep(self.takes_seconds)
        self.advance()

    def name_of(self, digest: str) -> str:
        """Return the short name of a digest."""
        return next(name for name in self.behaviour if digest_of(name) == digest)


_ENDINGS = {
    "RUNNING": Ending.RUNNING,
    "SUCCEEDED": Ending.SUCCEEDED,
    "REVERTED": Ending.REVERTED,
    "FAILED": Ending.FAILED,
}


@dataclass
class MemoryPlatform:
    """The engine's platform over a world."""

    world: World

    def observe(self) -> Observation:
        self.world.effect()
        self.world.advance()
        operations = self.world.operations
        running = next((item for item in operations if item["status"] == "RUNNING"), None)
        return Observation(
            exists=bool(self.world.configured),
            digest=digest_of(self.world.configured) if self.world.configured else None,
            ref=self.world.configured,
            operation=self._operation(running) if running else None,
            last_operation=str(operations[-1]["id"]) if operations else "",
            settings={},
        )

    def resolve(self, selector: str) -> Release:
        self.world.effect()
        if selector not in self.world.behaviour or selector in self.world.deleted:
            raise NotFound(f"deploy_release {selector!r} is no image")
        return Release(digest_of(selector), ref=selector, version=selector)

    def available(self, release: Release) -> bool:
        self.world.effect()
        return self.world.name_of(release.digest) not in self.world.deleted

    def differences(self, observation: Observation) -> dict[str, tuple[object, object]]:
        return {}

    def switch(self, release: Release, *, like: Observation | None = None) -> Operation:
        self.world.effect()
        id = self.world.begin(self.world.name_of(release.digest))
        self.world.effect()
        return Operation(id, "UPDATE", "RUNNING", Ending.RUNNING)

    def progress(self, operation: Operation) -> Operation:
        self.world.effect()
        self.world.advance()
        return self._operation(next(item for item in self.world.operations if item["id"] == operation.id))

    def explain(self, operation: Operation) -> list[str]:
        return [f"last words of {operation.id}"]

    def _operation(self, item: Mapping[str, object]) -> Operation:
        status = str(item["status"])
        return Operation(str(item["id"]), "UPDATE", status, _ENDINGS[status])


@dataclass
class MemoryProber:
    """Passes when the release that is configured is the one asked for, and behaves."""

    world: World

    def prove(self, release: Release, *, brief: bool = False) -> Proof:
        self.world.effect()
        self.world.advance()
        live = self.world.configured
        passed = digest_of(live) == release.digest and self.world.behaviour[live] == "good"
        sentence = "200" if passed else f"{live} answers 500"
        severity = Severity.OK if passed else Severity.CRITICAL
        return Proof(passed, sentence, Finding("http", severity, sentence), version=live, samples=3)


class _Lease(Permit):
    def prove(self, clock: object) -> None:
        return None


def drive(world: World, **options: object) -> dict[str, object]:
    """Carry out one run as the front end does: plan, announce, act, record; again where it is asked for.

    :returns: the last result; an error before the first step as C({"failed": True, "msg": ...}).
    """
    action = str(options.setdefault("action", "deploy"))
    wanted = Wanted(object=OBJECT, runbook=action, poll_seconds=5.0, **options)  # type: ignore[arg-type]
    for _turn in range(3):
        history = history_of(world)
        try:
            planned = _settle(world, wanted, history, check=True)
            world.effect()
            if planned["refused"]:
                return {**planned, "failed": True, "msg": planned["refused"]}
            if not planned["plan"]:
                return planned
            if planned["intent"]:
                world.records.append({**planned["intent"], "state": "open", "run": "r"})  # type: ignore[dict-item]
                world.effect()
            result = _settle(world, wanted, history, check=False)
        except OpsError as error:
            return {"failed": True, "msg": str(error), "changed": False, "details": error.details}
        world.effect()
        record(world, result)
        world.effect()
        if not result["again"] or result["failed"]:
            return result
    raise AssertionError("a run asked for a fourth turn")


def record(world: World, result: Mapping[str, object]) -> None:
    """Append what a run remembers, in one go."""
    entries = list(result["entries"])  # type: ignore[call-overload]
    if not result["intent_open"]:
        entries.append({"kind": "intent", "state": "settled"})
    world.records.extend(entries)


def history_of(world: World) -> History:
    """Return what the ledger knows."""
    return History.from_records(world.records, "api")


def _settle(world: World, wanted: Wanted, history: History, *, check: bool) -> dict[str, object]:
    permit = _Lease(run="r", runbook=wanted.runbook, action=wanted.action, object=OBJECT)
    around = Surroundings(MemoryPlatform(world), MemoryProber(world), world.clock, permit, lambda line: None)
    return settle(around, wanted, history, check=check).as_dict()
