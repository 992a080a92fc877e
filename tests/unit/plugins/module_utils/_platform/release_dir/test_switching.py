"""One switch: what is refused before the link, what is survived after it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    LeaseLost,
    MissingDriver,
    RequestRefused,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.intent import Intents
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.running import Running
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Health, State
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.switching import (
    Switching,
    Tempo,
    ended_operation,
)
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Ending
from tests.release_world import VirtualClock


def stop_with(error: Exception | None) -> None:
    """Raise what a test prepared."""
    if isinstance(error, Exception):
        raise error


class Stub:
    """A supervisor that does what it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.raises: Exception | None = None
        self.save_raises: Exception | None = None
        self.now = State(Health.RUNNING, "running")

    def state(self) -> State:
        return self.now

    def switch(self, release: str) -> None:
        self.told.append(release)
        stop_with(self.raises)

    def settled(self) -> None:
        stop_with(self.save_raises)

    def last_words(self, *_: object) -> list[str]:
        return []


class Stage:
    def __init__(self, base: Path) -> None:
        (base / "releases/a").mkdir(parents=True)
        (base / "releases/b").mkdir()
        self.layout, self.supervisor, self.clock = Layout.at(str(base)), Stub(), VirtualClock()
        self.lease: Exception | None = None
        self.asked = 0
        running = Running(self.layout, self.supervisor, Processes(), self.clock)
        self.intents = Intents(self.layout)
        self.switching = Switching(running, self.intents, Tempo(2.0, 9.0), self.prove)

    def prove(self) -> None:
        self.asked += 1
        if self.asked > 1:
            stop_with(self.lease)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_from_the_intent_to_the_end(stage: Stage) -> None:
    intent = stage.switching.begin("a")
    link = stage.layout.link()
    assert link is not None
    assert (intent.operation, intent.before, link.target.name) == (link.id, "", "a")
    assert stage.supervisor.told == [str(stage.layout.releases / "a")]
    kept = stage.intents.last()
    assert kept is not None
    assert (kept.told, kept.ended) == (True, "")
    assert stage.switching.carry_on(intent).ending is Ending.RUNNING
    stage.clock.sleep(2)
    ended = stage.switching.carry_on(intent)
    assert (ended.ending, ended.status, ended.ended_at) == (Ending.SUCCEEDED, "STEADY", stage.clock.now())
    kept = stage.intents.last()
    assert kept is not None
    assert ended_operation(kept).ending is Ending.SUCCEEDED
    assert stage.switching.begin("b").before == "a"


def test_a_failure(stage: Stage) -> None:
    stage.supervisor.now = State(Health.FAILED, "errored")
    intent = stage.switching.begin("a")
    assert stage.switching.carry_on(intent).ending is Ending.RUNNING
    ended = stage.switching.carry_on(intent)
    assert (ended.ending, stage.switching.why) == (
        Ending.FAILED,
        {intent.operation: "it failed: its supervisor says errored"},
    )
    kept = stage.intents.last()
    assert kept is not None
    assert ended_operation(kept).ending is Ending.FAILED
    assert stage.switching.steady is None


def test_a_directory_in_the_place_of_the_link(stage: Stage) -> None:
    stage.layout.current.mkdir()
    with pytest.raises(RequestRefused, match="is a directory and should be a link"):
        stage.switching.begin("a")
    assert sorted(os.listdir(stage.layout.base)) == ["current", "releases"]


@pytest.mark.parametrize("call", ["symlink", "fsync", "replace"])
def test_a_disk_that_refuses_before_the_link(stage: Stage, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    stage.switching.begin("a")
    before = stage.layout.link()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(RequestRefused, match=r"current cannot be switched to b: the disk that holds .* is full"):
        stage.switching.begin("b")
    assert stage.layout.link() == before
    assert len(stage.supervisor.told) == 1
    assert not [name for name in os.listdir(stage.layout.base) if name.startswith("current.")]


def test_a_disk_that_refuses_to_remove_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "broken")

    monkeypatch.setattr(os, "replace", broken)
    monkeypatch.setattr(os, "unlink", broken)
    with pytest.raises(RequestRefused, match="broken"):
        stage.switching.begin("b")


def test_a_disk_that_refuses_after_the_link(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, fsync = os.replace, os.fsync
    switched: list[Any] = []

    def noted(source: Any, target: Any) -> None:
        if switched:
            raise OSError(28, "full")
        replace(source, target)
        switched.extend([target] if str(target).endswith("current") else [])

    def full(descriptor: int) -> None:
        if switched:
            raise OSError(28, "full")
        fsync(descriptor)

    monkeypatch.setattr(os, "replace", noted)
    monkeypatch.setattr(os, "fsync", full)
    intent = stage.switching.begin("a")
    assert len(stage.supervisor.told) == 1
    stage.switching.carry_on(intent)
    stage.clock.sleep(2)
    assert stage.switching.carry_on(intent).ending is Ending.SUCCEEDED


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fills_up_does_not_keep_a_run_from_going_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    stage.switching.begin("a")
    assert stage.layout.reserve.is_dir()
    symlink = os.symlink

    def broken(*names: str) -> None:
        if stage.layout.reserve.is_dir():
            raise OSError(number, "full")
        symlink(*names)

    monkeypatch.setattr(os, "symlink", broken)
    if number == errno.ENOSPC:
        stage.switching.begin("b")
    else:
        with pytest.raises(RequestRefused, match="cannot be switched to b"):
            stage.switching.begin("b")
    assert os.readlink(stage.layout.current) == ("releases/b" if number == errno.ENOSPC else "releases/a")


def test_a_first_switch_does_not_use_the_room_for_its_way_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "symlink", full)
    with pytest.raises(RequestRefused, match="is full"):
        stage.switching.begin("a")
    assert stage.layout.reserve.is_dir()


def test_a_lease_that_runs_out_after_the_link(stage: Stage) -> None:
    stage.lease = LeaseLost("The lease ran out")
    with pytest.raises(LeaseLost):
        stage.switching.begin("a")
    kept = stage.intents.last()
    assert kept is not None
    assert (stage.supervisor.told, kept.told) == ([], False)
    # the next run tells it
    stage.lease = None
    assert stage.switching.carry_on(kept).ending is Ending.RUNNING
    assert len(stage.supervisor.told) == 1


@pytest.mark.parametrize(
    ("error", "ending", "why"),
    [
        (RequestRefused("polkit says no"), Ending.FAILED, "polkit says no."),
        (MissingDriver("no pm2"), Ending.FAILED, "no pm2."),
        (Unreachable("no answer within 60 s"), Ending.FAILED, "it is not running: its supervisor says stopped"),
    ],
)
def test_a_supervisor_that_is_not_told(stage: Stage, error: Exception, ending: Ending, why: str) -> None:
    stage.supervisor.raises = error
    stage.supervisor.now = State(Health.STOPPED, "stopped")
    intent = stage.switching.begin("a")
    stage.switching.carry_on(intent)
    assert stage.switching.carry_on(intent).ending is ending
    assert stage.switching.why[intent.operation] == why


def test_a_supervisor_that_dies_after_the_link(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> State:
        raise Unreachable("systemd does not tell how api stands")

    intent = stage.switching.begin("a")
    monkeypatch.setattr(stage.supervisor, "state", silent)
    assert stage.switching.carry_on(intent).status == "UNSEEN"
    stage.clock.sleep(12)
    assert stage.switching.carry_on(intent).ending is Ending.FAILED
    assert "systemd does not tell" in stage.switching.why[intent.operation]
    back = stage.switching.begin("b")
    link = stage.layout.link()
    assert link is not None
    assert (link.id, len(stage.supervisor.told)) == (back.operation, 2)


def test_a_list_that_cannot_be_saved(stage: Stage) -> None:
    stage.supervisor.save_raises = Unreachable("pm2 is slow")
    intent = stage.switching.begin("a")
    stage.switching.carry_on(intent)
    stage.clock.sleep(2)
    assert stage.switching.carry_on(intent).ending is Ending.SUCCEEDED
