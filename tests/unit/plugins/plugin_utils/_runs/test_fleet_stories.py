"""Random stories of a fleet under the real front end: shares, rollbacks and kills, against what a person expects."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Batch
from ansible_collections.steady.ops.plugins.plugin_utils._runs.unit_gate import course_of_play
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Course, Unit
from tests import unit_world
from tests.release_world import Killed
from tests.unit_model import Part, UnitModel
from tests.unit_world import UnitWorld

HOSTS = ("api-1", "api-2", "api-3", "api-4")
GOOD = ("a", "b", "c", "d", "e")
ODD = {f"bad-{host}": host for host in HOSTS}
STORIES = 60


class Story:
    """One story; what a person expects of a share is written here once more, in terms of what serves."""

    def __init__(self, seed: int, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        self.batch = ""
        self.lines: list[str] = []
        monkeypatch.setattr(unit_world, "course_of_run", self._course)
        self.world, self.model = UnitWorld(page), UnitModel()
        # in the order in which they came to a fleet that did not serve them
        self.arrived = ["a"]
        self.tried = {name: set[str]() for name in (*GOOD, *ODD)}
        self.tried["a"], self.last = set(HOSTS), ""
        for host in HOSTS:
            behaviour = {name: "bad" if ODD.get(name) == host else "good" for name in (*GOOD, *ODD)}
            self.world.add(host, "a", behaviour)
            self.model.parts[host] = Part(
                frozenset(name for name in behaviour if behaviour[name] == "good"), serving="a"
            )
        assert not self.world.run("adopt")["failed"]
        for part in self.model.parts.values():
            part.adopt()

    def _course(self, wanted: Unit, records: Any) -> Course:
        fleets = dict.fromkeys(wanted.members, "api")
        return course_of_play(wanted, fleets, Batch("deploy_batch", self.batch) if self.batch else None, records)

    def play(self) -> None:
        for _step in range(self.chance.randrange(2, 9)):
            what = self.chance.choice(("deploy", "deploy", "deploy", "rollback"))
            self.deploy() if what == "deploy" else self.rollback()
        self.killed()

    def deploy(self) -> None:
        name = self.chance.choice((*GOOD, *GOOD, *ODD, *self.arrived[-1:] * 6))
        self.batch = self.chance.choice(("1", "2", "50%", "4", ""))
        chosen = self._chosen(name)
        before = self.world.serving()
        green = self.model.deploy(name, *chosen)
        self._agrees(f"deploy {name} by {self.batch}", self._run("deploy", release=name), green)
        self._note(name, before, chosen, green)

    def _chosen(self, name: str) -> list[str]:
        size = {"": 4, "50%": 2}.get(self.batch) or int(self.batch)
        serves = [host for host, serving in self.model.serving().items() if serving == name]
        rest = [host for host in HOSTS if host not in serves]
        return [*serves, *rest[:size]]

    def _note(self, name: str, before: dict[str, str], chosen: list[str], green: bool) -> None:
        if not green and not any(self.model.parts[host].may_deploy(name) for host in chosen):
            return
        order = [host for host in HOSTS if host in chosen and before[host] != name]
        bad = ODD.get(name, "")
        reached = order[: order.index(bad) + 1] if bad in order else order
        if reached:
            self.tried[name] |= set(reached)
            self.last = name
        if green and name not in before.values():
            self.arrived = [other for other in self.arrived if other != name] + [name]

    def rollback(self) -> None:
        self.batch = ""
        serving = self.model.serving()
        newest = next(name for name in reversed(self.arrived) if name in serving.values())
        takes = [host for host in HOSTS if serving[host] == newest]
        nothing = self.last and self.last not in serving.values() and self.tried[self.last] != set(HOSTS)
        result = self._run("rollback")
        green = not nothing and self.model.rollback(*takes)
        self._agrees(f"rollback of {newest}", result, green)
        if nothing:
            assert "there is nothing to bring back" in result["msg"], self._told(str(result))
        if green:
            self.last = newest

    def killed(self) -> None:
        """A killed share, then the same again or a bare rollback: no host goes further back than where it was."""
        before = self.world.serving()
        name = self.chance.choice([one for one in GOOD if one not in (self.last, *list(before.values())[:1])])
        self.batch = self.chance.choice(("1", "2", "50%"))
        chosen = self._chosen(name)
        self.world.effects, self.world.kill_after = 0, self.chance.randrange(1, 90)
        with contextlib.suppress(Killed):
            self._run("deploy", release=name)
        self.world.kill_after = None
        self.world.clock.sleep(self.chance.choice([0.0, 20.0, 200.0]))
        run = f"run-{self.world.runs}"
        begun = any(record["kind"] == "intent" and record["run"] == run for record in self.world.records)
        if self.chance.random() < 0.5:
            result = self._run("deploy", release=name)
            assert not result["failed"], self._told(f"killed {name} by {self.batch}, then the same: {result}")
            after = self.world.serving()
            assert all(after[host] == name for host in chosen), self._told(f"{after} serve, {chosen} were taken")
            others = [host for host in HOSTS if after[host] != name]
            assert all(after[host] == before[host] for host in others), self._told(f"{before}, then {after}")
        elif begun:
            self._rolled_back(name, before)
        else:
            self.rollback()

    def _rolled_back(self, name: str, before: dict[str, str]) -> None:
        self.batch = ""
        result = self._run("rollback")
        after = self.world.serving()
        told = self._told(f"killed {name}: {before}, then {after}: {result}")
        for host in HOSTS:
            if before[host] != name:
                assert after[host] == before[host], told
            elif not result["failed"]:
                assert after[host] != name, told
        assert not result["failed"] or name not in after.values() or name in before.values(), told

    def _run(self, action: str, **wish: str) -> dict[str, Any]:
        return dict(self.world.run(action, **wish))

    def _agrees(self, what: str, result: dict[str, Any], green: bool) -> None:
        self.lines.append(f"{what}: {self.world.serving()}")
        assert result["failed"] is not green, self._told(f"the model is {'green' if green else 'red'}: {result}")
        assert self.world.serving() == self.model.serving(), self._told(f"the model: {self.model.serving()}: {result}")

    def _told(self, what: str) -> str:
        return "\n".join([*self.lines, what])


@pytest.mark.parametrize("seed", range(STORIES))
def test_a_fleet_is_where_a_person_expects_it(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Story(seed, tmp_path / "lease.json", monkeypatch).play()
