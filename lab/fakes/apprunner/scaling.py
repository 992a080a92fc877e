# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The App Runner calls about auto scaling configurations: named, in revisions that never change."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from lab.fakes.apprunner.state import DEFAULT_SCALING_ID, State
from lab.fakes.apprunner.wire import ApiError

SUMMARY = (
    "AutoScalingConfigurationArn",
    "AutoScalingConfigurationName",
    "AutoScalingConfigurationRevision",
    "Status",
    "CreatedAt",
    "HasAssociatedService",
    "IsDefault",
)


class Scaling:
    """Handlers by operation name."""

    def __init__(
        self, state: State, paged: Callable[[list[dict[str, Any]], dict[str, Any], str], dict[str, Any]]
    ) -> None:
        self._state = state
        self._paged = paged
        self.handlers: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], dict[str, Any]]] = {
            "CreateAutoScalingConfiguration": self.create,
            "DescribeAutoScalingConfiguration": self.describe,
            "ListAutoScalingConfigurations": self.list,
        }

    def ensure_default(self) -> str:
        """The account's default configuration, made when it is not there; returns its ARN."""
        arn = self._state.arn("autoscalingconfiguration", "DefaultConfiguration", "1", DEFAULT_SCALING_ID)
        self._state.scalings.setdefault(arn, _row(arn, "DefaultConfiguration", 1, {}, True))
        return arn

    def associate(self, arn: str | None) -> str:
        """The full ARN to keep for a service that names a configuration, whole or up to its name or revision."""
        return str(self._find(arn)["AutoScalingConfigurationArn"]) if arn else self.ensure_default()

    def summary(self, arn: str) -> dict[str, Any]:
        """AutoScalingConfigurationSummary of one configuration."""
        row = self._shape(self._state.scalings[arn])
        return {name: row[name] for name in SUMMARY}

    def create(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """CreateAutoScalingConfiguration: a new revision of the name."""
        self.ensure_default()
        name = params["AutoScalingConfigurationName"]
        if name == "DefaultConfiguration":
            raise ApiError("InvalidRequestException", "The name DefaultConfiguration is reserved.")
        if params.get("MinSize", 1) > params.get("MaxSize", 25):
            raise ApiError("InvalidRequestException", "MinSize must not exceed MaxSize.")
        same = [row for row in self._state.scalings.values() if row["AutoScalingConfigurationName"] == name]
        revision = 1 + max((row["AutoScalingConfigurationRevision"] for row in same), default=0)
        arn = self._state.arn("autoscalingconfiguration", name, str(revision), uuid.uuid4().hex)
        self._state.scalings[arn] = _row(arn, name, revision, params, False)
        self._state.save()
        return {"AutoScalingConfiguration": self._shape(self._state.scalings[arn])}

    def describe(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """DescribeAutoScalingConfiguration."""
        return {"AutoScalingConfiguration": self._shape(self._find(params["AutoScalingConfigurationArn"]))}

    def list(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """ListAutoScalingConfigurations, by name, all revisions or the latest of each."""
        self.ensure_default()
        name = params.get("AutoScalingConfigurationName")
        rows = [self._shape(row) for row in self._state.scalings.values()]
        rows = [row for row in rows if name in (None, row["AutoScalingConfigurationName"])]
        rows = [row for row in rows if row["Latest"] or not params.get("LatestOnly")]
        shown = [{key: row[key] for key in SUMMARY} for row in rows]
        return self._paged(shown, params, "AutoScalingConfigurationSummaryList")

    def _find(self, arn: str) -> dict[str, Any]:
        self.ensure_default()
        found = [row for key, row in self._state.scalings.items() if key == arn or key.startswith(arn + "/")]
        if not found:
            raise ApiError("ResourceNotFoundException", f"Auto scaling configuration {arn} cannot be found.")
        return max(found, key=lambda row: row["AutoScalingConfigurationRevision"])

    def _shape(self, row: dict[str, Any]) -> dict[str, Any]:
        same = [
            other["AutoScalingConfigurationRevision"]
            for other in self._state.scalings.values()
            if other["AutoScalingConfigurationName"] == row["AutoScalingConfigurationName"]
        ]
        arn = row["AutoScalingConfigurationArn"]
        used = any(service.scaling_arn == arn and not service.deleted for service in self._state.services.values())
        return {**row, "Latest": row["AutoScalingConfigurationRevision"] == max(same), "HasAssociatedService": used}


def _row(arn: str, name: str, revision: int, params: dict[str, Any], default: bool) -> dict[str, Any]:
    return {
        "AutoScalingConfigurationArn": arn,
        "AutoScalingConfigurationName": name,
        "AutoScalingConfigurationRevision": revision,
        "Status": "ACTIVE",
        "MaxConcurrency": params.get("MaxConcurrency", 100),
        "MinSize": params.get("MinSize", 1),
        "MaxSize": params.get("MaxSize", 25),
        "CreatedAt": time.time(),
        "IsDefault": default,
    }
