# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing runs of the journal by what a person typed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput
from .runs import Run

WORDS = ("run", "since", "until", "object", "runbook", "incident", "user")
_AGO = re.compile(r"(\d{1,4})\s*(min|h|d|w)")
_UNITS = {"min": 60, "h": 3600, "d": 86400, "w": 604800}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SHORTEST_RUN = 6


@dataclass(frozen=True)
class Choice:
    """What runs are wanted; what is empty does not matter.

    :param object: in full, C(<system>/<environment>[/<component>]).
    """

    run: str = ""
    since: datetime | None = None
    until: datetime | None = None
    object: str = ""
    runbook: str = ""
    incident: str = ""
    user: str = ""

    @property
    def everything(self) -> bool:
        """Tell whether nothing was asked for in particular."""
        return self == Choice()

    def wants(self, run: Run) -> bool:
        """Tell whether a run is wanted."""
        return (
            (not self.run or self.is_run(run))
            and (not self.since or format_time(self.since) <= run.at)
            and (not self.until or run.at < format_time(self.until))
            and (not self.object or any(f"{each}/".startswith(f"{self.object}/") for each in run.objects))
            and self.runbook in ("", run.runbook, run.runbook.rpartition(".")[2])
            and (not self.incident or self.incident in run.incidents)
            and (not self.user or self.user in run.users)
        )

    def is_run(self, run: Run) -> bool:
        """Tell whether a run is the one that was asked for: its id, or enough of its beginning or end."""
        asked = self.run.upper()
        near = run.id.startswith(asked) or run.id.endswith(asked)
        return run.id == asked or (len(asked) >= _SHORTEST_RUN and near)

    def is_over(self, run: Run) -> bool:
        """Tell whether no older run can be wanted; an hour is left to clocks that were set back."""
        return self.since is not None and run.at < format_time(self.since - timedelta(hours=1))

    def told(self) -> dict[str, str]:
        """Return what was asked for, as it was understood."""
        found = {word: getattr(self, word) for word in WORDS}
        shown = {word: format_time(item) if isinstance(item, datetime) else item for word, item in found.items()}
        return {word: item for word, item in shown.items() if item}


def choice_of(said: Mapping[str, object], path: str, now: datetime) -> Choice:
    """Read what was typed.

    :param said: by the word of each variable.
    :param path: C(<system>/<environment>), for an object that is named without it.
    :param now: what C(7d) is counted back from.
    :raises InvalidInput: a time cannot be read, or ends before it begins.
    """
    text = {word: str(said.get(word) or "").strip() for word in WORDS}
    since, until = _moment("since", text["since"], now), _moment("until", text["until"], now)
    if since and until and until <= since:
        raise InvalidInput(
            f"journal_until, {format_time(until)}, is not after journal_since, {format_time(since)}",
            remedy="Turn them around or correct one",
            next=_shown(text, since=format_time(until), until=format_time(since)),
        )
    name = text["object"].strip("/")
    full = name if not name or name == path or name.startswith(f"{path}/") else f"{path}/{name}"
    return Choice(text["run"], since, until, full, text["runbook"], text["incident"], text["user"])


def nearest(wanted: Choice, runbooks: Collection[str], users: Collection[str], incidents: Collection[str]) -> str:
    """Return what may have been meant where nothing was found; empty for no idea."""
    known = {"runbook": runbooks, "user": users, "incident": incidents}
    for word, names in known.items():
        asked = getattr(wanted, word)
        if asked and asked not in names:
            near = difflib.get_close_matches(asked, sorted(names), n=1)
            return f"journal_{word}={near[0]}" if near else ""
    return ""


def _moment(word: str, text: str, now: datetime) -> datetime | None:
    """Read a time: C(2026-11-21T02:58:07Z), a day in UTC, or how long ago."""
    if not text:
        return None
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return parse_time(text)
    except (InvalidInput, ValueError, OverflowError):
        raise InvalidInput(
            f"journal_{word} is {text[:60]!r}",
            remedy="Write a time as 2026-11-21T02:58:07Z, a day as 2026-11-21 (UTC), or how long ago: 90min, 12h, 7d",
            next={"playbook": "journal", "variables": {f"journal_{word}": "7d"}},
        ) from None


def _shown(text: Mapping[str, str], **changed: str) -> dict[str, object]:
    given = {**{word: item for word, item in text.items() if item}, **changed}
    return {"playbook": "journal", "variables": {f"journal_{word}": item for word, item in given.items()}}
