"""The ledger's tool in process; its playbook runs in tests/integration/test_ledger.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import parse_time
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import path_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.memory import Memory
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ledger_tool import (
    Outcome,
    Surroundings,
    journal_opening,
    operate,
    turned_away,
)
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder

WHOLE = {
    "ledger_action": "hold",
    "ledger_hold": "toy/lab/api",
    "ledger_until": "2096-01-01T00:00:00Z",
    "ledger_message": "why",
}
HOLD = {"object": "api", "message": "why", "until": "2096-01-01T00:00:00Z"}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy("toy", "lab", f"file://{tmp_path}/ledger")


def do(policy: Policy, action: str, *, check: bool = False, **operation: object) -> Outcome:
    memory = Memory(path_of(policy.ledger).parent / "home" / "ledgers")
    return operate(action, policy, operation, Surroundings(("web", "api"), memory, check=check))


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
    assert intent.startswith("unfinished deploy of api by run 01: run 01 (rollback) of ")
    assert intent.endswith(" is under way: wait for its end")
    ledger.leases.release("01")
    assert do(policy, "show").lines[2] == "unfinished deploy of api by run 01: the next run settles it"
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
        ({"object": " "}, "ledger_hold is empty"),
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


@pytest.mark.parametrize(
    ("change", "next_variables"),
    [
        ({"object": ""}, {**WHOLE, "ledger_hold": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"object": "other/lab/api"}, {**WHOLE, "ledger_hold": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"object": "apii"}, WHOLE),
        ({"object": "qqqqqqqqqqqqqqqqqqqqqqq"}, {**WHOLE, "ledger_hold": "toy/lab/NAME-OF-THE-COMPONENT"}),
        ({"message": ""}, {**WHOLE, "ledger_message": "REASON"}),
    ],
)
def test_what_a_hold_lacks_is_a_whole_command(
    policy: Policy, change: dict[str, str], next_variables: dict[str, str]
) -> None:
    do(policy, "initialise")
    with pytest.raises(InvalidInput) as caught:
        do(policy, "hold", **{**HOLD, **change})
    assert caught.value.next == {"playbook": "ledger", "variables": next_variables}


@pytest.mark.parametrize("until", ["", "2026-01-01T00:00:00Z", "noon", "2096-01-01T00:00:00"])
def test_a_hold_without_an_end_is_offered_an_hour(policy: Policy, until: str) -> None:
    ledger = do(policy, "initialise").ledger
    assert ledger is not None
    with pytest.raises(InvalidInput) as caught:
        do(policy, "hold", **{**HOLD, "until": until})
    offered = dict(caught.value.next["variables"])["ledger_until"]  # type: ignore[call-overload]
    assert 3500 < (parse_time(offered) - ledger.store.now()).total_seconds() <= 3600


def test_an_unknown_action_is_named(policy: Policy) -> None:
    with pytest.raises(InvalidInput, match="ledger_action is 'holds'") as caught:
        do(policy, "holds", **HOLD)
    assert caught.value.next == {"playbook": "ledger", "variables": {**WHOLE, "ledger_hold": "api"}}
    with pytest.raises(InvalidInput) as caught:
        do(policy, "open sesame")
    assert caught.value.next == {"playbook": "ledger"}


def test_a_refusal_carries_what_the_last_line_is_made_of() -> None:
    result: dict[str, object] = {"run": "01", "system": "toy"}
    commands = Commands(["ansible-playbook", "ledger.yml"], exists=lambda path: False)
    away = turned_away(InvalidInput("No", remedy="Do", next={"playbook": "ledger"}), result, commands)
    assert str(away) == "No. Do. Next: ansible-playbook steady.ops.ledger"
    following = {"error_kind": "InvalidInput", "guard": "refused", "next": {"playbook": "ledger"}}
    assert away.result == {**result, **following}
    assert str(turned_away(InvalidInput("No"), result, commands)) == "No."


def test_a_broken_journal_stops_no_tool(policy: Policy, tmp_path: Path) -> None:
    outcome = do(policy, "initialise")
    assert journal_opening(outcome, "initialise", policy, run="01", who={}, check=False) == ""
    (tmp_path / "ledger" / "journal" / "head").unlink()
    assert "cannot be trusted" in journal_opening(outcome, "lift", policy, run="01", who={}, check=False)
    assert journal_opening(Outcome(False, (), None), "show", policy, run="01", who={}, check=True) == ""


def test_a_hold_on_nothing_is_refused_with_the_nearest_names(policy: Policy) -> None:
    do(policy, "initialise")
    with pytest.raises(InvalidInput) as caught:
        do(policy, "hold", **{**HOLD, "object": "apii"})
    assert str(caught.value) == (
        "ledger_hold names toy/lab/apii, which is no component of this inventory, so the hold would stop nothing."
        " Name a component, or toy/lab for all of it; the nearest are toy/lab/api, toy/lab/web."
    )
    with pytest.raises(InvalidInput, match="the nearest are toy/lab"):
        do(policy, "hold", check=True, **{**HOLD, "object": "toy/lab/qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"})
    assert do(policy, "hold", **{**HOLD, "object": "toy/lab"}).changed


def test_any_hold_that_stands_can_be_lifted(policy: Policy) -> None:
    ledger = do(policy, "initialise").ledger
    assert ledger is not None
    until = parse_time("2096-01-01T00:00:00Z")
    ledger.holds.place(Hold("toy/lab/gone", "why", until, "ann", ledger.store.now()))
    missed = do(policy, "lift", object="gnoe")
    assert missed.lines == ("hold on toy/lab/gnoe: there was none; held are toy/lab/gone",) and not missed.changed
    assert do(policy, "lift", object="gone").changed
    assert do(policy, "lift", object="gone").lines == ("hold on toy/lab/gone: there was none, nor any other",)


@pytest.mark.parametrize("check", [False, True])
def test_nothing_is_initialised_where_the_directory_above_is_missing(tmp_path: Path, check: bool) -> None:
    policy = Policy("toy", "staging", f"file://{tmp_path}/not mounted/ledger".replace(" ", "%20"))
    with pytest.raises(Refused) as caught:
        do(policy, "initialise", check=check)
    assert f"where there is no directory {tmp_path}/not mounted." in str(caught.value)
    assert f"run `mkdir -p '{tmp_path}/not mounted'` first" in str(caught.value)
    assert not (tmp_path / "not mounted").exists()


def test_a_ledger_that_vanished_is_not_begun_anew_by_mistake(tmp_path: Path) -> None:
    policy = Policy("toy", "staging", f"file://{tmp_path}/ledger")
    ledger = do(policy, "initialise").ledger
    assert ledger is not None
    (tmp_path / "ledger").rename(tmp_path / "unmounted")
    # what an unmounted file system leaves
    (tmp_path / "ledger").mkdir(mode=0o700)
    for lost in ("", "another"):
        for check in (False, True):
            with pytest.raises(Refused, match=r"with its history and its holds, begin a new one\.") as caught:
                do(policy, "initialise", check=check, lost=lost)
            given = {"ledger_action": "initialise", "ledger_lost": ledger.identity.id}
            assert caught.value.next == {"playbook": "ledger", "variables": given}
    assert list((tmp_path / "ledger").iterdir()) == []
    anew = do(policy, "initialise", lost=ledger.identity.id)
    assert anew.changed and not do(policy, "initialise").changed
