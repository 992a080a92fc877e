"""What a play says to the guard."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._runs.arguments import Asked, read_arguments, tool_asked
from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "tool": "y"}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "risk": "read"}, "The guard has no argument risk here."),
        ({"tool": "x", "risk": "some"}, "The guard's argument risk is 'some'."),
        ({"tool": "x", "objects": "api"}, "The guard's argument objects is no list."),
        ({"tool": "x", "risk": "change"}, "The guard's argument objects names nothing to change."),
        ({"tool": "x", "risk": "destructive", "objects": []}, "The guard's argument objects names nothing to change."),
        ({"tool": "x", "disruptive": "no"}, "The guard's argument disruptive is 'no'. Use true or false."),
    ],
)
def test_wrong_arguments_are_named(args: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_arguments(args)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"runbook": "deploy"}, Asked("deploy", tool=False)),
        ({"tool": "inspect", "action": " "}, Asked("inspect", True, "inspect", "read")),
        (
            {
                "tool": "inspect",
                "action": "break",
                "risk": "change",
                "objects": ["api", "web"],
                "disruptive": True,
            },
            Asked("inspect", True, "break", "change", ("api", "web"), True),
        ),
    ],
)
def test_arguments_are_read(args: dict[str, object], expected: Asked) -> None:
    assert read_arguments(args) == expected


def test_a_tool_that_the_guard_carries_out_needs_no_more_than_its_name() -> None:
    lease = TOOLS["lease"]
    assert tool_asked(lease, "") == Asked("lease", True, "show", "read", ("environment",))
    assert tool_asked(lease, "lift") == Asked("lease", True, "lift", "change", ("environment",))
    # refused later, where its run can end as every run does
    assert tool_asked(lease, "lfit") == Asked("lease", True, "lfit", "read", ("environment",))
