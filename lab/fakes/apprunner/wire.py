# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS wire protocols that the fake speaks: JSON 1.0 and 1.1 by X-Amz-Target, and the query protocol of STS."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

TARGETS = {
    "AppRunner": "apprunner",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "Logs_20140328": "logs",
}
JSON_VERSIONS = {"apprunner": "1.0", "ecr": "1.1", "logs": "1.1"}
# What each service calls a request that breaks its model.
INVALID = {
    "apprunner": "InvalidRequestException",
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "sts": "ValidationError",
}
MUTATING_VERBS = ("Create", "Update", "Delete", "Pause", "Resume", "Start", "Tag", "Untag", "Associate", "Disassociate")
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


class ApiError(Exception):
    """An error answer: AWS error code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Request:
    """One AWS request as it came in. `access_key` is empty when it was not signed."""

    service: str
    operation: str
    params: dict[str, Any]
    access_key: str
    signed_for: str

    @property
    def mutating(self) -> bool:
        """Whether the operation changes something, by its verb."""
        return self.operation.startswith(MUTATING_VERBS)


def parse(headers: dict[str, str], body: bytes) -> Request:
    """Read one request (header names in lower case); raises ApiError when it is no AWS request at all."""
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    access_key, signed_for = (found["key"], found["service"]) if found else ("", "")
    target = headers.get("x-amz-target", "")
    if target:
        prefix, _rest, operation = target.rpartition(".")
        if prefix not in TARGETS:
            raise ApiError("UnknownOperationException", f"no service has the target {target}", 404)
        service = TARGETS[prefix]
        expected = f"application/x-amz-json-{JSON_VERSIONS[service]}"
        if headers.get("content-type", "") != expected:
            raise ApiError("SerializationException", f"content type must be {expected}")
        return Request(service, operation, _json(body), access_key, signed_for)
    form = dict(parse_qsl(body.decode("utf-8", "replace")))
    if form.pop("Version", "") == "2011-06-15" and "Action" in form:
        return Request("sts", form.pop("Action"), dict(form), access_key, signed_for)
    raise ApiError("UnknownOperationException", "neither X-Amz-Target nor an STS action was given", 404)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", "the body is no JSON") from error
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "the body is no JSON object")
    return value


def answer(request: Request, result: dict[str, Any], request_id: str) -> tuple[str, bytes]:
    """Content type and body of a good answer."""
    if request.service != "sts":
        return f"application/x-amz-json-{JSON_VERSIONS[request.service]}", json.dumps(result).encode()
    members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in result.items())
    name = request.operation
    return "text/xml", (
        f'<{name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{name}Result>{members}</{name}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    ).encode()


def error_answer(service: str, error: ApiError, request_id: str) -> tuple[str, bytes]:
    """Content type and body of an error answer."""
    if service != "sts":
        version = JSON_VERSIONS.get(service, "1.0")
        # App Runner and ECR say "message", a few calls say "Message"; botocore reads both.
        body = {"__type": error.code, "message": error.message}
        return f"application/x-amz-json-{version}", json.dumps(body).encode()
    return "text/xml", (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
