"""Telling over a ledger: once, recorded, and anyway when the ledger is away."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.journal import Journal
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._told import states
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import RECOVERY, Event
from ansible_collections.steady.ops.plugins.plugin_utils._told.telling import tell
from tests.sinks import free_port, http_sink
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger
from tests.unit.plugins.plugin_utils._told.told_world import HOUR, NOW, channel, event

# fixtures
__all__ = ["ledger"]

CANARY = "canary-6b0d"
RECOVERED = event(RECOVERY, summary="deploy ended well", run="01C")


def told(ledger: Ledger) -> list[dict[str, Any]]:
    keys = ("run", "channel", "rule", "object", "delivered", "problem", "repeat")
    return [{key: each[key] for key in keys} for each in ledger.journal.events() if each["event"] == "told"]


def test_once_and_then_silent_and_then_over(ledger: Ledger, tmp_path: Path) -> None:
    with http_sink() as sink:
        address = tmp_path / "slack"
        address.write_text(f"{sink.url}/{CANARY}")
        chat = channel("slack", url_file=str(address))
        (first,) = tell(ledger, [chat], [event()], NOW)
        assert first.delivered and tell(ledger, [chat], [event(run="01B")], NOW + HOUR) == []
        (over,) = tell(ledger, [chat], [RECOVERED], NOW + HOUR)
        assert over.rule == RECOVERY and tell(ledger, [chat], [RECOVERED], NOW + HOUR) == []
        assert [body["text"].partition(":")[0] for body in sink.bodies] == ["FAILED", "RECOVERED"]
    assert [(each["rule"], each["run"], each["delivered"]) for each in told(ledger)] == [
        ("failed", "01A", True),
        ("recovery", "01C", True),
    ]
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert kept == [address]


def test_a_webhook_is_sent_each_time_with_its_number(ledger: Ledger) -> None:
    with http_sink() as sink:
        hook = channel("webhook", url=sink.url)
        assert [tell(ledger, [hook], [event()], NOW)[0].repeat for _n in range(3)] == [0, 1, 2]
        assert [body["repeat"] for body in sink.bodies] == [0, 1, 2]
    assert [each["repeat"] for each in told(ledger)] == [0, 1, 2]


def test_what_did_not_arrive_is_recorded_and_told_again(ledger: Ledger) -> None:
    dead = channel("webhook", url=f"http://127.0.0.1:{free_port()}/")
    (failed,) = tell(ledger, [dead], [event()], NOW)
    assert not failed.delivered and failed.unrecorded == ""
    assert told(ledger)[0]["problem"].endswith("nothing listens there")
    assert states.Book(ledger.store).read().last["it"]["delivered"] is False
    with http_sink() as sink:
        (again,) = tell(ledger, [channel("webhook", url=sink.url)], [event()], NOW)
        assert again.repeat == 0, "nobody was told before"


def test_without_a_ledger_everybody_is_told_and_hears_that(ledger: Ledger) -> None:
    with http_sink() as sink:
        hook = channel("webhook", url=sink.url)
        for _number in range(2):
            (delivery,) = tell(None, [hook], [event(), RECOVERED], NOW)
            assert delivery.delivered and delivery.unrecorded == "the ledger is away"
        assert [body["details"]["note"].partition(",")[0] for body in sink.bodies] == [
            "it is not known whether this was told before"
        ] * 2


def test_a_damaged_document_stops_nobody(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger" / states.KEY).write_text("{")
    with http_sink() as sink:
        (delivery,) = tell(ledger, [channel("webhook", url=sink.url)], [event()], NOW)
    assert delivery.delivered and delivery.unrecorded.startswith("What was told is damaged in the ledger")
    assert len(told(ledger)) == 1 and "note" in sink.bodies[0]["details"]


def test_a_ledger_that_vanishes_meanwhile_is_said(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise OpsError("The disk is full")

    monkeypatch.setattr(Journal, "append", fails)
    with http_sink() as sink:
        (delivery,) = tell(ledger, [channel("webhook", url=sink.url)], [event()], NOW)
    assert delivery.delivered and delivery.unrecorded == "The disk is full."
    shutil.rmtree(ledger.url.removeprefix("file://"))
    with http_sink() as sink:
        assert tell(ledger, [channel("webhook", url=sink.url)], [event()], NOW)[0].delivered


def test_secrets_of_the_run_leave_nowhere(ledger: Ledger, tmp_path: Path) -> None:
    secret = Event("failed", "toy/production/api", CANARY, {"why": [CANARY]}, source="x", state=CANARY)
    with http_sink() as sink:
        tell(ledger, [channel("webhook", url=sink.url)], [secret], NOW, redactor=Redactor([CANARY]))
        assert CANARY not in str(sink.bodies)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_nobody_is_told_of_nothing(ledger: Ledger) -> None:
    assert tell(ledger, [], [event()], NOW) == tell(ledger, [channel()], [], NOW) == []
    assert tell(ledger, [channel()], [RECOVERED], NOW) == [] and ledger.store.read(states.KEY) is None
