# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One switch on this machine: the intent, the link, the supervisor, and looking until it has come to its end.

It can be killed anywhere: the intent lies beside the releases before the link is renamed, and tells by the link's id
whether it was. What is left then (telling the supervisor, looking) is taken up again from what is found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..._errors import OpsError, RequestRefused, Unreachable
from ..._release.protocol import Ending, Operation
from . import storage
from .gate import Gate, Look
from .intent import Intent, Intents
from .layout import Layout, describe
from .running import Running, Steady

SWITCH, STEADY = "SWITCH", "STEADY"


@dataclass(frozen=True)
class Tempo:
    """How long things may take, in seconds.

    :param steady: how long an application must run without a restart before it is probed.
    :param start: how long it may take until then.
    """

    steady: float = 10.0
    start: float = 120.0


@dataclass
class Switching:
    """Carries out the switches of one run.

    :param before_call: asked right before each change; raises when nothing may be changed any more.
    :param why: by operation, why the platform gave it up.
    :param steady: what ran when the last switch had come to its end.
    """

    running: Running
    intents: Intents
    tempo: Tempo
    before_call: Callable[[], None]
    why: dict[str, str] = field(default_factory=dict)
    steady: Steady | None = None
    _gates: dict[str, Gate] = field(default_factory=dict, init=False)

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return self.running.layout

    def begin(self, name: str) -> Intent:
        """Switch the link to a release and tell the supervisor.

        The first switch of a run sets room aside, so that a disk that fills up afterwards does not keep it from going
        back.

        :raises RequestRefused: the link was not switched.
        """
        self.before_call()
        intent = self._switch_link(name)
        self.tell(intent)
        return intent

    def _switch_link(self, name: str) -> Intent:
        doing, base = f"{self.layout.current} cannot be switched to {name}", self.layout.base
        goes_back = bool(self._gates)
        with storage.refusing(doing, base):
            if obstacle := self.layout.obstacle():
                raise RequestRefused(obstacle)
            if not goes_back:
                storage.set_aside(self.layout.reserve)
            try:
                intent = self._link_to(name)
            except OSError as error:
                if not (goes_back and storage.is_full(error)):
                    raise
                storage.remove(self.layout.reserve)
                intent = self._link_to(name)
        with contextlib.suppress(OSError):
            # the link is switched: a disk that cannot sync its directory any more does not change that
            storage.sync_directory(base)
        return intent

    def _link_to(self, name: str) -> Intent:
        before = self.layout.link()
        beside = self.layout.make_link(self.layout.releases / name)
        try:
            intent = Intent(
                operation=describe(beside).id,
                to=name,
                before=before.target.name if before else "",
                boot=self.running.processes.boot(),
                switched=self.running.clock.steady(),
                started=self.running.clock.now(),
            )
            self.intents.announce(intent)
            self.layout.put_link(beside)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        return intent

    def tell(self, intent: Intent) -> Gate:
        """Tell the supervisor, unless what it keeps running is there already: a killed run may have told it."""
        refused = ""
        if not self._is_there(intent.to):
            self.before_call()
            refused = self._told(str(self.layout.releases / intent.to))
        self.intents.note(intent, told=True)
        gate = Gate(self.tempo.steady, self.tempo.start, self.running.clock.steady(), refused)
        self._gates[intent.operation] = gate
        return gate

    def _is_there(self, name: str) -> bool:
        try:
            return self.running.is_in(name)
        except OpsError:
            # the link is switched, so it must be told, whoever is silent now
            return False

    def _told(self, directory: str) -> str:
        """Tell it, and return why it would not be told; whether one that gave no answer was told is seen by looking."""
        try:
            self.running.supervisor.switch(directory)
        except Unreachable:
            return ""
        except OpsError as error:
            return str(error)
        return ""

    def carry_on(self, intent: Intent) -> Operation:
        """Look once at a switch that has not come to its end."""
        gate = self._gates.get(intent.operation) or self.tell(intent)
        look: Look | None = None
        try:
            look = self.running.look(intent.to, self.running.since_boot(intent))
            verdict = gate.judge(look)
        except OpsError as error:
            verdict = gate.unseen(self.running.clock.steady(), error.sentence)
        shown = operation_of(intent, verdict.word, verdict.ending)
        if verdict.ending is Ending.RUNNING:
            return shown
        self.why[intent.operation] = verdict.why
        if look is not None and verdict.ending is Ending.SUCCEEDED:
            self.steady = Steady(intent.operation, look.identity, look.state.restarts)
            with contextlib.suppress(OpsError):
                self.running.supervisor.settled()
        self.intents.note(intent, told=True, ended=verdict.word)
        return replace(shown, ended_at=self.running.clock.now())


def operation_of(intent: Intent, status: str, ending: Ending) -> Operation:
    """Return a switch as an operation of the engine."""
    return Operation(intent.operation, SWITCH, status, ending, started_at=intent.started)


def ended_operation(intent: Intent) -> Operation:
    """Return a switch that has come to its end."""
    return operation_of(intent, intent.ended, Ending.SUCCEEDED if intent.ended == STEADY else Ending.FAILED)
