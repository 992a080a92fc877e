# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who started this run, and from where."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Mapping

_AWX = ("awx_job_id", "awx_job_launch_type", "awx_user_name", "awx_schedule_name", "awx_workflow_job_id")


# set by the units that schedule.yml writes
SCHEDULE = "STEADY_SCHEDULE"


def user_name() -> str:
    """Return the account's name, and the number where it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def who(extra_variables: Mapping[str, object], environment: Mapping[str, str]) -> dict[str, object]:
    """Return who runs this: account, host, the account before sudo, the schedule, and what AWX says of its user."""
    found: dict[str, object] = {"user": user_name(), "host": socket.gethostname(), "pid": os.getppid()}
    if environment.get("SUDO_USER"):
        found["sudo_user"] = environment["SUDO_USER"]
    if environment.get(SCHEDULE):
        found["schedule"] = environment[SCHEDULE]
    awx = {name: str(extra_variables[name]) for name in _AWX if name in extra_variables}
    if awx:
        found["awx"] = awx
    return found
