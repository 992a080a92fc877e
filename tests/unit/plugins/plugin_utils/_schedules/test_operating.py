"""What schedule.yml does, in process; its playbook runs in tests/integration/test_schedules.py."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._schedules import operating
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register, seen
from tests.unit.plugins.plugin_utils._schedules.schedule_world import FakeSystemd
from tests.unit.plugins.plugin_utils._tools.tool_world import do

ENTRY = {
    "name": "nightly",
    "runbook": "health_check",
    "action": "check",
    "components": ["api"],
    "zone": "UTC",
    "days": ["daily"],
    "at": "02:30",
    "random_delay_minutes": 10,
}
UNIT = "steady-toy-lab-health_check-check-api"


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Policy:
    program = tmp_path / "bin" / "ansible-playbook"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    made = Policy("toy", "lab", f"file://{tmp_path}/ledger", schedules=[ENTRY])
    do("ledger", made, "initialise")
    return made


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeSystemd:
    made = FakeSystemd()
    monkeypatch.setattr(operating, "SubprocessRunner", lambda: made)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return made


def units(base: Path) -> list[str]:
    place = base / "config" / "systemd" / "user"
    return sorted(os.listdir(place)) if place.is_dir() else []


def test_it_is_applied_once_shown_and_removed(policy: Policy, systemd: FakeSystemd, tmp_path: Path) -> None:
    shown = do("schedule", policy, "", user=True).lines
    assert "not installed; not registered in the ledger; not started yet" in shown[0]
    assert shown[-1] == (
        "1 declared, 1 not as declared."
        " Next: `ansible-playbook steady.ops.schedule -e schedule_action=apply -e schedule_user=true`"
    )
    checked = do("schedule", policy, "apply", check=True, user=True)
    assert checked.changed and units(tmp_path) == [] and Register(checked.ledger.store).all() == []  # type: ignore[union-attr]
    assert f"would write {UNIT}.timer" in checked.lines and "    +Persistent=true" in checked.lines
    done = do("schedule", policy, "apply", user="true")
    assert done.changed and units(tmp_path) == [f"{UNIT}.service", f"{UNIT}.timer"]
    assert done.event == {"schedules": ["nightly/api"]} and done.ledger is not None
    again = do("schedule", policy, "apply", user=True)
    assert not again.changed and again.lines[-1] == "nothing to do"
    shown = do("schedule", policy, "show", user=True).lines
    assert shown[0].startswith("nightly/api: daily at 02:30 UTC and up to 10 min later, next ")
    assert shown[0].endswith(": in place; not started yet") and shown[-1] == "1 declared, nothing to do"
    none = replace(policy, schedules=None)
    shown = do("schedule", none, "show", user=True).lines
    assert f"{UNIT}.timer is installed and not declared any more" in shown
    assert "nightly/api is registered and not declared any more" in shown
    assert do("schedule", policy, "remove", check=True, user=True).changed and len(units(tmp_path)) == 2
    assert do("schedule", policy, "remove", user=True).changed and units(tmp_path) == []
    assert not do("schedule", policy, "remove", user=True).changed and Register(done.ledger.store).all() == []
    assert do("schedule", none, "show", user=True).lines == ("ops_schedules declares nothing",)


def test_drift_is_named(policy: Policy, systemd: FakeSystemd, tmp_path: Path) -> None:
    ledger = do("schedule", policy, "apply", user=True).ledger
    assert ledger is not None
    seen(ledger, "nightly/api", ledger.store.now())
    systemd.enabled.clear()
    assert "its timer is disabled and inactive; last start 20" in do("schedule", policy, "show", user=True).lines[0]
    again = do("schedule", policy, "apply", user=True)
    assert again.changed and f"started {UNIT}.timer: its timer is disabled and inactive" in again.lines
    systemd.enabled.clear()
    checked = do("schedule", policy, "apply", user=True, check=True)
    assert f"would start {UNIT}.timer: its timer is disabled and inactive" in checked.lines
    other = replace(policy, schedules=[{**ENTRY, "at": "03:30"}])
    assert "installed differently; registered with another rule" in do("schedule", other, "show", user=True).lines[0]


def test_what_never_started_is_shown(policy: Policy, systemd: FakeSystemd) -> None:
    ledger = do("schedule", policy, "apply", user=True).ledger
    assert ledger is not None
    past = ledger.store.now() - timedelta(days=2)
    Register(ledger.store).change(lambda found: [replace(each, since=past) for each in found])
    assert "did not start" in do("schedule", policy, "show", user=True).lines[0]


def test_without_systemd_showing_goes_on_and_applying_does_not(
    policy: Policy, systemd: FakeSystemd, tmp_path: Path
) -> None:
    systemd.refuses = "show"
    shown = do("schedule", policy, "show", by="systemd").lines
    assert shown[0].endswith(": not registered in the ledger; not started yet")
    assert shown[1].startswith("whether anything is installed is unknown: No systemd answers here")
    with pytest.raises(Refused, match="No systemd answers here, so no timer can be kept: Failed to do so"):
        do("schedule", policy, "apply", by="systemd")
    do("schedule", policy, "apply", by="cron", directory=str(tmp_path))
    assert (tmp_path / "steady-toy-lab").exists()
    (tmp_path / "steady-toy-lab").unlink()
    shown = do("schedule", policy, "show", by="cron", directory=str(tmp_path)).lines
    assert ": not installed; not started yet" in shown[0]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"by": "at"}, "schedule_by is 'at'"),
        ({"user": "perhaps"}, "schedule_user is 'perhaps'"),
        ({"directory": "here"}, "schedule_directory is 'here'"),
        ({"run_as": "nobody of that name"}, "schedule_run_as is 'nobody of that name', and there is no such account"),
        ({"run_as": "root\nExecStartPre=x"}, "schedule_run_as is 'root.nExecStartPre=x'"),
        ({"environment_file": "here"}, "schedule_environment_file is 'here'"),
    ],
)
def test_wrong_options_are_named(policy: Policy, systemd: FakeSystemd, said: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        do("schedule", policy, "apply", **said)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"runbook": "health"}, "ops_schedules nightly: there is no runbook and no tool health"),
        ({"action": "heal"}, "ops_schedules nightly: health_check_action is 'heal'"),
        ({"runbook": "lease", "action": "brake"}, "ops_schedules nightly: lease_action is 'brake'"),
    ],
)
def test_a_runbook_that_is_none_is_named(policy: Policy, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        do("schedule", replace(policy, schedules=[{**ENTRY, **change}]), "show")


def test_tools_are_scheduled_too(policy: Policy, systemd: FakeSystemd, tmp_path: Path) -> None:
    entry = {**ENTRY, "runbook": "ledger", "components": []}
    do("schedule", replace(policy, schedules=[entry]), "apply", user=True)
    assert "steady-toy-lab-ledger-check-all.service" in units(tmp_path)
