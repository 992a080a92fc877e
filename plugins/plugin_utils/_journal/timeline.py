# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Markdown timeline of exported runs. Nothing that was journalled can format, link or forge anything in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .runs import Run
from .showing import cells, details, plain

# every one of them may stand behind a backslash in Markdown; & and < cannot begin an entity or a tag then
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@=^\"'])")
# what GitHub and others make links of without being asked
_LINKS = re.compile(r"(?i)(?P<scheme>[a-z]{2,10}):(?=//)|\b(?P<www>www)\.")
_COLUMNS = ("when", "run", "who", "what", "on", "outcome", "took")


def escaped(value: object) -> str:
    """Return any value as text of one line that Markdown shows as it is."""
    text = _SPECIAL.sub(r"\\\1", plain(value))
    return _LINKS.sub(lambda found: f"{found['scheme'] or found['www']}\\{':' if found['scheme'] else '.'}", text)


def timeline(title: str, facts: Mapping[str, object], runs: Sequence[Run]) -> str:
    """Return the timeline of runs, oldest first.

    :param facts: what stands under the title, by name.
    """
    lines = [f"# {escaped(title)}", ""]
    lines += [f"- {name}: {escaped(item)}" for name, item in facts.items() if item not in (None, "")]
    lines += ["", _row(_COLUMNS), _row("---" for _column in _COLUMNS)]
    lines += [_row(escaped(cell) for cell in cells(run)) for run in runs]
    for run in runs:
        when, name, who, what, on, outcome, _took = (escaped(cell) for cell in cells(run))
        lines += ["", f"## {when} {what}", "", f"{who}, on {on}, run {name}: {outcome}", ""]
        for event in run.events:
            about = escaped(event.get("object") or "") if event is not run.opened else ""
            about = f" {about}" if about else ""
            lines.append(f"- {escaped(event.get('at'))} {escaped(event.get('event') or '?')}{about}")
            lines += [f"  - {escaped(line)}" for line in details(event)]
    return "\n".join([*lines, ""])


def _row(texts: object) -> str:
    return f"| {' | '.join(texts)} |"  # type: ignore[arg-type]
