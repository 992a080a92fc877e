# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of an App Runner service: what is asked, how it stands, and the request that makes it so.

Pure: dictionaries in the shapes of the API in, dictionaries out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._redact import MASK, fingerprint
from .images import Reference

_CPU = {"256": "0.25 vCPU", "512": "0.5 vCPU", "1024": "1 vCPU", "2048": "2 vCPU", "4096": "4 vCPU"}
_HEALTH = {
    "protocol": "Protocol",
    "path": "Path",
    "interval_seconds": "Interval",
    "timeout_seconds": "Timeout",
    "healthy_threshold": "HealthyThreshold",
    "unhealthy_threshold": "UnhealthyThreshold",
}
_UNSET: Any = None


@dataclass(frozen=True)
class Settings:
    """What is asked of a service. C(None) leaves a setting as it is.

    :param environment: variables by name; a value of C(None) removes the variable, others are left alone.
    :param secrets: names of variables to ARNs of secrets or parameters, likewise.
    """

    cpu: str | None = None
    memory: str | None = None
    instance_role_arn: str | None = None
    access_role_arn: str | None = None
    port: str | None = None
    start_command: str | None = field(default=None, repr=False)
    auto_scaling_configuration_arn: str | None = None
    health_check: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)

    def desired(self) -> dict[str, object]:
        """Return what is asked, for the plan's hash: sensitive values as fingerprints."""
        asked: dict[str, object] = {
            "cpu": self.cpu and cpu(self.cpu),
            "memory": self.memory and memory(self.memory),
            "instance_role_arn": self.instance_role_arn,
            "access_role_arn": self.access_role_arn,
            "port": self.port,
            "start_command": self.start_command and fingerprint(self.start_command),
            "auto_scaling_configuration_arn": self.auto_scaling_configuration_arn,
            "health_check": {name: value for name, value in self.health_check.items() if value is not None},
            "environment": {name: fingerprint(value) for name, value in self.environment.items()},
            "secrets": {name: fingerprint(value) for name, value in self.secrets.items()},
        }
        return {name: value for name, value in asked.items() if value}


def cpu(value: str) -> str:
    """Return CPU in one notation, C(1 vCPU), whether it was written so or as C(1024)."""
    text = str(value).strip()
    return _CPU.get(text, text)


def memory(value: str) -> str:
    """Return memory in one notation, C(2 GB), whether it was written so or as C(2048)."""
    text = str(value).strip()
    if text.isdigit() and int(text) % 512 == 0:
        return f"{int(text) / 1024:g} GB"
    return text


def differences(asked: Settings, service: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """Return what stands otherwise than asked: setting to (before, after); sensitive values are masked."""
    source = service.get("SourceConfiguration", {})
    image = source.get("ImageRepository", {}).get("ImageConfiguration", {})
    instance = service.get("InstanceConfiguration", {})
    scaling = service.get("AutoScalingConfigurationSummary", {})
    health = service.get("HealthCheckConfiguration", {})
    compared: list[tuple[str, Any, Any]] = [
        ("cpu", cpu(instance.get("Cpu", "")), asked.cpu and cpu(asked.cpu)),
        ("memory", memory(instance.get("Memory", "")), asked.memory and memory(asked.memory)),
        ("instance_role_arn", instance.get("InstanceRoleArn"), asked.instance_role_arn),
        (
            "access_role_arn",
            source.get("AuthenticationConfiguration", {}).get("AccessRoleArn"),
            asked.access_role_arn,
        ),
        ("port", image.get("Port", "8080"), asked.port),
        (
            "auto_scaling_configuration_arn",
            scaling.get("AutoScalingConfigurationArn"),
            asked.auto_scaling_configuration_arn,
        ),
        *((f"health_check.{name}", health.get(key), asked.health_check.get(name)) for name, key in _HEALTH.items()),
    ]
    found = {name: (before, after) for name, before, after in compared if after not in (_UNSET, "") and before != after}
    if asked.start_command is not None and asked.start_command != image.get("StartCommand"):
        found["start_command"] = (_masked(image.get("StartCommand")), f"{MASK} (new)")
    found.update(_map_differences("environment", asked.environment, image.get("RuntimeEnvironmentVariables", {})))
    found.update(_map_differences("secrets", asked.secrets, image.get("RuntimeEnvironmentSecrets", {})))
    if source.get("AutoDeploymentsEnabled", False):
        found["auto_deployments"] = (True, False)
    return found


def _map_differences(
    name: str, asked: Mapping[str, str | None], stands: Mapping[str, str]
) -> dict[str, tuple[object, object]]:
    return {
        f"{name}.{key}": (_masked(stands.get(key)), f"{MASK} (new)" if value is not None else None)
        for key, value in asked.items()
        if stands.get(key) != value
    }


def _masked(value: object) -> str | None:
    return None if value is None else MASK


def update_request(service: Mapping[str, Any], image: Reference, asked: Settings) -> dict[str, Any]:
    """Return the UpdateService request: the service's whole source configuration with the image and settings in it.

    The whole of it is carried over because App Runner replaces what it is given.
    """
    source = copy.deepcopy(dict(service.get("SourceConfiguration", {})))
    repository = source.setdefault("ImageRepository", {})
    repository["ImageIdentifier"] = image.text
    repository.setdefault("ImageRepositoryType", "ECR")
    repository["ImageConfiguration"] = _image_configuration(repository.get("ImageConfiguration", {}), asked)
    if asked.access_role_arn:
        source["AuthenticationConfiguration"] = {"AccessRoleArn": asked.access_role_arn}
    source["AutoDeploymentsEnabled"] = False
    request: dict[str, Any] = {"ServiceArn": service["ServiceArn"], "SourceConfiguration": source}
    _add_instance(request, service, asked)
    return request


def create_request(name: str, image: Reference, asked: Settings) -> dict[str, Any]:
    """Return the CreateService request."""
    service = {"ServiceArn": "", "SourceConfiguration": {}}
    request = update_request(service, image, asked)
    del request["ServiceArn"]
    return {"ServiceName": name, **request}


def restore_request(service: Mapping[str, Any], image: Reference) -> dict[str, Any]:
    """Return the UpdateService request that brings a service's settings back as they were described."""
    request = update_request(service, image, Settings())
    instance = service.get("InstanceConfiguration")
    if instance:
        request["InstanceConfiguration"] = dict(instance)
    if service.get("HealthCheckConfiguration"):
        request["HealthCheckConfiguration"] = dict(service["HealthCheckConfiguration"])
    scaling = service.get("AutoScalingConfigurationSummary", {}).get("AutoScalingConfigurationArn")
    if scaling:
        request["AutoScalingConfigurationArn"] = scaling
    return request


def _image_configuration(stands: Mapping[str, Any], asked: Settings) -> dict[str, Any]:
    configuration = copy.deepcopy(dict(stands))
    if asked.port:
        configuration["Port"] = asked.port
    if asked.start_command is not None:
        configuration["StartCommand"] = asked.start_command
    for key, wanted in (
        ("RuntimeEnvironmentVariables", asked.environment),
        ("RuntimeEnvironmentSecrets", asked.secrets),
    ):
        merged = {**configuration.get(key, {}), **wanted}
        kept = {name: value for name, value in merged.items() if value is not None}
        if kept or key in configuration:
            configuration[key] = kept
    return configuration


def _add_instance(request: dict[str, Any], service: Mapping[str, Any], asked: Settings) -> None:
    instance = {"Cpu": asked.cpu, "Memory": asked.memory, "InstanceRoleArn": asked.instance_role_arn}
    given = {key: value for key, value in instance.items() if value}
    if given:
        request["InstanceConfiguration"] = {**service.get("InstanceConfiguration", {}), **given}
    health = {key: asked.health_check[name] for name, key in _HEALTH.items() if asked.health_check.get(name)}
    if health:
        request["HealthCheckConfiguration"] = {**service.get("HealthCheckConfiguration", {}), **health}
    if asked.auto_scaling_configuration_arn:
        request["AutoScalingConfigurationArn"] = asked.auto_scaling_configuration_arn
