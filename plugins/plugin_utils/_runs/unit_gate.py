# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate of units: what an earlier run left unfinished is settled as a whole, or not touched."""

from __future__ import annotations

from ...module_utils._errors import OpsError
from .._gates.request import Request, Verdict, refused
from .._ledger.ledger import Ledger
from .units import Course, Unit, course_of_run

GATE = "unit"


def course_of(request: Request, run: str, ledger: Ledger | None) -> Course | None:
    """Return what a run over components as one unit does; C(None) where each stands for itself.

    :raises Refused: an earlier run's unit is unfinished and not wholly in this run.
    """
    if request.wish is None:
        return None
    members = tuple(component.name for component in request.components)
    records = ledger.releases.records() if ledger is not None else []
    return course_of_run(Unit(run, request.action, members, request.wish), records)


def judge(request: Request, run: str, ledger: Ledger | None) -> list[Verdict]:
    """Refuse a run over part of what an earlier one left unfinished, and an adoption over it."""
    try:
        course_of(request, run, ledger)
    except OpsError as error:
        return [refused(GATE, error.sentence, error.remedy, firm=True)]
    return []
