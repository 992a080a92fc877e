"""Whether findings wait for the end; what that means for the lines is in test_lines.py."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._runs import gathering


def test_findings_are_said_at_once_unless_an_output_gathers_them() -> None:
    assert not gathering.is_on()
    gathering.switch(True)
    assert gathering.is_on()
    gathering.switch(False)
    assert not gathering.is_on()
