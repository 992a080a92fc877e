# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate window says to who asks for one: by the calendar, and by what was announced."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ...module_utils._errors import InvalidInput
from .._calendar.agenda import Agenda
from .._calendar.declared import ALWAYS, EXAMPLE, KEY, read_windows
from .._calendar.notices import Notice
from .._calendar.windows import Occurrence, Window
from .._calendar.wording import closing, deadline, length, opening
from .request import Request, Verdict, passed, refused
from .window import GATE, override_command

_CANNOT_WAIT = "when it cannot wait, name the open incident and why"


def verdict(request: Request, now: datetime, notices: Collection[Notice], severities: Collection[str]) -> Verdict:
    """Return what the gate says.

    :param notices: what was announced and is not over.
    :param severities: of the incidents that are open.
    """
    try:
        windows = read_windows(request.policy.windows)
    except InvalidInput as error:
        return refused(GATE, error.sentence, error.remedy, next=request.commands.of("window"))
    if windows is None:
        return passed(GATE) if request.policy.lab else _undeclared(request)
    if not windows:
        return passed(GATE, f"{KEY} of {request.policy.path} is {ALWAYS}")
    return _within(request, Agenda.of(windows, notices, severities), now)


def _undeclared(request: Request) -> Verdict:
    return refused(
        GATE,
        f"{request.runbook} {request.action} disturbs who uses {request.policy.path}, and the inventory does not"
        f" declare {KEY}",
        f"State when that may be in group_vars/{request.policy.environment}.yml, {KEY}: {ALWAYS}, or a list with"
        f" {EXAMPLE}; {_CANNOT_WAIT}",
        next=override_command(request, GATE),
    )


def _within(request: Request, agenda: Agenda, now: datetime) -> Verdict:
    standing = agenda.open_at(now)
    usable = next((item for item in standing if agenda.counts(item)), None)
    if usable:
        return passed(GATE, f"The window {usable.window.name} is open until {closing(usable)}")
    return refused(
        GATE,
        f"{_why(request, agenda, standing)}; {_next(agenda, now)}",
        f"{_way_on(request, agenda, now)}; {_CANNOT_WAIT}",
        next=override_command(request, GATE),
    )


def _why(request: Request, agenda: Agenda, standing: list[Occurrence]) -> str:
    """Return why nothing that is open may be used."""
    if not standing:
        names = ", ".join(window.name for window in agenda.windows)
        many = "windows" if len(agenda.windows) > 1 else "window"
        return f"Outside the {many} of {request.policy.path} ({names})"
    item = standing[0]
    late = agenda.given(item)
    given = f"notice of it was given at {late.as_dict()['at']}" if late else "no notice of it was given"
    return (
        f"The window {item.window.name} is open until {closing(item)}, and {given},"
        f" where {length(item.window.notice)} before it opens are asked for"
    )


def _next(agenda: Agenda, now: datetime) -> str:
    item = agenda.next(now)
    if item is None:
        return "no other opens by the calendar"
    needed = "" if agenda.counts(item) else f", if notice is given until {deadline(item)}"
    return f"next opens {item.window.name}, {opening(item)}{needed}"


def _way_on(request: Request, agenda: Agenda, now: datetime) -> str:
    """Return what helps without waiving anything: to wait, to give notice, or to announce a window of its own."""
    item = agenda.next(now)
    ways = []
    if item and agenda.counts(item):
        ways.append("wait until it opens")
    elif item:
        ways.append(f"give notice with `{_announce(request, item.window)}`, and wait until it opens")
    ways += [
        f"announce {window.name}, which opens {_later(agenda, window)}, with `{_announce(request, window)}`"
        for window in agenda.windows
        if window.announced
    ]
    return _sentence(", or ".join(ways) or f"Correct {KEY}: none of its windows ever opens")


def _later(agenda: Agenda, window: Window) -> str:
    return f"{length(window.notice)} later" if window.notice and not agenda.urgent else "when you say"


def _announce(request: Request, window: Window) -> str:
    said = {"window_action": "announce", "window_name": window.name, "window_message": "REASON"}
    return request.commands.of("window", {**said, **({"window_hours": 2} if window.announced else {})})


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
