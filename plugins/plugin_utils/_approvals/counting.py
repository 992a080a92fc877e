# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which approvals of a request count for a run, and who still may approve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._clock import format_time
from ...module_utils._errors import OpsError, Refused
from .people import Approvers, Person, names_of
from .requests import Approval, ApprovalRequest
from .signatures import Signed

# whose signature an approval bears; raises OpsError where it is nobody's that counts
Verify = Callable[[Approval], Signed]


@dataclass(frozen=True)
class Tally:
    """How far a request is.

    :param counted: the approvals that count, of different people.
    :param missing: how many more it takes.
    :param may: who may still give one.
    :param doubts: why others do not count.
    """

    counted: tuple[Approval, ...]
    missing: int
    may: tuple[Person, ...]
    doubts: tuple[str, ...] = ()


def tally(asked: ApprovalRequest, approvers: Approvers, verify: Verify, runner: Iterable[str] = ()) -> Tally:
    """Count the approvals of a request, each proved anew.

    :param runner: the names of who runs the change: nobody lets themselves pass.
    """
    barred = names_of(asked.requester) | frozenset(runner)
    counted: dict[str, Approval] = {}
    keys: set[str] = set()
    doubts = []
    for given in asked.approvals:
        try:
            person = believed(given, approvers, barred)
            if given.how == "signature":
                signed = verify(given)
                if signed.person != person or signed.key in keys:
                    raise Refused(f"The signature of {given.by} is somebody else's")
                keys.add(signed.key)
            counted.setdefault(person.name, given)
        except OpsError as error:
            doubts.append(error.sentence)
    may = tuple(person for person in approvers.others(barred) if person.name not in counted)
    missing = max(0, approvers.needed - len(counted))
    return Tally(tuple(counted.values()), missing, may, tuple(doubts))


def believed(given: Approval, approvers: Approvers, barred: frozenset[str]) -> Person:
    """Return who gave an approval.

    :raises Refused: it was given by nobody who may, or in a way that is not believed.
    """
    person = approvers.person(given.by)
    if person is None:
        raise Refused(
            f"{given.by} is none of the people whom ops_approvers names",
            remedy=f"They are {', '.join(known.name for known in approvers.people)}: ask one of them.",
        )
    if person.names & barred:
        raise Refused(
            f"{person.name} asked for this change, and nobody approves what they ask for",
            remedy=f"Ask {' or '.join(other.name for other in approvers.others(barred)) or 'somebody else'}.",
        )
    if given.how not in approvers.proofs:
        raise Refused(
            f"The approval of {person.name} is proved by {given.how}, which ops_approvers does not believe",
            remedy=f"It believes {', '.join(approvers.proofs)}.",
        )
    return person


def refuse_over(asked: ApprovalRequest, now: datetime) -> None:
    """Raise C(Refused) for a request that nobody can approve any more."""
    if asked.withdrawn:
        by, at = asked.withdrawn.get("by"), asked.withdrawn.get("at")
        raise Refused(f"Request {asked.id} was withdrawn by {by} at {at}", remedy="Make the check run again.")
    if now >= asked.expires_at:
        raise Refused(
            f"Request {asked.id} expired at {format_time(asked.expires_at)}", remedy="Make the check run again."
        )
