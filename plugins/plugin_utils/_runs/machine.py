# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module on a machine: begun there, followed by one errand after the other, stopped when its run is gone.

Every errand keeps the copy of the lease's deadline. When the controller dies the deadline passes on the machine, and
the module stops at its next safe point; the next run of the object stops it at once, and waits for that.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...module_utils._clock import Clock, Deadline, format_duration
from ...module_utils._errors import LeaseLost, OpsError, Unreachable
from .machine_become import BecomeRefused
from .machine_lease import Copy
from .machine_options import Options, changing_options
from .progress import SILENCE_SECONDS, Events

Result = dict[str, object]
# spelled once here: inside Machine the name `object` is a field
Event = Mapping[str, object]

PLACE = "/var/tmp"
WAIT_SECONDS = 3.0
RETRY_SECONDS = 2.0
# an answer that has not come by then is looked for anew
ANSWER_SECONDS = 9.0
# what takes as long as a program takes to start, on a busy machine; and what moves an artefact
SHORT_SECONDS = 60.0
LONG_SECONDS = 600.0
ENDING_SECONDS = 90.0
STARTING_SECONDS = 20.0
_AGAIN = "Run the same command again: it finishes or puts back what was begun."


class Line(Protocol):
    """What reaches the machine."""

    def errand(self, request: Mapping[str, object], seconds: float) -> dict[str, object]:
        """Have one errand done there and return its answer; :raises Unreachable: none came within so many seconds."""

    def begin(self, module: str, options: Options, job: str) -> str:
        """Begin a module that goes on by itself, its answer kept in C(job); return why it may not have begun."""

    def send(self, path: str) -> str:
        """Send a file and return where it lies there; :raises Unreachable: it could not be sent."""

    def temporary(self) -> str:
        """Return the directory there that Ansible will use for the next module."""

    def inherit(self, paths: object) -> None:
        """Take over such directories of killed runs, to be removed in the end."""


class Reports:
    """What a person should read, until somebody reads it; written by one thread, read by another.

    :ivar more: where else reports come from.
    """

    def __init__(self) -> None:
        self._kept: deque[dict[str, object]] = deque()
        self.more: Events | None = None

    def add(self, event: Mapping[str, object]) -> None:
        """Keep an event."""
        self._kept.append(dict(event))

    def read(self) -> list[dict[str, object]]:
        """Return the new events, oldest first."""
        return [
            *(self._kept.popleft() for _number in range(len(self._kept))),
            *(self.more.read() if self.more else []),
        ]


@dataclass
class Machine:
    """One run of one object on its machine.

    :param ledger: the id of the ledger whose lease this is: another's runs of an object of that name are not ours.
    :param lease_path: the controller's own lease file.
    :param report: takes what a person should read, as progress.
    """

    line: Line
    object: str
    ledger: str
    lease_path: str
    clock: Clock
    report: Callable[[Event], None]
    place: str = PLACE
    _directory: str = ""
    _boot: str = ""
    _jobs: int = 0
    _reachable: bool = True
    _copy: Copy = field(init=False)

    def __post_init__(self) -> None:
        self._copy = Copy(self.lease_path, self.clock)

    @property
    def reachable(self) -> bool:
        """Whether the last errand was answered."""
        return self._reachable

    def open(self) -> None:
        """Have a directory there; what a killed run left of this object is stopped and waited for.

        :raises OpsError: the machine cannot be reached, or the earlier module does not end.
        """
        if self._directory:
            return
        until = Deadline.after(self.clock, ENDING_SECONDS)
        key, wait = hashlib.sha256(f"{self.ledger} {self.object}".encode()).hexdigest()[:16], 0.0
        while True:
            answer = self._errand("begin", SHORT_SECONDS, key=key, place=self.place, wait_seconds=wait)
            self.line.inherit(answer.get("temporary"))
            if not answer.get("living"):
                break
            if until.passed():
                raise LeaseLost(
                    f"The module of an earlier run of {self.object} still works on the machine and does not stop",
                    remedy="Look what it does there and end it, then run the same command again.",
                )
            if not wait:
                self._say("an earlier run's module still works on the machine: it is stopped, and waited for")
            wait = WAIT_SECONDS
        self._directory, self._boot = str(answer["directory"]), str(answer["boot"])

    def change(self, module: str, options: Options, artefact: tuple[str, str] | None = None) -> Result:
        """Run a module that changes the machine, and return its result.

        :param artefact: path on the controller and digest of what the module needs.
        :raises OpsError: it was not begun.
        """
        self.open()
        sent = self._send(*artefact) if artefact else None
        self._jobs += 1
        job = f"job-{self._jobs}"
        self._errand("prepare", SHORT_SECONDS, job=job, temporary=self.line.temporary(), lease=self._copy.to_send())
        lease, progress = f"{self._directory}/lease.json", f"{self._directory}/{job}.jsonl"
        there = changing_options(options, self.object, lease=lease, progress=progress, artefact=sent)
        doubt = self.line.begin(module, there, f"{self._directory}/{job}")
        return self._follow(job, doubt)

    def close(self) -> None:
        """Leave nothing there; where the machine does not answer the next run tidies up."""
        if self._directory and self._reachable:
            with contextlib.suppress(OpsError):
                self._errand("close", ANSWER_SECONDS)
        self._directory = ""

    def _send(self, path: str, digest: str) -> str:
        self._say("the artefact is sent")
        return str(self._errand("take", LONG_SECONDS, path=self.line.send(path), digest=digest)["path"])

    def _follow(self, job: str, doubt: str) -> Result:
        """Look until the module has ended, or nothing more can be known of it."""
        offset, begun, next_sign = 0, Deadline.after(self.clock, STARTING_SECONDS), 0.0
        while True:
            request = {"job": job, "offset": offset, "wait_seconds": WAIT_SECONDS}
            try:
                answer = self._errand("look", ANSWER_SECONDS, lease=self._copy.to_send(), **request)
            except Unreachable as error:
                if not self._copy.left:
                    return self._given_up(error)
                if self.clock.steady() >= next_sign:
                    silent, left = format_duration(self._copy.silent_seconds), format_duration(self._copy.left)
                    self._say(f"no answer from the machine for {silent}, tried for {left} more")
                    next_sign = self.clock.steady() + SILENCE_SECONDS - RETRY_SECONDS
                self.clock.sleep(RETRY_SECONDS)
                continue
            except OpsError as error:
                return _failure(str(error))
            offset = int(str(answer["offset"]))
            self._tell(str(answer["progress"]))
            state = "dead" if answer["boot"] != self._boot else str(answer["state"])
            if state == "finished":
                return _result_of(str(answer["result"]))
            if state == "dead" or (state == "absent" and (doubt or begun.passed())):
                return self._gone(state, doubt)

    def _given_up(self, error: OpsError) -> Result:
        seconds = format_duration(self._copy.silent_seconds)
        return _failure(
            f"The machine of {self.object} gave no answer for {seconds} ({error.sentence.rstrip('.')}); without the"
            f" lease its module stops at its next safe point. {_AGAIN}"
        )

    def _gone(self, state: str, doubt: str) -> Result:
        why = f": {doubt.rstrip('.')}" if doubt else ""
        if state == "absent":
            return _failure(f"The module for {self.object} did not begin on the machine{why}. {_AGAIN}")
        return _failure(f"The module for {self.object} ended on the machine without a result{why}. {_AGAIN}")

    def _tell(self, progress: str) -> None:
        for line in progress.splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    self.report(event)

    def _say(self, sentence: str) -> None:
        self.report({"line": sentence, "fraction": None})

    def _errand(self, name: str, seconds: float, **more: Any) -> Result:
        """Have an errand done.

        :raises Unreachable: no answer came. :raises OpsError: it could not be done.
        """
        try:
            answer = self.line.errand({"errand": name, "directory": self._directory, **more}, seconds)
        except Unreachable as error:
            # who may not become the module's user may still remove what Ansible made for the login user
            self._reachable = isinstance(error, BecomeRefused)
            self._copy.unanswered()
            raise
        self._reachable = True
        self._copy.answered(answer)
        if answer.get("error"):
            raise OpsError(f"On the machine of {self.object}: {answer['error']}", remedy=_AGAIN)
        return answer


def _result_of(text: str) -> Result:
    """Return a module's answer without what Ansible's wrapper adds of its own."""
    own = ("ansible_job_id", "cmd", "data", "outdata")
    return {key: value for key, value in json.loads(text).items() if key not in own}


def _failure(sentence: str) -> Result:
    return {"failed": True, "msg": sentence}
