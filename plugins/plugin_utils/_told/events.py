# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody is told, what came of telling it, and the rules that a channel can listen to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# each rule with its severity, in the words of PagerDuty
RULES: Mapping[str, str] = {
    "failed": "error",
    "rolled_back": "warning",
    "refused": "warning",
    "override": "warning",
    "unfinished": "error",
    "missed": "error",
    "critical": "critical",
    "recovery": "info",
}
RECOVERY = "recovery"
TEST = "test"
# they happen once; the others are states, which last until a recovery
MOMENTS = ("override", TEST)

# spelled once here: inside Event the name `object` is a field
Details = Mapping[str, object]


@dataclass(frozen=True)
class Event:
    """Something that somebody should know.

    :param rule: one of C(RULES).
    :param object: what it is about, C(<system>/<environment>) or a path beneath it.
    :param summary: one line.
    :param details: what stands below it, in this order: texts, or lists and mappings of texts.
    :param source: by what a failure and its recovery belong together, such as C(runbook.action) or all that switch a
        release: the success of another mends nothing.
    :param members: the components that are concerned, where the object stands for several.
    :param state: what makes this another state than the last one of the same rule, such as another cause.
    :param recovers: the rules that a recovery ends; empty for all.
    """

    rule: str
    object: str
    summary: str
    details: Details = field(default_factory=dict)
    run: str = ""
    source: str = ""
    members: tuple[str, ...] = ()
    state: str = ""
    lab: bool = False
    recovers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what is the same for every occurrence of this state."""
        return "/".join(part for part in (self.object, self.source, self.rule) if part)

    @property
    def concerned(self) -> frozenset[str]:
        """Return the objects that this is about."""
        return frozenset(self.members or (self.object,))


@dataclass(frozen=True)
class Delivery:
    """What came of telling one event through one channel.

    :param repeat: how often the same state was noticed before.
    :param problem: why it was not delivered, or not to everybody; empty when all is well.
    :param unrecorded: why the ledger does not know of it; empty when it does.
    """

    channel: str
    rule: str
    object: str
    run: str
    delivered: bool
    problem: str = ""
    repeat: int = 0
    unrecorded: str = ""

    def as_dict(self) -> Details:
        """Return the journal's event."""
        return {
            "event": "told",
            "run": self.run,
            "channel": self.channel,
            "rule": self.rule,
            "object": self.object,
            "delivered": self.delivered,
            "problem": self.problem,
            "repeat": self.repeat,
        }
