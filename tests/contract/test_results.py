"""The comparison of real results with RETURN is itself seen failing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.planted.documents import SOUND_TREE
from tests.contract.planted.plant import Plant
from tests.contract.results import check_result
from tests.contract.tree import Tree

RESULT: dict[str, Any] = {"changed": True, "plan": [], "plan_hash": "sha256:x", "diff": {}, "findings": []}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    Plant("", "", SOUND_TREE).grow(tmp_path)
    return Tree(tmp_path)


def test_a_result_as_documented(tree: Tree) -> None:
    check_result("x_deploy", RESULT, tree)


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        ({**RESULT, "more": 1}, r"x_deploy returns \['more'\]: describe them in RETURN"),
        ({**RESULT, "plan": {}}, "x_deploy: plan is dict, not as in RETURN"),
        ({"changed": False}, "x_deploy promises plan always: it is missing"),
    ],
)
def test_a_result_that_is_not(result: dict[str, Any], sentence: str, tree: Tree) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_result("x_deploy", result, tree)
