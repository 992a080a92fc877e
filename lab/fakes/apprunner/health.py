# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform's health check of a new process, made for real with the service's own HealthCheckConfiguration."""

from __future__ import annotations

import http.client
import socket
import time
from typing import Any

from lab.fakes.apprunner.pace import Pace
from lab.fakes.apprunner.processes import AppProcess

DEFAULTS: dict[str, Any] = {
    "Protocol": "TCP",
    "Path": "/",
    "Interval": 5,
    "Timeout": 2,
    "HealthyThreshold": 1,
    "UnhealthyThreshold": 5,
}


def wait_healthy(process: AppProcess, check: dict[str, Any], right_port: bool, pace: Pace) -> str:
    """Check until the verdict: "" when healthy, else why not.

    A process that does not listen yet has the `startup` duration; one that listens has UnhealthyThreshold tries in a
    row. `right_port` False: the service looks at a port on which this image never listens.
    """
    good = bad = 0
    deadline = time.monotonic() + pace.seconds("startup")
    while True:
        if process.exit_code is not None:
            return f"Your application stopped or failed to start. Container exit code: {process.exit_code}"
        port = process.port if right_port else None
        if port is None:
            if time.monotonic() > deadline:
                return "Health check failed: nothing listens on the configured port."
            time.sleep(0.02)
            continue
        if _passes(port, check, pace.timeout(check["Timeout"])):
            good, bad = good + 1, 0
        else:
            good, bad = 0, bad + 1
        if good >= check["HealthyThreshold"]:
            return ""
        if bad >= check["UnhealthyThreshold"]:
            return f"Health check failed on protocol {check['Protocol']} [Path: '{check['Path']}']."
        time.sleep(pace.interval(check["Interval"]))


def _passes(port: int, check: dict[str, Any], timeout: float) -> bool:
    if check["Protocol"] == "TCP":
        try:
            socket.create_connection(("127.0.0.1", port), timeout).close()
        except OSError:
            return False
        return True
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", check["Path"], headers={"User-Agent": "AWS AppRunner HealthCheck"})
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
