# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, put together again from the journal's entries, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._ledger.chain import Head
from .._ledger.store import Store
from .proof import link_of, reader

Event = Mapping[str, object]
UNENDED = "no end recorded"


@dataclass(frozen=True)
class Run:
    """What the journal says of one run.

    :param id: the run's id; empty for what belongs to none.
    :param events: oldest first, each with C(sequence) and C(at).
    """

    id: str
    events: Sequence[Event]

    @property
    def opened(self) -> Event:
        """Return its first event: how it began, where that was recorded."""
        return next((event for event in self.events if event.get("event") == "opened"), self.events[0])

    @property
    def closed(self) -> Event | None:
        """Return how it ended; None where no end was recorded."""
        return next((event for event in reversed(self.events) if event.get("event") == "closed"), None)

    @property
    def at(self) -> str:
        """Return when it began."""
        return str(self.opened.get("at") or "")

    @property
    def sequence(self) -> int:
        """Return the number of its first entry."""
        return int(str(self.opened.get("sequence", 0)))

    @property
    def runbook(self) -> str:
        """Return its runbook or tool."""
        return str(self.opened.get("runbook") or "")

    @property
    def objects(self) -> tuple[str, ...]:
        """Return what it was about."""
        found = self.opened.get("objects")
        if isinstance(found, list) and found:
            return tuple(str(each) for each in found)
        return tuple({str(event["object"]): None for event in self.events if event.get("object")})

    @property
    def outcome(self) -> str:
        """Return how it ended, in a word; for a tool, which has no closing entry, that it was done."""
        if self.closed is not None:
            return str(self.closed.get("result") or "?")
        if self.opened.get("allowed") is False:
            return "REFUSED"
        if "lines" in self.opened:
            return str(self.opened.get("result") or "done")
        return UNENDED if self.opened.get("event") == "opened" else str(self.opened.get("event") or "?")

    @property
    def users(self) -> tuple[str, ...]:
        """Return the names under which whoever ran it is known, the one that proves most first."""
        who = self.opened.get("who")
        if not isinstance(who, Mapping):
            return ()
        awx = who.get("awx")
        names = [awx.get("awx_user_name")] if isinstance(awx, Mapping) else []
        names += [who.get("sudo_user"), who.get("user")]
        return tuple(str(name) for name in names if name)

    @property
    def incidents(self) -> tuple[str, ...]:
        """Return the incidents that its entries name."""
        return tuple({name: None for event in self.events for name in incidents_of(event)})


def incidents_of(event: Event) -> tuple[str, ...]:
    """Return the ids of the incidents that an entry names."""
    listed, one = event.get("incidents"), event.get("incident")
    found = list(listed) if isinstance(listed, (list, tuple)) else []
    found.append(one.get("id") if isinstance(one, Mapping) else one)
    return tuple(str(each) for each in found if each not in (None, ""))


@dataclass
class Backwards:
    """The journal from its last entry back, each proved by the one after it, and the last by the head.

    :param broken: the first entry met that does not fit; -1 as long as all do. What lies before it is not proved.
    :param unread: how many could not be read.
    """

    store: Store
    chain: str
    head: Head
    broken: int = -1
    unread: int = 0

    def events(self) -> Iterator[Event]:
        """Give the events, newest first."""
        expected, read = self.head.hash, reader(self.store, self.chain)
        for sequence in range(self.head.sequence, -1, -1):
            data = read(sequence)
            link = link_of(data) if data is not None else None
            if link is None or link.sequence != sequence or (link.hash != expected and self.broken < 0):
                self.broken = sequence if self.broken < 0 else self.broken
            yield from self._parsed(data, sequence)
            expected = link.previous if link else ""

    def _parsed(self, data: bytes | None, sequence: int) -> Iterator[Event]:
        try:
            value = json.loads(data or b"")
            at = str(value["at"])
            for record in reversed(value["records"]):
                if record.get("kind") == "journal":
                    yield {**record, "sequence": sequence, "at": at}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.unread += 1


def runs_of(events: Iterator[Event]) -> Iterator[Run]:
    """Give the runs, newest first, as soon as their first event was met.

    A run that passed the guard in several plays is one for each: its end is the end of all of them.

    :param events: newest first.
    """
    gathered: dict[str, list[Event]] = {}
    ends: dict[str, Event] = {}
    for event in events:
        run = str(event.get("run") or "")
        if not run:
            yield Run("", (event,))
            continue
        if event.get("event") == "closed":
            ends.setdefault(run, event)
        gathered.setdefault(run, []).append(event)
        if event.get("event") == "opened":
            found = gathered.pop(run)[::-1]
            end = ends.get(run)
            yield Run(run, (*found, end) if end and end not in found else tuple(found))
    yield from (Run(run, tuple(reversed(left))) for run, left in gathered.items())
