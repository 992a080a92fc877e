# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where expected runs are kept by this machine: in systemd, a user's or the system's, or in cron."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ...module_utils._command import CommandResult, CommandRunner
from ...module_utils._errors import OpsError, Refused
from .cron import cron_name, files_of, jobs_name
from .cron_start import launcher
from .declared import Expected, unit_prefix
from .files import Change, Files, mark_of
from .starting import Start
from .systemd import states_of, units_of

_SYSTEMCTL_SECONDS = 60
_STATES = "--property=Id,UnitFileState,ActiveState"
Runs = Sequence[tuple[Expected, Start]]


class Place(Protocol):
    """What keeps expected runs."""

    files: Files

    def wanted(self, runs: Runs) -> dict[str, str]:
        """Return the files that these runs need, by name."""

    def idle(self, units: Sequence[str]) -> dict[str, str]:
        """Return which of these units would not start by themselves although their files are there, and why."""

    def carry_out(self, changes: Sequence[Change], units: Sequence[str]) -> None:
        """Make the changes and have these units start by themselves; when that fails nothing is changed."""


class Systemd:
    """Timers of the system, or of a user."""

    def __init__(self, path: str, directory: Path, runner: CommandRunner, *, user: bool) -> None:
        prefix = unit_prefix(path)
        self._mark = mark_of(path)
        self._runner = runner
        self._user = user
        self.files = Files(
            directory,
            self._mark,
            lambda name: name.startswith(prefix) and name.endswith((".service", ".timer")),
            make=user,
        )

    def answers(self) -> str:
        """Return why systemd cannot be told anything; empty where it can."""
        try:
            done = self._systemctl("show", "--property=Version")
        except OpsError as error:
            return error.sentence
        return "" if done.rc == 0 else _said(done)

    def wanted(self, runs: Runs) -> dict[str, str]:
        """Return the files that these runs need, by name."""
        found: dict[str, str] = {}
        for expected, start in runs:
            found |= units_of(expected, start, self._mark, user=self._user)
        return found

    def idle(self, units: Sequence[str]) -> dict[str, str]:
        """Return which of these units would not start by themselves although their files are there, and why."""
        if not units:
            return {}
        shown = self._do("show", _STATES, *(f"{unit}.timer" for unit in units))
        states = states_of(shown.out)
        found: dict[str, str] = {}
        for unit in units:
            state: Mapping[str, str] = states.get(f"{unit}.timer", {})
            words = [state.get("UnitFileState", "not known"), state.get("ActiveState", "not known")]
            if words != ["enabled", "active"]:
                found[unit] = f"its timer is {words[0] or 'not known'} and {words[1]}"
        return found

    def carry_out(self, changes: Sequence[Change], units: Sequence[str]) -> None:
        """Make the changes and have these units start by themselves; when that fails nothing is changed."""
        gone = [each.name for each in changes if each.after is None and each.name.endswith(".timer")]
        if gone:
            self._do("disable", "--now", *gone)
            # the mark of its last start: one that comes back in a year has nothing to catch up
            self._systemctl("clean", "--what=state", *gone)
        try:
            self.files.carry_out(changes)
            self._do("daemon-reload")
            if units:
                self._do("enable", "--now", *(f"{unit}.timer" for unit in units))
        except OpsError:
            self._put_back(changes, gone)
            raise

    def _put_back(self, changes: Sequence[Change], gone: Sequence[str]) -> None:
        """Have again what was there; what cannot be had again is named by the next look."""
        fresh = [each.name for each in changes if each.before is None and each.name.endswith(".timer")]
        if fresh:
            self._systemctl("disable", "--now", *fresh)
        self.files.put_back(changes)
        self._systemctl("daemon-reload")
        if gone:
            self._systemctl("enable", "--now", *gone)

    def _do(self, *words: str) -> CommandResult:
        done = self._systemctl(*words)
        if done.rc:
            raise Refused(
                f"systemctl {words[0]} was refused, so nothing was changed: {_said(done)}",
                remedy="Run this as root where systemd is in charge, or with -e schedule_user=true as a user who is"
                " logged in.",
            )
        return done

    def _systemctl(self, *words: str) -> CommandResult:
        argv = ["systemctl", *(["--user"] if self._user else []), "--no-pager", *words]
        return self._runner.run(argv, timeout_seconds=_SYSTEMCTL_SECONDS)


class Cron:
    """One file for cron and one of jobs."""

    def __init__(self, path: str, directory: Path) -> None:
        self._path = path
        self._mark = mark_of(path)
        self.files = Files(directory, self._mark, lambda name: name in (cron_name(path), jobs_name(path)))

    def wanted(self, runs: Runs) -> dict[str, str]:
        """Return the files that these runs need, by name."""
        return files_of(runs, self._path, self._mark, directory=str(self.files.directory), launcher=launcher())

    def idle(self, units: Sequence[str]) -> dict[str, str]:
        """Return nothing: cron reads what lies there."""
        return {}

    def carry_out(self, changes: Sequence[Change], units: Sequence[str]) -> None:
        """Make the changes, which cron sees within a minute."""
        self.files.carry_out(changes)


def place_of(
    path: str,
    runner: CommandRunner,
    *,
    by: str,
    directory: str,
    user: bool,
    exists: Callable[[str], bool] = os.path.exists,
) -> Place:
    """Return what keeps the runs of an environment on this machine.

    :param by: C(systemd), C(cron), or empty for systemd where it is in charge and cron where it is not.
    :param directory: where their files lie; empty for the usual one.
    :raises Refused: neither is there.
    """
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    usual = home / "systemd" / "user" if user else Path("/etc/systemd/system")
    systemd = Systemd(path, Path(directory) if directory else usual, runner, user=user)
    cron = Cron(path, Path(directory or "/etc/cron.d"))
    if by == "cron":
        return cron
    silent = systemd.answers()
    if not silent:
        return systemd
    if by == "" and not user and exists(str(cron.files.directory)):
        return cron
    raise Refused(
        f"No systemd answers here, so no timer can be kept: {silent}",
        remedy="Run this on the machine that starts the runs; -e schedule_by=cron writes for cron into /etc/cron.d.",
    )


def _said(done: CommandResult) -> str:
    return " ".join((done.err or done.out).split()).rstrip(".") or f"exit code {done.rc}"
