"""The run of this process."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs import active


def test_the_last_playbook_is_the_current_run() -> None:
    active._current.clear()
    assert active.current() is None
    for run in ("one", "two"):
        active.activate(active.Active(run, Process(1, 1)))
    found = active.current()
    assert found is not None and found.run == "two"
    active._current.clear()
