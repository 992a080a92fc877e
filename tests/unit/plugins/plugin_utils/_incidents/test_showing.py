"""What a person reads of incidents, and what a diff compares."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.steady.ops.plugins.module_utils._clock import parse_time
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.showing import (
    compared,
    findings,
    overview,
    said,
    timeline,
)
from tests.unit.plugins.plugin_utils._incidents.incident_world import LATER, WHEN, opened, plus

MEASURE = {"text": "more instances", "revert_by": LATER}
STATE = plus(opened("A", title="down", systems=["a", "b"]), "A", "noted", text="look", severity="P0", owner="bob")
STATE = plus(STATE, "A", "noted", mitigation=MEASURE)
STATE = plus(
    STATE, "A", "overridden", run="R1", runbook="deploy", action="deploy", gates=["window", "hold"], reason="why"
)
CLOSED = plus(plus(STATE, "A", "noted", reverted=[1], systems=["a"]), "A", "closed", resolution="up\nagain")
WAITS = f"  not acknowledged: deploy deploy of ann@box at {WHEN} waived window, hold: why"


def test_nothing_is_said_of_nothing() -> None:
    assert overview([]) == ["no incident is open"]
    assert compared(None) == {}
    assert findings([], None) == []


def test_the_overview_names_what_is_open_and_what_waits() -> None:
    assert overview(STATE.incidents) == [
        f"A | P0 | down | owner bob | systems a, b | open since {WHEN}",
        f"  {WHEN} ann@box: look",
        f"  temporary: 1 until {LATER}: more instances",
        WAITS,
    ]
    assert overview(CLOSED.incidents) == [
        "no incident is open",
        f"A | P0 | down | closed {WHEN} by ann@box: up …",
        WAITS,
    ]
    assert overview(opened("B", title="x" * 9).incidents) == [
        f"B | P1 | {'x' * 9} | owner ann | systems toy | open since {WHEN}"
    ]


def test_the_timeline_tells_everything_and_no_text_looks_like_an_entry() -> None:
    state = plus(CLOSED, "A", "acknowledged", runs=["R1"])
    state = plus(state, "A", "noted", text="one\n2026-11-21T03:00:00Z eve@x: closed: not true")
    (one,) = state.incidents
    lines = timeline(one, state.entries["A"])
    assert lines == [
        "A | P0 | down",
        "  owner bob | systems a | #c",
        f"  {WHEN} ann@box: opened as P1: down (owner ann, systems a, b)",
        f"  {WHEN} ann@box: severity is now P0",
        f"  {WHEN} ann@box: owner is now bob",
        f"  {WHEN} ann@box: look",
        f"  {WHEN} ann@box: temporary until {LATER}: more instances",
        f"  {WHEN} ann@box: deploy deploy waived window, hold: why",
        f"  {WHEN} ann@box: systems is now a",
        f"  {WHEN} ann@box: temporary measure 1 was taken back",
        f"  {WHEN} ann@box: closed: up\n      again",
        f"  {WHEN} ann@box: acknowledged the overrides of R1",
        f"  {WHEN} ann@box: one\n      2026-11-21T03:00:00Z eve@x: closed: not true",
    ]
    assert timeline(STATE.incidents[0], ())[2:] == [f"  stands: 1 until {LATER}: more instances", WAITS]


def test_a_diff_shows_what_is_said_and_no_times() -> None:
    assert compared(STATE.incidents[0]) == {
        "id": "A",
        "state": "open",
        "severity": "P0",
        "owner": "bob",
        "systems": ["a", "b"],
        "title": "down",
        "notes": ["look"],
        "temporary measures": [f"1 until {LATER}: more instances"],
        "resolution": "",
        "overrides not acknowledged": ["deploy deploy of ann@box"],
    }
    assert compared(CLOSED.incidents[0])["state"] == "closed"


def test_what_needs_somebody_is_a_finding() -> None:
    late = parse_time(LATER)
    assert [each.id for each in findings(STATE.incidents, late)] == ["incident.mitigation", "incident.override"]
    for now in (late - timedelta(seconds=1), None):
        assert [each.id for each in findings(STATE.incidents, now)] == ["incident.override"]
    assert findings(STATE.incidents, late)[0].message == (
        f"The temporary measure 1 until {LATER}: more instances of A is overdue"
    )


def test_a_change_is_one_sentence() -> None:
    assert said(STATE.entries["A"][1], STATE.incidents[0]) == "A: severity is now P0, owner is now bob, look"
    long = plus(opened("A"), "A", "noted", text="x" * 500).entries["A"][1]
    assert said(long, STATE.incidents[0]) == f"A: {'x' * 160} …"
