# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that deploy and rollback speak of: releases, what serves, operations, and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from .._clock import format_time

ID_LENGTH = 12

# spelled once here: inside Wanted the name `object` is a field
Options = Mapping[str, object]


def release_id(digest: str) -> str:
    """Return the id of a release: the first twelve hexadecimal digits of its content digest."""
    return digest.rpartition(":")[2][:ID_LENGTH]


@dataclass(frozen=True)
class Release:
    """An immutable version of a component.

    :param digest: the content, C(sha256:...).
    :param ref: how a person named it when it was resolved, such as C(repository:1.8.0).
    :param version: what its version endpoint answers; C(None) where it has none.
    :param probe: the options of the probe that proves it, without secrets.
    """

    digest: str
    ref: str = ""
    version: str | None = None
    schema_revision: str | None = None
    probe: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def id(self) -> str:
        """Return the id."""
        return release_id(self.digest)

    @property
    def label(self) -> str:
        """Return the name a person knows it by: C(1.8.0 (9be07a1c2d3e)), or the id alone."""
        return f"{self.version} ({self.id})" if self.version else self.id

    def as_dict(self) -> dict[str, object]:
        """Return the release as results show it and the ledger keeps it."""
        return {
            "id": self.id,
            "ref": self.ref,
            "digest": self.digest,
            "version": self.version,
            "schema_revision": self.schema_revision,
            "probe": dict(self.probe),
        }


class Ending(str, Enum):
    """How an operation of the platform stands, in our words."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    REVERTED = "reverted"
    FAILED = "failed"


@dataclass(frozen=True)
class Operation:
    """One operation of the platform.

    :param status: the platform's own word, shown to people, never judged outside the platform's table.
    """

    id: str
    type: str
    status: str
    ending: Ending
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the operation as results show it."""
        shown: dict[str, object] = {"id": self.id, "type": self.type, "status": self.status}
        for name, moment in (("started_at", self.started_at), ("ended_at", self.ended_at)):
            if moment is not None:
                shown[name] = format_time(moment)
        return shown


@dataclass(frozen=True)
class Observation:
    """What the platform says at one moment.

    :param exists: whether there is anything to switch; C(False) means that the first switch creates it.
    :param obstacle: why nothing can be switched in this state (paused, being deleted ...), with the remedy.
    :param digest: the content that is configured to serve; C(None) when it cannot be known.
    :param ref: the reference that is configured.
    :param unknown_because: why the digest is not known.
    :param operation: the operation under way.
    :param last_operation: the id of the newest operation, under way or ended; empty when there was none.
    :param settings: the platform's own settings at this moment, handed back to it when a switch is undone.
    """

    exists: bool = True
    obstacle: str = ""
    digest: str | None = None
    ref: str = ""
    since: datetime | None = None
    unknown_because: str = ""
    operation: Operation | None = None
    last_operation: str = ""
    settings: object = None

    @property
    def release_id(self) -> str:
        """Return the id of what is configured to serve; empty when it is not known."""
        return release_id(self.digest) if self.digest else ""


@dataclass(frozen=True)
class Wanted:
    """What one run is asked to do with one component.

    :param action: C(deploy), C(adopt), C(rollback) or C(undo).
    :param release: the selector of the release to deploy, or of the one that serves, for C(adopt).
    :param probe: the options of the component's probe, as recorded with a new release (no secrets in it).
    :param options: everything else that is desired, secrets as fingerprints: part of the plan's hash.
    :param deadline_seconds: after which no forward step starts.
    :param switch_seconds: how long one switch may take before it counts as stuck.
    :param settle_seconds: how long the platform may show the old state after it said that it succeeded.
    """

    action: str
    object: str
    runbook: str = ""
    release: str = ""
    rollback_to: str = ""
    rollback_from: str = ""
    reason: str = ""
    schema_revision: str | None = None
    probe: Options = field(default_factory=dict)
    options: Options = field(default_factory=dict)
    without_way_back: bool = False
    deadline_seconds: float = 2700.0
    switch_seconds: float = 1200.0
    settle_seconds: float = 60.0
    poll_seconds: float = 5.0

    @property
    def component(self) -> str:
        """Return the last part of the object's path."""
        return self.object.rpartition("/")[2]
