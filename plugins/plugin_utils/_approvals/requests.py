# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for approval: one small document of the ledger, changed by compare-and-swap.

A request is the plan of one check run. What it says was read from the journal; who approved it is added here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput, Refused, Unreachable
from .._ledger.chain import canonical
from .._ledger.store import SHOW, Store

KEY = "approvals"
_TRIES = 200
# what is over is kept a while for people who ask what became of it; the journal keeps it for good
_KEPT = timedelta(days=7)

# spelled once here: inside the classes the name `object` is a field
Values = Mapping[str, object]


@dataclass(frozen=True)
class Planned:
    """What one object's module planned.

    :param steps: its sentences.
    """

    object: str
    hash: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Approval:
    """One person's yes.

    :param how: C(signature), C(awx) or C(account).
    :param proof: what shows that it was this person: C({"armor", "key"}), C({"user", "job"}) or C({"account", "host"}).
    """

    by: str
    how: str
    proof: Values
    at: datetime


@dataclass(frozen=True)
class ApprovalRequest:
    """The plan of a check run that wants approval.

    :param id: the check run.
    :param requester: who ran it, as the journal keeps it.
    :param withdrawn: who took it back and when; empty while it stands.
    """

    id: str
    runbook: str
    action: str
    objects: tuple[str, ...]
    plans: tuple[Planned, ...]
    requester: Values
    at: datetime
    expires_at: datetime
    approvals: tuple[Approval, ...] = ()
    withdrawn: Values = field(default_factory=dict)

    @property
    def hashes(self) -> tuple[str, ...]:
        """Return the hashes of its plans."""
        return tuple(planned.hash for planned in self.plans)

    def is_for(self, runbook: str, action: str, objects: Sequence[str]) -> bool:
        """Tell whether a run asks for just this."""
        return (self.runbook, self.action, set(self.objects)) == (runbook, action, set(objects))

    def as_dict(self) -> Values:
        """Return the request as the ledger keeps it."""
        return {
            **{key: getattr(self, key) for key in ("id", "runbook", "action")},
            "objects": list(self.objects),
            "plans": [{**vars(planned), "steps": list(planned.steps)} for planned in self.plans],
            "requester": dict(self.requester),
            "at": format_time(self.at),
            "expires_at": format_time(self.expires_at),
            "approvals": [
                {**vars(given), "proof": dict(given.proof), "at": format_time(given.at)} for given in self.approvals
            ],
            "withdrawn": dict(self.withdrawn),
        }


class Requests:
    """The requests of one ledger; a ledger that never had one has no document."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[ApprovalRequest]:
        """Return every request that is kept, the oldest first.

        :raises Refused: the document is damaged.
        """
        return self._read()[0]

    def change(self, asked: ApprovalRequest, change: Callable[[ApprovalRequest], ApprovalRequest]) -> bool:
        """Change one request, which is begun when nobody has; tell whether anything changed.

        :param change: asked anew for what another writer left; raises to refuse.
        """
        for _number in range(_TRIES):
            requests, version = self._read()
            known = next((request for request in requests if request.id == asked.id), asked)
            after = change(known)
            if after == known:
                return False
            over = self._store.now() - _KEPT
            kept = [request for request in requests if request.id != asked.id and request.expires_at > over]
            data = canonical({"requests": [request.as_dict() for request in [*kept, after]]})
            if self._store.compare_and_swap(KEY, version, data):
                return True
        raise Unreachable(f"The approvals of the ledger {self._store.url} have too many writers at once")

    def _read(self) -> tuple[list[ApprovalRequest], str | None]:
        found = self._store.read(KEY)
        if found is None:
            return [], None
        try:
            return [_request(item) for item in json.loads(found.data)["requests"]], found.version
        except (ValueError, KeyError, TypeError, AttributeError, InvalidInput):
            raise Refused(
                f"The approvals of the ledger {self._store.url} are damaged",
                remedy=f"Put the key '{KEY}' back from the ledger's backup, or move it away and have the plans approved"
                " anew, then look at it",
                next=SHOW,
            ) from None


def _request(value: Any) -> ApprovalRequest:
    return ApprovalRequest(
        id=str(value["id"]),
        runbook=str(value["runbook"]),
        action=str(value["action"]),
        objects=tuple(str(name) for name in value["objects"]),
        plans=tuple(
            Planned(str(plan["object"]), str(plan["hash"]), tuple(str(step) for step in plan["steps"]))
            for plan in value["plans"]
        ),
        requester=dict(value["requester"]),
        at=parse_time(value["at"]),
        expires_at=parse_time(value["expires_at"]),
        approvals=tuple(
            Approval(str(given["by"]), str(given["how"]), dict(given["proof"]), parse_time(given["at"]))
            for given in value["approvals"]
        ),
        withdrawn=dict(value["withdrawn"]),
    )
