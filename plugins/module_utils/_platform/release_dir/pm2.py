# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pm2 as the supervisor: one application, in one process or several.

pm2 keeps the working directory and the script of an application as it first resolved them. An ecosystem file that
writes C(cwd: '<path>/current') follows the link with every reload; one that resolves it (C(__dirname)) stays in the old
release for ever, so such an application is deleted from pm2 and started again, with a gap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ..._errors import RequestRefused, Unreachable
from .command import tail
from .processes import Processes
from .supervisor import Caller, Health, State, last_line

_HEALTH: Mapping[str, Health] = {
    "online": Health.RUNNING,
    "launching": Health.STARTING,
    "waiting restart": Health.STARTING,
    "stopping": Health.STARTING,
    "stopped": Health.STOPPED,
    "errored": Health.FAILED,
}
# of several processes the worst one tells
_WORST = (Health.FAILED, Health.STOPPED, Health.STARTING, Health.RUNNING)

App = Mapping[str, Any]


def apps_of(said: str, name: str) -> list[App]:
    """Read what C(pm2 jlist) prints, with the notices that it may print before it.

    :raises Unreachable: it is no list.
    """
    for line in reversed(said.splitlines()):
        if line.startswith("["):
            try:
                listed = json.loads(line)
            except ValueError:
                continue
            return [app for app in listed if app.get("name") == name]
    raise Unreachable(f"pm2 jlist does not list its applications, it says: {last_line(said) or 'nothing'}")


def state_of(apps: Sequence[App]) -> State:
    """Sum up the processes of one application; a word that is not in the table counts as starting. Pure."""
    if not apps:
        return State(Health.ABSENT, "not known to pm2")
    words = [str(app["pm2_env"].get("status", "")) for app in apps]
    healths = [_HEALTH.get(word, Health.STARTING) for word in words]
    worst = next(health for health in _WORST if health in healths)
    return State(
        worst,
        words[healths.index(worst)],
        tuple(int(app["pid"]) for app in apps if app.get("pid")),
        sum(int(app["pm2_env"].get("restart_time") or 0) for app in apps),
    )


@dataclass(frozen=True)
class Pm2:
    """One application of one pm2.

    :param home: the directory of the pm2 that runs it, C(PM2_HOME).
    :param ecosystem: the file that describes it, as a path through the link C(current).
    :param releases: below which a path is a resolved one.
    :param graceful: reload, which starts new processes before it ends old ones where the application is in cluster
        mode, instead of restarting.
    """

    caller: Caller
    processes: Processes
    process: str
    home: Path
    releases: Path
    ecosystem: str = ""
    program: str = "pm2"
    graceful: bool = False
    _last: dict[str, object] = field(default_factory=dict, init=False, compare=False)

    def state(self) -> State:
        """Say how the application stands. Does not start a pm2 that does not run, as any command of it would.

        Asking pm2 takes half a second: while the very processes that ran steadily go on, it is not asked again.
        """
        known, identity = self._last.get("state"), self._last.get("identity")
        if isinstance(known, State) and identity == self._identity(known):
            return known
        state = state_of(self._apps())
        steady = state.health is Health.RUNNING and all(self._identity(state))
        self._last.update(state=state if steady else None, identity=self._identity(state))
        return state

    def _identity(self, state: State) -> list[object]:
        found = [self.processes.one(pid) for pid in state.pids]
        return [process and process.identity for process in found]

    def switch(self, release: str) -> None:
        """Reload or restart the application; delete and start it where pm2 keeps it in an old release."""
        apps = self._apps()
        self._last.clear()
        described = (self.ecosystem, "--only", self.process, "--update-env")
        if not apps:
            self._must("start", *self._described(described))
        elif any(self._is_resolved(app) for app in apps):
            argv = self._described(described)
            self._must("delete", self.process)
            self._must("start", *argv)
        elif self.ecosystem:
            self._must("startOrReload" if self.graceful else "startOrRestart", *described)
        else:
            self._must("reload" if self.graceful else "restart", self.process, "--update-env")

    def settled(self) -> None:
        """Keep the list that pm2 brings back after a reboot up to date, where there is one."""
        if (self.home / "dump.pm2").exists():
            self._must("save")

    def last_words(self, since: datetime | None, count: int) -> Sequence[str]:
        """Return the last lines of the application's logs, the error log last."""
        paths = [
            str(app["pm2_env"][key])
            for key in ("pm_out_log_path", "pm_err_log_path")
            for app in self._apps()
            if app["pm2_env"].get(key)
        ]
        return [line for path in dict.fromkeys(paths) for line in tail(path, count)][-count:]

    def _described(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        if not self.ecosystem:
            raise RequestRefused(
                f"pm2 cannot start {self.process} in the new release without a file that describes it",
                remedy="Set supervisor.ecosystem, and write cwd: '<path>/current' in it.",
            )
        return argv

    def _is_resolved(self, app: App) -> bool:
        kept = (str(app["pm2_env"].get(key, "")) for key in ("pm_cwd", "pm_exec_path"))
        return any(path.startswith(f"{self.releases}/") for path in kept)

    def _apps(self) -> list[App]:
        try:
            pid = int((self.home / "pm2.pid").read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return []
        return apps_of(self._must("jlist"), self.process) if self.processes.one(pid) else []

    def _must(self, *arguments: str) -> str:
        remedy = f"Look with: PM2_HOME={self.home} {self.program} ls"
        return self.caller.must(self.program, *arguments, more={"PM2_HOME": str(self.home)}, remedy=remedy)
