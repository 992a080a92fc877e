"""Random sequences of deploys, kills, outside changes and rollbacks against the independent model (virtual time)."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

from tests.release_model import Model
from tests.release_world import Killed, World, digest_of, drive, history_of
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 1000,
    "sample": 300,
    "seed": 20261121,
    "covers": ["plugins/module_utils/_release", "tests/release_model.py", "tests/release_world.py"],
}

GOOD = ("a", "b", "c", "d", "e", "f")
BAD = {"v": "bad", "w": "reverts", "x": "fails", "y": "bad"}
LENGTH = 14
OTHER = ("killed, then rollback", "killed, then another", "killed back, then deploy")
ENDS_BADLY = ("reverts", "fails")
TWICE = ("killed twice, then the first", "killed twice, then rollback")


def test_every_sequence_ends_where_the_model_does(criterion: Criterion, count_outcome: Callable[[str], None]) -> None:
    for number in range(criterion.cases):
        story: list[str] = []
        run_sequence(random.Random(criterion.seed * 100_003 + number), story, count_outcome)
        count_outcome("sequence agreed")


def run_sequence(chance: random.Random, story: list[str], count: Callable[[str], None]) -> None:
    """Play one sequence; after every command the world must be where the model is."""
    world = World(configured="a", behaviour={**dict.fromkeys(GOOD, "good"), **BAD})
    model = Model(frozenset(GOOD), serving="a")
    drive(world, action="adopt")
    model.adopt()
    for _step in range(LENGTH):
        name = chance.choice([*GOOD, *GOOD, *BAD])
        what = chance.choice(
            ["deploy", "deploy", "deploy", "rollback", "rollback", "outside", "killed", "killed back", *OTHER, *TWICE]
        )
        story.append(f"{what} {name}")
        _play(world, model, what, name, chance)
        count(what)
        _compare(world, model, story)


def _play(world: World, model: Model, what: str, name: str, chance: random.Random) -> None:
    if what == "outside":
        world.outside(name)
        model.outside(world.configured)
    elif what == "deploy":
        drive(world, release=name)
        model.deploy(name)
    elif what == "rollback":
        drive(world, action="rollback")
        model.rollback()
    elif what in OTHER:
        _killed_and_left(world, model, what, name, chance)
    elif what in TWICE:
        _killed_twice(world, model, what, name, chance)
    elif what == "killed":
        if name == model.serving or not _has_way_back(model):
            return
        _killed(world, chance, release=name)
        drive(world, release=name)
        model.deploy(name)
    else:
        left = model.serving
        if model.target() is None or (left not in model.verdicts and left not in model.good):
            return
        _killed(world, chance, action="rollback")
        if history_of(world).releases.get(_id(left)) is None:
            drive(world, action="rollback")
        else:
            drive(world, action="rollback", rollback_from=_id(left))
        model.rollback()


def _killed_and_left(world: World, model: Model, what: str, name: str, chance: random.Random) -> None:
    """A run is killed and somebody gives another command: what the killed run began is settled first."""
    left, back = model.serving, what.startswith("killed back")
    if left not in model.good or left == name or (back and model.target() is None):
        return
    target = model.target() if back else name
    begun = len(world.operations)
    _killed(world, chance, **({"action": "rollback"} if back else {"release": name}))
    began = len(world.operations) > begun
    ended = began and history_of(world).intent is None
    if ended:
        model.rollback() if back else model.deploy(name)
    elif back:
        model.rollback() if began else None
    elif began:
        model.put_back(name, failed=_judged(world, name, begun))
    another = chance.choice([other for other in GOOD if other not in (name, left, target)])
    if what == "killed, then rollback":
        drive(world, action="rollback")
        if ended or not began:
            model.rollback()
    else:
        drive(world, release=another)
        model.deploy(another)


def _judged(world: World, name: str, begun: int) -> bool:
    """Tell whether the platform ends the deploy badly, or the killed run had begun to undo it.

    :param begun: the number of operations before the killed run.
    """
    of_it = world.operations[begun:]
    world.advance()
    ended_badly = of_it[0]["status"] != "RUNNING" and world.configured != name
    return len(of_it) > 1 or ended_badly or (of_it[0]["status"] == "RUNNING" and world.behaviour[name] in ENDS_BADLY)


def _killed_twice(world: World, model: Model, what: str, name: str, chance: random.Random) -> None:
    """A deploy is killed, another one that puts it back is killed too, and then one is carried through."""
    left = model.serving
    if left not in model.good or left == name:
        return
    begun = len(world.operations)
    _killed(world, chance, release=name)
    if len(world.operations) == begun or history_of(world).intent is None:
        # nothing is left open: the other stories tell what follows
        drive(world, release=name)
        model.deploy(name)
        return
    failed = _judged(world, name, begun)
    another = chance.choice([other for other in GOOD if other not in (name, left)])
    put_back_from = len(world.operations)
    _killed(world, chance, release=another)
    open_one = history_of(world).intent
    if open_one is None or open_one.after.digest != digest_of(name):
        # the second run had settled the first one and was about its own wish
        drive(world, release=another)
        model.put_back(name, failed=failed)
        model.deploy(another)
    elif what == "killed twice, then the first":
        drive(world, release=name)
        model.deploy(name)
    else:
        put_back_began = len(world.operations) > put_back_from
        failed = not put_back_began and _judged(world, name, begun)
        drive(world, action="rollback")
        model.put_back(name, failed=failed)


def _has_way_back(model: Model) -> bool:
    return model.serving in model.good or model.target() is not None


def _id(name: str) -> str:
    return digest_of(name).rpartition(":")[2][:12]


def _killed(world: World, chance: random.Random, **options: object) -> None:
    """Begin a run and end it at a random effect; its operation goes on without it."""
    world.effects, world.kill_after = 0, chance.randrange(1, 40)
    with contextlib.suppress(Killed):
        drive(world, **options)
    world.kill_after = None
    world.clock.sleep(chance.choice([0.0, 20.0, 200.0]))


def _compare(world: World, model: Model, story: list[str]) -> None:
    told = ", ".join(story)
    world.advance()
    history = history_of(world)
    assert world.configured == model.serving, f"after {told}: {world.configured} serves, the model says {model.serving}"
    verdicts = {world.name_of(history.releases[id].digest): word for id, (word, _why) in history.verdicts.items()}
    assert verdicts == model.verdicts, f"after {told}"
    best = next(iter(history.eligible(_id(world.configured))), None)
    target = world.name_of(best.digest) if best else None
    assert target == model.target(), f"after {told}: a rollback would go to {target}, the model says {model.target()}"
    assert history.intent is None, f"after {told}: an intent is open"
    running = [operation for operation in world.operations if operation["status"] == "RUNNING"]
    assert not running, f"after {told}: {running}"
