# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may approve, how many are needed, what for, and what proves who somebody is: C(ops_approvers). Pure."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ...module_utils._errors import InvalidInput

NAME = "ops_approvers"
PROOFS = ("signature", "awx", "account")
_STRONG = ("signature", "awx")
_RISKS = ("change", "destructive")
_KEYS = ("needed", "people", "actions", "valid_minutes", "proofs")
_MINUTES = 240
_LONGEST_MINUTES = 7 * 24 * 60
_EXAMPLE = "{needed: 2, people: [ann, bob, carol]}"


def spelled(name: object) -> str:
    """Return the one spelling by which names of people are compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", str(name)).casefold()).strip()


def names_of(who: Mapping[str, object]) -> frozenset[str]:
    """Return every name by which somebody who runs something may be known: account, the one before sudo, AWX's."""
    awx = who.get("awx")
    found = [who.get("user"), who.get("sudo_user"), awx.get("awx_user_name") if isinstance(awx, Mapping) else None]
    return frozenset(spelled(name) for name in found if name)


@dataclass(frozen=True)
class Person:
    """Somebody who may approve.

    :param name: as the inventory and the file of allowed signers name them.
    :param also: their accounts, and their names in AWX.
    """

    name: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Return every name of theirs, spelled for comparing."""
        return frozenset(spelled(name) for name in (self.name, *self.also))


@dataclass(frozen=True)
class Approvers:
    """What the inventory says of approvals.

    :param actions: risks, runbooks, and C(runbook:action) that ask for them.
    :param proofs: what is believed of C(PROOFS).
    """

    needed: int
    people: tuple[Person, ...]
    actions: tuple[str, ...] = _RISKS
    valid: timedelta = timedelta(minutes=_MINUTES)
    proofs: tuple[str, ...] = _STRONG

    def ask_for(self, runbook: str, action: str, risk: str) -> bool:
        """Tell whether an action wants approval."""
        return bool({risk, runbook, f"{runbook}:{action}"} & set(self.actions))

    def person(self, name: object) -> Person | None:
        """Return who is called so; None for a stranger."""
        return next((person for person in self.people if spelled(name) in person.names), None)

    def others(self, names: Iterable[str]) -> tuple[Person, ...]:
        """Return who is called by none of the names."""
        given = frozenset(names)
        return tuple(person for person in self.people if not person.names & given)


def read_approvers(value: object) -> Approvers:
    """Read C(ops_approvers): a list of people, of whom one approves, or a dictionary.

    :raises InvalidInput: names the key that is wrong.
    """
    given = value if isinstance(value, Mapping) else {"people": value}
    for key in given:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1, cutoff=0)[0]
            raise _wrong(f"has the unknown key {key}", f"Did you mean {near}? Its keys are {', '.join(_KEYS)}")
    people = _people(given.get("people"))
    needed = given.get("needed", 1)
    if isinstance(needed, bool) or not isinstance(needed, int) or not 1 <= needed <= len(people):
        raise _wrong(f"needs {needed!r} of {len(people)} people", f"Write needed as a number from 1 to {len(people)}")
    minutes = given.get("valid_minutes", _MINUTES)
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not 1 <= minutes <= _LONGEST_MINUTES:
        raise _wrong(f"has valid_minutes {minutes!r}", f"Write a number of minutes from 1 to {_LONGEST_MINUTES}")
    return Approvers(needed, people, _actions(given), timedelta(minutes=minutes), _proofs(given))


def _people(value: object) -> tuple[Person, ...]:
    if isinstance(value, Mapping):
        found = [Person(str(name), _words(also)) for name, also in value.items()]
    else:
        found = [Person(name) for name in _words(value)]
    if not found:
        raise _wrong("names nobody", f"Write it as {_EXAMPLE}")
    seen: dict[str, str] = {}
    for person in found:
        for name in sorted(person.names):
            if not name or seen.setdefault(name, person.name) != person.name:
                raise _wrong(f"has the name {name!r} twice or empty", "Give each name to one person")
    if len({spelled(person.name) for person in found}) < len(found):
        raise _wrong("names somebody twice", "Name each person once")
    return tuple(found)


def _actions(given: Mapping[str, object]) -> tuple[str, ...]:
    words = _words(given.get("actions", _RISKS))
    if not words:
        raise _wrong("has no actions", f"Leave actions out for every change, or write some of {', '.join(_RISKS)}")
    for word in words:
        near = difflib.get_close_matches(word, _RISKS, n=1, cutoff=0.75)
        if word not in _RISKS and near:
            raise _wrong(f"has the action {word!r}, which is no risk", f"Did you mean {near[0]}?")
    return words


def _proofs(given: Mapping[str, object]) -> tuple[str, ...]:
    words = _words(given.get("proofs", _STRONG))
    if not words or set(words) - set(PROOFS):
        raise _wrong(f"has proofs {list(words)}", f"Use some of {', '.join(PROOFS)}")
    return words


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise _wrong(f"has {value!r} where names belong", f"Write it as {_EXAMPLE}")
    return tuple(item.strip() for item in value)


def _wrong(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"{NAME} {what}", remedy=f"{remedy} in the inventory's group_vars.".replace("?.", "?"))
