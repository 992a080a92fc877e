"""Artefacts that lie on the controller."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, NotFound
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.archive import CHUNK_BYTES, read


def test_a_file_comes_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "-a b;'c'$(id)ä.tgz"
    path.write_bytes(b"x" * (CHUNK_BYTES + 3))
    assert [len(piece) for piece in read(str(path))] == [CHUNK_BYTES, 3]


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing is not there\. Correct deploy_release, or put it there"):
        list(read(str(tmp_path / "nothing")))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, said in (("", "is no file"), ("pipe", "is no file"), ("loop", "cannot be read"), ("a\0b", "cannot be")):
        with pytest.raises(InvalidInput, match=said):
            list(read(str(tmp_path / name) if name else str(tmp_path)))
