# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What approvals add to permits: that a check run's plan is journalled, and which steps no plan could show. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .plans import NOTE

_KEEP = "keep_plan"
_UNSEEN = ("settle", "undo")


def marks(notes: Mapping[str, object]) -> dict[str, bool]:
    """Return the mark of permits whose plan is journalled in check mode: of changes that approval is asked for.

    :param notes: what the gates leave for the journal.
    """
    return {_KEEP: True} if NOTE in notes else {}


def is_marked(permit: object) -> bool:
    """Tell whether the plan that is made with a permit is journalled."""
    return isinstance(permit, Mapping) and permit.get("mode") == "check" and permit.get(_KEEP) is True


def unbound(unit: Mapping[str, object]) -> dict[str, object]:
    """Return a unit's steps with those bound to no approved plan that put back what a run began.

    No check run shows them, so nobody can approve them; without this an undo would be refused.
    """
    return {part: _unbound(steps) if part in _UNSEEN else steps for part, steps in unit.items()}


def _unbound(steps: object) -> list[dict[str, object]]:
    found = steps if isinstance(steps, list) else []
    return [{**step, "permit": {**step["permit"], "approved_plan_hashes": []}} for step in found]
