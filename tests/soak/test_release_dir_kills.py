"""Runs killed at every boundary and at random moments: the next run settles what they left.

Two kinds of death, both counted. Boundaries: the world of the sequences (real disk and processes, systemd imitated,
time virtual); the run ends by a C(BaseException) before or after each change of the disk, each call of the supervisor,
each look at the application and each record of the ledger, of which there are a hundred and more. Kernel: a process of
its own with the real front end, ledger and module over the real sample application is ended by SIGKILL, in turn at one
of its boundaries and after a random time. The same command is given again and must end where an unbroken run ends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults_release_dir.arena import Driver
from tests.faults_release_dir.arena import Machine as RealMachine
from tests.soak.plugin import Criterion
from tests.soak.test_release_dir_sequences import is_settled, machine, verdicts
from tests.unit.plugins.module_utils._platform.release_dir.machine import Machine

CRITERION = {
    "count": 200,
    "sample": 10,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_deploy.py",
        "plugins/module_utils/_hooks.py",
        "plugins/module_utils/_http",
        "plugins/module_utils/_own_command.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/module_utils/_platform/release_dir",
        "plugins/module_utils/_release",
        "plugins/modules/release_dir_deploy.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "lab/app",
        "tests/faults/arena.py",
        "tests/faults/driver.py",
        "tests/faults/observer.py",
        "tests/faults_release_dir/arena.py",
        "tests/faults_release_dir/driver.py",
        "tests/faults_release_dir/observer.py",
        "tests/faults_release_dir/supervise.py",
        "tests/release_world.py",
        "tests/soak/test_release_dir_sequences.py",
        "tests/unit/plugins/module_utils/_platform/release_dir/machine.py",
    ],
}

STORIES = ("deploy", "bad deploy", "silent deploy", "rollback")
BACK = {"state": "rolled_back"}
# of the 200: this many by SIGKILL of a real process, half of them at a boundary and half at a moment
REAL = 60


def prepare(story: str, world: Machine) -> tuple[dict[str, Any], str]:
    """Make the world of a story; return the command and what must serve after it."""
    for name, behaviour in {"1": "good", "2": "good", "bad": "crash", "silent": "hang"}.items():
        world.pack(name, behaviour)
    assert not world.run(release="1", without_way_back=True)["failed"]
    if story == "rollback":
        assert not world.run(release="2")["failed"]
        return {"action": "rollback", "rollback_from": world.id("2")}, "1"
    wanted = {"deploy": "2", "bad deploy": "bad", "silent deploy": "silent"}[story]
    return {"release": wanted}, "2" if story == "deploy" else "1"


def boundaries(story: str) -> int:
    """Count the boundaries of a story."""
    with machine() as world:
        job, _expected = prepare(story, world)
        with world.killed_at(None):
            world.run(**job)
        return world.crossed


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_boundaries(story: str, criterion: Criterion, count_outcome: Callable[[str], None]) -> None:
    most, wanted = boundaries(story), (criterion.cases - criterion.cases * REAL // 200) // len(STORIES)
    every = list(range(most))
    chosen = every if wanted >= most else sorted(random.Random(f"{criterion.seed} {story}").sample(every, k=wanted))
    for boundary in chosen:
        with machine() as world:
            job, expected = prepare(story, world)
            with world.killed_at(boundary):
                world.run(**job)
            result = world.run(**job)
            where = f"{story}, boundary {boundary} of {most}: {result.get('msg')}"
            assert world.serves == expected, f"{where}: {world.serves or 'nothing'} serves"
            assert world.linked == world.id(expected), f"{where}: the link leads to {world.linked}"
            assert is_settled(world), f"{where}: an intent is open"
            assert verdicts(world)[expected] == "verified", where
            assert bool(result["failed"]) == (story in ("bad deploy", "silent deploy")), where
        count_outcome(f"{story}: killed at a boundary by an exception, settled")


@pytest.fixture(scope="module")
def real_driver() -> Iterator[Driver]:
    running = Driver()
    yield running
    running.close()


@pytest.fixture
def real(real_driver: Driver) -> Iterator[RealMachine]:
    made = RealMachine.make(real_driver)
    yield made
    made.close()


@pytest.mark.parametrize("story", ("deploy", "bad deploy", "rollback"))
def test_killed_by_the_kernel(
    story: str, real: RealMachine, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    chance = random.Random(f"{criterion.seed} real {story}")
    real.adopted()
    serving, longest, most = "1.0.0", 0.0, 0
    for number in range(1 + max(1, criterion.cases * REAL // 200 // 3)):
        version = f"{10 + number}.0.0"
        real.push(version, "errors" if story == "bad deploy" else "ok")
        job: dict[str, Any] = {"release": version}
        expected = serving if story == "bad deploy" else version
        if story == "rollback":
            assert not real.conduct(**job).get("failed")
            job, expected = {**BACK, "rollback_from": version}, serving
        if not number:
            # the first one is not killed: it shows how long it takes and how many boundaries it has
            began = time.monotonic()
            real.conduct(**job)
            longest, most = time.monotonic() - began, int(real.answer["boundaries"])
            serving = expected
            continue
        how = "at a boundary" if number % 2 else "at a moment"
        died = kill(real, job, chance.randint(1, most) if number % 2 else None, chance.uniform(0.0, longest))
        real.conduct(**job)
        settled(real, story, expected, version, f"{story} {number}, {how}: {real.answer['result'].get('msg')}")
        count_outcome(f"{story}: {'SIGKILL ' + how if died else 'ended before the SIGKILL'}, settled")
        serving = expected


def kill(real: RealMachine, job: dict[str, Any], boundary: int | None, seconds: float) -> bool:
    """Begin a run and end it; return whether it really died of it."""
    running = real.begin(**job, job_kill_at=boundary)
    if boundary is None:
        time.sleep(seconds)
        running.kill()
    return running.wait() is None


def settled(real: RealMachine, story: str, expected: str, version: str, where: str) -> None:
    """What must be so after the second run, whatever the first one reached."""
    observer = real.observer
    seen = observer.look()
    assert (seen.version, seen.good) == (expected, True), f"{where}: {seen}, expected {expected}"
    assert seen.configured == seen.digest, f"{where}: {seen}"
    assert not observer.intent_is_open(), f"{where}: an intent is open"
    assert observer.last_served() == seen.digest[7:19], f"{where}: the ledger says {observer.last_served()} serves"
    assert observer.verdict(seen.digest) == "verified", f"{where}: what serves is {observer.verdict(seen.digest)}"
    allowed = {"deploy": "verified", "bad deploy": "failed", "rollback": "withdrawn"}[story]
    assert observer.verdict(real.digests[version]) == allowed, f"{where}: {observer.verdict(real.digests[version])}"
