"""The gate confirm."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    confirm,
)
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import extra_variable
from tests.unit.plugins.plugin_utils._gates.gate_world import API, asks, text

LAZY = ("true", "True", "yes", "all", "*", "toy/*", "toy/production/*", "1")
NEAR = ("toy/production", "toy/staging/api", f"{API}/", f"{API},toy/production/web", API.upper())


@pytest.mark.parametrize(
    ("typed", "objects", "expected"),
    [
        *(
            (typed, (API,), f"deploy deploy destroys something of {API}, and ops_confirm is {typed!r}")
            for typed in LAZY
        ),
        # a part, a whole, another environment, and one too many are not the object
        *(
            (typed, (API,), f"deploy deploy destroys something of {API}, and ops_confirm is {typed!r}")
            for typed in NEAR
        ),
        # what names no object destroys in the whole environment
        ("", (), "deploy deploy destroys something of toy/production, and ops_confirm is not given"),
        (API, (), f"deploy deploy destroys something of toy/production, and ops_confirm is {API!r}"),
        ("toy/production", (), ""),
        ("", (API,), f"deploy deploy destroys something of {API}, and ops_confirm is not given"),
        ("api", (API,), f"deploy deploy destroys something of {API}, and ops_confirm is 'api'"),
        (API, (API,), ""),
        ("a/b/2, a/b/1", ("a/b/1", "a/b/2"), ""),
        ("a/b/1", ("a/b/1", "a/b/2"), "deploy deploy destroys something of a/b/1,a/b/2, and ops_confirm is 'a/b/1'"),
    ],
)
def test_confirm(typed: str, objects: tuple[str, ...], expected: str) -> None:
    (verdict,) = confirm.judge(asks("destructive", confirm=typed, objects=objects))
    assert verdict.sentence == expected
    if expected:
        typed = extra_variable("ops_confirm", ",".join(objects) or "toy/production")
        assert verdict.next == f"ansible-playbook x.yml -e {typed}"


def test_confirm_is_for_what_destroys() -> None:
    assert confirm.judge(asks()) == []
    assert text(confirm.judge(asks(extra_gates=frozenset({"confirm"}))))[0].startswith("refuse")
