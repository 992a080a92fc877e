"""Severities: the table of the rule, its edge at half of the users, and words that are none."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.severity import (
    classify,
    function_of,
    percent_of,
    severity_of,
)


@pytest.mark.parametrize(
    ("users", "function", "severity"),
    [
        (None, "", ""),
        (0, "", "P3"),
        (0.1, "", "P2"),
        (49.9, "", "P2"),
        (50, "", "P1"),
        (100, "", "P1"),
        (None, "outage", "P0"),
        (None, "data_loss", "P0"),
        (None, "major", "P1"),
        (None, "minor", "P2"),
        (None, "cosmetic", "P3"),
        # the worse of the two
        (1, "data_loss", "P0"),
        (60, "cosmetic", "P1"),
        (10, "cosmetic", "P2"),
        (10, "major", "P1"),
    ],
)
def test_the_worse_axis_wins_and_half_of_the_users_is_p1(users: float | None, function: str, severity: str) -> None:
    assert classify(users, function) == severity


def test_words_and_numbers_are_read() -> None:
    assert (severity_of("p1"), severity_of(""), function_of("Outage"), function_of("")) == ("P1", "", "outage", "")
    assert (percent_of(""), percent_of("50%"), percent_of("0"), percent_of("99.5")) == (None, 50.0, 0.0, 99.5)


@pytest.mark.parametrize("text", ["much", "-1", "100.1", "nan", "inf", "50%%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"incident_users_percent is '{text}'. Write a number from 0 to 100."):
        percent_of(text)


def test_what_is_no_severity_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"incident_severity is 'P4'\. Use one of P0, P1, P2, P3\."):
        severity_of("P4")
    with pytest.raises(InvalidInput, match=r"incident_severity is 'urgent'\. Use one of P0"):
        severity_of("urgent")
    with pytest.raises(InvalidInput, match=r"incident_function is 'outrage'\. Did you mean outage\?"):
        function_of("outrage")
