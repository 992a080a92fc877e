# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An append-only log: every entry carries the hash of the one before, and a head says which is the last.

An entry is C({"sequence": 12, "previous": "sha256:...", "at": "...", "records": [...]}) under
C(<chain>/entries/<sequence>); its hash is the SHA-256 of its canonical JSON. The head is
C({"sequence": 12, "hash": "sha256:..."}). An entry is written first and the head moved after it, so a kill in between
leaves a head one behind, which the next writer or reader moves on. What a chain alone cannot exclude: somebody who
rewrites every later entry and the head as well; that takes an anchor outside the writer's reach.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...module_utils._clock import format_time
from ...module_utils._errors import Unreachable
from .store import CHECK, Store, Unusable

Record = Mapping[str, object]
_TRIES = 200


class ChainBroken(Unusable):
    """A chain was edited, cut, or lost; C(details["entry"]) is the first bad entry."""


@dataclass(frozen=True)
class Entry:
    """One entry as it was written."""

    sequence: int
    previous: str
    at: str
    records: tuple[Record, ...]
    hash: str


@dataclass(frozen=True)
class Head:
    """The last entry: its number and hash."""

    sequence: int
    hash: str


def canonical(value: object) -> bytes:
    """Return the one spelling of a value that is hashed and kept."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """Return C(sha256:...) of the bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Chain:
    """One chain of a ledger."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def begin(self, ledger_id: str) -> str:
        """Write the first entry and the head when they are missing; return the hash of the first entry."""
        first = {
            "sequence": 0,
            "previous": "",
            "at": format_time(self._store.now()),
            "records": [{"kind": "genesis", "chain": self.name, "ledger": ledger_id}],
        }
        self._store.put_if_absent(self._key(0), canonical(first))
        genesis = self._read(0)
        if genesis is None:
            raise Unreachable(f"The chain {self.name} of the ledger {self._store.url} was not kept")
        self._store.put_if_absent(self._head_key, canonical({"sequence": 0, "hash": genesis.hash}))
        return genesis.hash

    def append(self, records: Iterable[Record], *, before_write: Callable[[], None] | None = None) -> int:
        """Add one entry with all the records, or nothing; return its sequence.

        :param before_write: raises when the writer has lost its right; asked after the head was read, so that a
            writer who is late meets the entry of the one who took over.
        :raises ChainBroken: the end of the chain is not what the head says.
        :raises Unreachable: the store did not take it.
        """
        kept = [dict(record) for record in records]
        for _number in range(_TRIES):
            head = self._end()
            if before_write:
                before_write()
            at = format_time(self._store.now())
            entry = {"sequence": head.sequence + 1, "previous": head.hash, "at": at, "records": kept}
            data = canonical(entry)
            if self._store.put_if_absent(self._key(head.sequence + 1), data):
                self._move_head(Head(head.sequence + 1, digest(data)))
                return head.sequence + 1
        raise Unreachable(f"The chain {self.name} of the ledger {self._store.url} has too many writers at once")

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first, proved against each other and the head.

        :raises ChainBroken: names the first bad entry.
        """
        head = self._end()
        found = list(self._all(head.sequence))
        for index, entry in enumerate(found):
            if entry.hash != _expected(found, index, head):
                later_is_whole = index + 1 == len(found) or found[index + 1].hash == _expected(found, index + 1, head)
                bad = index if later_is_whole else index + 1
                raise self._broken(f"entry {bad} was changed after it was written", bad)
        return found

    def first_hash(self) -> str:
        """Return the hash of the first entry.

        :raises ChainBroken: it is missing or unreadable.
        """
        genesis = self._read(0)
        if genesis is None:
            raise self._broken("entry 0 is missing: the chain is lost", 0)
        return genesis.hash

    def _end(self) -> Head:
        """Return the last entry, after moving a head on that a killed writer left behind."""
        head = self._read_head()
        last = self._read(head.sequence)
        if last is None:
            raise self._broken(f"entry {head.sequence} is missing: the chain was cut", head.sequence)
        if last.hash != head.hash:
            raise self._broken(f"entry {head.sequence} was changed after it was written", head.sequence)
        while (later := self._read(head.sequence + 1)) is not None:
            if later.previous != head.hash:
                raise self._broken(f"entry {later.sequence} does not follow the one before it", later.sequence)
            head = Head(later.sequence, later.hash)
            self._move_head(head)
        return head

    def _move_head(self, head: Head) -> None:
        found = self._store.read(self._head_key)
        if found and json.loads(found.data)["sequence"] < head.sequence:
            self._store.compare_and_swap(
                self._head_key, found.version, canonical({"sequence": head.sequence, "hash": head.hash})
            )

    def _read_head(self) -> Head:
        found = self._store.read(self._head_key)
        if found is None:
            raise self._broken("its head is missing: the chain is lost", 0)
        try:
            value = json.loads(found.data)
            return Head(int(value["sequence"]), str(value["hash"]))
        except (ValueError, KeyError, TypeError):
            raise self._broken("its head is damaged", 0) from None

    def _all(self, last: int) -> Iterator[Entry]:
        for sequence in range(last + 1):
            entry = self._read(sequence)
            if entry is None:
                raise self._broken(f"entry {sequence} is missing", sequence)
            yield entry

    def _read(self, sequence: int) -> Entry | None:
        found = self._store.read(self._key(sequence))
        if found is None:
            return None
        try:
            value = json.loads(found.data)
            if value["sequence"] != sequence or not isinstance(value["records"], list):
                raise ValueError
            return Entry(sequence, value["previous"], value["at"], tuple(value["records"]), digest(canonical(value)))
        except (ValueError, KeyError, TypeError):
            raise self._broken(f"entry {sequence} is damaged and cannot be read", sequence) from None

    def _key(self, sequence: int) -> str:
        return f"{self.name}/entries/{sequence:012d}"

    @property
    def _head_key(self) -> str:
        return f"{self.name}/head"

    def _broken(self, what: str, entry: int) -> ChainBroken:
        return ChainBroken(
            f"The chain {self.name} of the ledger {self._store.url} cannot be trusted: {what}",
            remedy=f"Put {self.name}/ back from the ledger's backup (without one go on as docs/ledger.md says under"
            " 'Lost or damaged') and check it",
            next=CHECK,
            details={"chain": self.name, "entry": entry},
        )


def _expected(found: list[Entry], index: int, head: Head) -> str:
    """Return the hash that an entry must have by what comes after it."""
    return found[index + 1].previous if index + 1 < len(found) else head.hash
