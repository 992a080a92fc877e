# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: journal
type: notification
short_description: Record runs of steady.ops and end them with one line
version_added: 0.1.0
author: steady.ops contributors (@steady-ops)
description:
  - Gives a run its id, writes its closing entry into the ledger, frees its leases, and prints the last line with
    environment, run, result and target.
  - A run that processed no host, or that went past the guard, ends red.
  - Does nothing for playbooks that do not call M(steady.ops.guard).
requirements:
  - enabled with C(callbacks_enabled = steady.ops.journal) in C(ansible.cfg)
"""

import atexit
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_queue_manager import FinalQueue, TaskQueueManager
from ansible.plugins.callback import CallbackBase
from ansible.utils.vars import load_extra_vars

from ..module_utils._errors import OpsError
from ..module_utils._redact import Redactor
from ..plugin_utils._ledger.processes import Process
from ..plugin_utils._runs.active import Active, activate
from ..plugin_utils._runs.artifacts import Artifact, Artifacts, offer
from ..plugin_utils._runs.closing import Ended, Record, close, interrupted
from ..plugin_utils._runs.handover import protect
from ..plugin_utils._runs.ids import new_run_id
from ..plugin_utils._runs.output import never_raise
from ..plugin_utils._runs.reach import runs_of
from ..plugin_utils._runs.secrets import secrets_in
from ..plugin_utils._runs.signals import end_in_order
from ..plugin_utils._runs.tasks import is_guard
from ..plugin_utils._runs.who import who
from ..plugin_utils._told.noted import Noted


class CallbackModule(CallbackBase):
    """Records runs."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "steady.ops.journal"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._record: Record | None = None
        # here as well as in the console: AWX and others bring an output of their own
        never_raise(sys.stdout, tell=sys.stderr)
        never_raise(sys.stderr)
        protect(FinalQueue, WorkerProcess)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Begin a run when the playbook calls the guard."""
        self._record = None
        process = Process.of(os.getpid())
        if process is None or not any(_guarded([*play.pre_tasks, *play.tasks]) for play in playbook.get_plays()):
            return
        run = new_run_id()
        activate(Active(run, process))
        runs = runs_of(C.config.get_config_value("ANSIBLE_HOME"))
        typed = load_extra_vars(playbook._loader)
        self._record = Record(
            run=run,
            playbook=Path(playbook._file_name).name,
            directory=runs / run,
            begun=time.monotonic(),
            noted=Noted(Redactor(secrets_in(typed))),
            who=who(typed, os.environ),
            typed=typed,
        )
        self._artifacts = Artifacts()
        offer(TaskQueueManager, self._offered)
        # Ansible calls nobody when a person interrupts it
        atexit.register(self._interrupted, os.getpid())
        end_in_order(os.getpid())

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note what the guard let pass."""
        self._note(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Note what the guard refused, and what failed; a play may ignore a refusal, the record does not."""
        self._note(result, failed=True, ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Note an unreachable host."""
        self._note(result, failed=True)

    def _note(self, result: Any, *, failed: bool, ignored: bool = False) -> None:
        if self._record is None:
            return
        if failed and not ignored:
            self._artifacts.failed(result.result)
        if is_guard(result.task):
            self._artifacts.passed(result.result, failed=failed)
            self._record.passed({**result.result, "failed": failed})
            self._record.would_refuse |= bool(result.result.get("would_refuse"))
            return
        self._artifacts.note(str(result.task.delegate_to or result.host.get_name()), result.result)
        self._record.worked = True
        self._record.would_refuse |= bool(result.result.get("refused"))
        name = result.host.get_name()
        delegated = result.result.get("_ansible_delegated_vars") or {}
        component = str(delegated.get("ansible_delegated_host") or name)
        self._record.noted.task(component, result.result, failed=failed and not ignored)
        if failed and not ignored:
            self._record.failed(name, result.task.get_name(), str(result.result.get("msg", "")))

    def _offered(self, stats: Any) -> Artifact:
        found = self._artifacts.as_dict(red=bool(stats.failures or stats.dark)) if self._record else {}
        if not found or not self._artifacts.guard.get("anchors"):
            return found
        from ..plugin_utils._journal.anchors import head_for_artifacts

        head = head_for_artifacts(self._artifacts.guard)
        return {**found, "journal": head} if head else found

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the closing entry, say the last line, and end red what did nothing."""
        record = self._record
        if record is None:
            return
        self._record = None
        bad = sorted(
            host
            for host in stats.processed
            if stats.summarize(host)["failures"] or stats.summarize(host)["unreachable"]
        )
        try:
            ended = close(
                record, processed=sorted(stats.processed), bad_hosts=bad, seconds=time.monotonic() - record.begun
            )
        except OpsError as error:
            self._display.error(str(error), wrap_text=False)
            raise SystemExit(2) from None
        for line in ended.lines:
            self._display.display(line)
        if ended.red:
            self._display.error(ended.red, wrap_text=False)
            raise SystemExit(2)

    def _interrupted(self, process: int) -> None:
        """Say and record how a run ended that did not come to its statistics."""
        record, self._record = self._record, None
        if record is None or os.getpid() != process:
            return
        try:
            ended = interrupted(record, seconds=time.monotonic() - record.begun)
        except OpsError as error:
            ended = Ended((), str(error))
        for line in ended.lines:
            self._display.display(line)
        if ended.red:
            self._display.error(ended.red, wrap_text=False)


def _guarded(tasks: Iterable[Any]) -> bool:
    """Tell whether the guard is among the tasks of a play or of the blocks in it."""
    for task in tasks:
        inner = getattr(task, "block", None)
        if inner is not None:
            if _guarded([*inner, *task.rescue, *task.always]):
                return True
        elif is_guard(task):
            return True
    return False
