"""Events and deliveries as records."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._told.events import MOMENTS, RULES, Delivery
from tests.unit.plugins.plugin_utils._told.told_world import event


def test_a_state_has_one_key() -> None:
    assert event().key == event(run="01B", summary="x").key == "toy/production/api/release/failed"
    assert event(source="").key == "toy/production/api/failed"
    assert event().concerned == {"toy/production/api"} and event(members=("a", "b")).concerned == {"a", "b"}
    assert "override" in MOMENTS and set(RULES.values()) == {"error", "warning", "critical", "info"}


def test_a_delivery_is_an_event_of_the_journal() -> None:
    assert Delivery("it", "failed", "x", "01A", False, "dark", 2, "full").as_dict() == {
        "event": "told",
        "run": "01A",
        "channel": "it",
        "rule": "failed",
        "object": "x",
        "delivered": False,
        "problem": "dark",
        "repeat": 2,
    }
