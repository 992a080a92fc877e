"""The one mutating call: sent once, and looked for when its answer is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    OpsError,
    RequestRefused,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.sending import Sender
from ansible_collections.steady.ops.plugins.module_utils._release.values import Ending, Operation
from tests.release_world import VirtualClock
from tests.unit.plugins.module_utils._platform.apprunner.cloud import ARN, REPOSITORY, Cloud, digest, operation

IMAGE = f"{REPOSITORY}@{digest('1.9.0')}"
REQUEST: dict[str, Any] = {
    "ServiceArn": ARN,
    "SourceConfiguration": {"ImageRepository": {"ImageIdentifier": IMAGE}},
}
LOST = AnswerLost("AWS update_service got no answer")


class Stand:
    def __init__(self) -> None:
        self.cloud = Cloud()
        self.clock = VirtualClock()
        self.sender = Sender(self.cloud.api(), self.clock, "shop-api", self.find, 60.0, 5.0)
        self.arn: str | None = ARN

    def find(self) -> str | None:
        return self.arn

    def begin(self) -> Operation:
        return self.sender.begin(self.arn, "UPDATE_SERVICE", REQUEST)

    def error(self) -> OpsError:
        with pytest.raises(OpsError) as caught:
            self.begin()
        assert len(self.cloud.sent) == 1, "a mutating call is never sent twice"
        return caught.value


def test_one_call_and_its_operation() -> None:
    stand = Stand()
    begun = stand.begin()
    assert begun == Operation("op-1", "UPDATE_SERVICE", "PENDING", Ending.RUNNING, stand.clock.now())
    assert stand.cloud.sent == [("update_service", REQUEST)]


def test_creating() -> None:
    stand = Stand()
    request = {**REQUEST, "ServiceName": "shop-api"}
    begun = stand.sender.begin(None, "CREATE_SERVICE", request)
    assert (begun.id, begun.type, stand.cloud.sent) == ("op-1", "CREATE_SERVICE", [("create_service", request)])


class TestLostAnswer:
    def test_the_operation_appeared(self) -> None:
        stand = Stand()
        stand.cloud.operations = [operation("op-0")]
        stand.cloud.late = [LOST]
        begun = stand.begin()
        assert (begun.id, begun.status) == ("op-2", "IN_PROGRESS")
        assert (len(stand.cloud.sent), stand.clock.seconds) == (1, 0.0)

    def test_of_a_creation(self) -> None:
        stand = Stand()
        stand.cloud.late = [LOST]
        assert stand.sender.begin(None, "CREATE_SERVICE", {**REQUEST, "ServiceName": "shop-api"}).id == "op-1"

    def test_it_appears_late(self) -> None:
        stand = Stand()
        stand.cloud.late = [LOST]
        stand.cloud.errors["list_operations"] = [None, *[Unreachable("No network")] * 3]
        assert stand.begin().id == "op-1"
        assert stand.clock.seconds == 15.0

    def test_none_appeared_and_the_service_stands_as_before(self) -> None:
        stand = Stand()
        stand.cloud.errors["update_service"] = [LOST]
        error = stand.error()
        assert error.__class__ is AnswerLost
        assert str(error) == ("AWS update_service got no answer. No operation appeared, so it was not carried out.")
        assert stand.clock.seconds == 60.0

    def test_none_appeared_and_no_service_either(self) -> None:
        stand = Stand()
        stand.arn = None
        stand.cloud.errors["create_service"] = [LOST]
        assert stand.error().__class__ is AnswerLost

    def test_whether_one_appeared_cannot_be_seen(self) -> None:
        stand = Stand()
        stand.cloud.late = [LOST]
        stand.cloud.errors["list_operations"] = [None, *[Unreachable("No network")] * 99]
        error = stand.error()
        assert error.__class__ is Unreachable
        assert str(error) == (
            "AWS update_service got no answer. Whether it was carried out cannot be seen: No network."
        )

    @pytest.mark.parametrize(
        ("after", "why"),
        [
            (
                {"Status": "OPERATION_IN_PROGRESS"},
                "an operation is under way that the list of operations does not show",
            ),
            (
                {"SourceConfiguration": REQUEST["SourceConfiguration"]},
                "the service is configured as asked, and the list of operations does not show why",
            ),
        ],
    )
    def test_a_list_that_lags_behind_is_not_believed(self, after: dict[str, Any], why: str) -> None:
        stand = Stand()
        stand.cloud.services[0].update(after)
        stand.cloud.errors["update_service"] = [LOST]
        error = stand.error()
        assert error.__class__ is Unreachable
        assert str(error).endswith(f"Whether it was carried out cannot be seen: {why}.")

    def test_somebody_elses_operation_is_not_taken_for_ours(self) -> None:
        stand = Stand()
        stand.cloud.errors["update_service"] = [LOST]
        read = stand.cloud.read

        def meddled(call: str, request: Any) -> dict[str, Any]:
            if stand.cloud.sent and not stand.cloud.operations:
                stand.cloud.operations = [operation("op-7", type="START_DEPLOYMENT")]
            return read(call, request)

        stand.sender = replace(stand.sender, api=replace(stand.sender.api, read=meddled))
        error = stand.error()
        assert error.__class__ is Unreachable
        assert str(error).endswith("cannot be seen: operation op-7 began, but the service is not configured as asked.")


class TestRefused:
    STATE = RequestRefused("AWS refused update_service (state)", details={"code": "InvalidStateException"})

    def test_another_operation_is_named(self) -> None:
        stand = Stand()
        stand.cloud.operations = [operation("op-9", "IN_PROGRESS", "START_DEPLOYMENT"), operation("op-8")]
        stand.cloud.errors["update_service"] = [self.STATE]
        error = stand.error()
        assert error.__class__ is RequestRefused
        assert str(error) == (
            "Another operation is under way on shop-api: op-9 (START_DEPLOYMENT, IN_PROGRESS)."
            " Wait for its end and run the same command again."
        )
        assert error.details == {"code": "InvalidStateException"}

    def test_without_one_the_words_of_the_provider_stay(self) -> None:
        stand = Stand()
        stand.cloud.operations = [operation("op-8")]
        stand.cloud.errors["update_service"] = [self.STATE]
        assert stand.error() is self.STATE

    def test_also_where_nobody_can_look(self) -> None:
        stand = Stand()
        stand.cloud.errors = {"update_service": [self.STATE], "list_operations": [None, AccessDenied("Expired")]}
        assert stand.error() is self.STATE

    def test_a_service_that_is_not_there_yet(self) -> None:
        stand = Stand()
        stand.arn = None
        stand.cloud.errors["create_service"] = [self.STATE]
        assert stand.error() is self.STATE

    def test_any_other_refusal(self) -> None:
        stand = Stand()
        refused = RequestRefused("AWS refused update_service", details={"code": "InvalidRequestException"})
        stand.cloud.errors["update_service"] = [refused]
        assert stand.error() is refused


def test_what_cannot_be_read_before_the_call_is_not_sent() -> None:
    stand = Stand()
    stand.cloud.errors["list_operations"] = [Unreachable("No network")]
    with pytest.raises(Unreachable):
        stand.begin()
    assert stand.cloud.sent == []
