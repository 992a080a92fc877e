"""Standing approvals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.people import read_approvers
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.standing import read_standing
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, PEOPLE, WEB

PATH = "toy/production"
ONE = {
    "runbook": "db_archive",
    "action": "archive",
    "objects": ["api"],
    "until": "2027-03-01",
    "max_per_day": 1,
    "approved_by": ["ann", "bob"],
    "reason": "nightly",
}
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def test_one_covers_just_its_runbook_action_and_objects() -> None:
    (one,) = read_standing([ONE])
    assert one.covers("db_archive", "archive", [API], PATH)
    assert not one.covers("db_archive", "archive", [API, WEB], PATH)
    assert not one.covers("db_archive", "prune", [API], PATH) and not one.covers("x", "archive", [API], PATH)
    whole, full = read_standing([{**ONE, "objects": PATH}, {**ONE, "objects": [API]}])
    assert whole.covers("db_archive", "archive", [API, WEB, PATH], PATH) and full.covers(
        "db_archive", "archive", [API], PATH
    )
    assert one.label == "db_archive:archive api until 2027-03-02T00:00:00Z"


def test_it_holds_until_its_end_and_within_its_bounds() -> None:
    (one,) = read_standing([ONE])
    approvers = read_approvers(PEOPLE)
    assert one.why_not(approvers, NOW, 0) == ""
    assert one.why_not(approvers, NOW, 1) == "its standing approval is for 1 a day, and 1 ran today (UTC)"
    assert one.why_not(approvers, datetime(2027, 3, 1, 23, 59, tzinfo=UTC), 0) == "", "a day counts whole"
    assert one.why_not(approvers, datetime(2027, 3, 2, tzinfo=UTC), 0) == (
        "its standing approval ended at 2027-03-02T00:00:00Z"
    )
    for by in (["ann", "eve"], ["ann", "Ann "[:3].upper() + "x"]):
        (few,) = read_standing([{**ONE, "approved_by": by}])
        assert few.why_not(approvers, NOW, 0) == (
            "its standing approval is by 1 of the 2 people that ops_approvers needs"
        )


@pytest.mark.parametrize(
    ("until", "read"),
    [
        (date(2027, 3, 1), datetime(2027, 3, 2, tzinfo=UTC)),
        (datetime(2027, 3, 1, 2), datetime(2027, 3, 1, 2, tzinfo=UTC)),
        (datetime(2027, 3, 1, 2, tzinfo=timezone(timedelta(hours=1))), datetime(2027, 3, 1, 1, tzinfo=UTC)),
        ("2027-03-01T02:00:00+01:00", datetime(2027, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_day_or_a_moment(until: object, read: datetime) -> None:
    assert read_standing([{**ONE, "until": until}])[0].until == read


@pytest.mark.parametrize("nothing", [None, "", []])
def test_none_is_none(nothing: object) -> None:
    assert read_standing(nothing) == ()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"runbook": "x"}, "ops_standing_approvals is no list"),
        (["x"], "Entry 1 of ops_standing_approvals is no dictionary"),
        (
            [ONE, {**ONE, "untill": 1}],
            "Entry 2 of ops_standing_approvals has the unknown key untill; did you mean until?",
        ),
        ([{**ONE, "reason": ""}], "does not say reason"),
        ([{"runbook": "x"}], "does not say action, objects, until, max_per_day, approved_by, reason"),
        ([{**ONE, "max_per_day": True}], "has max_per_day True"),
        ([{**ONE, "max_per_day": -1}], "has max_per_day -1"),
        ([{**ONE, "max_per_day": "1"}], "has max_per_day '1'"),
        ([{**ONE, "approved_by": ["ann", "ANN"]}], "names somebody twice in approved_by"),
        ([{**ONE, "objects": [7]}], "has objects \\[7\\]"),
        ([{**ONE, "objects": 7}], "has objects 7"),
        ([{**ONE, "until": "soon"}], "has an until that is no time: 'soon' is not a time"),
        ([{**ONE, "until": "9999-12-31"}], "has an until that is no time"),
    ],
)
def test_what_is_wrong_is_named(value: object, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_standing(value)
