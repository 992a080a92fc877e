# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exporting a stretch of the journal: from the first to the last entry of the runs that were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._errors import Refused
from .._ledger.ledger import Ledger
from .bundle import Bundle, anchors_file
from .checking import Verified
from .proof import reader
from .runs import Run
from .timeline import timeline
from .verifier import VERIFIER

_IDENTITY = "identity"


@dataclass(frozen=True)
class Stretch:
    """What is exported.

    :param runs: those that were chosen, oldest first. The entries of others that lie between them come along, because
        the chain goes through them.
    """

    runs: Sequence[Run]
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Return the number of the first entry."""
        return min(int(str(event["sequence"])) for run in self.runs for event in run.events)

    @property
    def last(self) -> int:
        """Return the number of the last entry."""
        return max(int(str(event["sequence"])) for run in self.runs for event in run.events)


def refuse_untrusted(verified: Verified, url: str) -> None:
    """Raise C(Refused) when the journal cannot be trusted: a bundle would give it a look of proof."""
    bad = next((proof.bad for proof in verified.proofs if proof.chain == "journal" and proof.bad), None)
    if bad is not None:
        raise Refused(
            f"The journal of the ledger {url} cannot be trusted and is not exported: {bad.sentence}",
            remedy="Keep a copy of the whole ledger instead, as it is: that is the evidence; then verify the journal",
            next={"playbook": "journal", "variables": {"journal_action": "verify"}},
        )


def bundle_of(ledger: Ledger, stretch: Stretch, verified: Verified) -> Bundle:
    """Return the bundle of a stretch.

    :raises Unreachable: the ledger cannot be read.
    """
    chain, store, identity = ledger.journal.chain.name, ledger.store, ledger.identity
    first, last = stretch.first, stretch.last
    read = reader(store, chain)
    head, known = store.read(f"{chain}/head"), store.read(_IDENTITY)
    marks = [mark for each in verified.kept for mark in each.marks.get(chain, ()) if first <= mark.sequence <= last]
    anchored = [{"sequence": mark.sequence, "hash": mark.hash, "source": mark.source, "at": mark.at} for mark in marks]
    files = {
        # as they are stored: one line each, since JSON has no line breaks of its own
        "entries.jsonl": b"".join((read(number) or b"") + b"\n" for number in range(first, last + 1)),
        "head.json": head.data if head else b"",
        "identity.json": known.data if known else b"",
        "anchors.json": anchors_file(anchored),
        "timeline.md": _timeline(ledger, stretch).encode(),
        "verify.py": VERIFIER.encode(),
    }
    facts = {"system": identity.system, "environment": identity.environment, "ledger": identity.id}
    return Bundle({**facts, "first": first, "last": last}, files)


def _timeline(ledger: Ledger, stretch: Stretch) -> str:
    identity = ledger.identity
    facts = {
        "ledger": f"{identity.id} of {identity.system}/{identity.environment}",
        "from": stretch.runs[0].at,
        "to": str(stretch.runs[-1].events[-1].get("at") or ""),
        "entries": f"{stretch.first} to {stretch.last}",
        "runs": len(stretch.runs),
        # times are left out: those counted back from now would make each export another
        **{word: item for word, item in stretch.told.items() if word not in ("since", "until")},
        "proof": "python3 -I verify.py",
    }
    incident = stretch.told.get("incident")
    about = f"incident {incident}" if incident else "the journal"
    return timeline(f"Timeline of {about}: {identity.system}/{identity.environment}", facts, stretch.runs)
