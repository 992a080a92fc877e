"""The side under test: the real front end over the real ledger and the real module, in a process that may be killed.

`python -m tests.faults.driver ENDPOINT` imports the collection once and then forks a child for each job, so that a run
costs no start-up and its death harms nobody. It reads one job per line from standard input and answers `{"pid"}` when
the child is there and `{"pid", "status"}` when it has ended. A job is JSON::

    {"do": "initialise" | "conduct", "ledger": URL, "object": "shop/lab/api", "run": id, "run_dir": path,
     "args": the module's options, "check": bool, "result": path of the answer, "lease_seconds": 50,
     "kill_at": n or null, "disk_full": "intent" | "entries" | "journal" | "" }

The job `unit` is described in tests/unit_faults/run.py. `kill_at` ends the run by SIGKILL at its n-th step boundary:
before and after each call of a provider, each look at the application and each write of the ledger. Pauses between
attempts are shortened and the clients of the SDK are made once for all children; everything else is as it is.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore.retries.standard
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.module_utils import _deploy
from ansible_collections.steady.ops.plugins.module_utils._aws.options import AwsConnection
from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.module_utils._release import attempt
from ansible_collections.steady.ops.plugins.modules import apprunner_deploy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines, ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conduct import conduct
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.secrets import secrets_in
from tests.unit_faults.run import Whole

Job = dict[str, Any]
MODULE = "steady.ops.apprunner_deploy"
KEY = "canary-of-the-fault-suite"


class Boundaries:
    """Counts the step boundaries of a run, and ends the run at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.passed = 0
        self._kill_at = kill_at

    def cross(self) -> None:
        """Pass one boundary, or die at it."""
        self.passed += 1
        if self.passed == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def kill_from_here(self, kill_at: int | None) -> None:
        """Count anew, and end the run at that boundary from here."""
        self.passed, self._kill_at = 0, kill_at

    def around(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        """Return the effect with a boundary before and one after it."""

        def bounded(*args: Any, **kwargs: Any) -> Any:
            self.cross()
            try:
                return effect(*args, **kwargs)
            finally:
                self.cross()

        return bounded


def serve(endpoint: str) -> None:
    """Fork a child for each job that comes in."""
    _hasten(endpoint)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    children: set[int] = set()
    reading = os.fdopen(os.dup(0), "rb", buffering=0)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waker, sleeper = os.pipe()
    os.set_blocking(sleeper, False)
    signal.set_wakeup_fd(sleeper)
    while True:
        ready, _rest, _rest = select.select([reading, waker], [], [])
        if waker in ready:
            os.read(waker, 4096)
            for pid in list(children):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    children.remove(pid)
                    print(json.dumps({"pid": pid, "status": status}), flush=True)
        if reading in ready:
            line = reading.readline()
            if not line:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                _live(json.loads(line))
            children.add(pid)
            print(json.dumps({"pid": pid}), flush=True)


def _live(job: Job) -> None:
    """Do one job and end without cleaning up, as a killed run would not either."""
    code = 1
    try:
        devnull = os.open(os.devnull, os.O_RDWR)
        os.dup2(devnull, 0)
        os.dup2(devnull, 1)
        answer = {"initialise": initialise, "conduct": drive, "unit": drive_unit}[job["do"]](job)
        page = Path(job["result"])
        page.with_suffix(".new").write_text(json.dumps(answer, default=str), encoding="utf-8")
        page.with_suffix(".new").replace(page)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def initialise(job: Job) -> Job:
    """Make the ledger."""
    system, environment, _component = job["object"].split("/")
    ledger.initialise(job["ledger"], system, environment)
    return {"result": {}}


def drive(job: Job) -> Job:
    """Do what guard and front end do for one task: open the ledger, take the lease, conduct the module."""
    lines: list[str] = []
    boundaries = Boundaries(job.get("kill_at"))
    _instrument(job, boundaries)
    system, environment, _component = job["object"].split("/")
    try:
        opened = ledger.open_ledger(job["ledger"], system, environment)
        permit = _permit(opened, job)
    except OpsError as error:
        return {"result": {**error.as_result(), "failed": True}, "lines": [], "boundaries": 0}
    conductor = Conductor(
        module=MODULE,
        object=job["object"],
        execute=_execute,
        ledger=opened,
        say=lines.append,
        clock=SystemClock(),
        redactor=Redactor(secrets_in(job["args"])),
        progress_path=str(Path(job["run_dir"]) / "progress-1.jsonl"),
    )
    result = conduct(conductor, {**job["args"], "permit": permit}, check=job["check"])
    passed = boundaries.passed
    if not job["check"]:
        with contextlib.suppress(OpsError):
            opened.leases.release(job["run"])
    return {"result": result, "lines": lines, "boundaries": passed}


def drive_unit(job: Job) -> Job:
    """Do what guard and role do for one command over several components."""
    boundaries = Boundaries(None if job.get("count_from") else job.get("kill_at"))
    _instrument(job, boundaries)
    return Whole(job, MODULE, _execute, boundaries).play()


def _permit(opened: ledger.Ledger, job: Job) -> Job:
    """Take the lease from whoever had it (the caller knows that he is dead); keep its deadline where modules look."""
    name, run, directory = job["object"], job["run"], Path(job["run_dir"])
    lease: Job = {"object": name, "token": 0, "lease_deadline_path": ""}
    if not job["check"]:
        process = Process.of(os.getpid())
        assert process is not None
        deadlines.make(directory, run, process)
        holder = Holder(run, "tester", "here", this_place(), process, None, str(directory))
        (taken,) = opened.leases.acquire([name], holder, over=[known.token for known in opened.leases.all()])
        since = deadlines.boot_seconds() + job.get("lease_seconds", 50) - 55
        deadlines.extend(directory, [taken], since)
        lease = {"object": name, "token": taken.token, "lease_deadline_path": str(deadlines.path_for(directory, name))}
    return {
        "run": run,
        "runbook": "rollback" if job["args"].get("state") == "rolled_back" else "deploy",
        "action": "rollback" if job["args"].get("state") == "rolled_back" else "deploy",
        "objects": [lease],
        "approved_plan_hashes": [],
        "mode": "check" if job["check"] else "real",
        "lab": True,
    }


def _execute(options: Job, planning: bool) -> Job:
    """Run the module in this process, as Ansible would in another: options in as JSON, the answer out as JSON."""
    given = {key: value for key, value in options.items() if value is not None}
    given["_ansible_check_mode"] = planning
    said = io.StringIO()
    options_given = patch_module_args(json.loads(json.dumps(given)))
    with contextlib.redirect_stdout(said), options_given, contextlib.suppress(SystemExit):
        apprunner_deploy.main()
    lines = [line for line in said.getvalue().splitlines() if line.startswith("{")]
    result: Job = json.loads(lines[-1]) if lines else {"failed": True, "msg": "The module ended without a result"}
    result.pop("invocation", None)
    return result


def _instrument(job: Job, boundaries: Boundaries) -> None:
    apprunner_deploy.call = boundaries.around(apprunner_deploy.call)
    _deploy.fetch = boundaries.around(_deploy.fetch)
    wanted, write = job.get("disk_full", ""), FileStore.put_if_absent

    def put_if_absent(store: FileStore, key: str, data: bytes) -> bool:
        if wanted and _is_write_of(wanted, key, data):
            with store._guarded("written"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(store, key, data)

    FileStore.put_if_absent = boundaries.around(put_if_absent)  # type: ignore[method-assign]
    FileStore.compare_and_swap = boundaries.around(FileStore.compare_and_swap)  # type: ignore[method-assign]


def _is_write_of(wanted: str, key: str, data: bytes) -> bool:
    if wanted == "journal":
        return key.startswith("journal/entries/")
    records = json.loads(data).get("records", []) if key.startswith("releases/entries/") else []
    announces = any(record.get("kind") == "intent" and record.get("state") == "open" for record in records)
    return bool(records) and announces == (wanted == "intent")


def _hasten(endpoint: str) -> None:
    """Shorten pauses that are made for a real provider, and make the clients before the children are forked."""
    attempt._THROTTLE_PAUSES = (0.1, 0.1, 0.1, 0.1)
    backoff = botocore.retries.standard.ExponentialBackoff
    slow = backoff.delay_amount
    backoff.delay_amount = lambda self, context: slow(self, context) / 50  # type: ignore[method-assign]
    apprunner_deploy.client = lru_cache(maxsize=32)(apprunner_deploy.client)
    connection = AwsConnection(region="us-east-1", access_key=KEY, secret_key=KEY, endpoint_url=endpoint)
    for service, mutating in (("apprunner", False), ("apprunner", True), ("ecr", False), ("logs", False)):
        apprunner_deploy.client(connection, service, mutating=mutating)


if __name__ == "__main__":
    serve(sys.argv[1])
