# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands to copy name the same inventory, in the manner in which this run was typed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.splitter import parse_kv

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands, extra_variable


def typed(*argv: str, program: str = "ansible-playbook", found: str | None = None) -> Commands:
    return Commands(
        [program, *argv], exists=lambda path: path.startswith(("playbooks/", "../p/")), which=lambda _name: found
    )


@pytest.mark.parametrize(
    ("argv", "wanted", "expected"),
    [
        (["playbooks/deploy.yml"], {"playbook": "rollback"}, "ansible-playbook playbooks/rollback.yml"),
        (["../p/deploy.yaml"], {"playbook": "rollback"}, "ansible-playbook ../p/rollback.yml"),
        (
            ["-i", "my inventory", "playbooks/deploy.yml", "-e", "deploy_release=2"],
            {"playbook": "rollback"},
            "ansible-playbook playbooks/rollback.yml -i 'my inventory'",
        ),
        (
            ["steady.ops.deploy", "--inventory=prod.yml", "--limit", "api"],
            {"playbook": "releases"},
            "ansible-playbook steady.ops.releases --inventory=prod.yml --limit api",
        ),
        (
            ["-i", "inventories/prod.yml", "steady.ops.deploy"],
            {"playbook": "rollback", "variables": {"rollback_to": "a; b"}},
            "ansible-playbook steady.ops.rollback -i inventories/prod.yml -e 'rollback_to=\"a; b\"'",
        ),
        (
            ["-iprod.yml", "-lapi", "playbooks/deploy.yml", "--check", "-vv", "-J", "-e", "x=1", "--vault-id=a@b"],
            {"playbook": "rollback"},
            "ansible-playbook playbooks/rollback.yml -iprod.yml -lapi -J --vault-id=a@b",
        ),
        (
            ["-i", "one.yml", "-i", "two.yml", "mine/deploy.yml", "--inventory-file", "three.yml"],
            {"playbook": "rollback", "variables": {"rollback_to": 2, "rollback_reason": ""}},
            "ansible-playbook steady.ops.rollback -i one.yml -i two.yml --inventory-file three.yml"
            " -e rollback_to=2 -e rollback_reason=",
        ),
        # what an option takes is no playbook, and a tool looks at the whole inventory
        (["-i", "playbooks/x.yml", "a.b.c"], {"playbook": "a"}, "ansible-playbook steady.ops.a -i playbooks/x.yml"),
        (["-l", "api", "steady.ops.deploy"], {"playbook": "ledger"}, "ansible-playbook steady.ops.ledger"),
        (["-l", "api", "steady.ops.x"], {"playbook": "y", "limit": "web"}, "ansible-playbook steady.ops.y -l web"),
        (["x.yml"], {"playbook": "acme.toy.swap"}, "ansible-playbook acme.toy.swap"),
        (["playbooks/deploy.yml", "-e"], {}, ""),
        (["playbooks/deploy.yml"], {"playbook": None, "variables": {"x": 1}}, ""),
        (["playbooks/deploy.yaml"], {"playbook": "x", "variables": "y"}, "ansible-playbook playbooks/x.yml"),
    ],
)
def test_the_command_is_copied_as_it_stands(argv: list[str], wanted: dict[str, object], expected: str) -> None:
    assert typed(*argv).wanted(wanted) == expected


@pytest.mark.parametrize(
    ("program", "found", "shown"),
    [
        ("/usr/bin/ansible-playbook", "/usr/bin/ansible-playbook", "ansible-playbook"),
        (".venv/bin/ansible-playbook", None, ".venv/bin/ansible-playbook"),
        (".venv/bin/ansible-playbook", "/usr/bin/ansible-playbook", ".venv/bin/ansible-playbook"),
        (".venv/bin/ansible-playbook", f"{Path.cwd()}/.venv/bin/ansible-playbook", "ansible-playbook"),
        ("ansible-playbook", None, "ansible-playbook"),
        ("/lib/ansible/__main__.py", None, "ansible-playbook"),
    ],
)
def test_the_program_is_named_as_it_was_found(program: str, found: str | None, shown: str) -> None:
    commands = typed("-i", "x.yml", "-l", "web", "steady.ops.deploy", program=program, found=found)
    assert commands.of("releases") == f"{shown} steady.ops.releases -i x.yml -l web"
    assert commands.hosts() == f"{shown.replace('playbook', 'inventory')} --graph -i x.yml"
    assert commands.again() == f"{shown} -i x.yml -l web steady.ops.deploy"


@pytest.mark.parametrize(
    "value",
    ["", "2.0.0", "sha256:ab+c/d=e", "a b", "it is; (so) & $HOME | *", "ümlaut", "say \"x\" it's", "C:\\new", "a\nb",
     "a #b", "}{", "@file", "/x", "[1]"],
)  # fmt: skip
def test_a_shell_and_ansible_give_the_value_back(value: str) -> None:
    (_program, _playbook, _e, word) = shlex.split(typed().of("deploy", {"deploy_release": value}))
    if word.startswith("{"):
        assert DataLoader().load(word) == {"deploy_release": value}
    else:
        assert parse_kv(word) == {"deploy_release": value}


def test_what_is_no_text_keeps_its_meaning() -> None:
    assert extra_variable("x", True) == "x=true"
    assert extra_variable("x", ["a b"]) == '{"x": ["a b"]}'


def test_the_same_command_takes_variables_in_and_out() -> None:
    commands = typed("x.yml", "-e", "a=1", "-eb=2", "--extra-vars=c=3", "-e", "password=hunter2")
    assert commands.again({"ops_confirm": "x/y"}) == (
        "ansible-playbook x.yml -e a=1 -eb=2 --extra-vars=c=3 -e password=******** -e ops_confirm=x/y"
    )
    assert commands.again(without=("a", "b", "c", "z")) == "ansible-playbook x.yml -e password=********"
    assert typed("x.yml", "-e", "a=1 b=2").again(without=("b",)) == "", "two in one word are not taken apart"
    assert typed("x.yml", "-e", '{"a": 1, "b": {}}').again(without=("b",)) == "ansible-playbook x.yml -e '{\"a\": 1}'"
    assert typed("x.yml", "-e", '{"b": {}}', "-e", "@file").again(without=("b",)) == "ansible-playbook x.yml -e @file"
    assert typed("x.yml", "-e", "@b").again(without=("b",)) == ""


def test_a_text_that_was_cut_at_its_blank_gets_its_quotes() -> None:
    assert typed("x.yml", "-e", "reason=two words", "-e", "y=1 z=2", "-e", "q='a b'").again() == (
        "ansible-playbook x.yml -e 'reason=\"two words\"' -e 'y=1 z=2' -e 'q='\"'\"'a b'\"'\"''"
    )
    assert typed("x.yml", "-e", "reason=two words").again(without=("reason",)) == "ansible-playbook x.yml"
    quoted = typed("x.yml", "-e", 'reason="two words"', "-e", 'b="x y"')
    assert quoted.again(without=("reason",)) == "ansible-playbook x.yml -e 'b=\"x y\"'", "as it prints them itself"
    assert typed("x.yml", "-e", 'a="x" b="y"').again(without=("a",)) == ""
    assert typed("x.yml", "-l", "api").of("incident") == "ansible-playbook steady.ops.incident"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('it is "bad"; rm -rf', '{"reason": "it is \\"bad\\"; rm -rf"}'),
        ("a=b is so", 'reason="a=b is so"'),
    ],
)
def test_a_cut_text_with_quotes_or_more_in_it_is_whole_again(text: str, whole: str) -> None:
    assert shlex.split(typed("x.yml", "-e", f"reason={text}").again())[-1] == whole


@pytest.mark.parametrize(
    "said",
    [
        ("-e", "deploy_batch=25%", "-e", "deploy_reason=hot fix", "-e", "deploy_without_way_back=true"),
        ("-e", "deploy_release=1 deploy_batch=25% deploy_reason='hot fix'", "-e", "@more.yml"),
        ("-e", '{"deploy_batch": "25%", "deploy_reason": "hot fix"}', "-e", "{broken", "-e", "x='open"),
    ],
)
def test_the_next_run_of_the_same_runbook_keeps_its_batch_and_its_reason(said: tuple[str, ...]) -> None:
    commands = typed("playbooks/deploy.yml", *said)
    assert shlex.split(commands.of("deploy", {"deploy_release": "2"}))[2:] == [
        *("-e", "deploy_batch=25%", "-e", 'deploy_reason="hot fix"', "-e", "deploy_release=2"),
    ]
    assert "batch" not in commands.of("rollback")
    assert "deploy_batch=1" in commands.of("deploy", {"deploy_batch": 1})


def test_all_of_its_tasks_are_this_run_without_what_picked_some() -> None:
    commands = typed("x.yml", "-t", "a", "--skip-tags=b", "--start-at-task", "c", "-e", "d=1")
    assert commands.picks_tasks and not typed("x.yml").picks_tasks
    assert commands.whole() == "ansible-playbook x.yml -e d=1"


def test_a_remedy_ends_in_its_command() -> None:
    commands = typed("playbooks/deploy.yml")
    wanted = {"playbook": "ledger", "variables": {"ledger_action": "initialise"}}
    told = "ansible-playbook playbooks/ledger.yml -e ledger_action=initialise"
    assert commands.remedy(Refused("x", remedy="Initialise it", next=wanted)) == f"Initialise it: `{told}`"
    assert commands.remedy(Refused("x", next=wanted)) == f"Next: `{told}`"
    assert commands.remedy(Refused("x", remedy="Wait")) == "Wait."


@pytest.mark.parametrize(
    "typed",
    [
        '{"shop_db_password_now": "odd\\"value"}',
        "shop_db_password_now=oddvalue",
        '{"my_token_x": "odd\'value"}',
        '{"a": {"my_token_x": ["oddvalue"]}}',
    ],
)
def test_what_is_typed_under_the_name_of_a_secret_is_in_no_command(typed: str) -> None:
    commands = Commands(["ansible-playbook", "x.yml", "-e", typed])
    for shown in (commands.again(), commands.again({"more": 1}), commands.whole()):
        assert "odd" not in shown and shown.startswith("ansible-playbook x.yml -e "), shown
