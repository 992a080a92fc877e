# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate identity, for machines: the id that a component pins is compared with what its machine answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ...module_utils._errors import OpsError, Unreachable
from .request import Component, Request, Verdict, refused, unproved

GATE = "identity"
KEY = "machine_id"
SHOWN = 8
_NAMED = 4
_ID = re.compile(r"[0-9a-f]{32}\Z")
_MADE = "Run systemd-machine-id-setup on it as root, and set component_identity.machine_id to the id that it keeps"

Answers = Mapping[str, str | OpsError]
# by host: what stands in the machine's /etc/machine-id, empty where that is not there, or why it cannot be told
AskMachines = Callable[[Sequence[str]], Answers]


def ask(components: Iterable[Component], ask_machines: AskMachines) -> Answers:
    """Ask the machines of all components that pin one, in one go."""
    names = [component.name for component in components if is_id(component.identity.get(KEY))]
    return ask_machines(names) if names else {}


def is_id(value: object) -> bool:
    """Tell whether a value is the id of a machine: 32 hexadecimal digits, in either case."""
    return bool(_ID.match(_plain(value)))


def judge(request: Request, component: Component, answers: Answers) -> list[Verdict]:
    """Compare the machine that a component pins with the one that answers."""
    name, pinned = component.name, component.identity[KEY]
    if not is_id(pinned):
        return [
            refused(
                GATE,
                f"component_identity.{KEY} of {name} is {str(pinned)!r}, which is no id of a machine",
                "Set it to what stands in /etc/machine-id there, 32 hexadecimal digits in quotes",
                firm=True,
            )
        ]
    found = answers[name]
    if isinstance(found, OpsError):
        sentence = f"Which machine {name} lives on cannot be told: {found.sentence}"
        return [unproved(GATE, request, sentence, found.remedy or _way_on(name, found))]
    if not is_id(found):
        why = "/etc/machine-id there holds no id" if found.strip() else "it has no /etc/machine-id that can be read"
        return [unproved(GATE, request, f"Which machine {name} lives on cannot be told: {why}", _MADE)]
    if _plain(found) == _plain(pinned):
        return []
    return [
        refused(
            GATE,
            f"{name} is pinned to {KEY} {_plain(pinned)}, and the machine that answers is {_plain(found)}",
            f"Point ansible_host of {name} at the machine that is meant, or correct component_identity",
            firm=True,
        )
    ]


def shown(components: Iterable[Component], answers: Answers | None) -> list[str]:
    """Return the machines in a few words: those that answered, and those that are pinned and why that is all.

    :param answers: None where nobody was asked.
    """
    words = {
        _shown(pinned, (answers or {}).get(component.name))
        for component in components
        if (pinned := component.identity.get(KEY)) not in (None, "")
    }
    more = [f"{len(words) - _NAMED} more"] if len(words) > _NAMED else []
    return [*sorted(words)[:_NAMED], *more]


def _shown(pinned: object, found: str | OpsError | None) -> str:
    if isinstance(found, str) and is_id(found):
        return f"machine {_plain(found)[:SHOWN]}"
    why = "not asked"
    if found is not None:
        why = "it did not answer" if isinstance(found, Unreachable) else "it could not be asked"
    return f"machine {_plain(pinned)[:SHOWN]} (pinned; {why})"


def _plain(value: object) -> str:
    return str(value).strip().lower()


def _way_on(name: str, error: OpsError) -> str:
    if isinstance(error, Unreachable):
        where = f"Check the network and how Ansible reaches {name} (ansible_host ...)"
        return f"{where}, wait until it answers, or leave it out with --limit '!{name}'"
    return f"Correct the ansible_* variables of {name} in the inventory"
