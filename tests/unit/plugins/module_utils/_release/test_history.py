"""What the ledger knows: reading its records, walking back, finding what a person named."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, NotFound, Refused
from ansible_collections.steady.ops.plugins.module_utils._release.history import History, fits
from ansible_collections.steady.ops.plugins.module_utils._release.intent import Intent, intent_record
from ansible_collections.steady.ops.plugins.module_utils._release.values import Release
from tests.unit.plugins.module_utils._release.stories import history, label, records, release

CHECK = "Check the ledger."
A, B = release("a"), release("b")
INTENT = Intent("deploy", "r1", A, B, A, "op-1", ("cpu",))


def opened(**more: Any) -> dict[str, object]:
    return {**intent_record(INTENT, "api"), "state": "open", "run": "r1", **more}


class TestReading:
    def test_a_story(self) -> None:
        known = history("a", "b", "b withdrawn", "a")

        assert known.served == (A.id, B.id, A.id)
        assert known.verdicts == {A.id: ("verified", ""), B.id: ("withdrawn", "b was withdrawn")}
        assert known.last_served == A
        assert (known.verdict(B.id), known.verdict("nobody")) == ("withdrawn", "")
        assert known.intent is None

    def test_nothing_is_recorded(self) -> None:
        known = history()

        assert known == History()
        assert known.last_served is None

    def test_what_it_keeps_of_a_release(self) -> None:
        kept = release("a", schema_revision="20260914_01", probe={"url": "http://h"})
        known = History.from_records([{"kind": "release", **kept.as_dict()}], "api")

        assert known.releases == {kept.id: kept}
        assert known.releases[kept.id].probe == {"url": "http://h"}
        bare = History.from_records([{"kind": "release", "digest": A.digest}], "api").releases[A.id]
        assert (bare.ref, bare.version, bare.schema_revision, bare.probe) == ("", None, None, {})

    def test_an_unknown_kind_of_record_is_of_no_concern(self) -> None:
        assert History.from_records([{"kind": "pruned", "release": "x"}], "api") == History()

    def test_an_open_intent_is_read_as_it_was_written(self) -> None:
        known = History.from_records([opened()], "api")

        assert known.intent == INTENT
        assert set(known.releases) == {A.id, B.id}, "what an intent names can be shown and gone back to"

    def test_an_intent_on_a_service_that_did_not_exist(self) -> None:
        first = Intent("deploy", "", None, B)
        record = {**intent_record(first, "api"), "state": "open"}

        assert History.from_records([record], "api").intent == first

    def test_a_settled_intent_is_none(self) -> None:
        assert History.from_records([opened(), {"kind": "intent", "state": "settled"}], "api").intent is None

    def test_an_intent_of_other_components_is_none_of_ours(self) -> None:
        assert History.from_records([opened()], "worker").intent is None

    @pytest.mark.parametrize(
        ("record", "what"),
        [
            ({}, "'kind'"),
            ({"kind": "release"}, "'digest'"),
            ({"kind": "release", "digest": None}, "digest"),
            ({"kind": "release", "digest": ""}, "digest"),
            ({"kind": "release", "digest": A.digest, "probe": "http://h"}, "probe"),
            ({"kind": "verdict", "verdict": "failed"}, "'release'"),
            ({"kind": "verdict", "release": A.id}, "'verdict'"),
            ({"kind": "served"}, "'release'"),
            ({"kind": "intent"}, "'state'"),
            ({"kind": "intent", "state": "open"}, "'components'"),
            ({"kind": "intent", "state": "open", "components": ["api"]}, "components"),
            ({"kind": "intent", "state": "open", "components": {"api": {}}}, "'runbook'"),
        ],
    )
    def test_a_corrupt_record_is_named(self, record: dict[str, object], what: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            History.from_records([*records("a")[:1], record], "api")

        assert str(caught.value) == (
            f"The option history is corrupt: record 2 of api lacks or misstates {what}. {CHECK}"
        )

    @pytest.mark.parametrize("change", [7, {"to_release": 7}, {"to_release": {"digest": "d"}, "settings": 7}])
    def test_a_corrupt_intent_is_named(self, change: object) -> None:
        with pytest.raises(InvalidInput, match="record 1 of api lacks or misstates"):
            History.from_records([opened(components={"api": change})], "api")

    def test_what_served_must_have_been_recorded(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            History.from_records([{"kind": "served", "release": "9be07a1c2d3e"}], "api")

        assert str(caught.value) == (
            f"The option history is corrupt: api served 9be07a1c2d3e, which was never recorded. {CHECK}"
        )


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
words = st.sampled_from(["release", "verdict", "served", "intent", "open", "verified", A.id, A.digest, "api"])
names = st.sampled_from(
    ["kind", "digest", "release", "verdict", "state", "components", "api", "runbook", "probe", "settings", "mark"]
) | st.sampled_from(["to_release", "from_release", "back_release", "ref", "version"])
shapes = st.recursive(words | json_like, lambda inner: st.dictionaries(names, inner, max_size=6), max_leaves=12)
record_like = st.dictionaries(names, shapes, max_size=7) | json_like


@given(st.lists(record_like, max_size=4))
def test_whatever_stands_in_the_ledger_is_read_or_refused(kept: Any) -> None:
    try:
        known = History.from_records(kept, "api")
    except (InvalidInput, Refused):
        return
    known.eligible("")
    known.candidates()


@given(st.dictionaries(names, shapes, max_size=7), st.sampled_from(["release", "verdict", "served", "intent"]))
def test_a_record_of_a_known_kind_is_read_or_refused(record: dict[str, Any], kind: str) -> None:
    try:
        History.from_records([{**record, "kind": kind, "state": "open"}], "api")
    except (InvalidInput, Refused):
        return


class TestWalkingBack:
    @pytest.mark.parametrize(
        ("story", "left", "expected"),
        [
            ((), "a", ""),
            (("a",), "a", ""),
            (("a", "b", "c"), "c", "ba"),
            (("a", "b", "c"), "b", "a"),
            (("a", "b", "a"), "a", "b"),
            (("a", "b", "c", "c withdrawn", "b"), "b", "a"),
            (("a", "b", "b failed", "c"), "c", "a"),
            (("a", "b", "c"), "f", "cba"),
            (("a", "b", "a", "b", "c"), "c", "ba"),
            (("a", "b", "b withdrawn", "a", "a withdrawn"), "a", ""),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
    )
    def test_the_best_comes_first(self, story: tuple[str, ...], left: str, expected: str) -> None:
        found = history(*story).eligible(release(left).id)

        assert [item.version for item in found] == list(expected)

    def test_what_is_left_may_be_unknown(self) -> None:
        assert [item.version for item in history("a", "b").eligible("")] == ["b", "a"]


events = st.lists(
    st.builds(" ".join, st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "failed", "withdrawn"]))).map(
        str.strip
    ),
    max_size=12,
)


@given(events, st.sampled_from("abcdef"))
def test_a_rollback_never_goes_to_what_failed_or_was_withdrawn_or_is_left(story: list[str], left: str) -> None:
    known = history(*story)
    found = known.eligible(release(left).id)

    assert len({item.id for item in found}) == len(found)
    for item in found:
        assert item.id != release(left).id
        assert known.verdict(item.id) == "verified"
        assert item.id in known.served


@given(events, st.integers())
def test_only_the_order_of_serving_and_of_verdicts_on_one_release_matters(story: list[str], seed: int) -> None:
    told = records(*story)
    lanes: dict[object, list[dict[str, object]]] = {}
    for record in told:
        of = None if record["kind"] == "served" else record.get("release", record.get("id"))
        lanes.setdefault((record["kind"], of), []).append(record)
    chance = random.Random(seed)
    queues = [list(lane) for lane in lanes.values()]
    otherwise = []
    while queues := [queue for queue in queues if queue]:
        otherwise.append(chance.choice(queues).pop(0))

    assert History.from_records(otherwise, "api") == History.from_records(told, "api")


class TestFinding:
    OTHER = Release("sha256:" + "ab" * 32, "repo:latest", None)

    @pytest.mark.parametrize(
        "selector", [A.id, A.id[:4], A.digest, A.digest[:11], "a"], ids=["id", "beginning", "digest", "its", "version"]
    )
    def test_how_a_person_names_it(self, selector: str) -> None:
        assert history("a", "b").find(selector, "rollback_to") == A
        assert fits(A, selector)
        assert not fits(B, selector)

    def test_by_reference(self) -> None:
        assert fits(self.OTHER, "repo:latest")

    @pytest.mark.parametrize("selector", ["", "sha2", "sha256", "sha256:", "sha256:a", "aba", "sha256:aba"])
    def test_what_is_too_short_names_nothing(self, selector: str) -> None:
        assert not fits(self.OTHER, selector)

    def test_nothing_fits(self) -> None:
        with pytest.raises(NotFound) as caught:
            history("a", "b", "b withdrawn").find("1.9.0", "rollback_to")

        assert str(caught.value) == (
            f"rollback_to '1.9.0' is no recorded release. Recorded are: {label('b')} withdrawn, {label('a')} verified."
        )

    def test_nothing_is_recorded(self) -> None:
        with pytest.raises(NotFound) as caught:
            history().find("1.9.0", "rollback_to")

        assert str(caught.value) == (
            "rollback_to '1.9.0' is no recorded release. No release is recorded: adopt what serves."
        )

    def test_more_than_one_fits(self) -> None:
        again = release("b", version="a")
        known = History({A.id: A, again.id: again})

        with pytest.raises(InvalidInput) as caught:
            known.find("a", "rollback_to")

        assert str(caught.value) == (f"rollback_to 'a' fits a ({A.id}), a ({again.id}). Name it by its id or digest.")

    def test_no_more_than_five_candidates_are_named(self) -> None:
        named = history(*"abcdef", "f failed").candidates()

        assert named == (
            f"Recorded are: {label('f')} failed, " + ", ".join(f"{label(name)} verified" for name in "edcb") + "."
        )

    def test_a_candidate_without_a_verdict_is_unproved(self) -> None:
        known = History({A.id: A}, {}, (A.id,))

        assert known.candidates() == f"Recorded are: {label('a')} unproved."


class TestNamedTarget:
    def test_one_that_is_verified(self) -> None:
        assert history("a", "b").named_target("a") == A

    @pytest.mark.parametrize(
        ("story", "told"),
        [
            (("a", "a withdrawn"), "withdrawn: a was withdrawn"),
            (("a", "a failed"), "failed: a was failed"),
        ],
    )
    def test_one_that_is_not_any_more(self, story: tuple[str, ...], told: str) -> None:
        with pytest.raises(Refused) as caught:
            history(*story, "b").named_target("a")

        assert str(caught.value).startswith(
            f"rollback_to 'a' names {label('a')}, which is {told}. Only a deploy by name brings it back. Recorded are: "
        )

    def test_one_without_a_reason_or_a_verdict(self) -> None:
        with pytest.raises(Refused, match=r", which is failed\. "):
            History({A.id: A}, {A.id: ("failed", "")}).named_target("a")
        with pytest.raises(Refused, match=r", which is never verified\. "):
            History({A.id: A}).named_target("a")
