# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overrides: named gates waived for one run, under an incident that is open, with a reason, typed in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from ...module_utils._errors import OpsError
from ...module_utils._redact import Redactor, redact_shapes
from .._incidents.standing import incidents_now, open_ids, remember_override
from .._ledger.ledger import Ledger
from .request import Request, Says, Verdict, refused

if TYPE_CHECKING:
    from .._incidents.book import State

GATE = "override"
WAIVABLE = ("window", "freeze", "hold", "backup", "approval")
_VARIABLES = ("ops_override", "ops_incident", "ops_reason", "ops_override_confirm")
# why no incident opens these
_NEVER = {
    "policy": "who decides stands in the inventory alone",
    "ledger": "a change that nobody can record is found by nobody",
    "identity": "what is changed must be what was meant",
    "lab": "the label alone proves nothing",
    "platforms": "nothing here knows how to operate it",
    "lease": "somebody is at work on the same thing at this moment",
    "confirm": "what is destroyed is typed in full, also at night",
    "wish": "nobody guesses what is wanted",
    "unit": "half a change would be left behind",
    "journal": "a change that nobody can record is found by nobody",
    "override": "it is what opens the others",
}
_CAREFUL = "Leave it out: the refusal of that gate says the way on"


def open_incidents(ledger: Ledger | None) -> tuple[str, ...]:
    """Return the ids of the incidents that are open; C(unknown) where that cannot be told."""
    return open_ids(ledger)


def judge(
    request: Request, verdicts: Sequence[Verdict], ledger: Ledger | None
) -> tuple[list[Verdict], Mapping[str, object]]:
    """Return the verdicts with those waived that this run may waive, and what the journal keeps of it.

    A reader meets no gate that could be waived, so what it was told of overrides is nothing to it.
    """
    if not request.override or not request.changes:
        return [*verdicts], {}
    wrong = _wrong(request, verdicts, ledger)
    if wrong:
        return [*verdicts, wrong], {}
    used = [verdict for verdict in verdicts if _shut(verdict) and verdict.gate in request.override]
    left = [replace(verdict, says=Says.WAIVED) if verdict in used else verdict for verdict in verdicts]
    waived = [{"gate": verdict.gate, "sentence": verdict.sentence} for verdict in used]
    return left, {"overrides": waived, "incident": request.incident, "reason": request.reason} if waived else {}


def told(request: Request, verdicts: Iterable[Verdict]) -> list[str]:
    """Return the lines that say which gates this run goes past, and why."""
    return [
        f"  override: {verdict.gate} waived for {request.incident}: {_line(request.reason)}"
        for verdict in verdicts
        if verdict.says is Says.WAIVED
    ]


def remember(request: Request, ledger: Ledger, opening: Mapping[str, object], redactor: Redactor) -> None:
    """Note under the incident that a run goes past shut gates, before it does: it stays there until acknowledged.

    :param opening: the run's opening entry.
    :raises OpsError: it could not be noted.
    """
    if opening["allowed"] and opening.get("overrides") and not request.check:
        remember_override(ledger, cast("dict[str, object]", redactor.value(opening)))


def _line(text: str) -> str:
    """Return a typed text as one line that shows no secret and steers no terminal."""
    words = " ".join(redact_shapes(text).split())
    return "".join(one if one.isprintable() else "�" for one in words)


def _shut(verdict: Verdict) -> bool:
    return verdict.says is Says.REFUSE


def _wrong(request: Request, verdicts: Sequence[Verdict], ledger: Ledger | None) -> Verdict | None:
    """Return what is wrong with the override, all of it in one sentence, with the whole command that is right."""
    named, gates = _names(request, verdicts)
    if named and not gates:
        again = request.commands.again(without=_VARIABLES)
        return refused(GATE, _joined(named), _CAREFUL, next=again)
    try:
        state = incidents_now(ledger)
    except OpsError as error:
        sentence = f"Whether ops_incident is open cannot be told: {error.sentence}"
        return refused(GATE, sentence, error.remedy, next=request.commands.wanted(error.next))
    unknown, incident, remedy = _incident(request, state, ledger)
    wanted = f"{request.policy.path}/override"
    wrong = [*named, *unknown]
    wrong += [] if request.reason else ["ops_reason is empty"]
    if request.override_confirm != wanted:
        wrong.append(
            f"ops_override_confirm is {repr(request.override_confirm) if request.override_confirm else 'empty'}"
        )
    if not wrong:
        return None
    values = (",".join(gates), incident, request.reason or "REASON", wanted)
    again = request.commands.again(dict(zip(_VARIABLES, values, strict=True)), without=_VARIABLES)
    return refused(GATE, _joined(wrong), remedy, next=again)


def _joined(wrong: Sequence[str]) -> str:
    return f"{', '.join(wrong[:-1])} and {wrong[-1]}" if len(wrong) > 1 else wrong[0]


def _names(request: Request, verdicts: Sequence[Verdict]) -> tuple[list[str], list[str]]:
    """Return what is wrong with the names, and the gates that can be waived in their place."""
    wrong, gates = [], []
    for name in dict.fromkeys(request.override):
        if name in WAIVABLE:
            gates.append(name)
        elif name == "all":
            wrong.append("ops_override is 'all', and gates are waived by name")
            gates += [verdict.gate for verdict in verdicts if _shut(verdict) and verdict.gate in WAIVABLE]
        elif name in _NEVER:
            wrong.append(f"ops_override names {name}, which nothing waives, because {_NEVER[name]}")
        else:
            wrong.append(f"ops_override names {name[:40]!r}, which is no gate; waivable are {', '.join(WAIVABLE)}")
            gates += get_close_matches(name, WAIVABLE, n=1)
    return wrong, list(dict.fromkeys(gates))


def _incident(request: Request, state: State, ledger: Ledger | None) -> tuple[list[str], str, str]:
    """Return what is wrong with the incident, the id that is right, and the remedy."""
    from .._incidents.wish import is_id

    typed = "Type it as here, when that is what you mean"
    opened = [incident.id for incident in state.opened]
    if request.incident in opened:
        return [], request.incident, typed
    found = state.find(request.incident)
    over = found is not None or request.incident in state.past
    named = request.incident if is_id(request.incident) else repr(request.incident[:40])
    why = f"is {named}, which is {'closed' if over else 'no incident'}" if request.incident else "is empty"
    if ledger is None:
        why = "cannot be looked up while the ledger is out of reach"
        return [f"ops_incident {why}"], request.incident or "ID-OF-THE-INCIDENT", typed
    if opened:
        return [f"ops_incident {why}; open are {', '.join(opened)}"], opened[-1], typed
    # the id is given to it here, so that both commands can be copied at once
    id = _free(request, state, ledger)
    first = {"incident_action": "open", "incident_id": id, "incident_severity": "P1"}
    opening = request.commands.of("incident", {**first, "incident_title": _line(request.reason) or "WHAT-HAPPENS"})
    return [f"ops_incident {why}; none is open"], id, f"Open one with `{opening}`, and then go on"


def _free(request: Request, state: State, ledger: Ledger) -> str:
    """Return an id for the incident that is to be opened: the one that was named where it is free."""
    from .._incidents.wish import is_id, new_id

    known = [*state.entries, *state.past]
    if is_id(request.incident) and request.incident not in known:
        return request.incident
    return new_id(known, ledger.store.now())
