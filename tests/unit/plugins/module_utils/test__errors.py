"""The errors: a closed sentence, a closed remedy, and the keyword arguments of fail_json."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils import _errors


@pytest.mark.parametrize(
    ("sentence", "remedy", "shown"),
    [
        ("The cache is away", "", "The cache is away."),
        ("The cache is away.", "Start it", "The cache is away. Start it."),
        ("  Is it there?  ", " Look! ", "Is it there? Look!"),
        ("It failed", "Run `make lab`", "It failed. Run `make lab`"),
        ("It failed", "Pass permit: '{{ ops_run.permit }}'", "It failed. Pass permit: '{{ ops_run.permit }}'"),
        ("fail_on is 'ok'", "Use 'never'.", "fail_on is 'ok'. Use 'never'."),
        ("", "", ""),
    ],
)
def test_sentence_and_remedy_are_closed(sentence: str, remedy: str, shown: str) -> None:
    assert str(_errors.OpsError(sentence, remedy=remedy)) == shown


def test_a_result_names_the_kind_and_keeps_details_apart() -> None:
    error = _errors.Refused("No", remedy="Wait", details={"code": 7})

    assert error.as_result() == {
        "msg": "No. Wait.",
        "error_kind": "Refused",
        "changed": False,
        "details": {"code": 7},
    }


def test_a_result_without_details_has_no_such_key() -> None:
    assert _errors.NotFound("No").as_result() == {"msg": "No.", "error_kind": "NotFound", "changed": False}


def test_a_result_names_the_next_command_without_spelling_it() -> None:
    wanted = {"playbook": "ledger", "variables": {"ledger_action": "check"}}
    assert _errors.Refused("No", next=wanted).as_result()["next"] == wanted


def test_details_are_a_copy() -> None:
    details = {"code": 7}
    error = _errors.OpsError("No", details=details)
    details["code"] = 8

    assert error.details == {"code": 7}


@pytest.mark.parametrize("kind", [_errors.Throttled, _errors.AnswerLost])
def test_a_caller_that_only_knows_unreachable_catches_its_kinds(kind: type[_errors.OpsError]) -> None:
    assert issubclass(kind, _errors.Unreachable)


def test_every_error_has_the_one_root() -> None:
    kinds = [value for value in vars(_errors).values() if isinstance(value, type)]

    assert all(issubclass(kind, _errors.OpsError) for kind in kinds if issubclass(kind, Exception))
