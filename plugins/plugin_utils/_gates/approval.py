# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate approval: N of M people say yes to just this plan, only where the inventory names approvers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...module_utils._clock import format_duration, format_time
from ...module_utils._errors import OpsError
from .._approvals.counting import Tally
from .._approvals.desk import Desk
from .._approvals.people import Approvers, names_of, read_approvers
from .._approvals.plans import NOTE, asked_by, asking_runs, carried_out_by, used
from .._approvals.recent import Event
from .._approvals.requests import ApprovalRequest
from .._approvals.standing import Standing, read_standing
from .._ledger.ledger import Ledger
from .request import Request, Verdict, passed, refused, unproved

GATE = "approval"


@dataclass(frozen=True)
class Approved:
    """What was approved: the hashes of plans, and who approved them as the journal keeps it."""

    plan_hashes: tuple[str, ...] = ()
    notes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """A request for just this change, how far it is, and the run that carried it out."""

    asked: ApprovalRequest
    tally: Tally
    done_by: str


def judge(request: Request, ledger: Ledger | None, now: datetime, run: str = "") -> tuple[list[Verdict], Approved]:
    """Pass where nobody needs to say yes, or enough people have.

    An approval holds until it ends or the whole plan was carried out; so a run that was killed may go on.

    :param run: the id of this run; empty where nobody gave it one.
    """
    if not request.changes or request.tool:
        return [], Approved()
    if not request.policy.approvers:
        return [passed(GATE) if GATE not in request.extra_gates else _nobody(request)], Approved()
    try:
        approvers = read_approvers(request.policy.approvers)
        asks = approvers.ask_for(request.runbook, request.action, request.risk)
        if not asks and GATE not in request.extra_gates:
            return [passed(GATE)], Approved()
        if ledger is None:
            return [_unknown(request)], Approved()
        return _judge(request, Desk(ledger, request.policy, approvers), now, run)
    except OpsError as error:
        return [refused(GATE, error.sentence, error.remedy, next=request.commands.wanted(error.next))], Approved()


def _judge(request: Request, desk: Desk, now: datetime, run: str) -> tuple[list[Verdict], Approved]:
    events = desk.events(now)
    runner = names_of(request.who)
    found = [
        _Found(asked, desk.tally(asked, runner), carried_out_by(asked, events))
        for asked in desk.matching(events, request.runbook, request.action, request.objects, now)
    ]
    yes = [each for each in found if not each.tally.missing and not each.done_by]
    held, ended = _standing(request, desk.approvers, events, now)
    # who goes on without approval is bound to no plan either; the gate override says whether they may
    if yes and GATE not in request.override:
        return [passed(GATE)], Approved(_hashes(yes), {NOTE: _note(yes)})
    if held and GATE not in request.override:
        note = {"standing": held.label, "by": list(held.approved_by), "reason": held.reason}
        return [passed(GATE)], Approved(notes={NOTE: note})
    people = ", ".join(person.name for person in desk.approvers.people)
    wants = f"This change wants {desk.approvers.needed} of {people} to approve its plan{f'; {ended}' if ended else ''}"
    if request.check:
        remedy = "Have the plan of this check run approved by somebody else"
        verdict = refused(GATE, wants, remedy, next=_approve(request, run) if run else "")
        # the note by which the plan of this check run is kept
        return [verdict], Approved(notes={NOTE: {"asked": True}})
    asking = asking_runs(events, request.runbook, request.action, request.objects)
    unseen = [id for id in asking if id not in {asked.id for asked in desk.requests.all()}]
    return [_waiting(request, desk.approvers, wants, found, events, unseen)], Approved()


def _hashes(found: Sequence[_Found]) -> tuple[str, ...]:
    """Return the hashes of all plans that may be carried out: what settles a killed run is approved beside its own."""
    return tuple(dict.fromkeys(hash for each in found for hash in each.asked.hashes))


def _note(found: Sequence[_Found]) -> dict[str, object]:
    given = [approval for each in found for approval in each.tally.counted]
    return {
        "requests": [each.asked.id for each in found],
        "by": [{"by": approval.by, "how": approval.how} for approval in given],
    }


def _standing(
    request: Request, approvers: Approvers, events: Sequence[Event], now: datetime
) -> tuple[Standing | None, str]:
    """Return the standing approval that holds for this run, or why the one that was given for it does not."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    reason = ""
    for standing in read_standing(request.policy.standing_approvals):
        if standing.covers(request.runbook, request.action, request.objects, request.policy.path):
            reason = standing.why_not(approvers, now, used(standing.label, events, today))
            if not reason:
                return standing, ""
    return None, reason


def _waiting(
    request: Request,
    approvers: Approvers,
    wants: str,
    found: Sequence[_Found],
    events: Sequence[Event],
    unseen: Sequence[str],
) -> Verdict:
    """Say what is missing, and the command that is next.

    :param unseen: check runs of just this change for which nobody has asked or approved anything yet.
    """
    waiting = [each for each in found if not each.done_by]
    if waiting:
        # of several the one that is nearest to its end, and of those the newest
        return _short(request, wants, min(reversed(waiting), key=lambda each: each.tally.missing))
    if unseen:
        return _unseen(request, approvers, wants, unseen[-1], events)
    if found:
        why = f"the plan that was approved, of {found[-1].asked.id}, was carried out by run {found[-1].done_by}"
    else:
        why = f"no check run of the last {format_duration(approvers.valid.total_seconds())} shows it"
    return refused(GATE, f"{wants}; {why}", "Plan it first", next=_plan(request))


def _unseen(request: Request, approvers: Approvers, wants: str, run: str, events: Sequence[Event]) -> Verdict:
    """Say what is next after a check run that nobody has approved yet."""
    try:
        asked_by(run, events, approvers.valid)
    except OpsError as error:
        return refused(GATE, f"{wants}; {error.sentence.rstrip('.')}", error.remedy, next=_plan(request))
    may = " or ".join(person.name for person in approvers.others(names_of(request.who))) or "somebody else"
    sentence = f"{wants}; check run {run} shows it, and nobody has approved it yet"
    return refused(GATE, sentence, f"Have {may} run", next=_approve(request, run))


def _plan(request: Request) -> str:
    again = request.commands.again()
    return f"{again} --check" if again else ""


def _short(request: Request, wants: str, waiting: _Found) -> Verdict:
    """Say how many approvals a request still wants, and who may give them."""
    asked, tally = waiting.asked, waiting.tally
    if not tally.missing:
        return refused(GATE, f"{wants}; ops_override asks to go on without", "Leave out approval of ops_override")
    may = " or ".join(person.name for person in tally.may)
    why = f" ({'; '.join(tally.doubts)})" if tally.doubts else ""
    until = format_time(asked.expires_at)
    missing = f"request {asked.id} waits for {tally.missing} of {tally.missing + len(tally.counted)} until {until}{why}"
    if len(tally.may) < tally.missing:
        return refused(GATE, f"{wants}; {missing}, and nobody else may", "Have somebody else ask for it, with --check")
    return refused(GATE, f"{wants}; {missing}", f"Have {may} run", next=_approve(request, asked.id))


def _approve(request: Request, run: str) -> str:
    return request.commands.of("approve", {"approve_run": run})


def _nobody(request: Request) -> Verdict:
    return refused(
        GATE,
        f"{request.runbook}: {request.action} wants approval, and ops_approvers is not set for {request.policy.path}",
        "Set ops_approvers in the inventory's group_vars, such as {needed: 1, people: [ann, bob]}",
    )


def _unknown(request: Request) -> Verdict:
    return unproved(
        GATE,
        request,
        f"This change of {request.policy.path} wants approval, and whether it has any stands in the ledger",
        "Bring the ledger back",
    )
