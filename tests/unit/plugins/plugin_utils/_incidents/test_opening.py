"""Opening and adding: what is missing, what is said twice, which incident is meant."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import State
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.opening import noting, opening
from tests.unit.plugins.plugin_utils._incidents.incident_world import ANN, LATER, NOW, OPEN, opened, plus, wish

NOTE: dict[str, Any] = {"incident_action": "note"}


def opens(state: State, **options: object) -> list[dict[str, object]]:
    return [
        {"id": draft.incident, "change": draft.change, **draft.fields}
        for draft in opening(state, wish("open", **options), NOW, ANN, "toy")
    ]


def notes(state: State, **options: object) -> list[dict[str, object]]:
    return [dict(draft.fields) for draft in noting(state, wish("note", **options), NOW, ANN)]


def test_opening_says_what_was_left_out() -> None:
    assert opens(State(), **OPEN) == [
        {
            "id": "INC-20261121-1",
            "change": "opened",
            "severity": "P1",
            "owner": "ann",
            "systems": ["toy"],
            "title": "the API is down",
            "channel": "incident-20261121-the-api-is-down",
        }
    ]
    more = {"owner": "bob", "systems": "shop,api", "users_percent": "70", "function": "outage", "message": "look"}
    first, second = opens(State(), title="x", id="mine", **more)
    assert (first["id"], first["severity"], first["owner"], first["systems"]) == ("mine", "P0", "bob", ["shop", "api"])
    assert (first["users_percent"], first["function"]) == (70.0, "outage")
    assert second == {"id": "mine", "change": "noted", "text": "look"}
    with_measure = opens(State(), **OPEN, mitigation="m", revert_by=LATER)
    assert with_measure[1]["mitigation"] == {"text": "m", "revert_by": LATER}


@pytest.mark.parametrize(
    ("options", "sentence", "variables"),
    [
        (
            {},
            "incident_title and incident_severity (or incident_users_percent, or incident_function) are empty.",
            {"incident_severity": "P1", "incident_title": "WHAT-HAPPENS"},
        ),
        ({"severity": "P0"}, "incident_title is empty.", {"incident_severity": "P0", "incident_title": "WHAT-HAPPENS"}),
        (
            {"title": "x"},
            "incident_severity (or incident_users_percent, or incident_function) is empty.",
            {"incident_severity": "P1", "incident_title": "x"},
        ),
    ],
)
def test_what_an_incident_cannot_do_without(options: Any, sentence: str, variables: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        opens(State(), **options)
    assert caught.value.sentence == sentence
    assert caught.value.next == {"playbook": "incident", "variables": {"incident_action": "open", **variables}}


def test_the_same_again_is_the_same_incident() -> None:
    state = opened("A", title="the API is down")
    assert opens(state, **OPEN) == [] == opens(state, id="A", **OPEN)
    assert opens(state, severity="P1", title="another")[0]["id"] == "INC-20261121-1"
    assert opens(plus(state, "A", "closed", resolution="x"), **OPEN)[0]["change"] == "opened"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"severity": "P0"}, "incident_severity"),
        ({"owner": "bob"}, "incident_owner"),
        ({"systems": "other"}, "incident_systems"),
        ({"id": "A", "title": "else"}, "incident_title"),
        ({"owner": "bob", "severity": "P0"}, "incident_severity, incident_owner"),
    ],
)
def test_an_open_one_is_not_opened_otherwise(more: dict[str, str], named: str) -> None:
    with pytest.raises(
        Refused, match=rf"The incident A \(P1, the API is down\) is open already, and {named} is said"
    ) as caught:
        opens(opened("A", title="the API is down"), **{**OPEN, **more})
    assert caught.value.next["variables"]["incident_action"] == "note"  # type: ignore[index]


def test_an_id_is_used_once() -> None:
    closed = plus(opened("A"), "A", "closed", resolution="x")
    for state in (closed, State(past=("A",))):
        with pytest.raises(Refused, match="The id A was used for an incident that is closed"):
            opens(state, id="A", **OPEN)


def test_a_note_adds_what_changed_only() -> None:
    state = opened("A")
    assert notes(state, message="look") == [{"text": "look"}]
    assert notes(state, severity="P1", owner="ann", systems="toy") == []
    assert notes(state, severity="P0", owner="bob", systems="a,b") == [
        {"severity": "P0", "owner": "bob", "systems": ["a", "b"]}
    ]
    assert notes(state, users_percent="10") == [{"severity": "P2"}]


def test_a_note_says_something() -> None:
    with pytest.raises(InvalidInput, match="incident_message is empty") as caught:
        notes(opened("A"))
    assert caught.value.next["variables"] == {**NOTE, "incident_id": "A", "incident_message": "WHAT-HAPPENED"}


def test_a_repeated_run_says_nothing_twice_and_a_person_may() -> None:
    state = plus(opened("A"), "A", "noted", when="2026-11-21T02:50:00Z", text="still down")
    assert notes(state, message="still down") == []
    assert notes(state, message="still down", severity="P0") == [{"text": "still down", "severity": "P0"}]
    earlier = plus(opened("A"), "A", "noted", when="2026-11-21T02:49:00Z", text="still down")
    assert notes(earlier, message="still down") == [{"text": "still down"}]
    between = plus(state, "A", "noted", text="now it is up")
    assert notes(between, message="still down") == [{"text": "still down"}]


def test_a_temporary_measure_is_said_once_and_taken_back_once() -> None:
    measure = {"mitigation": "more instances", "revert_by": LATER}
    state = opened("A")
    assert notes(state, **measure) == [{"mitigation": {"text": "more instances", "revert_by": LATER}}]
    state = plus(state, "A", "noted", mitigation={"text": "more instances", "revert_by": LATER})
    assert notes(state, **measure) == []
    assert notes(state, reverted="1", message="done") == [{"text": "done", "reverted": [1]}]
    state = plus(state, "A", "noted", reverted=[1])
    assert notes(state, reverted="1") == []
    assert notes(state, **measure) != [], "it was taken back, so this is another"


def test_a_measure_needs_its_end_and_an_end_its_measure() -> None:
    for said, lacking in (({"mitigation": "m"}, "revert_by"), ({"revert_by": LATER}, "mitigation")):
        with pytest.raises(InvalidInput, match=f"incident_{lacking} is empty") as caught:
            notes(opened("A"), **said)
        variables: Any = caught.value.next["variables"]
        assert variables["incident_mitigation"] and variables["incident_revert_by"] and variables["incident_id"] == "A"


def test_a_measure_ends_in_time_to_come_and_belongs_to_what_goes_on() -> None:
    for time in ("2026-11-21T03:00:00Z", "2020-01-01T00:00:00Z"):
        with pytest.raises(InvalidInput, match=r"incident_revert_by .* is past\. Name a time to come\.") as caught:
            notes(opened("A"), mitigation="m", revert_by=time)
        assert caught.value.next["variables"]["incident_revert_by"] == "2026-11-22T03:00:00Z"  # type: ignore[index]
    closed = plus(opened("A"), "A", "closed", resolution="x")
    with pytest.raises(InvalidInput, match="A is closed, so nobody would be reminded"):
        notes(closed, id="A", mitigation="m", revert_by=LATER)
    assert notes(closed, id="A", message="it was the index") == [{"text": "it was the index"}]


@pytest.mark.parametrize(("measures", "has"), [(0, "no temporary measure"), (2, "1, 2")])
def test_only_a_measure_that_is_there_is_taken_back(measures: int, has: str) -> None:
    state = opened("A")
    for _number in range(measures):
        state = plus(state, "A", "noted", mitigation={"text": "m", "revert_by": LATER})
    with pytest.raises(InvalidInput, match=f"incident_reverted names 7, 9, and A has {has}"):
        notes(state, reverted="7,9")


def refusal(state: State, **options: object) -> OpsError:
    with pytest.raises(InvalidInput) as caught:
        notes(state, **options)
    return caught.value


def test_which_incident_is_meant() -> None:
    assert refusal(State(), message="x").sentence == "No incident is open."
    two = opened("A", "B")
    several = refusal(two, message="x", severity="P0")
    assert several.sentence == "incident_id is empty, and 2 incidents are open: A (P1, t), B (P1, t)."
    variables = {**NOTE, "incident_id": "B", "incident_message": "x", "incident_severity": "P0"}
    assert several.next == {"playbook": "incident", "variables": variables}
    wrong = refusal(two, id="C", message="x")
    assert str(wrong) == "incident_id is C, which does not exist. Open are A (P1, t), B (P1, t)."
    assert wrong.next["variables"] == {**NOTE, "incident_id": "B", "incident_message": "x"}
    past = refusal(State(past=("C",)), id="C", message="x")
    assert str(past) == "incident_id is C, which was closed, and stands only in the journal. None is open; open one."
    assert past.next["variables"]["incident_action"] == "open"  # type: ignore[index]
