"""Runs as lines: nothing journalled forges one."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.showing import plain, row, took, who_of, whole
from tests.unit.plugins.plugin_utils._journal.run_world import CLOSED, run


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ({"user": "ann", "host": "desk"}, "ann@desk"),
        ({"user": "root", "sudo_user": "ann", "host": "desk"}, "ann as root@desk"),
        ({"user": "awx", "awx": {"awx_user_name": "kim", "awx_job_id": "7"}}, "kim as awx@?, AWX job 7"),
        ({"user": "awx", "awx": {"awx_schedule_name": "nightly"}}, "awx@?, schedule nightly"),
        ({"schedule": "nightly"}, "?@?, schedule nightly"),
        (None, "?"),
    ],
)
def test_who_ran_it(who: object, told: str) -> None:
    assert who_of(run(who=who)) == told


def test_a_run_is_one_line_and_one_run_is_many() -> None:
    assert row(run(CLOSED)) == (
        "2026-11-21T10:00:00Z | 01M7Z0GCAA64HVBJ2HYPQ68DKM | ann as root@ctl | deploy: deploy | toy/lab/api"
        " | ok in INC-7 | 1 min 1 s"
    )
    assert row(run(mode="check", action="")).endswith("deploy: ? (check) | toy/lab/api | no end recorded in INC-7 | ")
    step = {
        "event": "step",
        "sequence": 4,
        "at": "x",
        "object": "toy/lab/api",
        "plan": [{"kind": "switch", "state": "done", "sentence": "Serve", "why": "asked"}, "no step"],
        "findings": [{"id": "a", "severity": "warning", "message": "m", "remedy": "r"}, {"id": "b"}],
        "entry": {"note": "said", "run": "hidden", "empty": ""},
        "serving": {"id": "4f2c", "old": None},
        "procedures": [["SU-10"], "SM-1"],
    }
    end = {**CLOSED, "failures": [{"task": "t", "host": "h", "msg": "m"}], "lines": ["one"]}
    lines = whole(run(step, end, allowed=False))
    for line in (
        "2026-11-21T10:00:00Z opened change, real, refused",
        "x step api",
        "  switch done: Serve (asked)",
        "  a warning: m (r)",
        "  b None: None",
        "  note: said",
        "  serving: id 4f2c",
        "  procedures: SU-10, SM-1",
        "  failed t on h: m",
        "  one",
        "entries 3, 4, 5 of the journal",
    ):
        assert line in lines, lines
    assert not any("hidden" in line or "empty" in line for line in lines)
    assert took(run({**CLOSED, "seconds": True})) == "" and took(run({**CLOSED, "seconds": "5"})) == ""


def test_nothing_journalled_forges_a_line() -> None:
    hostile = "a\n\x1b[2Jb\u202ec\u2028d \tpassword=hunter2hunter2"
    assert plain(hostile) == "a [2Jb c d password=********"
    assert len(plain("x" * 5000)) == 400 and plain("x" * 5000).endswith("...")
    made = run({**CLOSED, "result": hostile}, who={"user": hostile, "host": hostile}, action=hostile)
    for line in [row(made), *whole(made)]:
        assert line.isprintable() and "hunter2" not in line
