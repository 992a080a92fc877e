# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fake remembers, and how it survives kill -9.

Everything mutable hangs off one `State`, guarded by one re-entrant lock; `save()` writes it whole to a file by rename.
Times are Unix seconds (float), as the JSON protocols carry them.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_SCALING_ID = "00000000000000000000000000000001"


@dataclass
class Operation:
    """One operation of a service.

    `before` is the configuration and serving digest to return to when it fails. `faults` are the operation-level fault
    kinds that were taken for it (`stuck`, `self_rollback`, ...). `phase` is where it is, for holds and for people.
    """

    id: str
    type: str
    status: str
    started: float
    updated: float
    ended: float | None = None
    phase: str = "accepted"
    before: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status in ("PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


@dataclass
class Service:
    """One App Runner service. `config` holds model shapes by their names; `serving` is the digest behind the front port
    (empty when nothing serves) with the configuration that its process was started with. Operations: newest first.
    """

    name: str
    id: str
    arn: str
    created: float
    updated: float
    status: str
    front_port: int
    config: dict[str, Any]
    scaling_arn: str
    serving: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    deleted: float | None = None
    pending_push: bool = False
    hold: str = ""
    earlier: dict[str, Any] | None = None

    @property
    def url(self) -> str:
        """Where the service answers, without a scheme, as App Runner gives it."""
        return f"127.0.0.1:{self.front_port}"

    @property
    def image(self) -> str:
        """The configured image identifier."""
        return str(self.config["SourceConfiguration"]["ImageRepository"]["ImageIdentifier"])

    def current(self) -> Operation | None:
        """The operation that runs now, if any."""
        return next((operation for operation in self.operations if operation.running), None)


def service_from(data: dict[str, Any]) -> Service:
    """A service as `asdict` wrote it."""
    operations = [Operation(**operation) for operation in data["operations"]]
    return Service(**{**data, "operations": operations})


class State:
    """Everything that persists: images, services, scaling configurations, faults, knobs."""

    def __init__(self, directory: Path, account: str, region: str) -> None:
        self.directory = directory
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.repositories: dict[str, dict[str, Any]] = {}
        self.services: dict[str, Service] = {}
        self.scalings: dict[str, dict[str, Any]] = {}
        self.faults: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        self._path = directory / "state.json"

    def load(self) -> None:
        """Read what an earlier life wrote, if anything."""
        if not self._path.exists():
            return
        data = json.loads(self._path.read_text(encoding="utf-8"))
        self.repositories = data["repositories"]
        self.services = {arn: service_from(service) for arn, service in data["services"].items()}
        self.scalings = data["scalings"]
        self.faults = data["faults"]
        self.settings = data["settings"]

    def save(self) -> None:
        """Write everything by rename (a killed process loses at most the change under way) and wake who waits."""
        with self.lock:
            data = {
                "repositories": self.repositories,
                "services": {arn: asdict(service) for arn, service in self.services.items()},
                "scalings": self.scalings,
                "faults": self.faults,
                "settings": self.settings,
            }
            temporary = self._path.with_suffix(".new")
            temporary.write_text(json.dumps(data), encoding="utf-8")
            os.replace(temporary, self._path)
            self.changed.notify_all()

    def clear(self, keep_images: bool) -> None:
        """Forget everything (the front ports' and processes' owners have let go of them before)."""
        with self.lock:
            self.services, self.scalings, self.faults, self.settings = {}, {}, [], {}
            if not keep_images:
                self.repositories = {}
            self.save()

    def named(self, name: str) -> Service | None:
        """The service of that name (or ARN) that is not deleted."""
        with self.lock:
            live = [service for service in self.services.values() if service.status != "DELETED"]
            return next((service for service in live if name in (service.name, service.arn)), None)

    def arn(self, *parts: str) -> str:
        """An App Runner ARN of this account: `arn("service", name, id)`."""
        return f"arn:aws:apprunner:{self.region}:{self.account}:{'/'.join(parts)}"


def new_operation(kind: str, now: float, before: dict[str, Any], faults: list[dict[str, Any]]) -> Operation:
    """A fresh operation, not yet started."""
    return Operation(str(uuid.uuid4()), kind, "PENDING", now, now, before=before, faults=faults)
