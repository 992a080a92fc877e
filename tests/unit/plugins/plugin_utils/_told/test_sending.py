"""Sending through real receivers on this machine: what arrives, and what is said of one that does not take it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told import patience, sending
from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import Channel
from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import TEST, Delivery
from ansible_collections.steady.ops.plugins.plugin_utils._told.sending import send_all
from tests.sinks import certificate, free_port, http_sink, smtp_sink
from tests.unit.plugins.plugin_utils._told.told_world import NOW, channel, event

KEY = "canary7a0123456789abcdef01234567"


def sent(made: Channel, rule: str = "failed", **more: Any) -> Delivery:
    ((_message, delivery),) = send_all([Message(made, event(rule, **more))], NOW, {"SECRET": KEY})
    assert KEY not in str(delivery)
    return delivery


def pagerduty(url: str, **more: Any) -> Channel:
    return channel("pagerduty", url=url, routing_key_env="SECRET", **more)


def mailer(port: int, **more: Any) -> Channel:
    return channel("smtp", **{"host": "127.0.0.1", "port": port, "tls": "none", **more})


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("trusted"), "127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("foreign"), "somebody.else")


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


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_who_hangs_is_not_waited_for(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.steady.ops.plugins.plugin_utils._told.posting.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("ansible_collections.steady.ops.plugins.plugin_utils._told.mailing.CONNECT_SECONDS", 0.3)
    hook = channel("webhook", url=f"http://127.0.0.1:{silent}/")
    assert sent(hook).problem == f"127.0.0.1:{silent}: no answer in time"
    assert sent(mailer(silent)).problem == f"127.0.0.1:{silent}: no answer in time"


@pytest.fixture
def rude() -> Iterator[Callable[[bytes], int]]:
    """Make a server that says one thing and cuts every connection."""
    with ExitStack() as servers:

        def make(greeting: bytes) -> int:
            server = servers.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with suppress(OSError):
                    while True:
                        connection, _address = server.accept()
                        with connection:
                            connection.sendall(greeting)

            threading.Thread(target=serve, daemon=True).start()
            return int(server.getsockname()[1])

        yield make


def test_a_connection_that_is_cut_is_tried_once_more_and_named(rude: Callable[[bytes], int]) -> None:
    hook, mail, refusing = rude(b""), rude(b""), rude(b"554 not for you\r\n")
    assert (
        sent(channel("webhook", url=f"http://127.0.0.1:{hook}/")).problem == f"127.0.0.1:{hook}: the connection was cut"
    )
    assert sent(mailer(mail)).problem == f"127.0.0.1:{mail}: the connection was cut"
    assert sent(mailer(refusing)).problem == f"127.0.0.1:{refusing}: it answered 554"
    garbled = rude(b"what?\r\n\r\n")
    assert sent(channel("webhook", url=f"http://127.0.0.1:{garbled}/")).problem.endswith((": BadStatusLine", "was cut"))


def test_one_that_hangs_does_not_hold_up_the_others(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ALL_SECONDS", 1.0)
    with http_sink() as sink:
        hanging = channel("webhook", name="hanging", url=f"http://127.0.0.1:{silent}/")
        well = channel("webhook", name="well", url=sink.url)
        came = send_all([Message(hanging, event()), Message(well, event())], NOW, {})
        assert [delivery.problem for _message, delivery in came] == ["no answer within 1 s", ""]


def test_nobody_is_waited_for_longer_than_promised() -> None:
    assert (patience.CONNECT_SECONDS, patience.ALL_SECONDS) == (5, 10)
    assert patience.left_of(time.monotonic() - 5) == 0.1


def test_a_program_that_is_ending_still_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name == "tell it":
            raise RuntimeError("can't create new thread at interpreter shutdown")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with http_sink() as sink:
        assert sent(channel("webhook", url=sink.url)).delivered


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


def test_a_mail_arrives_and_cannot_be_forged() -> None:
    hostile = "it is dark\r\nBcc: evil@example.org\r\n\r\nhello"
    with smtp_sink() as sink:
        assert sent(mailer(sink.port), summary=hostile, details={"why": "x\n.\nQUIT"}).delivered
    (mail,) = sink.mails
    assert mail["Bcc"] is None and mail["To"] == "a@example.org, b@example.org" and mail["From"] == "ops@example.org"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"].endswith("@example.org>")
    assert mail["Subject"] == "FAILED: toy/production/api: it is dark Bcc: evil@example.org hello"
    assert mail["Date"] == "Sat, 21 Nov 2026 03:00:00 +0000" and "    QUIT" in mail.get_content()


def test_a_repeated_mail_belongs_to_the_first() -> None:
    with smtp_sink() as sink:
        sent(mailer(sink.port), summary="é")
        send_all([Message(mailer(sink.port), event(run="01B"), repeat=1, since="T1", thread="01A")], NOW, {})
    first, again = sink.mails
    assert first["References"] is None and first["Subject"].endswith("é")
    assert again["References"] == again["In-Reply-To"] == first["Message-ID"] != again["Message-ID"]


def test_a_mail_goes_over_starttls_with_its_login(trusted: tuple[Path, Path], foreign: tuple[Path, Path]) -> None:
    with smtp_sink(certificate=trusted, login=("ops", KEY)) as sink:
        secured = {"tls": "starttls", "user": "ops", "password_env": "SECRET", "ca_file": str(trusted[0])}
        assert sent(mailer(sink.port, **secured)).problem == ""
        assert (sink.secured, sink.logins) == ([True], ["ops"])
        ((_m, refused),) = send_all([Message(mailer(sink.port, **secured), event())], NOW, {"SECRET": "wrong"})
        assert refused.problem == f"127.0.0.1:{sink.port}: it refused the login of ops (535)"
        unknown = sent(mailer(sink.port, **{**secured, "ca_file": str(foreign[0])}))
        assert "its certificate is not trusted" in unknown.problem and len(sink.mails) == 1
        bare = sent(mailer(sink.port, tls="none"))
        assert bare.problem == f"127.0.0.1:{sink.port}: it refused the sender ops@example.org (530)"
        lost = sent(mailer(sink.port, tls="starttls", ca_file="/no/such/file"))
        assert "ca_file /no/such/file cannot be used" in lost.problem


def test_a_login_that_is_refused_by_hanging_up_is_named(trusted: tuple[Path, Path]) -> None:
    with smtp_sink(certificate=trusted, login=("ops", "another"), hangs_up=True) as sink:
        secured = {"tls": "starttls", "user": "ops", "password_env": "SECRET", "ca_file": str(trusted[0])}
        told = sent(mailer(sink.port, **secured))
        assert told.problem == f"127.0.0.1:{sink.port}: it refused the login of ops and cut the connection"


def test_a_server_without_starttls_gets_nothing(trusted: tuple[Path, Path]) -> None:
    with smtp_sink() as sink:
        assert sent(mailer(sink.port, tls="starttls")).problem == f"127.0.0.1:{sink.port}: it offers no STARTTLS"
        assert "no TLS connection could be made" in sent(mailer(sink.port, tls="tls")).problem
        no_login = sent(mailer(sink.port, user="ops", password_env="SECRET"))
        assert "it offers no login that is known here" in no_login.problem and sink.mails == []


def test_who_is_refused_is_named() -> None:
    with smtp_sink() as sink:
        sink.refuse = ("b@example.org",)
        partly = sent(mailer(sink.port))
        assert (partly.delivered, partly.problem) == (True, "refused for b@example.org")
        sink.refuse = ("a@example.org", "b@example.org")
        assert "it refused every recipient: a@example.org, b@example.org" in sent(mailer(sink.port)).problem


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
