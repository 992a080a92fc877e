"""What one task works with."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor

CONDUCTOR = Conductor("toy_deploy", "toy/lab/api", lambda _options, _check: {}, None, print, SystemClock())


def test_the_object_has_a_component_and_a_path() -> None:
    assert (CONDUCTOR.component, CONDUCTOR.path) == ("api", "toy/lab")


def test_a_change_without_a_ledger_is_refused() -> None:
    with pytest.raises(Refused, match=r"^The ledger of toy/lab/api cannot be reached, so nothing is changed"):
        CONDUCTOR.open_ledger()


@pytest.mark.parametrize(
    ("args", "permit"),
    [
        ({"permit": {"run": "r"}}, {"run": "r", "object": "toy/lab/api"}),
        ({"permit": {}}, {}),
        ({"permit": "no"}, {}),
        ({}, {}),
    ],
)
def test_the_permit_is_narrowed_to_the_object(args: dict[str, object], permit: dict[str, object]) -> None:
    assert CONDUCTOR.permit(args) == permit
