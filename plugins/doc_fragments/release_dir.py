# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that works with release directories."""

from __future__ import annotations


class ModuleDocFragment:
    """Where a component's releases lie, and what keeps it running."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - Directory of the component, absolute. Below it lie C(releases/), C(shared/) and the link C(current).
      - The supervisor's own configuration names paths through C(current), such as C(WorkingDirectory=/srv/api/current).
    type: path
    required: true
  supervisor:
    description: What keeps the application running on this machine.
    type: dict
    required: true
    suboptions:
      kind:
        description: The program that does.
        type: str
        choices: [systemd, pm2, command]
        required: true
      unit:
        description: For V(systemd), the service unit.
        type: str
      process:
        description: For V(pm2), the name of the application.
        type: str
      ecosystem:
        description:
          - For V(pm2), the file that describes the application; a relative path lies within the release.
          - Write C(cwd) in it through C(current). An application whose paths are resolved (C(__dirname)) is deleted
            from pm2 and started again with each switch, because pm2 would keep it in the old release.
        type: path
      home:
        description: For V(pm2), its directory, C(PM2_HOME), which must be this user's; C(~/.pm2) where it is not given.
        type: path
      program:
        description: For V(pm2), the path of pm2 itself, where the user's C(PATH) does not lead to it.
        type: path
      start:
        description:
          - For V(command), the program and arguments that start the application and return; required there.
          - C(STEADY_CURRENT) and C(STEADY_RELEASE) in its environment name the link and the release's directory.
        type: list
        elements: str
      stop:
        description: For V(command), what stops the application and returns when it has ended.
        type: list
        elements: str
      reload:
        description: For V(command), what makes the running application take the new release.
        type: list
        elements: str
      status:
        description: For V(command), what ends with 0 while the application runs.
        type: list
        elements: str
      pid_file:
        description: For V(command), the file that holds the id of its process; better than O(supervisor.status).
        type: path
      log_file:
        description: For V(command), the application's log; its last lines explain a failure.
        type: path
      timeout_seconds:
        description: How long one call of the supervisor's program may take.
        type: float
        default: 60.0
"""
