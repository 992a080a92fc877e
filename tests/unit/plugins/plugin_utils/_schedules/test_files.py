"""Files of a schedule in one directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.files import Change, Files, mark_of

MARK = mark_of("toy/lab")


def files(directory: Path, *, make: bool = False) -> Files:
    return Files(directory, MARK, lambda name: name.startswith("our-"), make=make)


def test_exactly_ours_are_changed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("x")
    (tmp_path / "our-old").write_text(f"{MARK}\n")
    (tmp_path / "our-same").write_text(f"{MARK}\nsame\n")
    ours = files(tmp_path)
    wanted = {"our-same": f"{MARK}\nsame\n", "our-new": f"{MARK}\nnew\n"}
    changes = ours.changes(wanted)
    assert [(each.name, each.before is None, each.after is None) for each in changes] == [
        ("our-new", True, False),
        ("our-old", False, True),
    ]
    assert changes[0].diff() == ["--- none", "+++ our-new", "@@ -0,0 +1,2 @@", f"+{MARK}", "+new"]
    usual = os.umask(0o077)
    try:
        ours.carry_out(changes)
    finally:
        os.umask(usual)
    assert sorted(os.listdir(tmp_path)) == ["our-new", "our-same", "theirs"] and ours.changes(wanted) == []
    assert (tmp_path / "our-new").stat().st_mode & 0o777 == 0o644
    ours.put_back(changes)
    assert sorted(os.listdir(tmp_path)) == ["our-old", "our-same", "theirs"]


def test_a_file_of_somebody_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "our-x").write_text("by hand")
    with pytest.raises(Refused, match="our-x was not written by this playbook"):
        files(tmp_path).changes({})


def test_a_directory_that_is_missing_is_made_only_for_a_user(tmp_path: Path) -> None:
    change = [Change("our-x", None, MARK)]
    assert files(tmp_path / "a" / "b").found() == {}
    with pytest.raises(Refused, match="so nothing was changed: No such file or directory"):
        files(tmp_path / "a" / "b").carry_out(change)
    files(tmp_path / "a" / "b", make=True).carry_out(change)
    assert (tmp_path / "a" / "b" / "our-x").exists()
    with pytest.raises(Refused, match="cannot be read: Not a directory"):
        files(tmp_path / "a" / "b" / "our-x").found()


def test_a_change_that_fails_in_its_middle_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "our-a").write_text(f"{MARK}\nold\n")
    ours = files(tmp_path)
    changes = ours.changes({"our-a": f"{MARK}\nnew\n", "our-b": f"{MARK}\n", "our-c": f"{MARK}\n"})
    replace, calls = os.replace, []

    def full(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(Refused, match="so nothing was changed: No space left on device"):
        ours.carry_out(changes)
    assert os.listdir(tmp_path) == ["our-a"] and "old" in (tmp_path / "our-a").read_text()
