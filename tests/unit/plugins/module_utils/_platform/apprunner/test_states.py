"""What App Runner's words mean."""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.session
import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner import states
from ansible_collections.steady.ops.plugins.module_utils._release.values import Ending


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PENDING", Ending.RUNNING),
        ("IN_PROGRESS", Ending.RUNNING),
        ("ROLLBACK_IN_PROGRESS", Ending.RUNNING),
        ("SUCCEEDED", Ending.SUCCEEDED),
        ("ROLLBACK_SUCCEEDED", Ending.REVERTED),
        ("ROLLBACK_FAILED", Ending.FAILED),
        ("FAILED", Ending.FAILED),
        ("A_WORD_OF_NEXT_YEAR", Ending.RUNNING),
        ("", Ending.RUNNING),
    ],
)
def test_only_succeeded_is_success_and_an_unknown_word_keeps_waiting(status: str, expected: Ending) -> None:
    assert states.ending(status) is expected


def test_the_table_knows_every_word_of_the_service_model() -> None:
    model = botocore.session.get_session().get_service_model("apprunner")
    assert set(states._ENDINGS) == set(model.shape_for("OperationStatus").enum)
    known = {*states._OBSTACLES, states.DELETED, states.BUSY, "RUNNING"}
    assert known == set(model.shape_for("ServiceStatus").enum)
    assert set(states.MAKES_A_VERSION) <= set(model.shape_for("OperationType").enum)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("RUNNING", ""),
        ("OPERATION_IN_PROGRESS", ""),
        (
            "PAUSED",
            "The App Runner service api is paused and cannot be switched. Resume it (aws apprunner resume-service),"
            " which brings back its last version, and run this again",
        ),
        (
            "CREATE_FAILED",
            "The App Runner service api failed to be created and serves nothing."
            " Delete it and deploy again with create: true",
        ),
        (
            "DELETE_FAILED",
            "The App Runner service api failed to be deleted. Delete it again or ask AWS support",
        ),
    ],
)
def test_in_which_states_nothing_can_be_switched(status: str, expected: str) -> None:
    assert states.obstacle("api", status) == expected


def test_an_operation() -> None:
    began = datetime(2026, 11, 21, tzinfo=UTC)
    read = states.operation({"Id": "op-1", "Type": "START_DEPLOYMENT", "Status": "SUCCEEDED", "StartedAt": began})
    assert (read.id, read.type, read.status, read.ending) == (
        "op-1",
        "START_DEPLOYMENT",
        "SUCCEEDED",
        Ending.SUCCEEDED,
    )
    assert (read.started_at, read.ended_at) == (began, None)


def test_an_operation_of_which_little_is_told_is_under_way() -> None:
    read = states.operation({"Id": "op-1", "StartedAt": "yesterday"})
    assert (read.type, read.status, read.ending, read.started_at) == ("", "UNKNOWN", Ending.RUNNING, None)
