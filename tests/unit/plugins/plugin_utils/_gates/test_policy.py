"""The gate policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    policy,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Policy,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import text


def test_policy_keys() -> None:
    values = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": "file:///l"}
    found, none = policy.judge_keys({"api": values, "web": {**values, "ops_windows": "always"}})
    assert none == [] and found == Policy("toy", "lab", "file:///l", windows="always")
    assert text(policy.judge_keys({"api": {}})[1]) == [
        f"refuse: The inventory does not set {key} for api" for key in ("ops_system", "ops_environment", "ops_ledger")
    ]
    assert text(policy.judge_keys({"api": values, "web": {**values, "ops_system": "other"}})[1]) == [
        "refuse: The hosts of this play have different values of ops_system: other, toy"
    ]
    assert text(policy.judge_keys({"api": {**values, "ops_environment": "prod"}})[1]) == [
        "refuse: ops_environment is 'prod'"
    ]
    assert policy.judge_keys({}) == (None, [])


def test_a_policy_holds_all_that_was_declared() -> None:
    values = {
        "ops_system": "toy",
        "ops_environment": "lab",
        "ops_ledger": "file:///l",
        "ops_windows": ["w"],
        "ops_freezes": ["f"],
        "ops_approvers": ["a"],
        "ops_ledger_persistent": True,
    }
    expected = Policy("toy", "lab", "file:///l", ["w"], ["f"], ["a"], ledger_persistent=True)
    assert policy.judge_keys({"api": values}) == (expected, [])
    # one host that stays silent does not take a rule away, and does not vouch for the ledger
    silent = {key: values[key] for key in ("ops_system", "ops_environment", "ops_ledger")}
    found, _none = policy.judge_keys({"api": silent, "web": values})
    assert found == replace(expected, ledger_persistent=False)


def test_everything_that_is_wrong_with_the_keys_is_said_at_once() -> None:
    values = {"ops_system": "toy", "ops_environment": "prod", "ops_ledger": "file:///l"}
    assert text(policy.judge_keys({"api": values, "web": {**values, "ops_system": "x", "ops_ledger": "y"}})[1]) == [
        "refuse: The hosts of this play have different values of ops_system: toy, x",
        "refuse: The hosts of this play have different values of ops_ledger: file:///l, y",
        "refuse: ops_environment is 'prod'",
    ]


def test_policy_groups() -> None:
    both = {"api": ["lab", "production", "services"]}
    assert text(policy.judge_groups(both, {})) == [
        "refuse: api is in the environment groups lab and production at once"
    ]
    assert text(policy.judge_groups({"api": ["lab"]}, {"api": "staging"})) == [
        "refuse: api is in the group lab but its ops_environment is staging"
    ]
    assert policy.judge_groups({"api": ["lab"], "web": []}, {"api": "lab", "web": "staging"}) == []


@pytest.mark.parametrize(
    ("name", "is_policy"),
    [("ops_ledger", True), ("component_probe", True), ("ops_confirm", False), ("deploy_release", False)],
)
def test_policy_comes_from_the_inventory(name: str, is_policy: bool) -> None:
    assert bool(policy.judge_extra_variables([name])) is is_policy
    assert all(verdict.firm for verdict in policy.judge_extra_variables([name]))
    assert policy.is_refused(name) is is_policy
    assert policy.is_refused("_raw_params"), "what Ansible cut off a text"


@pytest.mark.parametrize(
    ("values", "path"),
    [([], "?/?"), ([{}], "?/?"), ([{"ops_system": "shop"}, {"ops_environment": "lab"}], "shop/?")],
)
def test_what_an_inventory_does_not_say_is_not_known(values: list[dict[str, object]], path: str) -> None:
    known = policy.stand_in(values)
    assert (known.path, known.ledger) == (path, "")


KNOWN = {"rollback_to", "rollback_from", "rollback_reason", "rollback_action"}


def test_a_misspelled_variable_is_refused_with_the_nearest() -> None:
    again = "ansible-playbook playbooks/rollback.yml -e rollback_form=2.0.0"
    (verdict,) = policy.judge_unknown(["rollback_form", "rollback_to", "other"], "rollback", KNOWN, again=again)
    assert verdict.sentence == "rollback_form was passed as an extra variable, and rollback has none of that name"
    assert verdict.remedy.startswith("Did you mean rollback_from? It has rollback_action, rollback_from,")
    assert verdict.next == "ansible-playbook playbooks/rollback.yml -e rollback_from=2.0.0"
    assert verdict.firm


def test_one_that_is_like_none_names_those_there_are() -> None:
    (verdict,) = policy.judge_unknown(["rollback_xyzzy_plugh"], "acme.ops.rollback", KNOWN, again="x")
    assert (verdict.remedy.startswith("It has rollback_action"), verdict.next) == (True, "")


def test_where_a_role_describes_nothing_nothing_is_unknown() -> None:
    assert policy.judge_unknown(["rollback_form"], "rollback", (), again="x") == []
