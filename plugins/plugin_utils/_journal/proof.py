# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proving a chain from the bytes that are stored, entry by entry, against everything that knows one of its hashes.

An entry is written in canonical form, so the hash of its bytes is its hash: nothing is parsed but the two fields that
tie it to the one before. What knows a hash: the ledger's identity (of entry 0), the head, and the anchors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .._ledger.chain import Head, digest
from .._ledger.store import Store

# what chain.canonical() makes of an entry: its keys are sorted
_FORM = re.compile(
    rb'\{"at":"([^"\\]*)","previous":"((?:sha256:[0-9a-f]{64})?)","records":\[.*\],"sequence":(\d{1,15})\}', re.DOTALL
)
IDENTITY = "identity"
HEAD = "head"

Read = Callable[[int], "bytes | None"]


@dataclass(frozen=True)
class Link:
    """How one entry is tied to the one before it.

    :param sequence: the number that the entry gives itself.
    """

    sequence: int
    previous: str
    at: str
    hash: str


@dataclass(frozen=True)
class Mark:
    """Somebody's word about one entry.

    :param source: who says so: C(identity), C(head), or the name of an anchor with its line.
    """

    sequence: int
    hash: str
    source: str
    at: str = ""

    @property
    def anchored(self) -> bool:
        """Tell whether this comes from outside the ledger."""
        return self.source not in (IDENTITY, HEAD)


@dataclass(frozen=True)
class Bad:
    """The first entry that does not fit.

    :param entry: its number.
    :param sure_to: the last entry before it that is proved without it; -1 for none. What lies in between fits, and
        only entries that cannot be trusted say so.
    """

    entry: int
    sentence: str
    sure_to: int


@dataclass(frozen=True)
class Proof:
    """What came of proving a chain.

    :param last: its last entry; None where it has none that can be read.
    :param anchored_to: the last entry that an anchor knows and that is as it says; -1 for none.
    """

    chain: str
    last: Link | None
    anchored_to: int
    bad: Bad | None


def link_of(data: bytes) -> Link | None:
    """Return what ties an entry to the one before it; None when it is not in the form in which entries are written."""
    found = _FORM.fullmatch(data)
    if found is None:
        return None
    at, previous, sequence = found.groups()
    return Link(int(sequence), previous.decode(), at.decode(errors="replace"), digest(data))


def reader(store: Store, chain: str) -> Read:
    """Return what reads an entry's bytes by its number; None where there is no such entry."""

    def read(sequence: int) -> bytes | None:
        found = store.read(f"{chain}/entries/{sequence:012d}")
        return found.data if found else None

    return read


def head_of(store: Store, chain: str) -> Head | None:
    """Return what the head says, without moving it; None where it is missing or damaged."""
    found = store.read(f"{chain}/head")
    try:
        value = json.loads(found.data) if found else {}
        return Head(int(value["sequence"]), str(value["hash"]))
    except (ValueError, KeyError, TypeError):
        return None


def prove(chain: str, read: Read, marks: Iterable[Mark]) -> Proof:
    """Read a chain from its first entry to its last and stop at the first that does not fit.

    :param marks: with those of identity and head; without one of the head, that is what is found.
    """
    known: dict[int, list[Mark]] = {}
    for mark in marks:
        known.setdefault(mark.sequence, []).append(mark)
    walk = _Walk(read, known)
    bad = walk.go() or _unended(walk.last, known)
    return Proof(chain, walk.last, walk.anchored_to, bad)


class _Walk:
    """One reading of a chain, from its first entry on."""

    def __init__(self, read: Read, known: Mapping[int, list[Mark]]) -> None:
        self._read, self._known = read, known
        self._end = max(known, default=-1)
        self._before: Link | None = None
        self.last: Link | None = None
        self.sure_to = -1
        self.anchored_to = -1

    def go(self) -> Bad | None:
        """Return the first entry that does not fit; None at the end of a whole chain."""
        sequence = 0
        while (data := self._read(sequence)) is not None:
            link = link_of(data)
            if link is None:
                return self._bad(sequence, "is damaged: it is not in the form in which entries are written")
            if self.last and (link.sequence != sequence or link.previous != self.last.hash):
                return self._blame(link, self.last, sequence)
            if link.sequence != sequence:
                return self._bad(sequence, f"is in the wrong place: it says that it is entry {link.sequence}")
            if wrong := self._contradicted(link):
                return wrong
            self._before, self.last = self.last, link
            sequence += 1
        return self._missing(sequence) if sequence <= self._end else None

    def _contradicted(self, link: Link) -> Bad | None:
        """Compare an entry with what is known of it; note how far all is sure."""
        marks = self._known.get(link.sequence, ())
        wrong = [mark for mark in marks if mark.hash != link.hash]
        if not wrong:
            # the head says nothing sure: whoever rewrites entries rewrites it too
            self.sure_to = link.sequence if any(mark.source != HEAD for mark in marks) else self.sure_to
            self.anchored_to = link.sequence if any(mark.anchored for mark in marks) else self.anchored_to
            return None
        if all(mark.source == HEAD for mark in wrong) and self._vouched(link):
            return Bad(
                link.sequence, f"its head was changed: entry {link.sequence} is another than it says", self.sure_to
            )
        first = next((mark for mark in wrong if mark.anchored), wrong[0])
        return self._bad(link.sequence, _contradiction(first))

    def _vouched(self, link: Link) -> bool:
        """Tell whether an anchor or the entry after it knows an entry as it is."""
        after = self._link(link.sequence + 1)
        known = {mark.hash for mark in self._known.get(link.sequence, ())}
        return link.hash in known or (after is not None and after.previous == link.hash)

    def _blame(self, link: Link, before: Link, place: int) -> Bad:
        """Return which of two neighbours does not fit: the entry in a place, or the one before it."""
        after = self._link(place + 1)
        if after and after.previous == before.hash:
            return self._bad(place, "was put in between")
        marks = self._known.get(place, ())
        known = {mark.hash for mark in marks if mark.anchored} | ({after.previous} if after else set())
        by_head = link.hash not in known and any(mark.hash == link.hash for mark in marks)
        # whoever writes the last entry writes the head
        perhaps = f", or entry {place} and the head were" if by_head else ""
        vouched = any(mark.hash == before.hash for mark in self._known.get(before.sequence, ()))
        if self._before and link.previous == self._before.hash and link.hash != before.hash and not vouched:
            # both want to follow the same one, and only this one was ever told so
            return self._bad(before.sequence, f"was put in between{perhaps}")
        if link.sequence != place:
            return self._bad(place, f"is in the wrong place: it says that it is entry {link.sequence}")
        if (link.hash in known or perhaps) and not vouched:
            return self._bad(before.sequence, f"was changed after it was written{perhaps}")
        return self._bad(place, "does not follow the one before it")

    def _missing(self, sequence: int) -> Bad:
        mark = next(mark for number in sorted(self._known) if number >= sequence for mark in self._known[number])
        told = f"{_who(mark)} knows entry {mark.sequence}"
        return self._bad(sequence, f"is missing: {told}")

    def _bad(self, entry: int, what: str) -> Bad:
        return Bad(entry, f"entry {entry} {what}", self.sure_to)

    def _link(self, sequence: int) -> Link | None:
        data = self._read(sequence)
        return link_of(data) if data else None


def _unended(last: Link | None, known: Mapping[int, list[Mark]]) -> Bad | None:
    """Return what is wrong where nothing says how long the chain is."""
    if any(mark.source == HEAD for marks in known.values() for mark in marks):
        return None
    end = last.sequence if last else -1
    return Bad(end + 1, f"its head is missing or damaged, so nothing says whether entry {end} is its last", end)


def _who(mark: Mark) -> str:
    return {IDENTITY: "the ledger's identity", HEAD: "the head"}.get(mark.source, mark.source)


def _contradiction(mark: Mark) -> str:
    if mark.source == IDENTITY:
        return "is not the one with which this ledger began"
    if mark.source == HEAD:
        return "was changed after it was written: the head knows another"
    return f"was changed after it was written: {mark.source} knows another ({mark.hash})"
