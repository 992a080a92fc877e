# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations: the state machine that deploys, pauses, resumes and deletes, in a thread per operation.

A killed fake finds its running operations in the state and runs them again from the start: nothing that an operation
does before its end is lasting, except the switch, which is repeated.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable
from typing import Any

from lab.fakes.apprunner.backends import RESTORE_SECONDS, Backends
from lab.fakes.apprunner.faults import one
from lab.fakes.apprunner.health import wait_healthy
from lab.fakes.apprunner.images import Images
from lab.fakes.apprunner.pace import Pace
from lab.fakes.apprunner.phases import Phases, Stopped
from lab.fakes.apprunner.processes import AppProcess
from lab.fakes.apprunner.state import Operation, Service, State, new_operation
from lab.fakes.apprunner.wire import ApiError

# The service statuses in which an operation may begin; what is not listed needs RUNNING.
ALLOWED = {
    "CREATE_SERVICE": ["CREATING"],
    "UPDATE_SERVICE": ["RUNNING", "CREATE_FAILED"],
    "RESUME_SERVICE": ["PAUSED"],
    "DELETE_SERVICE": ["RUNNING", "PAUSED", "CREATE_FAILED", "DELETE_FAILED"],
}


class Unhealthy(Exception):
    """The new version does not come up; `quick` when the platform knows at once (nothing to pull)."""

    def __init__(self, reason: str, quick: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.quick = quick


class Operations:
    """Starts and runs operations."""

    def __init__(self, state: State, images: Images, backends: Backends, pace: Pace) -> None:
        self._state = state
        self._images = images
        self._backends = backends
        self._pace = pace
        self.phases = Phases(state, pace)

    def begin(self, service: Service, kind: str, faults: list[dict[str, Any]], change: dict[str, Any]) -> Operation:
        """Accept an operation: one at a time, and only in a state that allows it. `change` holds what becomes of the
        service's `config` and `scaling_arn` (whole values). The caller holds the state's lock.
        """
        if service.status not in ALLOWED.get(kind, ["RUNNING"]):
            verb = kind.lower().replace("_", " ")
            raise ApiError("InvalidStateException", f"Cannot {verb} in the current state: {service.status}.")
        before = {
            "config": copy.deepcopy(service.config),
            "scaling_arn": service.scaling_arn,
            "serving": service.serving,
            "status": service.status,
        }
        operation = new_operation(kind, time.time(), before, faults)
        service.config = change.get("config", service.config)
        service.scaling_arn = change.get("scaling_arn", service.scaling_arn)
        service.status = "OPERATION_IN_PROGRESS"
        service.updated = operation.started
        service.operations.insert(0, operation)
        self._state.save()
        self._spawn(service, operation)
        return operation

    def resume_all(self) -> None:
        """After a restart: put each service's process back behind its front port and run what was under way again."""
        restored = []
        for service in list(self._state.services.values()):
            if service.status == "DELETED":
                continue
            current = service.current()
            if service.serving and service.status not in ("PAUSED", "CREATE_FAILED"):
                restored.append(self._backends.restore(service))
            if current:
                self._spawn(service, current)
        for process in restored:
            process.wait_listening(RESTORE_SECONDS)

    def pushed(self, repository: str, tag: str) -> None:
        """A tag was pushed: services that follow it and deploy automatically start a deployment, now or when free."""
        with self._state.lock:
            for service in self._state.services.values():
                source = service.config["SourceConfiguration"]
                if source.get("AutoDeploymentsEnabled") and self._images.follows_tag(service.image, repository, tag):
                    service.pending_push = True
                    self._deploy_push(service)

    def _deploy_push(self, service: Service) -> None:
        if service.pending_push and service.status == "RUNNING":
            service.pending_push = False
            self.begin(service, "START_DEPLOYMENT", [], {})

    def _spawn(self, service: Service, operation: Operation) -> None:
        threading.Thread(target=self._run, args=(service, operation), daemon=True).start()

    def _run(self, service: Service, operation: Operation) -> None:
        """The thread of one operation."""
        work: dict[str, Callable[[Service, Operation], None]] = {
            "PAUSE_SERVICE": self._pause,
            "RESUME_SERVICE": self._deploy,
            "DELETE_SERVICE": self._delete,
        }
        try:
            if operation.status == "ROLLBACK_IN_PROGRESS":
                return self._return_to_old(service, operation)
            self._step(service, operation, "accept")
            if operation.status == "PENDING":
                operation.status = "IN_PROGRESS"
            self._backends.event(service, operation, "started")
            work.get(operation.type, self._deploy)(service, operation)
        except Unhealthy as unhealthy:
            with contextlib.suppress(Stopped):
                self._roll_back(service, operation, unhealthy)
        except Stopped:
            return

    def _step(self, service: Service, operation: Operation, phase: str) -> None:
        self.phases.spend(service, operation, phase)

    def _deploy(self, service: Service, operation: Operation) -> None:
        if operation.type == "RESUME_SERVICE":
            self._step(service, operation, "resume")
            digest, release = service.serving["digest"], service.serving["release"]
        else:
            self._step(service, operation, "pull")
            pulled = self._images.resolve(service.image)
            if pulled is None:
                raise Unhealthy("Failed to pull your application image from ECR: image not found.", quick=True)
            digest, release = pulled
            self._backends.event(service, operation, "pulled")
        self._step(service, operation, "provision")
        if one(operation.faults, "fail"):
            failed = operation.before["status"] if service.serving else "CREATE_FAILED"
            return self._finish(service, operation, "FAILED", failed, restore=True)
        if one(operation.faults, "succeeded_but_old") and service.serving:
            self._step(service, operation, "routing")
            return self._finish(service, operation, "SUCCEEDED", "RUNNING")
        process = self._backends.launch(service, digest, release)
        try:
            self._prove(service, operation, process, release)
            self._step(service, operation, "routing")
            with self._state.lock:
                self.phases.require(service)
                old = self._backends.switch(service, process, digest, release)
        except (Unhealthy, Stopped):
            process.stop()
            raise
        self._step(service, operation, "end")
        self._finish(service, operation, "SUCCEEDED", "RUNNING")
        if old:
            time.sleep(self._pace.seconds("drain"))
            old.stop()
        return None

    def _prove(self, service: Service, operation: Operation, process: AppProcess, release: dict[str, Any]) -> None:
        self._step(service, operation, "health")
        self._backends.event(service, operation, "checking")
        configured = (
            service.config["SourceConfiguration"]["ImageRepository"].get("ImageConfiguration", {}).get("Port", "8080")
        )
        right_port = str(release.get("container_port", configured)) == configured
        reason = wait_healthy(process, service.config["HealthCheckConfiguration"], right_port, self._pace)
        if one(operation.faults, "self_rollback", "rollback_failed"):
            reason = reason or "Health check failed: the instance became unhealthy."
        if reason:
            raise Unhealthy(reason)
        self._backends.event(service, operation, "healthy")

    def _roll_back(self, service: Service, operation: Operation, unhealthy: Unhealthy) -> None:
        """What the platform does with a version that does not come up."""
        operation.reason = unhealthy.reason
        self._backends.event(service, operation, "failed")
        if not operation.before["serving"]:
            return self._finish(service, operation, "FAILED", "CREATE_FAILED")
        if operation.type == "RESUME_SERVICE":
            return self._finish(service, operation, "FAILED", "PAUSED")
        if not unhealthy.quick:
            self._step(service, operation, "unhealthy")
        operation.status = "ROLLBACK_IN_PROGRESS"
        return self._return_to_old(service, operation)

    def _return_to_old(self, service: Service, operation: Operation) -> None:
        self._step(service, operation, "rollback")
        if one(operation.faults, "rollback_failed"):
            return self._finish(service, operation, "ROLLBACK_FAILED", "RUNNING")
        self._backends.revive(service)
        return self._finish(service, operation, "ROLLBACK_SUCCEEDED", "RUNNING", restore=True)

    def _pause(self, service: Service, operation: Operation) -> None:
        self._step(service, operation, "pause")
        if one(operation.faults, "fail"):
            return self._finish(service, operation, "FAILED", "RUNNING")
        self._backends.stop(service)
        return self._finish(service, operation, "SUCCEEDED", "PAUSED")

    def _delete(self, service: Service, operation: Operation) -> None:
        self._step(service, operation, "delete")
        if one(operation.faults, "fail"):
            return self._finish(service, operation, "FAILED", "DELETE_FAILED")
        self._backends.close(service)
        service.deleted = time.time()
        return self._finish(service, operation, "SUCCEEDED", "DELETED")

    def _finish(
        self, service: Service, operation: Operation, status: str, service_status: str, restore: bool = False
    ) -> None:
        with self._state.lock:
            if restore:
                service.config = operation.before["config"]
                service.scaling_arn = operation.before["scaling_arn"]
            operation.status, operation.phase = status, "ended"
            operation.ended = operation.updated = service.updated = time.time()
            operation.before = {}
            service.status = service_status
            self._backends.event(service, operation, "ended")
            self._state.save()
            self._deploy_push(service)
