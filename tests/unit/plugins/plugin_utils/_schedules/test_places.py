"""Where expected runs are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.places import Cron, Place, Systemd, place_of
from tests.unit.plugins.plugin_utils._schedules.schedule_world import FakeSystemd, expected, start

UNIT = "steady-toy-lab-health_check-check-api"
RUNS = [(expected(), start())]


def apply(place: Place, runs: list[object]) -> list[str]:
    changes = place.files.changes(place.wanted(runs))  # type: ignore[arg-type]
    place.carry_out(changes, [UNIT] if runs else [])
    return [each.name for each in changes]


@pytest.mark.parametrize("user", [False, True])
def test_timers_come_and_go(tmp_path: Path, user: bool) -> None:
    systemd = FakeSystemd()
    place = Systemd("toy/lab", tmp_path, systemd, user=user)
    assert apply(place, RUNS) == [f"{UNIT}.service", f"{UNIT}.timer"] and place.idle([UNIT]) == {}  # type: ignore[arg-type]
    words = ("--user", "--no-pager") if user else ("--no-pager",)
    assert systemd.told == [(*words, "daemon-reload"), (*words, "enable", "--now", f"{UNIT}.timer")]
    assert place.files.changes(place.wanted(RUNS)) == [] and place.idle([]) == {}
    systemd.enabled.clear()
    assert place.idle([UNIT]) == {UNIT: "its timer is disabled and inactive"}
    apply(place, [])
    assert os.listdir(tmp_path) == [] and systemd.told[-3:] == [
        (*words, "disable", "--now", f"{UNIT}.timer"),
        (*words, "clean", "--what=state", f"{UNIT}.timer"),
        (*words, "daemon-reload"),
    ]


@pytest.mark.parametrize("refuses", ["daemon-reload", "enable"])
def test_a_systemd_that_refuses_leaves_nothing_half(tmp_path: Path, refuses: str) -> None:
    place = Systemd("toy/lab", tmp_path, FakeSystemd(refuses), user=False)
    with pytest.raises(Refused, match=f"systemctl {refuses} was refused, so nothing was changed: Failed to do so"):
        apply(place, RUNS)  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


def test_a_timer_that_was_there_is_there_again(tmp_path: Path) -> None:
    systemd = FakeSystemd()
    place = Systemd("toy/lab", tmp_path, systemd, user=False)
    apply(place, RUNS)  # type: ignore[arg-type]
    systemd.refuses = "daemon-reload"
    with pytest.raises(Refused):
        apply(place, [])
    assert len(os.listdir(tmp_path)) == 2 and systemd.enabled == {f"{UNIT}.timer"}


def test_cron_needs_files_only(tmp_path: Path) -> None:
    place = Cron("toy/lab", tmp_path)
    assert apply(place, RUNS) == [".steady-toy-lab.json", "steady-toy-lab"] and place.idle([UNIT]) == {}  # type: ignore[arg-type]
    assert place.files.changes(place.wanted(RUNS)) == []
    apply(place, [])
    assert os.listdir(tmp_path) == []


def test_systemd_where_it_answers_and_cron_where_there_is_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def choose(runner: object, *, by: str = "", user: bool = False, cron: bool = True, directory: str = "") -> Place:
        return place_of(
            "toy/lab",
            runner,  # type: ignore[arg-type]
            by=by,
            directory=directory,
            user=user,
            exists=lambda path: cron,
        )

    mute = FakeSystemd("show")
    assert str(choose(FakeSystemd()).files.directory) == "/etc/systemd/system"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert choose(FakeSystemd(), user=True).files.directory == tmp_path / "systemd" / "user"
    assert str(choose(mute).files.directory) == "/etc/cron.d"
    assert isinstance(choose(FakeSystemd(), by="cron", directory=str(tmp_path)), Cron)
    for found in ({"by": "systemd"}, {"user": True}, {"cron": False}):
        with pytest.raises(Refused, match="No systemd answers here, so no timer can be kept: Failed to do so"):
            choose(mute, **found)  # type: ignore[arg-type]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="The program systemctl cannot be started"):
        choose(SubprocessRunner(), cron=False)
