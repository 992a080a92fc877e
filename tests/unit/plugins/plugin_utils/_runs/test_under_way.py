"""Who is at work on what was announced and not settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import format_time
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ids import began, new_run_id
from ansible_collections.steady.ops.plugins.plugin_utils._runs.under_way import Outlook, outlook
from tests.unit.plugins.plugin_utils._ledger.lease_world import GONE, holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]
NEXT = Outlook("the next run settles it")
RUN = new_run_id()


def held(ledger: Ledger, by: Holder, object: str = "toy/lab/api") -> Outlook:
    ledger.leases.acquire([object], by)
    return outlook(ledger, ["toy/lab/api"])


def test_nobody_is_at_work(ledger: Ledger, tmp_path: Path) -> None:
    assert outlook(ledger, ["toy/lab/api"]) == NEXT
    assert held(ledger, holder("01", tmp_path), "toy/lab/web") == NEXT
    assert held(ledger, holder("02", tmp_path, GONE)) == NEXT


@pytest.mark.parametrize("object", ["toy/lab/api", "toy/lab"])
def test_a_living_run_is_named_with_its_beginning(ledger: Ledger, tmp_path: Path, object: str) -> None:
    found, since = held(ledger, holder(RUN, tmp_path), object), began(RUN)
    assert since is not None and found.waits
    assert found.sentence.startswith(f"run {RUN} (rollback) of someone@here, process ")
    assert found.sentence.endswith(f" is under way since {format_time(since)}: wait for its end")


def test_an_id_of_another_kind_tells_no_beginning(ledger: Ledger, tmp_path: Path) -> None:
    assert held(ledger, holder("01", tmp_path)).sentence.endswith(" is under way: wait for its end")


def test_a_run_that_cannot_be_seen_from_here(ledger: Ledger, tmp_path: Path) -> None:
    found = held(ledger, replace(holder("01", tmp_path), place="elsewhere"))
    assert found.waits and found.sentence.endswith("is under way, as far as can be seen from here: wait for its end")


def test_a_run_that_is_gone_and_left_its_module_at_work(ledger: Ledger, tmp_path: Path) -> None:
    here = holder("01", tmp_path)
    found = held(ledger, replace(here, process=GONE, keeper=here.process))
    assert found == Outlook("run 01 is gone, and what it began still works: the next run settles it after that")


def test_what_has_expired_counts_for_nothing(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(ledger.leases), "expired", lambda leases, lease: True)
    assert held(ledger, holder("01", tmp_path)) == NEXT
