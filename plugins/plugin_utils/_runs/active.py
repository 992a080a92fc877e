# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that this process is: set by the journal callback, seen by the action plugins that Ansible forks."""

from __future__ import annotations

from dataclasses import dataclass

from .._ledger.processes import Process


@dataclass
class Active:
    """One playbook run.

    :param process: the ansible-playbook process, whose end is the end of the run.
    """

    run: str
    process: Process


_current: list[Active] = []


def activate(active: Active) -> None:
    """Say that the journal records this process."""
    _current[:] = [active]


def current() -> Active | None:
    """Return the run of this process; None when no journal records it."""
    return _current[0] if _current else None
