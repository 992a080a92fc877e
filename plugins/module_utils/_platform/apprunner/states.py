# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What App Runner's words mean: its states as a table.

Source: the service model of the API of 2020-05-15 (OperationStatus, ServiceStatus).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._release.protocol import Ending, Operation

# Only SUCCEEDED is success: after ROLLBACK_SUCCEEDED the service is RUNNING again, on the old version.
_ENDINGS: Mapping[str, Ending] = {
    "PENDING": Ending.RUNNING,
    "IN_PROGRESS": Ending.RUNNING,
    "ROLLBACK_IN_PROGRESS": Ending.RUNNING,
    "SUCCEEDED": Ending.SUCCEEDED,
    "ROLLBACK_SUCCEEDED": Ending.REVERTED,
    "ROLLBACK_FAILED": Ending.FAILED,
    "FAILED": Ending.FAILED,
}

_OBSTACLES: Mapping[str, str] = {
    "PAUSED": "is paused and cannot be switched. Resume it (aws apprunner resume-service), which brings back its last"
    " version, and run this again",
    "CREATE_FAILED": "failed to be created and serves nothing. Delete it and deploy again with create: true",
    "DELETE_FAILED": "failed to be deleted. Delete it again or ask AWS support",
}

DELETED = "DELETED"
BUSY = "OPERATION_IN_PROGRESS"
MAKES_A_VERSION = ("CREATE_SERVICE", "UPDATE_SERVICE", "START_DEPLOYMENT")


def ending(status: str) -> Ending:
    """Return what a status means; a word that is not in the table keeps the run waiting."""
    return _ENDINGS.get(status, Ending.RUNNING)


def obstacle(service: str, status: str) -> str:
    """Return why nothing can be switched in this state; empty when it can."""
    reason = _OBSTACLES.get(status)
    return f"The App Runner service {service} {reason}" if reason else ""


def operation(summary: Mapping[str, Any]) -> Operation:
    """Return an OperationSummary of the API as ours."""
    status = str(summary.get("Status", "UNKNOWN"))
    return Operation(
        id=str(summary["Id"]),
        type=str(summary.get("Type", "")),
        status=status,
        ending=ending(status),
        started_at=_time(summary.get("StartedAt")),
        ended_at=_time(summary.get("EndedAt")),
    )


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
