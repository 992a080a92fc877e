"""The lines at the end of a run that say who was told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._told.ends import Ending
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import Delivery
from ansible_collections.steady.ops.plugins.plugin_utils._told.run_end import lines_of, tell_end
from tests.sinks import free_port, http_sink
from tests.unit.plugins.plugin_utils._told.test_ends import PASSED


def ended(url: str, notify: Any, outcome: str = "INTERRUPTED", **more: Any) -> list[str]:
    return tell_end(Ending([{**PASSED, "ledger": url, "notify": notify, **more}], outcome))


def test_who_was_told_and_who_was_not(tmp_path: Path) -> None:
    ledger = initialise(f"file://{tmp_path}/ledger", "toy", "production")[0]
    dead = free_port()
    with http_sink() as sink:
        notify = [
            {"name": "hook", "kind": "webhook", "url": sink.url},
            {"name": "dead", "kind": "webhook", "url": f"http://127.0.0.1:{dead}/"},
            {"name": "odd", "kind": "fax"},
        ]
        assert ended(ledger.url, notify) == [
            "not told: ops_notify, odd: kind is none of pagerduty, slack, webhook, smtp",
            "told: hook",
            f"not told: dead: 127.0.0.1:{dead}: nothing listens there",
        ]
        assert ended(ledger.url, notify, mode="check") == []
        assert len(sink.received) == 1
        away = ended(f"file://{tmp_path}/nowhere", notify[:1])
        assert away == ["told: hook"], "the end of the run has said that the ledger is away"


def test_a_channel_that_is_dead_is_the_only_line() -> None:
    dead = Delivery("hook", "failed", "x", "1", False, "nothing listens there")
    assert lines_of([dead]) == ["not told: hook: nothing listens there"]


def test_nothing_to_tell_is_no_line_but_for_what_is_declared_wrong() -> None:
    assert ended("", [{"name": "odd", "kind": "fax"}], risk="read") == [
        "not told: ops_notify, odd: kind is none of pagerduty, slack, webhook, smtp"
    ]


def test_half_a_delivery_and_an_unrecorded_one_are_said() -> None:
    partly = Delivery("mail", "failed", "x", "1", True, "refused for b@x", unrecorded="The disk is full.")
    assert lines_of([partly]) == [
        "told: mail",
        "told, but mail: refused for b@x",
        "who was told is not recorded: The disk is full.",
    ]
