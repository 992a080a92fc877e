# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending the one mutating call, and finding out what became of it when its answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._clock import Clock, Deadline
from ..._errors import AnswerLost, OpsError, RequestRefused, Unreachable
from ..._release.protocol import Ending, Operation
from . import states
from .api import Api


@dataclass(frozen=True)
class Sender:
    """Sends UpdateService and CreateService, each once.

    :param service: the service's name, for sentences.
    :param find: returns the service's ARN, C(None) when there is none.
    :param settle_seconds: how long to look for an operation whose answer was lost.
    :param before_call: raises when this run may change nothing any more; asked last, after all that is read before.
    """

    api: Api
    clock: Clock
    service: str
    find: Callable[[], str | None]
    settle_seconds: float
    poll_seconds: float
    before_call: Callable[[], None] = lambda: None

    def begin(self, arn: str | None, type: str, request: Mapping[str, object]) -> Operation:
        """Send the call and return its operation.

        :raises RequestRefused: nothing was begun.
        :raises AnswerLost: no answer came and no operation appeared: nothing was begun.
        :raises Unreachable: whether something was begun cannot be seen.
        """
        known = {str(item["Id"]) for item in self.api.newest_operations(arn)} if arn else set()
        self.before_call()
        try:
            id = self.api.update(request) if arn else self.api.create(request)
        except RequestRefused as error:
            if error.details.get("code") == "InvalidStateException":
                raise self._busy(arn, error) from None
            raise
        except AnswerLost as error:
            return self._look_for(known, request, error)
        return Operation(id, type, "PENDING", Ending.RUNNING, started_at=self.clock.now())

    def _look_for(self, known: set[str], request: Mapping[str, Any], lost: AnswerLost) -> Operation:
        """Wait for the operation whose answer was lost; its absence is only believed after a while.

        The list of operations may lag behind: while the service itself shows the change, it is not believed at all.
        """
        limit = Deadline.after(self.clock, self.settle_seconds)
        unseen = ""
        while True:
            try:
                arn = self.find()
                listed = self.api.newest_operations(arn) if arn else []
                new = [item for item in listed if item["Id"] not in known]
                service = self.api.describe(arn) if arn else {}
                if new and _image(service) == _image(request):
                    return states.operation(new[0])
                unseen = _traces(service, request, new)
            except OpsError as error:
                unseen = error.sentence
            if limit.passed():
                break
            self.clock.sleep(min(self.poll_seconds, limit.left()))
        if unseen:
            raise Unreachable(f"{lost.sentence} Whether it was carried out cannot be seen: {unseen}")
        raise AnswerLost(f"{lost.sentence} No operation appeared, so it was not carried out")

    def _busy(self, arn: str | None, error: RequestRefused) -> RequestRefused:
        """Name the operation that is in the way; without one the state is wrong in another way, which AWS has said."""
        try:
            listed = [states.operation(item) for item in self.api.newest_operations(arn)] if arn else []
        except OpsError:
            return error
        running = next((operation for operation in listed if operation.ending is Ending.RUNNING), None)
        if running is None:
            return error
        return RequestRefused(
            f"Another operation is under way on {self.service}: {running.id} ({running.type}, {running.status})",
            remedy="Wait for its end and run the same command again.",
            details=error.details,
        )


def _traces(service: Mapping[str, Any], request: Mapping[str, Any], new: Sequence[Mapping[str, Any]]) -> str:
    """Return what tells that a request may have been carried out; empty when nothing does."""
    if new:
        # somebody else's, who came in between; or ours, and the service still shows what was before
        return f"operation {new[0]['Id']} began, but the service is not configured as asked"
    if service.get("Status") == states.BUSY:
        return "an operation is under way that the list of operations does not show"
    if service and _image(service) == _image(request):
        return "the service is configured as asked, and the list of operations does not show why"
    return ""


def _image(configuration: Mapping[str, Any]) -> object:
    return configuration.get("SourceConfiguration", {}).get("ImageRepository", {}).get("ImageIdentifier")
