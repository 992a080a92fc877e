# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS side: one request from its bytes to its answer, with validation, faults and the log around the handlers."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.fakes.apprunner import validation, wire
from lab.fakes.apprunner.faults import Faults, one
from lab.fakes.apprunner.request_log import RequestLog
from lab.fakes.apprunner.state import State
from lab.fakes.apprunner.wire import ApiError, Request

Handler = Callable[[dict[str, Any], list[dict[str, Any]]], dict[str, Any]]
REFUSALS = {
    "500_before": ApiError("InternalServiceErrorException", "An unexpected service exception occurred.", 500),
    "500_after": ApiError("InternalServiceErrorException", "An unexpected service exception occurred.", 500),
    "throttle": ApiError("ThrottlingException", "Rate exceeded"),
    "expired_token": ApiError("ExpiredTokenException", "The security token included in the request is expired"),
    "access_denied": ApiError("AccessDeniedException", "User is not authorized to perform this action"),
    "invalid_state": ApiError("InvalidStateException", "Cannot perform this action in the current state."),
}
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass
class Answer:
    """What goes back: `status` 0 means that the connection is cut instead."""

    status: int
    content_type: str
    body: bytes
    request_id: str


class AwsApi:
    """Answers AWS requests. `broken` lists what the fake's own answers broke in the model: always empty, or a bug."""

    def __init__(self, state: State, faults: Faults, log: RequestLog, handlers: dict[str, dict[str, Handler]]) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        self._handlers = handlers
        self.broken: list[str] = []

    def answer(self, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request (header names in lower case)."""
        request_id = str(uuid.uuid4())
        try:
            request = wire.parse(headers, body)
        except ApiError as error:
            return Answer(error.status, *wire.error_answer("", error, request_id), request_id)
        row = self._row(request)
        taken = self._faults.take(request, row["target"])
        row["fault"] = ",".join(fault["kind"] for fault in taken)
        result: dict[str, Any] = {}
        try:
            result = self._carry_out(request, taken, row)
            lost = one(taken, "500_after")
            if lost:
                raise REFUSALS["500_after"]
            answer = Answer(200, *wire.answer(request, result, request_id), request_id)
        except ApiError as error:
            row["error"] = error.code
            answer = Answer(error.status, *wire.error_answer(request.service, error, request_id), request_id)
        self._spoil(answer, taken)
        row["status"], row["operation_id"] = answer.status, result.get("OperationId", "")
        self._log.add(row)
        late = one(taken, "delay_after")
        if late:
            time.sleep(float(late.get("seconds", 1)))
        return answer

    def _row(self, request: Request) -> dict[str, Any]:
        model = validation.operation_model(request.service, request.operation)
        arn = str(request.params.get("ServiceArn", ""))
        target = str(request.params.get("ServiceName", "")) or (arn.split("/")[1] if arn.count("/") == 2 else "")
        return {
            "at": time.time(),
            "origin": "api",
            "service": request.service,
            "operation": request.operation,
            "target": target,
            "mutating": request.mutating,
            "accepted": False,
            "params": validation.redacted(model.input_shape if model else None, request.params),
            "status": 0,
            "error": "",
        }

    def _carry_out(self, request: Request, taken: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
        before = one(taken, "delay", *REFUSALS.keys() - {"500_after"})
        if before and before["kind"] == "delay":
            time.sleep(float(before.get("seconds", 1)))
        elif before:
            raise REFUSALS[before["kind"]]
        if one(taken, "reset_before", "html_502"):
            return {}
        handler = self._checked(request)
        with self._state.lock:
            result = handler(request.params, taken)
        row["accepted"] = True
        model = validation.operation_model(request.service, request.operation)
        found = validation.problems(request.service, model.output_shape if model else None, result)
        if found:
            self.broken.append(f"{request.service}.{request.operation}: {'; '.join(found)}")
            print(f"FAKE BROKE THE MODEL: {self.broken[-1]}", file=sys.stderr, flush=True)
            raise ApiError("InternalServiceErrorException", f"fake broke the model: {self.broken[-1]}", 500)
        return result

    def _checked(self, request: Request) -> Handler:
        """The handler of a request that is signed, known and valid; raises ApiError otherwise."""
        if not request.access_key:
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        if request.signed_for != request.service:
            message = f"Credential should be scoped to correct service: '{request.service}'."
            raise ApiError("InvalidSignatureException", message, 403)
        model = validation.operation_model(request.service, request.operation)
        if model is None:
            raise ApiError("UnknownOperationException", f"{request.service} has no operation {request.operation}.", 404)
        found = validation.problems(request.service, model.input_shape, request.params)
        if found:
            raise ApiError(wire.INVALID[request.service], "; ".join(found))
        if request.operation not in self._handlers[request.service]:
            raise ApiError("NotImplemented", f"this fake does not implement {request.operation}.", 501)
        return self._handlers[request.service][request.operation]

    @staticmethod
    def _spoil(answer: Answer, taken: list[dict[str, Any]]) -> None:
        if one(taken, "reset_before", "reset_after"):
            answer.status = 0
        elif one(taken, "html_502"):
            answer.status, answer.content_type, answer.body = 502, "text/html", BAD_GATEWAY
        elif one(taken, "garbled_after"):
            answer.body = answer.body[: len(answer.body) // 2]
