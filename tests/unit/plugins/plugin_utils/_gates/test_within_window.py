"""What the gate window says to who asks for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice
from ansible_collections.steady.ops.plugins.plugin_utils._gates import window
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Says, refusal_text
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE, asks, text

# a Saturday
NOW = datetime(2026, 11, 21, tzinfo=UTC)
INSIDE = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
WEEKLY = {"name": "weekly", "zone": "Europe/Berlin", "days": ["sunday"], "from": "02:00", "to": "04:00"}
NOTED = {**WEEKLY, "notice_hours": 72}
EMERGENCY = {"name": "emergency", "announced": True, "notice_hours": 2}
AGAIN = (
    "`ansible-playbook x.yml -e ops_override=window -e ops_incident=ID -e ops_reason=REASON"
    " -e ops_override_confirm=toy/production/override`"
)
NO_WAIT = f"when it cannot wait, name the open incident and why: {AGAIN}"
ANNOUNCE = "ansible-playbook steady.ops.window -e window_action=announce"


def judged(windows: object, now: datetime = NOW, **more: Any) -> str:
    (verdict,) = window.judge(asks(where=replace(LIVE, windows=windows), disruptive=True), now, **more)
    return refusal_text([verdict]) if verdict.says is Says.REFUSE else f"{verdict.says.value}: {verdict.sentence}"


def notice(name: str, opens: datetime, *, before: timedelta, hours: int = 2) -> Notice:
    return Notice(name, opens, opens + timedelta(hours=hours), opens - before, "ann", "disks")


@pytest.mark.parametrize("declared", [None, "", []])
def test_nothing_declared_names_the_key_and_what_to_write(declared: object) -> None:
    assert judged(declared) == (
        "Refused by the gate window: deploy deploy disturbs who uses toy/production, and the inventory does not declare"
        " ops_windows. State when that may be in group_vars/production.yml, ops_windows: always, or a list with"
        ' {name: weekly, zone: Europe/Berlin, days: [sunday], from: "02:00", to: "04:00"};'
        f" {NO_WAIT}"
    )


def test_a_lab_needs_none_and_keeps_what_it_declares() -> None:
    assert text(window.judge(asks(where=LAB, disruptive=True), NOW)) == ["pass"]
    (verdict,) = window.judge(asks(where=replace(LAB, windows=[WEEKLY]), disruptive=True), NOW)
    assert verdict.says is Says.REFUSE


def test_always_is_any_time() -> None:
    assert judged("always") == "pass: ops_windows of toy/production is always"


def test_inside_says_until_when() -> None:
    assert judged([WEEKLY], INSIDE) == (
        "pass: The window weekly is open until Sunday 2026-11-22 04:00 Europe/Berlin (2026-11-22T03:00:00Z)"
    )


def test_its_first_moment_is_inside_and_its_last_is_not() -> None:
    opens, closes = datetime(2026, 11, 22, 1, tzinfo=UTC), datetime(2026, 11, 22, 3, tzinfo=UTC)
    second = timedelta(seconds=1)
    moments = [opens - second, opens, closes - second, closes]
    assert [judged([WEEKLY], moment).startswith("pass") for moment in moments] == [False, True, True, False]


def test_shut_says_when_the_next_opens_and_for_how_long() -> None:
    assert judged([WEEKLY]) == (
        "Refused by the gate window: Outside the window of toy/production (weekly); next opens weekly, Sunday"
        " 2026-11-22 02:00 Europe/Berlin (2026-11-22T01:00:00Z) for 2 h 0 min. Wait until it opens;"
        f" {NO_WAIT}"
    )


def test_shut_offers_the_window_that_can_be_announced() -> None:
    assert judged([{**WEEKLY, "zone": "UTC"}, EMERGENCY]) == (
        "Refused by the gate window: Outside the windows of toy/production (weekly, emergency); next opens weekly,"
        " Sunday 2026-11-22 02:00 UTC for 2 h 0 min. Wait until it opens, or announce emergency, which opens 2 h 0 min"
        f" later, with `{ANNOUNCE} -e window_name=emergency -e window_message=REASON -e window_hours=2`;"
        f" {NO_WAIT}"
    )
    told = judged([EMERGENCY], severities=["P1"])
    assert "no other opens by the calendar. Announce emergency, which opens when you say, with" in told
    assert "which opens when you say" in judged([{"name": "emergency", "announced": True}])


def test_what_never_opens_says_so() -> None:
    never = {**WEEKLY, "name": "never"}
    always_instead = {**WEEKLY, "supersedes": ["never"], "days": "daily", "from": "01:00", "to": "01:01"}
    told = judged([never, always_instead], datetime(2026, 11, 22, 2, tzinfo=UTC))
    assert "next opens weekly, Monday 2026-11-23 01:00" in told
    skipped = {**WEEKLY, "zone": "Europe/Berlin", "days": ["fifth sunday"], "nonexistent": "skip"}
    assert "next opens weekly" in judged([skipped])


OPENS = datetime(2026, 11, 22, 1, tzinfo=UTC)


def test_without_notice_an_open_window_is_shut() -> None:
    assert judged([NOTED], INSIDE) == (
        "Refused by the gate window: The window weekly is open until Sunday 2026-11-22 04:00 Europe/Berlin"
        " (2026-11-22T03:00:00Z), and no notice of it was given, where 72 h 0 min before it opens are asked for; next"
        " opens weekly, Sunday 2026-11-29 02:00 Europe/Berlin (2026-11-29T01:00:00Z) for 2 h 0 min, if notice is given"
        f" until 2026-11-26T01:00:00Z. Give notice with `{ANNOUNCE} -e window_name=weekly -e window_message=REASON`,"
        f" and wait until it opens; {NO_WAIT}"
    )


def test_notice_opens_it_when_it_was_given_early_enough() -> None:
    early, late = timedelta(hours=72), timedelta(hours=72) - timedelta(seconds=1)
    assert judged([NOTED], INSIDE, notices=[notice("weekly", OPENS, before=early)]).startswith("pass")
    told = judged([NOTED], INSIDE, notices=[notice("weekly", OPENS, before=late)])
    assert "and notice of it was given at 2026-11-19T01:00:01Z, where 72 h 0 min" in told
    others = [
        notice("weekly", OPENS - timedelta(days=7), before=early),
        notice("monthly", OPENS, before=early),
    ]
    assert "no notice of it was given" in judged([NOTED], INSIDE, notices=others)
    # an urgent incident does not make a window of the calendar one that was announced
    assert "no notice" in judged([NOTED], INSIDE, severities=["P0"])
    given = judged([NOTED], NOW, notices=[notice("weekly", OPENS, before=early)])
    assert (
        "next opens weekly, Sunday 2026-11-22 02:00 Europe/Berlin (2026-11-22T01:00:00Z) for 2 h 0 min. Wait" in given
    )


@pytest.mark.parametrize(
    ("before", "severities", "passes"),
    [
        (timedelta(hours=2), [], True),
        (timedelta(hours=1), [], False),
        (timedelta(), ["P2"], False),
        (timedelta(), ["P2", "p1"], True),
    ],
)
def test_an_urgent_incident_waives_the_lead_of_an_announced_window(
    before: timedelta, severities: list[str], passes: bool
) -> None:
    given = [notice("emergency", NOW, before=before)]
    told = judged([WEEKLY, EMERGENCY], NOW, notices=given, severities=severities)
    assert told.startswith("pass: The window emergency is open until Saturday 2026-11-21 02:00 UTC") == passes, told
    assert not judged([EMERGENCY], NOW + timedelta(hours=2), notices=given, severities=severities).startswith("pass")


def test_a_wrong_declaration_refuses_only_who_asks_for_a_window() -> None:
    assert judged([{**WEEKLY, "zone": "Europe/Berln"}]) == (
        "Refused by the gate window: ops_windows[weekly].zone is 'Europe/Berln', which is no IANA zone."
        " Name one, such as Europe/Berlin: `ansible-playbook steady.ops.window`"
    )
