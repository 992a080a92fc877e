"""Random sequences over real directories, links and processes, beside the independent model of tests/release_model.py.

The world is tests/unit/plugins/module_utils/_platform/release_dir/machine.py: the real platform and engine on a real
disk with real processes, systemd imitated, time virtual. Deploys (good and bad), rollbacks, other hands that switch the
link and restart, and runs that are killed at any boundary and followed by the same command.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.release_model import Model
from tests.soak.plugin import Criterion
from tests.unit.plugins.module_utils._platform.release_dir.machine import Machine

CRITERION = {
    "count": 1000,
    "sample": 20,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_platform/release_dir",
        "plugins/module_utils/_release",
        "tests/release_model.py",
        "tests/release_world.py",
        "tests/unit/plugins/module_utils/_platform/release_dir/machine.py",
    ],
}

GOOD = {"a": "good", "b": "good", "c": "good", "d": "late"}
BAD = {"v": "bad", "w": "crash", "x": "loop", "y": "hang", "z": "later"}
KINDS = ("deploy", "deploy", "deploy", "rollback", "rollback", "outside", "killed", "killed back")
LENGTH = 6
BOUNDARIES = 140


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ten sequences a test."""
    if "first" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        metafunc.parametrize("first", range(0, int(str(CRITERION["count" if full else "sample"])), 10))


def test_every_sequence_ends_where_the_model_does(
    first: int, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    for number in range(first, first + 10):
        with machine() as world:
            run_sequence(world, random.Random(criterion.seed * 100_003 + number), count_outcome)
        count_outcome("sequence agreed")


@contextmanager
def machine() -> Iterator[Machine]:
    """Return a machine of its own, and leave nothing of it."""
    with pytest.MonkeyPatch.context() as patch:
        place = Path(tempfile.mkdtemp(prefix="steady-sequence-"))
        made = Machine(place, patch)
        try:
            yield made
        finally:
            made.close()
            shutil.rmtree(place)


def run_sequence(world: Machine, chance: random.Random, count: Callable[[str], None]) -> None:
    """Play one sequence; after every command the world must be where the model is."""
    for name, behaviour in {**GOOD, **BAD}.items():
        world.pack(name, behaviour)
    model, story = Model(frozenset(GOOD), serving="a"), ["first a"]
    assert not world.run(release="a", without_way_back=True)["failed"]
    model.adopt()
    for _step in range(LENGTH):
        what, name = chance.choice(KINDS), chance.choice([*GOOD, *GOOD, *BAD])
        story.append(f"{what} {name}")
        play(world, model, what, name, chance)
        count(what)
        compare(world, model, ", ".join(story))


def play(world: Machine, model: Model, what: str, name: str, chance: random.Random) -> None:
    """One command, to the world and to the model."""
    if what == "outside":
        name = name if name in ("a", "b", "c") else model.serving
        # one that comes up late only does when somebody looks at it
        if GOOD[name] == "good" and (world.base / "releases" / world.id(name)).is_dir():
            layout = world.platform().layout
            layout.put_link(layout.make_link(layout.releases / world.id(name)))
            world.unit.restart()
            model.outside(name)
    elif what == "deploy":
        world.run(release=name)
        model.deploy(name)
    elif what == "rollback":
        world.run("rollback")
        model.rollback()
    elif what == "killed":
        if name == model.serving:
            return
        kill(world, chance, release=name)
        if is_settled(world) and verdicts(world).get(name) == "failed":
            # a run that was recorded whole before it died is one change, the next is another
            model.deploy(name)
        world.run(release=name)
        model.deploy(name)
    elif model.target() is not None and model.serving in model.verdicts:
        left = model.serving
        kill(world, chance, action="rollback")
        world.run("rollback", rollback_from=world.id(left))
        model.rollback()


def kill(world: Machine, chance: random.Random, **options: Any) -> None:
    """Begin a run and end it at a boundary."""
    with world.killed_at(chance.randrange(BOUNDARIES)):
        world.run(**options)


def is_settled(world: Machine) -> bool:
    """Tell whether no intent is open."""
    return [record for record in world.records if record["kind"] == "intent"][-1]["state"] == "settled"


def verdicts(world: Machine) -> dict[str, str]:
    """Read the last verdicts from the ledger, by name."""
    names = {world.id(name): name for name in world.artefacts}
    return {
        names[str(record["release"])]: str(record["verdict"]) for record in world.records if record["kind"] == "verdict"
    }


def compare(world: Machine, model: Model, story: str) -> None:
    """After every command the world must be where the model is."""
    assert world.serves == model.serving, f"after {story}: {world.serves or 'nothing'} serves, not {model.serving}"
    assert world.linked == world.id(model.serving), f"after {story}: the link leads to {world.linked}"
    assert verdicts(world) == model.verdicts, f"after {story}"
    assert is_settled(world), f"after {story}: an intent is open"
    half = [path.name for path in world.base.rglob("*partial-*")]
    assert not half or "killed" in story, f"after {story}: {half}"
