"""One run as the journal tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._journal.runs import Run

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


OPENED = {
    "event": "opened",
    "run": "01M7Z0GCAA64HVBJ2HYPQ68DKM",
    "at": "2026-11-21T10:00:00Z",
    "sequence": 3,
    "runbook": "deploy",
    "action": "deploy",
    "mode": "real",
    "risk": "change",
    "objects": ["toy/lab/api"],
    "who": {"user": "root", "host": "ctl", "sudo_user": "ann"},
    "incidents": ["INC-7"],
}


CLOSED = {
    "event": "closed",
    "run": OPENED["run"],
    "at": "2026-11-21T10:01:00Z",
    "sequence": 5,
    "result": "ok",
    "seconds": 61,
}


def run(*more: Mapping[str, object], **changes: object) -> Run:
    """Return the run, with further events and with its opening changed."""
    return Run(str(OPENED["run"]), ({**OPENED, **changes}, *more))
