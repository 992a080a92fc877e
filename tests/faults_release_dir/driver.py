"""The side under test: the real front end over the real ledger and the real module, as tests/faults/driver.py runs it.

Beside its keys a job takes these::

    "at": [{"effect": "replace", "match": "/current", "nth": 1, "when": "before", "do": argv, "die": false,
            "switched": false}]
    "user": 65534, "jump": seconds, "path": directory

`at` lets an outside program do something exactly at a step of the real run (not of its plan): right before or after the
nth call of that effect whose arguments hold `match` (with `switched`: since the link was switched); `die` ends the run
there by SIGKILL. Effects are the calls of os by which a run changes the disk, `run` (a program of the supervisor) and
`fetch` (a look at the application). `jump` sets the wall clock of the run by so many seconds when the real run begins;
`path` comes before all others in PATH.
"""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ansible_collections.steady.ops.plugins.module_utils import _deploy
from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._release import attempt
from ansible_collections.steady.ops.plugins.modules import release_dir_deploy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from tests.faults import driver as base

Job = dict[str, Any]
BOUNDARIES = ("replace", "rename", "symlink", "mkdir", "unlink", "fsync", "link", "chown", "fchmod")


class Script:
    """What happens at which step of the real run."""

    def __init__(self, job: Job) -> None:
        self.acts = list(job.get("at") or [])
        self.jump = float(job.get("jump") or 0)
        self.live = self.switched = False
        self._met: Counter[int] = Counter()
        self._busy = False

    def play(self, effect: str, given: str, when: str) -> None:
        """Do what is due at this step."""
        if not self.live or self._busy:
            return
        for number, act in enumerate(self.acts):
            if act["effect"] != effect or act.get("when", "before") != when or act.get("match", "") not in given:
                continue
            if act.get("switched") and not self.switched:
                continue
            self._met[number] += 1
            if self._met[number] == act.get("nth", 1):
                self._carry_out(act)

    def _carry_out(self, act: Job) -> None:
        self._busy = True
        try:
            if act.get("do"):
                subprocess.run(act["do"], check=True, stdin=subprocess.DEVNULL)
            if act.get("die"):
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            self._busy = False

    def around(self, name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
        """Return the effect with its steps before and after it."""

        def played(*args: Any, **named: Any) -> Any:
            given = " ".join(str(part) for part in (*args, *named.values()))
            self.play(name, given, "before")
            done = effect(*args, **named)
            self.switched |= self.live and name == "replace" and given.endswith("/current")
            self.play(name, given, "after")
            return done

        return played


def _instrument(job: Job, boundaries: base.Boundaries) -> None:
    script = Script(job)
    if job.get("path"):
        os.environ["PATH"] = f"{job['path']}{os.pathsep}{os.environ['PATH']}"
    for name in (*BOUNDARIES, "open"):
        effect = script.around(name, getattr(os, name))
        setattr(os, name, effect if name == "open" else boundaries.around(effect))
    SubprocessRunner.run = boundaries.around(script.around("run", SubprocessRunner.run))  # type: ignore[method-assign]
    _deploy.fetch = boundaries.around(script.around("fetch", _deploy.fetch))
    FileStore.put_if_absent = boundaries.around(FileStore.put_if_absent)  # type: ignore[method-assign]
    FileStore.compare_and_swap = boundaries.around(FileStore.compare_and_swap)  # type: ignore[method-assign]
    now = SystemClock.now
    SystemClock.now = lambda self: (
        now(self)
        + timedelta(  # type: ignore[method-assign]
            seconds=script.jump if script.live else 0
        )
    )

    def execute(options: Job, planning: bool) -> Job:
        script.live = not planning
        try:
            return _execute(options, planning)
        finally:
            script.live = False

    base._execute = execute


def _drive(job: Job) -> Job:
    if job.get("user"):
        # what is imported late lies where that user may not look
        for codec in ("ascii", "idna", "latin-1", "utf-8-sig"):
            codecs.lookup(codec)
        os.setgroups([])
        os.setgid(job["user"])
        os.setuid(job["user"])
    return drive(job)


def _hasten(endpoint: str) -> None:
    """Nothing but shorter pauses: there is no provider."""
    attempt._THROTTLE_PAUSES = (0.1, 0.1, 0.1, 0.1)


drive, _execute = base.drive, base._execute
base.MODULE, base.apprunner_deploy = "steady.ops.release_dir_deploy", release_dir_deploy
base._instrument, base.drive, base._hasten = _instrument, _drive, _hasten

if __name__ == "__main__":
    base.serve(sys.argv[1])
