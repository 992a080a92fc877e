"""What is declared, as what is expected."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.declared import (
    Expected,
    escaped,
    expected_of,
    unit_name,
    unit_prefix,
)

ENTRY = {
    "name": "nightly",
    "runbook": "health_check",
    "action": "check",
    "components": ["api"],
    "zone": "UTC",
    "days": ["daily"],
    "at": "02:30",
}


def deadline(runbook: str, action: str) -> float | None:
    if runbook == "nothing":
        raise InvalidInput("there is no runbook nothing", remedy="Correct it.")
    return 45 if runbook == "rollback" else None


def expect(*entries: object) -> list[Expected]:
    return expected_of(list(entries), "toy/lab", ("api", "web-1"), deadline)


def test_each_component_has_a_unit_of_its_own() -> None:
    one, two = expect({**ENTRY, "components": ["api", "web-1"], "random_delay_minutes": 10})
    assert (one.name, one.limit, one.unit) == ("nightly/api", "api", "steady-toy-lab-health_check-check-api")
    assert (two.name, two.unit) == ("nightly/web-1", r"steady-toy-lab-health_check-check-web\x2d1")
    assert (one.random_delay_minutes, one.grace_minutes, one.timeout_minutes) == (10, 60, 130)


@pytest.mark.parametrize(
    ("change", "name", "limit", "unit"),
    [
        ({"components": ["api", "web-1"], "together": True}, "nightly", "api,web-1", r"api\x2cweb\x2d1"),
        ({"components": "api"}, "nightly/api", "api", "api"),
        ({"components": []}, "nightly", "", "all"),
        ({"components": None, "together": True}, "nightly", "", "all"),
    ],
)
def test_components_may_be_taken_together(change: dict[str, object], name: str, limit: str, unit: str) -> None:
    (found,) = expect({**ENTRY, **change})
    assert (found.name, found.limit) == (name, limit)
    assert found.unit == f"steady-toy-lab-health_check-check-{unit}"


def test_time_is_for_the_way_there_and_the_way_back() -> None:
    assert expect({**ENTRY, "runbook": "rollback"})[0].timeout_minutes == 100
    assert expect({**ENTRY, "deadline_minutes": 5})[0].timeout_minutes == 20


def test_units_of_one_environment_are_told_from_those_of_another() -> None:
    assert unit_prefix("toy/lab") == "steady-toy-lab-" and unit_prefix("toy-lab/x") == r"steady-toy\x2dlab-x-"
    assert escaped("a b/ü%$") == r"a\x20b\x2f\xc3\xbc\x25\x24" and escaped(".x") == r"\x2ex"
    long = unit_name("toy/lab", "r", "a", "x" * 300)
    assert len(long) == 209 and long != unit_name("toy/lab", "r", "a", "x" * 301)


def test_nothing_declared_is_nothing_expected() -> None:
    assert expected_of(None, "toy/lab", (), deadline) == [] == expected_of([], "toy/lab", (), deadline)
    assert len(expected_of(ENTRY, "toy/lab", ("api",), deadline)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Nightly"}, "ops_schedules: entry 1 has the name 'Nightly'"),
        ({"name": 7}, "ops_schedules: entry 1 has the name 7"),
        ({"grace_minute": 7}, r"ops_schedules nightly: there is no key grace_minute\. Did you mean grace_minutes\?"),
        ({"qqqqq": 7}, r"there is no key qqqqq\. Keys are name, "),
        ({"runbook": "a b"}, "ops_schedules nightly: runbook is 'a b'"),
        ({"action": None}, "ops_schedules nightly: action is None"),
        ({"runbook": "nothing"}, "ops_schedules nightly: there is no runbook nothing. Correct it"),
        ({"at": "2:30"}, "ops_schedules nightly: at names '2:30'"),
        ({"grace_minutes": -1}, "ops_schedules nightly: grace_minutes is -1"),
        ({"grace_minutes": True}, "grace_minutes is True"),
        ({"random_delay_minutes": "10"}, "random_delay_minutes is '10'"),
        ({"components": {"api": 1}}, "components is {'api': 1}"),
        ({"components": ["ap"]}, r"has no component 'ap'\. Did you mean api\?"),
        ({"components": ["zzz"]}, r"has no component 'zzz'\. It has api, web-1"),
        ({"together": "yes"}, "together is 'yes'"),
        ({"variables": [1]}, "variables is no dictionary"),
        ({"variables": {"ops_ledger": "x"}}, "variables names 'ops_ledger', which a run does not take"),
        ({"variables": {"a b": "x"}}, "variables names 'a b'"),
        ({"variables": {"api_password": "hunter2-secret"}}, r"variables\.api_password looks like a secret"),
        ({"variables": {"url": "https://u:hunter2@h/"}}, r"variables\.url looks like a secret"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        expect({**ENTRY, **change})


def test_a_run_may_be_told_more() -> None:
    assert expect({**ENTRY, "variables": {"a": 1, "b": "two"}})[0].variables == {"a": 1, "b": "two"}


def test_entries_are_dictionaries_and_no_twins() -> None:
    with pytest.raises(InvalidInput, match="ops_schedules: entry 2 is no dictionary"):
        expect(ENTRY, "nightly")
    with pytest.raises(InvalidInput, match="ops_schedules names nightly/api twice"):
        expect(ENTRY, {**ENTRY, "action": "other"})
    with pytest.raises(InvalidInput, match="nightly/api and weekly/api are both health_check check of api"):
        expect(ENTRY, {**ENTRY, "name": "weekly"})
    both = {**ENTRY, "components": []}
    with pytest.raises(InvalidInput, match="are both health_check check of all components"):
        expect(both, {**both, "name": "weekly"})
