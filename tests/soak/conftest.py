"""The world of the fault cases for the criteria that run in it, and the printed list of what became of each case."""

from __future__ import annotations

import pytest

from tests.faults.fixtures import arena, driver, fake

__all__ = ["arena", "driver", "fake"]

ROW = "fault case"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the rows that were played, each with its outcome."""
    rows = [
        value
        for word in ("passed", "failed")
        for report in terminalreporter.getreports(word)
        if report.when == "call"
        for name, value in report.user_properties
        if name == ROW
    ]
    if rows:
        terminalreporter.section("fault cases, as seen from outside")
        for row in sorted(rows):
            terminalreporter.line(row)
