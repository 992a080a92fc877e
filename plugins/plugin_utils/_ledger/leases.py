# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases: expiring, fenced rights to change objects, all in one document so that taking several is one swap."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import LeaseLost, Refused, Unreachable
from .chain import canonical
from .processes import Process
from .store import SHOW, Store

TTL_SECONDS = 60
RENEW_SECONDS = 15

# spelled once here: inside Lease the name `object` is a field
Values = Mapping[str, object]
_KEY = "leases"
_TRIES = 200


@dataclass(frozen=True)
class Holder:
    """Who holds a lease.

    :param place: see C(processes.this_place); only from the same place can be seen whether the holder lives.
    :param directory: the run directory with deadline files and C(module.lock).
    """

    run: str
    user: str
    host: str
    place: str
    process: Process
    keeper: Process | None
    directory: str
    runbook: str = ""

    @classmethod
    def from_dict(cls, value: Mapping[str, object]) -> Holder:
        """Read what the ledger keeps."""
        texts = {name: str(value.get(name, "")) for name in ("run", "user", "host", "place", "directory", "runbook")}
        process, keeper = cast(Mapping[str, Any], value["process"]), value.get("keeper")
        return cls(
            **texts,
            process=Process(**process),
            keeper=Process(**keeper) if isinstance(keeper, Mapping) else None,
        )

    def named(self) -> str:
        """Return the holder as a sentence names it."""
        what = f" ({self.runbook})" if self.runbook else ""
        return f"run {self.run}{what} of {self.user}@{self.host}, process {self.process.pid}"


@dataclass(frozen=True)
class Lease:
    """One right to change one object."""

    object: str
    token: int
    holder: Holder
    expires_at: datetime

    def as_dict(self) -> Values:
        """Return the lease as the ledger keeps it."""
        return {
            "kind": "lease",
            "object": self.object,
            "token": self.token,
            "holder": asdict(self.holder),
            "expires_at": format_time(self.expires_at),
        }

    @classmethod
    def from_dict(cls, value: Values) -> Lease:
        """Read what the ledger keeps."""
        holder = cast(Mapping[str, object], value["holder"])
        return cls(
            object=str(value["object"]),
            token=int(str(value["token"])),
            holder=Holder.from_dict(holder),
            expires_at=parse_time(str(value["expires_at"])),
        )


class Held(Refused):
    """Somebody else holds what is wanted."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(
            f"{lease.object} is being changed by {lease.holder.named()}",
            remedy="Wait for it to end, or end that run; the same command then works.",
        )
        self.lease = lease


def overlap(one: str, other: str) -> bool:
    """Tell whether two objects are the same or one lies beneath the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


@dataclass(frozen=True)
class _Book:
    token: int
    leases: tuple[Lease, ...]


class Leases:
    """The leases of one ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self) -> None:
        """Write the empty document when there is none."""
        self._store.put_if_absent(_KEY, canonical({"token": 0, "leases": []}))

    def all(self) -> list[Lease]:
        """Return every lease that is written down, expired ones too."""
        return list(self._book()[0].leases)

    def conflict(self, objects: Collection[str], run: str) -> Lease | None:
        """Return a lease of another run that is in the way, expired or not."""
        return next(iter(_conflicts(self._book()[0].leases, objects, run)), None)

    def expired(self, lease: Lease) -> bool:
        """Tell by the store's clock whether a lease has run out."""
        return self._store.now() >= lease.expires_at

    def acquire(self, objects: Iterable[str], holder: Holder, *, over: Collection[int] = ()) -> list[Lease]:
        """Take all the objects or none; what this run has already is kept and renewed.

        :param over: tokens of leases that the caller has seen to be dead.
        :raises Held: another run's lease is neither expired nor among these.
        """
        wanted = sorted(set(objects))

        def change(book: _Book, now: datetime) -> _Book:
            for lease in _conflicts(book.leases, wanted, holder.run):
                if lease.expires_at > now and lease.token not in over:
                    raise Held(lease)
            gone = {lease.token for lease in _conflicts(book.leases, wanted, holder.run)}
            kept = [lease for lease in book.leases if lease.token not in gone]
            have = {lease.object for lease in kept if lease.holder.run == holder.run}
            token = book.token
            for name in wanted:
                if name not in have:
                    token += 1
                    kept.append(Lease(name, token, holder, now + timedelta(seconds=TTL_SECONDS)))
            return _Book(token, tuple(kept))

        book = self._change(change)
        return [lease for lease in book.leases if lease.holder.run == holder.run and lease.object in wanted]

    def renew(self, run: str, *, keeper: Process | None = None) -> list[Lease]:
        """Extend every lease of the run and return them.

        :raises LeaseLost: none is left.
        """

        def change(book: _Book, now: datetime) -> _Book:
            until = now + timedelta(seconds=TTL_SECONDS)
            return _Book(book.token, tuple(_renewed(lease, run, until, keeper) for lease in book.leases))

        mine = [lease for lease in self._change(change).leases if lease.holder.run == run]
        if not mine:
            raise LeaseLost(f"The leases of run {run} are gone: they ran out and were given to somebody else")
        return mine

    def release(self, run: str) -> None:
        """Give back every lease of the run; tokens go on growing."""

        def change(book: _Book, _now: datetime) -> _Book:
            return _Book(book.token, tuple(lease for lease in book.leases if lease.holder.run != run))

        self._change(change)

    def prove(self, object: str, token: int) -> None:
        """Return when this token is still the one that may write.

        :raises LeaseLost: it is not.
        """
        now = self._store.now()
        for lease in self._book()[0].leases:
            if lease.object == object and lease.token == token and lease.expires_at > now:
                return
        raise LeaseLost(
            f"The lease on {object} (token {token}) was lost, so nothing is written for it any more",
            remedy="Run the same command again: it finishes or puts back what was begun.",
        )

    def _book(self) -> tuple[_Book, str]:
        found = self._store.read(_KEY)
        if found is None:
            raise Refused(
                f"The leases of the ledger {self._store.url} are missing",
                remedy=f"Put the key '{_KEY}' back from the ledger's backup, then look at it",
                next=SHOW,
            )
        try:
            value = json.loads(found.data)
            leases = tuple(Lease.from_dict(lease) for lease in value["leases"])
            return _Book(int(value["token"]), leases), found.version
        except (ValueError, KeyError, TypeError, AssertionError):
            raise Refused(
                f"The leases of the ledger {self._store.url} are damaged",
                remedy=f"Put the key '{_KEY}' back from the ledger's backup, then look at it",
                next=SHOW,
            ) from None

    def _change(self, change: Callable[[_Book, datetime], _Book]) -> _Book:
        for _number in range(_TRIES):
            book, version = self._book()
            after = change(book, self._store.now())
            if after == book:
                return book
            data = canonical({"token": after.token, "leases": [lease.as_dict() for lease in after.leases]})
            if self._store.compare_and_swap(_KEY, version, data):
                return after
        raise Unreachable(f"The leases of the ledger {self._store.url} have too many writers at once")


def _conflicts(leases: Iterable[Lease], objects: Collection[str], run: str) -> list[Lease]:
    return [
        lease for lease in leases if lease.holder.run != run and any(overlap(lease.object, name) for name in objects)
    ]


def _renewed(lease: Lease, run: str, until: datetime, keeper: Process | None) -> Lease:
    if lease.holder.run != run:
        return lease
    holder = Holder(**{**vars(lease.holder), "keeper": keeper or lease.holder.keeper})
    return Lease(lease.object, lease.token, holder, until)
