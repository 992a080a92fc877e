"""Sampling on a virtual clock: rows of good samples, deadlines, the stability window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost
from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.module_utils._http.answer import NoAnswer, Request, Response
from ansible_collections.steady.ops.plugins.module_utils._http.probe import Probe, ProbeResult, look, prove
from ansible_collections.steady.ops.plugins.module_utils._own_command import Ended, NoEnd, OwnCommand

URL = "http://h/health"
SMOKE = ["smoke", "--quick"]


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def steady(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.seconds += seconds


def answers(clock: FakeClock, at: Callable[[float, str], str], latency_ms: float = 10.0) -> Any:
    """Return a fetch whose answer is a word for the seconds since the start: a version, C(down) or C(500)."""
    start = clock.seconds

    def fetch(request: Request) -> Response | NoAnswer:
        clock.seconds += latency_ms / 1000
        word = at(clock.seconds - start, request.url)
        if word == "down":
            return NoAnswer("http_refused", "refused the connection")
        status, body = (500, b"oh") if word == "500" else (200, f'{{"version": "{word}"}}'.encode())
        return Response(request.url, status, (), body, latency_ms)

    return fetch


def no_command(command: OwnCommand) -> Ended:
    raise AssertionError(f"{command} was run")


def runs(clock: FakeClock, at: Callable[[float], Ended | NoEnd], takes_seconds: float = 0.5) -> Any:
    """Return a runner of commands whose outcome depends on the seconds since the start; it keeps what was run."""
    start, seen = clock.seconds, list[OwnCommand]()

    def run(command: OwnCommand) -> Ended | NoEnd:
        seen.append(command)
        clock.seconds += takes_seconds
        return at(clock.seconds - start)

    run.seen = seen  # type: ignore[attr-defined]
    return run


def proved(at: Callable[[float, str], str], version: str | None = "2", **option: Any) -> tuple[ProbeResult, list[str]]:
    clock, said = FakeClock(), list[str]()
    probe = Probe.from_option({"url": URL, "version": {"json": "version"}, "deadline_seconds": 20, **option})
    return prove(
        probe, version=version, fetch=answers(clock, at), run=no_command, clock=clock, progress=said.append
    ), said


def test_three_good_samples_in_a_row_prove() -> None:
    result, _rest = proved(lambda seconds, url: "2")
    assert result.passed
    assert (result.samples, result.version, result.latency_ms) == (3, "2", 10.0)
    assert result.finding.message == "http://h/health answered 200 in 10 ms, version 2"
    assert 2.0 <= result.seconds < 2.2
    assert result.as_dict()["passed"] is True


def test_the_old_version_is_waited_out() -> None:
    result, said = proved(lambda seconds, url: "1" if seconds < 8 else "2")
    assert result.passed
    assert result.samples > 8
    assert said[0] == ("waiting for 3 good samples in a row: http://h/health states version 1, wanted 2 (0.0 s)")
    assert 2 <= len(said) <= 5


def test_the_old_version_until_the_deadline_is_not_proof() -> None:
    result, _rest = proved(lambda seconds, url: "1")
    assert not result.passed
    assert result.finding.severity is Severity.CRITICAL
    assert result.finding.message.startswith("http://h/health states version 1, wanted 2 (last of 2")
    assert result.finding.message.endswith(" samples in 20 s)")
    assert result.version == "1"


def test_no_answer_until_the_deadline_is_unknown() -> None:
    result, _rest = proved(lambda seconds, url: "down", deadline_seconds=2)
    assert (result.passed, result.finding.id, result.latency_ms) == (False, "http_refused", None)
    assert result.finding.severity is Severity.UNKNOWN


def test_every_second_sample_good_is_never_a_row() -> None:
    result, _rest = proved(lambda seconds, url: "2" if int(seconds) % 2 else "500")
    assert not result.passed
    assert result.finding.id == "http_status"


def test_a_deadline_in_the_middle_of_a_row_names_the_last_bad_sample() -> None:
    result, _rest = proved(lambda seconds, url: "2" if seconds > 1.5 else "500", deadline_seconds=2.05)
    assert not result.passed
    assert result.finding.message == (
        "http://h/health answered 500, wanted 200; it said: oh (the last bad sample; it gave only 2 of 3 good samples "
        "in a row within 2.1 s)"
    )


def test_good_samples_that_are_too_few_are_unknown() -> None:
    result, _rest = proved(lambda seconds, url: "2", deadline_seconds=2.0, interval_seconds=1.0, consecutive=3)
    assert result.passed
    clock = FakeClock()
    probe = Probe.from_option({"url": URL, "deadline_seconds": 2, "consecutive": 3})
    slow = answers(clock, lambda seconds, url: "2", latency_ms=1500)
    result = prove(probe, version=None, fetch=slow, run=no_command, clock=clock)
    assert (result.passed, result.finding.id) == (False, "http_too_few_samples")
    assert result.finding.severity is Severity.UNKNOWN
    assert result.finding.message == "http://h/health gave only 2 of 3 good samples in a row within 3.5 s"


def test_no_time_at_all_is_one_sample() -> None:
    result, _rest = proved(lambda seconds, url: "500", deadline_seconds=0, consecutive=1)
    assert result.samples == 1
    assert result.finding.message.endswith("(the only sample in time)")


def test_dying_in_the_stability_window_is_seen() -> None:
    result, said = proved(lambda seconds, url: "2" if seconds < 12 else "500", stability_seconds=30)
    assert not result.passed
    assert result.finding.id == "http_status"
    assert "into the stability window of 30 s)" in result.finding.message
    assert any(line.startswith("good; watching for ") for line in said)


def test_the_window_ends_with_a_sample() -> None:
    result, _rest = proved(lambda seconds, url: "2" if seconds < 11.9 else "500", stability_seconds=10)
    assert not result.passed, "what died just before the window's end was called good"
    result, _rest = proved(lambda seconds, url: "2" if seconds < 12.5 else "500", stability_seconds=10)
    assert result.passed


def test_all_urls_of_a_sample_must_be_good() -> None:
    also = [{"url": "/ready"}]
    result, _rest = proved(lambda seconds, url: "500" if url.endswith("/ready") else "2", also=also, deadline_seconds=2)
    assert not result.passed
    assert result.finding.message.startswith("http://h/ready answered 500")
    assert result.version == "2"
    result, _rest = proved(lambda seconds, url: "2", also=also)
    assert result.passed
    assert result.finding.message.startswith("http://h/health")


def test_the_version_may_stand_at_the_second_url() -> None:
    clock = FakeClock()
    option = {"url": URL, "also": [{"url": "/version", "version": {"json": "version"}}]}
    fetch = answers(clock, lambda seconds, url: "7")
    result = prove(Probe.from_option(option), version=None, fetch=fetch, run=no_command, clock=clock)
    assert result.version == "7"
    assert result.finding.message == "http://h/version answered 200 in 10 ms, version 7"


def test_a_lease_that_is_lost_ends_the_wait() -> None:
    clock, calls = FakeClock(), list[float]()

    def lease() -> None:
        calls.append(clock.seconds)
        if len(calls) == 4:
            raise LeaseLost("The lease is gone")

    probe = Probe.from_option({"url": URL})
    with pytest.raises(LeaseLost):
        prove(
            probe,
            version=None,
            fetch=answers(clock, lambda seconds, url: "down"),
            run=no_command,
            clock=clock,
            before_sample=lease,
        )
    assert len(calls) == 4


def test_looking_does_not_wait() -> None:
    def looked(at: Callable[[float, str], str]) -> ProbeResult:
        clock = FakeClock()
        return look(
            Probe.from_option({"url": URL}), version=None, fetch=answers(clock, at), run=no_command, clock=clock
        )

    assert looked(lambda seconds, url: "2").samples == 3
    bad = looked(lambda seconds, url: "500" if seconds > 1 else "2")
    assert (bad.passed, bad.samples) == (False, 2)
    assert looked(lambda seconds, url: "down").samples == 1


def test_the_token_is_masked_in_what_is_said() -> None:
    clock = FakeClock()
    probe = Probe.from_option({"url": URL, "bearer_token": "hush-hush"})

    def echo(request: Request) -> Response:
        assert request.bearer_token == "hush-hush"
        return Response(request.url, 401, (), b"not hush-hush", 1.0)

    result = look(probe, version=None, fetch=echo, run=no_command, clock=clock)
    assert result.finding.message == "http://h/health answered 401, wanted 200; it said: not ********"


class TestCommand:
    def test_alone_it_is_sampled_as_a_url_is(self) -> None:
        clock, said = FakeClock(), list[str]()
        probe = Probe.from_option({"command": SMOKE, "environment": ["T"], "stability_seconds": 2})
        run = runs(clock, lambda seconds: Ended(0) if seconds > 3 else Ended(7, ("one", "checkout answered 500")))
        result = prove(probe, version="2", fetch=_no_url, run=run, clock=clock, progress=said.append)
        assert (result.passed, result.version, result.latency_ms) == (True, None, None)
        assert result.finding.message == "the command smoke passed in 0.5 s"
        assert run.seen == [OwnCommand(("smoke", "--quick"), 60.0, ("T",))] * result.samples
        assert said[0] == (
            "waiting for 3 good samples in a row: the command smoke ended with 7: checkout answered 500 (0.5 s)"
        )

    def test_it_must_pass_beside_the_url(self) -> None:
        def looked(word: str, rc: int) -> tuple[ProbeResult, int]:
            clock = FakeClock()
            probe = Probe.from_option({"url": URL, "version": {"json": "version"}, "command": SMOKE, "consecutive": 1})
            run = runs(clock, lambda seconds: Ended(rc))
            fetch = answers(clock, lambda seconds, url: word)
            return look(probe, version="2", fetch=fetch, run=run, clock=clock), len(run.seen)

        good, times = looked("2", 0)
        assert (good.passed, good.version, times) == (True, "2", 1)
        assert good.latency_ms == 10.0
        assert good.finding.message == (
            "http://h/health answered 200 in 10 ms, version 2; the command smoke passed in 0.5 s"
        )
        bad, times = looked("2", 4)
        assert (bad.passed, bad.finding.id, bad.version, times) == (False, "command_failed", "2", 1)
        wrong, times = looked("1", 0)
        assert (wrong.passed, wrong.finding.id, times) == (False, "http_version", 0), "run although the URL is not good"

    def test_one_that_gives_no_verdict_until_the_deadline_is_unknown(self) -> None:
        clock = FakeClock()
        probe = Probe.from_option({"command": SMOKE, "deadline_seconds": 2})
        run = runs(clock, lambda seconds: NoEnd("command_timeout", "did not end", "Raise it."))
        result = prove(probe, version=None, fetch=_no_url, run=run, clock=clock)
        assert (result.passed, result.finding.id, result.finding.severity) == (
            False,
            "command_timeout",
            Severity.UNKNOWN,
        )

    def test_too_few_that_passed_are_unknown(self) -> None:
        clock = FakeClock()
        probe = Probe.from_option({"command": SMOKE, "deadline_seconds": 30})
        result = prove(probe, version=None, fetch=_no_url, run=runs(clock, lambda seconds: Ended(0), 20), clock=clock)
        assert (result.passed, result.finding.id) == (False, "command_too_few_samples")
        assert result.finding.message == "the command smoke gave only 2 of 3 good samples in a row within 41 s"


def _no_url(request: Request) -> Response:
    raise AssertionError(f"{request.url} was asked")
