# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate of units: what an earlier run left unfinished is settled as a whole, or not touched."""

from __future__ import annotations

from dataclasses import replace

from ...module_utils._errors import InvalidInput, OpsError
from .._gates.request import Request, Verdict, refused
from .._ledger.ledger import Ledger
from .fleets import choose, judge_batch
from .units import Course, Unit, concerning, course

GATE = "unit"


def course_of(request: Request, run: str, ledger: Ledger | None) -> Course | None:
    """Return what a run over components as one unit does; C(None) where each stands for itself.

    :raises Refused: an earlier run's unit is unfinished and not wholly in this run.
    :raises InvalidInput: the batch is no share of a fleet.
    """
    if request.wish is None:
        return None
    fleets = {component.name: component.fleet for component in request.components}
    play = tuple(fleets)
    records = ledger.releases.records() if ledger is not None else []
    open_ones = concerning(play, records)
    wanted = Unit(run, request.action, play, request.wish)
    choice = choose(wanted, fleets, request.batch, open_ones, records)
    found = course(replace(wanted, members=choice.members), open_ones, records, play=play, still=choice.still)
    return replace(found, told=choice.told)


def judge(request: Request, run: str, ledger: Ledger | None) -> list[Verdict]:
    """Refuse a run over part of what an earlier one left unfinished, an adoption over it, and a share of no fleet."""
    fleets = {component.fleet for component in request.components} - {""}
    try:
        if request.batch is not None:
            judge_batch(request.batch, fleets)
    except InvalidInput as error:
        name = request.batch.name
        following = request.commands.again({name: 1} if fleets else {}, without=[name])
        return [refused(GATE, error.sentence, error.remedy, firm=True, next=following)]
    try:
        course_of(request, run, ledger)
    except OpsError as error:
        return [refused(GATE, error.sentence, error.remedy, firm=True)]
    return []
