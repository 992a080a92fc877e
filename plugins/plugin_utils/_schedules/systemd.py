# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An expected run as a service and a timer of systemd. Pure.

C(KillMode=process): at the end of its time the run itself is told to end, and what keeps its leases lives on, has its
modules stop at their next safe point, and frees the leases. With C(mixed) systemd kills the keeper in the moment in
which the run is gone. There is no C(NoNewPrivileges) nor what implies it: C(become) needs sudo.
"""

from __future__ import annotations

from collections.abc import Mapping

from .declared import Expected
from .rule import calendars
from .starting import Start

# an interrupted run writes its last lines and gives its leases back
_STOP_SECONDS = 120


def units_of(expected: Expected, start: Start, mark: str, *, user: bool) -> dict[str, str]:
    """Return the files of an expected run, by name.

    :param mark: the line by which a file is known as ours.
    :param user: of a user's own systemd: it has no accounts, and knows no network.
    """
    return {
        f"{expected.unit}.service": _service(expected, start, mark, user=user),
        f"{expected.unit}.timer": _timer(expected, mark),
    }


def quoted(text: str, *, variables: bool = True) -> str:
    """Return one word as systemd reads it back: in double quotes, nothing in it expanded.

    :param variables: whether C($) is expanded where the word stands, as in C(ExecStart=).
    """
    pairs = {"\\": "\\\\", '"': '\\"', "%": "%%", **({"$": "$$"} if variables else {})}
    return f'"{"".join(pairs.get(letter, letter) for letter in text)}"'


def states_of(shown: str) -> dict[str, Mapping[str, str]]:
    """Read what C(systemctl show) says of several units, by their names."""
    found: dict[str, Mapping[str, str]] = {}
    for block in shown.split("\n\n"):
        said = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if said.get("Id"):
            found[said["Id"]] = said
    return found


def _service(expected: Expected, start: Start, mark: str, *, user: bool) -> str:
    network = [] if user else ["Wants=network-online.target", "After=network-online.target"]
    account = [] if user or not start.account else [f"User={start.account}"]
    secrets = [f"EnvironmentFile={_plain(start.environment_file)}"] if start.environment_file else []
    # the program's own path is looked up as it stands: no variable is expanded in it
    program, *words = start.argv
    argv = [quoted(program, variables=False), *map(quoted, words)]
    lines = [
        mark,
        "[Unit]",
        f"Description=steady.ops {_plain(expected.name)}: {expected.runbook} {expected.action}",
        *network,
        "",
        "[Service]",
        "Type=oneshot",
        *account,
        f"WorkingDirectory={_plain(start.directory)}",
        *(
            f"Environment={quoted(f'{name}={value}', variables=False)}"
            for name, value in sorted(start.environment.items())
        ),
        *secrets,
        f"ExecStart={' '.join(argv)}",
        f"TimeoutStartSec={expected.timeout_minutes}min",
        f"TimeoutStopSec={_STOP_SECONDS}",
        "KillMode=process",
        "UMask=0077",
        "KeyringMode=private",
    ]
    return "\n".join(lines) + "\n"


def _timer(expected: Expected, mark: str) -> str:
    lines = [
        mark,
        "[Unit]",
        f"Description=steady.ops {_plain(expected.name)}: {expected.rule.named()}",
        "",
        "[Timer]",
        *(f"OnCalendar={line}" for line in calendars(expected.rule)),
        f"RandomizedDelaySec={expected.random_delay_minutes}min",
        "AccuracySec=1s",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return text of a setting that is one line without quotes."""
    return text.replace("%", "%%")
