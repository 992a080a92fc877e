# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls this platform makes: thin, paged, one per method. Errors are the driver's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._errors import AnswerLost, InvalidInput, Unreachable

Call = Callable[[str, Mapping[str, object]], Mapping[str, Any]]
_PAGE = 20
_MOST_PAGES = 500


@dataclass(frozen=True)
class Api:
    """The four clients, each as a function of operation and parameters.

    :param read: App Runner, for reading: may be repeated.
    :param write: App Runner, for changing: sent once.
    """

    read: Call
    write: Call
    images: Call
    logs: Call

    def find(self, service: str) -> str | None:
        """Return the ARN of the service with that name or ARN; C(None) when there is none.

        :raises InvalidInput: more than one live service has the name.
        """
        if service.startswith("arn:"):
            return service
        pages = _pages(self.read, "list_services", {"MaxResults": _PAGE})
        found = [
            str(part(item, "ServiceArn", Unreachable))
            for page in pages
            for item in page.get("ServiceSummaryList", [])
            if item.get("ServiceName") == service and item.get("Status") != "DELETED"
        ]
        if len(found) > 1:
            raise InvalidInput(
                f"service {service!r} names {len(found)} App Runner services", remedy=f"Name one by ARN: {found[0]} ..."
            )
        return found[0] if found else None

    def describe(self, arn: str) -> dict[str, Any]:
        """Return the service."""
        service = dict(part(self.read("describe_service", {"ServiceArn": arn}), "Service", Unreachable))
        part(service, "ServiceArn", Unreachable)
        return service

    def operations(self, arn: str) -> Iterator[Mapping[str, Any]]:
        """Yield the operations, newest first, a page at a time as they are asked for."""
        for page in _pages(self.read, "list_operations", {"ServiceArn": arn, "MaxResults": _PAGE}):
            for summary in page.get("OperationSummaryList", []):
                part(summary, "Id", Unreachable)
                yield summary

    def newest_operations(self, arn: str) -> list[Mapping[str, Any]]:
        """Return the newest operations, one page of them, the newest first."""
        return list(itertools.islice(self.operations(arn), _PAGE))

    def update(self, request: Mapping[str, object]) -> str:
        """Send UpdateService and return the id of its operation."""
        return str(part(self.write("update_service", request), "OperationId", AnswerLost))

    def create(self, request: Mapping[str, object]) -> str:
        """Send CreateService and return the id of its operation."""
        return str(part(self.write("create_service", request), "OperationId", AnswerLost))

    def image(self, registry_id: str | None, repository: str, image_id: Mapping[str, str]) -> Mapping[str, Any]:
        """Return one image of ECR by C(imageTag) or C(imageDigest)."""
        request: dict[str, object] = {"repositoryName": repository, "imageIds": [dict(image_id)]}
        if registry_id:
            request["registryId"] = registry_id
        found: Mapping[str, Any] = part(self.images("describe_images", request), "imageDetails", Unreachable)[0]
        part(found, "imageDigest", Unreachable)
        return found

    def newest_tags(self, registry_id: str | None, repository: str) -> list[str]:
        """Return the tags of a repository, those of the newest image first."""
        request: dict[str, object] = {"repositoryName": repository}
        if registry_id:
            request["registryId"] = registry_id
        images = [
            image
            for page in _pages(self.images, "describe_images", request, "nextToken")
            for image in page.get("imageDetails", [])
            if image.get("imageTags")
        ]
        images.sort(key=lambda image: str(image.get("imagePushedAt", "")), reverse=True)
        return [str(tag) for image in images for tag in image["imageTags"]]

    def log_events(self, group: str, since_ms: int, limit: int) -> list[str]:
        """Return the messages of a log group from a moment on, the last C(limit) of them."""
        request = {"logGroupName": group, "startTime": since_ms}
        messages = [
            str(event.get("message", ""))
            for page in _pages(self.logs, "filter_log_events", request, "nextToken", most=10)
            for event in page.get("events", [])
        ]
        return messages[-limit:]


def part(answer: Mapping[str, Any], name: str, error: type[Unreachable]) -> Any:
    """Return one part of an answer; the SDK hands out an answer that was cut short as if it were whole.

    :raises Unreachable: it is not there; C(error) says which kind.
    """
    if not answer.get(name):
        raise error(f"AWS answered without {name}")
    return answer[name]


def connect(
    client: Callable[[str, bool], object], call: Callable[[object, str, Mapping[str, object]], Mapping[str, Any]]
) -> Api:
    """Connect the four clients.

    :param client: makes a client of a service, for reading or for changing.
    :param call: makes one call with a client.
    """

    def calls(service: str, mutating: bool = False) -> Call:
        connected = client(service, mutating)
        return lambda operation, parameters: call(connected, operation, parameters)

    return Api(
        read=calls("apprunner"), write=calls("apprunner", mutating=True), images=calls("ecr"), logs=calls("logs")
    )


def _pages(
    call: Call, operation: str, request: Mapping[str, object], token: str = "NextToken", most: int = _MOST_PAGES
) -> Iterator[Mapping[str, Any]]:
    following: dict[str, object] = {}
    for _number in range(most):
        page = call(operation, {**request, **following})
        yield page
        if not page.get(token):
            return
        following = {token: page[token]}
    if most == _MOST_PAGES:
        raise Unreachable(f"AWS {operation} did not come to an end within {most} pages")
