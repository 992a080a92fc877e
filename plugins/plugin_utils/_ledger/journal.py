# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal chain: who ran what, through which gates, with which result."""

from __future__ import annotations

from typing import cast

from ...module_utils._redact import Redactor
from .chain import Chain, Record
from .store import Store

CHAIN = "journal"


class Journal:
    """Events C(opened), C(step), C(gate) and C(closed) of runs; redacted before they are written."""

    def __init__(self, store: Store) -> None:
        self.chain = Chain(store, CHAIN)

    def append(self, event: Record, redactor: Redactor | None = None) -> int:
        """Add one event and return its sequence."""
        shown = cast("dict[str, object]", (redactor or Redactor()).value(event))
        return self.chain.append([{"kind": "journal", **shown}])

    def events(self, run: str | None = None) -> list[dict[str, object]]:
        """Return the events of one run, or of all, oldest first, each with its sequence and time.

        :raises ChainBroken: the chain cannot be trusted.
        """
        return [
            {**record, "sequence": entry.sequence, "at": entry.at}
            for entry in self.chain.entries()
            for record in entry.records
            if record.get("kind") == "journal" and run in (None, record.get("run"))
        ]
