"""What the tests of telling share: channels, events, and a moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import Channel, read_channels
from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import Delivery, Event
from ansible_collections.steady.ops.plugins.plugin_utils._told.sending import send_all
from tests.sinks import certificate

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "canary7a0123456789abcdef01234567"


def channel(kind: str = "slack", **more: Any) -> Channel:
    """Return one channel as an inventory declares it."""
    needed: dict[str, dict[str, Any]] = {
        "slack": {"url_file": "/nowhere"},
        "pagerduty": {"routing_key_env": "PD"},
        "webhook": {"url": "https://hook.example/x"},
        "smtp": {"host": "mail.example", "from": "ops@example.org", "to": ["a@example.org", "b@example.org"]},
    }
    channels, problems = read_channels([{"name": "it", "kind": kind, **needed[kind], **more}])
    assert problems == []
    return channels[0]


def event(rule: str = "failed", **more: Any) -> Event:
    """Return one event about the service api."""
    told = {"object": "toy/production/api", "summary": "deploy: it is dark", "run": "01A", "source": "release"}
    return Event(rule, **{**told, **more})


def sent(made: Channel, rule: str = "failed", **more: Any) -> Delivery:
    """Send one event through a channel whose secret, if it names one, is KEY."""
    ((_message, delivery),) = send_all([Message(made, event(rule, **more))], NOW, {"SECRET": KEY})
    assert KEY not in str(delivery)
    return delivery


def pagerduty(url: str, **more: Any) -> Channel:
    """Return a pager at an address."""
    return channel("pagerduty", url=url, routing_key_env="SECRET", **more)


def mailer(port: int, **more: Any) -> Channel:
    """Return a mail channel to a server on this machine."""
    return channel("smtp", **{"host": "127.0.0.1", "port": port, "tls": "none", **more})


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine."""
    return certificate(tmp_path_factory.mktemp("trusted"), "127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for somebody else's."""
    return certificate(tmp_path_factory.mktemp("foreign"), "somebody.else")


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


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
