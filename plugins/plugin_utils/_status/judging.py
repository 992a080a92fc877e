# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a system somebody has to look at, and how soon. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...module_utils._clock import format_time
from ...module_utils._findings import Finding, Severity
from .system import Component, System

# an incident of these is what production suffers from now
_GRAVE = ("P0", "P1")
_VERIFIED = "verified"


@dataclass(frozen=True)
class Judged:
    """A system with what was found, worst first."""

    system: System
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """Return the worst severity."""
        return max((finding.severity for finding in self.findings), key=lambda each: each.rank, default=Severity.OK)


def judge(system: System) -> Judged:
    """Return what is to be looked at.

    Critical: a release chain half switched, an expected run that never started, a grave incident. What could not be
    read is unknown, which is red where critical is.
    """
    if system.unknown:
        return Judged(system, (Finding("ledger", Severity.UNKNOWN, system.unknown),))
    found = [Finding("unread", Severity.UNKNOWN, f"{name}: {why}") for name, why in system.unread]
    for run in system.unfinished or ():
        severity = Severity.OK if run.under_way else Severity.CRITICAL
        word = "under way" if run.under_way else "unfinished"
        told = f"{word}: {run.what} of {', '.join(run.components)} (run {run.run})"
        found.append(Finding("unfinished", severity, told))
    found += [Finding("missed", Severity.CRITICAL, late.sentence) for late in system.missed or ()]
    for each in system.incidents or ():
        severity = Severity.CRITICAL if each.about in _GRAVE else Severity.WARNING
        found.append(Finding("incident", severity, f"incident {each.text} since {each.moment}"))
    for each in system.overrides or ():
        found.append(Finding("override", Severity.WARNING, f"override not acknowledged, run {each.about}: {each.text}"))
    for component in system.components or ():
        found += _of_component(component)
    for each in system.holds or ():
        found.append(Finding("hold", Severity.OK, f"hold on {each.about} until {each.moment}: {each.text}"))
    return Judged(system, tuple(sorted(found, key=lambda finding: -finding.severity.rank)))


def worst_first(judged: Iterable[Judged]) -> list[Judged]:
    """Return the systems as a person looks at them."""
    return sorted(judged, key=lambda each: (-each.severity.rank, each.system.name))


def summary(judged: Iterable[Judged]) -> str:
    """Return one line about all of them."""
    counts = dict.fromkeys(sorted(Severity, key=lambda each: -each.rank), 0)
    for each in judged:
        counts[each.severity] += 1
    parts = [f"{count} {severity.value}" for severity, count in counts.items() if count]
    total = sum(counts.values())
    return f"{total} {'system' if total == 1 else 'systems'}: {', '.join(parts)}"


def _of_component(component: Component) -> list[Finding]:
    if component.unknown:
        return [Finding("history", Severity.UNKNOWN, f"{component.name}: its history: {component.unknown}")]
    if not component.release:
        return [Finding("serving", Severity.WARNING, f"{component.name}: no release was ever recorded as serving")]
    found = []
    if component.verdict != _VERIFIED:
        since = f" since {format_time(component.since)}" if component.since else ""
        verdict = component.verdict or "not verified"
        told = f"{component.name} serves {component.release}{since}, which is {verdict}"
        found.append(Finding("serving", Severity.WARNING, told))
    if not component.way_back:
        found.append(Finding("way_back", Severity.WARNING, f"{component.name} has no release to roll back to"))
    return found
