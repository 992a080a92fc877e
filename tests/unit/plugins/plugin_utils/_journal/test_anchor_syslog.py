"""The anchor syslog on real log sockets."""

from __future__ import annotations

import random
import socket
import threading
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import (
    anchor,
)
from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import heads_from
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 2, random.Random(1), tmp_path / "unused", how_often=0)
    return made


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
