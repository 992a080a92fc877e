# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of all systems on one screen of 80 columns and 40 lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from unicodedata import east_asian_width

from ...module_utils._clock import format_time
from ...module_utils._findings import Severity
from ...module_utils._redact import redact_shapes
from .._told.harmless import one_line
from .judging import Judged, summary, worst_first
from .system import Component, System

# the run itself indents each line by two, and has a first and a last line of its own
COLUMNS, LINES = 78, 36
_LEAST_OF_A_SYSTEM = 3


def screen(judged: Sequence[Judged], now: datetime) -> list[str]:
    """Return the lines: the systems worst first, then the summary. What has no room is counted, never left out unsaid.

    :param now: by this controller's clock.
    """
    room = LINES - 1
    lines: list[str] = []
    ordered = worst_first(judged)
    for number, each in enumerate(ordered):
        left = len(ordered) - number
        share = (room - len(lines)) // left
        if share < _LEAST_OF_A_SYSTEM:
            lines += _in_short(ordered[number:], room - len(lines))
            break
        lines += _of_system(each, share)
    return [*(cut(line) for line in lines), cut(f"{format_time(now)}: {summary(judged)}")]


def cut(line: str) -> str:
    """Return a line that fits, with nothing in it that moves a cursor or forges another line."""
    plain = "".join(char if char.isprintable() else " " for char in line).rstrip()
    if _columns(plain) <= COLUMNS:
        return plain
    while _columns(plain) > COLUMNS - 3:
        plain = plain[:-1]
    return f"{plain}..."


def age(seconds: float) -> str:
    """Return how long ago something was, as C(4 min), C(5 h) or C(3 d)."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"


def _columns(text: str) -> int:
    """Return how many columns a terminal takes for the text: an ideograph is two wide."""
    return len(text) + sum(east_asian_width(char) in "WF" for char in text)


def _of_system(judged: Judged, room: int) -> list[str]:
    system = judged.system
    head = f"{judged.severity.value.upper():<8} {one_line(system.name, 30)}{_counts(system)}"
    bad = [finding for finding in judged.findings if finding.severity is not Severity.OK]
    fine = [finding for finding in judged.findings if finding.severity is Severity.OK]
    body = [f"  {finding.severity.value}: {one_line(redact_shapes(finding.message))}" for finding in bad]
    body += [_row(component, system.now) for component in system.components or () if component.release]
    body += [f"  {one_line(redact_shapes(finding.message))}" for finding in fine]
    if not system.unknown:
        # of what no domain keeps yet: no data is unknown, never ok
        body.append("  unknown: backup age and RPO, last restore proof, certificate days")
    if len(body) > room - 1:
        body = [*body[: room - 2], f"  ... and {len(body) - room + 2} lines more: status_ledgers={system.url}"]
    return [head, *body]


def _counts(system: System) -> str:
    if system.unknown:
        return ""
    parts = []
    for word, found in (
        ("component", system.components),
        ("lease", system.leases),
        ("hold", system.holds),
    ):
        if found is None:
            parts.append(f"{word}s ?")
        elif found:
            parts.append(f"{len(found)} {word}{'' if len(found) == 1 else 's'}")
    return f"  {', '.join(parts)}" if parts else "  nothing is recorded"


def _row(component: Component, now: datetime | None) -> str:
    since = "unknown since when"
    if component.since and now:
        since = f"{component.since:%Y-%m-%d %H:%MZ} {age((now - component.since).total_seconds()):>6}"
    name, release = one_line(component.name, 14), one_line(component.release, 16)
    return f"  {name:<14} {release:<16} {since}  back: {one_line(component.way_back, 14) or 'none'}"


def _in_short(rest: Sequence[Judged], room: int) -> list[str]:
    lines = [f"{each.severity.value.upper():<8} {one_line(each.system.name, 40)}" for each in rest]
    return lines if len(lines) <= room else [*lines[: room - 1], f"... and {len(lines) - room + 1} systems more"]
