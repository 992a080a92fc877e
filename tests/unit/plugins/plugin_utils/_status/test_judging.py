"""What of a system somebody has to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.plugin_utils._status.judging import judge, summary, worst_first
from ansible_collections.steady.ops.plugins.plugin_utils._status.system import Component, System
from tests.unit.plugins.plugin_utils._status.status_world import API, BUSY, GONE, TORN, WELL


@pytest.mark.parametrize(
    ("system", "severity"),
    [
        (WELL, "ok"),
        (GONE, "unknown"),
        (TORN, "unknown"),
        (BUSY, "critical"),
        (replace(WELL, incidents=BUSY.incidents[1:]), "warning"),
        (replace(WELL, incidents=BUSY.incidents[:1]), "critical"),
        (replace(WELL, overrides=BUSY.overrides), "warning"),
        (replace(WELL, missed=BUSY.missed), "critical"),
        (replace(WELL, unfinished=BUSY.unfinished[:1]), "critical"),
        (replace(WELL, unfinished=BUSY.unfinished[1:]), "ok"),
        (replace(WELL, holds=BUSY.holds), "ok"),
        (replace(WELL, components=(replace(API, way_back=""),)), "warning"),
        (replace(WELL, components=(replace(API, verdict="", since=None),)), "warning"),
        (replace(WELL, components=(Component("new"),)), "warning"),
        (replace(WELL, components=(Component("bad", unknown="corrupt"),)), "unknown"),
    ],
)
def test_severity(system: System, severity: str) -> None:
    assert judge(system).severity is Severity(severity)


def test_everything_is_said_worst_first() -> None:
    assert [finding.message for finding in judge(BUSY).findings] == [
        "unfinished: deploy of api (run 01A)",
        "The scheduled run nightly/api, due at 2026-11-22T03:00:00Z, did not start: it has never started",
        "incident INC-1 (P1, down) since 2026-11-22T11:00:00Z",
        "bad: its history: corrupt",
        "incident INC-2 (P3, slow) since 2026-11-22T10:00:00Z",
        "override not acknowledged, run 01C: window by ann: why",
        "web serves 2.0 since 2026-11-22T07:00:00Z, which is failed",
        "web has no release to roll back to",
        "new: no release was ever recorded as serving",
        "under way: rollback of web (run 01B)",
        "hold on busy/production/web until 2026-11-23T00:00:00Z: do not touch (ann)",
    ]
    (told,) = judge(replace(WELL, components=(replace(API, verdict="", since=None),))).findings
    assert told.message == "api serves 1.8.0, which is not verified"


def test_systems_are_counted_and_sorted() -> None:
    judged = worst_first([judge(system) for system in (WELL, GONE, TORN, BUSY)])
    assert [each.system.name for each in judged] == ["busy/production", "file:///gone", "torn/lab", "toy/production"]
    assert summary(judged) == "4 systems: 1 critical, 2 unknown, 1 ok" and summary(judged[-1:]) == "1 system: 1 ok"
