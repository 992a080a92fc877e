"""Contracts: what is read, which action is chosen, and a sentence for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._runs.contract import (
    action_variable,
    load,
    role_name,
    validate,
    variables_of,
)

GOOD: dict[str, Any] = {
    "purpose": "Do it.",
    "place": "controller",
    "actions": {"go": {"risk": "change", "extra_gates": ["backup"]}, "show": {"risk": "read"}},
}


def test_a_contract_is_read(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "runbook.yml").write_text("{purpose: x, place: machine, actions: {go: {risk: change}}}")
    contract = load("x", tmp_path)
    assert (contract.place, contract.actions[0].objects, contract.platforms) == ("machine", ("component",), ())


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="The role of the runbook x has no contract"):
        load("x", tmp_path)
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "runbook.yml").write_text("{")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load("x", tmp_path)


@pytest.mark.parametrize(("asked", "name"), [("", "show"), (" ", "show"), (" go ", "go")])
def test_a_read_action_is_the_default(asked: str, name: str) -> None:
    assert validate("x", GOOD).choose(asked).name == name


def test_without_a_read_action_the_first_is_the_default_and_a_wrong_one_is_refused() -> None:
    contract = validate(
        "acme.nomad.deploy", {**GOOD, "actions": {"go": {"risk": "change"}, "stop": {"risk": "change"}}}
    )
    assert contract.choose("").name == "go"
    with pytest.raises(InvalidInput) as caught:
        contract.choose("halt")
    assert str(caught.value) == (
        "deploy_action is 'halt', and acme.nomad.deploy has no such action. Use one of go, stop."
    )


def test_what_keeps_the_ledgers_books_touches_no_component() -> None:
    contract = validate(
        "x", {**GOOD, "actions": {"go": {"risk": "change", "objects": ["ledger"]}, "do": {"risk": "read"}}}
    )
    assert [action.in_ledger for action in contract.actions] == [True, False]
    with pytest.raises(
        InvalidInput, match=r"actions\.go\.objects\. Write ledger alone: what touches a component needs"
    ):
        validate("x", {**GOOD, "actions": {"go": {"risk": "change", "objects": ["ledger", "component"]}}})


def test_names() -> None:
    assert (action_variable("rollback"), role_name("rollback")) == ("rollback_action", "steady.ops.rollback")
    assert role_name("acme.nomad.deploy") == "acme.nomad.deploy"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "The contract of x is empty."),
        ({**GOOD, "colour": 1}, "has the unknown key colour."),
        ({**GOOD, "purpose": " "}, "no usable purpose."),
        ({**GOOD, "place": "moon"}, "no usable place. Use one of controller, machine, platform."),
        ({**GOOD, "actions": {}}, "no usable actions."),
        ({**GOOD, "platforms": "apprunner"}, "no usable platforms. Write a list of words."),
        ({**GOOD, "actions": {"go": None}}, "no usable actions.go."),
        ({**GOOD, "actions": {"go": {"risk": "some"}}}, "no usable actions.go.risk."),
        ({**GOOD, "actions": {"go": {"risk": "read", "x": 1}}}, "has the unknown key actions.go.x."),
        ({**GOOD, "actions": {"go": {"risk": "read", "disruptive": 1}}}, "no usable actions.go.disruptive."),
        (
            {**GOOD, "actions": {"go": {"risk": "read", "deadline_minutes": 0}}},
            "no usable actions.go.deadline_minutes.",
        ),
        ({**GOOD, "actions": {"go": {"risk": "read", "extra_gates": ["x"]}}}, "no usable actions.go.extra_gates."),
        (
            {**GOOD, "actions": {"go": {"risk": "change", "objects": []}}},
            "no usable actions.go.objects. Name what it changes: component, environment, or a component.",
        ),
        ({**GOOD, "actions": {"go": {"risk": "change", "unit": {}, "batch": 1}}}, "no usable actions.go.batch."),
        (
            {**GOOD, "actions": {"go": {"risk": "change", "batch": "x_batch"}}},
            "no usable actions.go.batch. Name the run's variable, beside unit.",
        ),
    ],
)
def test_what_is_wrong_is_named(value: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate("x", value)
    assert sentence in str(caught.value)


def test_the_variables_are_those_that_the_role_describes(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    spec = tmp_path / "meta" / "argument_specs.yml"
    assert variables_of("rollback", tmp_path) == frozenset()
    spec.write_text("argument_specs: {main: {options: {rollback_to: {}}}, other: {}}")
    assert variables_of("rollback", tmp_path) == {"rollback_to", "rollback_action"}
    for damaged in ("[1]", "argument_specs: [1]", "a: {", "argument_specs: {main: 1}"):
        spec.write_text(damaged)
        assert variables_of("rollback", tmp_path) == frozenset()
