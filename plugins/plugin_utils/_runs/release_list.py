# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front end adds to a list of releases: the recorded ones where the platform is silent, and open units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...module_utils._errors import OpsError
from ...module_utils._findings import Finding, Severity
from ...module_utils._release_info import Unseen, line_of, list_out
from .._ledger.ledger import Ledger
from .records import Record, Result
from .under_way import Outlook, outlook
from .units import Unit, open_units, way_on

# who serves what can be asked of the service itself, whatever its platform says
_ASK = {"playbook": "health_check"}


def completed(module: str, result: Result, options: Mapping[str, object], ledger: Ledger | None, object: str) -> Result:
    """Return the result of a module that lists releases, complete; any other module's as it is.

    :param options: what the module was called with, the history of the component among it.
    :param ledger: None where it cannot be read; the options say why then.
    :param object: C(<system>/<environment>/<component>).
    """
    if not module.endswith("_release_info"):
        return result
    path, _slash, component = object.rpartition("/")
    found = _as_recorded(result, options, component) if result.get("failed") else result
    if ledger is None or "lines" not in found:
        return found
    try:
        records = ledger.releases.records()
        for unit in open_units(records):
            if component in unit.members:
                found = _with_unit(found, unit, records, ledger, path)
    except OpsError:
        # the module said already that the history is unknown
        return found
    return found


def _as_recorded(failure: Result, options: Mapping[str, object], component: str) -> Result:
    """Return a failure with what is recorded: what serves, and which artefacts are there, is unknown."""
    why = " ".join(str(failure.get("msg") or "the module said nothing").split())
    known = {"history": options.get("history") or [], "history_unknown": options.get("history_unknown") or ""}
    try:
        listed = list_out(Unseen(why), known, component)
    except OpsError:
        return failure
    msg = f"What {component} serves is not known: {why}"
    return {**failure, **listed, "msg": msg, "next": failure.get("next") or _ASK}


def _with_unit(found: Result, unit: Unit, records: Sequence[Record], ledger: Ledger, path: str) -> Result:
    opened = [record for record in records if record.get("kind") == "unit" and record.get("run") == unit.run]
    since = str(opened[-1].get("at") or "unknown")
    try:
        comes = outlook(ledger, [f"{path}/{member}" for member in unit.members])
    except OpsError as error:
        comes = Outlook(f"whether a run is at work on it is not known: {error.sentence.rstrip('.')}", waits=True)
    remedy = f"{comes.sentence[0].upper()}{comes.sentence[1:]}."
    if not comes.waits:
        remedy += " It must be a deploy or rollback of all of them."
    members = ", ".join(unit.members)
    message = f"unfinished unit: {unit.action} of {members} since {since} (run {unit.run})"
    finding = Finding("unfinished_unit", Severity.WARNING, message, remedy=remedy)
    findings, lines = (list(value) if isinstance(value, list) else [] for value in (found["findings"], found["lines"]))
    return {
        **found,
        "findings": [*findings, finding.as_dict()],
        "lines": [*lines, line_of(finding)],
        "next": found.get("next") or ({} if comes.waits else way_on(unit)),
    }
