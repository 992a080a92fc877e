# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the lab, one server each, and what every part can be asked."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.place import Place, write_private
from lab.processes import Launch

FIRST_PORT, PORTS = 20000, 12000  # below the range from which the kernel takes ports of outgoing connections


@dataclass
class Lab:
    """What a part may know: where its lab lives, how it is scaled, and how to say something to the person."""

    place: Place
    scale: float
    rows: int
    say: Callable[[str], None] = print
    rows_asked: bool = False
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def port(self, part: str) -> int:
        """The port that this part keeps over restarts; 0 when it has none yet."""
        return int(self._ports().get(part, 0))

    def take_port(self, part: str) -> int:
        """The kept port, or a free one when there is none or a stranger has taken it. Call before each start."""
        kept = self.port(part)
        if kept and _is_free(kept):
            return kept
        ports = self._ports()
        seed = int(hashlib.sha256(f"{self.place.state}:{part}".encode()).hexdigest(), 16)
        candidates = (FIRST_PORT + (seed + step) % PORTS for step in range(PORTS))
        found = next((each for each in candidates if each not in ports.values() and _is_free(each)), None)
        if found is None:
            raise LabError(
                f"No free port for {part} between {FIRST_PORT} and {FIRST_PORT + PORTS}: stop what listens there."
            )
        if kept:
            self.say(f"  {part}: port {kept} is taken by another program, moving to {found}")
        write_private(self.place.state / "ports.json", json.dumps({**ports, part: found}))
        return found

    def _ports(self) -> dict[str, int]:
        try:
            ports: dict[str, int] = json.loads((self.place.state / "ports.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Part:
    """One server of the lab. A part decides nothing about when it is started or stopped."""

    name = ""
    wait_seconds = 30.0
    stop_signal = signal.SIGTERM

    def missing_package(self) -> str | None:
        """The Debian package to install, or None when everything is there."""
        return None

    def prepare(self, lab: Lab) -> Launch:
        """Write what the server needs and say how to start it. Called with no process of this part alive."""
        raise NotImplementedError

    def probe(self, lab: Lab) -> str | None:
        """None when the server really answers, else a short reason."""
        raise NotImplementedError

    def fill(self, lab: Lab) -> None:
        """Bring a server that answers to its first content; each step only where it is missing."""

    def describe(self, lab: Lab) -> dict[str, Any]:
        """What status.json tells about this part beside its state and process."""
        raise NotImplementedError

    def address(self, lab: Lab) -> str:
        """Where it is, for the line that a person reads."""
        return f"127.0.0.1:{lab.port(self.name)}"

    def clear(self, lab: Lab) -> None:
        """Remove what the server leaves outside its own directory. Called with no process of this part alive."""


def find_program(name: str, *folders: str) -> str | None:
    """The full path of a server program, on PATH or where Debian puts it."""
    return shutil.which(name) or next((str(each) for folder in folders if (each := Path(folder, name)).exists()), None)


def http_status(url: str, seconds: float = 3.0) -> int | str:
    """The status that a URL answers with, or the reason why there is none."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError) as error:
        return f"{url} does not answer ({getattr(error, 'reason', error)})"


def http_reason(url: str, expected: int = 200) -> str | None:
    """None when `url` answers with the expected status, else the reason."""
    status = http_status(url)
    if status == expected:
        return None
    return status if isinstance(status, str) else f"{url} answers {status}"


def wait_until(check: Callable[[], bool], seconds: float) -> bool:
    """Whether `check` became true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
