# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A component's own commands around a switch: argv lists with a time-out, and only the environment they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ._command import CommandRunner
from ._errors import InvalidInput, OpsError
from ._redact import Redactor, redact_shapes
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

_ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_LAST_LINES = 3
_LONGEST_LINE = 300


@dataclass(frozen=True)
class Hook:
    """One command.

    :param environment: names of variables that it gets from the environment of the run, beside those that every
        command gets.
    """

    argv: tuple[str, ...]
    timeout_seconds: float = 300.0
    environment: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandHooks:
    """The commands of a component, run by a command runner.

    :param environ: the environment of the run.
    """

    hooks: Mapping[Moment, tuple[Hook, ...]]
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

    def _run(self, hook: Hook, moment: Moment, release: Release) -> str:
        missing = [name for name in hook.environment if name not in self.environ]
        if missing:
            return f"wants {', '.join(missing)}, which the environment of the run does not hold"
        environment = {name: self.environ[name] for name in (*_ALWAYS, *hook.environment) if name in self.environ}
        told = {
            "STEADY_COMPONENT": self.component,
            "STEADY_MOMENT": moment.value,
            "STEADY_RELEASE": release.id,
            "STEADY_VERSION": release.version or "",
        }
        try:
            result = self.runner.run(
                hook.argv, environment={**environment, **told}, timeout_seconds=hook.timeout_seconds
            )
        except OpsError as error:
            return f"did not run to its end: {error.sentence}"
        if result.rc == 0:
            return ""
        redactor = Redactor([self.environ[name] for name in hook.environment])
        lines = [line.strip() for line in (result.err or result.out).splitlines() if line.strip()]
        said = " / ".join(redact_shapes(redactor.text(line))[:_LONGEST_LINE] for line in lines[-_LAST_LINES:])
        return f"ended with {result.rc}" + (f": {said}" if said else "")


def hooks_from(option: object) -> dict[Moment, tuple[Hook, ...]]:
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


def _hook(item: Mapping[str, object], where: str) -> Hook:
    argv, names, seconds = item.get("argv"), item.get("environment") or [], item.get("timeout_seconds", 300.0)
    if (
        not isinstance(argv, (list, tuple))
        or not argv
        or not all(isinstance(word, str) for word in argv)
        or not argv[0]
    ):
        raise InvalidInput(
            f"{where}.argv names no program", remedy="Write a list: [/usr/local/bin/smoke-test, --quick]."
        )
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not seconds > 0:
        raise InvalidInput(f"{where}.timeout_seconds is {seconds!r}", remedy="Give more than 0 seconds.")
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise InvalidInput(f"{where}.environment is no list of names", remedy="Write a list: [SMOKE_TOKEN].")
    return Hook(tuple(argv), float(seconds), tuple(names))
