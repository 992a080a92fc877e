"""tools/matrix.py: which interpreter, which packages, and that what cannot run is not called passed."""

from __future__ import annotations

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tools import matrix, matrix_container
from tools.outcome import NOT_RUN, NotRun, outcome

PROJECT = """
[project]
dependencies = ["ansible-core>=2.19,<2.20", "psycopg[binary]>=3.2,<4", "Types-PyYAML"]
"""
LOCK = """\
ansible-core==2.19.14 \\
    --hash=sha256:00
psycopg==3.3.9 ; python_version >= "3.10" \\
    --hash=sha256:11
types-pyyaml==6.0.12 \\
    --hash=sha256:22
"""


def program(path: Path, says: str, code: int = 0) -> str:
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_ansible_core_is_free_and_the_rest_as_locked() -> None:
    assert matrix.requirements(PROJECT, LOCK) == ["ansible-core", "psycopg[binary]==3.3.9", "types-pyyaml==6.0.12"]


def test_an_interpreter_counts_when_it_runs_and_is_of_the_version(tmp_path: Path) -> None:
    shim = program(tmp_path / "shim", "pyenv: command not found", 127)
    other = program(tmp_path / "other", "3.12")
    right = program(tmp_path / "right", "3.13")
    assert matrix.find_python([str(tmp_path / "absent"), shim, other, right]) == right


def test_without_one_nothing_ran_and_the_remedy_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        matrix.find_python([program(tmp_path / "other", "3.12")])
        return 0

    assert outcome("matrix", main) == NOT_RUN
    said = capsys.readouterr().err
    assert said.startswith("make matrix: NOT RUN: no Python 3.13 on the PATH")
    assert "STEADY_MATRIX_PYTHON=PATH" in said


def test_packages_that_cannot_be_had_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "HOME", tmp_path)

    def refused(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 2, "", "no route to the index\n")

    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(NotRun, match=r"cannot be installed: no route to the index$"):
        matrix.environment("python3.13", tmp_path)


def test_every_part_has_tests() -> None:
    places = [matrix.ROOT / path for paths in matrix.PARTS.values() for path in paths if not path.startswith("-")]
    assert [path for path in places if not path.exists()] == []


def test_without_an_interpreter_it_runs_in_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "interpreters", list)
    asked: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(matrix, "run_contained", lambda lacking, names: asked.append((lacking, list(names))) or 0)
    assert matrix.main(["unit"]) == 0
    assert [names for _lacking, names in asked] == [["unit"]]
    monkeypatch.setattr(matrix, "CONTAINED", True)
    with pytest.raises(NotRun):
        matrix.main(["unit"])


def test_without_a_container_both_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> AbstractContextManager[str]:
        raise NotRun("no Docker daemon answers")

    monkeypatch.setattr(matrix_container, "daemon", none)
    with pytest.raises(NotRun, match=r"^no Python 3\.13; nor is there a container: no Docker daemon answers$"):
        matrix_container.run_contained("no Python 3.13", [])


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(SystemExit, match="no part untit: name one of unit, contract, integration"):
        matrix.main(["untit"])
