# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is at work on a change that was announced and not settled: the run that holds its lease, or the next one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...module_utils._clock import format_time
from .._ledger.leases import Lease, overlap
from .._ledger.ledger import Ledger
from .._ledger.takeover import Life, life_of
from .ids import began

_NEXT = "the next run settles it"


@dataclass(frozen=True)
class Outlook:
    """What becomes of an unsettled change.

    :param waits: whether a run is at work on it, so that another one would be refused.
    """

    sentence: str
    waits: bool = False


def outlook(ledger: Ledger, objects: Collection[str]) -> Outlook:
    """Say what becomes of an unsettled change of these objects.

    :raises OpsError: the leases cannot be read.
    """
    lives: dict[Life, Lease] = {}
    for lease in ledger.leases.all():
        if any(overlap(lease.object, name) for name in objects) and not ledger.leases.expired(lease):
            lives.setdefault(life_of(lease.holder), lease)
    for life, ending in ((Life.LIVING, ""), (Life.UNSEEN, ", as far as can be seen from here")):
        if life in lives:
            return Outlook(f"{_named(lives[life])}{ending}: wait for its end", waits=True)
    if Life.ENDING in lives:
        return Outlook(
            f"run {lives[Life.ENDING].holder.run} is gone, and what it began still works: {_NEXT} after that"
        )
    return Outlook(_NEXT)


def _named(lease: Lease) -> str:
    since = began(lease.holder.run)
    return f"{lease.holder.named()} is under way" + (f" since {format_time(since)}" if since else "")
