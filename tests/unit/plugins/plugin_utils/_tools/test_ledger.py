"""The tool ledger in process; its playbook runs in tests/integration/test_ledger.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder
from tests.unit.plugins.plugin_utils._tools.tool_world import do


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy("toy", "lab", f"file://{tmp_path}/ledger")


def test_it_is_initialised_once(policy: Policy) -> None:
    assert do("ledger", policy, "initialise", check=True).changed and do("ledger", policy, "initialise").changed
    assert not do("ledger", policy, "initialise").changed
    assert not do("ledger", policy, "initialise", check=True).changed


def test_show_names_leases_holds_and_what_is_unfinished(policy: Policy, tmp_path: Path) -> None:
    do("ledger", policy, "initialise")
    assert do("ledger", policy, "").lines[1] == "no lease, no hold, nothing unfinished"
    do("lease", policy, "hold", object="api", message="why", until="2096-01-01T00:00:00Z")
    ledger = open_ledger(policy.ledger, "toy", "lab")
    ledger.leases.acquire(["toy/lab/api"], holder("01", tmp_path))
    ledger.releases.append(
        [{"kind": "intent", "run": "01", "runbook": "deploy", "components": {"api": {}}, "state": "open"}]
    )
    _head, lease, hold, intent = do("ledger", policy, "show").lines
    assert do("lease", policy, "show").lines == (lease, hold, intent)
    assert lease.startswith("lease on toy/lab/api, token 1, run 01 (rollback) of ") and lease.endswith(
        ": its run lives"
    )
    assert hold.startswith("hold on toy/lab/api by ") and hold.endswith(" until 2096-01-01T00:00:00Z: why")
    assert intent.startswith("unfinished deploy of api by run 01: run 01 (rollback) of ")
    assert intent.endswith(" is under way: wait for its end")
    ledger.leases.release("01")
    assert do("ledger", policy, "show").lines[2] == "unfinished deploy of api by run 01: the next run settles it"


def test_check_counts_what_it_proved(policy: Policy) -> None:
    do("ledger", policy, "initialise")
    told = do("ledger", policy, "check").lines[0]
    assert "is whole: journal 1 entries, releases 1 entries." in told
    assert told.endswith("Not excluded: a full rewrite by somebody who may write there.")


@pytest.mark.parametrize("check", [False, True])
def test_nothing_is_initialised_where_the_directory_above_is_missing(tmp_path: Path, check: bool) -> None:
    policy = Policy("toy", "staging", f"file://{tmp_path}/not mounted/ledger".replace(" ", "%20"))
    with pytest.raises(Refused) as caught:
        do("ledger", policy, "initialise", check=check)
    assert f"where there is no directory {tmp_path}/not mounted." in str(caught.value)
    assert f"run `mkdir -p '{tmp_path}/not mounted'` first" in str(caught.value)
    assert not (tmp_path / "not mounted").exists()


def test_a_ledger_that_vanished_is_not_begun_anew_by_mistake(tmp_path: Path) -> None:
    policy = Policy("toy", "staging", f"file://{tmp_path}/ledger")
    ledger = do("ledger", policy, "initialise").ledger
    assert ledger is not None
    (tmp_path / "ledger").rename(tmp_path / "unmounted")
    # what an unmounted file system leaves
    (tmp_path / "ledger").mkdir(mode=0o700)
    for lost in ("", "another"):
        for check in (False, True):
            with pytest.raises(Refused, match=r"with its history and its holds, begin a new one\.") as caught:
                do("ledger", policy, "initialise", check=check, lost=lost)
            given = {"ledger_action": "initialise", "ledger_lost": ledger.identity.id}
            assert caught.value.next == {"playbook": "ledger", "variables": given}
    assert list((tmp_path / "ledger").iterdir()) == []
    anew = do("ledger", policy, "initialise", lost=ledger.identity.id)
    assert anew.changed and not do("ledger", policy, "initialise").changed
