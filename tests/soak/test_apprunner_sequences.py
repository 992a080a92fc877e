"""Random sequences over the real fake with real processes, beside the independent model of tests/release_model.py.

The same kinds of command as tests/soak/test_release_sequences.py plays on virtual time, here with processes that really
serve, a ledger on disk and runs that are really killed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.arena import REPOSITORY, SERVICE, Arena, probe_of
from tests.release_model import Model
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 20,
    "sample": 2,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_deploy.py",
        "plugins/module_utils/_hooks.py",
        "plugins/module_utils/_http",
        "plugins/module_utils/_own_command.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/module_utils/_platform/apprunner",
        "plugins/module_utils/_release",
        "plugins/modules/apprunner_deploy.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "lab/app",
        "lab/fakes/apprunner",
        "tests/faults",
        "tests/release_model.py",
    ],
}

GOOD = ("1.0.0", "1.1.0", "1.2.0", "1.3.0")
# not wrong_version: nobody can know which version a release should state that another tool put there
BAD = {"2.0.0": "not_ready", "2.1.0": "crash", "2.2.0": "errors"}
KINDS = ("deploy", "deploy", "deploy", "rollback", "rollback", "outside", "killed", "killed back")
LENGTH = 8


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each sequence."""
    if "number" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        metafunc.parametrize("number", range(int(str(CRITERION["count" if full else "sample"]))))


def test_the_sequence_ends_where_the_model_does(
    number: int, arena: Arena, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    chance = random.Random(criterion.seed * 100_003 + number)
    for version, behaviour in {**dict.fromkeys(GOOD, "ok"), **BAD}.items():
        arena.push(version, behaviour)
    model, told = Model(frozenset(GOOD), serving="1.0.0"), ["adopt"]
    arena.adopted()
    arena.probe = probe_of(
        arena.probe["url"].partition("/api/")[0], stability_seconds=0.1, interval_seconds=0.1, deadline_seconds=0.8
    )
    model.adopt()
    for _step in range(LENGTH):
        what, name = chance.choice(KINDS), chance.choice([*GOOD, *GOOD, *BAD])
        told.append(f"{what} {name}")
        play(arena, model, what, name, chance)
        count_outcome(what)
        compare(arena, model, told)
    count_outcome("sequence agreed")


def play(arena: Arena, model: Model, what: str, name: str, chance: random.Random) -> None:
    """One command, to the world and to the model."""
    if what == "outside":
        # another tool that deploys what does not start keeps the old one: the platform reverts it
        name = name if BAD.get(name) != "crash" else "1.1.0"
        arena.control.outside(SERVICE, image=f"{REPOSITORY}:{name}")
        arena.control.wait(SERVICE)
        model.outside(name)
    elif what == "deploy":
        arena.conduct(release=name)
        model.deploy(name)
    elif what == "rollback":
        arena.conduct(state="rolled_back")
        model.rollback()
    elif what == "killed":
        if name == model.serving or not (model.serving in model.good or model.target()):
            return
        kill(arena, chance, release=name)
        # a run that was recorded whole before it died is one change, the next is another
        if arena.observer.verdict(arena.digest(name)) == "failed" and not arena.observer.intent_is_open():
            model.deploy(name)
        arena.conduct(release=name)
        model.deploy(name)
    elif model.target() is not None and (model.serving in model.verdicts or model.serving in model.good):
        left = model.serving
        kill(arena, chance, state="rolled_back")
        known = arena.digest(left)[7:19] in {record.get("id") for record in arena.observer.records()}
        arena.conduct(state="rolled_back", **({"rollback_from": arena.digest(left)[7:19]} if known else {}))
        model.rollback()


def kill(arena: Arena, chance: random.Random, **job: str) -> None:
    """Begin a run and end it at a random moment; what it began goes on without it."""
    running = arena.begin(**job)
    time.sleep(chance.uniform(0.0, 2.5))
    running.kill()
    time.sleep(chance.choice([0.0, 0.3, 1.2]))


def compare(arena: Arena, model: Model, told: list[str]) -> None:
    """After every command the world must be where the model is."""
    story, observer = ", ".join(told), arena.observer
    truth = arena.control.wait(SERVICE)
    names = {arena.digest(name): name for name in (*GOOD, *BAD)}
    assert names[truth["serving_digest"]] == model.serving, f"after {story}: the model says {model.serving}"
    verdicts = {name: word for digest, name in names.items() if (word := observer.verdict(digest))}
    assert verdicts == model.verdicts, f"after {story}"
    assert not observer.intent_is_open(), f"after {story}: an intent is open"
    target = model.target()
    planned = arena.conduct(state="rolled_back", job_check=True)
    if target is None:
        assert planned["failed"], f"after {story}: a rollback would go to {planned['release']}, the model knows none"
    else:
        assert not planned["failed"], f"after {story}: the model would go back to {target}: {planned['msg']}"
        assert names[planned["release"]["digest"]] == target, f"after {story}: the model would go back to {target}"
