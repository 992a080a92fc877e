# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expected runs for a machine without systemd: one file for cron, and one beside it that says what is started. Pure.

Cron knows neither zones nor what it slept through, so it only asks, four times an hour at most, whether something is
due (L(cron_start)): zones, the change of clocks, catch-up, delay and deadline are as with systemd.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence

from .declared import Expected, unit_name
from .rule import minutes_of_the_hour
from .starting import Start

_ODD = re.compile(r"[^A-Za-z0-9-]")


def cron_name(path: str) -> str:
    """Return the name of an environment's file: cron reads only names of letters, digits and dashes."""
    name = unit_name(path)
    plain = _ODD.sub("", name)
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def jobs_name(path: str) -> str:
    """Return the name of the file with what is started: no cron reads one that begins with a dot."""
    return f".{cron_name(path)}.json"


def files_of(
    runs: Sequence[tuple[Expected, Start]], path: str, mark: str, *, directory: str, launcher: Sequence[str]
) -> dict[str, str]:
    """Return both files, by name; none where nothing is expected.

    :param directory: where the files lie.
    :param launcher: the words that start L(cron_start), up to the file of jobs.
    """
    if not runs:
        return {}
    lines = [mark, "SHELL=/bin/sh", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    for expected, start in runs:
        words = [*launcher, f"{directory}/{jobs_name(path)}", expected.unit]
        # a bare % is a line's end to cron, wherever it stands
        command = shlex.join(words).replace("%", r"\%")
        minutes = ",".join(map(str, minutes_of_the_hour(expected.rule)))
        lines.append(f"{minutes} * * * * {start.account} exec {command}")
    jobs = {expected.unit: _job(expected, start) for expected, start in runs}
    kept = json.dumps({"mark": mark, "jobs": jobs}, indent=1, sort_keys=True)
    return {cron_name(path): "\n".join(lines) + "\n", jobs_name(path): f"{kept}\n"}


def _job(expected: Expected, start: Start) -> Mapping[str, object]:
    return {
        "rule": expected.rule.as_dict(),
        "random_delay_minutes": expected.random_delay_minutes,
        "timeout_minutes": expected.timeout_minutes,
        "argv": list(start.argv),
        "environment": dict(start.environment),
        "environment_file": start.environment_file,
        "directory": start.directory,
    }
