"""For each gate a world in which it passes, one in which it refuses, and one in which somebody asks to waive it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from tests.gate_matrix.doors import Seen, Variables
from tests.integration.toy import CONTRACT, PLAY, World

API = "toy/production/api"
ACTIONS = """\
  disrupt: {risk: change, disruptive: true}
  ship: {risk: change, extra_gates: [freeze]}
  wish: {risk: change, requires: [switch_wish]}
"""
VALUES = """
ops_ledger_persistent: true
component_identity: {machine_id: "%s"}
"""
PASS, REFUSE, OVERRIDE = "pass", "refuse", "override"


class GateWorld(World):
    """A production of one component on this machine, which pins who it is."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.toy = base / "collections" / "ansible_collections" / "acme" / "toy"
        self.put(self.toy / "roles" / "switch" / "meta" / "runbook.yml", CONTRACT + ACTIONS)
        self.put(
            self.play, PLAY.replace("when: switch_action | default('') == 'switch'", "when: switch_action != 'look'")
        )
        self.lives_in("production")

    def lives_in(self, environment: str, more: str = "", machine_id: str = "") -> None:
        """Set the environment that the runs of this world name, with more values for it."""
        own = machine_id or Path("/etc/machine-id").read_text().strip()
        self.ledger = self.base / "ledger"
        self.inventory = self.environment(environment, VALUES % own + more)
        self.ledger = self.base / ("ledger" if environment == "lab" else f"ledger-{environment}")
        self.where = environment
        if not self.ledger.exists():
            self.initialise(environment)

    def hold(self) -> None:
        """Put up somebody's stop sign."""
        ledger = open_ledger(f"file://{self.ledger}", "toy", self.where)
        now = ledger.store.now()
        ledger.holds.place(Hold(f"toy/{self.where}/api", "restoring", now + timedelta(hours=9), "ann", now))

    def lease(self) -> None:
        """Have somebody who lives change the component."""
        me = Process.of(os.getpid())
        assert me is not None
        ledger = open_ledger(f"file://{self.ledger}", "toy", self.where)
        holder = Holder("01OTHER", "ann", "desk", this_place(), me, me, str(self.base / "other"), "deploy")
        ledger.leases.acquire([f"toy/{self.where}/api"], holder)

    def incident(self) -> str:
        """Open an incident and return its id."""
        done = self.run(
            *("-e", "incident_action=open", "-e", "incident_severity=P1", "-e", "incident_title=outage"),
            *("-e", "incident_id=INC-1"),
            play="steady.ops.incident",
        )
        assert done.code == 0, done.text
        return "INC-1"


Prepare = Callable[[GateWorld], Variables]


@dataclass(frozen=True)
class Cell:
    """One gate, one column.

    :param gates: those that must refuse.
    :param doors: further ways in that only this cell has.
    """

    name: str
    column: str
    prepare: Prepare
    gates: frozenset[str] = frozenset()
    doors: Mapping[str, Callable[[World, Variables], Seen]] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        """Tell whether the run is let through."""
        return not self.gates

    def fits(self, refusals: frozenset[tuple[str, str]]) -> bool:
        """Tell whether exactly these gates refused."""
        return {gate for gate, _said in refusals} == self.gates


def _acts(action: str = "switch", **more: object) -> Prepare:
    return lambda world: {"switch_action": action, **more}


def _after(change: Callable[[GateWorld], None], action: str = "switch", **more: object) -> Prepare:
    def prepare(world: GateWorld) -> Variables:
        change(world)
        return {"switch_action": action, **more}

    return prepare


def _asking_to_waive(gate: str, prepare: Prepare) -> Prepare:
    def prepared(world: GateWorld) -> Variables:
        incident = world.incident()
        asked = {"ops_override": gate, "ops_incident": incident, "ops_reason": "the site is down"}
        confirmed = f"toy/{world.where}/override"
        return {**prepare(world), **asked, "ops_override_confirm": confirmed}

    return prepared


def _policy(more: str) -> Callable[[GateWorld], None]:
    return lambda world: world.lives_in(world.where, more)


def _other_machine(world: GateWorld) -> None:
    world.lives_in("production", machine_id="0" * 32)


def _elsewhere(world: GateWorld) -> None:
    world.lives_in("lab", "component_probe: {url: 'https://example.com/health'}\n")


def _lab(world: GateWorld) -> None:
    world.lives_in("lab", "component_probe: {url: 'http://127.0.0.1:9/health'}\n")


def _foreign_platform(world: GateWorld) -> None:
    world.put(world.toy / "roles" / "switch" / "meta" / "runbook.yml", CONTRACT + ACTIONS + "platforms: [apprunner]\n")


def _own_platform(world: GateWorld) -> None:
    world.put(world.toy / "roles" / "switch" / "meta" / "runbook.yml", CONTRACT + ACTIONS + "platforms: [toy]\n")


def _ledger_gone(world: GateWorld) -> None:
    world.ledger.rename(world.base / "elsewhere")


SHUT = "ops_windows: [{name: once, zone: UTC, days: [first monday], from: '03:00', to: '03:01'}]\n"
FROZEN = "ops_freezes: [{name: always, from: 2020-01-01, to: 2090-01-01, zone: UTC, reason: audit}]\n"
THAWED = "ops_freezes: [{name: once, from: 2020-01-01, to: 2020-01-02, zone: UTC, reason: audit}]\n"
APPROVERS = "ops_approvers: {needed: 1, people: [ann, bob]}\n"
RAZE = {"ops_confirm": API}

# gate: (how it passes, how it refuses, whether an override may waive it)
GATES: Mapping[str, tuple[Prepare | None, Prepare, bool]] = {
    "policy": (_acts(), _acts(ops_windows="always"), False),
    "ledger": (_acts(), _after(_ledger_gone), False),
    "identity": (_acts(), _after(_other_machine), False),
    "lab": (_after(_lab), _after(_elsewhere), False),
    "platforms": (_after(_own_platform), _after(_foreign_platform), False),
    "lease": (_acts(), _after(lambda world: world.lease()), False),
    "hold": (_acts(), _after(lambda world: world.hold()), True),
    "wish": (_acts("wish", switch_wish="x"), _acts("wish"), False),
    "window": (_after(_policy("ops_windows: always\n"), "disrupt"), _after(_policy(SHUT), "disrupt"), True),
    "freeze": (_after(_policy(THAWED), "ship"), _after(_policy(FROZEN), "ship"), True),
    "approval": (_acts(), _after(_policy(APPROVERS)), True),
    # what destroys needs a backup too, which no runbook can prove yet
    "backup": (None, _after(_policy("ops_windows: always\n"), "raze", **RAZE), True),
    "confirm": (None, _asking_to_waive("backup", _after(_policy("ops_windows: always\n"), "raze")), False),
}


def _cells() -> list[Cell]:
    found = []
    for gate, (passes, refuses, waivable) in GATES.items():
        if passes:
            found.append(Cell(f"{gate} passes", PASS, passes))
        found.append(Cell(f"{gate} refuses", REFUSE, refuses, frozenset({gate})))
        if gate in ("ledger", "confirm"):
            # without a ledger no incident can be looked up; confirm's own world waives another gate already
            continue
        # whose policy it is must be known before any other gate is asked
        kept = frozenset() if waivable else frozenset({gate} if gate == "policy" else {gate, "override"})
        found.append(Cell(f"{gate} overridden", OVERRIDE, _asking_to_waive(gate, refuses), kept))
    return found


CELLS = _cells()
