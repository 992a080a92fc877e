# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps an application in release directories running: `python -m lab.keeper start|stop STATE PART`.

The inventory names it under `component_options.supervisor` of kind `command`. STATE is the lab's state directory, and
STATE/PART/machine.json is what its machine knows: `{"path": the component's directory, "settings": {"port": ...}}`.
What a release is like stands in the release itself, in `current/release.json`; its own code runs, in its own directory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lab.errors import LabError
from lab.place import write_private
from lab.processes import Launch, read_record, start, stop

MACHINE, RELEASE = "machine.json", "release.json"


def launch_of(state: Path, part: str) -> Launch:
    """How to start what the link `current` leads to, its settings written."""
    home = state / part
    machine = json.loads((home / MACHINE).read_text())
    current = Path(machine["path"]) / "current"
    try:
        release = json.loads((current / RELEASE).read_text())
    except (OSError, ValueError) as error:
        raise LabError(f"{current} is no release of the sample application ({error}).") from None
    write_private(home / "settings.json", json.dumps({**release, **machine["settings"]}))
    # -B: what runs leaves no bytecode in its release
    argv = [sys.executable, "-B", "-m", "lab.app", "--settings", str(home / "settings.json")]
    return Launch(part, argv, cwd=current)


def pid_file(state: Path, part: str) -> Path:
    """Where the id of the process stands for the supervisor `command`."""
    return state / part / "pid"


def note_pid(state: Path, part: str) -> None:
    """Write down which process runs."""
    process = read_record(_record(state, part))
    if process is not None:
        write_private(pid_file(state, part), f"{process.pid}\n")


def log_file(state: Path, part: str) -> Path:
    """Where what the application prints is kept."""
    return state / "logs" / f"{part}.log"


def _record(state: Path, part: str) -> Path:
    return state / "records" / f"{part}.json"


def main(arguments: list[str]) -> int:
    """Start or stop; 0 when it was done."""
    try:
        action, state, part = arguments[0], Path(arguments[1]), arguments[2]
        if action == "stop":
            stop(read_record(_record(state, part)))
            return 0
        start(launch_of(state, part), state)
        note_pid(state, part)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
