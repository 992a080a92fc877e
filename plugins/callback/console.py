# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: console
type: stdout
short_description: Print runs as sentences
version_added: 0.1.0
author: steady.ops contributors (@steady-ops)
description:
  - The default output, but a failure is the sentence that says what failed, why, and what to do, without the result
    around it; messages of M(ansible.builtin.debug) are plain lines; skipped tasks and includes are not shown.
  - From C(-vv) on it is Ansible's own output.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as C(stdout_callback = steady.ops.console) in C(ansible.cfg)
"""

import sys
from typing import Any

from ansible import constants as C
from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_queue_manager import FinalQueue
from ansible.plugins.callback.default import CallbackModule as Default

from ..plugin_utils._runs.handover import protect
from ..plugin_utils._runs.output import never_raise

_VERBOSE = 2


class CallbackModule(Default):
    """Prints runs as sentences."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "steady.ops.console"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last_failures: dict[str, str] = {}
        never_raise(sys.stdout, tell=sys.stderr)
        never_raise(sys.stderr)
        protect(FinalQueue, WorkerProcess)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Keep the heading of an include back until something is included: a loop over nothing has nothing to say."""
        if task.action not in C._ACTION_ALL_INCLUDES or self._display.verbosity >= _VERBOSE:
            super().v2_playbook_on_task_start(task, is_conditional)
            return
        self._task_type_cache[task._uuid] = "TASK"
        self._last_task_name = task.get_name().strip()

    @staticmethod
    def host_label(result: Any) -> str:
        """Return whom a result is about; a delegated host's address is left out where Ansible did not template it."""
        label = str(Default.host_label(result))
        name, _bracket, address = label.partition("(")
        return name if "{{" in address else label

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Print the sentence of a failure."""
        if not self._say_failure(result, result.result):
            super().v2_runner_on_failed(result, ignore_errors)
        elif ignore_errors:
            self._display.display("...ignoring", color=C.COLOR_SKIP)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Print the sentence of a failed item of a loop."""
        if not self._say_failure(result, result.result):
            super().v2_runner_item_on_failed(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Print why a host could not be reached."""
        if not self._say_failure(result, result.result):
            super().v2_runner_on_unreachable(result)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Print a debug message as it was written; anything else as usual."""
        message = result.result.get("msg")
        is_message = result.task.action in C._ACTION_DEBUG and isinstance(message, (str, list)) and not result.task.loop
        if not is_message or self._display.verbosity >= _VERBOSE:
            super().v2_runner_on_ok(result)
            return
        for line in [message] if isinstance(message, str) else message:
            self._display.display(f"  {line}")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Print skipped tasks only when asked for detail."""
        if self._display.verbosity >= _VERBOSE:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """Print skipped items only when asked for detail."""
        if self._display.verbosity >= _VERBOSE:
            super().v2_runner_item_on_skipped(result)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Print includes only when asked for detail."""
        if self._display.verbosity >= _VERBOSE:
            super().v2_playbook_on_include(included_file)

    def _say_failure(self, result: Any, shown: Any) -> bool:
        """Print the sentence; tell whether there was one to print in place of the whole result."""
        message = shown.get("msg")
        items = bool(result.task.loop) and "results" in shown
        if self._display.verbosity >= _VERBOSE or items or not isinstance(message, str) or not message.strip():
            return False
        host = result.host.get_name()
        if self._last_failures.get(host) == message and _in_rescue(result.task):
            return True  # it ends in the failure it was called for
        self._last_failures[host] = message
        if self._last_task_banner != result.task._uuid:
            self._print_task_banner(result.task)
        self._handle_warnings(shown)
        stderr = self.get_option("display_failed_stderr")
        sentence = f"failed: [{self.host_label(result)}] {message.strip()}"
        self._display.display(sentence, color=C.COLOR_ERROR, stderr=stderr)
        return True


def _in_rescue(task: Any) -> bool:
    """Tell whether a task stands in the rescue of a block, at whatever depth."""
    inner, outer = task, task._parent
    while outer is not None:
        if any(inner._uuid == other._uuid for other in getattr(outer, "rescue", ())):
            return True
        inner, outer = outer, outer._parent
    return False
