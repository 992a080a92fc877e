"""Where a case over two components takes place: C(web) stands before C(api), each with its own service."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.arena import GOOD, REGISTRY, Arena, Running, probe_of
from tests.faults.observer import Observer

MEMBERS = ("web", "api")
WRONG = {"kind": "wrong_body", "body": "grafana"}


class PartObserver(Observer):
    """Looks at one of several components: the others' records do not count."""

    def records(self) -> list[dict[str, Any]]:
        """The records that name this component."""
        return [
            record
            for record in super().records()
            if record.get("component") == self._component or self._component in record.get("components", {})
        ]


class UnitObserver(Observer):
    """Looks at the ledger's words about units."""

    def is_open(self) -> bool:
        """Whether a unit is open."""
        units = [record for record in self.records() if record["kind"] == "unit"]
        return bool(units) and units[-1]["state"] == "open"


@dataclass
class UnitArena(Arena):
    """One case's world: 1.1.0 serves; api's 2.0.0 and web's 3.0.0 do not pass."""

    probes: dict[str, dict[str, Any]] = field(default_factory=dict)
    more: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for member in MEMBERS:
            for version, behaviour in GOOD.items():
                self.push_to(member, version, behaviour)
        for version, bad in (("2.0.0", "api"), ("3.0.0", "web")):
            for member in MEMBERS:
                self.push_to(member, version, WRONG if member == bad else "ok")

    def push_to(self, member: str, version: str, behaviour: Any = "ok") -> str:
        """Push a release of one component; return its digest."""
        return self.control.put_image(f"shop/{member}", version, version, behaviour)

    def serving(self, version: str = "1.1.0") -> None:
        """The usual start: 1.1.0 serves everywhere and is recorded."""
        for member in MEMBERS:
            truth = self.control.create_service(f"shop-{member}", f"shop/{member}:{version}", auto_deployments=False)
            self.probes[member] = probe_of(truth["url"])
        self._must(self.command("adopt").wait() or {"failed": True})

    def serving_over(self) -> None:
        """1.1.0 serves everywhere, over 1.0.0."""
        self.serving("1.0.0")
        self._must(self.command("deploy", release="1.1.0").wait() or {"failed": True})

    def command(self, action: str = "deploy", job: dict[str, Any] | None = None, **wish: str) -> Running:
        """Start a command over the components; keys of the job come in C(job)."""
        self.runs += 1
        run = f"run-{self.runs:03d}"
        page, run_dir = self.directory / f"{run}.json", self.directory / run
        given = {
            "do": "unit",
            "ledger": f"file://{self.ledger}",
            "run": run,
            "run_dir": str(run_dir),
            "result": str(page),
            "action": action,
            "wish": wish,
            "members": list(MEMBERS),
            "args": {member: self.options_of(member) for member in MEMBERS},
        }
        return Running(self, self.driver.start({**given, **(job or {})}), page, run_dir)

    def options_of(self, member: str) -> dict[str, Any]:
        """The module's options of one component."""
        return self.module_options(
            service=f"shop-{member}",
            image_repository=f"{REGISTRY}/shop/{member}",
            probe=self.probes[member],
            **self.more.get(member, {}),
        )

    def part(self, member: str) -> PartObserver:
        """The outside observer of one component."""
        return PartObserver(self.control, f"shop-{member}", self.ledger, member)

    @property
    def units(self) -> UnitObserver:
        """The outside observer of units."""
        return UnitObserver(self.control, "", self.ledger, "")

    def paused(self, running: Running, seconds: float = 30) -> None:
        """Wait until the run stands before the step at which it waits."""
        deadline = time.monotonic() + seconds
        while not (running.run_dir / "paused").exists():
            assert time.monotonic() < deadline, "the run never came to that step"
            time.sleep(0.01)

    def go_on(self, running: Running) -> None:
        """Let it go on."""
        (running.run_dir / "go").touch()

    def change(self, member: str, version: str) -> None:
        """Another tool deploys, and its operation ends."""
        self.control.outside(f"shop-{member}", image=f"shop/{member}:{version}")
        self.control.wait(f"shop-{member}")

    def results(self, running: Running) -> list[dict[str, Any]]:
        """The results of the tasks of a run that has ended."""
        return list(json.loads(Path(running.page).read_text(encoding="utf-8"))["results"])
