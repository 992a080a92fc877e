# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending an incident, and saying that its overrides were looked at."""

from __future__ import annotations

from collections.abc import Sequence

from ...module_utils._errors import InvalidInput, Refused
from .book import Draft, State
from .entries import Incident
from .opening import chosen
from .wish import Wish


def closing(state: State, wish: Wish) -> Sequence[Draft]:
    """Return what closing adds; nothing when it is closed with these words already.

    :raises InvalidInput: it is not said how it ended.
    :raises Refused: a temporary measure still stands, or it was closed otherwise.
    """
    incident = _ending(state, wish)
    if not incident.open:
        _refuse_other_end(incident, wish)
        return []
    if incident.active:
        first = incident.active[0]
        raise Refused(
            f"{incident.id} is not closed while a temporary measure stands:"
            f" {'; '.join(measure.named() for measure in incident.active)}",
            remedy="Take it back, and say so",
            next=wish.command("note", id=incident.id, reverted=str(first.number), message="HOW-IT-WAS-TAKEN-BACK"),
        )
    if not wish.resolution:
        raise InvalidInput(
            "incident_resolution is empty",
            remedy="Say what ended it.",
            next=wish.command(id=incident.id, resolution="WHAT-ENDED-IT"),
        )
    return [Draft(incident.id, "closed", {"resolution": wish.resolution})]


def acknowledging(state: State, wish: Wish) -> Sequence[Draft]:
    """Return what acknowledging the overrides of an incident adds; of all when none is named."""
    meant = [chosen(state, wish)] if wish.id else state.incidents
    return [
        Draft(one.id, "acknowledged", {"runs": [use.run for use in one.unacknowledged]})
        for one in meant
        if one.unacknowledged
    ]


def _ending(state: State, wish: Wish) -> Incident:
    """Return the incident to be closed; the same command again finds the one that it closed."""
    over = [one for one in state.incidents if not one.open]
    if not wish.id and not state.opened and over and wish.resolution:
        newest = max(over, key=lambda one: one.closed_at)
        if newest.resolution == wish.resolution:
            return newest
    return chosen(state, wish)


def _refuse_other_end(incident: Incident, wish: Wish) -> None:
    if wish.resolution and wish.resolution != incident.resolution:
        raise Refused(
            f"{incident.id} was closed by {incident.closed_by} at {incident.closed_at}: {incident.resolution}",
            remedy="Add what you know as a note.",
            next=wish.command("note", id=incident.id, message=wish.resolution),
        )
