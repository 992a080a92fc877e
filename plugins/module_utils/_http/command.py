# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging what a probe's command came to. Pure.

An exit code other than 0 is C(critical). A command that gave no verdict (it could not be started, hung, was ended by a
signal, or lacks a variable) is C(unknown).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .._findings import Finding, Severity
from .._own_command import Ended, NoEnd, OwnCommand
from .judge import Verdict

RunCommand = Callable[[OwnCommand], "Ended | NoEnd"]


def judge_command(command: OwnCommand, outcome: Ended | NoEnd, *, seconds: float) -> Verdict:
    """Return the verdict on one run of a command.

    :param seconds: how long it took.
    """
    name = f"the command {command.argv[0]}"
    if isinstance(outcome, NoEnd):
        message = f"{name} {outcome.reason.rstrip('.')}"
        return Verdict(Finding(outcome.id, Severity.UNKNOWN, message, remedy=outcome.remedy))
    if outcome.rc == 0:
        return Verdict(Finding("command_ok", Severity.OK, f"{name} passed in {seconds:.1f} s", 0, 0))
    last = f": {outcome.lines[-1]}" if outcome.lines else ""
    if outcome.rc < 0:
        message = f"{name} was ended by signal {-outcome.rc}{last}"
        return Verdict(Finding("command_killed", Severity.UNKNOWN, message, outcome.rc, 0))
    return Verdict(Finding("command_failed", Severity.CRITICAL, f"{name} ended with {outcome.rc}{last}", outcome.rc, 0))


def both(answered: Verdict, passed: Verdict) -> Verdict:
    """Return the verdict on a good sample of URLs and a command: the answer's, saying that the command passed too."""
    finding = answered.finding
    return replace(answered, finding=replace(finding, message=f"{finding.message}; {passed.finding.message}"))
