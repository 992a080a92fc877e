"""Holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
)
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]


def test_holds_stand_until_they_end(ledger: Ledger) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hold = Hold("toy/lab/api", "why", now + timedelta(hours=1), "ann", now)
    assert ledger.holds.place(hold) and not ledger.holds.place(hold)
    assert ledger.holds.against(["toy/lab"]) == [hold] == ledger.holds.against(["toy/lab/api"])
    assert ledger.holds.against(["toy/lab/web"]) == []
    past = Hold("toy/lab/api", "old", now - timedelta(hours=1), "ann", now)
    assert ledger.holds.place(past) and ledger.holds.standing() == []
    assert ledger.holds.lift("toy/lab/api") and not ledger.holds.lift("toy/lab/api")


@pytest.mark.parametrize("data", [None, "", "{}", '{"holds": [{"object": "x"}]}'])
def test_damaged_holds_are_a_refusal_and_never_no_hold(ledger: Ledger, tmp_path: Path, data: str | None) -> None:
    path = tmp_path / "ledger" / "holds"
    path.unlink()
    if data is not None:
        path.write_text(data)
    with pytest.raises(Refused, match="are missing or damaged"):
        ledger.holds.standing()
