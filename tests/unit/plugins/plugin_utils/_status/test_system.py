"""What a system is called."""

from __future__ import annotations

from tests.unit.plugins.plugin_utils._status.status_world import GONE, WELL


def test_a_ledger_that_cannot_be_read_is_called_by_its_address() -> None:
    assert (WELL.name, GONE.name) == ("toy/production", "file:///gone")
