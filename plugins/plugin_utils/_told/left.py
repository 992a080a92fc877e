# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a killed run left: it could tell nobody itself, so the next run of anything does."""

from __future__ import annotations

from .._ledger.ledger import Ledger
from .._runs.ledger_show import unfinished
from .._runs.under_way import outlook
from .ends import LEFT, RELEASE
from .events import Event


def left_behind(ledger: Ledger, run: str, *, lab: bool) -> list[Event]:
    """Return one event for each switch that nobody has settled and nobody is at work on.

    :param run: this run, which tells of itself what it left.
    :raises OpsError: the ledger cannot be read.
    """
    path = f"{ledger.identity.system}/{ledger.identity.environment}"
    events = []
    for what, of_run, components in unfinished(ledger):
        objects = tuple(f"{path}/{name}" for name in components)
        comes = outlook(ledger, objects)
        if of_run == run or comes.waits:
            continue
        names = ", ".join(components)
        events.append(
            Event(
                "unfinished",
                objects[0] if len(objects) == 1 else path,
                f"{what} of {names}: run {of_run} left it unfinished",
                {"why": f"Run {of_run} was killed or failed in the middle: {comes.sentence}", "noticed by run": run},
                run=of_run,
                source=RELEASE,
                members=objects,
                state=LEFT,
                lab=lab,
            )
        )
    return events
