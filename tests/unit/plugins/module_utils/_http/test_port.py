"""A port: what its answer means, and what cannot be asked."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.module_utils._http import port


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_port_that_takes_connections() -> None:
    with socket.socket() as live:
        live.bind(("127.0.0.1", 0))
        live.listen()
        number = live.getsockname()[1]
        found = port.ask("127.0.0.1", number, timeout_seconds=2)
    assert isinstance(found, float)
    assert port.judge("127.0.0.1", number, found, max_ms=None).severity is Severity.OK


def test_a_port_that_does_not() -> None:
    number = closed_port()
    finding = port.judge("127.0.0.1", number, port.ask("127.0.0.1", number, timeout_seconds=2), max_ms=None)
    assert (finding.id, finding.severity) == ("tcp_refused", Severity.UNKNOWN)
    assert finding.message == (
        f"127.0.0.1 port {number} refused the connection: nothing listens on port {number} of 127.0.0.1"
    )


def test_a_port_that_is_slow() -> None:
    finding = port.judge("h", 80, 20.4, max_ms=20)
    assert (finding.id, finding.message) == ("tcp_latency", "h port 80 took a connection in 20 ms, above 20 ms")
    assert port.judge("h", 80, 20.0, max_ms=20).severity is Severity.OK


@pytest.mark.parametrize(
    ("host", "number", "timeout", "sentence"),
    [
        (" ", 80, 5, "host is empty. Name the host to connect to."),
        ("h", 0, 5, "port is 0. Give a number from 1 to 65535."),
        ("h", 65536, 5, "port is 65536. Give a number from 1 to 65535."),
        ("h", 80, 0, "timeout_seconds is 0. Give a number from 0.1 to 120 s."),
    ],
)
def test_a_port_that_cannot_be(host: str, number: int, timeout: float, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        port.ask(host, number, timeout_seconds=timeout)
    assert str(caught.value) == sentence
