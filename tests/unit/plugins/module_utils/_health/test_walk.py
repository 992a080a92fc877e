"""The walk through the dependencies: order, marks, and the sentence at the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._health.walk import (
    Component,
    leaf_first,
    needs,
    sentence,
    walk,
)


def component(name: str, severity: str = "ok", *needed: str, kind: str = "http", remedy: str = "") -> Component:
    finding = {"severity": severity, "message": f"{name} said {severity}", "remedy": remedy}
    return Component(name, kind, needed, (finding,))


KNOWN = ["frontend", "api", "database", "documents", "cache"]


def test_leaves_come_first() -> None:
    needed = {"frontend": ["api"], "api": ["database", "documents"], "database": [], "documents": []}
    assert leaf_first(needed, KNOWN) == ["database", "documents", "api", "frontend"]


def test_a_dependency_outside_the_run_is_left_out() -> None:
    assert leaf_first({"api": ["database"]}, KNOWN) == ["api"]


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_the_order_given_never_breaks_the_order_of_needs(names: list[str]) -> None:
    needed = {"a": [], "b": ["a"], "c": ["a", "b"], "d": [], "e": ["c", "d"]}
    order = leaf_first({name: needed[name] for name in names}, names)
    assert sorted(order) == sorted(names)
    assert all(order.index(below) < order.index(name) for name in names for below in needed[name])


def test_a_circle_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        leaf_first({"frontend": ["api"], "api": ["database"], "database": ["api"]}, KNOWN)
    assert str(caught.value) == (
        "component_depends_on goes in a circle: api -> database -> api. Take one of these dependencies out."
    )
    with pytest.raises(InvalidInput, match="circle: api -> api"):
        leaf_first({"api": ["api"]}, KNOWN)


@pytest.mark.parametrize(
    ("name", "remedy"), [("documets", "Did you mean 'documents'?"), ("zzz", "Name hosts of this inventory.")]
)
def test_an_unknown_name_is_named(name: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        leaf_first({"api": [name]}, KNOWN)
    assert str(caught.value) == f"component_depends_on of api names {name}, which is no component. {remedy}"


def test_needs_are_a_list_of_names_or_nothing() -> None:
    assert needs(None) == ()
    assert needs(["a", "b"]) == ("a", "b")
    for wrong in ("api", {"a": 1}, [1], [""], 3):
        with pytest.raises(InvalidInput, match=r"^component_depends_on is .* Write it as a list of components' "):
            needs(wrong)


def test_all_well() -> None:
    walked = walk([component("api", "ok", "database"), component("database")], KNOWN)
    assert walked.first_broken is None
    assert walked.lines() == ["database  ok         database said ok", "api       ok         api said ok"]
    assert sentence(walked) == "All 2 components that were asked are well."
    assert sentence(walk([component("api")], KNOWN)) == "The one component that was asked is well."


def test_the_first_broken_one_is_the_deepest() -> None:
    walked = walk(
        [
            component("frontend", "critical", "api"),
            component("api", "critical", "database", "documents"),
            component("database"),
            component("documents", "critical", kind="s3", remedy="Create it."),
        ],
        KNOWN,
    )
    assert sentence(walked) == (
        "documents (s3) is broken: documents said critical; api and frontend depend on it. "
        "Not well either: api and frontend. Create it."
    )
    assert walked.lines() == [
        "database   ok         database said ok",
        "documents  critical   documents said critical",
        "api        critical   api said critical (it depends on documents, which is not well)",
        "frontend   critical   frontend said critical (it depends on documents and api, which are not well)",
    ]


def test_a_dependent_that_answers_is_marked_and_still_ok() -> None:
    walked = walk([component("api", "ok", "cache"), component("cache", "unknown", kind="redis")], KNOWN)
    assert walked.lines()[1] == "api    ok         api said ok (it depends on cache, which is not well)"
    assert sentence(walked) == "cache (redis) cannot be said to be well: cache said unknown; api depends on it."
    assert walked.waiting_for("cache") == ["api"]


def test_what_is_outside_the_run_breaks_nothing() -> None:
    assert walk([component("api", "ok", "cache")], KNOWN).lines() == ["api  ok         api said ok"]


def test_a_warning_is_no_break() -> None:
    walked = walk([component("api", "warning")], KNOWN)
    assert sentence(walked) == "api (http) is close to its limits: api said warning."


def test_no_finding_and_no_answer_are_unknown() -> None:
    silent = Component("api", "http", ())
    assert (silent.severity, silent.message) == ("unknown", "nobody could say how it is")
    failed = Component("api", "http", (), failure="probe.url is missing")
    assert (failed.severity, failed.message) == ("unknown", "probe.url is missing")
    odd = Component("api", "http", (), ({"severity": "splendid"},))
    assert odd.severity == "unknown"
    half = Component("api", "http", (), ({"severity": "ok", "message": "fine"},), failure="the rest was not asked")
    assert (half.severity, half.message) == ("unknown", "the rest was not asked")


def test_the_worst_of_several_findings_speaks() -> None:
    both = Component(
        "api",
        "http",
        (),
        (
            {"severity": "ok", "message": "alive", "remedy": "none"},
            {"severity": "critical", "message": "not ready", "remedy": ""},
            {"severity": "critical", "message": "nor fast", "remedy": "Look."},
        ),
    )
    assert (both.severity, both.message, both.remedy) == ("critical", "not ready; nor fast", "Look.")


def test_a_job_is_not_asked() -> None:
    job = Component("etl", "job", ("database",))
    walked = walk([job, component("database", "critical", kind="postgres")], KNOWN)
    assert walked.lines()[1] == (
        "etl       not asked  nothing listens here: the freshness of its data is its health "
        "(it depends on database, which is not well)"
    )
    assert sentence(walk([Component("etl", "job", ())], KNOWN)) == (
        "Nothing was asked: no component of this run has anything that listens."
    )
    assert walk([], KNOWN).lines() == []
