# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows the end of a run: which other never began, who is told of both, and where heads of the ledger are kept.

None of it may keep a run from its last line and from ending red: a fault in it is a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...module_utils._errors import OpsError
from .expected import missed_runs

if TYPE_CHECKING:
    from .._schedules.missed import Missed
    from .closing import Record


def follow(record: Record, final: Mapping[str, object], outcome: str, red: str) -> list[str]:
    """Tell whoever the inventory says how a run ended, and keep the heads; return the lines that say so.

    :param final: the last result of its guard.
    :param outcome: as the journal has it.
    :param red: why it ends red although no task failed; empty when it does not.
    """
    missed: list[Missed] = []

    def look() -> list[str]:
        missed.extend(missed_runs(final))
        return [f"missed: {each.sentence}" for each in missed]

    def tell() -> list[str]:
        return _told(record, final, outcome, red, missed)

    return [
        *_tried("whether a scheduled run never started is unknown", look),
        *_tried("who was told of this end is unknown", tell),
        *_tried("whether the heads of the ledger are kept is unknown", lambda: _anchored(final)),
    ]


def _told(record: Record, final: Mapping[str, object], outcome: str, red: str, missed: list[Missed]) -> list[str]:
    if not final.get("notify"):
        return []
    # only now: telling brings much with it
    from .._told.ends import Ending
    from .._told.run_end import tell_end

    sentences = {each.name: each.sentence for each in missed}
    return tell_end(Ending(record.judged, outcome, red, record.noted, record.who, record.typed, sentences))


def _anchored(final: Mapping[str, object]) -> list[str]:
    """Keep the heads of the ledger where the inventory says, after all was written; return what did not succeed."""
    if not final.get("anchors"):
        return []
    from .._journal.anchors import anchor_end

    return anchor_end(final)


def _tried(unknown: str, part: Callable[[], list[str]]) -> list[str]:
    try:
        return part()
    except OpsError as error:
        return [f"{unknown}: {error}"]
    except Exception as error:  # Ansible swallows what its callbacks raise, and with it the end; the text may be secret
        return [f"{unknown}: a fault of steady.ops itself ({type(error).__name__})"]
