"""What ships is a short list: whatever else stands at the top of the checkout stays at home."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_THE_BUILD = {"MANIFEST.json", "FILES.json"}
SHIPS = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bindep.txt",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}


def build(target: Path) -> set[str]:
    """Build the collection into ``target`` and return the names of all files in the tarball."""
    command = [Path(sys.executable).parent / "ansible-galaxy", "collection", "build", "--output-path", target]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (tarball,) = target.glob("steady-ops-*.tar.gz")
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive if member.isfile()}


def test_only_the_list_ships(tmp_path: Path) -> None:
    names = build(tmp_path)
    assert {name.split("/")[0] for name in names} - MADE_BY_THE_BUILD <= SHIPS
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert {"plugins/module_utils/_plan.py", "meta/runtime.yml", "LICENSE"} <= names


def test_a_readers_own_inventory_stays_at_home() -> None:
    """The README lets a reader write one into the checkout."""
    readers = set(re.findall(r"^# (\w+)/\S+\.yml$", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert readers
    assert readers <= set(yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"])
    assert {f"/{name}/" for name in readers} <= set((ROOT / ".gitignore").read_text().splitlines())
