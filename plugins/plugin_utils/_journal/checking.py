# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifying a ledger: both chains against identity, heads and anchors, and what that can and cannot exclude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._ledger.chain import Chain
from .._ledger.ledger import Ledger
from .anchors import Anchor, Kept, kept_by, read_anchors
from .proof import HEAD, IDENTITY, Bad, Link, Mark, Proof, head_of, prove, reader

_REWRITTEN = (
    "that somebody who may write to the ledger changed an entry and rewrote all later ones and the head, or cut off"
    " its end and rewrote the head"
)
ANCHORS = "name an anchor in ops_anchors, as docs/journal.md says, and the next run's end is kept there"


@dataclass(frozen=True)
class Verified:
    """What came of verifying a ledger.

    :param problems: anchors that could not be read, or are named wrongly: what they know was not compared.
    """

    proofs: Sequence[Proof]
    kept: Sequence[Kept]
    unreadable: Sequence[Anchor]
    problems: Sequence[str]

    @property
    def bad(self) -> list[Proof]:
        """Return the proofs that failed."""
        return [proof for proof in self.proofs if proof.bad]


def verify(ledger: Ledger, anchors: object) -> Verified:
    """Prove both chains against all that knows them. Nothing is written, and heads stay where they are.

    :param anchors: C(ops_anchors) as the inventory states it.
    :raises Unreachable: the ledger cannot be read.
    """
    # before the entries: what is anchored meanwhile is in the chain already
    known, problems = read_anchors(anchors)
    kept = [kept_by(each, ledger.identity.id) for each in known if each.readable]
    problems += [f"{each.anchor.name} cannot be read: {each.problem}" for each in kept if each.problem]
    proofs = [prove_chain(ledger, chain, kept) for chain in (ledger.journal.chain, ledger.releases.chain)]
    return Verified(proofs, kept, [each for each in known if not each.readable], problems)


def prove_chain(ledger: Ledger, chain: Chain, kept: Sequence[Kept] = ()) -> Proof:
    """Prove one chain."""
    return prove(chain.name, reader(ledger.store, chain.name), marks_of(ledger, chain.name, kept))


def marks_of(ledger: Ledger, chain: str, kept: Sequence[Kept] = ()) -> list[Mark]:
    """Return everybody's word about a chain."""
    marks = [mark for each in kept for mark in each.marks.get(chain, ())]
    if begun := ledger.identity.genesis.get(chain):
        marks.append(Mark(0, begun, IDENTITY))
    if head := head_of(ledger.store, chain):
        marks.append(Mark(head.sequence, head.hash, HEAD))
    return marks


def lines_of(verified: Verified) -> list[str]:
    """Return what was proved, and what that cannot exclude, as lines for a person."""
    lines: list[str] = []
    for proof in verified.proofs:
        lines += [f"{proof.chain}: {line}" for line in (_broken(proof.bad) if proof.bad else _whole(proof, verified))]
    for each in verified.unreadable:
        lines.append(f"{each.name} cannot be read from here: look there for an entry with another hash")
    return [*lines, *(f"unknown: {problem}" for problem in verified.problems)]


def red_of(verified: Verified, url: str) -> str:
    """Return why a verification ends red; empty when all was proved that the inventory asks for."""
    if verified.bad:
        first = verified.bad[0]
        told = first.bad.sentence if first.bad else ""
        others = "".join(
            f"; nor the chain {proof.chain}: {proof.bad.sentence}" for proof in verified.bad[1:] if proof.bad
        )
        return (
            f"The chain {first.chain} of the ledger {url} cannot be trusted: {told}{others}. Keep a copy of the ledger"
            " as it is and find out who may write there; then put it back from its backup, as docs/ledger.md says under"
            " 'Lost or damaged'."
        )
    if verified.problems:
        return f"Not everything could be compared: {verified.problems[0]}"
    return ""


def event_of(verified: Verified, red: str) -> dict[str, object]:
    """Return what the journal keeps of a verification."""
    ends = {proof.chain: proof.last.sequence for proof in verified.proofs if proof.last}
    anchored = {proof.chain: proof.anchored_to for proof in verified.proofs if proof.anchored_to >= 0}
    said = red or f"proved: {', '.join(f'{chain} to entry {end}' for chain, end in ends.items())}"
    return {"lines": [said], "result": "FAILED" if red else "ok", **({"anchored_to": anchored} if anchored else {})}


def _broken(bad: Bad) -> list[str]:
    lines = [f"CANNOT BE TRUSTED: {bad.sentence}", f"first bad entry: {bad.entry}"]
    if bad.sure_to < 0:
        return [*lines, "no entry before it is proved by anything else"]
    if bad.sure_to == bad.entry - 1:
        return [*lines, f"proved without it: {_entries(0, bad.sure_to)}"]
    between = _entries(bad.sure_to + 1, bad.entry - 1)
    return [*lines, f"proved without it: {_entries(0, bad.sure_to)}; {between} fit, and only what follows them says so"]


def _whole(proof: Proof, verified: Verified) -> list[str]:
    last = proof.last or Link(-1, "", "", "")
    end = last.sequence
    lines = [
        f"{_entries(0, end)}: the first is the one with which this ledger began, each names the one before it, and the"
        f" head names the last, {last.hash} of {last.at}"
    ]
    names = sorted({each.anchor.name for each in verified.kept if each.marks.get(proof.chain)})
    if proof.anchored_to < 0:
        empty = [each.anchor.name for each in verified.kept if not each.problem]
        why = f"{', '.join(empty)} keeps no head of it yet" if empty else ANCHORS
        return [*lines, f"not excluded: {_REWRITTEN}; {why}"]
    sure = f"{_entries(0, proof.anchored_to)} proved by {', '.join(names)}: none was changed, put in or left out since"
    if proof.anchored_to == end:
        cut = f"that later entries than {end} were cut off before they were anchored, and the head rewritten"
        return [*lines, sure, f"not excluded: {cut}; entries that somebody who may write to the ledger adds as new"]
    later = _entries(proof.anchored_to + 1, end)
    return [*lines, sure, f"not excluded for {later}, which are not anchored yet: {_REWRITTEN}"]


def _entries(first: int, last: int) -> str:
    return f"entry {last}" if first == last else f"entries {first} to {last}"
