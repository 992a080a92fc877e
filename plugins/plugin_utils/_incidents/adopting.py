# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing into a ledger the incidents of what stood in for it while it could not be reached."""

from __future__ import annotations

from dataclasses import replace

from .._ledger.ledger import Ledger
from .book import Draft, State, book_of
from .entries import Entry

_STAMPS = ("incident", "number", "change", "when", "by", "run")


def bring_in(spooled: Ledger, ledger: Ledger) -> int:
    """Add the incidents of the stand-in to those of the ledger; return how many there were. Done twice it is done once.

    The journal of the stand-in, which is brought in beside it, tells of them already.

    :raises OpsError: one of the two cannot be read, or the ledger cannot be written.
    """
    found = book_of(spooled).state()
    if found.entries:
        book_of(ledger).swap(lambda state, _now: merged(state, found))
    return len(found.entries)


def merged(state: State, other: State) -> State:
    """Return a state with the incidents of another: new ones as they are, what was added to known ones behind theirs.

    The same id twice is one incident: whoever opened the second meant it so, or was given the id by counting alone.
    The second opening is a note of it then, so that nothing that was said is lost.
    """
    for id, entries in other.entries.items():
        if id not in state.entries:
            state = replace(state, entries={**state.entries, id: entries})
            continue
        for entry in entries:
            known = [_numberless(each) for each in state.entries[id]]
            moved = _moved(entry)
            if _numberless(entry) not in known and moved not in known:
                fields = {key: value for key, value in moved.items() if key not in _STAMPS}
                when, by, run = (str(entry[key]) for key in ("when", "by", "run"))
                state = state.plus([Draft(id, str(moved["change"]), fields)], when=when, by=by, run=run)
    return state


def _moved(entry: Entry) -> Entry:
    """Return an entry as it is added to an incident that is there already."""
    if entry["change"] != "opened":
        return _numberless(entry)
    stamps = {key: entry[key] for key in _STAMPS if key != "number"}
    return {**stamps, "change": "noted", "text": f"opened here as well: {entry['title']}"}


def _numberless(entry: Entry) -> Entry:
    """Return an entry without its number, which counts within one document."""
    return {key: value for key, value in entry.items() if key != "number"}
