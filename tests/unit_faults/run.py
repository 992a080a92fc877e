"""One command over several components, as guard and role carry it out: settle, rehearse, switch, and the rescue's undo.

The job of the driver C(unit)::

    {"do": "unit", "ledger": URL, "run": id, "run_dir": path, "result": path, "action": "deploy", "wish": {...},
     "members": ["web", "api"], "args": {component: the module's options}, "pause_at": "switch api",
     "kill_before": "undo web", "kill_at": n, "count_from": "switch api", "full_from": n,
     "kill_step": "after unit settles"}

Tasks are called by part and component. C(pause_at) waits before that task until the file C(go) is in the run's
directory; C(count_from) begins to count C(kill_at)'s boundaries and C(full_from)'s writes there. C(kill_step) names
a single step as tests/unit_faults/steps.py does. The answer holds C(boundaries), how many there were, and C(steps).
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.steady.ops.plugins.filter.failed_unit import failed_unit
from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.modules import apprunner_deploy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines, ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conduct import conduct
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.membership import step_from
from ansible_collections.steady.ops.plugins.plugin_utils._runs.secrets import secrets_in
from ansible_collections.steady.ops.plugins.plugin_utils._runs.shapes import unit_of
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit, course_of_run
from tests.unit_faults.steps import Steps, entry_of, switch_of

Job = dict[str, Any]
SYSTEM, ENVIRONMENT = "shop", "lab"
PATIENCE = 40.0


class Whole:
    """A command over components in this process."""

    def __init__(self, job: Job, module: str, execute: Callable[[Job, bool], Job], boundaries: Any) -> None:
        self.job, self.module, self.execute, self.boundaries = job, module, execute, boundaries
        self.lines: list[str] = []
        self.results: list[Job] = []
        self.kill_at, self.counting = job.get("kill_at"), not job.get("count_from")
        self.steps = Steps(job.get("kill_step"))
        self._fill_up()
        self._name_steps()

    def play(self) -> Job:
        """Carry it out and return the answer."""
        try:
            opened = ledger.open_ledger(self.job["ledger"], SYSTEM, ENVIRONMENT)
            permit = self._permit(opened)
            wanted = Unit(self.job["run"], self.job["action"], tuple(self.job["members"]), self.job["wish"])
            course = course_of_run(wanted, opened.releases.records())
        except OpsError as error:
            return {"result": {"failed": True, "msg": str(error), "unit_told": ""}, "lines": [], "results": []}
        result = self._carry_out(unit_of(course, permit, check=False))
        seen = {"boundaries": self.boundaries.passed, "steps": self.steps.names}
        with contextlib.suppress(OpsError):
            opened.leases.release(self.job["run"])
        return {"result": result, "lines": self.lines, "results": self.results, **seen}

    def _carry_out(self, unit: Job) -> Job:
        failure: Job = {}
        for part in ("settle", "rehearse", "switch"):
            for step in unit[part]:
                if not failure:
                    result = self._task(part, step)
                    failure = result if result.get("failed") else {}
        if not failure:
            return {"failed": False, "msg": "", "unit_told": ""}
        undone: Job = {}
        for step in unit["undo"]:
            undone = self._task("undo", step)
            if undone.get("failed"):
                return {"failed": True, "msg": f"the rescue broke: {undone.get('msg')}", "unit_told": ""}
        told = str(undone.get("unit_told") or "")
        return {"failed": True, "msg": failed_unit(failure, undone), "unit_told": told, "next": failure.get("next")}

    def _task(self, part: str, step: Job) -> Job:
        component = str(step["component"])
        self._reached(f"{part} {component}")
        args = {**self.job["args"][component], **{key: value for key, value in step.items() if key != "component"}}
        conductor = Conductor(
            module=self.module,
            object=f"{SYSTEM}/{ENVIRONMENT}/{component}",
            execute=self.execute,
            # as each task does, for another tool may have written since
            ledger=ledger.open_ledger(self.job["ledger"], SYSTEM, ENVIRONMENT),
            say=self.lines.append,
            clock=SystemClock(),
            redactor=Redactor(secrets_in(args)),
            progress_path=str(Path(self.job["run_dir"]) / f"progress-{len(self.results)}.jsonl"),
            unit=step_from(step["permit"]),
        )
        result = conduct(conductor, args, check=part == "rehearse")
        self.results.append({"part": part, "component": component, **result})
        return result

    def _reached(self, name: str) -> None:
        if name == self.job.get("kill_before"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == self.job.get("count_from"):
            self.counting = True
            self.boundaries.kill_from_here(self.kill_at)
        if name == self.job.get("pause_at"):
            directory = Path(self.job["run_dir"])
            (directory / "paused").touch()
            deadline = time.monotonic() + PATIENCE
            while not (directory / "go").exists() and time.monotonic() < deadline:
                time.sleep(0.01)

    def _fill_up(self) -> None:
        """Let the disk be full from the n-th write of an entry on."""
        first = self.job.get("full_from")
        if not first:
            return
        write, written = FileStore.put_if_absent, [0]

        def put_if_absent(store: FileStore, key: str, data: bytes) -> bool:
            if self.counting and "/entries/" in key:
                written[0] += 1
                if written[0] >= first:
                    with store._guarded("written"):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(store, key, data)

        FileStore.put_if_absent = put_if_absent  # type: ignore[method-assign]

    def _name_steps(self) -> None:
        apprunner_deploy.call = self.steps.around(apprunner_deploy.call, switch_of)
        FileStore.put_if_absent = self.steps.around(FileStore.put_if_absent, entry_of)  # type: ignore[method-assign]

    def _permit(self, opened: ledger.Ledger) -> Job:
        """Take the leases from whoever had them (the caller knows that he is dead)."""
        run, directory = self.job["run"], Path(self.job["run_dir"])
        names = sorted(f"{SYSTEM}/{ENVIRONMENT}/{name}" for name in self.job["members"])
        process = Process.of(os.getpid())
        assert process is not None
        deadlines.make(directory, run, process)
        holder = Holder(run, "tester", "here", this_place(), process, None, str(directory))
        leases = opened.leases.acquire(names, holder, over=[known.token for known in opened.leases.all()])
        deadlines.extend(directory, leases, deadlines.boot_seconds())
        path = partial(deadlines.path_for, directory)
        held = [
            {"object": lease.object, "token": lease.token, "lease_deadline_path": str(path(lease.object))}
            for lease in leases
        ]
        action = self.job["action"]
        return {"run": run, "runbook": action, "action": action, "objects": held, "approved_plan_hashes": [],
                "mode": "real", "lab": True}  # fmt: skip
