"""Run ids."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._runs.ids import began, new_run_id


def test_run_ids_sort_by_time() -> None:
    assert new_run_id(0, 0) == "0" * 26
    assert new_run_id(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25
    assert new_run_id(1, 2**80 - 1) < new_run_id(2, 0)
    assert new_run_id() != new_run_id() and len(new_run_id()) == 26


def test_an_id_tells_when_its_run_began() -> None:
    dawn = datetime(2026, 11, 21, 6, 30, 5, tzinfo=UTC)
    assert began(new_run_id(int(dawn.timestamp()) * 1000 + 999)) == dawn
    assert [began(other) for other in ("", "01", "8" + "Z" * 25, "u" * 26)] == [None] * 4
