# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of a run: the one that the inventory names, or what stands in for it while it cannot be reached.

What only reads goes on without it. What brings back what served (C(without_ledger) in the contract) goes on with a
spool on this controller, begun from its last copy; everything else refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ...module_utils._clock import format_duration, parse_time
from ...module_utils._errors import OpsError, Unreachable
from .._gates import place
from .._gates.request import Policy, Request, Says, Verdict, refused
from .._ledger.ledger import Ledger, open_ledger
from .._ledger.store import Unusable
from .._spool import copies, spool
from .._spool.importing import bring_in
from .door import Door

GATE = "spool"


@dataclass(frozen=True)
class Reached:
    """What a run works with.

    :param ledger: None where it goes on without one, or where it must not go on.
    :param lines: what a person must hear of it.
    """

    ledger: Ledger | None
    verdicts: Sequence[Verdict] = ()
    lines: Sequence[str] = ()


def reach(request: Request, door: Door) -> Reached:
    """Open the ledger. Gone, not initialised or damaged: readers go on without it. Another's: nobody does.

    A tool that reads needs none at all: it may be there to find what is wrong with it.
    """
    policy = request.policy
    needs_none = request.tool and not request.changes
    verdicts = [] if needs_none else place.judge(policy, place.is_passing(door.environment))
    if not policy.ledger:
        return Reached(None, verdicts)
    try:
        ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    except (Unreachable, Unusable) as error:
        if request.changes and request.without_ledger:
            return _standing_in(request, door, error, verdicts)
        firm = request.changes and isinstance(error, Unusable) and not needs_none
        return Reached(None, [*verdicts, _shut(request, error, firm=firm) if firm else out_of_reach(request, error)])
    except OpsError as error:
        found = out_of_reach(request, error) if needs_none else _shut(request, error, firm=True)
        return Reached(None, [*verdicts, found])
    if request.check:
        return Reached(ledger, verdicts)
    door.memory.note(ledger)
    return Reached(ledger, verdicts, _brought_in(ledger, door))


def runs_of(home: object) -> Path:
    """Return the directory of run directories.

    :param home: Ansible's C(home).
    """
    return Path(str(home)) / "steady.ops" / "runs"


def copies_of(runs: Path) -> copies.Copies:
    """Return what this controller copied of ledgers.

    :param runs: the directory of run directories.
    """
    return copies.Copies(runs.with_name(copies.DIRECTORY))


def remember(ledger: Ledger, runs: Path) -> None:
    """Copy what a later run would need that cannot reach this ledger; a spool is nobody's source."""
    if not ledger.url.startswith(f"file://{quote(str(spools_of(runs)))}/"):
        copies_of(runs).keep(ledger)


def spools_of(runs: Path) -> Path:
    """Return the directory of spools."""
    return runs.with_name(spool.DIRECTORY)


def ledger_of(url: str, system: str, environment: str, *, runs: Path, run: str, check: bool) -> Ledger:
    """Open the ledger that a run of this controller works with.

    It is the spool where the run holds its leases there; in check mode, which holds none, where there is no other.

    :raises OpsError: it cannot be opened.
    """
    standing = spool.existing(spools_of(runs), url) if run else None
    if standing is not None and spool.is_of_run(standing, run):
        return standing.ledger
    try:
        return open_ledger(url, system, environment)
    except (Unreachable, Unusable):
        if check and standing is not None:
            return standing.ledger
        raise


def ledger_or_reason(
    url: str, system: str, environment: str, *, runs: Path, run: str, check: bool, reads: bool
) -> tuple[Ledger | None, str]:
    """Return the ledger, or why it is not known what it holds; only what changes something needs it.

    :raises OpsError: it cannot be opened, and a change needs it.
    """
    if not url:
        return None, "ops_ledger is not set."
    try:
        return ledger_of(url, system, environment, runs=runs, run=run, check=check and not reads), ""
    except (Unreachable, Unusable) as error:
        if reads or (check and isinstance(error, Unreachable)):
            # the guard has named the remedy
            return None, error.sentence
        raise


def out_of_reach(request: Request, error: OpsError) -> Verdict:
    """Return the verdict on a ledger that cannot be reached: it stops a change, and a reader is told."""
    if request.changes and not request.check:
        return _shut(request, error)
    return Verdict(place.GATE, Says.UNKNOWN, error.sentence, error.remedy, next=request.commands.wanted(error.next))


def _shut(request: Request, error: OpsError, *, firm: bool = False) -> Verdict:
    return refused(place.GATE, error.sentence, error.remedy, firm=firm, next=request.commands.wanted(error.next))


def _standing_in(request: Request, door: Door, error: OpsError, verdicts: Sequence[Verdict]) -> Reached:
    policy = request.policy
    copy = copies_of(door.runs).last(policy.ledger)
    try:
        found = spool.begin(spools_of(door.runs), policy.ledger, policy.system, policy.environment, copy)
    except (OpsError, OSError) as problem:
        why = f"{error.sentence}, and nothing can stand in for it here: {problem}"
        return Reached(None, [*verdicts, _shut(request, OpsError(why, remedy=error.remedy, next=error.next))])
    known = "and this controller has no copy of it, so nothing is known but what the platform says"
    if found.copied_at:
        age = (door.clock.now() - parse_time(found.copied_at)).total_seconds()
        known = f"so this goes on with what this controller knew {format_duration(max(0.0, age))} ago"
    told = f"{error.sentence}, {known}; what is done is kept here until a run reaches it again"
    return Reached(found.ledger, [*verdicts, Verdict(GATE, Says.UNKNOWN, told, error.remedy)])


def arrive(policy: Policy, door: Door) -> list[str]:
    """Bring in, before a tool works with its ledger, what was done without it; return lines that say so."""
    try:
        if not policy.ledger or spool.existing(spools_of(door.runs), policy.ledger) is None:
            return []
        ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    except (OpsError, OSError):
        # the tool itself says what is wrong with its ledger
        return []
    return _brought_in(ledger, door)


def _brought_in(ledger: Ledger, door: Door) -> list[str]:
    """Bring in what was done without the ledger; what cannot be brought in now stays for the next run."""
    try:
        return bring_in(spools_of(door.runs), ledger)
    except (OpsError, OSError) as error:
        return [f"what was done without the ledger is not brought in yet: {error}"]
