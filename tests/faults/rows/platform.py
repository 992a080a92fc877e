"""What App Runner itself does with an operation."""

from __future__ import annotations

from tests.faults.arena import SERVICE, Arena
from tests.faults.case import OK, RED, UNDONE, Case, Expect, Setup

NEXT = {"release": "1.1.0"}
BAD = {"release": "2.0.0"}
SETTINGS = {"release": "1.0.0", "environment": {"ADDED": "1"}}


def ridden(kind: str, **options: object) -> Setup:
    """1.0.0 serves, and the next operation goes so."""

    def arrange(arena: Arena) -> None:
        arena.adopted()
        arena.control.fault("UpdateService", kind, **options)

    return arrange


def undo_ridden(kind: str, **options: object) -> Setup:
    """2.0.0 is bad, and the operation that undoes it goes so."""

    def arrange(arena: Arena) -> None:
        arena.adopted()
        arena.push("2.0.0", "not_ready")
        arena.control.fault("UpdateService", kind, after=1, **options)

    return arrange


def _impatient(arrange: Setup, seconds: float = 1.5) -> Setup:
    def arranged(arena: Arena) -> None:
        arrange(arena)
        arena.options["switch_timeout_seconds"] = seconds

    return arranged


def _free(arena: Arena) -> None:
    arena.control.release(SERVICE)
    arena.options.pop("switch_timeout_seconds")


CASES = (
    Case(
        "self_rollback",
        "the platform reverts by itself",
        "operation",
        Expect(UNDONE, words=("ROLLBACK_SUCCEEDED",)),
        ridden("self_rollback"),
    ),
    Case("failed", "the operation ends FAILED", "operation", Expect(UNDONE, sent=2, words=("FAILED",)), ridden("fail")),
    Case(
        "rollback_failed",
        "ROLLBACK_FAILED: the old process under the new configuration",
        "operation",
        Expect(UNDONE, sent=2, words=("ROLLBACK_FAILED",)),
        ridden("rollback_failed"),
    ),
    Case(
        "succeeded_but_old",
        "SUCCEEDED, but the old process serves",
        "operation",
        Expect(UNDONE, sent=2),
        ridden("succeeded_but_old"),
    ),
    Case(
        "stuck",
        "the operation never ends",
        "operation",
        Expect(RED, serves=None, words=("still",), is_open=True),
        _impatient(ridden("stuck")),
        then=(NEXT, Expect(OK, serves="1.1.0", sent=0)),
        mend=_free,
    ),
    Case(
        "stuck_then_rollback",
        "the operation never ends, and a rollback comes after it",
        "operation",
        Expect(RED, serves=None, is_open=True),
        _impatient(ridden("stuck")),
        then=({"state": "rolled_back"}, Expect(OK)),
        mend=_free,
    ),
    Case(
        "slow_operation",
        "the operation takes long",
        "operation",
        Expect(OK, serves="1.1.0"),
        ridden("slow_operation", seconds=1.5),
    ),
    Case(
        "settings_reverted",
        "the platform reverts by itself",
        "operation that changes settings only",
        Expect(UNDONE),
        ridden("self_rollback"),
        SETTINGS,
        then=(SETTINGS, Expect(OK)),
    ),
    Case(
        "settings_failed",
        "the operation ends FAILED",
        "operation that changes settings only",
        Expect(UNDONE, sent=2),
        ridden("fail"),
        SETTINGS,
    ),
    Case(
        "settings_lost_answer",
        "500 after it was carried out",
        "UpdateService that changes settings only",
        Expect(OK),
        ridden("500_after"),
        SETTINGS,
    ),
    Case(
        "settings_stuck",
        "the operation never ends",
        "operation that changes settings only",
        Expect(RED, serves=None, is_open=True),
        _impatient(ridden("stuck")),
        SETTINGS,
        then=(SETTINGS, Expect(OK, sent=0)),
        mend=_free,
    ),
    Case(
        "undo_stuck",
        "the operation never ends",
        "undo",
        Expect(RED, serves=None, sent=2, words=("going back",), is_open=True),
        _impatient(undo_ridden("stuck"), 3.0),
        BAD,
        then=(BAD, Expect(UNDONE, sent=0)),
        mend=_free,
        back="1.0.0",
    ),
    Case(
        "undo_failed",
        "the operation ends FAILED",
        "undo",
        Expect(RED, serves="2.0.0", sent=2, words=("going back", "FAILED")),
        undo_ridden("fail"),
        BAD,
        then=({"state": "rolled_back"}, Expect(OK)),
    ),
    Case(
        "undo_reverted",
        "the platform reverts by itself",
        "undo",
        Expect(RED, serves="2.0.0", sent=2, words=("going back", "ROLLBACK_SUCCEEDED")),
        undo_ridden("self_rollback"),
        BAD,
        then=({"release": "1.1.0"}, Expect(OK, serves="1.1.0")),
    ),
    Case(
        "undo_succeeded_but_old",
        "SUCCEEDED, but the bad process serves",
        "undo",
        Expect(RED, serves="2.0.0", sent=2),
        undo_ridden("succeeded_but_old"),
        BAD,
    ),
    Case(
        "undo_denied",
        "the call is denied",
        "undo",
        Expect(RED, serves="2.0.0", sent=1, words=("AccessDenied",)),
        undo_ridden("access_denied"),
        BAD,
    ),
    Case(
        "undo_expired",
        "the credentials expired",
        "undo",
        Expect(RED, serves="2.0.0", sent=1, words=("ExpiredToken",)),
        undo_ridden("expired_token"),
        BAD,
        then=({"state": "rolled_back"}, Expect(OK)),
    ),
    Case(
        "undo_lost_answer",
        "500 after it was carried out",
        "undo",
        Expect(UNDONE, sent=2),
        undo_ridden("500_after"),
        BAD,
    ),
    Case("undo_throttled", "throttling", "undo", Expect(UNDONE, sent=2), undo_ridden("throttle", count=2), BAD),
)
