# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(ledger): initialises, shows and checks the memory of an environment."""

from __future__ import annotations

from .._ledger.ledger import initialise, open_ledger, store_of, verify
from .._runs.ledger_show import show
from .tool import Outcome, Said, Surroundings, Tool, text_of


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(lost), the id of a ledger given up.
    """
    policy = around.policy
    if action == "initialise":
        return _initialise(text_of(said, "lost"), around)
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    if not around.check:
        around.memory.note(ledger)
    if action == "show":
        return Outcome(False, tuple(show(ledger)), ledger)
    counts = verify(ledger)
    told = ", ".join(f"{name} {count} entries" for name, count in counts.items())
    line = f"{policy.ledger} is whole: {told}. Not excluded: a full rewrite by somebody who may write there."
    return Outcome(False, (line,), ledger)


def _initialise(given_up: str, around: Surroundings) -> Outcome:
    policy = around.policy
    store = store_of(policy.ledger)
    there = store.read("identity") is not None
    if not there:
        around.memory.refuse_begun_anew(policy.ledger, given_up)
        store.refuse_unplaced()
    if around.check:
        word = "is initialised already" if there else "would be initialised"
        return Outcome(not there, (f"{policy.ledger} of {policy.path} {word}",), None)
    ledger, changed = initialise(policy.ledger, policy.system, policy.environment)
    around.memory.note(ledger)
    word = "is initialised" if changed else "was initialised already"
    return Outcome(changed, (f"{policy.ledger} of {policy.path} {word}, id {ledger.identity.id}",), ledger)


TOOL = Tool("ledger", {"show": "read", "check": "read", "initialise": "change"}, ("lost",), operate)
