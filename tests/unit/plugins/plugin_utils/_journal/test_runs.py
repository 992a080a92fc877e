"""Runs put together from entries, chosen by what was typed, and shown so that nothing journalled forges a line."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._journal.choosing import Choice, choice_of, nearest
from ansible_collections.steady.ops.plugins.plugin_utils._journal.proof import head_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.runs import (
    UNENDED,
    Backwards,
    Run,
    incidents_of,
    runs_of,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.showing import plain, row, took, who_of, whole
from ansible_collections.steady.ops.plugins.plugin_utils._journal.timeline import escaped, timeline
from tests.journal_world import DictStore, Tamperer, ledger_in, written

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


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (run(CLOSED), "ok"),
        (run({**CLOSED, "result": None}), "?"),
        (run(allowed=False), "REFUSED"),
        (run(lines=["done"]), "done"),
        (run(lines=["bad"], result="FAILED"), "FAILED"),
        (run(), UNENDED),
        (Run("x", ({"event": "told", "sequence": 1},)), "told"),
        (Run("x", ({"sequence": 1},)), "?"),
    ],
)
def test_how_a_run_ended(made: Run, outcome: str) -> None:
    assert made.outcome == outcome


def test_what_a_run_is_about() -> None:
    assert run().objects == ("toy/lab/api",) and run().sequence == 3 and run().at == OPENED["at"]
    assert run({"object": "toy/lab/web"}, {"object": "toy/lab/web"}, objects=None).objects == ("toy/lab/web",)
    assert run().users == ("ann", "root") and run(who="me").users == ()
    assert run(who={"user": "awx", "awx": {"awx_user_name": "kim"}}).users == ("kim", "awx")
    assert incidents_of({"incident": "A", "incidents": ["B"]}) == ("B", "A")
    assert incidents_of({"incident": {"id": "C"}, "incidents": "no list"}) == ("C",) and incidents_of({}) == ()


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


def test_a_journal_is_read_backwards_and_proved_on_the_way(tmp_path: Path) -> None:
    store = DictStore()
    ledger = ledger_in(store)
    written(ledger, 3, random.Random(1), tmp_path / "unused", how_often=0)
    ledger.journal.append({"event": "note"})
    tamperer = Tamperer(store.keys, random.Random(1))

    def read() -> tuple[list[Run], Backwards]:
        head = head_of(store, "journal")
        assert head
        journal = Backwards(store, "journal", head)
        return list(runs_of(journal.events())), journal

    runs, journal = read()
    assert [each.id[-1:] for each in runs] == ["", "2", "1", "0"] and journal.broken == -1 and journal.unread == 0
    assert [[event["event"] for event in each.events] for each in runs[1:]] == [["opened", "step", "closed"]] * 3
    assert [event["sequence"] for event in runs[1].events] == [7, 8, 9]
    store.keys[tamperer.key(5)] = tamperer.edited(5, "at")
    assert read()[1].broken == 5
    store.keys[tamperer.key(5)] = b"[" * 200_000
    store.keys[tamperer.key(3)] = json.dumps({"at": "", "records": [3]}).encode()
    runs, journal = read()
    assert (journal.broken, journal.unread) == (5, 2) and [each.id[-1:] for each in runs] == ["", "2", "1", "0"]
    del store.keys[tamperer.key(1)]
    assert [each.id[-1:] for each in read()[0]] == ["", "2", "1", "0"], "a run without its beginning is shown last"


def test_a_run_of_several_plays_has_one_end() -> None:
    events = [CLOSED, {**OPENED, "sequence": 4, "action": "second"}, OPENED]
    runs = list(runs_of(iter(events)))
    assert [(each.opened["action"], each.outcome) for each in runs] == [("second", "ok"), ("deploy", "ok")]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, True),
        ({"run": "01M7Z0GCAA64HVBJ2HYPQ68DKM"}, True),
        ({"run": "q68dkm"}, True),
        ({"run": "01M7Z0"}, True),
        ({"run": "68DKM"}, False),
        ({"since": "2h"}, True),
        ({"since": "90min"}, False),
        ({"since": "2026-11-21"}, True),
        ({"until": "2026-11-21T10:00:00Z"}, False),
        ({"since": "2026-11-21T10:00:00+00:00", "until": "2026-11-21T10:00:01Z"}, True),
        ({"object": "api"}, True),
        ({"object": "toy/lab"}, True),
        ({"object": "ap"}, False),
        ({"runbook": "deploy"}, True),
        ({"runbook": "rollback"}, False),
        ({"incident": "INC-7"}, True),
        ({"incident": "INC-8"}, False),
        ({"user": "ann"}, True),
        ({"user": "eve"}, False),
    ],
)
def test_runs_are_chosen(said: dict[str, object], wanted: bool) -> None:
    choice = choice_of(said, "toy/lab", NOW)
    assert choice.wants(run(CLOSED)) is wanted and choice.everything is not said
    assert set(choice.told()) == set(said)


def test_a_runbook_of_another_collection_goes_by_its_last_word() -> None:
    assert Choice(runbook="switch").wants(run(runbook="acme.toy.switch"))
    assert Choice(runbook="acme.toy.switch").wants(run(runbook="acme.toy.switch"))
    assert Choice().everything and not Choice(user="x").everything


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-21T10:00:00", "99999w", "7", "-1d", "x" * 500])
def test_a_time_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        choice_of({"since": text}, "toy/lab", NOW)
    assert str(caught.value).startswith("journal_since is '") and len(str(caught.value)) < 250


def test_times_the_wrong_way_round_are_turned() -> None:
    with pytest.raises(InvalidInput) as caught:
        choice_of({"since": "1h", "until": "2h", "user": "ann"}, "toy/lab", NOW)
    assert caught.value.next["variables"] == {
        "journal_since": "2026-11-21T10:00:00Z",
        "journal_until": "2026-11-21T11:00:00Z",
        "journal_user": "ann",
    }


def test_older_runs_are_not_read_and_near_names_are_offered() -> None:
    assert Choice(since=NOW).is_over(run(at="2026-11-21T10:59:59Z")) and not Choice().is_over(run())
    assert not Choice(since=NOW).is_over(run(at="2026-11-21T11:00:00Z")), "clocks are set back"
    known = ({"deploy", "rollback"}, {"ann"}, {"INC-7"})
    assert nearest(Choice(runbook="deplyo"), *known) == "journal_runbook=deploy"
    assert nearest(Choice(incident="INC-8"), *known) == "journal_incident=INC-7"
    assert nearest(Choice(runbook="deploy", user="qqq"), *known) == "" and nearest(Choice(), *known) == ""
