# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves for the machine that started it: AWX's artifacts, which are the statistics C(set_stats) makes.

Ansible hands the statistics to the callback of AWX before any other, so they are completed right before that. A
workflow hands artifacts down as extra variables: one name, which is nobody's option and no policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...module_utils._redact import redact_shapes
from .lines import noticed

NAME = "steady_run"
_EVENT = "v2_playbook_on_stats"
_OF_GUARD = ("run", "system", "environment", "runbook", "action", "mode", "target")
_OF_FINDING = ("id", "severity", "message")

Artifact = dict[str, object]


@dataclass
class Artifacts:
    """What one run came to.

    :param changes: the last result of a changing module on each component.
    """

    guard: Mapping[str, object] = field(default_factory=dict)
    changes: dict[str, Mapping[str, object]] = field(default_factory=dict)
    failure: str = ""
    would_refuse: bool = False

    def passed(self, result: Mapping[str, object], *, failed: bool) -> None:
        """Note what the guard said; once for all hosts, or once for each: a refusal stays."""
        if not self.guard.get("failed"):
            self.guard = {**result, "failed": failed}
        self.would_refuse |= bool(result.get("would_refuse"))

    def note(self, component: str, result: Mapping[str, object]) -> None:
        """Note the result of a task."""
        self.would_refuse |= bool(result.get("refused"))
        if "plan" in result or "serving" in result:
            self.changes[component] = result

    def failed(self, result: Mapping[str, object]) -> None:
        """Note a failure; the last one tells how it ended."""
        self.failure = redact_shapes(str(result.get("msg") or ""))

    def as_dict(self, *, red: bool) -> Artifact:
        """Return what is left; nothing of a run that no guard has seen.

        :param red: whether a host failed or could not be reached.
        """
        if not self.guard.get("run"):
            return {}
        check = self.guard.get("mode") == "check"
        refused = bool(self.guard.get("failed"))
        return {
            **{key: self.guard.get(key) for key in _OF_GUARD},
            "outcome": "refused" if refused else "failed" if red else "ok",
            "would_refuse": self.would_refuse,
            "changed": any(bool(result.get("changed")) for result in self.changes.values()),
            "rolled_back": any(bool(result.get("rolled_back")) for result in self.changes.values()),
            "serving": {name: result["serving"] for name, result in self.changes.items() if "serving" in result},
            "findings": [
                {"component": name, **{key: each.get(key) for key in _OF_FINDING}}
                for name, result in self.changes.items()
                for each in noticed(result, check=check)
            ],
            "msg": self.failure,
        }


_making: list[Callable[[Any], Artifact]] = []


def offer(manager: Any, make: Callable[[Any], Artifact]) -> None:
    """Have the statistics of the run completed before anybody sees them; of another Ansible they stay as they are.

    :param manager: Ansible's class with C(send_callback).
    :param make: returns the artifact of the run, from its statistics.
    """
    first = not _making
    _making[:] = [make]
    if not first or not hasattr(manager, "send_callback"):
        return
    send = manager.send_callback

    def send_completed(self: Any, method_name: str, *args: Any, **kwargs: Any) -> Any:
        if method_name == _EVENT and args and hasattr(args[0], "set_custom_stats"):
            try:
                found = _making[0](args[0])
            except Exception as error:  # nobody else would hear of the end: this runs before every callback
                found = {"outcome": "unknown", "msg": f"a fault of steady.ops itself ({type(error).__name__})"}
            if found:
                args[0].set_custom_stats(NAME, found)
        return send(self, method_name, *args, **kwargs)

    manager.send_callback = send_completed
