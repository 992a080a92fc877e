"""What a probe's command came to, as a finding."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.module_utils._http.command import judge_command
from ansible_collections.steady.ops.plugins.module_utils._own_command import Ended, NoEnd, OwnCommand


@pytest.mark.parametrize(
    ("outcome", "id", "severity", "message", "remedy"),
    [
        (Ended(0, ("all 14 checks passed",)), "command_ok", Severity.OK, "passed in 1.2 s", ""),
        (Ended(3), "command_failed", Severity.CRITICAL, "ended with 3", ""),
        (Ended(1, ("a", "b")), "command_failed", Severity.CRITICAL, "ended with 1: b", ""),
        (Ended(-9, ("a",)), "command_killed", Severity.UNKNOWN, "was ended by signal 9: a", ""),
        (
            NoEnd("command_missing", "did not run.", "Install it."),
            "command_missing",
            Severity.UNKNOWN,
            "did not run",
            "Install it.",
        ),
    ],
)
def test_each_end_is_told_apart(outcome: Ended | NoEnd, id: str, severity: Severity, message: str, remedy: str) -> None:
    verdict = judge_command(OwnCommand(("smoke", "--quick")), outcome, seconds=1.24)
    finding = verdict.finding
    assert (finding.id, finding.severity, finding.message, finding.remedy) == (
        id,
        severity,
        f"the command smoke {message}",
        remedy,
    )
    assert (verdict.good, verdict.version, verdict.latency_ms) == (severity is Severity.OK, None, None)
