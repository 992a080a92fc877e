# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passing the gates: judge, open the journal, take the leases, start their keeper, and hand out the permit."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...module_utils._errors import OpsError, Unreachable
from .._gates import lab, override, place
from .._gates.all import judge_all
from .._gates.request import Judgement, Request, Says, Verdict, refusal_text, refusals, refused
from .._ledger import deadlines, keeper
from .._ledger.leases import Holder, Lease
from .._ledger.ledger import Ledger, open_ledger
from .._ledger.processes import this_place
from .._ledger.takeover import take
from . import unit_gate
from .door import Door, TurnedAway
from .expected import note_start
from .ids import new_run_id
from .lines import first_line
from .next_command import with_command
from .reach import GATE as reach_gate
from .reach import out_of_reach, reach
from .shapes import permit_of, result_of
from .stamps import plans_of, stamps_of, told_of, unit_for
from .unit_gate import course_of
from .who import user_name

JOURNAL_REMEDY = (
    "Enable it: callbacks_enabled = steady.ops.journal in ansible.cfg, or ANSIBLE_CALLBACKS_ENABLED=steady.ops.journal"
)


def pass_gates(request: Request, door: Door) -> dict[str, object]:
    """Return what the guard registers, with the permit.

    :raises TurnedAway: a gate refuses; nothing was touched.
    """
    run = door.run or new_run_id()
    reached = reach(request, door)
    ledger, verdicts = reached.ledger, [*reached.verdicts]
    judged = _judge(request, door, ledger, run)
    target = judged.target
    verdicts += [*judged.verdicts, *_journal_active(request, door), *unit_gate.judge(request, run, ledger)]
    result = _result(request, run, verdicts, target, ledger)
    door.say(first_line(result, target))
    leases: list[Lease] = []
    taken_over: list[str] = []
    stopped_by = refusals(verdicts, check=request.check)
    if not stopped_by and ledger is not None and request.changes and request.objects and not request.check:
        try:
            leases, taken_over = _take(request, door, ledger, run)
        except OpsError as error:
            verdicts.append(_refused(request, "lease", error))
            stopped_by = verdicts[-1:]
            result = _result(request, run, verdicts, target, ledger)
    opening = _opened(request, door, result, taken_over, allowed=not stopped_by) | stamps_of(judged)
    failed = _write_opening(request, door, ledger, opening)
    if failed and failed.says is Says.REFUSE:
        _give_back(door, ledger, run)
    # one full disk is one reason, not one for each thing that it keeps from being written
    if failed and failed.sentence not in [verdict.sentence for verdict in stopped_by]:
        verdicts.append(failed)
        stopped_by = [*stopped_by, *([failed] if failed.says is Says.REFUSE else [])]
        result = _result(request, run, verdicts, target, ledger)
    if stopped_by:
        raise TurnedAway(refusal_text(stopped_by, next=request.commands.again()), result)
    for line in [*(f"  {line}" for line in reached.lines), *_doubts(request, verdicts)]:
        door.say(line)
    permit = permit_of(request, run, door.runs / run, leases, lab=result["lab"] is True) | plans_of(judged)
    try:
        # once more: before the leases were ours another run may have begun or settled a unit
        found = course_of(request, run, ledger)
    except OpsError:
        _give_back(door, ledger, run)
        raise
    return {**result, "permit": permit, **unit_for(found, permit, check=request.check)}


def _judge(request: Request, door: Door, ledger: Ledger | None, run: str) -> Judgement:
    now = door.clock.now()
    return judge_all(request, ledger, run=run, now=now, ask_aws=door.ask_aws, ask_machines=door.ask_machines)


def _result(
    request: Request, run: str, verdicts: Sequence[Verdict], target: str, ledger: Ledger | None
) -> dict[str, object]:
    """Return what the guard registers; its end works with the ledger that this run works with."""
    url = ledger.url if ledger is not None else request.policy.ledger
    return told_of(request) | result_of(request, run, verdicts, target) | {"ledger": url}


def _doubts(request: Request, verdicts: Sequence[Verdict]) -> list[str]:
    """Return what a person must hear of gates that do not stop this run."""
    before = {place.GATE: "nothing of this run is journalled", "journal": "nothing of this run is journalled"}
    before |= {lab.GATE: "warning", reach_gate: "without its ledger"}
    lines = override.told(request, verdicts) + [
        f"  {before[verdict.gate]}: {OpsError(verdict.sentence, remedy=with_command(verdict.remedy, verdict.next))}"
        for verdict in verdicts
        if verdict.says is Says.UNKNOWN and verdict.gate in before
    ]
    if request.check:
        lines += [f"  a real run would refuse: {refusal_text([item])}" for item in refusals(verdicts, check=False)]
    return lines


def turn_away(request: Request, door: Door, verdicts: Sequence[Verdict], *, next: str) -> TurnedAway:
    """Return the refusal of a run before any gate was asked, told and journalled as every other.

    :param request: with the policy that the inventory itself states; without a ledger where it states none.
    :param next: the command that is the way on.
    """
    run = door.run or new_run_id()
    result = told_of(request) | result_of(request, run, verdicts, request.pinned)
    door.say(first_line(result, request.pinned))
    untold = "the inventory itself names no ledger for all of its hosts"
    if request.policy.ledger:
        try:
            ledger = open_ledger(request.policy.ledger, request.policy.system, request.policy.environment)
            ledger.journal.append(_opened(request, door, result, (), allowed=False), door.redactor)
            untold = ""
            # it has started, so nobody is told that it did not; what keeps that from being noted, the next run says
            if not request.check:
                note_start(request.who, ledger)
        except OpsError as error:
            untold = error.sentence
    if untold:
        door.say(f"  not journalled: {untold}")
    return TurnedAway(refusal_text(verdicts, next=next), result)


def _refused(request: Request, gate: str, error: OpsError, *, firm: bool = False) -> Verdict:
    return refused(gate, error.sentence, error.remedy, firm=firm, next=request.commands.wanted(error.next))


def _journal_active(request: Request, door: Door) -> list[Verdict]:
    if door.run or not request.changes:
        return []
    return [
        refused("journal", "The callback steady.ops.journal, which records this run, is not active", JOURNAL_REMEDY)
    ]


def _take(request: Request, door: Door, ledger: Ledger, run: str) -> tuple[list[Lease], list[str]]:
    """Take the leases and have them kept."""
    directory = door.runs / run
    deadlines.make(directory, run, door.process)
    holder = Holder(
        run=run,
        user=user_name(),
        host=socket.gethostname(),
        place=this_place(),
        process=door.process,
        keeper=None,
        directory=str(directory),
        runbook=request.runbook,
    )
    leases, taken_over = take(
        ledger.leases,
        request.objects,
        holder,
        clock=door.clock,
        say=door.say,
        patience_seconds=door.patience_seconds,
    )
    try:
        if not _kept_already(ledger, run, directory):
            keeper.start(url=ledger.url, run=run, process=door.process, directory=directory)
    except OpsError:
        _give_back(door, ledger, run)
        raise
    return leases, taken_over


def _kept_already(ledger: Ledger, run: str, directory: Path) -> bool:
    """Tell whether an earlier guard of this run has started a keeper; then only the new deadlines are written."""
    keepers = (lease.holder.keeper for lease in ledger.leases.all() if lease.holder.run == run)
    living = next((found for found in keepers if found and found.alive()), None)
    if living is None:
        return False
    since = deadlines.boot_seconds()
    deadlines.extend(directory, ledger.leases.renew(run, keeper=living), since)
    return True


def _give_back(door: Door, ledger: Ledger | None, run: str) -> None:
    """Free what this run took; a store that is gone lets it run out."""
    if ledger is not None:
        try:
            ledger.leases.release(run)
        except OpsError as error:
            door.say(f"the leases of run {run} were not given back and run out within a minute: {error}")
    deadlines.remove(door.runs / run)


def _write_opening(
    request: Request, door: Door, ledger: Ledger | None, opening: Mapping[str, object]
) -> Verdict | None:
    """Write the opening entry; a change without one is refused."""
    if ledger is None:
        return None
    try:
        override.remember(request, ledger, opening, door.redactor)
        ledger.journal.append(opening, door.redactor)
        untold = "" if request.check else note_start(request.who, ledger)
        if untold:
            door.say(f"  {untold}")
    except Unreachable as error:
        return out_of_reach(request, error)
    except OpsError as error:
        if request.changes and not request.check:
            return _refused(request, "journal", error)
        return Verdict("journal", Says.UNKNOWN, error.sentence, error.remedy, next=request.commands.wanted(error.next))
    return None


def _opened(
    request: Request, door: Door, result: Mapping[str, object], taken_over: Sequence[str], *, allowed: bool
) -> dict[str, object]:
    shown = {key: result[key] for key in ("run", "runbook", "action", "mode", "objects", "findings", "target")}
    return {
        "event": "opened",
        **shown,
        "object": request.policy.path,
        "risk": request.risk,
        "allowed": allowed,
        "procedures": list(request.procedures),
        "taken_over": list(taken_over),
        "extra_variables": sorted(door.extra_names),
        "who": dict(door.who),
    }
