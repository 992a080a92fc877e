# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the journal: what a check run planned, and whether a plan was carried out since. Pure but for reading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...module_utils._clock import format_duration, parse_time
from ...module_utils._errors import Refused
from .recent import Event
from .requests import ApprovalRequest, Planned

# what the front end journals of a check run where approval is asked for
PLANNED = "planned"
NOTE = "approval"
_WHO = ("user", "sudo_user", "host", "awx")


def planned_event(result: Mapping[str, object], *, run: str, object: str, module: str) -> dict[str, object]:
    """Return what the journal keeps of a plan that a check run showed.

    :param result: the module's, of its check run.
    """
    steps = result.get("plan")
    sentences = [
        str(step.get("sentence", ""))
        for step in (steps if isinstance(steps, list) else [])
        if isinstance(step, Mapping) and step.get("state") == "would do"
    ]
    about = {"event": PLANNED, "run": run, "object": object, "module": module}
    refused = {"refused": str(result["refused"])} if result.get("refused") else {}
    return {**about, "plan_hash": str(result.get("plan_hash") or ""), "steps": sentences, **refused}


def asked_by(run: str, events: Sequence[Event], valid: timedelta) -> ApprovalRequest:
    """Return the request that a check run is.

    :param events: of all runs, from before it began.
    :raises Refused: it is not there, not a check run of a change, not ended well, or has nothing to do.
    """
    own = [event for event in events if event.get("run") == run]
    opened = next((event for event in own if event.get("event") == "opened"), None)
    if opened is None:
        window = format_duration(valid.total_seconds())
        raise Refused(f"The journal has no run {run} of the last {window}", remedy="Name a check run of that time.")
    if opened.get("mode") != "check" or NOTE not in opened:
        raise Refused(
            f"Run {run} is no check run of a change that wants approval",
            remedy="Name one that was made with --check since ops_approvers asks for approval of its action.",
        )
    ended = next((str(event.get("result")) for event in own if event.get("event") == "closed"), "")
    if ended != "ok":
        how = f"ended as {ended}" if ended else "has not ended"
        raise Refused(f"Check run {run} {how}, so its plan is not whole", remedy="Make the check run again.")
    plans = [event for event in own if event.get("event") == PLANNED]
    refused = next((event for event in plans if event.get("refused")), None)
    if refused:
        raise Refused(
            f"Check run {run} found that a real run would refuse on {refused.get('object')}: {refused['refused']}",
            remedy="Remove that, then make the check run again.",
        )
    found = tuple(_planned(event) for event in plans if event.get("steps") and event.get("plan_hash"))
    if not found:
        raise Refused(f"Check run {run} planned nothing, so there is nothing to approve")
    at, who, objects = parse_time(str(opened["at"])), opened.get("who"), opened.get("objects")
    return ApprovalRequest(
        id=run,
        runbook=str(opened.get("runbook")),
        action=str(opened.get("action")),
        objects=tuple(str(name) for name in objects) if isinstance(objects, list) else (),
        plans=found,
        requester={key: who[key] for key in _WHO if key in who} if isinstance(who, Mapping) else {},
        at=at,
        expires_at=at + valid,
    )


def agrees(asked: ApprovalRequest, events: Sequence[Event], valid: timedelta) -> bool:
    """Tell whether a request that the ledger keeps is what its check run journalled: people approve what they read."""
    try:
        found = asked_by(asked.id, events, valid)
    except Refused:
        return False
    return found == replace(asked, expires_at=found.expires_at, approvals=(), withdrawn={})


def _planned(event: Event) -> Planned:
    steps = event.get("steps")
    sentences = tuple(str(step) for step in steps) if isinstance(steps, list) else ()
    return Planned(str(event.get("object")), str(event.get("plan_hash")), sentences)


def asking_runs(events: Iterable[Event], runbook: str = "", action: str = "", objects: Iterable[str] = ()) -> list[str]:
    """Return the check runs that want approval, the newest last.

    :param runbook: with action and objects, of one change only.
    """
    wanted = (runbook, action, set(objects))
    return [
        str(event.get("run"))
        for event in events
        if event.get("event") == "opened"
        and event.get("mode") == "check"
        and NOTE in event
        and (not runbook or (event.get("runbook"), event.get("action"), set(_names(event))) == wanted)
    ]


def carried_out_by(asked: ApprovalRequest, events: Sequence[Event]) -> str:
    """Return the run after which the whole plan was carried out once; empty while it was not.

    What a later step on the same object changed otherwise, as the undo of a unit does, is open again until then.
    """
    wanted = {planned.object: planned.hash for planned in asked.plans}
    done: set[str] = set()
    # by the journal's order: a second is long enough for a change before the check run
    asking = [at for at, event in enumerate(events) if (event.get("run"), event.get("event")) == (asked.id, "opened")]
    for event in events[max(asking, default=0) :]:
        name = str(event.get("object"))
        late = event.get("event") == "step" and parse_time(str(event["at"])) >= asked.at
        if not late or name not in wanted or not event.get("changed"):
            continue
        if event.get("result") == "ok" and event.get("plan_hash") == wanted[name]:
            done.add(name)
        else:
            done.discard(name)
        if done == set(wanted):
            return str(event.get("run"))
    return ""


def used(label: str, events: Sequence[Event], since: datetime) -> int:
    """Return how many runs changed something on a standing approval since a moment, or failed at it."""
    runs = {
        event.get("run")
        for event in events
        if event.get("event") == "opened"
        and event.get("allowed")
        and event.get("mode") == "real"
        and parse_time(str(event["at"])) >= since
        and _standing(event) == label
    }
    worked = {
        event.get("run")
        for event in events
        if event.get("event") == "step" and (event.get("changed") or event.get("result") == "failed")
    }
    return len(runs & worked)


def _standing(event: Event) -> str:
    note = event.get(NOTE)
    return str(note.get("standing") or "") if isinstance(note, Mapping) else ""


def _names(event: Event) -> list[str]:
    objects = event.get("objects")
    return [str(name) for name in objects] if isinstance(objects, list) else []
