"""The gate backup."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import backup
from tests.unit.plugins.plugin_utils._gates.gate_world import asks, text


def test_a_backup_that_is_asked_for_cannot_be_proved_yet() -> None:
    assert backup.judge(asks()) == [] == backup.judge(asks("destructive", tool=True))
    assert text(backup.judge(asks("destructive"))) == [
        "refuse: deploy deploy needs a fresh, verified backup, and proving one is not available yet"
    ]
    assert text(backup.judge(asks(extra_gates=frozenset({"backup"}))))[0].startswith("refuse")
