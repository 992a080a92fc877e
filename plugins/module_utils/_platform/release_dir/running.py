# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What really runs: the supervisor's word and the processes themselves, beside what the link leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..._clock import Clock
from .gate import Identity, Look
from .intent import Intent
from .layout import Layout, Link
from .processes import Process, Processes, runs
from .supervisor import Health, State, Supervisor


@dataclass(frozen=True)
class Steady:
    """What ran when a switch had come to its end.

    :param operation: the id of that switch.
    """

    operation: str
    identity: Identity
    restarts: int


@dataclass(frozen=True)
class Running:
    """Looks at one application."""

    layout: Layout
    supervisor: Supervisor
    processes: Processes
    clock: Clock

    def mains(self, state: State) -> list[Process]:
        """Return the live processes that the supervisor names."""
        found = (self.processes.one(pid) for pid in state.pids)
        return [process for process in found if process is not None]

    def is_in(self, name: str) -> bool:
        """Tell whether all processes that the supervisor names lie in that release, as far as that can be seen."""
        mains = self.mains(self.supervisor.state())
        return bool(mains) and all(process.release(self.layout.releases) == name for process in mains)

    def look(self, name: str, switched: float, state: State | None = None) -> Look:
        """Look once.

        :param name: the release that should run.
        :param switched: when the link was switched to it, in seconds since the boot.
        """
        state = state or self.supervisor.state()
        mains = self.mains(state)
        if len(mains) < len(state.pids):
            state = replace(state, health=Health.STARTING, word="a process is gone")
        every = self.processes.every() if mains else ()
        _good, elsewhere = runs(mains, every, self.layout.releases, name, switched)
        return Look(self.clock.steady(), state, tuple(sorted(process.identity for process in mains)), elsewhere)

    def moved(self, link: Link, intent: Intent | None, state: State, steady: Steady | None) -> str:
        """Return why it is not known that what the link leads to is what runs; empty when it is, or nothing runs.

        :param steady: what ran when this run's own switch had come to its end.
        """
        look = self.look(link.target.name, self.switched(link, intent), state)
        if look.state.health is not Health.RUNNING:
            return ""
        if look.elsewhere:
            return f"{self.layout.current} leads to {link.target.name}, but {look.elsewhere}"
        if steady is not None and steady != Steady(link.id, look.identity, look.state.restarts):
            return "its process restarted while it was proved" if steady.operation == link.id else ""
        return ""

    def steady(self, link: Link, state: State) -> Steady:
        """Return what runs at this moment, as what must go on from here."""
        return Steady(link.id, tuple(sorted(main.identity for main in self.mains(state))), state.restarts)

    def switched(self, link: Link, intent: Intent | None) -> float:
        """Return when the link was switched, in seconds since the boot."""
        if intent is not None and intent.operation == link.id:
            return self.since_boot(intent)
        return max(0.0, self.clock.steady() - (self.clock.now() - link.made).total_seconds())

    def since_boot(self, intent: Intent) -> float:
        """Return when a switch took place: 0 when the machine was booted since."""
        return intent.switched if intent.boot == self.processes.boot() else 0.0
