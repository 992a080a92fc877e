# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted of a run's tasks for those who will be told of its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...module_utils._redact import Redactor

_MOST = 50
_LONGEST = 4000


@dataclass
class Noted:
    """What the tasks of a run said.

    :param redactor: knows the secrets that were typed.
    :param serving: what serves now, by component, as far as a task knew it.
    :param back: components that a task put back after a failure.
    :param broken: components whose task failed.
    :param open: components that the next run has to settle.
    :param why: what the last task that failed said: after others it says what came of them.
    :param task_of_why: which task that was.
    :param critical: critical findings as C((component, id, sentence)).
    """

    redactor: Redactor = field(default_factory=Redactor, repr=False)
    serving: dict[str, str] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    why: str = ""
    task_of_why: str = ""
    critical: list[tuple[str, str, str]] = field(default_factory=list)

    def task(self, component: str, result: Mapping[str, object], *, failed: bool) -> None:
        """Note the result of one task.

        :param failed: whether it failed and nobody said to ignore it.
        """
        if failed:
            self.broken.add(component)
        if result.get("rolled_back"):
            self.back.add(component)
        if "intent_open" in result:
            (self.open.add if result["intent_open"] else self.open.discard)(component)
        serving = result.get("serving")
        if isinstance(serving, Mapping):
            self.serving[component] = self.redactor.text(_label(serving))
        findings = result.get("findings")
        for finding in findings if isinstance(findings, list) else ():
            if isinstance(finding, Mapping) and finding.get("severity") == "critical":
                self._critical(component, finding)

    def failure(self, task: str, message: str) -> str:
        """Note what a task that failed said; return it masked, before anybody cuts it: half a secret has no shape."""
        masked = self.redactor.text(message)
        self.why, self.task_of_why = masked[:_LONGEST], task
        return masked

    def _critical(self, component: str, finding: Mapping[str, object]) -> None:
        sentence = " ".join(str(finding.get(key) or "") for key in ("message", "remedy")).strip()
        found = (component, str(finding.get("id") or ""), self.redactor.text(sentence))
        if found not in self.critical and len(self.critical) < _MOST:
            self.critical.append(found)


def _label(serving: Mapping[str, object]) -> str:
    """Return the name by which a person knows what serves, as C(1.8.0 (9be07a1c2d3e))."""
    version, known = str(serving.get("version") or ""), str(serving.get("id") or serving.get("ref") or "")
    return f"{version} ({known})" if version and known else version or known
