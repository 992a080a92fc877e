# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run comes in, and how it is turned away."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.door import Door, TurnedAway


def test_a_command_at_the_end_of_a_refusal_gets_no_full_stop() -> None:
    away = TurnedAway("Refused. Next: ansible-playbook x.yml", {"run": "01"})
    assert (str(away), away.result) == ("Refused. Next: ansible-playbook x.yml", {"run": "01"})
    assert away.as_result()["msg"] == str(away)


def test_ledgers_are_remembered_beside_the_runs(tmp_path: Path) -> None:
    door = Door(
        run="01",
        process=Process(1, 1),
        runs=tmp_path / "steady.ops" / "runs",
        who={},
        extra_names=(),
        ask_aws=lambda _connection: Caller("1", "r"),
        ask_machines=lambda _hosts: {},
        say=lambda _line: None,
        clock=SystemClock(),
    )
    door.memory.note(initialise(f"file://{tmp_path}/ledger", "toy", "staging")[0])
    assert door.memory.recall(f"file://{tmp_path}/ledger") is not None
    assert [path.parent.parent for path in (tmp_path / "steady.ops").rglob("*.json")] == [tmp_path / "steady.ops"]
