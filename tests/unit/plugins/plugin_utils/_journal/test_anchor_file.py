"""The anchor file: appended to, never made, never followed."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import (
    anchor,
    kept_by,
    read_anchors,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import heads_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 2, random.Random(1), tmp_path / "unused", how_often=0)
    return made


def test_heads_are_kept_in_a_file_and_read_back(ledger: Ledger, tmp_path: Path) -> None:
    page = tmp_path / "anchor"
    page.write_bytes(b'half a li{"ledger":')
    named = [{"kind": "file", "path": str(page)}]
    assert anchor(ledger, named) == [] and anchor(ledger, named) == []
    with page.open("a") as stream:
        stream.write('{"ledger":"another","at":"x","heads":{}}\nno line of ours\n{"heads":[1]}\n')
    kept = kept_by(read_anchors(named)[0][0], ledger.identity.id)
    assert not kept.problem
    assert [(mark.sequence, mark.source) for mark in kept.marks["journal"]] == [
        (6, f"file {page} line 2"),
        (6, f"file {page} line 4"),
    ]
    assert kept.marks["journal"][0].hash == heads_of(ledger).chains["journal"].hash
    assert [mark.sequence for mark in kept.marks["releases"]] == [0, 0]


def test_a_link_or_a_pipe_takes_no_heads(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        assert len(anchor(ledger, [{"kind": "file", "path": str(tmp_path / name)}])) == 1
    assert (tmp_path / "real").read_bytes() == b""
    held = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert "is no file" in anchor(ledger, [{"kind": "file", "path": str(tmp_path / "pipe")}])[0]
    os.close(held)


def test_a_full_disk_is_a_sentence(ledger: Ledger) -> None:
    said = anchor(ledger, [{"kind": "file", "path": "/dev/full"}])
    assert said == ["not anchored in file /dev/full: /dev/full is no file. Name a file."]
    assert kept_by(read_anchors([{"kind": "file", "path": "/nowhere"}])[0][0], "x").problem.startswith(
        "/nowhere is not"
    )


def test_half_a_line_is_a_sentence(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anchor").touch()
    monkeypatch.setattr(os, "write", lambda descriptor, line: len(line) - 1)
    assert "took half a line only" in anchor(ledger, [{"kind": "file", "path": str(tmp_path / "anchor")}])[0]
