# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing into the ledger what was written in its spool while it could not be reached."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from .._ledger.chain import Chain
from .._ledger.ledger import Ledger
from .._ledger.takeover import Life, life_of
from .copies import name_of
from .spool import Spool, alone, existing


def bring_in(home: Path, ledger: Ledger) -> list[str]:
    """Append to a ledger what its spool holds, once, and remove the spool; return lines that say so.

    Killed in between and run again, nothing is lost and nothing is written twice: every record carries the spool's id
    and its place there.

    :param home: the directory of spools.
    :raises OpsError: the spool or the ledger cannot be read or written; the spool stays.
    """
    if not (home / name_of(ledger.url)).is_dir():
        return []
    # only who finds a spool pays for them
    from .._incidents import adopting as incidents

    with alone(home):
        spool = existing(home, ledger.url)
        if spool is None:
            return []
        if spool.id and spool.id != ledger.identity.id:
            return [
                f"{spool.directory} holds what was done while another ledger ({spool.id}) could not be reached, and is"
                " kept: this one is not that"
            ]
        if _works(spool.ledger):
            return [f"a run still works without this ledger; {spool.directory} is brought in by a later one"]
        counts = {
            "releases": _bring(spool.ledger.releases.chain, ledger.releases.chain, spool, spool.copied),
            "journal": _bring(spool.ledger.journal.chain, ledger.journal.chain, spool, 1),
        }
        incidents.bring_in(spool.ledger, ledger)
        ended = spool.directory.with_name(f"{spool.directory.name}.imported")
        shutil.rmtree(ended, ignore_errors=True)
        spool.directory.rename(ended)
        shutil.rmtree(ended, ignore_errors=True)
    told = ", ".join(f"{count} of {name}" for name, count in counts.items())
    return [f"brought in what was done while this ledger could not be reached: entries {told}"]


def _works(spooled: Ledger) -> bool:
    """Tell whether a run works with the spool; one that is gone left open what the next run settles."""
    leases = spooled.leases
    return any(life_of(lease.holder) is not Life.DEAD and not leases.expired(lease) for lease in leases.all())


def _bring(spooled: Chain, chain: Chain, spool: Spool, first: int) -> int:
    """Append the records of a spooled chain from an entry on; return how many there were."""
    mark = spool.ledger.identity.id
    records = [
        {**record, "spooled": {"spool": mark, "entry": entry.sequence, "at": entry.at}}
        for entry in spooled.entries()
        if entry.sequence >= first
        for record in entry.records
    ]
    # all go into one entry of the ledger: either it is there, or it is not
    there = any(_mark_of(record) == mark for entry in chain.entries() for record in entry.records)
    if records and not there:
        chain.append(records)
    return len(records)


def _mark_of(record: Mapping[str, object]) -> object:
    spooled = record.get("spooled")
    return spooled.get("spool") if isinstance(spooled, Mapping) else None
