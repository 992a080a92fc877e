# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provider's minutes, divided by the scale.

Measured by others on the real service: an update takes about five minutes (pull 106 s, provision 10 s, health 92 s,
routing 71 s); a failed one is only rolled back after more than fifteen; pause and resume take two to five.
"""

from __future__ import annotations

from lab.fakes.apprunner.state import State

DURATIONS = {
    "accept": 2.0,
    "pull": 106.0,
    "provision": 10.0,
    "health": 92.0,
    "routing": 71.0,
    "end": 0.0,
    "unhealthy": 420.0,
    "rollback": 240.0,
    "pause": 120.0,
    "resume": 60.0,
    "delete": 120.0,
    "drain": 5.0,
    "startup": 300.0,
}
# A process of the sample application needs real time to start, whatever the scale; so does a check on a busy host.
FLOORS = {"startup": 5.0, "drain": 0.05}
SHORTEST_INTERVAL = 0.02
SHORTEST_TIMEOUT = 1.0


class Pace:
    """Durations in real seconds. The control API overrides the scale, and single durations (in model
    seconds), which then have no floor.
    """

    def __init__(self, state: State, scale: float) -> None:
        self._state = state
        self._scale = scale

    @property
    def scale(self) -> float:
        """How many model seconds pass in a real one."""
        return float(self._state.settings.get("scale", self._scale))

    def seconds(self, name: str) -> float:
        """Real seconds of a named duration."""
        asked = self._state.settings.get("durations", {})
        if name in asked:
            return float(asked[name]) / self.scale
        return max(DURATIONS[name] / self.scale, FLOORS.get(name, 0.0))

    def interval(self, seconds: float) -> float:
        """Real seconds between two health checks."""
        return max(seconds / self.scale, SHORTEST_INTERVAL)

    def timeout(self, seconds: float) -> float:
        """Real seconds that one health check may take."""
        return max(seconds / self.scale, SHORTEST_TIMEOUT)
