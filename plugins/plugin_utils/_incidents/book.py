# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The incidents of one ledger: a small document changed by compare-and-swap, and told to the journal after it.

No lease is needed, so nobody's run keeps an incident from being opened. The document is
C({"incidents": [{"id", "entries"}], "past": [ids], "untold": [[id, number]]}): C(past) are ids that were used and
whose entries stand only in the journal, C(untold) are entries that the journal does not have yet. A run that is killed
between the two leaves them there, and the next one tells them; one told twice is the same entry twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import OpsError, Refused, Unreachable
from .._ledger.chain import canonical
from .._ledger.ledger import Ledger
from .._ledger.store import Store
from .entries import Entry, Incident, incident_of
from .standing import KEY

EVENT = "incident"
# closed ones that a person may still look for here; the journal has all
_KEPT = 20
_TRIES = 200
# an entry of another run that is older than this was left by one that is gone
_LEFT_BEHIND = timedelta(seconds=60)


@dataclass(frozen=True)
class Draft:
    """An entry to be added: what happened to which incident."""

    incident: str
    change: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class State:
    """The document, read.

    :param entries: by incident, in the order of opening.
    """

    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    past: tuple[str, ...] = ()
    untold: tuple[tuple[str, int], ...] = ()

    @property
    def incidents(self) -> list[Incident]:
        """Return every incident, in the order of opening."""
        return [incident_of(id, entries) for id, entries in self.entries.items()]

    @property
    def opened(self) -> list[Incident]:
        """Return the incidents that are open."""
        return [incident for incident in self.incidents if incident.open]

    def find(self, id: str) -> Incident | None:
        """Return the incident of that id."""
        return incident_of(id, self.entries[id]) if id in self.entries else None

    def plus(self, drafts: Sequence[Draft], *, when: str, by: str, run: str) -> State:
        """Return the state with entries added, without what is closed and over."""
        entries, untold = dict(self.entries), list(self.untold)
        for draft in drafts:
            before = entries.get(draft.incident, ())
            number = max((int(entry["number"]) for entry in before), default=0) + 1
            stamp = {"incident": draft.incident, "number": number, "change": draft.change}
            entries[draft.incident] = (*before, {**draft.fields, **stamp, "when": when, "by": by, "run": run})
            untold.append((draft.incident, number))
        return replace(self, entries=entries, untold=tuple(untold))._without_old()

    def _without_old(self) -> State:
        kept = {incident for incident, _number in self.untold}
        over = sorted((one for one in self.incidents if not one.open), key=lambda one: one.closed_at)
        gone = [one.id for one in over[:-_KEPT] if not one.unacknowledged and one.id not in kept]
        entries = {id: found for id, found in self.entries.items() if id not in gone}
        return replace(self, entries=entries, past=(*self.past, *gone))


@dataclass(frozen=True)
class Book:
    """The incidents of one ledger.

    :param journal: keeps one event.
    :param told: the events that the journal has.
    """

    store: Store
    journal: Callable[[Entry], object]
    told: Callable[[], Iterable[Entry]]

    def state(self) -> State:
        """Return what is written.

        :raises Refused: it is damaged.
        """
        found = self.store.read(KEY)
        return _state_of(self.store.url, found.data if found else None)

    def look(self) -> tuple[State, str]:
        """Return what is written, or what the journal says where that is damaged, and why so."""
        try:
            return self.state(), ""
        except Refused as error:
            return self._rebuilt(), error.sentence

    def change(
        self, decide: Callable[[State, datetime], Sequence[Draft]], *, by: str, run: str
    ) -> tuple[State, State, str]:
        """Add what is decided; a document that is damaged is put together again from the journal.

        :param decide: is asked again when somebody else was quicker.
        :returns: the state before and after, and why the journal does not have it yet; empty when it has.
        :raises OpsError: what decided refuses, or the ledger cannot be written.
        """
        before, after = self.swap(lambda state, now: _after(state, decide(state, now), now, by, run))
        return before, after, self._tell(after, run)

    def _tell(self, state: State, run: str) -> str:
        """Tell the journal what it does not have yet: of this run, and of runs that are gone."""
        if not state.untold:
            return ""
        try:
            early = self.store.now() - _LEFT_BEHIND
            mine = [entry for entry in _untold(state) if entry["run"] == run or parse_time(entry["when"]) < early]
            for entry in mine:
                self.journal(_event(entry))
            told = {(entry["incident"], entry["number"]) for entry in mine}
            self.swap(lambda now, _at: replace(now, untold=tuple(each for each in now.untold if each not in told)))
        except OpsError as error:
            return str(error)
        return ""

    def swap(self, change: Callable[[State, datetime], State]) -> tuple[State, State]:
        """Change the document as a whole, in one go; return it before and after.

        :param change: is asked again when somebody else was quicker.
        :raises OpsError: what it refuses, or the ledger cannot be written.
        """
        for _number in range(_TRIES):
            found = self.store.read(KEY)
            try:
                before = _state_of(self.store.url, found.data if found else None)
            except Refused:
                before = self._rebuilt()
            after = change(before, self.store.now())
            if after == before:
                return before, after
            data = canonical(_document(after))
            if self.store.compare_and_swap(KEY, found.version if found else None, data):
                return before, after
        raise Unreachable(f"The incidents of the ledger {self.store.url} have too many writers at once")

    def _rebuilt(self) -> State:
        return rebuilt(self.told())


def book_of(ledger: Ledger) -> Book:
    """Return the incidents of an open ledger."""
    return Book(ledger.store, ledger.journal.append, ledger.journal.events)


def rebuilt(events: Iterable[Entry]) -> State:
    """Return the incidents that the journal tells of.

    :param events: of the journal, oldest first; those of other kinds are left out.
    """
    found: dict[str, dict[int, Entry]] = {}
    for event in events:
        if event.get("event") == EVENT:
            entry = event["entry"]
            found.setdefault(str(entry["incident"]), {}).setdefault(int(entry["number"]), entry)
    return State({id: tuple(entries.values()) for id, entries in found.items()})._without_old()


def _after(state: State, drafts: Sequence[Draft], now: datetime, by: str, run: str) -> State:
    return state.plus(drafts, when=format_time(now), by=by, run=run) if drafts else state


def _untold(state: State) -> list[Entry]:
    wanted = set(state.untold)
    return [
        entry
        for entries in state.entries.values()
        for entry in entries
        if (entry["incident"], entry["number"]) in wanted
    ]


def _event(entry: Entry) -> dict[str, object]:
    """Return an entry as the journal keeps it."""
    named = {key: entry[key] for key in ("run", "incident", "change", "by")}
    return {"event": EVENT, **named, "entry": dict(entry)}


def _document(state: State) -> dict[str, object]:
    return {
        "kind": "incidents",
        "incidents": [{"id": id, "entries": list(entries)} for id, entries in state.entries.items()],
        "past": list(state.past),
        "untold": [list(each) for each in state.untold],
    }


def _state_of(url: str, data: bytes | None) -> State:
    """Read the document; a ledger that never had an incident has none."""
    if data is None:
        return State()
    try:
        value = json.loads(data)
        entries = {str(item["id"]): tuple(dict(entry) for entry in item["entries"]) for item in value["incidents"]}
        untold = tuple((str(id), int(number)) for id, number in value["untold"])
        state = State(entries, tuple(str(id) for id in value["past"]), untold)
        # an entry that cannot be read is seen here, and not when somebody closes the incident
        return replace(state, entries={incident.id: entries[incident.id] for incident in state.incidents})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(
            f"The incidents of the ledger {url} are damaged",
            remedy="Any change to an incident puts them together again from the journal; look at them first",
            next={"playbook": "incident"},
        ) from None
