# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP connection within a time budget: name, route, refusal and time-out told apart."""

from __future__ import annotations

import socket
import threading
import time
from typing import cast

from .answer import NoAnswer


class Failed(Exception):
    """There is no answer; C(answer) says why."""

    def __init__(self, id: str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.answer = NoAnswer(id, reason, remedy)


class Budget:
    """The time that is left of one time-out.

    :param prefix: what the ids of findings begin with, such as C(http).
    """

    def __init__(self, whole_seconds: float, prefix: str) -> None:
        self.started = time.monotonic()
        self.whole_seconds = whole_seconds
        self.prefix = prefix

    def left(self, id: str, doing: str) -> float:
        """Return the seconds left; failing with the id where there are none."""
        seconds = self.started + self.whole_seconds - time.monotonic()
        if seconds <= 0:
            raise self.over(id, doing)
        return seconds

    def spent_ms(self) -> float:
        """Return the milliseconds since the start."""
        return (time.monotonic() - self.started) * 1000

    def over(self, id: str, doing: str) -> Failed:
        """Return the failure that says what took too long."""
        return self.failed(id, f"{doing} within {self.whole_seconds:g} s")

    def failed(self, id: str, reason: str, remedy: str = "") -> Failed:
        """Return a failure under the prefix."""
        return Failed(f"{self.prefix}_{id}", reason, remedy)


def _resolve(host: str, port: int, budget: Budget) -> list[tuple[int, tuple[object, ...]]]:
    """Return the addresses of a name. The system's resolver knows no time-out, so it is asked in a thread."""
    found: list[tuple[int, tuple[object, ...]]] = []
    errors: list[str] = []

    def ask() -> None:
        try:
            for family, _kind, _protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))
        except (OSError, UnicodeError) as error:
            errors.append(getattr(error, "strerror", None) or str(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(budget.left("dns", f"has a name, {host}, that did not resolve"))
    if thread.is_alive():
        raise budget.over("dns", f"has a name, {host}, that did not resolve")
    if errors or not found:
        why = errors[0] if errors else "no address"
        raise budget.failed("dns", f"has a name, {host}, that does not resolve: {why}", "Check the URL and the DNS.")
    return found


def connect(host: str, port: int, budget: Budget) -> socket.socket:
    """Return a connection to the first address that takes one."""
    addresses = _resolve(host, port, budget)
    failed: Failed | None = None
    for index, (family, address) in enumerate(addresses):
        left = budget.left("connect_timeout", f"took no connection on port {port}")
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(left / (len(addresses) - index))
        try:
            connection.connect(address)
            return connection
        except TimeoutError:
            failed = budget.over("connect_timeout", f"took no connection on port {port} of {address[0]}")
        except ConnectionRefusedError:
            reason = f"refused the connection: nothing listens on port {port} of {address[0]}"
            failed = budget.failed("refused", reason, "Start the component, or correct the URL.")
        except OSError as error:
            reason = f"cannot be reached at {address[0]} port {port}: {error.strerror or error}"
            failed = budget.failed("unreachable", reason, "Check the route and the firewall.")
        connection.close()
    # a name that resolves has an address
    raise cast(BaseException, failed)
