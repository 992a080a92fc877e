"""Plays and tasks as the rules walk them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.contract.tree import Tree

BLOCKS = ("block", "rescue", "always")


class Found(NamedTuple):
    """A task or block, and whether it or a block around it runs once."""

    task: dict[str, Any]
    run_once: bool


def roles(tree: Tree) -> list[str]:
    return sorted({path.split("/")[1] for path in tree.under("roles/") if path.count("/") > 1})


def playbooks(tree: Tree) -> list[str]:
    return [path for path in tree.under("playbooks/", ".yml") if path.count("/") == 1]


def role_task_files(tree: Tree, role: str = "") -> list[str]:
    """Return the task and handler files of one role, or of all."""
    names = [role] if role else roles(tree)
    folders = [f"roles/{name}/{folder}/" for name in names for folder in ("tasks", "handlers")]
    return [path for folder in folders for path in tree.under(folder, ".yml")]


def plays(tree: Tree, path: str) -> list[dict[str, Any]]:
    return [play for play in tree.yaml(path) or [] if isinstance(play, dict) and "hosts" in play]


def tasks_of_play(play: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for key in ("pre_tasks", "tasks", "post_tasks", "handlers") for task in play.get(key) or []]


def tasks_of_file(tree: Tree, path: str) -> list[dict[str, Any]]:
    """Return the top tasks of a task file or of all plays of a playbook."""
    if path.startswith("playbooks/"):
        return [task for play in plays(tree, path) for task in tasks_of_play(play)]
    return tree.yaml(path) or []


def walk(tasks: list[dict[str, Any]], run_once: bool = False) -> Iterator[Found]:
    """Yield every task and block, outer ones first, in the order of the file."""
    for task in tasks:
        once = run_once or task.get("run_once") is True
        yield Found(task, once)
        for key in BLOCKS:
            yield from walk(task.get(key) or [], once)
