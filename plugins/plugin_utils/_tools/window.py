# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(window): when disruptive actions may run, and the notices that windows ask for."""

from __future__ import annotations

import difflib
from datetime import datetime, timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput, OpsError
from .._calendar import declared, wording
from .._calendar.agenda import Agenda
from .._calendar.frozen import read_freezes
from .._calendar.notices import Notice, Notices
from .._calendar.overview import freeze_lines, window_lines
from .._calendar.windows import Occurrence, Window
from .._ledger.ledger import Ledger, open_ledger
from .tool import Outcome, Said, Surroundings, Tool, command_of, text_of

_DAYS = 60
_MOST_DAYS = 3660
_MOST_HOURS = 24


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(name) of a window; C(at), when it opens; C(hours) that an announced one is open; C(message);
        C(days) that are looked ahead.
    """
    policy = around.policy
    windows = declared.read_windows(policy.windows)
    if action == "show":
        return _show(windows, said, around)
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    # as the ledger keeps it
    now, agenda = ledger.store.now().replace(microsecond=0), Agenda(windows or (), Notices(ledger.store).standing())
    window = _named(action, said, agenda)
    if action == "announce":
        return _announce(window, said, agenda, now, ledger, around)
    return _withdraw(window, said, agenda, ledger, around)


def _show(windows: tuple[Window, ...] | None, said: Said, around: Surroundings) -> Outcome:
    policy, ahead = around.policy, timedelta(days=_number(said, "days", _DAYS, _MOST_DAYS))
    freezes = read_freezes(policy.freezes)
    now, ledger, lines = around.clock.now(), None, list[str]()
    notices: tuple[Notice, ...] = ()
    try:
        ledger = open_ledger(policy.ledger, policy.system, policy.environment)
        now, notices = ledger.store.now(), Notices(ledger.store).standing()
    except OpsError as error:
        lines.append(f"what was announced is unknown: {error.sentence}")
    if not windows:
        refuses = "a lab needs none" if policy.lab else "disruptive actions are refused"
        lines.append(f"{declared.KEY} is " + ("always: any time" if windows == () else f"not declared: {refuses}"))
    lines += [*window_lines(Agenda(windows or (), notices), now, ahead), *freeze_lines(freezes, now)]
    return Outcome(False, tuple(lines), ledger)


def _announce(
    window: Window, said: Said, agenda: Agenda, now: datetime, ledger: Ledger, around: Surroundings
) -> Outcome:
    message = text_of(said, "message")
    if not message:
        raise InvalidInput(
            "window_message is empty",
            remedy="Say what for.",
            next=command_of("window", "announce", {**said, "message": "REASON"}),
        )
    item = _own_opening(window, said, agenda, now) if window.announced else _opening(window, said, agenda, now)
    notice = Notice(window.name, item.opens, item.closes, now, _by(around), message)
    same = any(notice.same_span(other) and other.message == message for other in agenda.notices)
    changed = not same and (around.check or Notices(ledger.store).give(notice))
    word = "is announced already" if same else "would be announced" if around.check else "is announced"
    lines = [f"{window.name}, {wording.opening(item)}, {word}: {message}"]
    if not agenda.counts(item) and now > item.opens - window.notice:
        lines.append(
            f"it opens less than {wording.length(window.notice)} from now, so it counts only while an incident of"
            " severity P0 or P1 is open"
        )
    return Outcome(changed, tuple(lines), ledger, {"notice": notice.as_dict()} if changed else {})


def _opening(window: Window, said: Said, agenda: Agenda, now: datetime) -> Occurrence:
    """Return the opening by the calendar that is meant: the one named, else the first that notice is in time for."""
    mine = [item for item in agenda.after(now) if item.window == window]
    fit = [item for item in mine if agenda.can_count(item, now)]
    if not fit:
        raise InvalidInput(
            f"window_name is {window.name}, which does not open within two years",
            remedy=f"Correct {declared.KEY}.",
            next={"playbook": "window"},
        )
    if not text_of(said, "at"):
        return fit[0]
    asked = _time(said, "announce")
    found = next((item for item in mine if item.opens == asked), None)
    offered = command_of("window", "announce", {**said, "at": format_time(fit[0].opens)})
    if found is None:
        near = ", ".join(format_time(item.opens) for item in fit[:3])
        raise InvalidInput(
            f"window_at is {format_time(asked)}, when {window.name} does not open",
            remedy=f"It opens at {near}.",
            next=offered,
        )
    if found not in fit:
        raise InvalidInput(
            f"window_at is {format_time(asked)}, and notice of {window.name} had to be given until"
            f" {wording.deadline(found)}",
            remedy=f"The next in time is {format_time(fit[0].opens)}.",
            next=offered,
        )
    return found


def _own_opening(window: Window, said: Said, agenda: Agenda, now: datetime) -> Occurrence:
    """Return the opening that an announcement makes: the one named, else the one that stands, else the earliest."""
    standing = sorted((each for each in agenda.notices if each.window == window.name), key=lambda each: each.opens)
    if standing and not text_of(said, "at") and not text_of(said, "hours"):
        return Occurrence(window, standing[0].opens, standing[0].closes)
    if not text_of(said, "hours"):
        raise InvalidInput(
            f"window_hours is empty, and {window.name} is open only as long as announced",
            remedy="Say for how many hours.",
            next=command_of("window", "announce", {**said, "hours": 2}),
        )
    length = timedelta(hours=_number(said, "hours", 0, _MOST_HOURS))
    same = [notice.opens for notice in standing if notice.closes - notice.opens == length]
    opens = _time(said, "announce") if text_of(said, "at") else next(iter(same), now + window.notice)
    if opens + length <= now:
        raise InvalidInput(
            f"window_at is {format_time(opens)}, and {window.name} would be over",
            remedy="Name a time to come.",
            next=command_of("window", "announce", {**said, "at": ""}),
        )
    return Occurrence(window, opens, opens + length)


def _withdraw(window: Window, said: Said, agenda: Agenda, ledger: Ledger, around: Surroundings) -> Outcome:
    standing = [notice for notice in agenda.notices if notice.window == window.name]
    if text_of(said, "at"):
        asked = _time(said, "withdraw")
        standing = [notice for notice in standing if notice.opens == asked]
    if not standing:
        return Outcome(False, (f"{window.name}: no notice stands",), ledger)
    if len({notice.opens for notice in standing}) > 1:
        raise InvalidInput(
            f"window_at is empty, and {len(standing)} notices of {window.name} stand",
            remedy=f"They are for {', '.join(format_time(notice.opens) for notice in standing)}.",
            next=command_of("window", "withdraw", {**said, "at": format_time(standing[0].opens)}),
        )
    if not around.check:
        Notices(ledger.store).withdraw(standing[0])
    word = "would be withdrawn" if around.check else "is withdrawn"
    line = f"{window.name}, {format_time(standing[0].opens)}: the notice {word}"
    return Outcome(True, (line,), ledger, {"notice": standing[0].as_dict(), "withdrawn": True})


def _named(action: str, said: Said, agenda: Agenda) -> Window:
    name, names = text_of(said, "name"), [window.name for window in agenda.windows]
    if not names:
        raise InvalidInput(
            f"The inventory declares no windows, so there is nothing to {action}",
            remedy=f"Write {declared.KEY} into the inventory's group_vars: a list with {declared.EXAMPLE}.",
            next={"playbook": "window"},
        )
    for window in agenda.windows:
        if window.name == name or (not name and len(names) == 1):
            return window
    near = difflib.get_close_matches(name, names, n=1) or names
    raise InvalidInput(
        f"window_name is {name!r}" if name else "window_name is empty",
        remedy=f"Name one of {', '.join(names)}.",
        next=command_of("window", action, {**said, "name": near[0]}),
    )


def _by(around: Surroundings) -> str:
    """Return who gives notice: the person, where AWX or sudo says who that is."""
    awx = around.who.get("awx")
    named = awx.get("awx_user_name") if isinstance(awx, dict) else ""
    return str(named or around.who.get("sudo_user") or around.who.get("user") or "unknown")


def _time(said: Said, action: str) -> datetime:
    try:
        return parse_time(text_of(said, "at"))
    except InvalidInput as error:
        later = command_of("window", action, {**said, "at": ""})
        raise InvalidInput(f"window_at: {error.sentence}", remedy=error.remedy, next=later) from None


def _number(said: Said, word: str, default: float, most: float) -> float:
    typed = text_of(said, word) or str(default)
    try:
        number = float(typed)
    except ValueError:
        number = 0
    if not 0 < number <= most:
        raise InvalidInput(
            f"window_{word} is {typed!r}",
            remedy=f"Use a number above 0, up to {most:g}.",
            next={"playbook": "window"},
        )
    return number


TOOL = Tool(
    "window",
    {"show": "read", "announce": "change", "withdraw": "change"},
    ("name", "at", "hours", "message", "days"),
    operate,
)
