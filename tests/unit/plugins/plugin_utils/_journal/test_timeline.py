"""The timeline: what was journalled formats nothing in it."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._journal.timeline import escaped, timeline
from tests.unit.plugins.plugin_utils._journal.run_world import CLOSED, run


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
