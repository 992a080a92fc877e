# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads of the journal: the last entry's number and hash, as anchors keep them and notifications and AWX show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .._ledger.chain import Head, canonical
from .._ledger.ledger import Ledger
from .._ledger.store import Store
from .proof import head_of, link_of, reader


@dataclass(frozen=True)
class Heads:
    """The last entry of each chain of a ledger at a moment.

    :param ledger: the ledger's id.
    :param at: the store's time.
    """

    ledger: str
    at: str
    chains: Mapping[str, Head]

    def as_dict(self) -> dict[str, object]:
        """Return C({"ledger", "at", "heads": {<chain>: {"sequence", "hash"}}})."""
        heads = {name: {"sequence": head.sequence, "hash": head.hash} for name, head in self.chains.items()}
        return {"ledger": self.ledger, "at": self.at, "heads": heads}

    def as_line(self) -> bytes:
        """Return one line of JSON, without its end."""
        return canonical(self.as_dict())


def end_of(store: Store, chain: str) -> Head | None:
    """Return the last entry of a chain now, also one that a killed writer wrote and its head does not name yet.

    :returns: None where the head is missing or damaged.
    :raises Unreachable: the store cannot be read.
    """
    read, head = reader(store, chain), head_of(store, chain)
    while head is not None and (data := read(head.sequence + 1)) is not None:
        link = link_of(data)
        if link is None or link.previous != head.hash:
            break
        head = Head(head.sequence + 1, link.hash)
    return head


def heads_of(ledger: Ledger) -> Heads:
    """Return the last entries now.

    :raises Unreachable: the store cannot be read.
    """
    ends = {chain: end_of(ledger.store, chain) for chain in (ledger.journal.chain.name, ledger.releases.chain.name)}
    return Heads(ledger.identity.id, ledger.now_text(), {chain: end for chain, end in ends.items() if end})


def head_text(ledger: Ledger) -> str:
    """Return the journal's head in a few words, for a notification or an artifact: whoever keeps it can prove by it.

    :returns: C(entry 118 sha256:... of ledger 77d0...); empty where the journal has no head.
    """
    found = heads_of(ledger)
    head = found.chains.get(ledger.journal.chain.name)
    return f"entry {head.sequence} {head.hash} of ledger {found.ledger}" if head else ""


def heads_from(line: bytes | str) -> Heads | None:
    """Read what L(Heads.as_line) wrote; None when it is something else."""
    try:
        value = json.loads(line)
        chains = {str(name): Head(int(head["sequence"]), str(head["hash"])) for name, head in value["heads"].items()}
        return Heads(str(value["ledger"]), str(value["at"]), chains)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
