# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd as the supervisor: one service unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..._errors import InvalidInput, Unreachable
from .supervisor import Caller, Health, State, last_line

_PROPERTIES = ("LoadState", "ActiveState", "SubState", "MainPID", "NRestarts", "NeedDaemonReload", "Result")
_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]{1,250}")
_MAY = "Run with become, or let polkit allow this user to manage the unit."

# only a service whose main process runs is running: `exited` has none
_HEALTH: Mapping[tuple[str, str], Health] = {
    ("active", "running"): Health.RUNNING,
    ("active", "exited"): Health.STOPPED,
}
_BY_ACTIVE: Mapping[str, Health] = {
    "active": Health.STARTING,
    "activating": Health.STARTING,
    "reloading": Health.STARTING,
    "deactivating": Health.STARTING,
    "inactive": Health.STOPPED,
    "failed": Health.FAILED,
}


def unit_name(given: str) -> str:
    """Return the full name of a service unit.

    :raises InvalidInput: it is none.
    """
    name = given if given.endswith(".service") else f"{given}.service"
    if not _UNIT.fullmatch(name) or name.startswith("-"):
        raise InvalidInput(
            f"supervisor.unit {given!r} is no name of a systemd service", remedy="Write such as sanvi-backend.service."
        )
    return name


def state_of(unit: str, properties: Mapping[str, str]) -> State:
    """Read the properties of a unit; a word that is not in the table counts as starting. Pure."""
    loaded, active, sub = (properties.get(name, "") for name in ("LoadState", "ActiveState", "SubState"))
    word = f"{active}/{sub}"
    if loaded in ("not-found", "masked", "bad-setting", "error"):
        remedy = f"Install it and run systemctl daemon-reload, or correct supervisor.unit (systemctl cat {unit})"
        return State(Health.ABSENT, loaded, obstacle=f"The systemd unit {unit} is {loaded}. {remedy}")
    health = _HEALTH.get((active, sub)) or _BY_ACTIVE.get(active, Health.STARTING)
    if properties.get("Result", "success") != "success":
        word += f" ({properties['Result']})"
    pid, restarts = (int(properties.get(name) or 0) for name in ("MainPID", "NRestarts"))
    return State(health, word, (pid,) if pid else (), restarts)


@dataclass(frozen=True)
class Systemd:
    """One service unit of the system's manager.

    :param graceful: reload the unit where it can be reloaded, instead of restarting it.
    """

    caller: Caller
    unit: str
    graceful: bool = False

    def state(self) -> State:
        """Say how the unit stands."""
        return state_of(self.unit, self._properties())

    def switch(self, release: str) -> None:
        """Restart (or reload) the unit; the job is queued and its end is waited for by looking."""
        if self._properties().get("NeedDaemonReload") == "yes":
            self.caller.must("systemctl", "daemon-reload", remedy=_MAY)
        # a unit that crashed too often would refuse to start, also with the release that is put back
        self.caller.call("systemctl", "reset-failed", "--", self.unit)
        verb = "reload-or-restart" if self.graceful else "restart"
        self.caller.must("systemctl", "--no-ask-password", "--no-block", verb, "--", self.unit, remedy=_MAY)

    def settled(self) -> None:
        """There is nothing to note: the unit starts what the link leads to."""

    def last_words(self, since: datetime | None, count: int) -> Sequence[str]:
        """Return the unit's last lines in the journal."""
        base = ("journalctl", "--no-pager", "-q", "-o", "cat", "-u", self.unit, "-n", str(count))
        after = ("--since", f"@{int(since.timestamp())}") if since else ()
        # with a clock that jumped nothing may be newer: then the last lines at all
        for argv in ((*base, *after), base):
            lines = self.caller.must(*argv, remedy="Add the user to the group systemd-journal.").splitlines()
            if lines or not after:
                break
        return lines

    def _properties(self) -> Mapping[str, str]:
        argv = ("systemctl", "show", "--no-pager", f"--property={','.join(_PROPERTIES)}", "--", self.unit)
        result = self.caller.call(*argv)
        if result.rc != 0 or "ActiveState=" not in result.out:
            said = last_line(result.err) or "nothing"
            raise Unreachable(
                f"systemd does not tell how {self.unit} stands, systemctl says: {said}",
                remedy="Is systemd the first process of this machine? If not, choose another supervisor.",
            )
        return dict(line.split("=", 1) for line in result.out.splitlines() if "=" in line)
