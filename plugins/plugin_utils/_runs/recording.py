# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front end writes into the ledger: intents before a change, what came of it after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from ...module_utils._errors import OpsError
from ...module_utils._permit import Permit
from .conductor import Args, Conductor
from .membership import closing, stays, told
from .records import Result, entries_of, open_intent, settled, settles, step_event
from .units import Step


def append(conductor: Conductor, options: Args, permit: Permit, records: Iterable[Mapping[str, object]]) -> None:
    """Write records with run and time, while our token is still the one that may write."""
    ledger = conductor.open_ledger()
    token = _token(conductor.permit(options), conductor.object)
    at = ledger.now_text()
    stamped = [{"run": permit.run, "at": at, **record} for record in records]
    shown = cast("list[dict[str, object]]", conductor.redactor.value(stamped))
    ledger.releases.append(shown, before_write=lambda: ledger.leases.prove(conductor.object, token))


def record(
    conductor: Conductor,
    options: Args,
    permit: Permit,
    result: Result,
    intent: Mapping[str, object] | None,
    *,
    began: float,
) -> None:
    """Write the result's entries and the end of the intent in one append, and a step into the journal."""
    ledger = conductor.open_ledger()
    records = entries_of(result, conductor.component)
    if intent and settles(result):
        records.append(settled(intent, result, ledger.now_text()))
    several = conductor.unit is not None and conductor.unit.unit.several
    if several and not result.get("failed"):
        records += closing(conductor.unit, [*ledger.releases.records(), *records], conductor.path)
    if records:
        append(conductor, options, permit, records)
    event = {
        **step_event(result),
        "run": permit.run,
        "object": conductor.object,
        "module": conductor.module,
        "seconds": round(conductor.clock.steady() - began, 1),
    }
    ledger.journal.append(event, conductor.redactor)


def end_unit(conductor: Conductor, options: Args, step: Step) -> None:
    """Settle the unit after its last undo, with what came of it, unless something is left to do in it."""
    permit = Permit.from_option(conductor.permit(options), check=False, object=conductor.object)
    known = conductor.open_ledger().releases.records()
    if records := closing(step, known, conductor.path):
        ends = {"told": told(step.unit, known), "settled_by": permit.run}
        append(conductor, options, permit, [{**record, **ends} for record in records])


def note_stay(conductor: Conductor, options: Args, step: Step, failure: Result) -> None:
    """Keep that a component is not undone.

    :param failure: why it cannot be; empty when it is as it must be.
    """
    permit = Permit.from_option(conductor.permit(options), check=False, object=conductor.object)
    details = failure.get("details")
    serving = details.get("serving") if isinstance(details, Mapping) else None
    append(conductor, options, permit, [stays(step, conductor.path, serving, given_up=bool(failure))])


def is_open(conductor: Conductor, intent: Mapping[str, object] | None) -> bool:
    """Tell whether the intent was left open by an append that failed; as long as that cannot be read, it was."""
    try:
        return open_intent(conductor.open_ledger().releases.history(conductor.component)) is not None
    except OpsError:
        return intent is not None


def _token(permit: Mapping[str, object], object: str) -> int:
    leases = permit.get("objects")
    for lease in leases if isinstance(leases, list) else []:
        if isinstance(lease, Mapping) and lease.get("object") == object:
            return int(str(lease.get("token", -1)))
    return -1
