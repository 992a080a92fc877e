"""Incidents as the fold over their entries."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._incidents.entries import author_of, incident_of
from tests.unit.plugins.plugin_utils._incidents.incident_world import LATER, WHEN, opened, plus

MEASURE = {"text": "twice as many", "revert_by": LATER}


@pytest.mark.parametrize(
    ("who", "named", "name"),
    [
        ({"user": "ann", "host": "box"}, "ann@box", "ann"),
        ({"user": "root", "sudo_user": "ann", "host": "box"}, "ann@box", "ann"),
        ({"user": "awx", "host": "box", "awx": {"awx_user_name": "kim", "awx_job_id": "7"}}, "kim (AWX job 7)", "kim"),
        ({"user": "awx", "host": "box", "awx": {"awx_job_id": "7"}}, "awx@box", "awx"),
        (None, "?@?", "?"),
    ],
)
def test_who_says_it(who: object, named: str, name: str) -> None:
    assert (author_of(who).named, author_of(who).name) == (named, name)


def test_everything_that_happened_is_in_it() -> None:
    state = plus(opened("A"), "A", "noted", text="look", severity="P0", owner="bob", systems=["a", "b"])
    state = plus(state, "A", "noted", mitigation=MEASURE)
    state = plus(state, "A", "noted", mitigation={**MEASURE, "text": "other"}, reverted=[1])
    state = plus(state, "A", "overridden", run="R1", runbook="deploy", action="deploy", gates=["window"], reason="why")
    (one,) = state.opened
    assert (one.severity, one.owner, one.systems, [note.text for note in one.notes]) == (
        "P0",
        "bob",
        ("a", "b"),
        ["look"],
    )
    assert [measure.named() for measure in one.active] == [f"2 until {LATER}: other"]
    assert (one.mitigations[0].reverted_at, one.mitigations[0].reverted_by) == (WHEN, "ann@box")
    assert [use.named() for use in one.unacknowledged] == [f"deploy deploy of ann@box at {WHEN} waived window: why"]
    state = plus(plus(state, "A", "acknowledged", runs=["R1"]), "A", "closed", resolution="the index is back")
    (one,) = state.incidents
    assert (one.open, one.resolution, one.closed_by, one.unacknowledged) == (False, "the index is back", "ann@box", ())
    assert one.uses[0].acknowledged_by == "ann@box"
    shown = one.as_dict()
    assert (shown["systems"], shown["open"], len(shown["notes"])) == (["a", "b"], False, 1)  # type: ignore[arg-type]
    assert one.named() == "A (P0, t)"


def test_an_acknowledgement_is_of_the_runs_that_it_names() -> None:
    use = {"runbook": "deploy", "action": "deploy", "gates": ["hold"], "reason": "why"}
    state = plus(opened("A"), "A", "overridden", run="R1", **use)
    state = plus(plus(state, "A", "overridden", run="R2", **use), "A", "acknowledged", runs=["R1"])
    assert [one.run for one in state.opened[0].unacknowledged] == ["R2"]


def test_order_and_repetition_of_entries_change_nothing() -> None:
    state = plus(plus(opened("A"), "A", "noted", text="one"), "A", "noted", text="two")
    entries = state.entries["A"]
    assert incident_of("A", [*reversed(entries), *entries]) == incident_of("A", entries)


@pytest.mark.parametrize("entry", [{}, {"number": 1}, {"number": 1, "change": "x"}, {"number": "x"}, {"number": None}])
def test_what_is_no_entry_is_an_error(entry: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        incident_of("A", [entry])
