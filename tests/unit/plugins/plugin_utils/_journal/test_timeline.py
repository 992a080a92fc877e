"""The timeline: what was journalled formats nothing in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._journal.runs import (
    Run,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.timeline import escaped, timeline

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


OPENED = {
    "event": "opened",
    "run": "01M7Z0GCAA64HVBJ2HYPQ68DKM",
    "at": "2026-11-21T10:00:00Z",
    "sequence": 3,
    "runbook": "deploy",
    "action": "deploy",
    "mode": "real",
    "risk": "change",
    "objects": ["toy/lab/api"],
    "who": {"user": "root", "host": "ctl", "sudo_user": "ann"},
    "incidents": ["INC-7"],
}


CLOSED = {
    "event": "closed",
    "run": OPENED["run"],
    "at": "2026-11-21T10:01:00Z",
    "sequence": 5,
    "result": "ok",
    "seconds": 61,
}


def run(*more: Mapping[str, object], **changes: object) -> Run:
    return Run(str(OPENED["run"]), ({**OPENED, **changes}, *more))


def test_a_timeline_shows_what_was_written_as_it_is() -> None:
    assert escaped("a_b*c [x](http://e) <b> `r` | & # @me www.e.org") == (
        r"a\_b\*c \[x\]\(http\://e\) \<b\> \`r\` \| \& \# \@me www\.e.org"
    )
    hostile = "x\n# forged\n| a | b |\n<img src=x>"
    text = timeline(
        hostile, {"incident": "INC-7", "none": ""}, [run(CLOSED, who={"user": hostile}, findings=[{"id": hostile}])]
    )
    lines = text.splitlines()
    assert lines[0] == r"# x \# forged \| a \| b \| \<img src\=x\>" and "- incident: INC-7" in lines
    assert sum(line.startswith("#") for line in lines) == 2 and sum(line.startswith("|") for line in lines) == 3
    assert not any(line.startswith("- none") for line in lines) and text.endswith("\n")
