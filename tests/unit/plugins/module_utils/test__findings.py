"""Findings: exact sentences, and the algebra of severities."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._findings import (
    Finding,
    Severity,
    Threshold,
    evaluate,
    fails,
    worst,
)

ORDER = [Severity.OK, Severity.WARNING, Severity.UNKNOWN, Severity.CRITICAL]
findings = st.lists(st.sampled_from(ORDER).map(lambda severity: Finding("x", severity, "x")))
numbers = st.floats(allow_nan=False, allow_infinity=False)


def test_a_finding_as_a_result_shows_it() -> None:
    finding = Finding("latency", Severity.WARNING, "Slow", 2100.0, 2000, "ms", "Look at the database.")

    assert finding.as_dict() == {
        "id": "latency",
        "severity": "warning",
        "value": 2100.0,
        "threshold": 2000,
        "unit": "ms",
        "message": "Slow",
        "remedy": "Look at the database.",
    }


UP = Threshold(warning=2000, critical=5000, unit="ms")
DOWN = Threshold(warning=20, critical=10, direction="below", unit="%")


@pytest.mark.parametrize(
    ("value", "threshold", "severity", "limit", "message"),
    [
        (100, UP, Severity.OK, 2000, "The latency of api is 100 ms"),
        (2000, UP, Severity.OK, 2000, "The latency of api is 2000 ms"),
        (2000.5, UP, Severity.WARNING, 2000, "The latency of api is 2000.5 ms, above the limit of 2000 ms"),
        (5001, UP, Severity.CRITICAL, 5000, "The latency of api is 5001 ms, above the limit of 5000 ms"),
        (2_000_000, UP, Severity.CRITICAL, 5000, "The latency of api is 2000000 ms, above the limit of 5000 ms"),
        (math.inf, UP, Severity.CRITICAL, 5000, "The latency of api is inf ms, above the limit of 5000 ms"),
        (20, DOWN, Severity.OK, 20, "The latency of api is 20 %"),
        (19, DOWN, Severity.WARNING, 20, "The latency of api is 19 %, below the limit of 20 %"),
        (0, DOWN, Severity.CRITICAL, 10, "The latency of api is 0 %, below the limit of 10 %"),
        (1, Threshold(critical=3), Severity.OK, 3, "The latency of api is 1"),
        (4, Threshold(critical=3), Severity.CRITICAL, 3, "The latency of api is 4, above the limit of 3"),
        (4, Threshold(warning=3), Severity.WARNING, 3, "The latency of api is 4, above the limit of 3"),
        (None, UP, Severity.UNKNOWN, None, "There is no data on the latency of api"),
        (math.nan, UP, Severity.UNKNOWN, None, "There is no data on the latency of api"),
    ],
)
def test_one_value_is_judged(
    value: float | None, threshold: Threshold, severity: Severity, limit: float | None, message: str
) -> None:
    finding = evaluate("latency", value, threshold, what="the latency of api", remedy="Look.")

    assert (finding.severity, finding.threshold, finding.message) == (severity, limit, message)
    assert finding.remedy == ("" if severity is Severity.OK else "Look.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "A threshold needs a limit. Set 'warning', 'critical', or both."),
        (
            {"warning": 1, "direction": "over"},
            "The threshold's direction 'over' is unknown. Use 'above' or 'below'.",
        ),
        (
            {"warning": 5, "critical": 3},
            "The critical limit 3 is reached before the warning limit 5."
            " Exchange them, or change the direction 'above'.",
        ),
        (
            {"warning": 5, "critical": 9, "direction": "below"},
            "The critical limit 9 is reached before the warning limit 5."
            " Exchange them, or change the direction 'below'.",
        ),
        ({"warning": math.nan}, "The warning limit nan is not a number. Write a number."),
        ({"critical": "5 s"}, "The critical limit '5 s' is not a number. Write a number."),
        ({"critical": True}, "The critical limit True is not a number. Write a number."),
    ],
)
def test_thresholds_that_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Threshold(**options)  # type: ignore[arg-type]

    assert str(caught.value) == sentence


@given(numbers, numbers, numbers, numbers, st.sampled_from(["above", "below"]))
def test_a_worse_value_is_never_judged_better(a: float, b: float, one: float, other: float, direction: str) -> None:
    good, bad = sorted([one, other], reverse=direction == "below")
    threshold = Threshold(warning=good, critical=bad, direction=direction)
    better, worse = sorted([a, b], reverse=direction == "below")

    ranks = [evaluate("x", value, threshold, what="x").severity.rank for value in (better, worse)]

    assert ranks[0] <= ranks[1]


@given(numbers)
def test_a_sentence_has_no_exponent_in_the_range_people_read(value: float) -> None:
    message = evaluate("x", value, Threshold(warning=value, critical=value), what="x").message

    assert (value != 0 and not 0.001 <= abs(value) < 1e15) or "e" not in message


def test_the_order_of_severities() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == ORDER


@given(findings, findings)
def test_worst_is_a_maximum_whatever_the_order(some: list[Finding], more: list[Finding]) -> None:
    assert worst(some + more) is worst(more + some)
    if some and more:
        assert worst(some + more).rank == max(worst(some).rank, worst(more).rank)


def test_nothing_looked_at_is_unknown_and_fails() -> None:
    assert worst([]) is Severity.UNKNOWN
    assert fails([])


@pytest.mark.parametrize(
    ("fail_on", "red"),
    [
        ("critical", [False, False, True, True]),
        ("warning", [False, True, True, True]),
        ("never", [False, False, False, False]),
    ],
)
def test_which_severities_make_a_run_red(fail_on: str, red: list[bool]) -> None:
    assert [fails([Finding("x", severity, "x")], fail_on) for severity in ORDER] == red


def test_another_word_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        fails([], "ok")

    assert str(caught.value) == "fail_on is 'ok'. Use 'critical', 'warning' or 'never'."


@given(findings, st.sampled_from(ORDER), st.sampled_from(["critical", "warning"]))
def test_one_more_finding_never_turns_red_into_green(some: list[Finding], severity: Severity, fail_on: str) -> None:
    if some and fails(some, fail_on):
        assert fails([*some, Finding("y", severity, "y")], fail_on)


@given(findings)
def test_what_fails_on_critical_fails_on_warning(some: list[Finding]) -> None:
    assert not fails(some, "critical") or fails(some, "warning")
