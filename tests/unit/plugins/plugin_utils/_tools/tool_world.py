"""A tool in process, on a ledger of its own."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import path_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.memory import Memory
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS
from ansible_collections.steady.ops.plugins.plugin_utils._tools.tool import Outcome, Surroundings


def around(policy: Policy, *, check: bool = False, typed: Mapping[str, object] | None = None) -> Surroundings:
    """Return the surroundings of a run of C(ansible-playbook TOOL.yml) by ann, on an inventory of web and api."""
    memory = Memory(path_of(policy.ledger).parent / "home" / "ledgers")
    commands = Commands(["ansible-playbook", "tool.yml"], exists=lambda path: False)
    who = {"user": "ann", "host": "desk"}
    return Surroundings(
        policy, ("web", "api"), memory, SystemClock(), "01A", check, who, dict(typed or {}), {}, commands
    )


def do(
    tool: str,
    policy: Policy,
    action: str,
    *,
    check: bool = False,
    typed: Mapping[str, object] | None = None,
    **said: object,
) -> Outcome:
    """Do one action of a tool as its playbook does: blank answers are none."""
    given = {word: value for word, value in said.items() if value not in ("", None)}
    chosen = TOOLS[tool].choose(action, given)
    return TOOLS[tool].operate(chosen, given, around(policy, check=check, typed=typed))
