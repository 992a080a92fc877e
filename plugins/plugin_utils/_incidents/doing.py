# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of C(incident): read, decide, keep, and say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._clock import format_time
from ...module_utils._errors import InvalidInput, OpsError
from ...module_utils._findings import Finding, Severity
from ...module_utils._plan import Plan, Step, diff
from ...module_utils._plan import State as StepState
from .book import Book, Draft, State
from .ending import acknowledging, closing
from .entries import Author, Entry, Incident
from .opening import noting, opening
from .showing import compared, findings, overview, said, timeline
from .wish import Wish

_UNDO = {"open": "close it", "note": "a note that corrects it", "close": "open another one", "acknowledge": ""}


@dataclass(frozen=True)
class Run:
    """Who runs this, on what.

    :param path: C(<system>/<environment>).
    """

    id: str
    path: str
    author: Author
    check: bool = False


def carry_out(wish: Wish, book: Book, run: Run) -> dict[str, object]:
    """Do what is wanted and return the task's result, the same in check mode without doing it.

    :raises OpsError: nothing was changed.
    """
    if wish.action == "list":
        return _listed(wish, book)

    def decide(state: State, now: datetime) -> Sequence[Draft]:
        return _decided(wish, state, now, run)

    if run.check:
        before, _damage = book.look()
        now = book.store.now()
        after = before.plus(decide(before, now), when=format_time(now), by=run.author.named, run=run.id)
        untold = ""
    else:
        before, after, untold = book.change(decide, by=run.author.named, run=run.id)
    return _result(wish, before, after, run, untold)


def _decided(wish: Wish, state: State, now: datetime, run: Run) -> Sequence[Draft]:
    if wish.action == "open":
        return opening(state, wish, now, run.author, run.path.partition("/")[0])
    if wish.action == "note":
        return noting(state, wish, now, run.author)
    return closing(state, wish) if wish.action == "close" else acknowledging(state, wish)


def _listed(wish: Wish, book: Book) -> dict[str, object]:
    state, damage = book.look()
    try:
        now = book.store.now()
    except OpsError:
        # a ledger that can only be read is still read
        now = None
    told = findings(state.incidents, now)
    if damage:
        told.append(Finding("incident.document", Severity.WARNING, damage, remedy="They are shown from the journal."))
    one = state.find(wish.id) if wish.id else None
    if wish.id and one is None:
        past = "is closed and stands only in the journal" if wish.id in state.past else "does not exist"
        raise InvalidInput(
            f"incident_id is {wish.id}, which {past}", remedy="Look which there are.", next={"playbook": "incident"}
        )
    lines = timeline(one, state.entries[one.id]) if one else overview(state.incidents)
    # the lines name overrides already
    more = [finding for finding in told if finding.id != "incident.override"]
    return {
        "changed": False,
        "lines": [*lines, *_told_lines(more)],
        "msg": f"{len(state.opened)} of {len(state.incidents)} incidents are open",
        "incident": one.as_dict() if one else {},
        "incidents": [each.as_dict() for each in state.incidents],
        "findings": [each.as_dict() for each in told],
        "plan": [],
        "diff": diff({}, {}),
    }


def _result(wish: Wish, before: State, after: State, run: Run, untold: str) -> dict[str, object]:
    added = [(id, entry) for id, found in after.entries.items() for entry in found[len(before.entries.get(id, ())) :]]
    touched = list(dict.fromkeys(id for id, _entry in added))
    incident = after.find(touched[-1]) if touched else _standing(wish, before)
    steps = [_step(wish, id, entry, after, run) for id, entry in added]
    sentences = [step.sentence for step in steps] or [_unchanged(wish, incident)]
    told = _noticed(wish, incident, untold)
    desired = {id: [{**entry, "when": "", "run": "", "by": ""} for one, entry in added if one == id] for id in touched}
    return {
        "changed": bool(added),
        "lines": [*_lines(sentences, run, added=bool(added)), *_next_lines(wish, incident, run), *_told_lines(told)],
        "msg": "; ".join(sentences),
        "incident": incident.as_dict() if incident else {},
        "incidents": [each.as_dict() for each in after.incidents],
        "findings": [each.as_dict() for each in told],
        "plan": [step.as_dict() for step in steps],
        "plan_hash": Plan("incident", wish.action, run.path, tuple(steps), desired).hash,
        "diff": _diff(touched, before, after),
    }


def _noticed(wish: Wish, incident: Incident | None, untold: str) -> list[Finding]:
    told = []
    if untold:
        told.append(Finding("incident.journal", Severity.WARNING, f"The journal does not have it yet: {untold}"))
    if incident and wish.by_rule and wish.by_rule != incident.severity:
        sentence = f"{incident.id} is {incident.severity}, and by users and function it would be {wish.by_rule}"
        told.append(Finding("incident.severity", Severity.WARNING, sentence))
    return told


def _told_lines(told: Sequence[Finding]) -> list[str]:
    return [f"{finding.severity.value}: {finding.message}" for finding in told]


def _diff(touched: Sequence[str], before: State, after: State) -> dict[str, str]:
    """Return what a run changes: of one incident line by line, of several a line for each."""
    if len(touched) == 1:
        return diff(compared(before.find(touched[0])), compared(after.find(touched[0])))
    return diff(*({id: compared(state.find(id)) for id in touched} for state in (before, after)))


def _step(wish: Wish, id: str, entry: Entry, after: State, run: Run) -> Step:
    incident = after.find(id) or Incident(id)
    target = f"{run.path}/incidents/{id}"
    state = StepState.WOULD_DO if run.check else StepState.DONE
    return Step(str(entry["change"]), target, said(entry, incident), undo=_UNDO[wish.action], state=state)


def _standing(wish: Wish, state: State) -> Incident | None:
    """Return the incident that a run without anything to do was about."""
    if wish.id:
        return state.find(wish.id)
    same = [one for one in state.opened if not wish.title or one.title == wish.title]
    return same[-1] if same else None


def _unchanged(wish: Wish, incident: Incident | None) -> str:
    if wish.action == "acknowledge":
        return "there is no override that nobody has acknowledged"
    if incident is None or not incident.open:
        return "it is closed already" if incident is None else f"{incident.id} is closed already"
    return f"{incident.id} is open already" if wish.action == "open" else f"{incident.id}: that stands there already"


def _lines(sentences: Sequence[str], run: Run, *, added: bool) -> list[str]:
    return [f"would add: {sentence}" if run.check and added else sentence for sentence in sentences]


def _next_lines(wish: Wish, incident: Incident | None, run: Run) -> list[str]:
    """Return what a person does with it next."""
    if incident is None:
        return []
    if wish.action == "open":
        return [
            f"channel #{incident.channel}",
            f"to go past a shut gate: ops_override=GATE ops_incident={incident.id} ops_reason=WHY"
            f" ops_override_confirm={run.path}/override",
        ]
    return [f"not acknowledged: {use.named()}" for use in incident.unacknowledged] if wish.action == "close" else []
