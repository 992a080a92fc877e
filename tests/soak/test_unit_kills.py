"""A run over two components killed at every step and at random moments: the next command ends where it must.

Four stories: a deploy, one whose second component does not pass, the undo of that one, and a rollback. Real front end,
ledger and module over the fake platform and real sample applications, in a process of its own that ends by SIGKILL:
right before and right after each step of the unit (intent, switch, record, undo, the unit's own records, journal), at
one of the hundreds of boundaries (provider's calls, looks at the application, writes of the ledger), or after a random
time. The next command is the same one, a rollback, or the deploy of something else. Judged from outside.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lab.fakes.apprunner.control import RunningFake
from tests.faults.arena import SCALE, Driver, probe_of
from tests.faults.observer import Seen
from tests.soak.plugin import Criterion
from tests.unit_faults.arena import MEMBERS, WRONG, UnitArena
from tests.unit_faults.case import claims

CRITERION = {
    "count": 100,
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
        "plugins/plugin_utils/_runs/membership.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "plugins/plugin_utils/_runs/shapes.py",
        "plugins/plugin_utils/_runs/units.py",
        "lab/app",
        "lab/fakes/apprunner",
        "tests/faults",
        "tests/unit_faults",
    ],
}

# what comes after a killed command, in turn; the same one most often
FOLLOWS = {
    "deploy": ("same", "rollback", "same", "another"),
    "second fails": ("same", "another", "same", "rollback"),
    "undo": ("same", "rollback", "same", "another"),
    "rollback": ("same", "another"),
}
FORWARD = (
    "unit opens + intent web",
    "switch web",
    "record web",
    "journal web",
    "intent api",
    "switch api",
)
WHOLE = (*FORWARD, "record api + unit settles", "journal api")
UNDO = ("undo intent web", "switch web 2", "record web + unit settles", "journal web 2")
# api goes back by itself, then web is put back
STEPS = {
    "deploy": WHOLE,
    "second fails": (*FORWARD, "switch api 2", "record api", "journal api"),
    "undo": UNDO,
    "rollback": WHOLE,
}
BAD = ("second fails", "undo")
# where the undo begins: api's turn in it, which has nothing left to do
UNDOING = "undo api"
# long enough for a good release and for a run on a busy machine: what is judged is where it ends
PROOF_SECONDS, START_SECONDS, RUN_SECONDS = 3.0, 20.0, 180.0
# how api's release is bad in random kills
BEHAVIOURS = ("not_ready", WRONG, "crash")


@dataclass(frozen=True)
class Kill:
    """One kill.

    :param step: right before or after which step; empty for a random one.
    :param boundary: at which share of all boundaries; None for a moment.
    :param moment: after which share of the time that an unbroken run takes.
    """

    story: str
    follow: str
    step: str = ""
    boundary: float | None = None
    moment: float = 0.0

    @property
    def kind(self) -> str:
        """Where it is, in words."""
        return "at a step" if self.step else "at a boundary" if self.boundary is not None else "at a moment"

    def __str__(self) -> str:
        where = f"boundary at {self.boundary:.3f}" if self.boundary is not None else f"moment at {self.moment:.3f}"
        return f"{self.story}, {self.step or where}, then {self.follow}"


@dataclass
class World:
    """Two components and their ledger through many killed runs.

    :param good: the releases that served and were not left, the last one serves.
    """

    arena: UnitArena
    number: int = 0
    good: list[str] = field(default_factory=lambda: ["1.0.0"])

    def push(self, suffix: str = "0", *, bad: Any = "ok") -> str:
        """A release that nobody deployed yet."""
        version = f"{self.number + 10}.{suffix}.0"
        for member in MEMBERS:
            self.arena.push_to(member, version, bad if member == "api" else "ok")
        return version

    @property
    def run(self) -> str:
        """The run that was begun last."""
        return f"run-{self.arena.runs:03d}"

    def commanded(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out a command to its end."""
        result = self.arena.command(**command).wait(RUN_SECONDS)
        assert result is not None, f"{command} died"
        return result

    def begun(self, story: str, bad: Any = None) -> tuple[dict[str, Any], str]:
        """Prepare a story; return the command that will be killed and the version that it brings or leaves."""
        self.number += 1
        if story == "rollback":
            version = self.push()
            assert not self.commanded({"action": "deploy", "release": version})["failed"]
            self.good.append(version)
            return {"action": "rollback", "rollback_from": version}, version
        version = self.push(bad=(bad or WRONG) if story in BAD else "ok")
        return {"action": "deploy", "release": version}, version

    def looked(self) -> dict[str, Seen]:
        """What is there once all operations have ended."""
        for member in MEMBERS:
            self.arena.control.wait(f"shop-{member}")
        return {member: self.arena.part(member).look() for member in MEMBERS}

    def unit_of_run(self, run: str) -> str:
        """The last state of the unit that a run began; empty when it had not come to it."""
        states = [row["state"] for row in self.arena.units.records() if row["kind"] == "unit" and row["run"] == run]
        return states[-1] if states else ""

    def digest(self, member: str, version: str) -> str:
        """The digest of a release of one component."""
        return str(self.arena.control.call("GET", "/_lab/images")[f"shop/{member}"]["tags"][version])


@pytest.fixture
def world(fake: RunningFake, driver: Driver, tmp_path: Path) -> Iterator[World]:
    made = UnitArena(fake, driver, tmp_path / "case")
    # a good release may take long to come up; one that crashes is noticed at once
    made.control.settings(durations={"startup": START_SECONDS * SCALE})
    made.options["switch_timeout_seconds"] = 3 * START_SECONDS
    made.serving("1.0.0")
    for member, probe in made.probes.items():
        url = probe["url"].partition("/api/")[0]
        made.probes[member] = probe_of(url, stability_seconds=0.1, interval_seconds=0.1, deadline_seconds=PROOF_SECONDS)
    yield World(made)
    made.close()


def at_steps(story: str) -> list[Kill]:
    """A kill before and one after each step of a story, and after each step one with every other next command."""
    sides = [Kill(story, "same", f"{when} {step}") for step in STEPS[story] for when in ("before", "after")]
    others = [follow for follow in FOLLOWS[story] if follow != "same"]
    return sides + [Kill(story, follow, f"after {step}") for step in STEPS[story] for follow in others]


def at_random(story: str, seed: int, count: int) -> list[Kill]:
    """Kills of a story, half of them at a random boundary and half at a random moment."""
    chance, follows = random.Random(f"{seed} {story}"), FOLLOWS[story]
    return [
        Kill(
            story,
            follows[number // 2 % len(follows)],
            boundary=chance.random() if number % 2 else None,
            moment=chance.random(),
        )
        for number in range(count)
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for the steps of each story and one for its random kills, or a single one with the sample."""
    if "kills" not in metafunc.fixturenames:
        return
    seed, count, sample = (int(str(CRITERION[key])) for key in ("seed", "count", "sample"))
    chunks = {f"{story} at its steps": at_steps(story) for story in FOLLOWS}
    chunks |= {f"{story} at random": at_random(story, seed, count // len(FOLLOWS)) for story in FOLLOWS}
    if not metafunc.config.getoption("--full"):
        every = [kill for story in ("deploy", "undo") for kill in at_steps(story)]
        chunks = {"sample": random.Random(seed).sample(every, k=sample)}
    metafunc.parametrize("kills", chunks.values(), ids=chunks)


def test_the_next_command_ends_where_it_must(
    kills: list[Kill], world: World, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    # a sample is killed at steps alone, and fails where there is no such step
    full = criterion.cases == CRITERION["count"]
    length = unbroken(kills[0].story, world) if full else Length()
    for kill in kills:
        died = Played(world, kill).play(length)
        how = f"SIGKILL {kill.kind}" if died else "ended before the SIGKILL"
        count_outcome(f"{kill.story}: {how}, {kill.follow}, settled")


@dataclass(frozen=True)
class Length:
    """How long the part of a story is in which it is killed."""

    seconds: float = 0.0
    boundaries: int = 0


def unbroken(story: str, world: World) -> Length:
    """Carry out a story's first command without killing it; it has the steps at which others are killed."""
    command, version = world.begun(story)
    job = {"pause_at": UNDOING, "count_from": UNDOING} if story == "undo" else {}
    running, began = world.arena.command(**command, job=job), time.monotonic()
    if job:
        world.arena.paused(running, RUN_SECONDS)
        world.arena.go_on(running)
        began = time.monotonic()
    assert running.wait(RUN_SECONDS) is not None
    steps = {"second fails": (*STEPS["second fails"], *UNDO), "undo": (*STEPS["second fails"], *UNDO)}
    assert tuple(world.arena.answer["steps"]) == steps.get(story, STEPS[story])
    length = Length(time.monotonic() - began, int(world.arena.answer["boundaries"]))
    world.good = {"deploy": [*world.good, version], "rollback": world.good[:-1]}.get(story, world.good)
    return length


@dataclass
class Played:
    """A command that is killed, the next one, and what the observer has to say.

    :param version: what the killed command brings, or leaves.
    :param reached: the last state of its unit in the ledger when it was dead.
    """

    world: World
    kill: Kill
    version: str = ""
    reached: str = ""
    judged: bool = False

    def play(self, length: Length) -> bool:
        """Play it; return whether the run died of its kill."""
        world = self.world
        bad = BEHAVIOURS[world.number % len(BEHAVIOURS)] if not self.kill.step else "not_ready"
        command, self.version = world.begun(self.kill.story, bad)
        since = world.arena.observer.request_count()
        served = {member: seen.digest for member, seen in world.looked().items()}
        died = self._killed(command, length)
        self.reached = world.unit_of_run(world.run)
        self.judged = self._verdict("api") != ""
        following = command
        if self.kill.follow == "another":
            following = {"action": "deploy", "release": world.push("1")}
        elif self.kill.follow == "rollback":
            following = {"action": "rollback"}
        green = self._expect(following)
        result = world.commanded(following)
        after = world.looked()
        complaints = [*self._seen(after), *self._sent(since, served), *self._told(result, green, after)]
        told = f"{self.kill}; its unit was {self.reached or 'not begun'} and {world.good} are good: {result}; {after}"
        assert not complaints, "\n".join([told, *complaints])
        return died

    def _killed(self, command: dict[str, Any], length: Length) -> bool:
        arena, kill, undo = self.world.arena, self.kill, self.kill.story == "undo"
        job: dict[str, Any] = {"kill_step": kill.step}
        if kill.boundary is not None:
            job = {"kill_at": 1 + int(kill.boundary * length.boundaries), "count_from": UNDOING if undo else ""}
        at_a_moment = kill.kind == "at a moment"
        running = arena.command(**command, job={**job, "pause_at": UNDOING if undo and at_a_moment else ""})
        if at_a_moment:
            if undo:
                arena.paused(running, RUN_SECONDS)
                arena.go_on(running)
            time.sleep(kill.moment * length.seconds)
            running.kill()
        died = running.wait(RUN_SECONDS) is None
        assert died or not kill.step, f"{kill}: the run did not come to that step: {arena.answer}"
        return died

    def _expect(self, following: dict[str, Any]) -> bool:
        """Note what is good after the next command; return whether that is green."""
        world, kill, green = self.world, self.kill, True
        if kill.story == "rollback":
            if kill.follow == "same" or self.reached:
                world.good.pop()
        elif kill.follow == "same":
            green = kill.story == "deploy"
            world.good += [self.version] if green else []
        elif kill.story == "deploy" and self.reached == "settled":
            world.good.append(self.version)
        if kill.follow == "another":
            world.good.append(following["release"])
        elif kill.follow == "rollback" and self.reached != "open":
            # nothing is owed, so it goes one further; from the first one there is no way back
            green = len(world.good) > 1
            world.good = world.good[:-1] if green else world.good
        return green

    def _verdict(self, member: str) -> str:
        return self.world.arena.part(member).verdict(self.world.digest(member, self.version))

    def _seen(self, after: dict[str, Seen]) -> Iterator[str]:
        """What serves, and what the ledger says of it."""
        expected, arena = self.world.good[-1], self.world.arena
        if arena.units.is_open():
            yield "a unit is open"
        for member, seen in after.items():
            part = arena.part(member)
            if (seen.version, seen.good) != (expected, True):
                yield f"{member} serves {seen}, expected is {expected}"
            if part.intent_is_open():
                yield f"an intent of {member} is open"
            if part.last_served() != seen.digest[7:19] or part.verdict(seen.digest) != "verified":
                yield f"{member}: the ledger says {part.last_served()} serves, {part.verdict(seen.digest)}"
            if (self._verdict(member) == "verified") is not (self.version in self.world.good):
                yield f"{member}: {self.version} is {self._verdict(member)!r}"
        if self.kill.story in BAD and self.kill.follow == "same" and self._verdict("api") != "failed":
            yield f"api: {self.version} is {self._verdict('api')!r}, and it did not pass"

    def _sent(self, since: int, served: dict[str, str]) -> Iterator[str]:
        """One mutation at a time, none twice, and no more than were intended."""
        rows = self.world.arena.observer.sent(since)
        if refused := [row for row in rows if not row["accepted"]]:
            yield f"a second mutation was sent while one was under way: {refused}"
        again = self.judged or self.reached == "settled"
        most = {"deploy": {"same": 1, "rollback": 2, "another": 3}, "rollback": {"same": 1, "another": 2}}.get(
            self.kill.story, {"same": 4 if again else 2, "rollback": 3, "another": 3}
        )[self.kill.follow]
        for member in MEMBERS:
            own, now = [row for row in rows if row["target"] == f"shop-{member}"], served[member]
            if len(own) > most:
                yield f"{member} was switched {len(own)} times, at most {most} are intended: {own}"
            operations = self.world.arena.control.truth(f"shop-{member}")["operations"]
            # from these the platform went back by itself
            left = {operation["id"] for operation in operations if operation["status"].startswith("ROLLBACK")}
            for row in own:
                if _digest(row) == now:
                    yield f"{member} was switched to what it served: {now}"
                now = now if row["operation_id"] in left else _digest(row)
        times = sorted(
            (operation["started"], operation["ended"], member)
            for member in MEMBERS
            for operation in self.world.arena.control.truth(f"shop-{member}")["operations"]
        )
        for (_began, ended, one), (began, _ended, other) in pairwise(times):
            if began < ended:
                yield f"{other} was switched while {one} was under way"

    def _told(self, result: dict[str, Any], green: bool, after: dict[str, Seen]) -> Iterator[str]:
        """The result of the next command."""
        if result["failed"] is green:
            yield f"the next command is {'red' if green else 'green'}"
        for member, version in claims(str(result.get("unit_told") or "")):
            if after[member].version != version:
                yield f"told is that {member} serves {version}"


def _digest(row: dict[str, Any]) -> str:
    identifier = row["params"]["SourceConfiguration"]["ImageRepository"]["ImageIdentifier"]
    return str(identifier).partition("@")[2]
