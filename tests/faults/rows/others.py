"""Other tools and people who change the service, and leases that are lost."""

from __future__ import annotations

import json
import time

from tests.faults.arena import REPOSITORY, SERVICE, Arena, Running, probe_of
from tests.faults.case import OK, RED, REFUSED, UNDONE, Case, Expect
from tests.faults.rows.releases import bad

THEIRS = f"{REPOSITORY}:1.2.0"


def _slow_poll(arena: Arena) -> None:
    arena.adopted()
    arena.options["poll_seconds"] = 1.2


def _theirs_after_ours(arena: Arena, running: Running) -> None:
    arena.operation_ended("1.1.0")
    arena.control.outside(SERVICE, image=THEIRS)


def _long_window(arena: Arena) -> None:
    arena.adopted()
    arena.options["probe"] = probe_of(arena.probe["url"].partition("/api/")[0], stability_seconds=4.0)


def _theirs_in_the_window(arena: Arena, running: Running) -> None:
    arena.operation_ended("1.1.0")
    time.sleep(0.8)
    arena.control.outside(SERVICE, image=THEIRS)


def _same_in_the_window(arena: Arena, running: Running) -> None:
    arena.operation_ended("1.1.0")
    time.sleep(0.8)
    arena.control.outside(SERVICE, environment={"THEIRS": "1"})


def _pause_in_the_window(arena: Arena, running: Running) -> None:
    arena.operation_ended("1.1.0")
    time.sleep(0.8)
    arena.control.outside(SERVICE, action="PauseService")


def _delete_in_the_window(arena: Arena, running: Running) -> None:
    arena.operation_ended("1.1.0")
    time.sleep(0.8)
    arena.control.outside(SERVICE, action="DeleteService")


def _theirs_an_hour_ago(arena: Arena) -> None:
    arena.adopted()
    arena.push("2.0.0", "not_ready")
    arena.control.outside(SERVICE, image=THEIRS)
    arena.control.wait(SERVICE)


def _theirs_under_way(arena: Arena) -> None:
    arena.adopted()
    arena.control.hold(SERVICE)
    arena.control.outside(SERVICE, image=THEIRS)
    arena.control.wait_phase(SERVICE, "provision")


def _slow_update(arena: Arena) -> None:
    arena.adopted()
    arena.control.fault("UpdateService", "delay", seconds=0.8)


def _lost_call(arena: Arena) -> None:
    arena.adopted()
    arena.control.fault("UpdateService", "500_before")


def _theirs_at_once(arena: Arena, running: Running) -> None:
    arena.fault_is_taken()
    arena.control.outside(SERVICE, image=THEIRS)


def _theirs_before_ours(arena: Arena, running: Running) -> None:
    arena.fault_is_taken()
    arena.control.hold(SERVICE)
    arena.control.outside(SERVICE, image=THEIRS)
    running.wait()
    arena.control.release(SERVICE)


def _automatic(arena: Arena) -> None:
    arena.control.tag_image(REPOSITORY, "latest", arena.digest("1.0.0"))
    arena.adopted("latest", auto_deployments=True)


def _automatic_slow(arena: Arena) -> None:
    _automatic(arena)
    arena.control.fault("UpdateService", "delay", seconds=0.8)


def _push_before_ours(arena: Arena, running: Running) -> None:
    arena.fault_is_taken()
    arena.control.hold(SERVICE)
    arena.control.tag_image(REPOSITORY, "latest", arena.digest("1.2.0"))
    running.wait()
    arena.control.release(SERVICE)


def _push_during_ours(arena: Arena, running: Running) -> None:
    _until_the_update(arena)
    arena.control.tag_image(REPOSITORY, "latest", arena.digest("1.2.0"))


def _until_the_update(arena: Arena) -> None:
    deadline = time.monotonic() + 20
    while arena.control.truth(SERVICE)["operations"][0]["type"] != "UPDATE_SERVICE":
        assert time.monotonic() < deadline, "no update began"
        time.sleep(0.02)


def _held(arena: Arena) -> None:
    arena.adopted()
    arena.push("2.0.0", "not_ready")
    arena.control.hold(SERVICE)


def _lease_stops(arena: Arena, running: Running) -> None:
    arena.control.wait_phase(SERVICE, "provision")
    running.stop_lease()
    time.sleep(0.5)
    arena.control.release(SERVICE)


def _deadline_removed(arena: Arena, running: Running) -> None:
    arena.control.wait_phase(SERVICE, "provision")
    running.remove_deadline()
    time.sleep(0.5)
    arena.control.release(SERVICE)


def _lease_stops_before_the_undo(arena: Arena, running: Running) -> None:
    arena.control.wait_phase(SERVICE, "provision")
    arena.control.release(SERVICE)
    arena.operation_ended("2.0.0")
    running.stop_lease()


def _slow_last_look(arena: Arena) -> None:
    arena.adopted()
    since = arena.observer.request_count()
    arena.control.fault("UpdateService", "access_denied")
    arena.conduct(release="1.1.0")
    calls = [row["operation"] for row in arena.control.requests(since=since)]
    before = calls[: calls.index("UpdateService")]
    last = before[-1]
    arena.control.fault(last, "delay", seconds=1.5, after=before.count(last) - 1)


def _lease_stops_at_once(arena: Arena, running: Running) -> None:
    arena.fault_is_taken()
    running.stop_lease()


def _taken_over(arena: Arena, running: Running) -> None:
    """Another run holds the lease in the ledger now; the module cannot see that, the ledger must refuse its words."""
    arena.control.wait_phase(SERVICE, "provision")
    page = arena.ledger / "leases"
    book = json.loads(page.read_text(encoding="utf-8"))
    book["token"] += 1
    for lease in book["leases"]:
        lease["token"], lease["holder"]["run"] = book["token"], "another-run"
    page.write_text(json.dumps(book), encoding="utf-8")
    arena.control.release(SERVICE)


OUTSIDE = Expect(RED, serves="1.2.0", words=("another tool",), finding="outside_change")
LEASE_LOST = Expect(RED, serves=None, words=("lease",), is_open=True)
FINISHED = Expect(OK, serves="1.1.0", sent=0)

CASES = (
    Case(
        "theirs_after_the_operation",
        "another tool deploys",
        "between the operation's end and the look",
        OUTSIDE,
        _slow_poll,
        middle=_theirs_after_ours,
    ),
    Case(
        "theirs_in_the_window",
        "another tool deploys",
        "stability window",
        OUTSIDE,
        _long_window,
        middle=_theirs_in_the_window,
    ),
    Case(
        "settings_in_the_window",
        "another tool changes a setting and leaves the release",
        "stability window",
        Expect(RED, serves="1.1.0", words=("another tool",), finding="outside_change"),
        _long_window,
        middle=_same_in_the_window,
    ),
    Case(
        "paused_in_the_window",
        "somebody pauses the service",
        "stability window",
        Expect(RED, serves="", words=("another tool",)),
        _long_window,
        middle=_pause_in_the_window,
    ),
    Case(
        "deleted_in_the_window",
        "somebody deletes the service",
        "stability window",
        Expect(RED, serves=""),
        _long_window,
        middle=_delete_in_the_window,
    ),
    Case(
        "theirs_an_hour_ago",
        "another tool deployed an hour ago",
        "plan of a deploy",
        Expect(OK, serves="1.1.0", finding="outside_change"),
        _theirs_an_hour_ago,
        then=({"state": "rolled_back"}, Expect(OK, serves="1.2.0")),
    ),
    Case(
        "theirs_an_hour_ago_bad",
        "another tool deployed an hour ago, and the new one is bad",
        "undo",
        Expect(UNDONE, serves="1.2.0", sent=2, finding="outside_change"),
        _theirs_an_hour_ago,
        {"release": "2.0.0"},
    ),
    Case(
        "theirs_under_way",
        "another tool's operation is under way",
        "observe",
        Expect(REFUSED, serves=None, words=("under way",)),
        _theirs_under_way,
        then=({"release": "1.1.0"}, Expect(OK, serves="1.1.0")),
        mend=lambda arena: (arena.control.release(SERVICE), arena.control.wait(SERVICE))[0],
    ),
    Case(
        "theirs_between",
        "another tool begins an operation",
        "between plan and UpdateService",
        Expect(RED, serves="1.2.0", sent=0),
        _slow_update,
        middle=_theirs_before_ours,
    ),
    Case(
        "theirs_and_a_lost_answer",
        "500 before it was carried out, and another tool's operation instead",
        "UpdateService",
        Expect(RED, serves="1.2.0", sent=0, is_open=True),
        _lost_call,
        middle=_theirs_at_once,
        then=({"release": "1.1.0"}, Expect(OK, serves="1.1.0", finding="outside_change")),
    ),
    Case(
        "push_between",
        "a push starts an automatic deployment",
        "between plan and UpdateService",
        Expect(RED, serves="1.2.0", sent=0),
        _automatic_slow,
        middle=_push_before_ours,
    ),
    Case(
        "push_during",
        "a push while automatic deployments were on",
        "operation",
        Expect(OK, serves="1.1.0"),
        _automatic,
        middle=_push_during_ours,
    ),
    Case(
        "lease_stops",
        "the lease is lost",
        "operation",
        LEASE_LOST,
        _held,
        middle=_lease_stops,
        then=({"release": "1.1.0"}, FINISHED),
        mend=lambda arena: (arena.control.wait(SERVICE), None)[1],
    ),
    Case(
        "deadline_removed",
        "the run directory is gone",
        "operation",
        LEASE_LOST,
        _held,
        middle=_deadline_removed,
        then=({"state": "rolled_back"}, Expect(OK)),
        mend=lambda arena: (arena.control.wait(SERVICE), None)[1],
    ),
    Case(
        "lease_stops_before_undo",
        "the lease is lost",
        "between the switch and its undo",
        LEASE_LOST,
        _held,
        {"release": "2.0.0"},
        middle=_lease_stops_before_the_undo,
        then=({"release": "2.0.0"}, Expect(UNDONE)),
        back="1.0.0",
    ),
    Case(
        "lease_expired",
        "the lease ran out",
        "before the first step",
        Expect(REFUSED, words=("lease",)),
        job={"release": "1.1.0", "job_lease_seconds": -1},
    ),
    Case(
        "lease_stops_at_the_call",
        "the lease is lost",
        "between the last look and UpdateService",
        Expect(REFUSED, words=("lease",), is_open=True),
        _slow_last_look,
        middle=_lease_stops_at_once,
        then=({"release": "1.1.0"}, Expect(OK, serves="1.1.0")),
    ),
    Case(
        "taken_over",
        "another run has the lease in the ledger",
        "operation",
        Expect(RED, serves="1.1.0", words=("could not be recorded",), is_open=True),
        _held,
        middle=_taken_over,
        then=({"release": "1.1.0"}, FINISHED),
    ),
)

__all__ = ["CASES", "bad"]
