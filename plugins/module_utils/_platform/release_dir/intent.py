# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch that was announced beside the releases, by which a killed run is known from a finished one; and the lock.

The file stays when the switch has come to its end, with C(state) C(settled): it then tells when the link was switched.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..._clock import format_time, parse_time
from ..._errors import OpsError, RequestRefused
from . import storage
from .layout import Layout


@dataclass(frozen=True)
class Intent:
    """One switch.

    :param operation: the id of the link that it makes: while the link has another, the switch has not taken place.
    :param to: the name of the release's directory; C(before) that of what the link led to until then.
    :param boot: names the run of the machine in which C(switched), seconds since the boot, was taken.
    :param told: whether the supervisor was told.
    :param ended: the platform's last word on it; empty while it goes on.
    """

    operation: str
    to: str
    before: str
    boot: str
    switched: float
    started: datetime
    told: bool = False
    ended: str = ""

    def as_record(self) -> dict[str, object]:
        """Return the intent as the file holds it."""
        return {
            "operation": self.operation,
            "to": self.to,
            "before": self.before,
            "boot": self.boot,
            "switched": self.switched,
            "started": format_time(self.started),
            "told": self.told,
            "ended": self.ended,
            "state": "settled" if self.ended else "open",
        }

    @classmethod
    def from_record(cls, record: Mapping[str, object] | None) -> Intent | None:
        """Read what the file holds; C(None) when it holds no intent."""
        try:
            given = record or {}
            return cls(
                operation=str(given["operation"]),
                to=str(given["to"]),
                before=str(given["before"]),
                boot=str(given["boot"]),
                switched=float(str(given["switched"])),
                started=parse_time(str(given["started"])),
                told=bool(given["told"]),
                ended=str(given["ended"]),
            )
        except (KeyError, ValueError, OpsError):
            return None


@dataclass
class Intents:
    """Keeps the intent of one component."""

    layout: Layout

    def last(self) -> Intent | None:
        """Return the switch that was announced last; C(None) when there was none that can be read."""
        with storage.refusing("The intent of the last switch cannot be read", self.layout.base):
            return Intent.from_record(storage.read_json(self.layout.intent))

    def announce(self, intent: Intent) -> None:
        """Keep an intent before it is carried out.

        :raises OSError: the disk refused.
        """
        storage.write_json(self.layout.intent, intent.as_record())

    def note(self, intent: Intent, *, told: bool = False, ended: str = "") -> Intent:
        """Keep how far it got. A disk that refuses does not stop it: the next run sees as much by looking."""
        further = replace(intent, told=intent.told or told, ended=ended or intent.ended)
        try:
            storage.write_json(self.layout.intent, further.as_record())
        except OSError:
            return further
        return further


class Lock:
    """The right to change one component on this machine, held by one run from its switch to its end."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.lock
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Tell whether this run holds it."""
        return self._descriptor is not None

    def is_taken(self) -> bool:
        """Tell whether another run holds it.

        :raises AccessDenied: this user may not look.
        """
        if self._descriptor is not None or not self._path.exists():
            return False
        with storage.refusing("Whether another run changes the component cannot be seen", self._path.parent):
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def take(self) -> None:
        """Take it, and keep it until L(Lock.free) or the end of the process.

        :raises RequestRefused: another run holds it.
        """
        if self._descriptor is not None:
            return
        base = self._path.parent
        with storage.refusing("The component cannot be locked", base):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise RequestRefused(
                f"Another run changes {base} at this moment",
                remedy="Wait for its end and run the same command again.",
            ) from None
        self._descriptor = descriptor

    def free(self) -> None:
        """Give it up."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
