# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory declares under C(ops_schedules), as the runs that are expected. Pure."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...module_utils._errors import InvalidInput
from ...module_utils._redact import redact_shapes
from .._gates.policy import is_policy
from .missed import Registered
from .rule import Rule, rule_of

_NUMBERS = {"random_delay_minutes": 0, "grace_minutes": 60, "deadline_minutes": 0}
_KEYS = (
    *("name", "runbook", "action", "components", "together", "zone", "days", "at", "variables"),
    *_NUMBERS,
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_RUNBOOK = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WEEK = 7 * 24 * 60
# systemd takes names of 255 bytes, with .service
_LONGEST_UNIT = 200
# without a contract's own word; a run that is still alive then hangs
_DEADLINE_MINUTES = 60
# no deadline stops an undo: it may take as long as the way there, and a little for the start
_MARGIN_MINUTES = 10

# returns the deadline of a runbook's action in minutes, None where it has none; raises InvalidInput where there is none
DeadlineOf = Callable[[str, str], "float | None"]


@dataclass(frozen=True)
class Expected:
    """One run that is expected again and again: one unit.

    :param name: what the ledger and the unit's environment call it: C(nightly-health/api), or the declared name alone
        where the components are taken together.
    :param unit: the name of service and timer, without suffix.
    :param limit: the hosts, as C(--limit) takes them; empty for all.
    """

    name: str
    unit: str
    runbook: str
    action: str
    limit: str
    rule: Rule
    random_delay_minutes: int = 0
    grace_minutes: int = 60
    timeout_minutes: int = 0
    variables: Mapping[str, object] = field(default_factory=dict)

    def registered(self, host: str, now: datetime) -> Registered:
        """Return what the ledger keeps of it.

        :param host: the controller whose timer starts it.
        """
        return Registered(self.name, self.rule, self.random_delay_minutes, self.grace_minutes, now, host)


def expected_of(value: object, path: str, components: Collection[str], deadline_of: DeadlineOf) -> list[Expected]:
    """Read C(ops_schedules).

    :param path: C(<system>/<environment>).
    :param components: the hosts of the inventory.
    :raises InvalidInput: names the entry and its key.
    """
    entries = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    found: list[Expected] = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            raise InvalidInput(f"ops_schedules: entry {number} is no dictionary", remedy="Write {name: ..., ...}.")
        found += _entry(entry, number, path, components, deadline_of)
    _refuse_twins(found)
    return found


def unit_name(path: str, *parts: str) -> str:
    """Return C(steady-<system>-<environment>-...) with each part escaped as C(systemd-escape) does."""
    whole = "-".join(["steady", *(escaped(part) for part in (*path.split("/"), *parts))])
    if len(whole) <= _LONGEST_UNIT:
        return whole
    return f"{whole[:_LONGEST_UNIT]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def unit_prefix(path: str) -> str:
    """Return what the names of all units of an environment begin with, and of no other."""
    return f"{unit_name(path)}-"


def escaped(text: str) -> str:
    """Return text as systemd's unit names hold it: letters, digits and C(_ . :) stay, all else is C(\\xXX)."""
    kept = re.compile(r"[A-Za-z0-9_:.]", re.ASCII)
    shown = "".join(
        letter if kept.fullmatch(letter) else "".join(f"\\x{byte:02x}" for byte in letter.encode()) for letter in text
    )
    return f"\\x2e{shown[1:]}" if shown.startswith(".") else shown


def _entry(
    entry: Mapping[str, object], number: int, path: str, components: Collection[str], deadline_of: DeadlineOf
) -> list[Expected]:
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidInput(
            f"ops_schedules: entry {number} has the name {name!r}",
            remedy="Use small letters, digits, _ and -, as nightly-health.",
        )
    where = f"ops_schedules {name}"
    for key in entry:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            meant = f"Did you mean {near[0]}?" if near else f"Keys are {', '.join(_KEYS)}."
            raise InvalidInput(f"{where}: there is no key {key}", remedy=meant)
    runbook, action = _word(entry, "runbook", where), _word(entry, "action", where)
    rule = rule_of(entry, where)
    minutes = {key: _minutes(entry, key, where) for key in _NUMBERS}
    try:
        deadline = minutes["deadline_minutes"] or deadline_of(runbook, action) or _DEADLINE_MINUTES
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error.sentence}", remedy=error.remedy) from None
    variables = _variables(entry.get("variables"), where)
    limits = _limits(entry, where, components)
    return [
        Expected(
            name=f"{name}/{host}" if host and not entry.get("together") else name,
            unit=unit_name(path, runbook, action, limit or "all"),
            runbook=runbook,
            action=action,
            limit=limit,
            rule=rule,
            random_delay_minutes=minutes["random_delay_minutes"],
            grace_minutes=minutes["grace_minutes"],
            timeout_minutes=int(deadline * 2 + _MARGIN_MINUTES),
            variables=variables,
        )
        for host, limit in limits
    ]


def _limits(entry: Mapping[str, object], where: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return component and limit of each unit of an entry; both empty for all components together."""
    said = entry.get("components")
    hosts = [said] if isinstance(said, str) and said else list(said) if isinstance(said, (list, tuple)) else []
    if said and not hosts:
        raise InvalidInput(f"{where}: components is {said!r}", remedy="Write a list of hosts of the inventory.")
    together = entry.get("together", False)
    if not isinstance(together, bool):
        raise InvalidInput(f"{where}: together is {together!r}", remedy="Use true or false.")
    for host in hosts:
        if host not in known:
            near = difflib.get_close_matches(str(host), sorted(known), n=1)
            meant = f"Did you mean {near[0]}?" if near else f"It has {', '.join(sorted(known))}."
            raise InvalidInput(f"{where}: the inventory has no component {host!r}", remedy=meant)
    if together and hosts:
        return [(",".join(hosts), ",".join(hosts))]
    return [(str(host), str(host)) for host in hosts] or [("", "")]


def _variables(value: object, where: str) -> dict[str, object]:
    """Return the run's variables; what they say stands in a file that everybody on the machine may read."""
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput(f"{where}: variables is no dictionary", remedy="Write {name: value}.")
    given = {str(name): each for name, each in (value or {}).items()}
    for name, each in given.items():
        if not _VARIABLE.fullmatch(name) or is_policy(name):
            raise InvalidInput(
                f"{where}: variables names {name!r}, which a run does not take",
                remedy="Name the runbook's own variables; policy stands in the inventory.",
            )
        if redact_shapes(f"{name}: {each}") != f"{name}: {each}":
            raise InvalidInput(
                f"{where}: variables.{name} looks like a secret, and units are readable for everybody",
                remedy="Name a file or an environment variable that holds it, in the inventory.",
            )
    return given


def _word(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not _RUNBOOK.fullmatch(value):
        raise InvalidInput(f"{where}: {key} is {value!r}", remedy=f"Name the {key}, as health_check or check.")
    return value


def _minutes(entry: Mapping[str, object], key: str, where: str) -> int:
    value = entry.get(key, _NUMBERS[key])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _WEEK:
        raise InvalidInput(f"{where}: {key} is {value!r}", remedy="Use whole minutes, up to those of a week.")
    return value


def _refuse_twins(found: Iterable[Expected]) -> None:
    names: dict[str, Expected] = {}
    units: dict[str, Expected] = {}
    for each in found:
        if each.name in names:
            raise InvalidInput(f"ops_schedules names {each.name} twice", remedy="Give each entry a name of its own.")
        if each.unit in units:
            raise InvalidInput(
                f"ops_schedules {units[each.unit].name} and {each.name} are both {each.runbook} {each.action}"
                f" of {each.limit or 'all components'}",
                remedy="Make them one entry with several days or times: there is one unit for each.",
            )
        names[each.name], units[each.unit] = each, each
