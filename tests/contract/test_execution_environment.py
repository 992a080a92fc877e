"""What an execution environment gets is what the workshop is locked to, and all that the plugins import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
import yaml
from bindep.depends import Depends

from tools.release import definition, requirements_of
from tools.treehash import ROOT

# where the name of the import is not the name of the package
PACKAGES = {"ansible": "ansible-core", "ansible_runner": "ansible-runner", "botocore": "boto3", "yaml": "ansible-core"}
OURS = {"ansible_collections"}


def name_of(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    assert match, requirement
    return match[0]


def disagreements(requirements: Iterable[str], project: Iterable[str]) -> list[str]:
    """Return the requirements that the workshop does not state in the same words."""
    stated = set(project)
    return [f"{line}: pyproject.toml says otherwise" for line in requirements if line not in stated]


def imports(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the packages of others that the sources import, each with one file that does."""
    found: dict[str, str] = {}
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for top in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS:
                found[PACKAGES.get(top, top)] = path
    return found


def not_required(sources: Mapping[str, str], requirements: Iterable[str]) -> list[str]:
    """Return the imports that no requirement brings."""
    brought = {name_of(line) for line in requirements}
    return [f"{path} imports {name}" for name, path in sorted(imports(sources).items()) if name not in brought]


@pytest.fixture(scope="module")
def requirements() -> list[str]:
    return requirements_of(ROOT)


@pytest.fixture(scope="module")
def project() -> list[str]:
    return list(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])


def test_requirements_are_the_workshops(requirements: list[str], project: list[str]) -> None:
    assert disagreements(requirements, project) == []
    assert disagreements(["boto3>=2"], project) == ["boto3>=2: pyproject.toml says otherwise"]


def test_every_import_of_the_plugins_is_required(requirements: list[str]) -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "plugins").rglob("*.py"))}
    assert {"boto3", "psycopg", "redis", "ansible-core"} <= set(imports(sources))
    assert not_required(sources, requirements) == []
    assert not_required({"x.py": "import kubernetes.client"}, requirements) == ["x.py imports kubernetes"]


def test_the_collection_says_where_its_needs_stand() -> None:
    stated = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
    assert stated == {"version": 1, "dependencies": {"python": "requirements.txt", "system": "bindep.txt"}}


def test_the_oldest_core_is_the_one_that_runtime_asks_for(requirements: list[str]) -> None:
    (core,) = (line for line in requirements if name_of(line) == "ansible-core")
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert f"{core.partition(',')[0].removeprefix('ansible-core')}.0" == runtime["requires_ansible"]


@pytest.mark.parametrize(("platform", "wanted"), [("rpm", ["git-core", "tzdata"]), ("dpkg", ["git", "tzdata"])])
def test_an_environment_gets_no_server_of_the_lab(platform: str, wanted: list[str]) -> None:
    rules = Depends((ROOT / "bindep.txt").read_text()).active_rules(["default", f"platform:{platform}"])
    assert [rule[0] for rule in rules] == wanted


def test_ansible_builder_finds_both_lists(requirements: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("ansible-builder")), "introspect", ".ansible/collections"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = yaml.safe_load(done.stdout)
    drivers = [line.partition("  #")[0] for line in found["python"]]
    assert drivers == [line for line in requirements if name_of(line) != "ansible-core"], "the definition pins core"
    assert "git-core [platform:rpm]  # from collection steady.ops" in found["system"]


def test_ansible_builder_makes_a_context_of_the_definition(tmp_path: Path, requirements: list[str]) -> None:
    (tmp_path / "steady-ops-1.tar.gz").write_bytes(b"a tarball")
    (tmp_path / "ee.yml").write_text(definition("steady-ops-1.tar.gz", requirements))
    builder = str(Path(sys.executable).with_name("ansible-builder"))
    command = [builder, "create", "--file", "ee.yml", "--context", "context", "--output-filename", "Containerfile"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "context" / "_build" / "collection" / "steady-ops-1.tar.gz").read_bytes() == b"a tarball"
    built = (tmp_path / "context" / "Containerfile").read_text()
    assert "ansible-core>=2.19,<2.20 ansible-runner" in built
    assert "collection/steady-ops-1.tar.gz" in (tmp_path / "context" / "_build" / "requirements.yml").read_text()
