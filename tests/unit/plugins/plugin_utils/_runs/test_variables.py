"""Ansible's values as plain ones."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._runs.variables import readable


class Marked(str):
    """A string as Ansible tags it."""


def test_plain_types_only() -> None:
    found = readable({Marked("a"): [Marked("b"), (1, None, True)]})
    assert found == {"a": ["b", [1, None, True]]}
    assert isinstance(found, dict) and found["a"][0].__class__ is str and next(iter(found)).__class__ is str
