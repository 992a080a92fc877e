# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of requests and answers against botocore's service models, limits included.

botocore checks types, required members and minima only when IT serialises. Maxima, patterns, enums and unknown members
go out unrefused; the real services refuse them, so the walk here reads them from the shapes' metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

# The model contradicts itself here: exactly 32 characters, but a pattern of 36. The service answers 32 hex digits.
CONTRADICTORY_PATTERNS = {("apprunner", "ServiceId")}
# Members that the service model does not mark, but that carry values which no log may show.
SENSITIVE_MEMBERS = {"RuntimeEnvironmentVariables", "StartCommand"}


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of `apprunner`, `ecr`, `logs` or `sts`."""
    return botocore.session.get_session().get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of one operation, or None when the service has no such operation."""
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None


def problems(service: str, shape: Shape | None, value: dict[str, Any]) -> list[str]:
    """What is wrong with a request's or answer's parameters, one sentence each; empty when all is well."""
    if shape is None:
        return [f"no members expected, got {sorted(value)}"] if value else []
    report = ParamValidator().validate(value, shape)
    found = [line for line in report.generate_report().splitlines() if line] if report.has_errors() else []
    return found + list(_limits(service, shape, value, shape.name))


def _limits(service: str, shape: Any, value: Any, where: str) -> Iterator[str]:
    """Violations of the limits that botocore does not enforce, below one value."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        for name, member in value.items():
            if name in shape.members and member is not None:
                yield from _limits(service, shape.members[name], member, f"{where}.{name}")
    elif kind == "list" and isinstance(value, list):
        yield from _bounds(shape, len(value), f"the length of {where}")
        for index, member in enumerate(value):
            yield from _limits(service, shape.member, member, f"{where}[{index}]")
    elif kind == "map" and isinstance(value, dict):
        yield from _bounds(shape, len(value), f"the number of entries of {where}")
        for name, member in value.items():
            yield from _limits(service, shape.key, name, f"a key of {where}")
            yield from _limits(service, shape.value, member, f"{where}.{name}")
    else:
        yield from _scalar(service, shape, value, where)


def _scalar(service: str, shape: Shape, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, bool | datetime) or shape.type_name == "timestamp":
        return
    if isinstance(value, int | float):
        yield from _bounds(shape, value, where)
    if not isinstance(value, str):
        return
    yield from _bounds(shape, len(value), f"the length of {where}")
    allowed = getattr(shape, "enum", [])
    if allowed and value not in allowed:
        yield f"{where} must be one of {', '.join(allowed)}"
    pattern = shape.metadata.get("pattern")
    if pattern and (service, shape.name) not in CONTRADICTORY_PATTERNS and not _matches(pattern, value):
        yield f"{where} must match the pattern {pattern}"


def _bounds(shape: Shape, size: float, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"{what} must be at least {low}"
    if high is not None and size > high:
        yield f"{what} must be at most {high}"


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def redacted(shape: Any, value: Any, name: str = "") -> Any:
    """The value with everything that the model (or SENSITIVE_MEMBERS) calls sensitive shown as `***`."""
    if shape is None:
        return "***"
    if shape.type_name == "structure" and isinstance(value, dict):
        members = getattr(shape, "members", {})
        return {key: redacted(members.get(key), member, key) for key, member in value.items()}
    if shape.type_name == "map" and isinstance(value, dict):
        hide = name in SENSITIVE_MEMBERS or shape.value.metadata.get("sensitive")
        hide = hide and name != "RuntimeEnvironmentSecrets"
        return {key: "***" if hide else member for key, member in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [redacted(shape.member, member) for member in value]
    return "***" if shape.metadata.get("sensitive") or name in SENSITIVE_MEMBERS else value
