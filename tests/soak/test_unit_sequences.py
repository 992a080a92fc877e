"""Random sequences of commands over two or three components as one unit, killed at any effect, against the model."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.release_world import Killed, digest_of
from tests.soak.plugin import Criterion
from tests.unit_model import Part, UnitModel
from tests.unit_world import Member, UnitWorld

CRITERION = {
    "count": 300,
    "sample": 60,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_release",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/membership.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "plugins/plugin_utils/_runs/shapes.py",
        "plugins/plugin_utils/_runs/units.py",
        "tests/release_model.py",
        "tests/release_world.py",
        "tests/unit_model.py",
        "tests/unit_world.py",
    ],
}

GOOD = ("a", "b", "c", "d", "e", "f")
MEMBERS = ("web", "api", "jobs")
# a release that passes everywhere but on one component
ODD = {f"{how[0]}-{member}": (member, how) for member in MEMBERS for how in ("bad", "reverts", "fails")}
LENGTH = 12
PLAIN = ("deploy", "deploy", "deploy", "rollback", "rollback", "outside", "rot", "part")
KILLED = (
    "killed, then the same",
    "killed, then another",
    "killed, then rollback",
    "killed back, then rollback",
    "killed back, then deploy",
    "killed twice, then the same",
    "killed, put back killed, then another",
    "killed, changed outside, then another",
    "killed, changed outside, then rollback",
    "undo refused, then the same",
    "undo refused, then another",
    "undo refused, then rollback",
)


def test_every_sequence_ends_where_the_model_does(
    criterion: Criterion, count_outcome: Callable[[str], None], tmp_path: Path
) -> None:
    for number in range(criterion.cases):
        Sequence(random.Random(criterion.seed * 100_003 + number), tmp_path / "lease.json", count_outcome).play()
        count_outcome("sequence agreed")


class Sequence:
    """One sequence; after every command that was not killed the world must be where the model is."""

    def __init__(self, chance: random.Random, page: Path, count: Callable[[str], None]) -> None:
        self.chance, self.count = chance, count
        self.story: list[str] = []
        self.world, self.model = UnitWorld(page), UnitModel()
        for member in MEMBERS[: chance.choice([2, 2, 3])]:
            behaviour = dict.fromkeys((*GOOD, *ODD), "good")
            behaviour.update({name: how for name, (where, how) in ODD.items() if where == member})
            self.world.add(member, "a", behaviour)
            returns = frozenset(name for name, how in behaviour.items() if how == "reverts")
            good = frozenset(name for name, how in behaviour.items() if how == "good")
            self.model.parts[member] = Part(good, serving="a", returns=returns)
        assert not self.world.run("adopt")["failed"]
        for part in self.model.parts.values():
            part.adopt()

    def play(self) -> None:
        for _step in range(LENGTH):
            name = self.chance.choice([*GOOD, *GOOD, *ODD])
            what = self.chance.choice([*PLAIN, *KILLED])
            if what in KILLED and not self._all_well(back="rollback" in what or "back," in what):
                continue
            self.story.append(f"{what} {name}")
            if what in KILLED:
                self._killed_story(what, name)
            else:
                self._plain(what, name)
            self.count(what)

    def _plain(self, what: str, name: str) -> None:
        member = self.chance.choice(list(self.model.parts))
        part, truth = self.model.parts[member], self.world.members[member]
        if what == "outside":
            truth.outside(name)
            self._mark(truth)
            part.outside(truth.configured)
        elif what == "rot":
            # what passed once fails from now on, or passes again
            rots = name in part.good
            part.good = part.good - {name} if rots else part.good | {name}
            part.returns = part.returns - {name}
            truth.behaviour[name] = "bad" if rots else "good"
        elif what == "rollback":
            self._agrees(self.world.run("rollback"), self.model.rollback())
        elif what == "part":
            self._agrees(self.world.run("deploy", member, release=name), self.model.deploy(name, member))
        else:
            self._agrees(self.world.run("deploy", release=name), self.model.deploy(name))

    def _killed_story(self, what: str, name: str) -> None:
        others = self._well_everywhere(name)
        if len(others) < 4:
            return
        another = self.chance.choice(others)
        back = what.startswith("killed back")
        if what.startswith("undo refused"):
            self._undo_refused(what, another)
            return
        for _time in range(2 if what == "killed twice, then the same" else 1):
            self._kill("rollback") if back else self._kill("deploy", release=name)
        if what == "killed, put back killed, then another":
            self._put_back_killed(name, another)
        elif what.startswith("killed, changed outside"):
            self._changed_outside(what, name, another)
        elif back:
            self._after_killed_rollback(what, another)
        elif what in ("killed, then the same", "killed twice, then the same"):
            self._agrees(self.world.run("deploy", release=name), self.model.deploy(name), verdicts=False)
        else:
            self._after_killed_deploy(what, name, another)
        self._learn()

    def _after_killed_deploy(self, what: str, name: str, another: str) -> None:
        open_one = self._open_units()
        if not open_one:
            self._catch_up(lambda: self.model.deploy(name))
        if what == "killed, then another":
            result = self.world.run("deploy", release=another)
            self._agrees(result, self.model.deploy(another), verdicts=False)
        elif open_one:
            self._agrees(self.world.run("rollback"), True, verdicts=False)
        else:
            self._learn()
            self._agrees(self.world.run("rollback"), self.model.rollback(), verdicts=False)

    def _after_killed_rollback(self, what: str, another: str) -> None:
        targets = {member: part.target() for member, part in self.model.parts.items()}
        if any(target not in self.model.parts[member].good for member, target in targets.items()):
            # which of the older ones comes next depends on what the killed run had found out
            result = self.world.run("rollback" if what.endswith("rollback") else "deploy", **self._wish(what, another))
            self._is_whole(result, {another})
            return
        open_one = self._open_units()
        if open_one:
            assert self.model.rollback()
        else:
            self._catch_up(self.model.rollback)
            self._learn()
        if what.endswith("deploy"):
            result = self.world.run("deploy", release=another)
            self._agrees(result, self.model.deploy(another), verdicts=False)
        else:
            expected = True if open_one else self.model.rollback()
            self._agrees(self.world.run("rollback"), expected, verdicts=False)

    def _put_back_killed(self, name: str, another: str) -> None:
        self._kill("deploy", release=another)
        third = self.chance.choice([one for one in self._well_everywhere(name) if one != another])
        result = self.world.run("deploy", release=third)
        self._agrees(result, self.model.deploy(third), verdicts=False, exact=not result["failed"])

    def _changed_outside(self, what: str, name: str, another: str) -> None:
        member = self.chance.choice(list(self.world.members))
        truth = self.world.members[member]
        truth.clock.sleep(200.0)
        truth.advance()
        # the killed run's own release nobody could tell from its own
        theirs = self.chance.choice(
            [one for one in self._well_everywhere(another) if one not in (name, truth.configured)]
        )
        truth.outside(theirs)
        self._mark(truth)
        owed = self._open_units()
        if what.endswith("rollback"):
            self.world.run("rollback")
            if owed:
                assert truth.configured == theirs, self._told(f"{theirs} of another tool was undone on {member}")
        else:
            first = self.world.run("deploy", release=another)
            if first["failed"]:
                assert owed, self._told(f"red without anything owed: {first}")
                assert truth.configured == theirs, self._told(f"{theirs} of another tool was undone on {member}")
                self._at_rest()
                first = self.world.run("deploy", release=another)
            assert not first["failed"], self._told(f"another tool's change is in the way for good: {first}")
            assert set(self.world.serving().values()) == {another}, self._told(str(self.world.serving()))
        self._at_rest()

    def _undo_refused(self, what: str, another: str) -> None:
        """The last component does not pass, and the provider lets the first one not go back for a while."""
        first, last = (list(self.world.members)[end] for end in (0, -1))
        name, truth = self.chance.choice([odd for odd in ODD if odd.endswith(last)]), self.world.members[first]
        if not all(part.may_deploy(name) and part.serving != name for part in self.model.parts.values()):
            return
        if name not in self.model.parts[first].good or name in self.model.parts[last].good:
            return
        was = truth.configured
        truth.refuses = {was}
        result = self.world.run("deploy", release=name)
        assert result["failed"], self._told("nothing could be put back and the run is green")
        assert self._open_units(), self._told("a switch that stands was forgotten")
        assert f"{first} STILL serves" in str(result["unit_told"]), self._told(str(result))
        assert truth.configured == name, self._told(f"{first} serves {truth.configured}")
        if self.chance.random() < 0.5:
            assert self.world.run("deploy", release=another)["failed"], self._told("green over an open unit")
            assert self._open_units(), self._told("a switch that stands was forgotten")
        truth.refuses = set()
        assert not self.model.deploy(name)
        if what.endswith("rollback"):
            self._agrees(self.world.run("rollback"), True, verdicts=False)
        elif what.endswith("another"):
            self._agrees(self.world.run("deploy", release=another), self.model.deploy(another), verdicts=False)
        else:
            self._agrees(self.world.run("deploy", release=name), False, verdicts=False)
        self._learn()

    @staticmethod
    def _wish(what: str, another: str) -> dict[str, str]:
        return {"release": another} if what.endswith("deploy") else {}

    def _kill(self, action: str, **wish: str) -> None:
        """Begin a run and end it at a random effect; its operation goes on without it."""
        self.world.effects, self.world.kill_after = 0, self.chance.randrange(1, 120)
        with contextlib.suppress(Killed):
            self.world.run(action, **wish)
        self.world.kill_after = None
        self.world.clock.sleep(self.chance.choice([0.0, 20.0, 200.0]))

    def _catch_up(self, change: Callable[[], object]) -> None:
        """The killed run was at its end, or had not begun."""
        if self.world.serving() != self.model.serving() or self._ended():
            change()

    def _ended(self) -> bool:
        units = [record for record in self.world.records if record["kind"] == "unit"]
        return bool(units) and units[-1]["run"] == f"run-{self.world.runs}"

    def _open_units(self) -> bool:
        units = [record for record in self.world.records if record["kind"] == "unit"]
        return bool(units) and units[-1]["state"] == "open"

    def _well_everywhere(self, name: str) -> list[str]:
        """Return the releases that pass on all components, beside that one and what serves."""
        parts = self.model.parts.values()
        taken = {name, *(part.serving for part in parts)}
        return [other for other in GOOD if other not in taken and all(other in part.good for part in parts)]

    def _all_well(self, *, back: bool) -> bool:
        return all(part.serving in part.good and (part.target() or not back) for part in self.model.parts.values())

    def _agrees(self, result: dict[str, Any], green: bool, *, verdicts: bool = True, exact: bool = True) -> None:
        if exact:
            assert result["failed"] is not green, self._told(f"the model is {'green' if green else 'red'}: {result}")
            assert self.world.serving() == self.model.serving(), self._told(
                f"{self.world.serving()} serve, the model says {self.model.serving()}: {result}"
            )
        self._at_rest()
        if not verdicts:
            return
        for member, part in self.model.parts.items():
            seen = self._seen(member)
            assert seen.verdicts == part.verdicts, self._told(f"verdicts of {member}: {seen.verdicts} {part.verdicts}")
            assert seen.target() == part.target(), self._told(f"{member} goes back to {seen.target()}")
            moves = len(self.world.members[member].operations)
            assert moves == part.switches + self._others(member), self._told(f"{member} was switched {moves} times")

    def _is_whole(self, result: dict[str, Any], wanted: set[str]) -> None:
        serving = self.world.serving()
        before = self.model.serving()
        behaves = all(self.world.members[member].behaviour[name] == "good" for member, name in serving.items())
        assert behaves, self._told(f"{serving} serve: {result}")
        if result["failed"]:
            assert serving == before, self._told(f"{serving} serve, {before} did: {result}")
        self._at_rest()

    def _at_rest(self) -> None:
        assert not self._open_units(), self._told("a unit is open")
        for name, member in self.world.members.items():
            own = [r for r in self.world.records if r["kind"] == "intent" and name in r["components"]]  # type: ignore[operator]
            assert not own or own[-1]["state"] == "settled", self._told(f"an intent of {name} is open")
            assert all(o["status"] != "RUNNING" for o in member.operations), self._told(f"{name} is in motion")
            twice = [o for o in member.operations if o["from"] == o["to"] and not o.get("outside")]
            assert not twice, self._told(f"{name} was switched to what it served: {twice}")

    def _learn(self) -> None:
        """Take over what a killed run left in the ledger; where it ends is what the model is asked for."""
        for member, part in self.model.parts.items():
            seen = self._seen(member)
            part.served, part.verdicts = seen.served, seen.verdicts
            part.serving = self.world.serving()[member]
            part.switches = len(self.world.members[member].operations) - self._others(member)

    def _seen(self, member: str) -> Part:
        """Read the ledger's words about a component, without the collection's help."""
        names = {digest_of(name)[7:19]: name for name in self.world.members[member].behaviour}
        part = self.model.parts[member]
        found = Part(part.good, serving=self.world.members[member].configured)
        for record in self.world.records:
            if record.get("component") != member:
                continue
            name = names[str(record.get("release") or record.get("id"))]
            if record["kind"] == "served":
                found.served.append(name)
            elif record["kind"] == "verdict":
                found.verdicts[name] = str(record["verdict"])
        return found

    @staticmethod
    def _mark(truth: Member) -> None:
        truth.operations[-1]["outside"] = True

    def _others(self, member: str) -> int:
        return sum(1 for operation in self.world.members[member].operations if operation.get("outside"))

    def _told(self, what: str) -> str:
        return f"after {', '.join(self.story)}: {what}"
