"""The result of a module that only looks."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._health.result import result_of

OK = Finding("a", Severity.OK, "all is well")
WARNING = Finding("b", Severity.WARNING, "it is slow", remedy="Wait.")
UNKNOWN = Finding("c", Severity.UNKNOWN, "nobody answers")
CRITICAL = Finding("d", Severity.CRITICAL, "it is down", remedy="Start it.")

TABLE = [
    ([OK], "critical", False, "all is well."),
    ([OK, WARNING], "critical", False, "it is slow. Wait."),
    ([OK, WARNING], "warning", True, "it is slow. Wait."),
    ([UNKNOWN, WARNING], "critical", True, "nobody answers."),
    ([CRITICAL, UNKNOWN], "critical", True, "it is down. Start it."),
    ([CRITICAL], "never", False, "it is down. Start it."),
    ([], "critical", True, "Nothing was looked at."),
]


@pytest.mark.parametrize(("findings", "fail_on", "failed", "msg"), TABLE)
def test_the_worst_finding_speaks(findings: list[Finding], fail_on: str, failed: bool, msg: str) -> None:
    result = result_of(findings, fail_on, {"probe": {"passed": True}})
    assert (result["failed"], result["msg"], result["changed"]) == (failed, msg, False)
    assert result["findings"] == [finding.as_dict() for finding in findings]
    assert result["probe"] == {"passed": True}
