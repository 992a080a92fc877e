"""What ships is a short list: whatever else stands at the top of the checkout stays at home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.release import build, contents, foreign
from tools.treehash import ROOT


def test_only_the_list_ships(tmp_path: Path) -> None:
    names = contents(build(ROOT, tmp_path))
    assert foreign(names) == []
    assert {"plugins/module_utils/_plan.py", "meta/runtime.yml", "LICENSE", "meta/execution-environment.yml"} <= names


@pytest.mark.parametrize(
    "name", ["lab/app/server.py", ".env", "plugins/modules/__pycache__/x.pyc", "roles/a/b.yml.orig"]
)
def test_what_does_not_belong_is_named(name: str) -> None:
    assert foreign({"README.md", "plugins/modules/guard.py", name}) == [name]
