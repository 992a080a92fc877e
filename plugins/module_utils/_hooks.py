# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A component's own commands around a switch: argv lists with a time-out, and only the environment they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ._command import CommandRunner
from ._errors import InvalidInput
from ._own_command import Ended, OwnCommand, argv_from, names_from, run
from ._release.protocol import Moment
from ._release.values import Release

HOOKS_OPTION = {
    "type": "dict",
    "options": {
        moment.value: {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "argv": {"type": "list", "elements": "str", "required": True},
                "timeout_seconds": {"type": "float", "default": 300.0},
                "environment": {"type": "list", "elements": "str", "default": []},
            },
        }
        for moment in Moment
    },
}


@dataclass(frozen=True)
class CommandHooks:
    """The commands of a component, run by a command runner.

    :param environ: the environment of the run.
    """

    hooks: Mapping[Moment, tuple[OwnCommand, ...]]
    component: str
    runner: CommandRunner
    environ: Mapping[str, str]
    say: Callable[[str], None]

    def run(self, moment: Moment, release: Release) -> str:
        """Run the commands of a moment, one after the other; return why one did not pass, empty when all did."""
        for hook in self.hooks.get(moment, ()):
            name = f"the command {hook.argv[0]} {moment.value.replace('_', ' the ', 1)}"
            self.say(f"running {name}")
            why = self._run(hook, moment, release)
            if why:
                return f"{name} {why}"
        return ""

    def _run(self, hook: OwnCommand, moment: Moment, release: Release) -> str:
        told = {
            "STEADY_COMPONENT": self.component,
            "STEADY_MOMENT": moment.value,
            "STEADY_RELEASE": release.id,
            "STEADY_VERSION": release.version or "",
        }
        outcome = run(hook, told=told, runner=self.runner, environ=self.environ)
        if not isinstance(outcome, Ended):
            return outcome.reason
        if outcome.rc == 0:
            return ""
        said = " / ".join(outcome.lines)
        return f"ended with {outcome.rc}" + (f": {said}" if said else "")


def hooks_from(option: object) -> dict[Moment, tuple[OwnCommand, ...]]:
    """Read the option C(hooks).

    :raises InvalidInput: names the key that is wrong.
    """
    given = option if isinstance(option, Mapping) else {}
    return {
        moment: tuple(
            _hook(item, f"hooks.{moment.value}[{index}]") for index, item in enumerate(given.get(moment.value) or [])
        )
        for moment in Moment
    }


def _hook(item: Mapping[str, object], where: str) -> OwnCommand:
    argv, seconds = argv_from(item.get("argv"), f"{where}.argv"), item.get("timeout_seconds", 300.0)
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not seconds > 0:
        raise InvalidInput(f"{where}.timeout_seconds is {seconds!r}", remedy="Give more than 0 seconds.")
    return OwnCommand(argv, float(seconds), names_from(item.get("environment") or [], f"{where}.environment"))
