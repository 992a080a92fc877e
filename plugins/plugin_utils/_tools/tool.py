# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tool is: actions with their risks, the variables that it reads, and what it is told beside them.

A tool operates steady.ops itself, so only the gates policy and ledger hold it back; what it did is journalled.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from ...module_utils._clock import Clock
from ...module_utils._errors import InvalidInput
from .._gates.request import Policy
from .._ledger.ledger import Ledger
from .._ledger.memory import Memory
from .._runs.next_command import Commands

# what was said for an action, by the option's word: text as typed, or a list or dictionary; never blank
Said = Mapping[str, object]


@dataclass(frozen=True)
class Surroundings:
    """What a tool is told beside what was said for it.

    :param components: every host of the inventory.
    :param run: the id of this run.
    :param who: who runs this, as the journal keeps it.
    :param typed: the extra variables: what belongs to one run (C(ops_confirm), C(ops_reason), C(ops_incident)).
    """

    policy: Policy
    components: Collection[str]
    memory: Memory
    clock: Clock
    run: str = ""
    check: bool = False
    who: Mapping[str, object] = field(default_factory=dict)
    typed: Mapping[str, object] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    commands: Commands = field(default_factory=Commands, repr=False)

    def word(self, name: str) -> str:
        """Return an extra variable as text; empty where it was not typed."""
        return str(self.typed.get(name) or "").strip()


@dataclass(frozen=True)
class Outcome:
    """What a tool did, and the lines that say so.

    :param ledger: where this is journalled; None for nowhere.
    :param event: what the journal keeps of it beside the lines.
    :param red: why the run must end red although the tool did what it was told; empty when it need not.
    """

    changed: bool
    lines: tuple[str, ...]
    ledger: Ledger | None
    event: Mapping[str, object] = field(default_factory=dict)
    red: str = ""


Operate = Callable[[str, Said, Surroundings], Outcome]


@dataclass(frozen=True)
class Tool:
    """One tool.

    :param actions: the risk of each, C(read) or C(change); the first is what is done when none is asked for.
    :param options: words of the variables C(<tool>_<word>) that it reads.
    :param operate: does one action; repeating it changes nothing. Raises C(OpsError), which names the way on.
    """

    name: str
    actions: Mapping[str, str]
    options: tuple[str, ...]
    operate: Operate

    @property
    def variables(self) -> frozenset[str]:
        """Return the names of its variables, with the one that chooses the action."""
        return frozenset(f"{self.name}_{word}" for word in (*self.options, "action"))

    def choose(self, asked: str, said: Said) -> str:
        """Return the action that was asked for; asked for none: the first.

        :raises InvalidInput: there is no such action.
        """
        if not asked:
            return next(iter(self.actions))
        if asked in self.actions:
            return asked
        near = difflib.get_close_matches(asked, self.actions, n=1)
        raise InvalidInput(
            f"{self.name}_action is {asked!r}",
            remedy=f"Use one of {', '.join(self.actions)}.",
            next=self.command(near[0], said) if near else {"playbook": self.name},
        )

    def command(self, action: str, said: Said) -> dict[str, object]:
        """Return the command of an action with what was said for it."""
        return command_of(self.name, action, said)


def command_of(tool: str, action: str, said: Said | None = None) -> dict[str, object]:
    """Return a tool's command as errors name it under C(next)."""
    given = {f"{tool}_{word}": value for word, value in (said or {}).items() if value not in ("", None)}
    return {"playbook": tool, "variables": {f"{tool}_action": action, **given}}


def text_of(said: Said, word: str) -> str:
    """Return what was said for an option as text; empty where nothing was."""
    return str(said.get(word) or "").strip()
