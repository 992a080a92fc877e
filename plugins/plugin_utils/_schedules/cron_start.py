# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cron starts: asks whether a run is due, and if so is its timer: delay, one at a time, and an end to its time.

The mark of the last start is a file of the account's own; the first time it is only made, so that a schedule begins
with its next due time. A machine that was off at a due time catches that run up once.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .rule import last_due, rule_of

_MODULE = "ansible_collections.steady.ops.plugins.plugin_utils._schedules.cron_start"
_STOP_SECONDS = 120


def launcher() -> list[str]:
    """Return the words that start this module, wherever the collection is installed: a closed world."""
    program = f"import sys; sys.path.insert(0, sys.argv[1]); from {_MODULE} import main; sys.exit(main())"
    return [sys.executable, "-I", "-c", program, str(Path(__file__).absolute().parents[6])]


def start_when_due(
    job: Mapping[str, Any],
    mark: Path,
    now: datetime,
    *,
    since: datetime | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Start a job when it has become due since it last was; return its exit code, 0 where it is not due.

    :param mark: the file whose time is that of the last start.
    :param since: when the job was last changed: what was due before that is not caught up.
    """
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = not mark.exists()
    with mark.open("a", encoding="utf-8") as stream:
        try:
            # held while the run lives: a second one waits for its next due time
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        due = last_due(rule_of(job["rule"], "the job"), now)
        last = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
        if fresh or due <= max(last, since or last):
            return 0
        os.utime(mark, (now.timestamp(), now.timestamp()))
        sleep(random.uniform(0, int(job["random_delay_minutes"]) * 60))
        return _run(job)


def _run(job: Mapping[str, Any]) -> int:
    environment = {name: os.environ[name] for name in ("HOME", "LOGNAME", "USER") if name in os.environ}
    environment |= {**job["environment"], **_secrets(str(job.get("environment_file") or ""))}
    run = subprocess.Popen(job["argv"], env=environment, cwd=job["directory"], stdin=subprocess.DEVNULL)
    try:
        return run.wait(int(job["timeout_minutes"]) * 60)
    except subprocess.TimeoutExpired:
        # the run only: what keeps its leases stops its modules and frees them
        run.terminate()
    try:
        run.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
    return 1


def _secrets(path: str) -> dict[str, str]:
    """Read lines C(NAME=value), as systemd's C(EnvironmentFile=) has them."""
    if not path:
        return {}
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith(("#", ";")))
    return {name.strip(): value.strip().strip("\"'") for name, equals, value in pairs if equals}


def main() -> int:
    """Be started by cron: the file of jobs and the job's name on the command line."""
    path, name = sys.argv[2:4]
    with Path(path).open(encoding="utf-8") as stream:
        job = json.load(stream)["jobs"][name]
        since = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
    os.umask(0o077)
    mark = Path("~/.local/state/steady.ops/schedules").expanduser() / name
    return start_when_due(job, mark, datetime.now(UTC), since=since)
