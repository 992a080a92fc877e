# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where approvals are looked up: the inventory's rules, the ledger's requests, and the newest part of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._errors import Refused
from .._gates.request import Policy
from .._ledger.ledger import Ledger
from .counting import Tally, tally
from .people import Approvers, read_approvers
from .plans import agrees, asked_by
from .recent import Event, recent
from .requests import Approval, ApprovalRequest, Requests
from .signatures import Signed, text_of, verify


@dataclass(frozen=True)
class Desk:
    """What is needed to judge a request, or to approve it."""

    ledger: Ledger
    policy: Policy
    approvers: Approvers

    @classmethod
    def of(cls, ledger: Ledger, policy: Policy) -> Desk:
        """Return the desk of an environment.

        :raises InvalidInput: C(ops_approvers) is wrong.
        """
        return cls(ledger, policy, read_approvers(policy.approvers))

    @property
    def requests(self) -> Requests:
        """Return the requests that the ledger keeps."""
        return Requests(self.ledger.store)

    def events(self, now: datetime) -> list[Event]:
        """Return what the journal says of today and of the time for which an approval holds."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return recent(self.ledger, min(today, now - self.approvers.valid))

    def request(self, run: str, now: datetime, events: Sequence[Event] | None = None) -> ApprovalRequest:
        """Return the request of a check run: as it is kept, else as the journal has it.

        :param events: as L(events) returns them now, for who has read them already.
        :raises Refused: there is none, or what is kept is not what was journalled.
        """
        events, valid = self.events(now) if events is None else events, self.approvers.valid
        kept = next((asked for asked in self.requests.all() if asked.id == run), None)
        if kept is None:
            return asked_by(run, events, valid)
        if now < kept.at + valid and not agrees(kept, events, valid):
            raise Refused(
                f"Request {run} in the ledger is not what its check run journalled: somebody has edited it",
                remedy="See who may write the ledger, then make the check run again.",
            )
        return kept

    def text(self, asked: ApprovalRequest) -> str:
        """Return exactly what is signed."""
        return text_of(asked, self.ledger.identity.id, self.policy.path)

    def verify(self, asked: ApprovalRequest, armor: str) -> Signed:
        """Return whose signature over a request it is.

        :raises OpsError: it is nobody's that counts.
        """
        return verify(self.text(asked), armor, self.policy.allowed_signers, self.approvers)

    def tally(self, asked: ApprovalRequest, runner: Iterable[str] = ()) -> Tally:
        """Count the approvals of a request, each proved anew."""

        def signed(given: Approval) -> Signed:
            return self.verify(asked, str(given.proof.get("armor") or ""))

        return tally(asked, self.approvers, signed, runner)

    def matching(
        self, events: Sequence[Event], runbook: str, action: str, objects: Sequence[str], now: datetime
    ) -> list[ApprovalRequest]:
        """Return the requests for just one change that still stand, the newest last.

        None is older than what the journal was read for, whatever its own end says, and none says something else.
        """
        return [
            asked
            for asked in sorted(self.requests.all(), key=lambda asked: asked.at)
            if asked.is_for(runbook, action, objects)
            and not asked.withdrawn
            and now < min(asked.expires_at, asked.at + self.approvers.valid)
            and agrees(asked, events, self.approvers.valid)
        ]
