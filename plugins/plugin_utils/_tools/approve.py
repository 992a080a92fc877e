# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(approve): shows plans that wait for approval, what to sign, and records who says yes."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ...module_utils._clock import format_time
from ...module_utils._errors import AccessDenied, InvalidInput, Refused
from .._approvals.counting import believed, refuse_over
from .._approvals.desk import Desk
from .._approvals.people import Approvers, names_of
from .._approvals.plans import asking_runs, carried_out_by
from .._approvals.proofs import account, awx_user
from .._approvals.requests import Approval, ApprovalRequest
from .._approvals.showing import given_line, headline, state, ways
from .._approvals.signatures import NAMESPACE, armor_of
from .._ledger.ledger import open_ledger
from .._runs.who import user_name
from .._told.harmless import one_line
from .tool import Outcome, Said, Surroundings, Tool, command_of, text_of


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(run), the check run; C(signed), a signature or its file; C(file), where the text to sign is written.
    """
    policy = around.policy
    if not policy.approvers:
        raise InvalidInput(
            f"ops_approvers is not set for {policy.path}, so nothing waits for approval",
            remedy="Set it in the inventory's group_vars, such as {needed: 1, people: [ann, bob]}.",
        )
    desk = Desk.of(open_ledger(policy.ledger, policy.system, policy.environment), policy)
    now, run = desk.ledger.store.now(), text_of(said, "run")
    if not run and action == "show":
        return Outcome(False, tuple(_open(desk, now, around)), desk.ledger)
    if not run:
        raise InvalidInput("approve_run is empty", remedy="Name the check run; see which wait.", next=_SHOW)
    asked = desk.request(run, now)
    if action == "show":
        return Outcome(False, tuple(_shown(desk, asked, now, around)), desk.ledger)
    if action == "withdraw":
        return _withdraw(desk, asked, now, around)
    refuse_over(asked, now)
    return _text(desk, asked, said, around) if action == "text" else _approve(desk, asked, said, around, now)


def _open(desk: Desk, now: datetime, around: Surroundings) -> list[str]:
    """Return the requests that wait, and why check runs that asked are none."""
    events = desk.events(now)
    kept = [asked.id for asked in desk.requests.all() if now < asked.expires_at]
    lines, newest = [], ""
    for run in dict.fromkeys([*kept, *asking_runs(events)]):
        try:
            asked = desk.request(run, now, events)
            refuse_over(asked, now)
        except Refused:
            continue
        done = carried_out_by(asked, events)
        standing = f"carried out by run {done}" if done else state(desk.tally(asked), asked)
        lines.append(f"{headline(asked)}: {standing}")
        newest = run
    if not lines:
        return [f"nothing waits for approval; asked for are {', '.join(desk.approvers.actions)}"]
    return [*lines, f"to read one: {around.commands.of('approve', {'approve_run': newest})}"]


def _shown(desk: Desk, asked: ApprovalRequest, now: datetime, around: Surroundings) -> list[str]:
    """Return a request as its approver reads it: plan, approvals, and how to approve."""
    lines = [headline(asked)]
    for planned in asked.plans:
        name = planned.object.rpartition("/")[2]
        lines += [f"  {one_line(f'{name} | would: {step}')}" for step in planned.steps]
        lines.append(f"  {one_line(f'{name} | {planned.hash}')}")
    counted = desk.tally(asked)
    lines += [given_line(given) for given in counted.counted]
    lines += [one_line(f"does not count: {doubt}") for doubt in counted.doubts]
    if done := carried_out_by(asked, desk.events(now)):
        return [*lines, f"carried out by run {done}"]
    try:
        refuse_over(asked, now)
    except Refused as over:
        return [*lines, str(over)]
    return [*lines, state(counted, asked), *(ways(desk.approvers, asked, around.commands) if counted.missing else ())]


def _text(desk: Desk, asked: ApprovalRequest, said: Said, around: Surroundings) -> Outcome:
    """Write exactly what is signed, and print it with the two commands that follow."""
    text = desk.text(asked)
    path = Path(text_of(said, "file") or f"steady-approval-{asked.id}.txt").expanduser().absolute()
    there = _content(path)
    if there not in (None, text.encode()):
        raise InvalidInput(
            f"approve_file names {path}, which holds something else",
            remedy="Name another file.",
            next=command_of("approve", "text", {"run": asked.id, "file": f"{path}.2"}),
        )
    if there is None and not around.check:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidInput(
                f"approve_file names {path}, which cannot be written: {error.strerror}", remedy="Name another file."
            ) from None
    approve = around.commands.of(
        "approve", {"approve_action": "approve", "approve_run": asked.id, "approve_signed": f"{path}.sig"}
    )
    lines = (
        *text.splitlines(),
        f"stands in {path}; read it, then sign it with your key and approve:",
        f"  ssh-keygen -Y sign -n {NAMESPACE} -f ~/.ssh/id_ed25519 {shlex.quote(str(path))}",
        f"  {approve}",
    )
    return Outcome(False, lines, desk.ledger)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidInput(
            f"approve_file names {path}, which cannot be read: {error.strerror}", remedy="Name another file."
        ) from None


def _approve(desk: Desk, asked: ApprovalRequest, said: Said, around: Surroundings, now: datetime) -> Outcome:
    """Record one person's yes with its proof."""
    given = _given(desk, asked, said, around, now)

    def add(known: ApprovalRequest) -> ApprovalRequest:
        refuse_over(known, now)
        by = believed(given, desk.approvers, names_of(known.requester)).name
        if by in {other.by for other in desk.tally(known).counted}:
            return known
        return replace(known, approvals=(*(other for other in known.approvals if other.by != by), given))

    if around.check:
        changed = add(asked) != asked
    else:
        changed = desk.requests.change(asked, add)
        asked = next(request for request in desk.requests.all() if request.id == asked.id)
    word = ("would approve" if around.check else "approves") if changed else "has approved already"
    lines = (
        headline(asked),
        f"{given.by} {word} ({given.how})",
        *((state(desk.tally(asked), asked),) if not around.check else ()),
    )
    proof = {"request": asked.id, "by": given.by, "how": given.how, "proof": dict(given.proof)}
    return Outcome(changed, lines, desk.ledger, {"approved": {**proof, "plans": list(asked.hashes)}})


def _given(desk: Desk, asked: ApprovalRequest, said: Said, around: Surroundings, now: datetime) -> Approval:
    """Return the yes of who runs this, or of who signed what is handed over, with its proof."""
    approvers = desk.approvers
    if typed := text_of(said, "signed"):
        armor = armor_of(typed)
        signed = desk.verify(asked, armor)
        return Approval(signed.person.name, "signature", {"armor": armor, "key": signed.key}, now)
    found, why_not = awx_user(around.who, around.environment, around.commands.argv)
    if found and "awx" in approvers.proofs:
        return _named(approvers, found["user"], Approval("", "awx", found, now))
    if not found and "account" in approvers.proofs:
        own = account(around.who)
        return _named(approvers, own["account"], Approval("", "account", own, now))
    raise AccessDenied(
        f"Nothing proves who approves request {asked.id}: approve_signed is empty, and "
        + (why_not or "ops_approvers does not believe AWX"),
        remedy="Sign the text of the request.",
        next=command_of("approve", "text", {"run": asked.id}),
    )


def _named(approvers: Approvers, name: str, given: Approval) -> Approval:
    person = approvers.person(name)
    return replace(given, by=person.name if person else name)


def _withdraw(desk: Desk, asked: ApprovalRequest, now: datetime, around: Surroundings) -> Outcome:
    """Take a request back for good: it can only stop a change, so anybody may."""
    by = str(awx_user(around.who, around.environment, around.commands.argv)[0].get("user") or user_name())

    def take_back(known: ApprovalRequest) -> ApprovalRequest:
        return known if known.withdrawn else replace(known, withdrawn={"by": by, "at": format_time(now)})

    changed = not asked.withdrawn if around.check else desk.requests.change(asked, take_back)
    word = ("would be withdrawn" if around.check else "is withdrawn") if changed else "was withdrawn already"
    return Outcome(changed, (f"{headline(asked)}: {word}",), desk.ledger, {"withdrawn": {"request": asked.id}})


_SHOW = {"playbook": "approve"}

TOOL = Tool(
    "approve",
    {"show": "read", "text": "read", "approve": "change", "withdraw": "change"},
    ("run", "signed", "file"),
    operate,
)
