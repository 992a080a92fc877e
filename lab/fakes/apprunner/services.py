# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The App Runner calls about services."""

from __future__ import annotations

import base64
import copy
import time
import uuid
from collections.abc import Callable
from typing import Any

from lab.fakes.apprunner import shapes
from lab.fakes.apprunner.backends import Backends
from lab.fakes.apprunner.faults import one, staged
from lab.fakes.apprunner.health import DEFAULTS
from lab.fakes.apprunner.images import registry_host
from lab.fakes.apprunner.operations import Operations
from lab.fakes.apprunner.scaling import Scaling
from lab.fakes.apprunner.state import Service, State
from lab.fakes.apprunner.wire import ApiError

Faulted = list[dict[str, Any]]


class Services:
    """Handlers by operation name; each takes the request's parameters and the faults taken for it."""

    def __init__(self, state: State, operations: Operations, backends: Backends, scaling: Scaling) -> None:
        self._state = state
        self._operations = operations
        self._backends = backends
        self._scaling = scaling
        self.handlers: dict[str, Callable[[dict[str, Any], Faulted], dict[str, Any]]] = {
            "CreateService": self.create,
            "UpdateService": self.update,
            "DescribeService": self.describe,
            "ListServices": self.list,
            "ListOperations": self.list_operations,
            "StartDeployment": self.start_deployment,
            "PauseService": lambda params, faults: self._simple(params, faults, "PAUSE_SERVICE"),
            "ResumeService": lambda params, faults: self._simple(params, faults, "RESUME_SERVICE"),
            "DeleteService": lambda params, faults: self._simple(params, faults, "DELETE_SERVICE"),
            "ListTagsForResource": lambda params, _: {"Tags": shapes.tags(self.find(params["ResourceArn"]))},
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    def find(self, arn: str) -> Service:
        """The service with this ARN, deleted ones included; raises ResourceNotFoundException."""
        service = self._state.services.get(arn)
        if service is None:
            raise ApiError("ResourceNotFoundException", f"Service cannot be found for service ARN {arn}.")
        return service

    def create(self, params: dict[str, Any], faults: Faulted) -> dict[str, Any]:
        """CreateService."""
        service = self.add(params)
        operation = self._operations.begin(service, "CREATE_SERVICE", staged(faults, "operation"), {})
        return {"Service": self._shape(service, faults), "OperationId": operation.id}

    def add(self, params: dict[str, Any]) -> Service:
        """A new service with an open front and nothing behind it; the caller starts its operation. Holds the lock."""
        name, source = params["ServiceName"], copy.deepcopy(params["SourceConfiguration"])
        shapes.refuse_bad_source(source)
        if "AccessRoleArn" not in source.get("AuthenticationConfiguration", {}) and shapes.is_private(source):
            raise ApiError("InvalidRequestException", "Authentication configuration is invalid.")
        if self._state.named(name):
            raise ApiError("InvalidRequestException", f"Service with the provided name already exists: {name}.")
        own = source["ImageRepository"]["ImageIdentifier"].startswith(registry_host(self._state) + "/")
        source.setdefault("AutoDeploymentsEnabled", own and shapes.is_private(source))
        identifier = uuid.uuid4().hex
        arn = self._state.arn("service", name, identifier)
        config = {
            "SourceConfiguration": source,
            "InstanceConfiguration": shapes.instance(params.get("InstanceConfiguration", {})),
            "HealthCheckConfiguration": {**DEFAULTS, **params.get("HealthCheckConfiguration", {})},
            "NetworkConfiguration": shapes.network(params.get("NetworkConfiguration", {})),
        }
        for optional in ("EncryptionConfiguration", "ObservabilityConfiguration"):
            if optional in params:
                config[optional] = params[optional]
        scaling = self._scaling.associate(params.get("AutoScalingConfigurationArn"))
        now = time.time()
        port = self._backends.open(arn, 0)
        service = Service(name, identifier, arn, now, now, "CREATING", port, config, scaling)
        service.tags = {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", [])}
        self._state.services[arn] = service
        return service

    def update(self, params: dict[str, Any], faults: Faulted) -> dict[str, Any]:
        """UpdateService: given members of SourceConfiguration and the other structures replace, the rest stays."""
        service = self.find(params["ServiceArn"])
        config = copy.deepcopy(service.config)
        source = {**config["SourceConfiguration"], **params.get("SourceConfiguration", {})}
        shapes.refuse_bad_source(source)
        config["SourceConfiguration"] = source
        for name in ("HealthCheckConfiguration", "NetworkConfiguration", "ObservabilityConfiguration"):
            if name in params:
                config[name] = {**config.get(name, {}), **params[name]}
        if "InstanceConfiguration" in params:
            config["InstanceConfiguration"] |= shapes.instance(params["InstanceConfiguration"], defaults=False)
        scaling = service.scaling_arn
        if "AutoScalingConfigurationArn" in params:
            scaling = self._scaling.associate(params["AutoScalingConfigurationArn"])
        operation_id = self._begin(service, "UPDATE_SERVICE", faults, {"config": config, "scaling_arn": scaling})
        return {"Service": self._shape(service, faults), "OperationId": operation_id}

    def start_deployment(self, params: dict[str, Any], faults: Faulted) -> dict[str, Any]:
        """StartDeployment: pulls the CONFIGURED identifier again."""
        return {"OperationId": self._begin(self.find(params["ServiceArn"]), "START_DEPLOYMENT", faults, {})}

    def _simple(self, params: dict[str, Any], faults: Faulted, kind: str) -> dict[str, Any]:
        service = self.find(params["ServiceArn"])
        operation_id = self._begin(service, kind, faults, {})
        return {"Service": self._shape(service, faults), "OperationId": operation_id}

    def _begin(self, service: Service, kind: str, faults: Faulted, change: dict[str, Any]) -> str:
        earlier: dict[str, Any] = {
            "service": self._shape(service, []),
            "operations": [known.id for known in service.operations],
        }
        operation = self._operations.begin(service, kind, staged(faults, "operation"), change)
        service.earlier = earlier
        for fault in staged(faults, "read"):
            if fault["kind"].startswith("stale_"):
                earlier[fault["kind"]] = time.time() + float(fault.get("seconds", 2))
        self._state.save()
        return operation.id

    def describe(self, params: dict[str, Any], faults: Faulted) -> dict[str, Any]:
        """DescribeService, of services in any state."""
        service = self.find(params["ServiceArn"])
        return {"Service": self._shape(service, faults)}

    def _shape(self, service: Service, faults: Faulted) -> dict[str, Any]:
        shape = shapes.service(service, self._scaling.summary(service.scaling_arn))
        if service.earlier and self._is_stale(service, "stale_describe", faults):
            shape = copy.deepcopy(service.earlier["service"])
        if one(faults, "other_notation"):
            shape["InstanceConfiguration"] = shapes.other_notation(shape["InstanceConfiguration"])
        return shape

    @staticmethod
    def _is_stale(service: Service, kind: str, faults: Faulted) -> bool:
        earlier = service.earlier or {}
        return bool(one(faults, kind)) or time.time() < earlier.get(kind, 0)

    def list(self, params: dict[str, Any], _faults: Faulted) -> dict[str, Any]:
        """ListServices: those that are not deleted."""
        rows = [shapes.summary(service) for service in self._state.services.values() if service.status != "DELETED"]
        return paged(rows, params, "ServiceSummaryList")

    def list_operations(self, params: dict[str, Any], faults: Faulted) -> dict[str, Any]:
        """ListOperations, newest first."""
        service = self.find(params["ServiceArn"])
        operations = service.operations
        if service.earlier and self._is_stale(service, "stale_list", faults):
            known = set(service.earlier["operations"])
            operations = [operation for operation in operations if operation.id in known]
        return paged([shapes.operation(service, row) for row in operations], params, "OperationSummaryList")

    def tag(self, params: dict[str, Any], _faults: Faulted) -> dict[str, Any]:
        """TagResource."""
        self.find(params["ResourceArn"]).tags.update({tag["Key"]: tag.get("Value", "") for tag in params["Tags"]})
        self._state.save()
        return {}

    def untag(self, params: dict[str, Any], _faults: Faulted) -> dict[str, Any]:
        """UntagResource."""
        service = self.find(params["ResourceArn"])
        service.tags = {key: value for key, value in service.tags.items() if key not in params["TagKeys"]}
        self._state.save()
        return {}


def paged(rows: list[dict[str, Any]], params: dict[str, Any], name: str) -> dict[str, Any]:
    """One page of rows; without MaxResults all of them, as App Runner documents."""
    start = 0
    if "NextToken" in params:
        try:
            start = int(base64.urlsafe_b64decode(params["NextToken"]))
        except ValueError as error:
            raise ApiError("InvalidRequestException", "The next token is invalid.") from error
    stop = start + params.get("MaxResults", len(rows) or 1)
    page: dict[str, Any] = {name: rows[start:stop]}
    if stop < len(rows):
        page["NextToken"] = base64.urlsafe_b64encode(str(stop).encode()).decode()
    return page
