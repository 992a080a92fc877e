"""Artefacts of commits, by the real git."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult, SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, NotFound, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.git import Git, token_in

SIGNED = {
    "GIT_AUTHOR_NAME": "x",
    "GIT_AUTHOR_EMAIL": "x",
    "GIT_COMMITTER_NAME": "x",
    "GIT_COMMITTER_EMAIL": "x",
    "GIT_AUTHOR_DATE": "2026-11-21T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-21T00:00:00Z",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


class Noted:
    """Runs what is asked, and keeps it."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], dict[str, str]]] = []

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None, **more: Any) -> CommandResult:
        self.calls.append((list(argv), dict(environment or {})))
        return SubprocessRunner().run(argv, environment=environment, **more)


class Repository:
    """A repository with two commits; tags are strange on purpose."""

    def __init__(self, base: Path) -> None:
        self.base, self.path, self.runner = base, base / "a b;c", Noted()
        self.path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("one")
        self.git("tag", "v1.0.0")
        self.git("tag", "--annotate", "--message=x", "ä;'quoted'$(id)")
        self.second = self.commit("two")

    def git(self, *words: str) -> str:
        environment = {**os.environ, **SIGNED}
        command = ["git", "-C", str(self.path), *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, content: str) -> str:
        (self.path / "app.py").write_text(content)
        self.git("add", "app.py")
        self.git("commit", "--quiet", "--message", content)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, target: str = "artefact", **more: Any) -> tuple[str, Path]:
        path = self.base / target
        home = self.base / f"home-{target}"
        git = Git(self.runner, str(more.pop("repository", self.path)), home, {**os.environ, **SIGNED}, **more)
        return git.write(name, path), path

    def content(self, path: Path) -> str:
        with tarfile.open(path) as packed:
            member = packed.extractfile("app.py")
            assert member is not None
            return member.read().decode()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_tag_or_a_commit_is_packed(repository: Repository) -> None:
    for number, name in enumerate(("v1.0.0", "ä;'quoted'$(id)", repository.first, repository.first[:9])):
        commit, path = repository.write(name, f"artefact-{number}")
        assert (commit, repository.content(path)) == (repository.first, "one")


def test_the_same_commit_is_the_same_archive_each_time(repository: Repository) -> None:
    first = repository.write("v1.0.0", "a")[1].read_bytes()
    assert repository.write(repository.first, "b")[1].read_bytes() == first
    assert repository.write(repository.second, "c")[1].read_bytes() != first


@pytest.mark.parametrize("name", ["main", "HEAD", "2.0.0", "-x", "--upload-pack=id", "v1.0.0:refs/x", "*", "deadbeef"])
def test_what_moves_or_is_not_there_is_refused(repository: Repository, name: str) -> None:
    with pytest.raises(NotFound, match=r"no tag and no commit|names no commit"):
        repository.write(name)
    assert not (repository.base / "artefact").exists()


def test_a_commit_that_is_not_there(repository: Repository) -> None:
    with pytest.raises(NotFound, match=r"names no commit of .*, or more than one"):
        repository.write("0" * 40)


def test_a_repository_that_gives_no_answer(repository: Repository) -> None:
    with pytest.raises(Unreachable, match=r"nowhere gives no answer: .*does not"):
        repository.write("v1.0.0", repository=repository.base / "nowhere")
    (repository.base / "home-blocked").write_text("a file")
    with pytest.raises(Unreachable, match="could not be copied"):
        repository.write("v1.0.0", "blocked")


def test_a_commit_is_looked_for_among_all_where_a_server_gives_none_by_name(repository: Repository) -> None:
    run = repository.runner.run

    def strict(argv: Sequence[str], **more: Any) -> CommandResult:
        refused = CommandResult(128, "", "not our ref")
        return refused if "--depth=1" in argv else run(argv, **more)

    repository.runner.run = strict  # type: ignore[method-assign]
    assert repository.write(repository.first)[0] == repository.first


def test_a_token_goes_to_git_by_its_environment_alone(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("canary-7c1f2e\n")
    token = token_in(str(tmp_path / "token"))
    repository.write("v1.0.0", token=token)
    assert not [argv for argv, _environment in repository.runner.calls if "canary" in " ".join(argv)]
    given = [environment["GIT_CONFIG_KEY_0"] for _argv, environment in repository.runner.calls]
    assert set(given) == {f"http.{repository.path}.extraHeader"}
    assert token_in("") == ""
    with pytest.raises(InvalidInput, match=r"token_file '/nowhere' cannot be read: No such file"):
        token_in("/nowhere")
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="it is no text"):
        token_in(str(tmp_path / "token"))


def test_what_git_says_of_the_token_is_not_shown(repository: Repository) -> None:
    run = repository.runner.run

    def talkative(argv: Sequence[str], **more: Any) -> CommandResult:
        return (
            CommandResult(128, "", "bad canary-7c1f2e") if "fetch" in argv or "ls-remote" in argv else run(argv, **more)
        )

    repository.runner.run = talkative  # type: ignore[method-assign]
    with pytest.raises(Unreachable) as error:
        repository.write("v1.0.0", token="canary-7c1f2e")
    assert "canary" not in str(error.value) and "bad ********" in str(error.value)
