"""The calls to AWS: lost, refused, late, stale."""

from __future__ import annotations

from tests.faults.arena import Arena
from tests.faults.case import OK, RED, REFUSED, UNCHANGED, UNDONE, Case, Expect, Setup
from tests.faults.rows.platform import NEXT, ridden

LONG = 60
NOT_DONE = Expect(RED, sent=0, words=("nothing changed",))
THERE = Expect(OK, serves="1.1.0")


def reading(call: str, kind: str, **options: object) -> Setup:
    """1.0.0 serves, and a reading call goes so."""

    def arrange(arena: Arena) -> None:
        arena.adopted()
        arena.control.fault(call, kind, **options)

    return arrange


def after_the_switch(call: str, kind: str, *, release: str = "1.1.0", **options: object) -> Setup:
    """The call goes so from the moment at which the change was accepted."""

    def arrange(arena: Arena) -> None:
        arena.adopted()
        arena.push("2.0.0", "crash")
        # the same reading calls as the run will make before its change: a plan shows how many there are
        since = arena.observer.request_count()
        arena.control.fault("UpdateService", "access_denied")
        arena.conduct(release=release)
        rows = arena.control.requests(since=since)
        count = sum(row["operation"] == call for row in rows) if call != "*" else len(rows)
        # a failed attempt reads once more at its end, to tell what serves
        arena.control.fault(call, kind, after=count, **options)

    return arrange


def _instance(arena: Arena) -> None:
    arena.adopted(instance={"Cpu": "1024", "Memory": "2048"})
    arena.control.fault("*", "other_notation")


def _lost_and_unseen(arena: Arena) -> None:
    arena.adopted()
    arena.control.fault("UpdateService", "500_after")
    arena.control.fault("UpdateService", "stale_list", seconds=4)


def _lost_and_stale(arena: Arena) -> None:
    arena.adopted()
    arena.control.fault("UpdateService", "reset_after")
    arena.control.fault("UpdateService", "stale_list", seconds=0.6)


def _bad_and_no_logs(arena: Arena) -> None:
    arena.adopted()
    arena.push("2.0.0", "crash")
    arena.control.fault("FilterLogEvents", "access_denied", count=LONG)


CASES = (
    Case("lost_500", "500 after it was carried out", "UpdateService", THERE, ridden("500_after")),
    Case(
        "lost_reset", "the connection is reset after it was carried out", "UpdateService", THERE, ridden("reset_after")
    ),
    Case(
        "lost_garbled", "half of the answer after it was carried out", "UpdateService", THERE, ridden("garbled_after")
    ),
    Case(
        "lost_and_list_stale",
        "reset after it was carried out, the list stale for a while",
        "UpdateService",
        THERE,
        _lost_and_stale,
    ),
    Case(
        "lost_and_list_stale_long",
        "500 after it was carried out, the list stale for longer than anybody waits",
        "UpdateService",
        Expect(RED, serves=None, is_open=True),
        _lost_and_unseen,
        then=(NEXT, Expect(OK, serves="1.1.0", sent=0)),
        mend=lambda arena: _wait(4),
    ),
    Case(
        "not_done_500",
        "500 before it was carried out",
        "UpdateService",
        NOT_DONE,
        ridden("500_before"),
        then=(NEXT, THERE),
    ),
    Case(
        "not_done_reset",
        "the connection is reset before it was carried out",
        "UpdateService",
        NOT_DONE,
        ridden("reset_before"),
    ),
    Case("not_done_502", "a gateway's 502 page", "UpdateService", NOT_DONE, ridden("html_502")),
    Case("throttled_once", "throttling, twice", "UpdateService", THERE, ridden("throttle", count=2)),
    Case("throttled_for_good", "throttling without end", "UpdateService", NOT_DONE, ridden("throttle", count=LONG)),
    Case(
        "denied",
        "no right to change",
        "UpdateService",
        Expect(RED, sent=0, words=("AccessDenied",)),
        ridden("access_denied"),
    ),
    Case(
        "expired_before",
        "the credentials expired",
        "UpdateService",
        Expect(RED, sent=0, words=("expired",)),
        ridden("expired_token"),
    ),
    Case(
        "late_answer",
        "the answer comes after the operation's end",
        "UpdateService",
        THERE,
        ridden("delay_after", seconds=1.5),
    ),
    Case(
        "describe_throttled",
        "throttling without end",
        "DescribeService while planning",
        Expect(REFUSED, words=("throttled",)),
        reading("DescribeService", "throttle", count=LONG),
    ),
    Case(
        "describe_500_once",
        "500, twice",
        "DescribeService while planning",
        THERE,
        reading("DescribeService", "500_before", count=2),
    ),
    Case(
        "describe_garbled",
        "half of the answer without end",
        "DescribeService while planning",
        Expect(REFUSED),
        reading("DescribeService", "garbled_after", count=LONG),
    ),
    Case(
        "services_500",
        "500 without end",
        "ListServices",
        Expect(REFUSED, words=("500",)),
        reading("ListServices", "500_before", count=LONG),
    ),
    Case(
        "operations_reset",
        "resets without end",
        "ListOperations while planning",
        Expect(REFUSED),
        reading("ListOperations", "reset_before", count=LONG),
    ),
    Case(
        "images_throttled",
        "throttling without end",
        "DescribeImages",
        Expect(REFUSED, words=("throttled",)),
        reading("DescribeImages", "throttle", count=LONG),
    ),
    Case(
        "images_denied",
        "no right to read the registry",
        "DescribeImages",
        Expect(REFUSED, words=("AccessDenied",)),
        reading("DescribeImages", "access_denied", count=LONG),
    ),
    Case(
        "images_502",
        "a gateway's 502 page, twice",
        "DescribeImages",
        THERE,
        reading("DescribeImages", "html_502", count=2),
    ),
    Case(
        "logs_denied",
        "no right to read the logs",
        "FilterLogEvents",
        Expect(UNDONE, words=("not readable",)),
        _bad_and_no_logs,
        {"release": "2.0.0"},
    ),
    Case(
        "wait_500",
        "500 for a while",
        "ListOperations while waiting",
        THERE,
        after_the_switch("ListOperations", "500_before", count=7),
    ),
    Case(
        "wait_reset",
        "resets for a while",
        "ListOperations while waiting",
        THERE,
        after_the_switch("ListOperations", "reset_before", count=7),
    ),
    Case(
        "wait_throttled",
        "throttling for a while",
        "ListOperations while waiting",
        THERE,
        after_the_switch("ListOperations", "throttle", count=7),
    ),
    Case(
        "wait_expired",
        "the credentials expire",
        "ListOperations while waiting",
        Expect(RED, serves=None, words=("expired",), is_open=True),
        after_the_switch("ListOperations", "expired_token", count=LONG),
        then=(NEXT, Expect(OK, serves="1.1.0", sent=0)),
    ),
    Case(
        "judge_500",
        "500 without end",
        "DescribeService after the operation",
        Expect(RED, serves=None, is_open=True),
        after_the_switch("DescribeService", "500_before", count=LONG),
        then=(NEXT, Expect(OK, serves="1.1.0", sent=0)),
    ),
    Case(
        "describe_stale",
        "the state of before, for a while",
        "DescribeService after the operation",
        THERE,
        ridden("stale_describe", seconds=1.2),
    ),
    Case(
        "describe_stale_long",
        "the state of before, for longer than anybody waits",
        "DescribeService after the operation",
        Expect(UNDONE, sent=2),
        ridden("stale_describe", seconds=2.2),
    ),
    Case(
        "list_stale",
        "the list of before, for a while",
        "ListOperations while waiting",
        THERE,
        ridden("stale_list", seconds=1.2),
    ),
    Case(
        "other_notation",
        "cpu and memory in the other notation",
        "DescribeService while planning",
        Expect(UNCHANGED),
        _instance,
        {"release": "1.0.0", "cpu": "1 vCPU", "memory": "2 GB"},
    ),
)


def _wait(seconds: float) -> None:
    import time

    time.sleep(seconds)
