"""App Runner, ECR and CloudWatch as one dictionary each: what the tests of this platform talk to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.steady.ops.plugins.module_utils._errors import NotFound
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.api import Api

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/api"
ARN = "arn:aws:apprunner:eu-central-1:123456789012:service/shop-api/0a1b"
DAWN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def digest(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def service(image: str = f"{REPOSITORY}@{digest('1.8.0')}", **more: Any) -> dict[str, Any]:
    """Return a service as DescribeService shows it."""
    source = {"ImageRepository": {"ImageIdentifier": image, "ImageRepositoryType": "ECR"}}
    return {
        "ServiceArn": ARN,
        "ServiceName": "shop-api",
        "ServiceId": "0a1b",
        "Status": "RUNNING",
        "SourceConfiguration": source,
        **more,
    }


def operation(id: str = "op-1", status: str = "SUCCEEDED", type: str = "UPDATE_SERVICE", **more: Any) -> dict[str, Any]:
    return {"Id": id, "Type": type, "Status": status, **more}


class Cloud:
    """Answers calls from dictionaries; an exception in ``errors`` is raised instead, once.

    :param late: run after the mutating call was carried out, in which its answer may be lost.
    """

    def __init__(self, **given: Any) -> None:
        self.services: list[dict[str, Any]] = [service(**given)]
        self.operations: list[dict[str, Any]] = []
        self.images = {name: DAWN - timedelta(days=1) for name in ("1.8.0", "1.9.0")}
        self.logs: dict[str, list[str]] = {}
        self.errors: dict[str, list[Exception | None]] = {}
        self.late: list[Exception] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.page = 20

    def api(self) -> Api:
        return Api(self.read, self.write, self.ecr, self.cloudwatch)

    def _fail(self, call: str) -> None:
        error = self.errors[call].pop(0) if self.errors.get(call) else None
        if error is not None:
            raise error

    def _paged(self, items: list[Any], request: Mapping[str, Any], part: str, token: str) -> dict[str, Any]:
        start = int(request.get(token, 0))
        answer: dict[str, Any] = {part: items[start : start + self.page]}
        return answer | ({token: str(start + self.page)} if start + self.page < len(items) else {})

    def read(self, call: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fail(call)
        if call == "list_services":
            return self._paged(self.services, request, "ServiceSummaryList", "NextToken")
        if call == "list_operations":
            return self._paged(self.operations, request, "OperationSummaryList", "NextToken")
        assert call == "describe_service"
        return {"Service": next(item for item in self.services if item["ServiceArn"] == request["ServiceArn"])}

    def write(self, call: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.sent.append((call, dict(request)))
        self._fail(call)
        id = f"op-{len(self.operations) + 1}"
        type = {"update_service": "UPDATE_SERVICE", "create_service": "CREATE_SERVICE"}[call]
        if call == "create_service":
            self.services = [service(ServiceName=request["ServiceName"])]
        self.services[0]["SourceConfiguration"] = request["SourceConfiguration"]
        self.operations.insert(0, operation(id, "IN_PROGRESS", type, StartedAt=DAWN))
        if self.late:
            raise self.late.pop(0)
        return {"OperationId": id, "Service": self.services[0]}

    def ecr(self, call: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fail(call)
        details = [
            {"imageDigest": digest(name), "imageTags": [name], "imagePushedAt": pushed}
            for name, pushed in self.images.items()
        ]
        if "imageIds" not in request:
            return self._paged([*details, {"imageDigest": digest("untagged")}], request, "imageDetails", "nextToken")
        (wanted,) = request["imageIds"]
        found = [
            item
            for item in details
            if wanted.get("imageTag") in item["imageTags"] or wanted.get("imageDigest") == item["imageDigest"]
        ]
        if not found:
            raise NotFound("AWS describe_images: none", details={"code": "ImageNotFoundException"})
        return {"imageDetails": found}

    def cloudwatch(self, call: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self._fail(call)
        lines = [{"message": line} for line in self.logs.get(request["logGroupName"], [])]
        return self._paged(lines, request, "events", "nextToken")
