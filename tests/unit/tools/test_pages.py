"""The facts of a runbook's page, from its contract and argument specs."""

from __future__ import annotations

from typing import Any

from tools import docs

CONTRACT = {"purpose": "Swap things.", "actions": {"swap": {"risk": "change", "deadline_minutes": 5}}}


def page(**options: dict[str, Any]) -> list[str]:
    return docs.described("swap", CONTRACT, {"argument_specs": {"main": {"options": options}}}).splitlines()


def test_a_reason_says_how_its_text_is_typed() -> None:
    told = page(swap_to={"type": "str", "description": "What."}, swap_reason={"type": "str", "description": ["Why."]})
    assert "| `swap_reason` | str | Why. |" in told
    said = """Text with blanks needs quotes of its own: `-e 'swap_reason="two words"'`."""
    assert f"An empty value is the same as none. {said}" in told


def test_other_variables_need_no_such_word() -> None:
    assert "An empty value is the same as none." in page(swap_to={"type": "str", "description": "What."})
