"""Run ids."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._runs.ids import new_run_id


def test_run_ids_sort_by_time() -> None:
    assert new_run_id(0, 0) == "0" * 26
    assert new_run_id(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25
    assert new_run_id(1, 2**80 - 1) < new_run_id(2, 0)
    assert new_run_id() != new_run_id() and len(new_run_id()) == 26
