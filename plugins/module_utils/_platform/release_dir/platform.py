# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release directories under a supervisor as a platform of the engine: observe, resolve, switch, progress, explain.

A switch is: unpack the release, keep the intent, rename the link, tell the supervisor, look until it runs steadily. The
link's own identity is the id of the operation, so that a change by another hand is seen as one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from ..._clock import Clock
from ..._errors import NotFound, OpsError, RequestRefused
from ..._findings import Finding
from ..._plan import Step
from ..._redact import Redactor
from ..._release.protocol import Ending, Observation, Operation, Release, instead_of
from . import storage
from .bringing import Bringer
from .intent import Intent, Intents, Lock
from .layout import Layout, Link
from .processes import Processes
from .pruning import Bounds, Pruner, not_pruned
from .running import Running
from .store import Kept, Store
from .supervisor import State, Supervisor
from .switching import STEADY, SWITCH, Switching, Tempo, ended_operation, operation_of

_LINES = 15
_LINE_LENGTH = 300
_NEAREST = 5
_HELD = "HELD BY ANOTHER RUN"


class ReleaseDir:
    """One component's release directories on this machine.

    :param resumes: whether the ledger holds an open intent: then a switch that was interrupted is carried on.
    :param before_call: asked right before each change; raises when nothing may be changed any more.
    """

    def __init__(
        self,
        bringer: Bringer,
        supervisor: Supervisor,
        processes: Processes,
        clock: Clock,
        *,
        tempo: Tempo | None = None,
        resumes: bool = False,
        before_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._bringer, self._supervisor, self._clock = bringer, supervisor, clock
        self._resumes, self._before_call = resumes, before_call
        self._intents = Intents(bringer.layout)
        self._running = Running(bringer.layout, supervisor, processes, clock)
        self._switching = Switching(self._running, self._intents, tempo or Tempo(), before_call)
        self.lock = Lock(bringer.layout)

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return self._bringer.layout

    @property
    def store(self) -> Store:
        """The releases on the disk."""
        return self._bringer.store

    def observe(self) -> Observation:
        """Say what the link leads to, whether that is what runs, and what is under way."""
        with storage.refusing("The component cannot be looked at", self.layout.base):
            obstacle = self.layout.obstacle()
            link = None if obstacle else self.layout.link()
        intent, state = self._intents.last(), self._supervisor.state()
        seen = Observation(
            exists=link is not None,
            obstacle=obstacle or state.obstacle,
            operation=self._under_way(link, intent),
        )
        if link is None:
            return seen
        seen = replace(seen, last_operation=link.id, since=link.made, ref=link.target.name)
        return self._with_release(seen, link, intent, state)

    def resolve(self, selector: str) -> Release:
        """Return the release of the artefact that was sent, or one that is on the disk."""
        artefact = self._bringer.artefact
        if artefact.digest:
            release = Release(artefact.digest, ref=artefact.ref or selector, version=artefact.version)
            self._bringer.preflight(release)
            return release
        kept = [self.store.look(name) for name in self.store.names()]
        fitting = [item for item in kept if item.digest and _is_called(item, selector)]
        if len(fitting) != 1:
            names = [item.ref or item.name for item in kept]
            what = "fits more than one release" if fitting else "is no release"
            raise NotFound(
                f"deploy_release {selector!r} {what} in {self.layout.releases}, and no artefact was given",
                remedy=f"Give the artefact, or name one that is there: {', '.join(names[:_NEAREST]) or 'none'}.",
                next=instead_of(selector, [] if fitting else names),
            )
        return Release(fitting[0].digest, ref=fitting[0].ref, version=fitting[0].version)

    def available(self, release: Release) -> bool:
        """Tell whether the release is on the disk, whole, and as it was unpacked."""
        name = self.store.find(release.digest)
        return bool(name) and not self.store.damage(name)

    def differences(self, observation: Observation) -> dict[str, tuple[object, object]]:
        """There are no settings beside the release."""
        return {}

    def switch(self, release: Release, *, like: Observation | None = None) -> Operation:
        """Bring the release, switch the link, tell the supervisor."""
        self._bringer.make_base()
        self.lock.take()
        for path in self.store.leftovers():
            self._before_call()
            storage.remove(path)
        name = self._bringer.bring(release, self._before_call, strict=like is None)
        return operation_of(self._switching.begin(name), "TOLD", Ending.RUNNING)

    def progress(self, operation: Operation) -> Operation:
        """Look once; a switch that a killed run left is carried on."""
        if self.lock.is_taken():
            return operation
        intent = self._intents.last()
        if intent is None or intent.operation != operation.id:
            return replace(operation, status="REPLACED", ending=Ending.REVERTED, ended_at=self._clock.now())
        if intent.ended:
            return ended_operation(intent)
        self.lock.take()
        return self._switching.carry_on(intent)

    def explain(self, operation: Operation) -> Sequence[str]:
        """Return why the platform gave up on it, and the application's last lines."""
        why = self._switching.why.get(operation.id, "")
        try:
            lines = self._supervisor.last_words(operation.started_at, _LINES)
        except OpsError as error:
            lines = [f"(log not readable: {error.sentence})"]
        redactor = Redactor()
        return [redactor.text(" ".join(line.split()))[:_LINE_LENGTH] for line in (why, *lines) if line.strip()]

    def prune(
        self,
        object: str,
        *,
        order: Sequence[str],
        verdicts: Mapping[str, str],
        protected: Collection[str],
        bounds: Bounds,
        check: bool,
    ) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
        """Remove releases that nobody needs any more, or say which; what could not be removed is a finding.

        :param order: ids in the order in which a rollback would take them, the one that serves first.
        :param protected: ids that stay, beside what serves and what some process runs in.
        """
        pruner = Pruner(self.store, self.lock, self._running.processes, self._before_call)
        try:
            plan = pruner.plan(object, order=order, verdicts=verdicts, protected=protected, bounds=bounds)
        except OpsError as error:
            # the run is over and must be recorded, whatever is left on the disk
            return (), (not_pruned(error.sentence),)
        return pruner.carry_out(plan, check=check)

    def _under_way(self, link: Link | None, intent: Intent | None) -> Operation | None:
        if self.lock.is_taken():
            held = Operation("of another run", SWITCH, _HELD, Ending.RUNNING)
            return held if intent is None else operation_of(intent, _HELD, Ending.RUNNING)
        begun = intent is not None and link is not None and link.id == intent.operation
        if intent is None or not begun or intent.ended or not self._resumes:
            return None
        return operation_of(intent, "INTERRUPTED", Ending.RUNNING)

    def _with_release(self, seen: Observation, link: Link, intent: Intent | None, state: State) -> Observation:
        """Add which release the link leads to; it is only known when nothing else runs."""
        with storage.refusing("What serves cannot be looked at", self.layout.releases):
            is_there = link.target.is_dir()
        if link.target.parent != self.layout.releases or not is_there:
            why = "is not there" if not is_there else f"does not lie in {self.layout.releases}"
            return replace(seen, unknown_because=f"{self.layout.current} leads to {link.target}, which {why}")
        try:
            kept, digest = self.store.look(link.target.name), self.store.digest(link.target.name)
        except RequestRefused as error:
            return replace(seen, unknown_because=f"what serves has no digest: {error.sentence}")
        seen = replace(seen, ref=kept.ref or kept.name)
        if moved := self._running.moved(link, intent, state, self._switching.steady):
            return replace(seen, unknown_because=moved)
        begun = intent is not None and intent.operation == link.id and intent.ended == STEADY
        if begun and self._resumes and self._switching.steady is None:
            # a killed run had found it steady and proved nothing: from this look on nothing may move
            self._switching.steady = self._running.steady(link, state)
        return replace(seen, digest=digest)


def _is_called(kept: Kept, selector: str) -> bool:
    exact = (kept.name, kept.digest, kept.ref, kept.version)
    return selector in exact or (len(selector) >= 4 and kept.digest.removeprefix("sha256:").startswith(selector))
