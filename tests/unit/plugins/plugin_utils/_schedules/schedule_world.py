"""What the tests of schedules share: an expected run, its start, and a systemd that does as it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.declared import Expected, unit_name
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import Rule
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.starting import Start

RULE = Rule("Europe/Berlin", ("daily",), ("02:30",))
MARK = "# Written by schedule.yml of steady.ops for toy/lab: what is changed by hand is written over"


def expected(name: str = "nightly/api", component: str = "api", **more: object) -> Expected:
    """Return an expected run of a component."""
    unit = unit_name("toy/lab", "health_check", "check", component)
    values = {"random_delay_minutes": 10, "timeout_minutes": 130, **more}
    return Expected(name, unit, "health_check", "check", component, RULE, **values)  # type: ignore[arg-type]


def start(*words: str, account: str = "ops", **more: str) -> Start:
    """Return how it is started."""
    argv = ("/opt/venv/bin/ansible-playbook", *(words or ("steady.ops.health_check", "-l", "api")))
    return Start(argv, {"PATH": "/bin", "STEADY_SCHEDULE": "nightly/api"}, "/srv/ops", account, **more)


class FakeSystemd:
    """Notes what it is told; answers C(show) by what was enabled.

    :param refuses: the word that it does not take.
    """

    def __init__(self, refuses: str = "") -> None:
        self.told: list[tuple[str, ...]] = []
        self.enabled: set[str] = set()
        self.refuses = refuses

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout_seconds: float | None = None,
    ) -> CommandResult:
        """Be systemctl."""
        words = [word for word in argv[1:] if word not in ("--no-pager", "--user")]
        if words[0] == self.refuses:
            return CommandResult(1, "", "Failed to do so.\n")
        if words[0] == "show":
            units = [word for word in words if word.endswith(".timer")]
            blocks = [
                f"Id={unit}\nUnitFileState={'enabled' if unit in self.enabled else 'disabled'}\n"
                f"ActiveState={'active' if unit in self.enabled else 'inactive'}"
                for unit in units
            ]
            return CommandResult(0, "\n\n".join(blocks) + "\n", "")
        self.told.append(tuple(argv[1:]))
        units = [word for word in words if word.endswith(".timer")]
        if words[0] == "enable":
            self.enabled.update(units)
        if words[0] == "disable":
            self.enabled.difference_update(units)
        return CommandResult(0, "", "")
