# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate of units: what an earlier run left unfinished is settled as a whole, or not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...module_utils._errors import InvalidInput, OpsError
from .._gates.request import Batch, Request, Verdict, refused
from .._ledger.ledger import Ledger
from .fleets import choose, judge_batch
from .units import Course, Record, Step, Unit, concerning, course

GATE = "unit"


def course_of(request: Request, run: str, ledger: Ledger | None) -> Course | None:
    """Return what a run over components as one unit does; C(None) where each stands for itself.

    :raises Refused: an earlier run's unit is unfinished and not wholly in this run.
    :raises InvalidInput: the batch is no share of a fleet.
    """
    if request.wish is None:
        return None
    fleets = {component.name: component.fleet for component in request.components}
    records = ledger.releases.records() if ledger is not None else []
    return course_of_play(Unit(run, request.action, tuple(fleets), request.wish), fleets, request.batch, records)


def course_of_play(wanted: Unit, fleets: Mapping[str, str], batch: Batch | None, records: Sequence[Record]) -> Course:
    """Return what a run does with what it takes of its play.

    :param wanted: with all components of the play as its members.
    :param fleets: the fleet of each; empty where it has none.
    """
    open_ones = concerning(wanted.members, records)
    choice = choose(wanted, fleets, batch, open_ones, records)
    taken = replace(wanted, members=choice.members)
    found = course(taken, open_ones, records, play=wanted.members, still=choice.still)
    return replace(found, switch=tuple(_leaving(step, choice.leaves) for step in found.switch), told=choice.told)


def _leaving(step: Step, leaves: Mapping[str, str]) -> Step:
    left = leaves.get(step.component)
    return replace(step, options={**step.options, "rollback_from": left}) if left else step


def judge(request: Request, run: str, ledger: Ledger | None) -> list[Verdict]:
    """Refuse a run over part of what an earlier one left unfinished, an adoption over it, and what a fleet refuses."""
    if request.batch is not None:
        fleets = {component.fleet for component in request.components} - {""}
        try:
            judge_batch(request.batch, fleets)
        except InvalidInput as error:
            name = request.batch.name
            following = request.commands.again({name: 1} if fleets else {}, without=[name])
            return [refused(GATE, error.sentence, error.remedy, firm=True, next=following)]
    try:
        course_of(request, run, ledger)
    except OpsError as error:
        following = request.commands.wanted(error.next)
        return [refused(GATE, error.sentence, error.remedy, firm=True, next=following)]
    return []
