"""What a run carries with it beside its permit."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Judgement
from ansible_collections.steady.ops.plugins.plugin_utils._runs.stamps import plans_of, stamps_of, told_of
from tests.unit.plugins.plugin_utils._gates.gate_world import LIVE, asks


def test_the_end_knows_whom_to_tell() -> None:
    assert told_of(asks()) == {"notify": [], "anchors": []}
    where = replace(LIVE, notify=[{"name": "chat"}], anchors=["syslog"])
    assert told_of(asks(where=where)) == {"notify": [{"name": "chat"}], "anchors": ["syslog"]}


def test_the_journal_keeps_how_the_gates_were_passed() -> None:
    assert stamps_of(Judgement((), "")) == {}
    judged = Judgement((), "", ("sha256:1",), ("INC-1",), {"overrides": ["window"]})
    assert stamps_of(judged) == {"incidents": ["INC-1"], "overrides": ["window"]}
    assert plans_of(judged) == {"approved_plan_hashes": ["sha256:1"]}
