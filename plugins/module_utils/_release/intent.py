# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch that a run announced: as the engine reads it, and as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .values import Release

Record = Mapping[str, object]


@dataclass(frozen=True)
class Intent:
    """A switch that a run announced and did not live to settle.

    :param before: the release that served when it was announced; C(None) when nothing did.
    :param after: the release it meant to serve.
    :param back: where it meant to go back to on failure; C(None) when there was no way back.
    :param mark: the newest operation of the platform at that moment.
    :param settings: names of the settings it meant to change.
    :param put_back_mark: the newest operation when a later run set out to put C(before) back unasked whether C(after)
        passes; empty when none did.
    :param was_verified: whether C(after) had passed before; an undo leaves it its verdict then. Of an undo's own
        intent: the same of C(before), which it leaves.
    :param unit: the run of the unit that it belongs to; empty without one.
    """

    runbook: str
    run: str
    before: Release | None
    after: Release
    back: Release | None = None
    mark: str = ""
    settings: tuple[str, ...] = ()
    put_back_mark: str = ""
    was_verified: bool = False
    unit: str = ""

    @property
    def in_words(self) -> str:
        """Return the switch as a sentence names it: a rollback and an undo go to a release, a deploy is of one."""
        return f"{self.runbook} {'of' if self.runbook == 'deploy' else 'to'} {self.after.label}"

    def put_back_began(self, last_operation: str) -> bool:
        """Tell whether a later run began to put back what served, so that what stands now says nothing of C(after).

        :param last_operation: the platform's newest one now.
        """
        return bool(self.put_back_mark) and last_operation != self.put_back_mark


def joined(later: Intent, earlier: Intent | None) -> Intent:
    """Return the last switch of a component, back to what served before its unit: one that was killed and gone on
    with may have switched it twice.

    :param earlier: the switch before it, settled.
    """
    if earlier is None or later.before is None or not later.unit:
        return later
    if (earlier.unit, earlier.after.id) != (later.unit, later.before.id):
        return later
    verified = earlier.was_verified if earlier.after.id == later.after.id else later.was_verified
    return replace(later, before=earlier.before, back=earlier.back, was_verified=verified)


def release_of(record: Record) -> Release:
    """Read a release as the ledger keeps it.

    :raises KeyError, TypeError: it is not of that shape.
    """
    version, schema = record.get("version"), record.get("schema_revision")
    probe = record.get("probe") or {}
    if not isinstance(probe, Mapping):
        raise TypeError("probe")
    digest = record["digest"]
    if not digest or not isinstance(digest, str):
        raise TypeError("digest")
    return Release(
        digest=digest,
        ref=str(record.get("ref") or ""),
        version=None if version is None else str(version),
        schema_revision=None if schema is None else str(schema),
        probe=dict(probe),
    )


def intent_of(record: Record, component: str) -> Intent | None:
    """Read what an intent says of one component; C(None) when it is about others.

    :raises KeyError, TypeError: it is not of the shape that the ledger keeps.
    """
    components = record["components"]
    if not isinstance(components, Mapping):
        raise TypeError("components")
    change = components.get(component)
    if change is None:
        return None
    before, back = change.get("from_release"), change.get("back_release")
    return Intent(
        runbook=str(record["runbook"]),
        run=str(record.get("run") or ""),
        before=release_of(before) if before else None,
        after=release_of(change["to_release"]),
        back=release_of(back) if back else None,
        mark=str(change.get("mark") or ""),
        settings=tuple(str(name) for name in change.get("settings") or ()),
        put_back_mark=str(change.get("put_back_mark") or ""),
        was_verified=bool(change.get("was_verified")),
        unit=str(record.get("unit_run") or ""),
    )


def intent_record(intent: Intent, component: str) -> dict[str, object]:
    """Return the intent as the ledger keeps it: enough to settle it when the run is killed."""
    change = {
        "from": intent.before.id if intent.before else None,
        "to": intent.after.id,
        "from_release": intent.before.as_dict() if intent.before else None,
        "to_release": intent.after.as_dict(),
        "back_release": intent.back.as_dict() if intent.back else None,
        "mark": intent.mark,
        "settings": list(intent.settings),
        "put_back_mark": intent.put_back_mark,
        "was_verified": intent.was_verified,
    }
    # a run that settles another one's intent keeps that one's name
    run = {"run": intent.run} if intent.run else {}
    return {"kind": "intent", **run, "runbook": intent.runbook, "components": {component: change}}
