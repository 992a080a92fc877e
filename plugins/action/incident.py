# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wires incidents: they live in the ledger, which only the controller touches.

A front end of its own beside the guard and run_module: there is no module to run and no lease to prove. What it writes
is a swap of one document, so it works while other runs hold everything, and while no component can be reached.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ..module_utils._errors import InvalidInput, OpsError, Refused
from ..module_utils._redact import Redactor
from ..modules.incident import OPTIONS
from ..plugin_utils._incidents.book import Book, book_of
from ..plugin_utils._incidents.doing import Run, carry_out
from ..plugin_utils._incidents.entries import author_of
from ..plugin_utils._incidents.wish import read_wish
from ..plugin_utils._ledger.ledger import open_ledger
from ..plugin_utils._runs.next_command import Commands
from ..plugin_utils._runs.secrets import secrets_in
from ..plugin_utils._runs.variables import readable
from ..plugin_utils._runs.who import who


class ActionModule(ActionBase):
    """C(steady.ops.incident)."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what became of the incident; every failure is one sentence with the command that is the way on."""
        super().run(tmp, task_vars)
        try:
            return self._carry_out(task_vars or {})
        except OpsError as error:
            following = Commands(sys.argv).wanted(error.next)
            msg = f"{error} Next: {following}" if following else str(error)
            return {**error.as_result(), "msg": msg, "failed": True}

    def _carry_out(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        checked = ArgumentSpecValidator(OPTIONS).validate(readable(self._task.args))
        if checked.error_messages:
            raise InvalidInput(f"steady.ops.incident: {checked.error_messages[0]}")
        check = bool(self._task.check_mode)
        # Ansible keeps the name message for itself
        options = {**checked.validated_parameters, "message": checked.validated_parameters["text"]}
        extra = load_extra_vars(self._loader)
        redactor = Redactor(secrets_in(extra))
        wish = read_wish(str(options["action"]), options, redactor)
        permit = options.get("permit") or {}
        if wish.action != "list":
            _refuse_unpermitted(permit, wish.action, check=check)
        url = str(options.get("ledger") or variables.get("ops_ledger") or "")
        system, environment = (str(variables.get(f"ops_{key}") or "") for key in ("system", "environment"))
        author = author_of(redactor.value(who(extra, os.environ)))
        run = Run(str(permit.get("run") or ""), f"{system}/{environment}", author, check)
        result = carry_out(wish, book_at(url, system, environment), run)
        for line in result["lines"] if isinstance(result["lines"], list) else ():
            Display().display(f"  {line}")
        return dict(result)


def book_at(url: str, system: str, environment: str) -> Book:
    """Return where the incidents of an environment are kept: in its ledger, or in what stands in for it.

    :param url: of the ledger that the guard works with, which may be a stand-in.
    :raises OpsError: there is no ledger that could be read.
    """
    return book_of(open_ledger(url, system, environment))


def _refuse_unpermitted(permit: Mapping[str, Any], action: str, *, check: bool) -> None:
    """Raise C(Refused) unless the guard let this very change pass; check mode changes nothing."""
    if check:
        return
    if not permit:
        raise Refused(
            "A change needs a permit and the option permit is empty",
            remedy="Make steady.ops.guard the first task of the play and pass permit: '{{ ops_run.permit }}',"
            " or run with --check.",
        )
    passed = permit.get("runbook"), permit.get("action"), permit.get("mode")
    if passed != ("incident", action, "real"):
        raise Refused(
            f"The permit is for {passed[0]} {passed[1]} in {passed[2]} mode, and this is incident {action}",
            remedy="Pass permit: '{{ ops_run.permit }}' and action: '{{ ops_run.action }}'.",
        )
