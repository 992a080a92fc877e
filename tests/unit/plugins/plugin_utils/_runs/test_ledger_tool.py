"""The ledger's tool in process; its playbook runs in tests/integration/test_ledger.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ledger_tool import Outcome, journal_opening, operate
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder

HOLD = {"object": "api", "message": "why", "until": "2096-01-01T00:00:00Z"}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy("toy", "lab", f"file://{tmp_path}/ledger")


def do(policy: Policy, action: str, *, check: bool = False, **operation: object) -> Outcome:
    return operate(action, policy, operation, check=check, inventory="i")


def test_everything_repeats_without_change(policy: Policy) -> None:
    assert do(policy, "initialise", check=True).changed and do(policy, "initialise").changed
    assert not do(policy, "initialise").changed and not do(policy, "initialise", check=True).changed
    assert do(policy, "hold", check=True, **HOLD).changed and do(policy, "hold", **HOLD).changed
    assert not do(policy, "hold", **HOLD).changed
    assert do(policy, "lift", check=True, **HOLD).changed and do(policy, "lift", **HOLD).changed
    assert not do(policy, "lift", **HOLD).changed


def test_show_names_leases_holds_and_what_is_unfinished(policy: Policy, tmp_path: Path) -> None:
    do(policy, "initialise")
    assert do(policy, "show").lines[1] == "no lease, no hold, nothing unfinished"
    do(policy, "hold", **HOLD)
    ledger = open_ledger(policy.ledger, "toy", "lab")
    ledger.leases.acquire(["toy/lab/api"], holder("01", tmp_path))
    ledger.releases.append(
        [{"kind": "intent", "run": "01", "runbook": "deploy", "components": {"api": {}}, "state": "open"}]
    )
    _head, lease, hold, intent = do(policy, "show").lines
    assert lease.startswith("lease on toy/lab/api, token 1, run 01 (rollback) of ") and lease.endswith(
        ": its run lives"
    )
    assert hold.startswith("hold on toy/lab/api by ") and hold.endswith(" until 2096-01-01T00:00:00Z: why")
    assert intent == "unfinished deploy of run 01: the next run settles it"
    assert (
        do(policy, "check")
        .lines[0]
        .endswith(
            "is whole: journal 1 entries, releases 2 entries."
            " Not excluded: a full rewrite by somebody who may write there."
        )
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"object": ""}, "ledger_hold is empty"),
        ({"object": "toy/other"}, "and this ledger is that of toy/lab"),
        ({"message": " "}, "ledger_message is empty"),
        ({"until": ""}, "ledger_until is empty"),
        ({"until": "2026-01-01T00:00:00Z"}, "ledger_until 2026-01-01T00:00:00Z is past"),
    ],
)
def test_wrong_holds_are_named(policy: Policy, change: dict[str, str], sentence: str) -> None:
    do(policy, "initialise")
    with pytest.raises(InvalidInput, match=sentence):
        do(policy, "hold", **{**HOLD, **change})


def test_an_unknown_action_is_named(policy: Policy) -> None:
    with pytest.raises(InvalidInput, match="ledger_action is 'holds'"):
        do(policy, "holds")


def test_a_broken_journal_stops_no_tool(policy: Policy, tmp_path: Path) -> None:
    outcome = do(policy, "initialise")
    assert journal_opening(outcome, "initialise", policy, run="01", who={}, check=False) == ""
    (tmp_path / "ledger" / "journal" / "head").unlink()
    assert "cannot be trusted" in journal_opening(outcome, "lift", policy, run="01", who={}, check=False)
    assert journal_opening(Outcome(False, (), None), "show", policy, run="01", who={}, check=True) == ""
