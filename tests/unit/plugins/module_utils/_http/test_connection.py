"""A connection within a time budget, against real sockets and broken resolvers."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from ansible_collections.steady.ops.plugins.module_utils._http import connection
from ansible_collections.steady.ops.plugins.module_utils._http.answer import NoAnswer, Request, Response
from ansible_collections.steady.ops.plugins.module_utils._http.driver import fetch


def ask(url: str, *, timeout: float = 3.0) -> Response | NoAnswer:
    return fetch(Request(url, timeout))


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_refused_connection() -> None:
    number = closed_port()
    answer = ask(f"http://127.0.0.1:{number}/")
    assert answer == NoAnswer(
        "http_refused",
        f"refused the connection: nothing listens on port {number} of 127.0.0.1",
        "Start the component, or correct the URL.",
    )


def test_a_connection_that_nobody_takes() -> None:
    with socket.socket() as deaf, ExitStack() as queued:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        number = deaf.getsockname()[1]
        for _number in range(3):
            waiting = queued.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", number))
        answer = ask(f"http://127.0.0.1:{number}/", timeout=0.4)
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (
        "http_connect_timeout",
        f"took no connection on port {number} of 127.0.0.1 within 0.4 s",
    )


def test_a_network_without_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unroutable(socket.socket):
        def connect(self, address: object) -> None:
            raise OSError(113, "No route to host")

    monkeypatch.setattr(connection.socket, "socket", Unroutable)
    answer = ask("http://127.0.0.1:80/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (
        "http_unreachable",
        "cannot be reached at 127.0.0.1 port 80: No route to host",
    )


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*args: object, **options: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(connection.socket, "getaddrinfo", nowhere)
    answer = ask("http://api.invalid/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (
        "http_dns",
        "has a name, api.invalid, that does not resolve: Name or service not known",
    )
    monkeypatch.setattr(connection.socket, "getaddrinfo", lambda *args, **options: [])
    answer = ask("http://api.invalid/")
    assert isinstance(answer, NoAnswer)
    assert answer.reason == "has a name, api.invalid, that does not resolve: no address"


def test_a_name_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.socket, "getaddrinfo", lambda *args, **options: time.sleep(1) or [])
    answer = ask("http://api.invalid/", timeout=0.2)
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (
        "http_dns",
        "has a name, api.invalid, that did not resolve within 0.2 s",
    )
    with pytest.raises(connection.Failed):
        connection.Budget(0, "http").left("dns", "did nothing")


def test_the_second_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as live:
        live.bind(("127.0.0.1", 0))
        live.listen()
        addresses = (("127.0.0.1", closed_port()), live.getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
        monkeypatch.setattr(connection.socket, "getaddrinfo", lambda *args, **options: found)
        connection.connect("two-addresses.invalid", 80, connection.Budget(3, "http")).close()
