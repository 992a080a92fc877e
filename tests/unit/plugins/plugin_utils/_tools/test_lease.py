"""The tool lease in process; its playbook runs in tests/integration/test_lease.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import parse_time
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder
from tests.unit.plugins.plugin_utils._tools.tool_world import do

WHOLE = {
    "lease_action": "hold",
    "lease_object": "toy/lab/api",
    "lease_until": "2096-01-01T00:00:00Z",
    "lease_message": "why",
}
HOLD = {"object": "api", "message": "why", "until": "2096-01-01T00:00:00Z"}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy("toy", "lab", f"file://{tmp_path}/ledger")


def test_holds_repeat_without_change(policy: Policy) -> None:
    do("ledger", policy, "initialise")
    assert do("lease", policy, "hold", check=True, **HOLD).changed and do("lease", policy, "hold", **HOLD).changed
    assert not do("lease", policy, "hold", **HOLD).changed
    assert do("lease", policy, "lift", check=True, **HOLD).changed and do("lease", policy, "lift", **HOLD).changed
    assert not do("lease", policy, "lift", **HOLD).changed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"object": " "}, "lease_object is empty"),
        ({"object": "toy/other"}, "and this ledger is that of toy/lab"),
        ({"message": " "}, "lease_message is empty"),
        ({"until": ""}, "lease_until is empty"),
        ({"until": "2026-01-01T00:00:00Z"}, "lease_until 2026-01-01T00:00:00Z is past"),
    ],
)
def test_wrong_holds_are_named(policy: Policy, change: dict[str, str], sentence: str) -> None:
    do("ledger", policy, "initialise")
    with pytest.raises(InvalidInput, match=sentence):
        do("lease", policy, "hold", **{**HOLD, **change})


@pytest.mark.parametrize(
    ("change", "next_variables"),
    [
        ({"object": ""}, {**WHOLE, "lease_object": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"object": "other/lab/api"}, {**WHOLE, "lease_object": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"object": "apii"}, WHOLE),
        ({"object": "qqqqqqqqqqqqqqqqqqqqqqq"}, {**WHOLE, "lease_object": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"message": ""}, {**WHOLE, "lease_message": "REASON"}),
    ],
)
def test_what_a_hold_lacks_is_a_whole_command(
    policy: Policy, change: dict[str, str], next_variables: dict[str, str]
) -> None:
    do("ledger", policy, "initialise")
    with pytest.raises(InvalidInput) as caught:
        do("lease", policy, "hold", **{**HOLD, **change})
    assert caught.value.next == {"playbook": "lease", "variables": next_variables}


@pytest.mark.parametrize("until", ["", "2026-01-01T00:00:00Z", "noon", "2096-01-01T00:00:00"])
def test_a_hold_without_an_end_is_offered_an_hour(policy: Policy, until: str) -> None:
    ledger = do("ledger", policy, "initialise").ledger
    assert ledger is not None
    with pytest.raises(InvalidInput) as caught:
        do("lease", policy, "hold", **{**HOLD, "until": until})
    offered = dict(caught.value.next["variables"])["lease_until"]  # type: ignore[call-overload]
    assert 3500 < (parse_time(offered) - ledger.store.now()).total_seconds() <= 3600


def test_a_hold_on_nothing_is_refused_with_the_nearest_names(policy: Policy) -> None:
    do("ledger", policy, "initialise")
    with pytest.raises(InvalidInput) as caught:
        do("lease", policy, "hold", **{**HOLD, "object": "apii"})
    assert str(caught.value) == (
        "lease_object names toy/lab/apii, which is no component of this inventory, so the hold would stop nothing."
        " Name a component, or toy/lab for all of it; the nearest are toy/lab/api, toy/lab/web."
    )
    with pytest.raises(InvalidInput, match="the nearest are toy/lab"):
        do(
            "lease",
            policy,
            "hold",
            check=True,
            **{**HOLD, "object": "toy/lab/qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"},
        )
    assert do("lease", policy, "hold", **{**HOLD, "object": "toy/lab"}).changed


def test_any_hold_that_stands_can_be_lifted(policy: Policy) -> None:
    ledger = do("ledger", policy, "initialise").ledger
    assert ledger is not None
    until = parse_time("2096-01-01T00:00:00Z")
    ledger.holds.place(Hold("toy/lab/gone", "why", until, "ann", ledger.store.now()))
    missed = do("lease", policy, "lift", object="gnoe")
    assert missed.lines == ("hold on toy/lab/gnoe: there was none; held are toy/lab/gone",) and not missed.changed
    assert do("lease", policy, "lift", object="gone").changed
    assert do("lease", policy, "lift", object="gone").lines == ("hold on toy/lab/gone: there was none, nor any other",)


def test_a_lease_is_broken_by_its_path_typed_in_full_and_a_reason(policy: Policy, tmp_path: Path) -> None:
    do("ledger", policy, "initialise")
    ledger = open_ledger(policy.ledger, "toy", "lab")
    assert do("lease", policy, "break", object="api").lines == ("lease on toy/lab/api: there was none, nor any other",)
    directory = tmp_path / "runs" / "01"
    leases = ledger.leases.acquire(["toy/lab/api", "toy/lab/web"], holder("01", tmp_path / "runs"))
    deadlines.extend(directory, leases, deadlines.boot_seconds())
    for typed, why in (
        ({}, "ops_confirm is empty"),
        ({"ops_confirm": "api", "ops_reason": "stuck"}, "ops_confirm is 'api'"),
        ({"ops_confirm": "toy/lab/api", "ops_reason": " "}, "ops_reason is empty"),
    ):
        with pytest.raises(InvalidInput, match=f"Breaking the lease on toy/lab/api takes it away from run 01 .*{why}"):
            do("lease", policy, "break", object="api", typed=typed)
    sure = {"ops_confirm": "toy/lab/api", "ops_reason": "stuck"}
    assert do("lease", policy, "break", object="api", typed=sure, check=True).changed
    assert len(ledger.leases.all()) == 2
    done = do("lease", policy, "break", object="api", typed=sure)
    assert done.changed and done.lines[0].endswith(": is broken") and done.event["reason"] == "stuck"
    assert ledger.leases.all() == []
    told = deadlines.path_for(directory, "toy/lab/api").read_text()
    assert '"stop": true' in told
    again = do("lease", policy, "break", object="api", typed=sure)
    assert not again.changed


def test_a_secret_in_a_message_is_not_kept(policy: Policy) -> None:
    ledger = do("ledger", policy, "initialise").ledger
    assert ledger is not None
    told = do("lease", policy, "hold", **{**HOLD, "message": "restoring, password=hunter2hunter2"}).lines
    assert [hold.message for hold in ledger.holds.standing()] == ["restoring, password=********"]
    assert "hunter2" not in str(told)


def test_a_hold_that_takes_the_place_of_another_says_so(policy: Policy) -> None:
    do("ledger", policy, "initialise")
    do("lease", policy, "hold", **HOLD)
    second = do("lease", policy, "hold", object="api", message="other", until="2095-01-01T00:00:00Z")
    assert second.lines[1].startswith("in place of the hold of ")
    assert second.lines[1].endswith(" until 2096-01-01T00:00:00Z: why")
