"""From what a play says to a request."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._runs.asking import objects_of, read_arguments


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "tool": "y"}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "risk": "read"}, "The guard has no argument risk here."),
        ({"tool": "x", "risk": "some"}, "The guard's argument risk is 'some'."),
        ({"tool": "x", "objects": "api"}, "The guard's argument objects is no list."),
        ({"tool": "x", "operation": "api"}, "The guard's argument operation is no dictionary."),
    ],
)
def test_wrong_arguments_are_named(args: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_arguments(args)
    assert str(caught.value).startswith(sentence)


def test_objects_are_full_paths_in_one_order() -> None:
    words = ["component", "environment", "database", "toy/lab/x"]
    assert objects_of(words, Policy("toy", "lab", ""), ["web", "api"]) == (
        "toy/lab",
        "toy/lab/api",
        "toy/lab/database",
        "toy/lab/web",
        "toy/lab/x",
    )
