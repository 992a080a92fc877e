"""The table of releases, and what is wrong with the way back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._release.listing import (
    Listed,
    findings_on,
    list_releases,
    table,
    unfinished,
    unknown_history,
)
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation, Release
from tests.release_world import digest_of
from tests.unit.plugins.module_utils._release.stories import label, records, release


def serving(name: str) -> Observation:
    return Observation(digest=digest_of(name), ref=name)


def listed(*story: str, seen: Observation, gone: str = "") -> list[Listed]:
    return list_releases(records(*story), "api", seen, lambda item: item.version not in [*gone])


def test_what_served_last_comes_first_and_what_never_served_last() -> None:
    found = listed("d failed", "a", "b", "c", "b", seen=serving("b"))

    assert [item.release.version for item in found] == ["b", "c", "a", "d"]
    assert [item.serving for item in found] == [True, False, False, False]
    assert [len(item.served) for item in found] == [2, 1, 1, 0]


def test_one_as_a_result_shows_it() -> None:
    kept: list[dict[str, Any]] = records("a", "a withdrawn")
    kept[2]["at"] = "2026-11-21T02:58:07Z"
    (item,) = list_releases(iter(kept), "api", serving("b"), lambda release: False)

    assert item.as_dict() == {
        "id": release("a").id,
        "ref": "a",
        "digest": digest_of("a"),
        "version": "a",
        "schema_revision": None,
        "verdict": "withdrawn",
        "reason": "a was withdrawn",
        "served": [{"at": "2026-11-21T02:58:07Z", "how": "deploy"}],
        "serving": False,
        "artefact": "gone",
    }
    assert item.cells() == (label("a"), "withdrawn", "2026-11-21 02:58", "gone", "a was withdrawn")


def test_one_that_never_served_and_one_that_serves() -> None:
    never = Listed(release("a"), "", "", (), False, "unknown")
    assert never.cells() == (label("a"), "unproved", "never", "unknown", "")
    assert never.as_dict()["verdict"] == "unproved"
    now = Listed(release("a"), "verified", "ten years", ({"at": None, "how": "adopt"},), True, "present")
    assert now.cells() == (label("a"), "verified", "", "present", "serves now; ten years")


def test_where_it_is_not_known_what_serves_no_row_says_that_it_does_not() -> None:
    moved = Observation(ref="a", unknown_because="the tag was moved")
    found = listed("d failed", "a", seen=moved)
    assert [(item.serving, item.as_dict()["serving"]) for item in found] == [(None, None)] * 2
    assert [item.cells()[4] for item in found] == ["serving unknown", "serving unknown; d was failed"]


def test_the_table_has_aligned_columns_under_headings() -> None:
    assert table([]) == []
    assert table(listed("a", "b", "b withdrawn", seen=serving("a"), gone="b")) == [
        "release           verdict    served since  artefact  remark",
        f"{label('b')}  withdrawn                gone      b was withdrawn",
        f"{label('a')}  verified                 present   serves now",
    ]


def test_a_question_without_an_answer_is_unknown() -> None:
    def silent(item: Release) -> bool:
        raise Unreachable("no answer")

    later, earlier = found = list_releases(records("a", "b"), "api", serving("b"), silent)
    assert (later.artefact, earlier.artefact) == ("unknown", "unknown")
    (finding,) = findings_on(found, serving("b"), "api")
    assert ((finding.id, finding.message), finding.severity.value) == (NO_WAY_BACK, "unknown")


def test_a_corrupt_record_is_refused() -> None:
    with pytest.raises(InvalidInput, match="record 1 of api"):
        list_releases([{"kind": "served"}], "api", serving("a"), lambda item: True)


NO_WAY_BACK = ("no_way_back", "api has no release to go back to whose artefact is known to be there")


@pytest.mark.parametrize(
    ("story", "seen", "gone", "expected"),
    [
        (("a", "b"), serving("b"), "", []),
        (("a", "b"), serving("b"), "a", [NO_WAY_BACK]),
        (("a",), serving("a"), "", [NO_WAY_BACK]),
        (("a", "b"), serving("a"), "", [NO_WAY_BACK]),
        ((), serving("a"), "", [("unrecorded", "api is configured for a, which is not recorded")]),
        (("a", "b"), serving("c"), "", [("unrecorded", "api is configured for c, which is not recorded")]),
        (("a", "b"), Observation(), "", [("unrecorded", "api is configured for something, which is not recorded")]),
        (
            ("a", "b"),
            Observation(ref="api:latest", unknown_because="the tag latest was pushed again"),
            "",
            [("unrecorded", "What api serves is not known: the tag latest was pushed again")],
        ),
        ((), Observation(exists=False), "", []),
    ],
    ids=["well", "gone", "alone", "before it nothing", "adopt", "outside", "nameless", "moved tag", "no service"],
)
def test_what_is_wrong(story: tuple[str, ...], seen: Observation, gone: str, expected: list[tuple[str, str]]) -> None:
    found = findings_on(listed(*story, seen=seen, gone=gone), seen, "api")

    assert [(finding.id, finding.message) for finding in found] == expected
    unknown = bool(seen.unknown_because)
    assert {finding.severity.value for finding in found} <= ({"unknown"} if unknown else {"warning"})


def announced(name: str, run: str, *, state: str = "open", at: str | None = None) -> dict[str, object]:
    change = {"from_release": None, "to_release": release(name).as_dict()}
    record: dict[str, object] = {"kind": "intent", "run": run, "runbook": "deploy", "state": state}
    return {**record, "components": {"api": change}, **({"at": at} if at else {})}


def test_what_is_under_way_or_was_left_is_one_finding_since_it_began() -> None:
    kept = [
        *records("a"),
        announced("b", "01A", at="2026-11-21T01:00:00Z"),
        announced("b", "01A", state="settled"),
        announced("c", "01B", at="2026-11-21T02:00:00Z"),
        announced("c", "01B", at="2026-11-21T03:00:00Z"),
    ]
    (found,) = unfinished(kept, "api")
    assert (found.id, found.severity.value) == ("unfinished", "warning")
    assert found.message == f"unfinished: deploy of {label('c')} since 2026-11-21T02:00:00Z (run 01B)"
    assert "the next deploy or rollback of api settles it" in found.remedy
    (of_unit,) = unfinished([{**announced("c", "01B"), "unit_run": "01B"}], "api")
    assert "the next deploy or rollback of api with all of its unit settles it" in of_unit.remedy
    (undated,) = unfinished([announced("c", "01B")], "api")
    assert " since unknown (" in undated.message
    assert unfinished([announced("b", "01A"), announced("b", "01A", state="settled")], "api") == []
    seen = serving("a")
    assert [item.id for item in findings_on(listed("a", seen=seen), seen, "api", kept)] == ["unfinished", "no_way_back"]


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (serving("a"), "api is configured for a"),
        (Observation(exists=False), "api is configured for nothing that is known"),
        (Observation(unknown_because="The tag was moved."), "What api serves is not known: The tag was moved"),
    ],
)
def test_records_that_cannot_be_read_are_unknown_and_not_none(seen: Observation, told: str) -> None:
    history, now = unknown_history("The ledger is gone.", seen, "api")
    assert (history.id, history.message) == ("history", "The recorded history is unknown: The ledger is gone.")
    assert now.message == f"{told}; whether that is recorded and verified is unknown"
    assert {history.severity.value, now.severity.value} == {"unknown"}
