"""Output that cannot be written is dropped, said once, and never raised."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.output import never_raise


@pytest.fixture
def pipe() -> tuple[int, int]:
    return os.pipe()


def opened(descriptor: int, *, buffered: bool = True) -> io.TextIOWrapper:
    if buffered:
        return os.fdopen(descriptor, "w")
    return io.TextIOWrapper(os.fdopen(descriptor, "wb", buffering=0), write_through=True)


@pytest.mark.parametrize("buffered", [True, False])
def test_a_reader_that_went_away_is_told_of_once(tmp_path: Path, pipe: tuple[int, int], *, buffered: bool) -> None:
    reader, writer = pipe
    with (tmp_path / "told").open("w+") as told, opened(writer, buffered=buffered) as stream:
        never_raise(stream, tell=told)
        never_raise(stream, tell=told)
        stream.write("read\n")
        stream.flush()
        assert os.read(reader, 100) == b"read\n"
        os.close(reader)
        for _turn in range(3):
            stream.write("x" * 20000)
            stream.flush()
    assert (tmp_path / "told").read_text() == (
        "The output cannot be written any more (Broken pipe); the run goes on to its end without it.\n"
    )


def test_a_full_disk_under_the_output_is_survived() -> None:
    with open("/dev/full", "w") as stream:
        never_raise(stream)
        stream.write("x")
        stream.flush()


def test_nobody_can_be_told_either(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.close(reader)
    with os.fdopen(writer, "w") as stream, open("/dev/full", "w") as full:
        never_raise(stream, tell=full)
        stream.write("x")
        stream.flush()


def test_a_pipe_that_others_made_non_blocking_is_waited_for(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.set_blocking(writer, False)
    seen: list[int] = []

    def read() -> None:
        while data := os.read(reader, 65536):
            seen.append(len(data))
            time.sleep(0.001)

    thread = threading.Thread(target=read)
    with os.fdopen(writer, "w") as stream:
        never_raise(stream)
        thread.start()
        stream.write("x" * 300_000)
        stream.flush()
    thread.join(10)
    os.close(reader)
    assert sum(seen) == 300_000


def test_what_is_no_file_is_left_alone() -> None:
    stream = io.StringIO()
    never_raise(stream)
    stream.write("x")
    assert stream.getvalue() == "x"


def test_a_line_is_written_at_once_where_python_would_keep_it_back(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("w", encoding="utf-8") as stream:
        never_raise(stream)
        stream.write("a line\nhalf")
        assert path.read_text(encoding="utf-8").startswith("a line\n")
