# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking leases that are in somebody's hands: at once from the dead, after expiry from the silent, else never."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum
from pathlib import Path

from ...module_utils._clock import Clock, Deadline
from . import deadlines
from .leases import TTL_SECONDS, Held, Holder, Lease, Leases
from .processes import this_place

# a module reports or ends within this time after it was told to stop
SAFE_POINT_SECONDS = 30
PATIENCE_SECONDS = TTL_SECONDS + SAFE_POINT_SECONDS + 5


class Life(Enum):
    """What can be seen of a lease's holder."""

    LIVING = "its run lives"
    ENDING = "its run is gone, its keeper or module is not"
    DEAD = "nothing of it lives"
    UNSEEN = "it runs where this process cannot see"


def life_of(holder: Holder) -> Life:
    """Look at the holder's processes and the lock that its modules hold."""
    if holder.place != this_place():
        return Life.UNSEEN
    if holder.process.alive():
        return Life.LIVING
    keeper_lives = holder.keeper is not None and holder.keeper.alive()
    if keeper_lives or deadlines.module_lives(Path(holder.directory)):
        return Life.ENDING
    return Life.DEAD


def take(
    leases: Leases,
    objects: Collection[str],
    holder: Holder,
    *,
    clock: Clock,
    say: Callable[[str], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> tuple[list[Lease], list[str]]:
    """Acquire all the objects, waiting a bounded time for those who are about to be gone.

    :param say: tells a person once whom this waits for.
    :returns: the leases, and the runs that were taken over.
    :raises Held: a living run holds one, or the wait was in vain.
    """
    until = Deadline.after(clock, patience_seconds)
    seen: dict[int, Lease] = {}
    over: dict[int, Lease] = {}
    while True:
        try:
            taken = leases.acquire(objects, holder, over=over)
        except Held as held:
            lease = held.lease
            if _may_take(lease):
                over[lease.token] = lease
                continue
            if until.passed() or _lives(lease, seen.get(lease.token)):
                raise
            if lease.token not in seen:
                seen[lease.token] = lease
                say(f"waiting for {lease.object}: {lease.holder.named()} ended or went silent; its lease is freed soon")
            clock.sleep(1)
            continue
        return taken, sorted({lease.holder.run for lease in over.values()})


def _may_take(lease: Lease) -> bool:
    """Stop a dead run's late comers, then look again: a module either shows its lock or reads the stop."""
    if life_of(lease.holder) is not Life.DEAD:
        return False
    deadlines.stop(Path(lease.holder.directory))
    return life_of(lease.holder) is Life.DEAD


def _lives(lease: Lease, earlier: Lease | None) -> bool:
    """Tell whether the holder is alive: seen, or by a renewal while we waited."""
    life = life_of(lease.holder)
    renewed = earlier is not None and lease.expires_at > earlier.expires_at
    return life is Life.LIVING or (life is Life.UNSEEN and renewed)
