"""An intent as the ledger keeps it, and read again."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.intent import (
    Intent,
    intent_of,
    intent_record,
    joined,
    release_of,
)
from tests.unit.plugins.module_utils._release.stories import release

A, B, C = release("a"), release("b"), release("c")


@pytest.mark.parametrize(
    "intent",
    [
        Intent("deploy", "r1", A, B, A, "op-1", ("cpu",), "op-2", True),
        Intent("rollback", "", None, B),
    ],
)
def test_what_is_kept_is_read_again(intent: Intent) -> None:
    assert intent_of(intent_record(intent, "api"), "api") == intent
    assert intent_of(intent_record(intent, "api"), "web") is None


@pytest.mark.parametrize(
    ("mark", "last", "began"), [("", "op-1", False), ("op-1", "op-1", False), ("op-1", "op-2", True)]
)
def test_what_a_later_run_began_says_nothing_of_the_release(mark: str, last: str, began: bool) -> None:
    assert Intent("deploy", "r1", A, B, put_back_mark=mark).put_back_began(last) is began


@pytest.mark.parametrize(
    "record", [{}, {"digest": ""}, {"digest": None}, {"digest": 1}, {"digest": "sha256:1", "probe": [1]}]
)
def test_a_release_of_another_shape_is_refused(record: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        release_of(record)


def test_components_that_are_no_dictionary() -> None:
    with pytest.raises(TypeError):
        intent_of({"components": ["api"], "runbook": "deploy"}, "api")


class TestJoined:
    """Two switches of one component in one unit."""

    FIRST = Intent("deploy", "r1", A, B, A, unit="u")

    def test_new_settings_of_what_the_unit_brought_go_back_to_what_served_before_it(self) -> None:
        later = Intent("deploy", "r2", B, B, B, settings=("cpu",), was_verified=True, unit="u")
        assert joined(later, self.FIRST) == Intent("deploy", "r2", A, B, A, settings=("cpu",), unit="u")

    def test_another_release_keeps_what_was_known_of_it(self) -> None:
        later = Intent("deploy", "r2", B, C, B, was_verified=True, unit="u")
        assert joined(later, self.FIRST) == Intent("deploy", "r2", A, C, A, was_verified=True, unit="u")

    @pytest.mark.parametrize(
        "later",
        [
            Intent("deploy", "r2", B, C, B, unit="v"),
            Intent("deploy", "r2", B, C, B),
            Intent("deploy", "r2", A, C, A, unit="u"),
            Intent("deploy", "r2", None, C, unit="u"),
        ],
    )
    def test_others_stand_for_themselves(self, later: Intent) -> None:
        assert joined(later, self.FIRST) == later
        assert joined(later, None) == later
