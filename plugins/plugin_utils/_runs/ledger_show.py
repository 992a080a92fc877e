# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._clock import format_time
from .._ledger.ledger import Ledger
from .._ledger.takeover import life_of
from .under_way import outlook
from .units import open_units


def show(ledger: Ledger) -> list[str]:
    """Return the ledger as lines: what it is, who holds leases, which holds stand, what is unfinished."""
    identity = ledger.identity
    lines = [f"{ledger.url} of {identity.system}/{identity.environment}, id {identity.id}, since {identity.created}"]
    for lease in ledger.leases.all():
        state = "expired" if ledger.leases.expired(lease) else life_of(lease.holder).value
        until = format_time(lease.expires_at)
        lines.append(f"lease on {lease.object}, token {lease.token}, {lease.holder.named()}, until {until}: {state}")
    for hold in ledger.holds.standing():
        lines.append(f"hold on {hold.object} by {hold.by} until {format_time(hold.until)}: {hold.message}")
    for what, run, components in unfinished(ledger):
        comes = outlook(ledger, [f"{identity.system}/{identity.environment}/{name}" for name in components])
        lines.append(f"unfinished {what} of {', '.join(components)} by run {run}: {comes.sentence}")
    return lines if len(lines) > 1 else [*lines, "no lease, no hold, nothing unfinished"]


def unfinished(ledger: Ledger) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the switches of components, then the units, that nobody has settled: runbook, run and components."""
    latest: dict[str, Mapping[str, object]] = {}
    records = ledger.releases.records()
    for record in records:
        components = record.get("components")
        if record.get("kind") == "intent" and isinstance(components, Mapping):
            latest.update((str(name), record) for name in components)
    found = [
        (str(record.get("runbook", "run")), str(record.get("run")), (name,))
        for name, record in latest.items()
        if record.get("state") == "open"
    ]
    return [*found, *((unit.action, unit.run, unit.members) for unit in open_units(records))]
