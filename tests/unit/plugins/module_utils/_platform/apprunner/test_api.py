"""The calls: paged, one per method, and an answer that was cut short is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AnswerLost, InvalidInput, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.api import Api, connect
from tests.unit.plugins.module_utils._platform.apprunner.cloud import ARN, Cloud, digest, operation, service


def answering(answer: Mapping[str, Any]) -> Api:
    """Return an API of which every call has one answer."""

    def call(operation: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        return answer

    return Api(call, call, call, call)


class TestFind:
    def test_by_arn_nothing_is_asked(self) -> None:
        assert answering({}).find(ARN) == ARN

    def test_by_name_over_all_pages(self) -> None:
        cloud = Cloud()
        cloud.page = 1
        cloud.services = [service(ServiceName="web", ServiceArn="arn:web"), *cloud.services]
        assert cloud.api().find("shop-api") == ARN

    def test_there_is_none(self) -> None:
        assert Cloud().api().find("shop") is None
        assert Cloud(Status="DELETED").api().find("shop-api") is None
        assert answering({}).find("shop-api") is None

    def test_there_are_two(self) -> None:
        cloud = Cloud()
        cloud.services.append(service(ServiceArn="arn:two"))
        with pytest.raises(InvalidInput) as caught:
            cloud.api().find("shop-api")
        assert str(caught.value) == f"service 'shop-api' names 2 App Runner services. Name one by ARN: {ARN} ..."

    def test_pages_without_an_end_are_no_answer(self) -> None:
        with pytest.raises(Unreachable) as caught:
            answering({"NextToken": "more"}).find("shop-api")
        assert str(caught.value) == "AWS list_services did not come to an end within 500 pages."


class TestCutShort:
    @pytest.mark.parametrize(
        ("answer", "ask", "missing"),
        [
            ({"ServiceSummaryList": [{"ServiceName": "s"}]}, lambda api: api.find("s"), "ServiceArn"),
            ({}, lambda api: api.describe(ARN), "Service"),
            ({"Service": {"Status": "RUNNING"}}, lambda api: api.describe(ARN), "ServiceArn"),
            ({"OperationSummaryList": [{}]}, lambda api: list(api.operations(ARN)), "Id"),
            ({}, lambda api: api.image(None, "r", {"imageTag": "1"}), "imageDetails"),
            ({"imageDetails": [{}]}, lambda api: api.image(None, "r", {"imageTag": "1"}), "imageDigest"),
        ],
    )
    def test_a_question_has_no_answer(self, answer: Mapping[str, Any], ask: Any, missing: str) -> None:
        with pytest.raises(Unreachable) as caught:
            ask(answering(answer))
        assert caught.value.__class__ is Unreachable
        assert str(caught.value) == f"AWS answered without {missing}."

    @pytest.mark.parametrize("send", [lambda api: api.update({}), lambda api: api.create({})])
    def test_a_change_may_have_been_carried_out(self, send: Any) -> None:
        with pytest.raises(AnswerLost, match="AWS answered without OperationId"):
            send(answering({"Service": {}}))


def test_operations_are_asked_for_a_page_at_a_time() -> None:
    cloud = Cloud()
    cloud.page = 1
    cloud.operations = [operation(f"op-{number}") for number in range(30, 0, -1)]
    api = cloud.api()
    cloud.errors["list_operations"] = [None, AssertionError("a page too many")]
    assert next(api.operations(ARN))["Id"] == "op-30"
    cloud.errors.clear()
    assert [item["Id"] for item in api.operations(ARN)][-1] == "op-1"
    assert len(api.newest_operations(ARN)) == 20


def test_an_image_of_another_account_or_of_ours() -> None:
    seen: list[Mapping[str, Any]] = []

    def call(operation: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        seen.append(request)
        return {"imageDetails": [{"imageDigest": "d", "imageTags": ["1"]}]}

    api = Api(call, call, call, call)
    api.image("123456789012", "shop/api", {"imageTag": "1"})
    api.image(None, "shop/api", {"imageTag": "1"})
    api.newest_tags("123456789012", "shop/api")
    api.newest_tags(None, "shop/api")
    assert [request.get("registryId") for request in seen] == ["123456789012", None] * 2


def test_the_newest_tags_first() -> None:
    cloud = Cloud()
    cloud.page = 1
    cloud.images["1.7.0"] = cloud.images["1.8.0"].replace(year=2025)
    cloud.images["2.0.0"] = cloud.images["1.8.0"].replace(year=2027)
    assert cloud.api().newest_tags(None, "shop/api") == ["2.0.0", "1.8.0", "1.9.0", "1.7.0"]


def test_the_last_lines_of_a_log_and_no_more_than_ten_pages() -> None:
    cloud = Cloud()
    cloud.logs["g"] = [str(number) for number in range(300)]
    assert cloud.api().log_events("g", 0, 2) == ["198", "199"]
    cloud.logs["g"] = ["a", "b", "c"]
    assert cloud.api().log_events("g", 0, 2) == ["b", "c"]
    assert answering({"events": [{}]}).log_events("g", 0, 2) == [""]


def test_only_the_client_for_changes_may_not_repeat() -> None:
    made: list[tuple[str, bool]] = []
    asked: list[tuple[object, str]] = []

    def client(name: str, mutating: bool) -> object:
        made.append((name, mutating))
        return name

    def call(client: object, operation: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        asked.append((client, operation))
        return {"Service": {"ServiceArn": ARN}, "OperationId": "op-1", "imageDetails": [{"imageDigest": digest("x")}]}

    api = connect(client, call)
    api.describe(ARN)
    api.update({})
    api.image(None, "r", {"imageTag": "1"})
    api.log_events("g", 0, 1)
    assert made == [("apprunner", False), ("apprunner", True), ("ecr", False), ("logs", False)]
    assert asked == [
        ("apprunner", "describe_service"),
        ("apprunner", "update_service"),
        ("ecr", "describe_images"),
        ("logs", "filter_log_events"),
    ]
