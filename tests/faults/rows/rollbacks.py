"""Faults of a rollback by a person."""

from __future__ import annotations

from tests.faults.arena import SERVICE, Arena, Running
from tests.faults.case import OK, RED, REFUSED, UNCHANGED, UNDONE, Case, Expect, Setup
from tests.faults.rows.others import THEIRS, _lease_stops

BACK = {"state": "rolled_back"}


def ridden_back(kind: str, **options: object) -> Setup:
    """1.1.0 serves over 1.0.0, and the rollback's operation goes so."""

    def arrange(arena: Arena) -> None:
        arena.deployed("1.1.0")
        arena.control.fault("UpdateService", kind, **options)

    return arrange


def _held_back(arena: Arena) -> None:
    arena.deployed("1.1.0")
    arena.control.hold(SERVICE)


def _outside_since(arena: Arena) -> None:
    arena.deployed("1.1.0")
    arena.control.outside(SERVICE, image=THEIRS)
    arena.control.wait(SERVICE)


def _rolled_back(arena: Arena) -> None:
    arena.deployed("1.1.0", "1.2.0")
    assert not arena.conduct(**BACK)["failed"]


def _rolled_back_once(arena: Arena) -> None:
    arena.deployed("1.1.0")
    assert not arena.conduct(**BACK)["failed"]


def _stop_late(arena: Arena, running: Running) -> None:
    _lease_stops(arena, running)


CASES = (
    Case(
        "back_reverted",
        "the platform reverts by itself",
        "operation of a rollback",
        Expect(UNDONE, serves="1.1.0"),
        ridden_back("self_rollback"),
        BACK,
    ),
    Case(
        "back_succeeded_but_old",
        "SUCCEEDED, but the old process serves",
        "operation of a rollback",
        Expect(UNDONE, serves="1.1.0", sent=2),
        ridden_back("succeeded_but_old"),
        BACK,
    ),
    Case(
        "back_lost_answer",
        "reset after it was carried out",
        "UpdateService of a rollback",
        Expect(OK),
        ridden_back("reset_after"),
        BACK,
    ),
    Case(
        "back_not_done",
        "500 before it was carried out",
        "UpdateService of a rollback",
        Expect(RED, serves="1.1.0", sent=0),
        ridden_back("500_before"),
        BACK,
        then=(BACK, Expect(OK)),
    ),
    Case(
        "back_lease_stops",
        "the lease is lost",
        "operation of a rollback",
        Expect(RED, serves=None, words=("lease",), is_open=True),
        _held_back,
        BACK,
        middle=_stop_late,
        then=(BACK, Expect(OK, sent=0)),
        mend=lambda arena: (arena.control.wait(SERVICE), None)[1],
    ),
    Case(
        "back_from_theirs",
        "another tool deployed since",
        "plan of a rollback",
        Expect(OK, serves="1.1.0", finding="outside_change"),
        _outside_since,
        BACK,
    ),
    Case(
        "back_nowhere",
        "nothing served before",
        "plan of a rollback",
        Expect(REFUSED, words=("no release to go back to",)),
        job=BACK,
    ),
    Case(
        "back_to_withdrawn",
        "the named target was withdrawn",
        "plan of a rollback",
        Expect(REFUSED, serves="1.1.0", words=("withdrawn",)),
        _rolled_back,
        {**BACK, "rollback_to": "1.2.0"},
    ),
    Case(
        "back_to_unknown",
        "the named target does not exist",
        "plan of a rollback",
        Expect(REFUSED, serves="1.1.0", words=("Recorded are",)),
        _rolled_back,
        {**BACK, "rollback_to": "6.6.6"},
    ),
    Case(
        "back_again_same_from",
        "the same rollback is asked for again",
        "plan of a rollback",
        Expect(UNCHANGED),
        _rolled_back_once,
        {**BACK, "rollback_from": "1.1.0"},
    ),
    Case("back_twice", "a second rollback follows a first", "plan of a rollback", Expect(OK), _rolled_back, BACK),
    Case(
        "back_past_the_first",
        "a second rollback finds nothing before",
        "plan of a rollback",
        Expect(REFUSED, words=("no release to go back to",)),
        _rolled_back_once,
        BACK,
    ),
)
