"""What a result means for the ledger."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.records import (
    cannot_be_undone,
    entries_of,
    has_work,
    new_intent,
    open_intent,
    settled,
    settles,
    step_event,
    world_moved,
)


def test_work_is_a_step_that_would_be_done() -> None:
    assert has_work({"plan": [{"state": "skipped"}, {"state": "would do"}]})
    assert not has_work({"plan": [{"state": "done"}]}) and not has_work({}) and not has_work({"plan": "x"})


def test_intents_open_and_close() -> None:
    assert new_intent({"intent": None}, "toy/lab") is None
    assert new_intent({"intent": {"kind": "x", "to": 2}}, "toy/lab") == {
        "unit": "toy/lab",
        "kind": "intent",
        "state": "open",
        "to": 2,
    }
    opened = {"kind": "intent", "state": "open"}
    assert open_intent([opened, {"kind": "served"}]) == opened
    assert open_intent([opened, {"kind": "intent", "state": "settled"}]) is None and open_intent([]) is None


@pytest.mark.parametrize(
    ("result", "does"), [({"intent_open": False}, True), ({"intent_open": True}, False), ({"failed": True}, False)]
)
def test_only_the_module_itself_settles(result: dict[str, object], does: bool) -> None:
    assert settles(result) is does


def test_the_end_of_an_intent_says_after_a_failure_what_serves() -> None:
    end = {"runbook": "deploy", "state": "settled", "at": "now"}
    opened = {"runbook": "deploy", "state": "open"}
    serving = {"id": "1", "since": "yesterday"}
    assert settled(opened, {"serving": serving}, "now") == end
    assert settled(opened, {"failed": True, "serving": serving}, "now") == {**end, "serving": {"id": "1"}}
    assert settled(opened, {"failed": True, "serving": None}, "now") == {**end, "serving": None}


def test_only_a_refusal_that_says_so_stays() -> None:
    details = {"cannot_be_undone": True}
    assert cannot_be_undone({"failed": True, "details": details})
    assert not cannot_be_undone({"failed": True, "details": {"plan_hash": "1"}})
    assert not cannot_be_undone({"failed": False, "details": details}) and not cannot_be_undone({"failed": True})


def test_a_moved_world_is_a_refusal_with_another_hash() -> None:
    moved = {"failed": True, "error_kind": "Refused", "details": {"plan_hash": "x"}}
    assert world_moved(moved)
    for key in moved:
        assert not world_moved({name: value for name, value in moved.items() if name != key})


def test_entries_get_their_component_and_events_their_essentials() -> None:
    result = {
        "entries": [{"kind": "served"}, {"kind": "intent"}, {"kind": "verdict", "component": "other"}, "x"],
        "plan": [{"kind": "a", "sentence": "b", "state": "c", "undo": "d"}],
        "msg": "m",
        "diff": {"before": "x"},
    }
    assert [entry.get("component") for entry in entries_of(result, "api")] == ["api", None, "other"]
    assert step_event(result) == {
        "event": "step",
        "result": "ok",
        "plan": [{"kind": "a", "sentence": "b", "state": "c"}],
        "msg": "m",
    }
