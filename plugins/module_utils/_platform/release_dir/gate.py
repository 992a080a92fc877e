# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a switch has come to its end: a table over what the supervisor says. Pure but for remembering the last look.

It has succeeded when the application runs, in the wanted release, with the same processes and the same restart
counter, for the whole window. It has failed when it is down twice in a row, restarts over and over, or takes too long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._clock import format_duration
from ..._release.protocol import Ending
from .supervisor import Health, State

_LOOP = 3
_DOWN: Mapping[Health, str] = {
    Health.STOPPED: "is not running",
    Health.FAILED: "failed",
    Health.ABSENT: "is not known to its supervisor",
}

# the processes with the moments of their start
Identity = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Look:
    """What was seen at one moment.

    :param elsewhere: why it does not run the wanted release; empty when it does.
    """

    at: float
    state: State
    identity: Identity = ()
    elsewhere: str = ""


@dataclass(frozen=True)
class Verdict:
    """How a switch stands.

    :param word: for people, as the status of the operation.
    :param why: why it failed.
    """

    ending: Ending
    word: str
    why: str = ""


@dataclass
class Gate:
    """Judges one switch, look by look.

    :param steady_seconds: how long nothing may move.
    :param start_seconds: how long it may take until then.
    :param refused: why the supervisor would not be told; then only an application that is there already passes.
    """

    steady_seconds: float
    start_seconds: float
    began: float
    refused: str = ""
    _since: float | None = field(default=None, init=False)
    _known: Identity = field(default=(), init=False)
    _counter: int | None = field(default=None, init=False)
    _moves: int = field(default=0, init=False)
    _down: int = field(default=0, init=False)

    def judge(self, look: Look) -> Verdict:
        """Return what this look means after all before it."""
        self._count_moves(look)
        good = look.state.health is Health.RUNNING and not look.elsewhere
        if not good:
            self._since = None
            return self._not_yet(look)
        self._down = 0
        if self._moves >= _LOOP:
            return self._looping(look)
        self._since = look.at if self._since is None else self._since
        stood = look.at - self._since
        if stood >= self.steady_seconds:
            return Verdict(Ending.SUCCEEDED, "STEADY")
        return self._waiting(look, f"RUNNING for {format_duration(stood)}", "keeps restarting")

    def unseen(self, at: float, why: str) -> Verdict:
        """Return what it means that nothing can be seen at this moment: after a while, that it failed."""
        self._since = None
        passed = at - self.began
        if passed > self.start_seconds + self.steady_seconds:
            return Verdict(
                Ending.FAILED, "UNSEEN", f"nothing is to be seen of it after {format_duration(passed)}: {why}"
            )
        return Verdict(Ending.RUNNING, "UNSEEN")

    def _count_moves(self, look: Look) -> None:
        """Count restarts; each one begins the window anew. What still runs elsewhere is no measure."""
        if look.elsewhere:
            return
        counted = 0 if self._counter is None else max(0, look.state.restarts - self._counter)
        replaced = bool(look.identity and self._known and look.identity != self._known)
        self._counter = look.state.restarts
        self._known = look.identity or self._known
        if counted or replaced:
            self._moves += max(counted, 1)
            self._since = None

    def _not_yet(self, look: Look) -> Verdict:
        said = f"its supervisor says {look.state.word}"
        if look.state.health in _DOWN:
            self._down += 1
            if self._down > 1:
                return Verdict(Ending.FAILED, "DOWN", self.refused or f"it {_DOWN[look.state.health]}: {said}")
        else:
            self._down = 0
        if self.refused and look.elsewhere:
            return Verdict(Ending.FAILED, "REFUSED", self.refused)
        if self._moves >= _LOOP:
            return self._looping(look)
        return self._waiting(look, look.state.word.upper(), look.elsewhere or said)

    def _looping(self, look: Look) -> Verdict:
        passed = format_duration(look.at - self.began)
        return Verdict(Ending.FAILED, "RESTARTING", f"it restarted {self._moves} times within {passed}")

    def _waiting(self, look: Look, word: str, why: str) -> Verdict:
        passed = look.at - self.began
        if passed > self.start_seconds + self.steady_seconds:
            return Verdict(
                Ending.FAILED, "TOO LATE", f"it does not run steadily after {format_duration(passed)}: {why}"
            )
        return Verdict(Ending.RUNNING, word)
