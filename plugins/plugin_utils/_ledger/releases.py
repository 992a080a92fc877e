# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases chain: what was released, served, intended, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .chain import Chain, Record
from .store import Store

CHAIN = "releases"


class Releases:
    """The records of FORMATS section 5 that concern releases, append-only."""

    def __init__(self, store: Store) -> None:
        self.chain = Chain(store, CHAIN)

    def history(self, component: str) -> list[dict[str, object]]:
        """Return every record of the component, oldest first, with the intents that name it.

        :raises ChainBroken: the chain cannot be trusted.
        """
        return [record for record in self.records() if concerns(record, component)]

    def records(self) -> list[dict[str, object]]:
        """Return every record, oldest first.

        :raises ChainBroken: the chain cannot be trusted.
        """
        return [dict(record) for entry in self.chain.entries() for record in entry.records]

    def append(self, records: Iterable[Record], *, before_write: Callable[[], None] | None = None) -> int:
        """Add all the records in one entry, or none of them; return its sequence."""
        return self.chain.append(records, before_write=before_write)


def concerns(record: Record, component: str) -> bool:
    """Tell whether a record is about a component."""
    components = record.get("components")
    return record.get("component") == component or (isinstance(components, Mapping) and component in components)
