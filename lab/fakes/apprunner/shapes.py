# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what the fake remembers to the shapes of App Runner's model."""

from __future__ import annotations

import copy
from typing import Any

from lab.fakes.apprunner.images import split
from lab.fakes.apprunner.state import Operation, Service
from lab.fakes.apprunner.wire import ApiError

CPU_WORDS = {"256": "0.25 vCPU", "512": "0.5 vCPU", "1024": "1 vCPU", "2048": "2 vCPU", "4096": "4 vCPU"}
MEMORY_WORDS = {"512": "0.5 GB"} | {str(size * 1024): f"{size} GB" for size in (1, 2, 3, 4, 6, 8, 10, 12)}


def is_private(source: dict[str, Any]) -> bool:
    """Whether a source is an image in a private registry."""
    return bool(source.get("ImageRepository", {}).get("ImageRepositoryType") == "ECR")


def refuse_bad_source(source: dict[str, Any]) -> None:
    """Raise InvalidRequestException for sources that App Runner refuses, or that this fake does not build."""
    if "CodeRepository" in source:
        raise ApiError(
            "InvalidRequestException", "CodeRepository sources are not supported; exactly one source is needed."
        )
    if "ImageRepository" not in source:
        raise ApiError("InvalidRequestException", "Exactly one of ImageRepository and CodeRepository is needed.")
    image = source["ImageRepository"]
    if not split(image["ImageIdentifier"])[0]:
        raise ApiError("InvalidRequestException", "ImageIdentifier names no registry.")
    port = image.get("ImageConfiguration", {}).get("Port", "8080")
    if image["ImageRepositoryType"] == "ECR_PUBLIC" and source.get("AutoDeploymentsEnabled"):
        raise ApiError("InvalidRequestException", "AutoDeploymentsEnabled is not supported for ECR_PUBLIC.")
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ApiError("InvalidRequestException", f"Port {port} is not valid.")


def instance(given: dict[str, Any], defaults: bool = True) -> dict[str, Any]:
    """InstanceConfiguration as the service keeps it: numbers, 1 vCPU and 2 GB by default."""
    numbers = {word: number for words in (CPU_WORDS, MEMORY_WORDS) for number, word in words.items()}
    kept = {name: numbers.get(value, value) for name, value in given.items()}
    return {"Cpu": "1024", "Memory": "2048", **kept} if defaults else kept


def other_notation(configuration: dict[str, Any]) -> dict[str, Any]:
    """The same instance size in the notation with units."""
    words = {"Cpu": CPU_WORDS, "Memory": MEMORY_WORDS}
    return {name: words.get(name, {}).get(value, value) for name, value in configuration.items()}


def network(given: dict[str, Any]) -> dict[str, Any]:
    """NetworkConfiguration with its defaults."""
    defaults: dict[str, Any] = {
        "EgressConfiguration": {"EgressType": "DEFAULT"},
        "IngressConfiguration": {"IsPubliclyAccessible": True},
        "IpAddressType": "IPV4",
    }
    return {**defaults, **given}


def summary(service: Service) -> dict[str, Any]:
    """ServiceSummary."""
    return {
        "ServiceName": service.name,
        "ServiceId": service.id,
        "ServiceArn": service.arn,
        "ServiceUrl": service.url,
        "CreatedAt": service.created,
        "UpdatedAt": service.updated,
        "Status": service.status,
    }


def service(service: Service, scaling: dict[str, Any]) -> dict[str, Any]:
    """Service, with the summary of its scaling configuration."""
    shape = {**summary(service), **copy.deepcopy(service.config), "AutoScalingConfigurationSummary": scaling}
    if service.deleted is not None:
        shape["DeletedAt"] = service.deleted
    return shape


def operation(service: Service, operation: Operation) -> dict[str, Any]:
    """OperationSummary: neither image nor reason, as in the real one."""
    shape = {
        "Id": operation.id,
        "Type": operation.type,
        "Status": operation.status,
        "TargetArn": service.arn,
        "StartedAt": operation.started,
        "UpdatedAt": operation.updated,
    }
    if operation.ended is not None:
        shape["EndedAt"] = operation.ended
    return shape


def tags(service: Service) -> list[dict[str, str]]:
    """Tags as a list."""
    return [{"Key": key, "Value": value} for key, value in sorted(service.tags.items())]
