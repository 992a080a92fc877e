# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands behind the services: fronts, processes, and their lines in CloudWatch Logs."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

from lab.fakes.apprunner.logs import LogStore, group_name
from lab.fakes.apprunner.processes import AppProcess, Processes
from lab.fakes.apprunner.proxy import Front
from lab.fakes.apprunner.state import Operation, Service, State

TITLES = {
    "CREATE_SERVICE": "Service creation",
    "UPDATE_SERVICE": "Service update",
    "START_DEPLOYMENT": "Deployment",
    "PAUSE_SERVICE": "Service pause",
    "RESUME_SERVICE": "Service resume",
    "DELETE_SERVICE": "Service deletion",
}
ENDINGS = {
    "SUCCEEDED": "completed successfully.",
    "FAILED": "failed.",
    "ROLLBACK_SUCCEEDED": "failed. Successfully rolled back to the last running version.",
    "ROLLBACK_FAILED": "failed, and so did the rollback.",
}
# How long a version that served before may take to listen again before the fake goes on without it.
RESTORE_SECONDS = 5.0


class Backends:
    """Fronts and processes by service."""

    def __init__(self, state: State, processes: Processes, logs: LogStore) -> None:
        self._state = state
        self._processes = processes
        self._logs = logs
        self._fronts: dict[str, Front] = {}

    def open(self, arn: str, port: int) -> int:
        """Open a service's front (port 0: a free one); returns its port."""
        front = Front(port, lambda: self._port_behind(arn), lambda: self._is_paused(arn))
        self._fronts[arn] = front
        return front.server_port

    def _port_behind(self, arn: str) -> int | None:
        process = self._processes.serving(arn)
        return process.port if process else None

    def _is_paused(self, arn: str) -> bool:
        service = self._state.services.get(arn)
        return service is not None and service.status == "PAUSED"

    def process(self, service: Service) -> AppProcess | None:
        """The process behind the front port."""
        return self._processes.serving(service.arn)

    def launch(self, service: Service, digest: str, release: dict[str, Any]) -> AppProcess:
        """Start a release with the service's environment; it serves nothing yet."""
        return self._start(service, digest, release, self.environment(service))

    def environment(self, service: Service) -> dict[str, str]:
        """The environment that App Runner gives to the application; secrets have the values set by the control API."""
        given = service.config["SourceConfiguration"]["ImageRepository"].get("ImageConfiguration", {})
        values = self._state.settings.get("secrets", {})
        secrets = given.get("RuntimeEnvironmentSecrets", {})
        resolved = {name: str(values.get(source, f"lab-secret-{name}")) for name, source in secrets.items()}
        return {**given.get("RuntimeEnvironmentVariables", {}), **resolved, "PORT": given.get("Port", "8080")}

    def _start(self, service: Service, digest: str, release: dict[str, Any], environment: dict[str, str]) -> AppProcess:
        group = group_name(service.name, service.id, "application")
        stream = f"instance/{uuid.uuid4().hex}"
        process = self._processes.launch(digest, release, environment)
        process.follow(
            lambda line: self._logs.append(group, stream, line),
            lambda ended: self._restart(service, ended),
        )
        return process

    def _restart(self, service: Service, ended: AppProcess) -> None:
        """Start a serving process that ended by itself again, when the control API asked for that."""
        seconds = self._state.settings.get("restart_seconds")
        if seconds is None:
            return
        time.sleep(float(seconds))
        with self._state.lock:
            if self._processes.serving(service.arn) is ended:
                self.restore(service)

    def switch(self, service: Service, process: AppProcess, digest: str, release: dict[str, Any]) -> AppProcess | None:
        """Route the front port to a process; returns the one before, which still runs."""
        with self._state.lock:
            service.serving = {"digest": digest, "release": release, "environment": self.environment(service)}
            old = self._processes.switch(service.arn, process)
            self._state.save()
        return old

    def restore(self, service: Service) -> AppProcess:
        """Start again what served: after a restart of the fake, or when it had died."""
        serving = service.serving
        process = self._start(service, serving["digest"], serving["release"], serving["environment"])
        old = self._processes.switch(service.arn, process)
        if old:
            old.stop()
        return process

    def revive(self, service: Service) -> None:
        """Make sure that the serving version has a living process."""
        process = self.process(service)
        if process is None or process.exit_code is not None:
            self.restore(service).wait_listening(RESTORE_SECONDS)

    def stop(self, service: Service) -> None:
        """Leave nothing behind the front port."""
        process = self._processes.switch(service.arn, None)
        if process:
            process.stop()

    def close(self, service: Service) -> None:
        """Take process and front away."""
        self.stop(service)
        front = self._fronts.pop(service.arn, None)
        if front:
            front.close()

    def close_all(self) -> None:
        """Take everything away."""
        self._processes.stop_all()
        for front in self._fronts.values():
            threading.Thread(target=front.close, daemon=True).start()
        self._fronts = {}

    def event(self, service: Service, operation: Operation, what: str) -> None:
        """Write one of App Runner's own event lines about an operation."""
        check = service.config["HealthCheckConfiguration"]
        image = service.config["SourceConfiguration"]["ImageRepository"]
        port = image.get("ImageConfiguration", {}).get("Port", "8080")
        where = f"[Path: '{check['Path']}'], [Port: '{port}']"
        title = TITLES[operation.type]
        lines = {
            "started": f"{title} started.",
            "pulled": "Successfully pulled your application image from ECR.",
            "checking": f"Performing health check on protocol `{check['Protocol']}` {where}.",
            "healthy": "Health check is successful. Routing traffic to application.",
            "failed": f"{operation.reason} See application logs for more information.",
            "ended": f"{title} with ID : {operation.id} {ENDINGS.get(operation.status, '')}",
        }
        group = group_name(service.name, service.id, "service")
        self._logs.append(group, "events", f"[AppRunner] {lines[what]}")
        self._logs.append(group, f"deployment/{operation.id.replace('-', '')}", f"[AppRunner] {lines[what]}")
