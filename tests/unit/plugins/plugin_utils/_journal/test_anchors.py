"""Anchors over real files, a real log socket, and S3 in test_anchor_s3.py: one that is gone is a sentence."""

from __future__ import annotations

import os
import random
import socket
import threading
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import (
    anchor,
    anchor_end,
    kept_by,
    read_anchors,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import head_text, heads_from, heads_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from tests.journal_world import DictStore, Tamperer, ledger_in, written


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


def test_a_killed_writers_entry_is_anchored_too(ledger: Ledger) -> None:
    store = ledger.store
    assert isinstance(store, DictStore)
    tamperer = Tamperer(store.keys, random.Random(1))
    store.keys["journal/head"] = canonical({"sequence": 5, "hash": digest(tamperer.entries[5])})
    assert head_text(ledger) == f"entry 6 {digest(tamperer.entries[6])} of ledger {ledger.identity.id}"
    store.keys[tamperer.key(6)] = tamperer.edited(6, "previous")
    assert head_text(ledger).startswith("entry 5 ")
    store.keys[tamperer.key(6)] = b"torn"
    assert head_text(ledger).startswith("entry 5 ")
    del store.keys["journal/head"]
    assert head_text(ledger) == "" and "journal" not in heads_of(ledger).chains


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


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_heads_are_sent_to_the_log_daemon(ledger: Ledger, tmp_path: Path, kind: socket.SocketKind) -> None:
    path = str(tmp_path / "log")
    got: list[bytes] = []
    with socket.socket(socket.AF_UNIX, kind) as daemon:
        daemon.bind(path)
        daemon.settimeout(10)

        def listen() -> None:
            if kind is socket.SOCK_DGRAM:
                got.append(daemon.recv(4096))
                return
            daemon.listen()
            with daemon.accept()[0] as caller:
                got.append(caller.recv(4096))

        if kind is socket.SOCK_STREAM:
            daemon.listen()
        listener = threading.Thread(target=listen)
        listener.start()
        assert anchor(ledger, [{"kind": "syslog", "socket": path}]) == []
        listener.join()
    head, _colon, line = got[0].partition(b": ")
    assert head == b"<85>steady.ops"
    heads = heads_from(line.rstrip(b"\0"))
    assert heads and heads.chains["journal"].sequence == 6


def test_the_end_of_a_run_anchors_what_the_guard_names(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/ledger"
    result = {"ledger": url, "system": "toy", "environment": "lab", "anchors": [{"kind": "file", "path": "/nowhere"}]}
    assert anchor_end(result) == [], "a ledger that is not there was spoken of already"
    initialise(url, "toy", "lab")
    assert [line.partition(":")[0] for line in anchor_end(result)] == ["  not anchored in file /nowhere"]
    assert anchor_end({**result, "anchors": []}) == [] and anchor_end({**result, "ledger": ""}) == []


def test_half_a_line_is_a_sentence(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anchor").touch()
    monkeypatch.setattr(os, "write", lambda descriptor, line: len(line) - 1)
    assert "took half a line only" in anchor(ledger, [{"kind": "file", "path": str(tmp_path / "anchor")}])[0]
