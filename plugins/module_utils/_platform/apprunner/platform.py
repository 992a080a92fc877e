# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""App Runner as a platform of the engine: observe, resolve, switch, progress, explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..._clock import Clock
from ..._errors import InvalidInput, NotFound, OpsError, Unreachable
from ..._redact import Redactor
from ..._release.protocol import Ending, Observation, Operation, Release, instead_of
from . import states
from .api import Api, part
from .images import Reference, parse, select
from .sending import Sender
from .settings import Settings, create_request, differences, restore_request, update_request

_LINES = 15
_LINE_LENGTH = 300
_NEAREST = 5


class AppRunner:
    """One App Runner service.

    :param service: its name or ARN.
    :param repository: where its images lie; when empty, where its present image lies.
    :param asked: the settings that a deploy brings.
    :param create: whether a deploy may create the service.
    :param settle_seconds: how long to look for an operation whose answer was lost.
    :param before_call: asked right before each call that changes something; raises when it may not be sent.
    """

    def __init__(
        self,
        api: Api,
        clock: Clock,
        *,
        service: str,
        repository: str = "",
        asked: Settings | None = None,
        create: bool = False,
        settle_seconds: float = 60.0,
        poll_seconds: float = 5.0,
        before_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._api = api
        self._service = service
        self._repository = repository
        self._asked = asked or Settings()
        self._create = create
        self._arn: str | None = None
        self._sender = Sender(api, clock, service, self._find, settle_seconds, poll_seconds, before_call)

    def observe(self) -> Observation:
        """Say what the service is configured for and what is under way."""
        arn = self._find()
        if arn is None:
            missing = f"There is no App Runner service {self._service}"
            return Observation(exists=False, obstacle="" if self._create else f"{missing}. Deploy with create: true")
        service = self._api.describe(arn)
        status = str(service.get("Status", ""))
        if status == states.DELETED:
            return Observation(exists=False, obstacle=f"The App Runner service {self._service} is deleted")
        summaries = [states.operation(item) for item in self._api.newest_operations(arn)]
        seen = Observation(
            obstacle=states.obstacle(self._service, status),
            operation=_under_way(status, summaries),
            last_operation=summaries[0].id if summaries else "",
            settings=service,
        )
        return self._with_image(seen, service, summaries)

    def resolve(self, selector: str) -> Release:
        """Turn a tag, digest or reference into a release; the digest comes from ECR."""
        reference = select(selector, self._images_of())
        found = self._image(reference)
        if found is None:
            tags = self._api.newest_tags(reference.registry_id, reference.name)
            named = ", ".join(tags[:_NEAREST])
            raise NotFound(
                f"deploy_release {selector!r} is no image of {reference.name}",
                remedy=f"The newest tags are {named}." if tags else "The repository holds no tagged image.",
                next=instead_of(reference.tag, tags),
            )
        digest = str(found["imageDigest"])
        pinned = replace(reference, digest=digest)
        return Release(digest=digest, ref=pinned.short, version=reference.tag or None)

    def available(self, release: Release) -> bool:
        """Tell whether the image is still in ECR."""
        return self._image(Reference(self._images_of(), digest=release.digest)) is not None

    def differences(self, observation: Observation) -> dict[str, tuple[object, object]]:
        """Return the settings that stand otherwise than asked."""
        return differences(self._asked, _described(observation)) if observation.exists else {}

    def switch(self, release: Release, *, like: Observation | None = None) -> Operation:
        """Send one UpdateService (or CreateService) that pins the release by its digest."""
        image = Reference(self._images_of(), digest=release.digest)
        arn = self._find()
        if arn is None:
            return self._sender.begin(None, "CREATE_SERVICE", create_request(self._service, image, self._asked))
        if like is not None:
            request = restore_request(_described(like), image)
        else:
            request = update_request(self._api.describe(arn), image, self._asked)
        return self._sender.begin(arn, "UPDATE_SERVICE", request)

    def progress(self, operation: Operation) -> Operation:
        """Find the operation in the list; there is no call that describes one."""
        arn = self._find()
        for summary in self._api.operations(arn) if arn else ():
            if summary["Id"] == operation.id:
                return states.operation(summary)
        return operation

    def explain(self, operation: Operation) -> Sequence[str]:
        """Return the last service events and application lines since the operation began."""
        arn = self._find()
        if arn is None:
            return ()
        service = self._api.describe(arn)
        name, id = (part(service, key, Unreachable) for key in ("ServiceName", "ServiceId"))
        redactor = Redactor(_sensitive(service))
        since = int(operation.started_at.timestamp() * 1000) if operation.started_at else 0
        lines: list[str] = []
        for stream in ("service", "application"):
            group = f"/aws/apprunner/{name}/{id}/{stream}"
            try:
                messages = self._api.log_events(group, since, _LINES)
            except OpsError as error:
                messages = [f"({stream} log not readable: {error.sentence})"]
            lines += [redactor.text(" ".join(message.split()))[:_LINE_LENGTH] for message in messages]
        return lines

    def _find(self) -> str | None:
        if self._arn is None:
            self._arn = self._api.find(self._service)
        return self._arn

    def _images_of(self) -> str:
        """Return the repository, learnt from the service's present image where it was not given."""
        if not self._repository:
            arn = self._find()
            source = self._api.describe(arn).get("SourceConfiguration", {}) if arn else {}
            identifier = source.get("ImageRepository", {}).get("ImageIdentifier", "")
            if not identifier:
                raise InvalidInput(
                    "image_repository is empty and the service has no image to take it from",
                    remedy="Set image_repository to <account>.dkr.ecr.<region>.amazonaws.com/<name>.",
                )
            self._repository = parse(identifier).repository
        return self._repository

    def _image(self, reference: Reference) -> Mapping[str, Any] | None:
        by = {"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag}
        try:
            return self._api.image(reference.registry_id, reference.name, by)
        except NotFound as error:
            if "Repository" in str(error.details.get("code", "")):
                raise
            return None

    def _with_image(self, seen: Observation, service: Mapping[str, Any], ended: Sequence[Operation]) -> Observation:
        image = service.get("SourceConfiguration", {}).get("ImageRepository")
        if not image:
            return replace(seen, obstacle=f"The App Runner service {self._service} builds from source code, not images")
        reference = parse(str(part(image, "ImageIdentifier", Unreachable)))
        since = next(
            (op.ended_at for op in ended if op.ending is Ending.SUCCEEDED and op.type in states.MAKES_A_VERSION), None
        )
        seen = replace(seen, ref=reference.short, since=since)
        if reference.digest:
            return replace(seen, digest=reference.digest)
        found = self._image(reference)
        if found is None:
            return replace(seen, unknown_because=f"the tag {reference.tag} it is configured for no longer exists")
        pushed, began = found.get("imagePushedAt"), _last_start(ended)
        if not isinstance(pushed, datetime) or began is None:
            why = f"it is not known whether the tag {reference.tag} was pushed again since it was deployed"
            return replace(seen, unknown_because=why)
        if pushed > began:
            why = f"the tag {reference.tag} was pushed again after the last deployment"
            return replace(seen, unknown_because=why)
        return replace(seen, digest=str(found["imageDigest"]))


def _described(observation: Observation) -> Mapping[str, Any]:
    return observation.settings if isinstance(observation.settings, Mapping) else {}


def _under_way(status: str, operations: Sequence[Operation]) -> Operation | None:
    running = next((operation for operation in operations if operation.ending is Ending.RUNNING), None)
    if running is None and status == states.BUSY:
        id = operations[0].id if operations else "unknown"
        return Operation(id, "", states.BUSY, Ending.RUNNING)
    return running


def _last_start(operations: Sequence[Operation]) -> datetime | None:
    return next(
        (op.started_at for op in operations if op.ending is Ending.SUCCEEDED and op.type in states.MAKES_A_VERSION),
        None,
    )


def _sensitive(service: Mapping[str, Any]) -> list[str]:
    image = service.get("SourceConfiguration", {}).get("ImageRepository", {}).get("ImageConfiguration", {})
    values = [str(value) for value in image.get("RuntimeEnvironmentVariables", {}).values()]
    return [*values, *(str(value) for value in image.get("RuntimeEnvironmentSecrets", {}).values())]
