"""Runs are chosen by what was typed, and what cannot be read is named."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._journal.choosing import Choice, choice_of, nearest
from tests.unit.plugins.plugin_utils._journal.run_world import CLOSED, NOW, run


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, True),
        ({"run": "01M7Z0GCAA64HVBJ2HYPQ68DKM"}, True),
        ({"run": "q68dkm"}, True),
        ({"run": "01M7Z0"}, True),
        ({"run": "68DKM"}, False),
        ({"since": "2h"}, True),
        ({"since": "90min"}, False),
        ({"since": "2026-11-21"}, True),
        ({"until": "2026-11-21T10:00:00Z"}, False),
        ({"since": "2026-11-21T10:00:00+00:00", "until": "2026-11-21T10:00:01Z"}, True),
        ({"object": "api"}, True),
        ({"object": "toy/lab"}, True),
        ({"object": "ap"}, False),
        ({"runbook": "deploy"}, True),
        ({"runbook": "rollback"}, False),
        ({"incident": "INC-7"}, True),
        ({"incident": "INC-8"}, False),
        ({"user": "ann"}, True),
        ({"user": "eve"}, False),
    ],
)
def test_runs_are_chosen(said: dict[str, object], wanted: bool) -> None:
    choice = choice_of(said, "toy/lab", NOW)
    assert choice.wants(run(CLOSED)) is wanted and choice.everything is not said
    assert set(choice.told()) == set(said)


def test_a_runbook_of_another_collection_goes_by_its_last_word() -> None:
    assert Choice(runbook="switch").wants(run(runbook="acme.toy.switch"))
    assert Choice(runbook="acme.toy.switch").wants(run(runbook="acme.toy.switch"))
    assert Choice().everything and not Choice(user="x").everything


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-21T10:00:00", "99999w", "7", "-1d", "x" * 500])
def test_a_time_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        choice_of({"since": text}, "toy/lab", NOW)
    assert str(caught.value).startswith("journal_since is '") and len(str(caught.value)) < 250


def test_times_the_wrong_way_round_are_turned() -> None:
    with pytest.raises(InvalidInput) as caught:
        choice_of({"since": "1h", "until": "2h", "user": "ann"}, "toy/lab", NOW)
    assert caught.value.next["variables"] == {
        "journal_since": "2026-11-21T10:00:00Z",
        "journal_until": "2026-11-21T11:00:00Z",
        "journal_user": "ann",
    }


def test_older_runs_are_not_read_and_near_names_are_offered() -> None:
    assert Choice(since=NOW).is_over(run(at="2026-11-21T10:59:59Z")) and not Choice().is_over(run())
    assert not Choice(since=NOW).is_over(run(at="2026-11-21T11:00:00Z")), "clocks are set back"
    known = ({"deploy", "rollback"}, {"ann"}, {"INC-7"})
    assert nearest(Choice(runbook="deplyo"), *known) == "journal_runbook=deploy"
    assert nearest(Choice(incident="INC-8"), *known) == "journal_incident=INC-7"
    assert nearest(Choice(runbook="deploy", user="qqq"), *known) == "" and nearest(Choice(), *known) == ""
