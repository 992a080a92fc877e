"""Closing and acknowledging."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import State
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.ending import acknowledging, closing
from tests.unit.plugins.plugin_utils._incidents.incident_world import LATER, WHEN, opened, plus, wish

MEASURE = {"text": "more instances", "revert_by": LATER}
USE: dict[str, Any] = {"runbook": "deploy", "action": "deploy", "gates": ["hold"], "reason": "why"}


def closes(state: State, **options: object) -> list[tuple[str, dict[str, object]]]:
    return [(draft.incident, dict(draft.fields)) for draft in closing(state, wish("close", **options))]


def test_closing_wants_to_know_what_ended_it() -> None:
    assert closes(opened("A"), resolution="the index is back") == [("A", {"resolution": "the index is back"})]
    with pytest.raises(InvalidInput, match="incident_resolution is empty") as caught:
        closes(opened("A"))
    variables = {"incident_action": "close", "incident_id": "A", "incident_resolution": "WHAT-ENDED-IT"}
    assert caught.value.next == {"playbook": "incident", "variables": variables}


def test_a_temporary_measure_keeps_it_open() -> None:
    state = plus(plus(opened("A"), "A", "noted", mitigation=MEASURE), "A", "noted", mitigation=MEASURE)
    with pytest.raises(Refused) as caught:
        closes(state, resolution="x")
    assert caught.value.sentence == (
        f"A is not closed while a temporary measure stands: 1 until {LATER}: more instances;"
        f" 2 until {LATER}: more instances."
    )
    assert caught.value.next["variables"] == {
        "incident_action": "note",
        "incident_id": "A",
        "incident_reverted": "1",
        "incident_message": "HOW-IT-WAS-TAKEN-BACK",
    }
    assert closes(plus(state, "A", "noted", reverted=[1, 2]), resolution="x")


def test_closing_again_changes_nothing_and_closing_otherwise_is_refused() -> None:
    state = plus(opened("A"), "A", "closed", resolution="x")
    assert closes(state, resolution="x") == [] == closes(state, id="A", resolution="x") == closes(state, id="A")
    with pytest.raises(
        Refused, match=rf"A was closed by ann@box at {WHEN}: x\. Add what you know as a note\."
    ) as caught:
        closes(state, id="A", resolution="y")
    assert caught.value.next["variables"]["incident_message"] == "y"  # type: ignore[index]
    for said in ({}, {"resolution": "y"}):
        with pytest.raises(InvalidInput, match="No incident is open"):
            closes(state, **said)
    with pytest.raises(InvalidInput, match="No incident is open"):
        closes(State(), resolution="x")


def test_overrides_are_acknowledged_one_incident_or_all() -> None:
    state = plus(plus(opened("A", "B", "C"), "A", "overridden", run="R1", **USE), "B", "overridden", run="R2", **USE)
    runs = [(draft.incident, draft.fields["runs"]) for draft in acknowledging(state, wish("acknowledge"))]
    assert runs == [("A", ["R1"]), ("B", ["R2"])]
    assert [draft.incident for draft in acknowledging(state, wish("acknowledge", id="B"))] == ["B"]
    assert acknowledging(state, wish("acknowledge", id="C")) == []
    with pytest.raises(InvalidInput, match="incident_id is D, which does not exist"):
        acknowledging(state, wish("acknowledge", id="D"))
