"""Anchors over real files, a real log socket, and S3 in test_anchor_s3.py: one that is gone is a sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import (
    anchor,
    anchor_end,
    head_for_artifacts,
    read_anchors,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import head_text, heads_from
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from tests.journal_world import DictStore, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 2, random.Random(1), tmp_path / "unused", how_often=0)
    return made


@pytest.mark.parametrize(
    ("anchors", "told"),
    [
        ("file", "ops_anchors is no list of anchors"),
        ([3], r"ops_anchors\[0\] is no dictionary"),
        ([{}], r"ops_anchors\[0\] has the kind ''. Use one of file, syslog, s3, awx"),
        ([{"kind": "file"}], r"ops_anchors\[0\] is of kind file and lacks path"),
        ([{"kind": "s3", "bucket": "b", "secret_key": "x"}], "is of kind s3, which has no secret_key. It has bucket"),
        ([{"kind": "awx", "job": 1}], "which has no job. It has no options"),
        ([{"kind": "file", "path": "relative"}], "not anchored in file relative: path is 'relative'"),
        ([{"kind": "file", "path": "/nowhere/x y"}], r"is not there. Mount its file system; .*touch '/nowhere/x y'"),
        ({"kind": "file", "path": "/"}, "not anchored in file /: / cannot be used: Is a directory"),
        ([{"kind": "syslog", "socket": "/nowhere"}], "not anchored in syslog /nowhere: /nowhere takes no message"),
        ([{"kind": "syslog", "socket": "/" + "x" * 200}], "takes no message: AF_UNIX path too long"),
        ([{"kind": "syslog", "socket": "/a\0b"}], "takes no message: "),
    ],
)
def test_a_dead_or_wrong_anchor_is_one_sentence(ledger: Ledger, anchors: object, told: str) -> None:
    said = anchor(ledger, anchors)
    assert len(said) == 1 and said[0].startswith("not anchored")
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(said[0])


def test_the_others_are_kept_beside_a_dead_one(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "anchor").touch()
    named = [{"kind": "nope"}, {"kind": "file", "path": str(tmp_path / "anchor")}, {"kind": "awx"}]
    assert len(anchor(ledger, named)) == 1
    heads = heads_from((tmp_path / "anchor").read_bytes().strip())
    assert heads and heads.chains["journal"].sequence == 6
    assert anchor(ledger, None) == [] and anchor(ledger, [{"kind": "awx"}]) == []
    assert [each.readable for each in read_anchors(named)[0]] == [True, False]


def test_a_ledger_that_is_gone_is_a_sentence(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def gone(self: DictStore, key: str) -> None:
        raise Unreachable("The ledger is gone")

    monkeypatch.setattr(DictStore, "read", gone)
    assert anchor(ledger, [{"kind": "file", "path": "/x"}]) == ["not anchored: The ledger is gone."]


def test_the_end_of_a_run_anchors_what_the_guard_names(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/ledger"
    result = {"ledger": url, "system": "toy", "environment": "lab", "anchors": [{"kind": "file", "path": "/nowhere"}]}
    assert anchor_end(result) == [], "a ledger that is not there was spoken of already"
    initialise(url, "toy", "lab")
    assert [line.partition(":")[0] for line in anchor_end(result)] == ["  not anchored in file /nowhere"]
    assert anchor_end({**result, "anchors": []}) == [] and anchor_end({**result, "ledger": ""}) == []


def test_the_head_is_left_among_the_artifacts_where_an_anchor_asks_for_it(tmp_path: Path) -> None:
    ledger, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    result = {"ledger": ledger.url, "system": "toy", "environment": "lab", "anchors": [{"kind": "awx"}]}
    assert head_for_artifacts(result) == head_text(ledger) != ""
    assert head_for_artifacts({**result, "anchors": [{"kind": "syslog"}]}) == ""
    assert head_for_artifacts({**result, "ledger": f"file://{tmp_path}/none"}) == ""
