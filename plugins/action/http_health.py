# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks in Ansible's own process where that is the place to ask from: starting a module costs more than the question.

With any other connection, with become or an environment of the task's own, the module asks from there, as it would
without this.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..module_utils._errors import OpsError
from ..module_utils._redact import Redactor
from ..modules.http_health import OPTIONS, answer
from ..plugin_utils._runs.variables import readable

_NAME = "steady.ops.http_health"


class ActionModule(ActionBase):
    """C(steady.ops.http_health), in process or as the module that it is."""

    _supports_check_mode = True
    _supports_async = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; every failure is one."""
        super().run(tmp, task_vars)
        if not self._is_here():
            found: dict[str, Any] = self._execute_module(task_vars=task_vars, wrap_async=bool(self._task.async_val))
            return found
        args = readable(self._task.args)
        checked = ArgumentSpecValidator(OPTIONS).validate(args)
        if checked.error_messages:
            unknown = f"Unsupported parameters for ({_NAME}) module: " if checked.unsupported_parameters else ""
            return _masked({"failed": True, "msg": f"{unknown}{checked.error_messages[0]}"}, args)
        try:
            return _masked(answer(checked.validated_parameters), args)
        except OpsError as error:
            return _masked({**error.as_result(), "failed": True}, args)

    def _is_here(self) -> bool:
        """Tell whether the module would ask as this process does: from the same place, as the same account."""
        connection = self._connection
        changed = self._task.async_val or connection.become or any(self._task.environment or ())
        return connection.transport == "local" and not changed


def _masked(result: dict[str, object], args: object) -> dict[str, Any]:
    """Return the result without the token, wherever it was said."""
    probes = [args.get(name) for name in ("probe", "readiness")] if isinstance(args, dict) else []
    tokens = [probe.get("bearer_token") for probe in probes if isinstance(probe, dict)]
    shown: dict[str, Any] = Redactor([token for token in tokens if isinstance(token, str) and token]).value(result)
    return shown
