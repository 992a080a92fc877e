"""Every channel in its own way, and none in the way of another."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told import sending
from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import TEST, Delivery
from ansible_collections.steady.ops.plugins.plugin_utils._told.sending import send_all
from tests.sinks import http_sink
from tests.unit.plugins.plugin_utils._told.told_world import KEY, NOW, channel, event, pagerduty, sent, silent

# fixtures
__all__ = ["silent"]


def test_pagerduty_takes_what_it_documents() -> None:
    with http_sink(pagerduty=True) as sink:
        assert sent(pagerduty(sink.url)) == Delivery("it", "failed", "toy/production/api", "01A", True)
        assert sent(pagerduty(sink.url), TEST).delivered
        assert [body["event_action"] for body in sink.bodies] == ["trigger", "trigger", "resolve"]
        assert {body["routing_key"] for body in sink.bodies} == {KEY}


def test_a_wrong_key_is_what_the_receiver_says() -> None:
    with http_sink(pagerduty=True) as sink:
        ((_m, delivery),) = send_all([Message(pagerduty(sink.url), event())], NOW, {"SECRET": "short"})
    assert not delivery.delivered
    assert delivery.problem.startswith(f"127.0.0.1:{sink.port}: answered 400: ")
    assert "'routing_key' must be 32 characters" in delivery.problem


def test_slack_gets_its_message_at_an_address_that_nobody_sees(tmp_path: Path) -> None:
    with http_sink() as sink:
        address = tmp_path / "slack"
        address.write_text(f"{sink.url}/services/{KEY}\n")
        assert sent(channel("slack", url_file=str(address))).delivered
        assert sink.received[0].path.endswith(KEY) and "FAILED: toy/production/api" in sink.bodies[0]["text"]
        sink.statuses, sink.echo = [404], True
        told = sent(channel("slack", url_file=str(address)))
    assert "answered 404" in told.problem and not told.delivered


def test_a_webhook_gets_its_token() -> None:
    with http_sink() as sink:
        assert sent(channel("webhook", url=sink.url, token_env="SECRET")).delivered
        assert sink.received[0].headers["Authorization"] == f"Bearer {KEY}"
        assert sink.received[0].headers["Content-Type"] == "application/json"
        assert sent(channel("webhook", url=sink.url)).delivered
        assert "Authorization" not in sink.received[1].headers and sink.bodies[1]["rule"] == "failed"


def test_one_that_hangs_does_not_hold_up_the_others(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ALL_SECONDS", 1.0)
    with http_sink() as sink:
        hanging = channel("webhook", name="hanging", url=f"http://127.0.0.1:{silent}/")
        well = channel("webhook", name="well", url=sink.url)
        came = send_all([Message(hanging, event()), Message(well, event())], NOW, {})
        assert [delivery.problem for _message, delivery in came] == ["no answer within 1 s", ""]


def test_a_program_that_is_ending_still_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name == "tell it":
            raise RuntimeError("can't create new thread at interpreter shutdown")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with http_sink() as sink:
        assert sent(channel("webhook", url=sink.url)).delivered


def test_a_secret_that_is_missing_is_a_problem_of_its_channel_alone() -> None:
    with http_sink() as sink:
        other = channel("webhook", name="other", url=sink.url)
        came = send_all([Message(pagerduty(sink.url), event()), Message(other, event())], NOW, {})
        assert [delivery.problem for _message, delivery in came] == [
            "The environment variable SECRET is not set where this runs.",
            "",
        ]


def test_an_accident_is_a_problem_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: object) -> None:
        raise ValueError(KEY)

    monkeypatch.setattr(sending, "webhook", breaks)
    assert sent(channel("webhook")).problem == "it could not be sent (ValueError)"
