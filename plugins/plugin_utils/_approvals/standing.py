# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Standing approvals, C(ops_standing_approvals): for what runs by a schedule, with bounds and an end. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput
from .people import Approvers, spelled

NAME = "ops_standing_approvals"
_KEYS = ("runbook", "action", "objects", "until", "max_per_day", "approved_by", "reason")


@dataclass(frozen=True)
class Standing:
    """One standing approval.

    :param objects: what it covers: components, full paths, or the environment's path for all of it.
    :param until: from then on it is none.
    :param max_per_day: how many runs a day, by UTC, may change something.
    """

    runbook: str
    action: str
    objects: tuple[str, ...]
    until: datetime
    max_per_day: int
    approved_by: tuple[str, ...]
    reason: str

    @property
    def label(self) -> str:
        """Return how the journal names it."""
        return f"{self.runbook}:{self.action} {','.join(self.objects)} until {format_time(self.until)}"

    def covers(self, runbook: str, action: str, objects: Sequence[str], path: str) -> bool:
        """Tell whether a run over these objects is what it was given for."""
        given = {name if "/" in name else f"{path}/{name}" for name in self.objects}
        return (self.runbook, self.action) == (runbook, action) and (path in given or set(objects) <= given)

    def why_not(self, approvers: Approvers, now: datetime, used_today: int) -> str:
        """Return why it does not hold now; empty when it does."""
        names = {person.name for name in self.approved_by if (person := approvers.person(name))}
        if now >= self.until:
            return f"its standing approval ended at {format_time(self.until)}"
        if len(names) < approvers.needed:
            return f"its standing approval is by {len(names)} of the {approvers.needed} people that ops_approvers needs"
        if used_today >= self.max_per_day:
            return f"its standing approval is for {self.max_per_day} a day, and {used_today} ran today (UTC)"
        return ""


def read_standing(value: object) -> tuple[Standing, ...]:
    """Read C(ops_standing_approvals).

    :raises InvalidInput: names the key that is wrong.
    """
    if value in (None, "", []):
        return ()
    if not isinstance(value, (list, tuple)):
        raise InvalidInput(f"{NAME} is no list", remedy=_EXAMPLE)
    return tuple(_one(number, item) for number, item in enumerate(value, start=1))


_EXAMPLE = (
    "Write each as {runbook: db_archive, action: archive, objects: [api], until: 2027-03-01, max_per_day: 1,"
    " approved_by: [ann, bob], reason: why}."
)


def _one(number: int, item: object) -> Standing:
    if not isinstance(item, Mapping):
        raise _wrong(number, "is no dictionary")
    for key in item:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1, cutoff=0)[0]
            raise _wrong(number, f"has the unknown key {key}; did you mean {near}?")
    missing = [key for key in _KEYS if item.get(key) in (None, "", [])]
    if missing:
        raise _wrong(number, f"does not say {', '.join(missing)}")
    most = item["max_per_day"]
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise _wrong(number, f"has max_per_day {most!r}")
    by = _words(number, "approved_by", item["approved_by"])
    if len({spelled(name) for name in by}) < len(by):
        raise _wrong(number, "names somebody twice in approved_by")
    return Standing(
        runbook=str(item["runbook"]),
        action=str(item["action"]),
        objects=_words(number, "objects", item["objects"]),
        until=_until(number, item["until"]),
        max_per_day=most,
        approved_by=by,
        reason=str(item["reason"]),
    )


def _until(number: int, value: object) -> datetime:
    """Return the moment of an end: a day counts whole."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        return datetime.combine(day, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        pass
    try:
        return parse_time(str(value).strip())
    except InvalidInput as error:
        raise _wrong(number, f"has an until that is no time: {error.sentence}") from None


def _words(number: int, key: str, value: object) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) and word.strip() for word in words):
        raise _wrong(number, f"has {key} {value!r}")
    return tuple(word.strip() for word in words)


def _wrong(number: int, what: str) -> InvalidInput:
    return InvalidInput(f"Entry {number} of {NAME} {what}", remedy=_EXAMPLE)
