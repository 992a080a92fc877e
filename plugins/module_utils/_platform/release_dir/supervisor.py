# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform asks of the program that keeps an application running."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from ..._command import CommandResult, CommandRunner
from ..._errors import RequestRefused

_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG")


class Health(str, Enum):
    """How an application stands, in our words."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True)
class State:
    """What a supervisor says at one moment.

    :param word: its own word, shown to people.
    :param pids: the processes it started.
    :param restarts: how often it has restarted the application by itself.
    :param obstacle: why it cannot be told anything in this state, with the remedy.
    """

    health: Health
    word: str
    pids: tuple[int, ...] = ()
    restarts: int = 0
    obstacle: str = ""


class Supervisor(Protocol):
    """Keeps one application running. It carries out and reports; it decides nothing."""

    def state(self) -> State:
        """Say how the application stands."""

    def switch(self, release: str) -> None:
        """Make the application run what the link leads to; returns when it was told, not when it runs.

        :param release: the directory of the release.
        :raises RequestRefused: the supervisor said no.
        :raises Unreachable: it gave no answer in time; whether it was told is not known.
        """

    def settled(self) -> None:
        """Note that the application runs steadily now."""

    def last_words(self, since: datetime | None, count: int) -> Sequence[str]:
        """Return the application's last lines, the newest last, as they are."""


@dataclass(frozen=True)
class Caller:
    """Calls a supervisor's program, with an environment in which nothing of this run is.

    :param more: variables to add.
    """

    runner: CommandRunner
    timeout_seconds: float = 60.0
    more: Mapping[str, str] | None = None

    def call(self, *argv: str, more: Mapping[str, str] | None = None) -> CommandResult:
        """Run a program and return what it said."""
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment = {**kept, **(self.more or {}), **(more or {})}
        return self.runner.run(argv, environment=environment, timeout_seconds=self.timeout_seconds)

    def must(self, *argv: str, more: Mapping[str, str] | None = None, remedy: str = "") -> str:
        """Run a program that must succeed and return what it printed.

        :raises RequestRefused: it did not.
        """
        result = self.call(*argv, more=more)
        if result.rc != 0:
            said = last_line(result.err) or last_line(result.out) or "without a word"
            raise RequestRefused(f"{' '.join(argv[:3])} ended with {result.rc}: {said}", remedy=remedy)
        return result.out


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
