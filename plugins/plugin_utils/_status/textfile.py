# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status as Prometheus' text format, for node_exporter's textfile collector.

A number that could not be read is left out: C(steady_ledger_readable) is the one to alert on then.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ...module_utils._errors import InvalidInput, Unreachable
from ...module_utils._findings import Severity
from ...module_utils._redact import redact_shapes
from .._told.harmless import one_line
from .judging import Judged
from .system import System

_SUFFIX = ".prom"
_MODE = 0o644
_LONGEST_LABEL = 120
_HELP = {
    "steady_status_timestamp_seconds": "When this was written, in seconds since 1970.",
    "steady_ledger_readable": "Whether the ledger could be read.",
    "steady_findings": "What somebody has to look at, by severity.",
    "steady_serving_since_timestamp_seconds": "When the release that serves began to, in seconds since 1970.",
    "steady_rollback_target": "Whether there is a release to roll back to.",
    "steady_unfinished_runs": "Switches that nobody has settled and no run is at work on.",
    "steady_leases": "Objects that runs hold.",
    "steady_holds": "Holds that stand.",
    "steady_open_incidents": "Incidents that are open.",
    "steady_unacknowledged_overrides": "Overrides that nobody has acknowledged.",
    "steady_missed_schedules": "Scheduled runs that were due and have not started.",
}

Sample = tuple[str, Mapping[str, str], float]


def exposition(judged: Sequence[Judged], now: datetime) -> str:
    """Return the whole file. Labels are C(system), C(environment), C(ledger), C(component), C(release), C(severity)."""
    found: dict[str, dict[str, float]] = {name: {} for name in _HELP}
    for name, labels, value in _samples(judged, now):
        # two systems of one name would be one sample twice, which no scraper takes
        found[name].setdefault(_labels(labels), value)
    lines = []
    for name, text in _HELP.items():
        if found[name]:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
            lines += [f"{name}{labels} {value:.15g}" for labels, value in found[name].items()]
    return "\n".join(lines) + "\n"


def write(path: str, text: str) -> None:
    """Write the file beside its name and rename it, readable for all.

    :raises InvalidInput: the collector would not read a file of that name.
    :raises Unreachable: the disk does not take it.
    """
    target = Path(path)
    if not target.is_absolute() or target.suffix != _SUFFIX:
        raise InvalidInput(
            f"status_textfile is {path!r}", remedy=f"Name a whole path that ends in {_SUFFIX}: no other is collected."
        )
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), _MODE)
            os.fsync(stream.fileno())
        os.replace(draft, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Unreachable(
            f"The file {path} of status_textfile was not written: {error.strerror}",
            remedy="Make its directory, with room and with rights for this user.",
        ) from None


def _samples(judged: Sequence[Judged], now: datetime) -> Iterator[Sample]:
    yield "steady_status_timestamp_seconds", {}, now.timestamp()
    for each in judged:
        system = each.system
        yield "steady_ledger_readable", {**_named(system), "ledger": system.url}, float(not system.unknown)
        for severity in Severity:
            count = sum(finding.severity is severity for finding in each.findings)
            yield "steady_findings", {**_named(system), "ledger": system.url, "severity": severity.value}, count
        if not system.unknown:
            yield from _known(system)


def _known(system: System) -> Iterator[Sample]:
    labels = _named(system)
    for component in system.components or ():
        if component.release and not component.unknown:
            own = {**labels, "component": component.name}
            if component.since:
                since = component.since.timestamp()
                yield "steady_serving_since_timestamp_seconds", {**own, "release": component.release}, since
            yield "steady_rollback_target", own, float(bool(component.way_back))
    if system.unfinished is not None:
        yield "steady_unfinished_runs", labels, sum(not each.under_way for each in system.unfinished)
    for name, found in (
        ("steady_leases", system.leases),
        ("steady_holds", system.holds),
        ("steady_open_incidents", system.incidents),
        ("steady_unacknowledged_overrides", system.overrides),
        ("steady_missed_schedules", system.missed),
    ):
        if found is not None:
            yield name, labels, len(found)


def _named(system: System) -> dict[str, str]:
    name, _slash, environment = system.path.rpartition("/")
    return {"system": name, "environment": environment}


def _labels(labels: Mapping[str, str]) -> str:
    pairs = [f'{name}="{_escaped(one_line(redact_shapes(value), _LONGEST_LABEL))}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
