"""Bundles: written whole or not at all, never over anything, and proved by a program that knows nothing of us."""

from __future__ import annotations

import ast
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._journal import bundle
from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import anchor
from ansible_collections.steady.ops.plugins.plugin_utils._journal.bundle import Bundle
from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import verify
from ansible_collections.steady.ops.plugins.plugin_utils._journal.exporting import Stretch, bundle_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.proof import head_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.runs import Backwards, runs_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.verifier import VERIFIER
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 4, random.Random(1), tmp_path / "anchor", how_often=1)
    return made


def exported(ledger: Ledger, base: Path, *, skip: int = 1, anchored: bool = True) -> Bundle:
    """Return the bundle of all runs but the newest ones."""
    head = head_of(ledger.store, "journal")
    assert head
    runs = list(runs_of(Backwards(ledger.store, "journal", head).events()))[skip:][::-1]
    named = [{"kind": "file", "path": str(base / "anchor")}] if anchored else None
    return bundle_of(ledger, Stretch(runs, {"incident": "INC-1"}), verify(ledger, named))


@pytest.fixture
def directory(ledger: Ledger, tmp_path: Path) -> Path:
    bundle.write(tmp_path / "out", exported(ledger, tmp_path))
    return tmp_path / "out"


def proved(directory: Path, *arguments: str) -> tuple[int, str]:
    """Run the verifier as a stranger does."""
    command = [sys.executable, "-I", str(directory / "verify.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_bundle_is_private_whole_and_proves_itself(directory: Path, ledger: Ledger) -> None:
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {page.stat().st_mode & 0o777 for page in directory.iterdir()} == {0o600}
    code, said = proved(directory)
    assert code == 0 and "entries 1 to 9 of ledger" in said and "anchors knew entry 9" in said
    assert "NOT EXCLUDED" in said and "anything about entries after 9" in said and "before 1" in said
    stored = [json.loads(line) for line in (directory / "entries.jsonl").read_text().splitlines()]
    assert [entry["sequence"] for entry in stored] == list(range(1, 10))
    assert digest((directory / "manifest.json").read_bytes()) in said
    assert list(directory.parent.glob(".out*")) == []


def test_what_no_anchor_knows_is_said(ledger: Ledger, tmp_path: Path) -> None:
    bundle.write(tmp_path / "all", exported(ledger, tmp_path, skip=0, anchored=False))
    code, said = proved(tmp_path / "all", str(tmp_path / "all"))
    assert code == 0 and "entries after 0 were rewritten in the ledger" in said
    assert "that entries after 12 were cut off before the export" in said and "anchors knew" not in said


def test_it_runs_on_old_pythons_and_needs_nothing() -> None:
    tree = ast.parse(VERIFIER, feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"hashlib", "json", "os", "re", "sys"}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))


def resealed(directory: Path) -> None:
    """Write the manifest anew, as whoever changes a file would."""
    told = json.loads((directory / "manifest.json").read_text())
    for name in told["files"]:
        told["files"][name]["sha256"] = digest((directory / name).read_bytes())
    (directory / "manifest.json").write_text(json.dumps(told))


def edit_entry(directory: Path) -> None:
    page = directory / "entries.jsonl"
    page.write_bytes(page.read_bytes().replace(b'"ann"', b'"eve"', 1).replace(b'"kim"', b'"eve"', 1))


def drop_entry(directory: Path) -> None:
    lines = (directory / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (directory / "entries.jsonl").write_bytes(b"".join(lines[:3] + lines[4:]))


def cut_entries(directory: Path) -> None:
    lines = (directory / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (directory / "entries.jsonl").write_bytes(b"".join(lines[:-2]))


def rehash(directory: Path) -> None:
    lines = (directory / "entries.jsonl").read_bytes().splitlines()
    values = [json.loads(line) for line in lines]
    values[2]["at"] = "2020-01-01T00:00:00Z"
    for before, after in itertools.pairwise(values):
        after["previous"] = digest(canonical(before))
    (directory / "entries.jsonl").write_bytes(b"".join(canonical(value) + b"\n" for value in values))


def change(name: str, data: bytes) -> Callable[[Path], None]:
    def tamper(directory: Path) -> None:
        (directory / name).write_bytes(data)

    return tamper


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (edit_entry, "first bad entry: "),
        (drop_entry, "first bad entry: 4: it is missing, or another is in its place"),
        (cut_entries, "entries.jsonl ends before entry 9"),
        (rehash, "first bad entry: 3 or one before it: the anchor 'file "),
        (change("entries.jsonl", b""), "entries.jsonl does not end with a whole line|ends before"),
        (change("entries.jsonl", b"{}"), "does not end with a whole line"),
        (change("entries.jsonl", b"\xff\n"), "entry 1 is no JSON"),
        (change("entries.jsonl", b"[" * 100_000 + b"\n"), "entry 1 is no JSON"),
        (change("entries.jsonl", b'{"sequence": 1}\n'), "entry: 1: it is not in the form"),
        (change("anchors.json", b"{}"), "anchors.json is not as it was|first bad"),
        (change("anchors.json", b'[{"sequence":1,"hash":"x","source":"y"}]'), "anchors.json is not as it was written"),
        (change("anchors.json", b"[3]"), "anchors.json is not as it was written"),
        (change("identity.json", b"[]"), "identity.json, head.json or anchors.json is not as it was written"),
        (change("head.json", b"x"), "head.json is no JSON"),
    ],
)
def test_every_tampering_with_a_bundle_is_found(directory: Path, tamper: Callable[[Path], None], told: str) -> None:
    tamper(directory)
    code, said = proved(directory)
    assert code == 1 and "was changed: its SHA-256 is not what manifest.json says" in said
    resealed(directory)
    code, said = proved(directory)
    if (directory / "anchors.json").read_bytes() == b"{}":
        # an empty anchors file says nothing, and that is said
        assert code == 0 and "no anchor here knows them" in said
        return
    assert code == 1, said
    assert any(part in said for part in told.split("|")), said


@pytest.mark.parametrize(
    ("manifest", "code", "told"),
    [
        (b"", 1, "manifest.json is no JSON"),
        (b"[]", 1, "manifest.json is not as it was written"),
        (b'{"files": {}, "first": 1, "last": 2, "format": 1}', 1, "does not name entries.jsonl"),
        (b'{"files": {}, "first": 1, "last": 2, "format": 2}', 2, "is of another format"),
    ],
)
def test_a_manifest_that_is_none_is_said(directory: Path, manifest: bytes, code: int, told: str) -> None:
    (directory / "manifest.json").write_bytes(manifest)
    found = proved(directory)
    assert found[0] == code and told in found[1]


def test_a_manifest_names_no_file_elsewhere(directory: Path) -> None:
    told = json.loads((directory / "manifest.json").read_text())
    told["files"]["../../etc/passwd"] = {"sha256": "x"}
    (directory / "manifest.json").write_text(json.dumps(told))
    assert proved(directory) == (1, "CHANGED: manifest.json names '../../etc/passwd', which is no file of an export\n")
    (directory / "manifest.json").unlink()
    code, said = proved(directory)
    assert code == 2 and "holds no manifest.json" in said
    assert (
        proved(directory, "/nowhere")[0] == 2
        and proved(directory, "a", "b")[0] == 2
        and proved(directory, "-h")[0] == 2
    )


def test_links_and_lost_files_are_found_and_others_named(directory: Path) -> None:
    (directory / "\x1b[2Jevil.sh").touch()
    code, said = proved(directory)
    assert code == 0 and r"not part of the export, and not checked: '\x1b[2Jevil.sh'" in said
    (directory / "head.json").rename(directory.parent / "head.json")
    assert proved(directory)[1] == "CHANGED: head.json is missing\n"
    (directory / "head.json").symlink_to(directory.parent / "head.json")
    assert proved(directory)[1] == "CHANGED: head.json is a symbolic link\n"


def test_a_bundle_that_is_there_is_left_alone(ledger: Ledger, directory: Path, tmp_path: Path) -> None:
    made = exported(ledger, tmp_path)
    assert bundle.is_there(directory, made) and not bundle.is_there(tmp_path / "other", made)
    # the head and the anchors go on, the stretch stays
    ledger.journal.append({"event": "opened", "run": "01NEXT", "runbook": "deploy", "action": "deploy"})
    assert anchor(ledger, [{"kind": "file", "path": str(tmp_path / "anchor")}]) == []
    assert bundle.is_there(directory, exported(ledger, tmp_path, skip=2))
    with pytest.raises(
        Refused, match="holds entries 1 to 9, and nothing is overwritten; this would be entries 1 to 12"
    ):
        bundle.is_there(directory, exported(ledger, tmp_path))
    (directory / "timeline.md").write_text("forged")
    with pytest.raises(Refused, match="holds an export that was changed") as caught:
        bundle.is_there(directory, made)
    assert caught.value.next["variables"]["journal_to"] == f"{directory}-2"  # type: ignore[index]
    Path(f"{directory}-2").mkdir()
    with pytest.raises(Refused) as caught:
        bundle.is_there(directory, made)
    assert caught.value.next["variables"]["journal_to"] == f"{directory}-3"  # type: ignore[index]


@pytest.mark.parametrize("make", ["file", "empty", "foreign", "manifest"])
def test_nothing_is_overwritten(ledger: Ledger, tmp_path: Path, make: str) -> None:
    path = tmp_path / "there"
    path.touch() if make == "file" else path.mkdir()
    if make == "foreign":
        (path / "letter").write_text("dear")
    if make == "manifest":
        (path / "manifest.json").write_text('{"files": {"../anchor": {"sha256": "x"}}}')
    with pytest.raises(Refused, match="nothing is overwritten"):
        bundle.is_there(path, exported(ledger, tmp_path))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "journal_to is empty"),
        ("relative/x", "journal_to is 'relative/x'. Write it as an absolute path"),
        ("/nowhere/below/x", "there is no directory /nowhere/below"),
        ("/a\0b", r"journal_to is '/a\x00b'"),
        ("/tmp/a\x1b[2J", r"journal_to is '/tmp/a\x1b[2J'"),
        ("BASE/link", "is a symbolic link"),
        ("BASE/ledger/x", "lies within the ledger"),
        ("BASE/ledger", "lies within the ledger"),
        ("BASE/away/../ledger/x", "lies within the ledger"),
        ("BASE/way/x", "lies within the ledger"),
    ],
)
def test_a_place_that_is_none_is_refused(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "way").symlink_to(tmp_path / "ledger")
    with pytest.raises(InvalidInput) as caught:
        bundle.target_of(said.replace("BASE", str(tmp_path)), tmp_path / "ledger")
    assert told in str(caught.value) and caught.value.next["playbook"] == "journal"


def test_a_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert bundle.target_of("~/out/", None) == tmp_path / "out"


def test_a_full_disk_leaves_nothing_half(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = exported(ledger, tmp_path)
    wrote: list[int] = []

    def full(descriptor: int) -> None:
        wrote.append(descriptor)
        if len(wrote) == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unreachable) as caught:
        bundle.write(tmp_path / "out", made)
    assert str(caught.value).startswith(f"journal_to {tmp_path}/out cannot be written: No space left on device.")
    assert sorted(page.name for page in tmp_path.iterdir()) == ["anchor"]


def test_a_place_that_takes_nothing_is_one_sentence(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="journal_to /proc/out cannot be written"):
        bundle.write(Path("/proc/out"), exported(ledger, tmp_path))
    (tmp_path / "raced").mkdir()
    (tmp_path / "raced" / "letter").touch()
    with pytest.raises(Unreachable, match="cannot be written: Directory not empty"):
        bundle.write(tmp_path / "raced", exported(ledger, tmp_path))
    assert not list(tmp_path.glob(".raced*"))
