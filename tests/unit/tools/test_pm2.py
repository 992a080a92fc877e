"""The real pm2 for the tests: fetched once, or a reason that `make test` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import make_test
from tools import pm2 as real
from tools.outcome import NotRun

NPM = """#!/bin/sh
for word; do [ "$before" = --prefix ] && prefix=$word; before=$word; done
mkdir -p "$prefix/node_modules/.bin" && : > "$prefix/node_modules/.bin/pm2"
echo "$*" >> "{calls}"
"""
BROKEN = """#!/bin/sh
echo "npm warn old" >&2
echo "npm error code E404" >&2
exit 1
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of the test's own, with node."""
    directory = tmp_path / "bin"
    directory.mkdir()
    put(directory / "node", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(
        real.shutil, "which", lambda name: str(directory / name) if (directory / name).exists() else None
    )
    return directory


def put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_it_is_installed_once(programs: Path, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    put(programs / "npm", NPM.format(calls=calls))
    program = real.pm2(tmp_path / "home")
    assert program == tmp_path / "home" / real.VERSION / "node_modules" / ".bin" / "pm2" and program.exists()
    assert real.pm2(tmp_path / "home") == program
    (call,) = calls.read_text().splitlines()
    assert f"pm2@{real.VERSION}" in call and "--ignore-scripts" in call
    assert [path.name for path in (tmp_path / "home").iterdir()] == [real.VERSION]


def test_without_npm_or_its_packages_there_is_a_reason(programs: Path, tmp_path: Path) -> None:
    with pytest.raises(NotRun, match=r"^there is no node or no npm: install nodejs and npm$"):
        real.pm2(tmp_path / "home")
    put(programs / "npm", BROKEN)
    with pytest.raises(NotRun, match=rf"^npm cannot install pm2 {real.VERSION}: code E404$"):
        real.pm2(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_run_without_it_does_not_say_that_its_tests_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking() -> Path:
        raise NotRun("there is no node or no npm: install nodejs and npm")

    monkeypatch.delenv("STEADY_PM2", raising=False)
    monkeypatch.setattr(make_test, "pm2", lacking)
    monkeypatch.setattr(make_test, "stand_alone_environment", lambda: None)
    monkeypatch.setattr(make_test, "run_pytest", lambda _arguments: True)
    assert make_test.main(["tests/unit"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("make test: pytest passed, the real pm2 NOT RUN (")
    assert said.err == (
        "make test: NOT RUN: the tests of the real pm2: there is no node or no npm: install nodejs and npm\n"
    )


def test_its_tests_get_its_path(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STEADY_PM2", "")
    monkeypatch.setattr(make_test, "pm2", lambda: Path("/there/pm2"))
    monkeypatch.setattr(make_test, "stand_alone_environment", lambda: None)
    monkeypatch.setattr(make_test, "run_pytest", lambda _arguments: os.environ["STEADY_PM2"] == "/there/pm2")
    assert make_test.main(["tests/unit"]) == 0
    assert "NOT RUN" not in "".join(capsys.readouterr())
