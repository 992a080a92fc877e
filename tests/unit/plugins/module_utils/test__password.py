"""A password comes from where it was given, and an unreadable file is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._password import login_password


def test_what_was_given_wins_and_nothing_is_nothing(tmp_path: Path) -> None:
    assert login_password("given", str(tmp_path / "none")) == "given"
    assert login_password(None, None) is None


def test_the_file_without_its_line_end(tmp_path: Path) -> None:
    page = tmp_path / "password"
    page.write_bytes(b" blanks stay \r\n")
    assert login_password(None, str(page)) == " blanks stay "


@pytest.mark.parametrize(("content", "why"), [(None, "No such file or directory"), (b"\xff", "it is no text")])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, why: str) -> None:
    page = tmp_path / "password"
    if content is not None:
        page.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        login_password("", str(page))
    assert str(caught.value) == f"login_password_file {page} cannot be read: {why}. Correct the path."
