"""Runs killed at every step boundary and at random moments: the next run reaches what an unbroken one reaches.

Five stories, each played again and again in one world: a good deploy, a bad one, a rollback, and a deploy followed by a
rollback or by a deploy of something else. Judged from outside; the run that is killed is a process of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.arena import Arena, probe_of
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 200,
    "sample": 5,
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
    ],
}

STORIES = ("deploy", "bad deploy", "rollback", "deploy then rollback", "deploy then another")
BACK = {"state": "rolled_back"}


@dataclass
class World:
    """One service and its ledger through many killed runs.

    :param serving: the version that must serve.
    """

    arena: Arena
    number: int = 0
    serving: str = "1.0.0"
    told: list[str] = field(default_factory=list)

    def push(self, behaviour: str = "ok", suffix: str = "0") -> str:
        """A release that nobody deployed yet."""
        version = f"{self.number + 10}.{suffix}.0"
        self.arena.push(version, behaviour)
        return version

    def kill(self, job: dict[str, Any], *, boundary: int | None, seconds: float) -> None:
        """Begin a run and end it at a step boundary, or after so many seconds."""
        running = self.arena.begin(**job, job_kill_at=boundary)
        if boundary is None:
            time.sleep(seconds)
            running.kill()
        elif not self.arena.driver.ended(running.pid):
            running.kill()
            raise AssertionError("the run neither ended nor died")

    def finish(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run to the end what follows a killed run."""
        return self.arena.conduct(**job)


@pytest.fixture
def world(arena: Arena) -> Iterator[World]:
    arena.adopted()
    arena.probe = probe_of(
        arena.probe["url"].partition("/api/")[0], stability_seconds=0.1, interval_seconds=0.1, deadline_seconds=0.8
    )
    yield World(arena)


def spread(seed: int, story: str, most: int, count: int) -> list[int]:
    """Some boundaries of a story, all when there are no more."""
    every = list(range(1, most + 1))
    return every if count >= most else sorted(random.Random(f"{seed} {story}").sample(every, k=count))


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_step_boundaries(
    story: str, world: World, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    full = criterion.cases == CRITERION["count"]
    most = unbroken(story, world)[0]
    for boundary in spread(criterion.seed, story, most, most if full else 1):
        play(story, world, boundary=boundary, seconds=0.0)
        count_outcome(f"{story}: killed at a boundary, settled")


@pytest.mark.parametrize("story", STORIES)
def test_killed_at_random_moments(
    story: str, world: World, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    chance = random.Random(f"{criterion.seed} {story}")
    longest = unbroken(story, world)[1]
    for _number in range(criterion.cases // len(STORIES)):
        play(story, world, boundary=None, seconds=chance.uniform(0.0, longest))
        count_outcome(f"{story}: killed at a moment, settled")


def unbroken(story: str, world: World) -> tuple[int, float]:
    """Play the first run of a story without killing it; return its boundaries and how long it took."""
    world.number += 1
    job = first_job(story, world)
    began = time.monotonic()
    world.arena.conduct(**job)
    boundaries, seconds = int(world.arena.answer["boundaries"]), time.monotonic() - began
    if story in ("deploy then rollback", "deploy then another"):
        world.arena.conduct(**BACK)
    world.serving = world.arena.observer.look().version
    return boundaries, seconds


def first_job(story: str, world: World) -> dict[str, Any]:
    """Prepare the world and return the run that will be killed."""
    if story == "bad deploy":
        return {"release": world.push("not_ready")}
    if story == "rollback":
        version = world.push()
        assert not world.arena.conduct(release=version)["failed"]
        return {**BACK, "rollback_from": version}
    return {"release": world.push()}


def play(story: str, world: World, *, boundary: int | None, seconds: float) -> None:
    """Kill the first run of a story, let the second follow, and look from outside."""
    world.number += 1
    job, observer = first_job(story, world), world.arena.observer
    since = observer.request_count()
    version = str(job.get("release") or job.get("rollback_from"))
    digest = world.arena.digest(version)
    world.kill(job, boundary=boundary, seconds=seconds)
    was_recorded = observer.verdict(digest) != "" and not observer.intent_is_open()
    if story == "deploy then another":
        then, expected, most = {"release": world.push(suffix="1")}, f"{world.number + 10}.1.0", 3
    elif story == "deploy then rollback":
        then, expected, most = BACK, world.serving, 2
    elif story == "bad deploy":
        # one that was recorded whole is another wish when it is asked for again
        then, expected, most = job, world.serving, 4 if was_recorded else 2
    else:
        then, expected, most = job, version if story == "deploy" else world.serving, 1
    result = world.finish(then)
    world.arena.control.wait("shop-api")
    where = f"{story}, boundary {boundary}, {seconds:.2f} s: {result.get('msg')}"
    settled(story, world, where, expected, digest)
    sent = observer.sent(since)
    refused = [row for row in sent if not row["accepted"]]
    images = [row["operation_id"] for row in sent if row["accepted"]]
    assert not refused, f"{where}: a second mutation was sent while one was under way: {refused}"
    assert len(images) <= most, f"{where}: {len(images)} mutations, at most {most}: {sent}"
    world.serving = expected


def settled(story: str, world: World, where: str, expected: str, digest: str) -> None:
    """What must be so after the second run, whatever the first one reached."""
    observer = world.arena.observer
    seen = observer.look()
    assert (seen.version, seen.good) == (expected, True), f"{where}: {seen}, expected {expected}"
    assert not observer.intent_is_open(), f"{where}: an intent is open"
    assert observer.last_served() == seen.digest[7:19], f"{where}: the ledger says {observer.last_served()} serves"
    assert observer.verdict(seen.digest) == "verified", f"{where}: what serves is {observer.verdict(seen.digest)}"
    allowed = {
        "deploy": {"verified"},
        "bad deploy": {"failed"},
        "rollback": {"withdrawn"},
        "deploy then rollback": {"", "failed", "withdrawn"},
        "deploy then another": {"", "failed", "verified"},
    }[story]
    assert observer.verdict(digest) in allowed, f"{where}: the verdict is {observer.verdict(digest)!r}"
