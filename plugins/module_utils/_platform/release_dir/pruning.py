# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases leave the disk, and removing them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..._errors import OpsError
from ..._findings import Finding, Severity
from ..._plan import Done, Plan, State, Step, apply
from ..._release.protocol import Release
from . import storage
from .intent import Lock
from .processes import Processes, in_use
from .store import Kept, Store

KIND = "prune"
_SERVED_WELL = ("verified", "withdrawn")


@dataclass(frozen=True)
class Bounds:
    """How many releases stay.

    :param good: of those that once passed their probe, with the one that serves.
    :param rejected: of those that did not pass, or were never proved: kept to be studied.
    """

    good: int = 5
    rejected: int = 2


def choose(
    kept: Sequence[Kept],
    *,
    order: Sequence[str],
    verdicts: Mapping[str, str],
    protected: Collection[str],
    bounds: Bounds,
) -> tuple[tuple[str, str], ...]:
    """Return what to remove, as name of the directory and why. Pure.

    What another tool put there is never removed.

    :param order: ids of releases in the order in which a rollback would take them, the one that serves first.
    :param verdicts: the last verdict by id.
    :param protected: ids and names that must stay.
    """
    ours = [item for item in kept if item.ours]
    newest = sorted(ours, key=lambda item: (item.created, item.name), reverse=True)
    rank = {id: number for number, id in reversed(list(enumerate(order)))}
    good = [item for item in newest if verdicts.get(_id(item)) in _SERVED_WELL]
    good.sort(key=lambda item: rank.get(_id(item), len(rank)))
    rejected = [item for item in newest if item not in good]
    # what stays anyway counts, so that no more than the bound stays because of it
    good.sort(key=lambda item: not _is_protected(item, protected))
    leaves = [(item, f"more than {bounds.good} releases are kept") for item in good[bounds.good :]]
    leaves += [(item, _why_rejected(item, verdicts, bounds)) for item in rejected[bounds.rejected :]]
    return tuple((item.name, why) for item, why in leaves if not _is_protected(item, protected))


def _why_rejected(item: Kept, verdicts: Mapping[str, str], bounds: Bounds) -> str:
    word = verdicts.get(_id(item)) or "unproved"
    return f"it is {word} and more than {bounds.rejected} of these are kept"


def _is_protected(item: Kept, protected: Collection[str]) -> bool:
    return item.name in protected or _id(item) in protected


def _id(item: Kept) -> str:
    return Release(item.digest).id if item.digest else item.name


@dataclass(frozen=True)
class Pruner:
    """Removes releases of one component.

    :param before_call: asked right before each removal; raises when nothing may be changed any more.
    """

    store: Store
    lock: Lock
    processes: Processes
    before_call: Callable[[], None]

    def plan(
        self,
        object: str,
        *,
        order: Sequence[str],
        verdicts: Mapping[str, str],
        protected: Collection[str],
        bounds: Bounds,
    ) -> Plan:
        """Return the steps that remove what L(choose) chose; what serves and what some process runs in always stays.

        :param order: its first is the release that serves, or will.
        """
        releases = self.store.layout.releases
        with storage.refusing("What could be removed cannot be seen", releases):
            link = None if self.store.layout.obstacle() else self.store.layout.link()
        always = {*protected, *in_use(self.processes.every(), releases), *([link.target.name] if link else [])}
        kept = [self.store.look(name) for name in self.store.names()]
        if not any(_id(item) == id for item in kept for id in order[:1]):
            # in a plan the release that will serve is not there yet, and counts
            kept += [Kept(id) for id in order[:1]]
        chosen = choose(kept, order=order, verdicts=verdicts, protected=always, bounds=bounds)
        steps = tuple(
            Step(KIND, object, f"Remove release {name} from the disk: {why}", bounds={"release": name})
            for name, why in chosen
        )
        return Plan(runbook="", action=KIND, object=object, steps=steps)

    def carry_out(self, plan: Plan, *, check: bool) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
        """Remove, unless in check mode. What cannot be removed is a warning: the component serves all the same."""
        try:
            steps = apply(plan, self._remove, check=check, before_each=self.before_call)
        except OpsError as error:
            return (), (not_pruned(error.sentence),)
        return steps, tuple(not_pruned(step.why) for step in steps if step.state is State.FAILED)

    def _remove(self, step: Step) -> Done:
        directory = self.store.layout.releases / str(step.bounds["release"])
        aside = directory.with_name(f".{directory.name}.removed-{secrets.token_hex(4)}")
        try:
            self.lock.take()
            with storage.refusing(f"Release {directory.name} cannot be removed", directory.parent):
                os.rename(directory, aside)
        except OpsError as error:
            return Done(State.FAILED, error.sentence, go_on=False)
        storage.remove(aside)
        if os.path.lexists(aside):
            return Done(State.FAILED, f"A part of release {directory.name} could not be removed: {aside}")
        return Done()


def not_pruned(why: str) -> Finding:
    """Return the finding that something stays on the disk that should not."""
    return Finding("not_pruned", Severity.WARNING, why, remedy="Remove it by hand, or let the next deployment try.")
