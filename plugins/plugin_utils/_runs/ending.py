# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run as a person reads it: what was noticed, worst first, what serves now, the next command. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .lines import about, noticed, worst_first
from .next_command import Commands

_CHECK = ("--check", "-C")


@dataclass
class Ending:
    """What the results of one playbook come to.

    :param argv: this run's command line, with the program.
    """

    argv: Sequence[str]
    check: bool = False
    _runbook: str = ""
    _serving: dict[str, str] = field(default_factory=dict)
    _findings: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    _next: str = ""
    _changed: bool = False

    def passed(self, result: Mapping[str, object]) -> None:
        """Note what the guard said."""
        self._runbook = str(result.get("runbook") or "")
        self.check = result.get("mode") == "check"

    def note(self, component: str, result: Mapping[str, object]) -> None:
        """Note the result of a changing module on a component; the newest says what serves."""
        if "plan" not in result and "serving" not in result:
            return
        self._findings = [(name, each) for name, each in self._findings if name != component]
        self._findings += [(component, each) for each in noticed(result, check=self.check)]
        serving = result.get("serving")
        if "serving" in result:
            self._serving[component] = label_of(serving) if isinstance(serving, Mapping) else ""
        self._changed |= bool(result.get("changed"))

    def failed(self, result: Mapping[str, object]) -> None:
        """Note a failure: its message may end in the command that is next."""
        commands, wanted = Commands(self.argv), result.get("next")
        known = [commands.wanted(wanted) if isinstance(wanted, Mapping) else "", self._next, commands.again()]
        said = str(result.get("msg") or "").rstrip()
        # nothing but a command that is known whole is repeated: a text in quotes may hold anything
        self._next = next((each for each in known if each and said.endswith(f"Next: {each}")), "")

    def lines(self, *, red: bool) -> list[str]:
        """Return the lines; none where no component was about to change.

        :param red: whether anything failed.
        """
        lines = []
        if self._findings:
            worst = worst_first([{**each, "component": name} for name, each in self._findings])
            lines += ["Noticed, worst first:"]
            lines += [about(str(each["component"]), f"{each['severity']}: {_told(each)}") for each in worst]
        if self._serving:
            lines += ["Serving now:"]
            lines += [about(name, label or "not known") for name, label in self._serving.items()]
        following = (f"Next: {self._next}" if self._next else "") if red else self._green()
        return [*lines, following] if following else lines

    def _green(self) -> str:
        """Return what comes after a run that ended well, where anything does."""
        if not self._changed:
            return ""
        if self.check:
            words = [word for word in self.argv if word not in _CHECK]
            return f"To do it: {Commands(words).again()}" if len(words) < len(self.argv) else ""
        return f"To go back: {Commands(self.argv).of('rollback')}" if self._runbook == "deploy" else ""


def label_of(release: Mapping[str, object]) -> str:
    """Return the name a person knows a release by."""
    version, found = release.get("version"), str(release.get("id") or "")
    return f"{version} ({found})" if version else found


def _told(finding: Mapping[str, object]) -> str:
    """Return what was noticed and what helps, which a plain line has no room for."""
    message, remedy = str(finding.get("message") or ""), str(finding.get("remedy") or "")
    return message if not remedy or remedy in message else f"{message.rstrip('.')}. {remedy}"
