"""Several components in memory under the real front end: one run over them, killed at any effect, as roles do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from ansible_collections.steady.ops.plugins.filter.failed_unit import failed_unit
from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, OpsError
from ansible_collections.steady.ops.plugins.module_utils._release.engine import Surroundings, settle
from ansible_collections.steady.ops.plugins.module_utils._release.history import History
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Hooks, NoHooks
from ansible_collections.steady.ops.plugins.module_utils._release.values import Wanted
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.releases import concerns
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conduct import conduct
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.membership import step_from
from ansible_collections.steady.ops.plugins.plugin_utils._runs.shapes import unit_of
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit, course_of_run
from tests.release_world import Killed, MemoryPlatform, MemoryProber, VirtualClock, World, _Lease

PATH = "shop/lab"
ACTIONS = {"deployed": "deploy", "adopted": "adopt", "rolled_back": "rollback", "undone": "undo"}
Answer = dict[str, Any]


class Member(World):
    """The truth of one component; its effects are counted with those of the others.

    :param refuses: what the provider lets nobody switch to.
    """

    def __init__(self, whole: UnitWorld, configured: str, behaviour: dict[str, str]) -> None:
        super().__init__(clock=whole.clock, configured=configured, behaviour=behaviour)
        self.whole = whole
        self.refuses: set[str] = set()

    def begin(self, name: str) -> str:
        if name in self.refuses:
            raise AccessDenied(f"not allowed to serve {name}")
        return super().begin(name)

    def effect(self) -> None:
        self.whole.effect()


@dataclass
class UnitWorld:
    """Components with one ledger, in the order of the inventory.

    :param page: a file that says how long the lease holds.
    :param hooks: commands of a component around a switch.
    """

    page: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    members: dict[str, Member] = field(default_factory=dict)
    records: list[dict[str, object]] = field(default_factory=list)
    journal: list[dict[str, object]] = field(default_factory=list)
    hooks: dict[str, Hooks] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    runs: int = 0
    effects: int = 0
    kill_after: int | None = None
    before_effect: Callable[[int], None] = lambda number: None

    def __post_init__(self) -> None:
        self.page.write_text(json.dumps({"deadline": 1e15, "stop": False}), encoding="utf-8")

    def add(self, name: str, configured: str, behaviour: dict[str, str]) -> Member:
        """Add a component behind the others."""
        self.members[name] = Member(self, configured, dict(behaviour))
        return self.members[name]

    def effect(self) -> None:
        """Count one effect, and end the run there when its time has come."""
        self.effects += 1
        self.before_effect(self.effects)
        if self.kill_after is not None and self.effects > self.kill_after:
            raise Killed

    def serving(self) -> dict[str, str]:
        """Return what each component serves once its operations have ended."""
        for member in self.members.values():
            member.advance()
        return {name: member.configured for name, member in self.members.items()}

    def run(self, action: str, *limit: str, **wish: str) -> Answer:
        """Carry out one command over the components, as guard and role do; return C(failed), C(msg) and results."""
        self.runs += 1
        run, names = f"run-{self.runs}", limit or tuple(self.members)
        permit = self._permit(run, action)
        try:
            course = course_of_run(Unit(run, action, names, wish), self._read())
        except OpsError as error:
            return {"failed": True, "msg": str(error), "refused": True}
        unit = unit_of(course, permit, check=False)
        failure: Answer | None = None
        for part in ("settle", "rehearse", "switch"):
            for step in cast("list[Answer]", unit[part]):
                failure = failure or self._failure(self._task(step, check=part == "rehearse"))
        if failure is None:
            return {"failed": False, "msg": ""}
        undone: Answer = {}
        for step in cast("list[Answer]", unit["undo"]):
            undone = self._task(step, check=False)
            assert not undone["failed"], "a rescue goes on to the other components"
        return {"failed": True, "msg": failed_unit(failure, undone), "unit_told": undone.get("unit_told", "")}

    @staticmethod
    def _failure(result: Answer) -> Answer | None:
        return result if result.get("failed") else None

    def _task(self, step: Answer, *, check: bool) -> Answer:
        """Do one task of the role."""
        component = str(step["component"])
        self.effect()
        conductor = Conductor(
            module="toy_deploy",
            object=f"{PATH}/{component}",
            execute=lambda options, planning: self._execute(component, options, planning),
            ledger=cast(Any, self._ledger()),
            say=self.said.append,
            clock=self.clock,
            unit=step_from(step["permit"]),
        )
        args = {key: value for key, value in step.items() if key != "component"}
        return conduct(conductor, args, check=check)

    def _execute(self, component: str, options: Mapping[str, Any], planning: bool) -> Answer:
        """Run the module: the engine over the component's world."""
        world, action = self.members[component], ACTIONS[str(options["state"])]
        names = {key: str(options[key]) for key in ("release", "rollback_to", "rollback_from") if options.get(key)}
        wanted = Wanted(object=f"{PATH}/{component}", runbook="deploy", action=action, poll_seconds=5.0, **names)  # type: ignore[arg-type]
        permit = _Lease(
            run="r",
            runbook="deploy",
            action=action,
            object=wanted.object,
            approved_plan_hashes=tuple(options["permit"].get("approved_plan_hashes", ())),
        )
        hooks = self.hooks.get(component, NoHooks())
        around = Surroundings(MemoryPlatform(world), MemoryProber(world), self.clock, permit, lambda line: None, hooks)
        try:
            history = History.from_records(options["history"], component)
            return settle(around, wanted, history, check=planning).as_dict()
        except OpsError as error:
            return {**error.as_result(), "failed": True}

    def _permit(self, run: str, action: str) -> Answer:
        objects = [
            {"object": f"{PATH}/{name}", "token": 1, "lease_deadline_path": str(self.page)} for name in self.members
        ]
        return {"run": run, "runbook": action, "action": action, "objects": objects, "mode": "real", "lab": True,
                "approved_plan_hashes": []}  # fmt: skip

    def _ledger(self) -> object:
        releases = SimpleNamespace(
            records=self._read,
            append=self._append,
            history=lambda component: [record for record in self._read() if concerns(record, component)],
        )
        return SimpleNamespace(
            releases=releases,
            journal=SimpleNamespace(append=self._note),
            leases=SimpleNamespace(prove=lambda object, token: None),
            now_text=lambda: "2026-01-01T00:00:00Z",
        )

    def _read(self) -> list[dict[str, object]]:
        self.effect()
        return [dict(record) for record in self.records]

    def _append(self, records: Iterable[Mapping[str, object]], *, before_write: Callable[[], None]) -> None:
        before_write()
        self.effect()
        # through JSON, as every ledger keeps it
        self.records += json.loads(json.dumps(list(records)))
        self.effect()

    def _note(self, event: Mapping[str, object], redactor: object) -> None:
        self.effect()
        self.journal.append(dict(event))
