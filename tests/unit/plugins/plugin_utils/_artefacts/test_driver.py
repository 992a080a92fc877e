"""An object that stops coming."""

from __future__ import annotations

import io

import pytest
from botocore.response import StreamingBody

from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.driver import pieces


def test_less_than_was_announced_is_not_all() -> None:
    assert b"".join(pieces(StreamingBody(io.BytesIO(b"content"), 7), "s3://b/k")) == b"content"
    with pytest.raises(Unreachable, match=r"s3://b/k could not be read to its end: .*Run the same command again"):
        list(pieces(StreamingBody(io.BytesIO(b"cont"), 7), "s3://b/k"))


def test_a_connection_that_breaks() -> None:
    class Broken(io.BytesIO):
        def read(self, _amount: int | None = None) -> bytes:
            raise ConnectionResetError(104, "Connection reset by peer")

    with pytest.raises(Unreachable, match="Connection reset by peer"):
        list(pieces(StreamingBody(Broken(), 7), "s3://b/k"))
