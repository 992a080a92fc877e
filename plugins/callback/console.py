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
  - Runbooks and tools of this collection are told in sentences, what was noticed is said at the end, worst first, with
    what serves now and the next command. Tasks of others look as in Ansible's default output.
  - On a terminal one line says what goes on. Where no line can be updated in place (no terminal, C(TERM=dumb), AWX, CI)
    every report is a line of its own.
  - From C(-v) on it is Ansible's own output.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as C(stdout_callback = steady.ops.console) in C(ansible.cfg)
"""

import sys
import time
from typing import Any

from ansible import constants as C
from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_queue_manager import FinalQueue
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default

from ..module_utils._clock import format_duration
from ..plugin_utils._runs import gathering
from ..plugin_utils._runs.ending import Ending
from ..plugin_utils._runs.handover import protect
from ..plugin_utils._runs.output import never_raise
from ..plugin_utils._runs.tasks import has_sentences, in_rescue, is_guard, is_ours, speaks
from ..plugin_utils._runs.terminal import Terminal


class CallbackModule(Default):
    """Prints runs as sentences."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "steady.ops.console"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last_failures: dict[str, str] = {}
        self._begun: dict[tuple[str, str], float] = {}
        self._ending = Ending(sys.argv)
        never_raise(sys.stdout, tell=sys.stderr)
        never_raise(sys.stderr)
        protect(FinalQueue, WorkerProcess)
        gathering.switch(not self._detailed)
        self._terminal = Terminal.of(self._display)

    @property
    def _detailed(self) -> bool:
        return bool(self._display.verbosity)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Be ready for an early end, once the journal is: who registers last is asked first."""
        self._terminal.leave_at_exit()
        super().v2_playbook_on_play_start(play)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Keep the heading of a task of ours back until it has something to show."""
        self._terminal.settle()
        if self._detailed or not is_ours(task):
            super().v2_playbook_on_task_start(task, is_conditional)
            return
        self._task_type_cache[task._uuid] = "TASK"
        self._last_task_name = task.get_name().strip()
        self._terminal.hint(self._last_task_name.rpartition(" : ")[2])

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Note when a task began."""
        self._begun[host.get_name(), task._uuid] = time.monotonic()
        super().v2_runner_on_start(host, task)

    @staticmethod
    def host_label(result: Any) -> str:
        """Return whom a result is about; a delegated host's address is left out where Ansible did not template it."""
        label = str(Default.host_label(result))
        name, _bracket, address = label.partition("(")
        return name if "{{" in address else label

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Print the sentence of a failure."""
        self._note(result, failed=not ignore_errors)
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
        """Print of ours what was said and what changed; anything else as usual."""
        self._note(result)
        message = result.result.get("msg")
        is_debug = result.task.action in C._ACTION_DEBUG
        is_message = is_debug and isinstance(message, (str, list)) and not result.task.loop
        if self._detailed or not is_ours(result.task) or (is_debug and not is_message):
            super().v2_runner_on_ok(result)
        elif is_message:
            for line in [message] if isinstance(message, str) else message:
                self._display.display(f"  {line}")
        elif speaks(result.task):
            self._handle_warnings(result.result)
            if not result.task.check_mode:
                self._say_end(result)
        elif result.result.get("changed") and not isinstance(result.task, TaskInclude):
            super().v2_runner_on_ok(result)
        else:
            self._handle_warnings(result.result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Print an item of a loop, of ours only when it changed something."""
        if self._detailed or not is_ours(result.task) or result.result.get("changed"):
            super().v2_runner_item_on_ok(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Print skipped tasks of others."""
        if self._detailed or not is_ours(result.task):
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """Print skipped items of others."""
        if self._detailed or not is_ours(result.task):
            super().v2_runner_item_on_skipped(result)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Print includes of others."""
        if self._detailed or not is_ours(included_file._task):
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print the recap, then what a person must know of the whole run."""
        self._terminal.settle()
        super().v2_playbook_on_stats(stats)
        ending, self._ending = self._ending, Ending(sys.argv)
        lines = [] if self._detailed else ending.lines(red=bool(stats.failures or stats.dark))
        for line in [*lines, ""] if lines else ():
            self._display.display(line)

    def _note(self, result: Any, *, failed: bool = False) -> None:
        component = str(result.task.delegate_to or result.host.get_name())
        self._terminal.settle(component)
        if is_guard(result.task):
            self._ending.passed(result.result)
        else:
            self._ending.note(component, result.result)
        if failed:
            self._ending.failed(result.result)

    def _say_end(self, result: Any) -> None:
        """Print that a module has ended, and after how long."""
        word, colour = ("changed", C.COLOR_CHANGED) if result.result.get("changed") else ("ok", C.COLOR_OK)
        begun = self._begun.pop((result.host.get_name(), result.task._uuid), None)
        took = f" after {format_duration(time.monotonic() - begun)}" if begun is not None else ""
        self._display.display(f"{word}: [{self.host_label(result)}]{took}", color=colour)

    def _say_failure(self, result: Any, shown: Any) -> bool:
        """Print the sentence; tell whether there was one to print in place of the whole result."""
        message = shown.get("msg")
        items = bool(result.task.loop) and "results" in shown
        if self._detailed or items or not has_sentences(result.task, shown):
            return False
        self._terminal.settle()
        host = result.host.get_name()
        if self._last_failures.get(host) == message and in_rescue(result.task):
            return True  # it ends in the failure it was called for
        self._last_failures[host] = message
        if self._last_task_banner != result.task._uuid:
            self._print_task_banner(result.task)
        self._handle_warnings(shown)
        stderr = self.get_option("display_failed_stderr")
        sentence = f"failed: [{self.host_label(result)}] {message.strip()}"
        self._display.display(sentence, color=C.COLOR_ERROR, stderr=stderr)
        return True
