# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampling: good samples in a row until a deadline, then a window in which every sample must be good."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from .._clock import Clock, Deadline, format_duration
from .._findings import Finding, Severity
from .._redact import Redactor
from .answer import Fetch
from .command import RunCommand, both, judge_command
from .judge import Verdict, judge
from .spec import Probe

__all__ = ["Probe", "ProbeResult", "look", "prove"]

_SAY_EVERY_SECONDS = 8.0


def _nothing() -> None:
    return None


def _silent(sentence: str) -> None:
    return None


@dataclass(frozen=True)
class ProbeResult:
    """What the samples said.

    :param finding: the last one; where the probe failed it says how.
    :param latency_ms: the median over the samples that were answered, of their slowest URL.
    :param version: the version that the last answer stated.
    :param seconds: how long the probe took.
    """

    passed: bool
    finding: Finding
    samples: int
    latency_ms: float | None
    latency_max_ms: float | None
    version: str | None
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Return what a result shows under C(probe)."""
        return {
            "passed": self.passed,
            "samples": self.samples,
            "latency_ms": self.latency_ms,
            "latency_max_ms": self.latency_max_ms,
            "version": self.version,
            "seconds": round(self.seconds, 1),
        }


def prove(
    probe: Probe,
    *,
    version: str | None,
    fetch: Fetch,
    run: RunCommand,
    clock: Clock,
    before_sample: Callable[[], None] = _nothing,
    progress: Callable[[str], None] = _silent,
) -> ProbeResult:
    """Wait until the component proves itself, or the deadline ends the wait.

    :param version: what C(version.equals: release) means; None: the version is only observed.
    :param before_sample: called before each sample; what it raises goes through, so a lease can be proved here.
    :param progress: gets a sentence now and then.
    """
    samples = _Samples(probe, version, fetch, run, clock, before_sample, progress)
    deadline = Deadline.after(clock, probe.deadline_seconds)
    while True:
        samples.take()
        if samples.row >= probe.consecutive:
            break
        if deadline.passed():
            return samples.result(_not_proved(samples, probe))
        samples.say(f"waiting for {probe.consecutive} good samples in a row")
        clock.sleep(min(probe.interval_seconds, deadline.left()))
    window_start = clock.steady()
    window = Deadline.after(clock, probe.stability_seconds)
    while not window.passed():
        samples.say(f"good; watching for {format_duration(window.left())} more")
        clock.sleep(min(probe.interval_seconds, window.left()))
        samples.take()
        if not samples.last.good:
            after = format_duration(clock.steady() - window_start)
            of = format_duration(probe.stability_seconds)
            return samples.result(_with(samples.last.finding, f"{after} into the stability window of {of}"))
    return samples.result(samples.last.finding)


def look(probe: Probe, *, version: str | None, fetch: Fetch, run: RunCommand, clock: Clock) -> ProbeResult:
    """Say how the component is now: so many samples as the probe wants in a row; the first bad one is the verdict."""
    samples = _Samples(probe, version, fetch, run, clock, _nothing, _silent)
    samples.take()
    while samples.last.good and samples.row < probe.consecutive:
        clock.sleep(probe.interval_seconds)
        samples.take()
    return samples.result(samples.last.finding)


@dataclass
class _Samples:
    """The samples of one probe so far."""

    probe: Probe
    version: str | None
    fetch: Fetch
    run: RunCommand
    clock: Clock
    before_sample: Callable[[], None]
    progress: Callable[[str], None]
    count: int = 0
    row: int = 0
    latencies: list[float] = field(default_factory=list)
    seen_version: str | None = None
    last_bad: Verdict | None = None

    def __post_init__(self) -> None:
        secrets = [self.probe.bearer_token] if self.probe.bearer_token else []
        self.redactor = Redactor(secrets)
        self.started = self.clock.steady()
        self.said_at: float | None = None
        self.said = ""

    def take(self) -> None:
        """Take one sample: each expectation in order, then the command, up to the first that does not hold."""
        self.before_sample()
        self.count += 1
        good = self._asked()
        if self.probe.command is not None and (good is None or good.good):
            began = self.clock.steady()
            outcome = self.run(self.probe.command)
            verdict = judge_command(self.probe.command, outcome, seconds=self.clock.steady() - began)
            good = both(good, verdict) if good is not None and verdict.good else verdict
        # a probe has an expectation or a command
        self.last = cast(Verdict, good)
        self.row = self.row + 1 if self.last.good else 0
        self.last_bad = self.last_bad if self.last.good else self.last

    def _asked(self) -> Verdict | None:
        """Return the verdict on the expectations; None where there is none."""
        slowest: float | None = None
        good: Verdict | None = None
        for expectation in self.probe.expectations:
            answer = self.fetch(self.probe.request(expectation))
            verdict = judge(expectation, answer, release=self.version, redactor=self.redactor)
            if verdict.latency_ms is not None:
                slowest = max(slowest or 0.0, verdict.latency_ms)
            if expectation.version_path:
                self.seen_version = verdict.version
            # the one that states the version speaks for a good sample, else the first
            if good is None or expectation.version_path or not verdict.good:
                good = verdict
            if not verdict.good:
                break
        if slowest is not None:
            self.latencies.append(slowest)
        return good

    def say(self, state: str) -> None:
        """Tell how it stands: at once when the verdict changed, else every few seconds."""
        now = self.clock.steady()
        kind = self.last.finding.id
        if self.said_at is not None and kind == self.said and now - self.said_at < _SAY_EVERY_SECONDS:
            return
        self.said_at, self.said = now, kind
        self.progress(f"{state}: {self.last.finding.message} ({format_duration(now - self.started)})")

    def result(self, finding: Finding) -> ProbeResult:
        """Return the result with its last finding."""
        return ProbeResult(
            passed=finding.severity is Severity.OK,
            finding=finding,
            samples=self.count,
            latency_ms=round(statistics.median(self.latencies), 1) if self.latencies else None,
            latency_max_ms=round(max(self.latencies), 1) if self.latencies else None,
            version=self.seen_version,
            seconds=self.clock.steady() - self.started,
        )


def _not_proved(samples: _Samples, probe: Probe) -> Finding:
    elapsed = format_duration(samples.clock.steady() - samples.started)
    if not samples.last.good:
        counted = f"last of {samples.count} samples in {elapsed}" if samples.count > 1 else "the only sample in time"
        return _with(samples.last.finding, counted)
    message = f"gave only {samples.row} of {probe.consecutive} good samples in a row within {elapsed}"
    if samples.last_bad is None:
        # good as far as it went, but it did not go far enough to say so
        return Finding(
            "http_too_few_samples" if probe.url else "command_too_few_samples",
            Severity.UNKNOWN,
            f"{samples.redactor.text(probe.subject)} {message}",
            samples.row,
            probe.consecutive,
            remedy="Raise deadline_seconds, or lower consecutive.",
        )
    return _with(samples.last_bad.finding, f"the last bad sample; it {message}")


def _with(finding: Finding, addition: str) -> Finding:
    return replace(finding, message=f"{finding.message} ({addition})")
