"""JSON to real HTTP servers: what is tried again, what is trusted, and what is said of one that does not take it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sinks import free_port, http_sink
from tests.unit.plugins.plugin_utils._told.told_world import (
    channel,
    foreign,
    mailer,
    pagerduty,
    rude,
    sent,
    silent,
    trusted,
)

# fixtures
__all__ = ["foreign", "rude", "silent", "trusted"]


@pytest.mark.parametrize("statuses", [[500], [503], [429]])
def test_a_receiver_that_fails_is_asked_once_more(statuses: list[int]) -> None:
    with http_sink() as sink:
        sink.statuses = statuses
        assert sent(channel("webhook", url=sink.url)).delivered and len(sink.received) == 1


def test_twice_is_enough() -> None:
    with http_sink() as sink:
        sink.statuses = [500, 500, 500]
        assert sent(channel("webhook", url=sink.url)).problem == f"127.0.0.1:{sink.port}: answered 500"
        assert sink.statuses == [500]


def test_a_refusal_is_not_asked_again_and_a_redirect_not_followed() -> None:
    with http_sink() as sink:
        sink.statuses = [403, 302]
        assert "answered 403: taken" in sent(channel("webhook", url=sink.url)).problem
        redirected = sent(channel("webhook", url=sink.url, token_env="SECRET"))
        assert "answered 302 and points elsewhere, which is not followed" in redirected.problem
        assert sink.received == []


def test_what_an_answer_repeats_of_the_secret_is_masked() -> None:
    with http_sink() as sink:
        sink.statuses, sink.echo = [400], True
        told = sent(pagerduty(sink.url))
    assert 'answered 400: {"routing_key": "********' in told.problem


def test_a_dead_port_is_named() -> None:
    port = free_port()
    assert (
        sent(channel("webhook", url=f"http://127.0.0.1:{port}/")).problem == f"127.0.0.1:{port}: nothing listens there"
    )
    assert sent(mailer(port)).problem == f"127.0.0.1:{port}: nothing listens there"


def test_a_name_that_is_none_is_named() -> None:
    told = sent(channel("webhook", url="https://no-such-host.invalid/"))
    assert told.problem == "no-such-host.invalid: its name cannot be resolved"


def test_who_hangs_is_not_waited_for(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.steady.ops.plugins.plugin_utils._told.posting.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("ansible_collections.steady.ops.plugins.plugin_utils._told.mailing.CONNECT_SECONDS", 0.3)
    hook = channel("webhook", url=f"http://127.0.0.1:{silent}/")
    assert sent(hook).problem == f"127.0.0.1:{silent}: no answer in time"
    assert sent(mailer(silent)).problem == f"127.0.0.1:{silent}: no answer in time"


def test_a_connection_that_is_cut_is_tried_once_more_and_named(rude: Callable[[bytes], int]) -> None:
    hook, mail, refusing = rude(b""), rude(b""), rude(b"554 not for you\r\n")
    assert (
        sent(channel("webhook", url=f"http://127.0.0.1:{hook}/")).problem == f"127.0.0.1:{hook}: the connection was cut"
    )
    assert sent(mailer(mail)).problem == f"127.0.0.1:{mail}: the connection was cut"
    assert sent(mailer(refusing)).problem == f"127.0.0.1:{refusing}: it answered 554"
    garbled = rude(b"what?\r\n\r\n")
    assert sent(channel("webhook", url=f"http://127.0.0.1:{garbled}/")).problem.endswith((": BadStatusLine", "was cut"))


def test_tls_is_verified(trusted: tuple[Path, Path], foreign: tuple[Path, Path]) -> None:
    with http_sink(certificate=trusted) as sink:
        hook = channel("webhook", url=sink.url, token_env="SECRET", ca_file=str(trusted[0]))
        assert sent(hook).delivered
        unknown = sent(channel("webhook", url=sink.url, token_env="SECRET"))
        assert unknown.problem.startswith(f"127.0.0.1:{sink.port}: its certificate is not trusted: self-signed")
        lost = sent(channel("webhook", url=sink.url, ca_file="/no/such/file"))
        assert lost.problem == "ca_file /no/such/file cannot be used: No such file or directory"
    with http_sink(certificate=foreign) as sink:
        other = sent(channel("webhook", url=sink.url, ca_file=str(foreign[0])))
        assert "its certificate is not trusted: IP address mismatch" in other.problem and sink.received == []
    with http_sink() as sink:
        plain = sent(channel("webhook", url=f"https://127.0.0.1:{sink.port}/"))
        assert "no TLS connection could be made" in plain.problem
