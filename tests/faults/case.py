"""One row of the table of faults, how it is played, and how the observer judges what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.arena import Arena, Running
from tests.faults.observer import Observer, Seen

COMPONENT = "api"
OK, UNCHANGED, UNDONE, RED, REFUSED = "ok", "unchanged", "undone", "red", "refused"

Setup = Callable[[Arena], None]
Middle = Callable[[Arena, Running], None]


def adopted(arena: Arena) -> None:
    """The usual start: 1.0.0 serves and is recorded."""
    arena.adopted()


@dataclass(frozen=True)
class Expect:
    """What must be true after a run, beyond what must always be true.

    :param outcome: C(ok), C(unchanged), C(undone) (red, what served is back and proved), C(red), C(refused) (nothing
        was sent).
    :param serves: the version that answers at the end; None where it is in motion or nothing answers.
    :param sent: at most so many accepted mutating calls: one for the change, one for its undo.
    :param words: what the message or the explanation must say.
    :param finding: the id of a finding that must be there.
    :param is_open: whether the ledger must still hold the intent.
    """

    outcome: str
    serves: str | None = "1.0.0"
    sent: int = 1
    words: tuple[str, ...] = ()
    finding: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Case:
    """One fault.

    :param arrange: makes the world before the run.
    :param job: the options of the run (C(job_...): of the driver).
    :param middle: what happens while it goes on.
    :param back: the version that C(rolled_back) speaks of, where it is not the one that served at the start.
    :param then: the run after the trouble is over (options), with what must come of it; by default none.
    :param mend: ends the trouble before that.
    """

    id: str
    fault: str
    point: str
    expect: Expect
    arrange: Setup = adopted
    job: dict[str, Any] = field(default_factory=lambda: {"release": "1.1.0"})
    middle: Middle | None = None
    back: str = ""
    then: tuple[dict[str, Any], Expect] | None = None
    mend: Setup | None = None


def play(case: Case, arena: Arena) -> list[str]:
    """Play a case and return what the observer has to complain of; an empty list when all is as it must be."""
    case.arrange(arena)
    complaints = _play_run(case, arena, case.job, case.expect, case.middle)
    if case.then is not None:
        arena.control.clear_faults()
        if case.mend:
            case.mend(arena)
        job, expect = case.then
        complaints += [f"next run: {complaint}" for complaint in _play_run(case, arena, job, expect, None)]
    complaints += [f"the fake broke its model: {broken}" for broken in arena.control.broken()]
    return complaints


def _play_run(case: Case, arena: Arena, job: dict[str, Any], expect: Expect, middle: Middle | None) -> list[str]:
    observer = arena.observer
    before, since = observer.look(), observer.request_count()
    running = arena.begin(**job)
    if middle:
        try:
            middle(arena, running)
        except (AssertionError, TimeoutError) as error:
            running.kill()
            return [f"the middle was never reached: {error}"]
    result = running.wait()
    if result is None:
        return ["the run died without a result"]
    moving = expect.serves is None
    if not moving and observer.look().status not in ("absent", "DELETED"):
        arena.control.wait("shop-api")
    trial = Trial(case, expect, result, before, observer.look(), observer.sent(since), observer)
    return trial.complaints()


@dataclass(frozen=True)
class Trial:
    """A result beside what was seen from outside."""

    case: Case
    expect: Expect
    result: dict[str, Any]
    before: Seen
    after: Seen
    sent: list[dict[str, Any]]
    observer: Observer

    def complaints(self) -> list[str]:
        """Everything that is not as it must be."""
        found = self._always() + self._expected()
        if found:
            told = {key: self.result.get(key) for key in ("failed", "rolled_back", "msg", "serving", "intent_open")}
            calls = [(row["operation"], row["accepted"], row["fault"]) for row in self.sent]
            found.append(f"(result {told}; before {self.before}; after {self.after}; sent {calls})")
        return found

    def _always(self) -> list[str]:
        """What must be true of every run."""
        found = []
        red, back = bool(self.result.get("failed")), bool(self.result.get("rolled_back"))
        accepted = [row for row in self.sent if row["accepted"]]
        if not red:
            found += self._false_green()
        if back and not (red and self._is_back()):
            found.append("FALSE UNDO: rolled_back is true and what served at the start does not serve well")
        if back and self._settings() != (self.before.environment, self.before.instance) and not self.case.back:
            found.append("FALSE UNDO: rolled_back is true and the settings are not what they were")
        if red and not back and accepted and self._is_back() and not self._admits_ignorance():
            found.append("rolled_back is false although what served at the start is back and answers right")
        if len(accepted) > self.expect.sent:
            found.append(f"{len(accepted)} mutating calls were accepted, at most {self.expect.sent} may be")
        if self.expect.serves is not None:
            found += self._says_what_serves()
        if red:
            found += self._explains_itself()
        return found + self._ledger_keeps_up(accepted)

    def _false_green(self) -> list[str]:
        wanted = self.result.get("release") or {}
        version, digest = wanted.get("version"), wanted.get("digest")
        if not digest:
            return ["FALSE GREEN: a green result names no release"]
        if self.after.digest != digest or not self.after.good:
            return [f"FALSE GREEN: {version} ({digest[:19]}) is wanted, {self.after} serves"]
        if version and self.after.version != version:
            return [f"FALSE GREEN: the front answers version {self.after.version!r}, wanted is {version!r}"]
        if not self.after.configured.endswith(digest) and self.sent:
            return [f"FALSE GREEN: the service is configured for {self.after.configured}"]
        return []

    def _settings(self) -> tuple[object, ...]:
        return self.after.environment, self.after.instance

    def _is_back(self) -> bool:
        if self.case.back:
            return self.after.good and self.after.version == self.case.back
        return self.after.good and (self.after.digest, self.after.version) == (self.before.digest, self.before.version)

    def _admits_ignorance(self) -> bool:
        return self.result.get("serving") is None

    def _says_what_serves(self) -> list[str]:
        serving = self.result.get("serving")
        if serving and serving.get("digest") != self.after.digest:
            return [f"FALSE REPORT: the result says that {serving.get('version')} serves, it is {self.after}"]
        return []

    def _explains_itself(self) -> list[str]:
        said = str(self.result.get("msg") or "")
        missing = []
        if len(said) < 40:
            missing.append("why")
        if self.sent and not any(word in said for word in ("Serving now:", f"{COMPONENT} serves ")):
            missing.append("what serves now")
        if not self.result.get("next") and not _names_a_way_on(said):
            missing.append("what to do next")
        return [f"a red result does not say {', '.join(missing)}: {said!r}"] if missing else []

    def _ledger_keeps_up(self, accepted: list[dict[str, Any]]) -> list[str]:
        """Nothing is lost: what this run changed is either recorded or still announced as open."""
        try:
            is_open, last = self.observer.intent_is_open(), self.observer.last_served()
        except (OSError, ValueError, KeyError):
            return []
        found = []
        if is_open != self.expect.is_open and "cannot be trusted" not in str(self.result.get("msg")):
            found.append(f"LOST STATE: the ledger's intent is {'open' if is_open else 'settled'}")
        if self.result.get("intent_open") not in (None, is_open):
            found.append("FALSE REPORT: the result says otherwise than the ledger whether the intent is open")
        serves_well = self.after.good and self.after.version and self.expect.serves is not None
        theirs = self.expect.finding == "outside_change" and self.expect.outcome == RED
        if (
            accepted
            and not is_open
            and not theirs
            and serves_well
            and last != self.after.digest.removeprefix("sha256:")[:12]
        ):
            found.append(f"LOST STATE: the ledger says that {last} served last, it is {self.after}")
        word = self.observer.verdict(self.after.digest)
        if accepted and not is_open and not theirs and serves_well and word != "verified":
            found.append(f"LOST STATE: what serves well has the verdict {word!r}")
        bad = not self.after.good and self.after.digest
        if accepted and bad and self.observer.verdict(self.after.digest) == "verified" and self.before != self.after:
            found.append("LOST STATE: what serves badly has the verdict verified")
        return found

    def _expected(self) -> list[str]:
        """What the row says."""
        expect, result, found = self.expect, self.result, []
        red, back = bool(result.get("failed")), bool(result.get("rolled_back"))
        outcome = OK if not red else UNDONE if back else RED
        if outcome == OK and not result.get("changed"):
            outcome = UNCHANGED
        if outcome == RED and not self.sent:
            outcome = REFUSED
        if outcome != expect.outcome:
            found.append(f"the outcome is {outcome}, expected is {expect.outcome}")
        if expect.serves is not None and self.after.version != expect.serves:
            found.append(f"the front answers version {self.after.version!r}, expected is {expect.serves!r}")
        said = " ".join([str(result.get("msg") or ""), *result.get("explanation", [])])
        found += [f"nothing says {word!r}: {said!r}" for word in expect.words if word not in said]
        ids = [finding["id"] for finding in result.get("findings", [])]
        if expect.finding and expect.finding not in ids:
            found.append(f"there is no finding {expect.finding}: {ids}")
        return found


def _names_a_way_on(said: str) -> bool:
    """A refusal's remedy: the last sentence tells what to do."""
    last = said.rstrip(" .`'").rpartition(". ")[2]
    return bool(last) and len(said) - len(last) > 20
