"""The gate of units: a run over part of an unfinished one, and over all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Component, Policy, Request, Says
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._runs.unit_gate import course_of, judge
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit


def request(*components: str) -> Request:
    return Request(
        runbook="deploy",
        action="deploy",
        risk="change",
        policy=Policy("shop", "lab", "file:///nowhere"),
        objects=(),
        components=tuple(Component(name) for name in components),
        wish={"release": "2"},
    )


def test_a_part_of_an_unfinished_unit_is_refused_and_all_of_it_passes(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "shop", "lab")
    ledger.releases.append([Unit("r1", "deploy", ("web", "api"), {"release": "2"}).record("shop/lab", "open")])
    (verdict,) = judge(request("api"), "now", ledger)
    assert (verdict.gate, verdict.says, verdict.firm) == ("unit", Says.REFUSE, True)
    assert "this run leaves out web" in verdict.sentence
    assert judge(request("web", "api"), "now", ledger) == []
    found = course_of(request("web", "api"), "now", ledger)
    assert found is not None
    assert [step.unit.run for step in found.switch] == ["r1", "r1"]


def test_without_a_ledger_nothing_is_known_to_be_unfinished() -> None:
    found = course_of(request("web"), "now", None)
    assert found is not None
    assert [step.component for step in found.switch] == ["web"]


def test_where_each_stands_for_itself_there_are_no_steps() -> None:
    assert course_of(replace(request("web"), wish=None), "now", None) is None
