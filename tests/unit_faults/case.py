"""One row of the table of units, how it is played, and how the observer judges what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.arena import Running
from tests.faults.observer import Seen
from tests.unit_faults.arena import MEMBERS, UnitArena

OK, BACK, RED, REFUSED, KILLED = "ok", "back", "red", "refused", "killed"
SERVED = "1.1.0"
Setup = Callable[[UnitArena], None]
Middle = Callable[[UnitArena, Running], None]
Command = dict[str, Any]
DEPLOY: Command = {"action": "deploy", "release": "1.2.0"}
BAD: Command = {"action": "deploy", "release": "2.0.0"}
ROLLBACK: Command = {"action": "rollback"}


@dataclass(frozen=True)
class Ends:
    """What must be true after a command.

    :param outcome: C(ok), C(back) (red, and all serve what served before), C(red), C(refused) (nothing was sent) or
        C(killed).
    :param serves: the versions that answer at C(web) and C(api); empty where it is not looked at.
    :param sent: at most so many accepted mutating calls.
    :param words: what the message or the lines must say.
    :param is_open: whether the ledger must hold an open unit.
    :param theirs: the component that another tool changes meanwhile.
    """

    outcome: str
    serves: tuple[str, ...] = (SERVED, SERVED)
    sent: int = 4
    words: tuple[str, ...] = ()
    is_open: bool = False
    theirs: str = ""


@dataclass(frozen=True)
class UnitCase:
    """One fault.

    :param job: the command, and what the driver is told (C(pause_at), C(kill_before), C(full_from) ...).
    :param middle: what happens while the run waits at C(pause_at).
    :param then: the commands after it, each with what must come of it.
    :param mend: ends the trouble before them.
    """

    id: str
    fault: str
    point: str
    ends: Ends
    command: Command = field(default_factory=lambda: dict(BAD))
    job: dict[str, Any] = field(default_factory=dict)
    arrange: Setup = UnitArena.serving
    middle: Middle | None = None
    then: tuple[tuple[Command, Ends], ...] = ()
    mend: Setup | None = None


def play(case: UnitCase, arena: UnitArena) -> list[str]:
    """Play a case and return what the observer has to complain of; an empty list when all is as it must be."""
    case.arrange(arena)
    complaints = _play(arena, case.command, case.job, case.ends, case.middle)
    arena.control.clear_faults()
    if case.mend:
        case.mend(arena)
    for number, (command, ends) in enumerate(case.then, start=1):
        complaints += [f"next command {number}: {item}" for item in _play(arena, command, {}, ends, None)]
    return complaints + [f"the fake broke its model: {broken}" for broken in arena.control.broken()]


def claims(told: str) -> list[tuple[str, str]]:
    """Return component and version of each sentence that says what serves."""
    return re.findall(rf"\b({'|'.join(MEMBERS)}) (?:STILL )?serves (\d+\.\d+\.\d+)", told)


def _play(arena: UnitArena, command: Command, job: dict[str, Any], ends: Ends, middle: Middle | None) -> list[str]:
    before = {member: arena.part(member).look() for member in MEMBERS}
    since = arena.observer.request_count()
    running = arena.command(job={**job, **command.get("job", {})}, **{k: v for k, v in command.items() if k != "job"})
    if middle:
        try:
            arena.paused(running)
            middle(arena, running)
        except (AssertionError, TimeoutError) as error:
            running.kill()
            return [f"the middle was never reached: {error}"]
        arena.go_on(running)
    result = running.wait()
    for member in MEMBERS:
        arena.control.wait(f"shop-{member}")
    sent = [row for row in arena.observer.sent(since) if row["accepted"]]
    after = {member: arena.part(member).look() for member in MEMBERS}
    if (result is None) is not (ends.outcome == KILLED):
        return [f"the run {'died' if result is None else 'lived'}: {result}"]
    found = _seen(arena, ends, after, len(sent))
    if result is not None:
        wanted = str(command.get("release") or "")
        found += Judge(arena, ends, result, before, after, wanted, bool(sent)).complaints()
        found += _rolled_back(arena.results(running), before, after, ends.theirs)
    return [*found, f"(result {result}; before {before}; after {after}; sent {len(sent)})"] if found else []


def _seen(arena: UnitArena, ends: Ends, after: dict[str, Seen], sent: int) -> list[str]:
    versions = tuple(after[member].version for member in MEMBERS)
    found = []
    if ends.serves and versions != ends.serves:
        found.append(f"{versions} answer, expected are {ends.serves}")
    if sent > ends.sent:
        found.append(f"{sent} mutating calls were accepted, at most {ends.sent} may be")
    try:
        is_open = arena.units.is_open()
    except (OSError, ValueError):
        return found
    if is_open is not ends.is_open:
        found.append(f"the unit is {'open' if is_open else 'settled'}")
    return found


def _rolled_back(
    results: list[dict[str, Any]], before: dict[str, Seen], after: dict[str, Seen], theirs: str
) -> list[str]:
    """A component that is said to have gone back by itself has."""
    last = {result["component"]: result for result in results if result["part"] != "rehearse" and "plan" in result}
    return [
        f"FALSE UNDO: rolled_back of {member} is true and {after[member]} is there"
        for member, result in last.items()
        if result.get("rolled_back")
        and member != theirs
        and not (after[member].good and after[member].version in (before[member].version, SERVED))
    ]


@dataclass(frozen=True)
class Judge:
    """A result beside what was seen from outside."""

    arena: UnitArena
    ends: Ends
    result: dict[str, Any]
    before: dict[str, Seen]
    after: dict[str, Seen]
    wanted: str
    sent: bool

    def complaints(self) -> list[str]:
        """Everything that is not as it must be."""
        found = self._green() if not self.result["failed"] else self._red()
        outcome = self._outcome()
        if outcome != self.ends.outcome:
            found.append(f"the outcome is {outcome}, expected is {self.ends.outcome}")
        said = " ".join([str(self.result["msg"]), *self.arena.answer.get("lines", [])])
        return found + [f"nothing says {word!r}: {said!r}" for word in self.ends.words if word not in said]

    def _outcome(self) -> str:
        if not self.result["failed"]:
            return OK
        if not self.sent:
            return REFUSED
        whole = all(
            self.after[member].good and self.after[member].digest == self.before[member].digest for member in MEMBERS
        )
        return BACK if whole else RED

    def _green(self) -> list[str]:
        found = [
            f"FALSE GREEN: {self.after[member]} is at {member}" for member in MEMBERS if not self.after[member].good
        ]
        versions = {seen.version for seen in self.after.values()}
        if len(versions) > 1 or (self.wanted and versions != {self.wanted}):
            found.append(f"FALSE GREEN: {versions} serve, wanted is {self.wanted or 'one release'}")
        for member in MEMBERS:
            part = self.arena.part(member)
            if part.intent_is_open() or part.last_served() != self.after[member].digest[7:19]:
                found.append(
                    f"LOST STATE: the ledger knows {part.last_served()} of {member}, it is {self.after[member]}"
                )
        return found

    def _red(self) -> list[str]:
        """What is told of each component is what serves there."""
        said, found = str(self.result["msg"]), []
        if len(said) < 40:
            found.append(f"a red result does not say why: {said!r}")
        told = str(self.result.get("unit_told") or "")
        for member, version in claims(told):
            if version != self.after[member].version:
                found.append(f"FALSE REPORT: {told!r}, and {self.after[member]} is at {member}")
        for member in MEMBERS:
            touched = self.before[member].digest != self.after[member].digest
            if f"{member} was not touched" in told and touched and not self.arena.part(member).intent_is_open():
                found.append(f"FALSE REPORT: {told!r}, and {member} was touched")
        not_back = [member for member in MEMBERS if member != self.ends.theirs and self.after[member].version != SERVED]
        if "was undone" in told and not_back:
            found.append(f"FALSE REPORT: {told!r}, and {self.after} is there")
        return found
