"""The pages say what the code says: generated parts are up to date, links lead somewhere, every gate is described."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.contract.tree import ROOT
from tools import docs

PAGES = [ROOT / "README.md", ROOT / "playbooks/README.md", *sorted((ROOT / "docs").glob("*.md"))]
README_LINES = 150


def dead_links(page: Path) -> list[str]:
    """Return the links of a page to files that are not there."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [target for target in targets if not (page.parent / target).exists()]


def gates_left_out(page: str, sources: list[str]) -> list[str]:
    """Return the gates of the code that the first table of the page has no row for."""
    names = [name for source in sources for name in re.findall(r'^GATE = "(\w+)"$', source, re.MULTILINE)]
    assert names
    return [name for name in names if not re.search(rf"^\| {name} \|", page.partition("\n## ")[0], re.MULTILINE)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with our roles and pages."""
    for name in ("roles", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_generated_parts_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["--check"]) == 0, capsys.readouterr().out


def test_a_changed_contract_is_seen_and_written(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = copy / "roles/rollback/meta/runbook.yml"
    contract.write_text(contract.read_text().replace("deadline_minutes: 45", "deadline_minutes: 46"))
    command = ["--root", str(copy)]

    assert docs.main([*command, "--check"]) == 1
    assert "docs/rollback.md is not up to date: run python -m tools.docs" in capsys.readouterr().out
    assert docs.main(command) == 0
    assert "| 46 minutes |" in (copy / "docs/rollback.md").read_text()
    assert docs.main([*command, "--check"]) == 0


def test_a_page_that_is_missing_or_has_no_marks_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "docs/deploy.md").unlink()
    (copy / "docs/releases.md").write_text("# releases\n")

    assert docs.main(["--root", str(copy), "--check"]) == 1
    said = capsys.readouterr().out
    assert "docs/deploy.md does not exist" in said
    assert "docs/releases.md lacks the marks" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](there.md) [b](gone.md#part) [c](https://example.com)")
    (tmp_path / "there.md").touch()

    assert dead_links(page) == ["gone.md"]


def test_every_gate_is_described() -> None:
    page = (ROOT / "docs/gates.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins/plugin_utils/_gates").glob("*.py")]

    assert gates_left_out(page, sources) == []
    assert gates_left_out(page.replace("| hold |", "| held |", 1), sources) == ["hold"]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES
