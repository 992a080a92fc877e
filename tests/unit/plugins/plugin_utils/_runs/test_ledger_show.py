"""The ledger as lines: what is unfinished, and who is at work on it."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ledger_show import show, unfinished
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit
from tests.unit.plugins.plugin_utils._ledger.lease_world import GONE, holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]


def test_an_open_unit_is_named_though_each_of_its_switches_is_settled(ledger: Ledger) -> None:
    ledger.releases.append([Unit("01", "deploy", ("web", "api")).record("toy/lab", "open")])
    assert show(ledger)[1:] == ["unfinished deploy of web, api by run 01: the next run settles it"]


def test_what_a_living_run_is_at_work_on_is_not_left_to_the_next(ledger: Ledger, tmp_path: Path) -> None:
    ledger.releases.append([Unit("01", "deploy", ("web", "api")).record("toy/lab", "open")])
    ledger.leases.acquire(["toy/lab/web"], holder("01", tmp_path))
    _head, _lease, unit = show(ledger)
    assert unit.startswith("unfinished deploy of web, api by run 01: run 01 (rollback) of someone@here, process ")
    assert unit.endswith(" is under way: wait for its end")


def test_a_dead_runs_lease_and_an_expired_one_change_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ledger.releases.append([Unit("01", "deploy", ("web", "api")).record("toy/lab", "open")])
    ledger.leases.acquire(["toy/lab/web"], holder("01", tmp_path, GONE))
    assert show(ledger)[-1].endswith(": the next run settles it")


def test_only_the_last_intent_of_a_component_counts(ledger: Ledger) -> None:
    def intent(run: str, state: str, *components: str) -> dict[str, object]:
        named = {name: {} for name in components}
        return {"kind": "intent", "run": run, "runbook": "deploy", "components": named, "state": state}

    ledger.releases.append([intent("01", "open", "web"), intent("02", "open", "api"), intent("01", "settled", "web")])
    assert unfinished(ledger) == [("deploy", "02", ("api",))]
