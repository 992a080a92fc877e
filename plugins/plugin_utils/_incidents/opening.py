# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening an incident, and adding to it: what happened, who has it, how bad it is, what was done for the time being."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ...module_utils._clock import parse_time
from ...module_utils._errors import InvalidInput, Refused
from .book import Draft, State
from .entries import Author, Incident
from .severity import FUNCTIONS, SEVERITIES
from .wish import Wish, channel_of, later, new_id

# the same words again within this time are a repeated run, not a second note
_SAME_NOTE = timedelta(minutes=10)


def opening(state: State, wish: Wish, now: datetime, author: Author, system: str) -> Sequence[Draft]:
    """Return what opening adds; nothing when it is open already.

    :param system: what is affected when nothing is said.
    :raises InvalidInput: something is missing.
    :raises Refused: the id was used for something else.
    """
    severity = wish.severity or wish.by_rule
    _refuse_bare(wish, severity)
    systems = wish.systems or (system,)
    known = _known(state, wish)
    if known:
        _refuse_other(known, wish, severity)
        return []
    if wish.id in state.past:
        raise Refused(_USED.format(id=wish.id), remedy=_ANOTHER)
    id = wish.id or new_id([*state.entries, *state.past], now)
    fields: dict[str, object] = {
        "severity": severity,
        "owner": wish.owner or author.name,
        "systems": list(systems),
        "title": wish.title,
        "channel": channel_of(wish.title, id, f"{now:%Y%m%d}"),
    }
    reach = {"users_percent": wish.users_percent, "function": wish.function}
    fields |= {key: value for key, value in reach.items() if value not in (None, "")}
    said = _said(Incident(id), wish, now)
    return [Draft(id, "opened", fields), *([Draft(id, "noted", said)] if said else [])]


def noting(state: State, wish: Wish, now: datetime, author: Author) -> Sequence[Draft]:
    """Return what a note adds; nothing when it was said already.

    :raises InvalidInput: nothing is said, or there is no such incident.
    """
    incident = chosen(state, wish)
    fields = _said(incident, wish, now)
    severity = wish.severity or wish.by_rule
    if severity and severity != incident.severity:
        fields["severity"] = severity
    if wish.owner and wish.owner != incident.owner:
        fields["owner"] = wish.owner
    if wish.systems and wish.systems != incident.systems:
        fields["systems"] = list(wish.systems)
    reverted = _taken_back(incident, wish)
    if reverted:
        fields["reverted"] = reverted
    if not fields and not _anything(wish, severity):
        raise InvalidInput(
            "incident_message is empty",
            remedy="Say what happened.",
            next=wish.command(id=incident.id, message="WHAT-HAPPENED"),
        )
    same = set(fields) == {"text"} and _again(incident, str(fields["text"]), now, author)
    return [] if same or not fields else [Draft(incident.id, "noted", fields)]


def chosen(state: State, wish: Wish) -> Incident:
    """Return the incident that is meant: the one that was named, else the one that is open.

    :raises InvalidInput: there is none, or several could be meant.
    """
    if wish.id:
        found = state.find(wish.id)
        if found:
            return found
        raise _unmeant(state, wish)
    opened = state.opened
    if len(opened) == 1:
        return opened[0]
    if opened:
        raise InvalidInput(
            f"incident_id is empty, and {len(opened)} incidents are open: {', '.join(one.named() for one in opened)}",
            remedy="Name the one that is meant.",
            next=wish.command(id=opened[-1].id, **_repeated(wish)),
        )
    raise InvalidInput("No incident is open", remedy="Open one.", next=_open_command())


def _refuse_bare(wish: Wish, severity: str) -> None:
    """Raise C(InvalidInput) unless it is said what happens and how bad that is."""
    lacks = [] if wish.title else ["incident_title"]
    lacks += [] if severity else ["incident_severity (or incident_users_percent, or incident_function)"]
    if lacks:
        raise InvalidInput(
            f"{' and '.join(lacks)} {'is' if len(lacks) == 1 else 'are'} empty",
            remedy=f"Say what happens in one line; severities are {', '.join(SEVERITIES)}, functions"
            f" {', '.join(FUNCTIONS)}.",
            next=wish.command(severity=severity or "P1", title=wish.title or "WHAT-HAPPENS"),
        )


def _known(state: State, wish: Wish) -> Incident | None:
    """Return the incident that this one is already, by its id or else by what it says."""
    if wish.id:
        return state.find(wish.id)
    return next((one for one in reversed(state.opened) if one.title == wish.title), None)


def _refuse_other(known: Incident, wish: Wish, severity: str) -> None:
    """Raise C(Refused) when what is wanted is not what stands there."""
    if not known.open:
        raise Refused(_USED.format(id=known.id), remedy=_ANOTHER)
    said = {"title": wish.title, "severity": severity, "owner": wish.owner}
    other = [f"incident_{key}" for key, value in said.items() if value and value != getattr(known, key)]
    other += ["incident_systems"] if wish.systems and wish.systems != known.systems else []
    if other:
        raise Refused(
            f"The incident {known.named()} is open already, and {', '.join(other)} is said otherwise now",
            remedy="Add it as a note; another incident needs another title.",
            next=wish.command("note", id=known.id, severity=severity, message=wish.title),
        )


def _said(incident: Incident, wish: Wish, now: datetime) -> dict[str, object]:
    """Return the note and the temporary measure that a wish carries."""
    fields: dict[str, object] = {"text": wish.message} if wish.message else {}
    if bool(wish.mitigation) != bool(wish.revert_by):
        lacking = "incident_revert_by" if wish.mitigation else "incident_mitigation"
        more = {"mitigation": wish.mitigation or "WHAT-WAS-DONE", "revert_by": wish.revert_by or later(now)}
        raise InvalidInput(
            f"{lacking} is empty",
            remedy="A temporary measure is said together with the time by which it is taken back.",
            next=wish.command("note", id=incident.id, **more),
        )
    stands = [(measure.text, measure.revert_by) for measure in incident.active]
    if wish.mitigation and (wish.mitigation, wish.revert_by) not in stands:
        _refuse_late(incident, wish, now)
        fields["mitigation"] = {"text": wish.mitigation, "revert_by": wish.revert_by}
    return fields


def _refuse_late(incident: Incident, wish: Wish, now: datetime) -> None:
    """Raise C(InvalidInput) for a temporary measure that nobody would take back."""
    if not incident.open:
        sentence = f"{incident.id} is closed, so nobody would be reminded of a temporary measure"
        raise InvalidInput(sentence, remedy="Open another incident.", next=_open_command())
    if parse_time(wish.revert_by) <= now:
        raise InvalidInput(
            f"incident_revert_by {wish.revert_by} is past",
            remedy="Name a time to come.",
            next=wish.command(mitigation=wish.mitigation, revert_by=later(now)),
        )


def _taken_back(incident: Incident, wish: Wish) -> list[int]:
    """Return the temporary measures that were taken back and stood until now."""
    numbers = [measure.number for measure in incident.mitigations]
    unknown = [str(number) for number in wish.reverted if number not in numbers]
    if unknown:
        raise InvalidInput(
            f"incident_reverted names {', '.join(unknown)}, and {incident.id} has"
            f" {', '.join(str(number) for number in numbers) or 'no temporary measure'}",
            remedy="Look which there are.",
            next={"playbook": "incident", "variables": {"incident_id": incident.id}},
        )
    return [measure.number for measure in incident.active if measure.number in wish.reverted]


def _anything(wish: Wish, severity: str) -> bool:
    return bool(severity or wish.owner or wish.systems or wish.reverted or wish.mitigation)


def _again(incident: Incident, text: str, now: datetime, author: Author) -> bool:
    """Tell whether the newest note says the same and is so young that a run was repeated."""
    if not incident.notes:
        return False
    newest = incident.notes[-1]
    return (newest.text, newest.by) == (text, author.named) and now - parse_time(newest.at) <= _SAME_NOTE


def _repeated(wish: Wish) -> dict[str, str]:
    said = {"message": wish.message, "resolution": wish.resolution, "severity": wish.severity}
    return {key: value for key, value in said.items() if value}


def _unmeant(state: State, wish: Wish) -> InvalidInput:
    """Return the refusal of an incident that cannot be meant."""
    over = "was closed, and stands only in the journal" if wish.id in state.past else "does not exist"
    sentence = f"incident_id is {wish.id}, which {over}"
    opened = state.opened
    if not opened:
        return InvalidInput(sentence, remedy="None is open; open one.", next=_open_command())
    following = wish.command(id=opened[-1].id, **_repeated(wish))
    return InvalidInput(sentence, remedy=f"Open are {', '.join(one.named() for one in opened)}.", next=following)


def _open_command() -> dict[str, object]:
    given = {"incident_action": "open", "incident_severity": "P1", "incident_title": "WHAT-HAPPENS"}
    return {"playbook": "incident", "variables": given}


_USED = "The id {id} was used for an incident that is closed"
_ANOTHER = "Leave incident_id out, and one is given."
