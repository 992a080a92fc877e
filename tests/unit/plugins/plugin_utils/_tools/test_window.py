"""The tool window in process; its playbook runs in tests/integration/test_windows.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import format_time, parse_time
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notices
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise, open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS
from ansible_collections.steady.ops.plugins.plugin_utils._tools.tool import Surroundings
from tests.unit.plugins.plugin_utils._tools.tool_world import around, do

DAILY: dict[str, Any] = {"name": "daily", "zone": "UTC", "days": "daily", "from": "00:00", "to": "24:00"}
NOTED = {**DAILY, "name": "noted", "notice_hours": 30}
EMERGENCY = {"name": "emergency", "announced": True, "notice_hours": 2}
FREEZE = {"name": "later", "zone": "UTC", "from": "2096-01-01", "to": "2096-01-02"}
WORDS = {"name": "noted", "message": "disks"}
HOUR = timedelta(hours=1)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    windows = [DAILY, NOTED, EMERGENCY]
    return Policy("toy", "lab", f"file://{tmp_path}/ledger", windows=windows, freezes=[FREEZE])


def now(policy: Policy) -> datetime:
    return open_ledger(policy.ledger, "toy", policy.environment).store.now()


def standing(policy: Policy) -> list[str]:
    notices = Notices(open_ledger(policy.ledger, "toy", policy.environment).store).standing()
    return [f"{notice.window} {notice.message} {notice.by}" for notice in notices]


def midnight(policy: Policy, days: int) -> str:
    return format_time(now(policy).replace(hour=0, minute=0, second=0) + timedelta(days=days))


def test_show_has_windows_and_freezes(policy: Policy) -> None:
    shown = do("window", policy, "")
    assert not shown.changed
    first, last = shown.lines[0], shown.lines[-1]
    assert first.startswith("daily: open until ") and "emergency: shut, opens only where announced" in shown.lines[-2]
    assert last.startswith("freeze later: comes, from Sunday 2096-01-01 00:00 UTC until Tuesday 2096-01-03")
    assert len([line for line in do("window", policy, "show", days=2).lines if line.startswith("  then ")]) < 6


@pytest.mark.parametrize(
    ("windows", "environment", "told"),
    [
        ("always", "production", "ops_windows is always: any time"),
        (None, "production", "ops_windows is not declared: disruptive actions are refused"),
        (None, "lab", "ops_windows is not declared: a lab needs none"),
    ],
)
def test_show_without_windows(policy: Policy, tmp_path: Path, windows: object, environment: str, told: str) -> None:
    assert do("window", Policy("toy", environment, policy.ledger, windows=windows), "show").lines[-1] == told


def test_show_goes_on_without_a_ledger(tmp_path: Path) -> None:
    shown = do("window", Policy("toy", "lab", f"file://{tmp_path}/none", windows="always"), "show")
    assert shown.ledger is None and shown.lines[0].startswith("what was announced is unknown: ")
    assert shown.lines[1] == "ops_windows is always: any time"


def test_notice_of_the_first_opening_that_it_is_in_time_for(policy: Policy) -> None:
    would = do("window", policy, "announce", check=True, **WORDS)
    assert would.changed and standing(policy) == [] and "would be announced: disks" in would.lines[0]
    given = do("window", policy, "announce", **WORDS)
    assert given.changed and standing(policy) == ["noted disks ann"] and len(given.lines) == 1
    kept = given.event["notice"]
    assert isinstance(kept, dict) and kept["by"] == "ann"
    opens = parse_time(kept["opens"])
    assert 30 * HOUR <= opens - now(policy) + timedelta(seconds=5) <= 54 * HOUR + timedelta(seconds=5)
    again = do("window", policy, "announce", **WORDS)
    assert not again.changed and "is announced already" in again.lines[0] and again.event == {}
    assert not do("window", policy, "announce", check=True, **WORDS).changed
    assert do("window", policy, "announce", at=kept["opens"], **{**WORDS, "message": "more"}).changed
    assert standing(policy) == ["noted more ann"]


def test_notice_of_a_named_opening(policy: Policy) -> None:
    assert do("window", policy, "announce", at=midnight(policy, 9), **WORDS).changed
    assert not do("window", policy, "announce", at=midnight(policy, 9), **WORDS).changed


@pytest.mark.parametrize(
    ("said", "told", "repaired"),
    [
        ({"name": ""}, "window_name is empty. Name one of daily, noted, emergency.", {"window_name": "daily"}),
        ({"name": "notd"}, "window_name is 'notd'. Name one of", {"window_name": "noted"}),
        ({"message": ""}, "window_message is empty. Say what for.", {"window_message": "REASON"}),
        ({"at": "noon"}, "window_at: 'noon' is not a time. Write it as", {}),
        ({"at": "2096-01-01T00:00:01Z"}, "window_at is 2096-01-01T00:00:01Z, when noted does not open. It opens", None),
        ({"name": "emergency"}, "window_hours is empty, and emergency is open only as long as", {"window_hours": 2}),
        (
            {"name": "emergency", "hours": 2, "at": "2026-01-01T00:00:00Z"},
            "window_at is 2026-01-01T00:00:00Z, and emergency would be over. Name a time to come.",
            {},
        ),
    ],
)
def test_what_is_wrong_is_named_with_the_command_to_copy(
    policy: Policy, said: dict[str, object], told: str, repaired: dict[str, object] | None
) -> None:
    words = {**WORDS, **said}
    with pytest.raises(InvalidInput) as caught:
        do("window", policy, "announce", **words)
    assert str(caught.value).startswith(told)
    if repaired is None:
        return
    kept = {f"window_{key}": value for key, value in words.items() if value and key != "at"}
    assert caught.value.next == {"playbook": "window", "variables": {"window_action": "announce", **kept, **repaired}}


@pytest.mark.parametrize("hours", ["0", "-1", "25", "two", "nan"])
def test_hours_are_a_number_of_a_day(policy: Policy, hours: str) -> None:
    with pytest.raises(InvalidInput, match=rf"window_hours is '{hours}'\. Use a number above 0, up to 24"):
        do("window", policy, "announce", name="emergency", hours=hours, message="x")


def test_notice_that_comes_too_late_is_refused_with_the_next_in_time(policy: Policy) -> None:
    with pytest.raises(InvalidInput, match="and notice of noted had to be given until") as caught:
        do("window", policy, "announce", at=midnight(policy, 1), **WORDS)
    variables = caught.value.next["variables"]
    assert isinstance(variables, dict) and do("window", policy, "announce", at=variables["window_at"], **WORDS).changed


def test_a_window_that_never_opens_cannot_be_announced(policy: Policy, tmp_path: Path) -> None:
    never, above = {**NOTED, "name": "never"}, {**DAILY, "supersedes": ["never"]}
    with pytest.raises(InvalidInput, match="window_name is never, which does not open within two years"):
        do("window", Policy("toy", "lab", policy.ledger, windows=[never, above]), "announce", name="never", message="x")
    with pytest.raises(InvalidInput, match="declares no windows, so there is nothing to announce"):
        do("window", Policy("toy", "lab", policy.ledger, windows="always"), "announce", name="never", message="x")


def test_one_window_needs_no_name(policy: Policy) -> None:
    alone = Policy("toy", "lab", policy.ledger, windows=[NOTED])
    assert do("window", alone, "announce", message="disks").changed and do("window", alone, "withdraw").changed


def test_an_emergency_opens_as_soon_as_its_lead_allows(policy: Policy) -> None:
    words = {"name": "emergency", "message": "leak", "hours": 2}
    given = do("window", policy, "announce", **words)
    assert given.changed and len(given.lines) == 1, given.lines
    for repeated in (words, {"name": "emergency", "message": "leak"}):
        assert not do("window", policy, "announce", **repeated).changed
    longer = {**words, "hours": 3}
    assert do("window", policy, "announce", **longer).changed
    assert not do("window", policy, "announce", **longer).changed
    assert standing(policy) == ["emergency leak ann"] * 2


def test_an_emergency_before_its_lead_says_when_it_counts(policy: Policy) -> None:
    at_once = format_time(now(policy))
    given = do("window", policy, "announce", name="emergency", message="leak", hours=1, at=at_once)
    assert given.lines[1] == (
        "it opens less than 2 h 0 min from now, so it counts only while an incident of severity P0 or P1 is open"
    )


def test_withdrawing(policy: Policy) -> None:
    assert do("window", policy, "withdraw", name="noted").lines == ("noted: no notice stands",)
    first, second = midnight(policy, 5), midnight(policy, 6)
    for at in (first, second):
        do("window", policy, "announce", at=at, **WORDS)
    with pytest.raises(InvalidInput, match=f"2 notices of noted stand. They are for {first}, {second}") as caught:
        do("window", policy, "withdraw", name="noted")
    assert caught.value.next["variables"] == {
        "window_action": "withdraw",
        "window_name": "noted",
        "window_at": first,
    }
    would = do("window", policy, "withdraw", check=True, name="noted", at=first)
    assert would.changed and would.lines == (f"noted, {first}: the notice would be withdrawn",)
    done = do("window", policy, "withdraw", name="noted", at=first)
    assert done.changed and done.event["withdrawn"] and standing(policy) == ["noted disks ann"]
    assert not do("window", policy, "withdraw", name="noted", at=first).changed
    assert do("window", policy, "withdraw", name="noted").changed and standing(policy) == []


def test_who_gave_notice_is_the_person(policy: Policy) -> None:
    def by(who: dict[str, object]) -> str:
        told = around(policy)
        asked = Surroundings(told.policy, told.components, told.memory, told.clock, who=who)
        said = {**WORDS, "message": str(who)}
        event = TOOLS["window"].operate("announce", said, asked).event["notice"]
        assert isinstance(event, dict)
        return str(event["by"])

    assert by({"user": "root", "sudo_user": "bob"}) == "bob"
    assert by({"user": "awx", "awx": {"awx_user_name": "eve"}}) == "eve"
    assert by({"user": "awx", "awx": {}}) == "awx"
    assert by({}) == "unknown"


def test_a_wrong_declaration_is_named(policy: Policy) -> None:
    with pytest.raises(InvalidInput, match="ops_windows is 'nights'"):
        do("window", Policy("toy", "lab", policy.ledger, windows="nights"), "show")
    with pytest.raises(InvalidInput, match="ops_freezes is 'nights'"):
        do("window", Policy("toy", "lab", policy.ledger, freezes="nights"), "show")
