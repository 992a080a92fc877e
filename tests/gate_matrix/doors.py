"""The doors of a run, and the ways somebody may try around its gates: each runs the same play on the same world."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from tests.integration.toy import World

Variables = Mapping[str, object]
AWX = {
    "awx_job_id": 4711,
    "awx_job_launch_type": "scheduled",
    "awx_user_name": "kim",
    "awx_schedule_name": "nightly",
    "tower_job_id": 4711,
    "tower_user_name": "kim",
}
_COMMAND = re.compile(r":? `[^`]*`|Next: .*$", re.MULTILINE)
_ALONE = re.compile(r"Refused by the gate (\w+): (.*)", re.DOTALL)
_OF_SEVERAL = re.compile(r"^  (\w+): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Seen:
    """How a run ended.

    :param refusals: each gate that refused with its sentence, without the command to copy.
    """

    code: int
    refusals: frozenset[tuple[str, str]]
    text: str


def refusals_in(message: str) -> frozenset[tuple[str, str]]:
    """Take a refusal apart."""
    plain = _COMMAND.sub("", message)
    if alone := _ALONE.search(plain):
        return frozenset({(alone.group(1), _squeezed(alone.group(2)))})
    if "Refused for " not in plain:
        return frozenset()
    return frozenset((gate, _squeezed(said)) for gate, said in _OF_SEVERAL.findall(plain))


def _squeezed(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def cli(world: World, variables: Variables, *args: str, **more: str) -> Seen:
    """Start ansible-playbook as a person does."""
    done = world.run("-e", json.dumps(dict(variables)), *args, **more)
    return _of_text(done.code, done.text)


def timer(world: World, variables: Variables) -> Seen:
    """Start ansible-playbook as a systemd unit does: no terminal, no input, hardly an environment."""
    kept = {"LANG": "C.UTF-8", "STEADY_SCHEDULE": "nightly", "ANSIBLE_STDOUT_CALLBACK": "steady.ops.console"}
    environment = {name: value for name, value in world.variables().items() if name.startswith(("ANSIBLE", "HOME"))}
    done = subprocess.run(
        world.command("-e", json.dumps(dict(variables))),
        env={**environment, **kept, "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return _of_text(done.returncode, done.stdout + done.stderr)


def awx(world: World, variables: Variables) -> Seen:
    """Run a job through ansible-runner, from a private data directory laid out as AWX lays it out."""
    home = world.base / "job data"
    for name in ("env", "project", "inventory"):
        (home / name).mkdir(parents=True, exist_ok=True)
    environment = {
        **world.variables(),
        "AWX_PRIVATE_DATA_DIR": str(home),
        "AWX_HOST": "https://awx.example.com",
        "JOB_ID": "4711",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    del environment["ANSIBLE_STDOUT_CALLBACK"]
    (home / "env" / "envvars").write_text(json.dumps(environment))
    (home / "env" / "settings").write_text(json.dumps({"suppress_ansible_output": True}))
    (home / "env" / "extravars").write_text(json.dumps({**AWX, **variables}))
    run = ansible_runner.interface.init_runner(
        private_data_dir=str(home), playbook=str(world.play), inventory=str(world.inventory), quiet=True
    )
    run.run()
    results = [event["event_data"].get("res", {}) for event in run.events if "event_data" in event]
    messages = [str(result.get("msg", "")) for result in results if isinstance(result, Mapping)]
    found = frozenset(pair for message in messages for pair in refusals_in(message))
    return Seen(int(run.rc or 0), found, "\n".join(messages))


def molecule(world: World, variables: Variables) -> Seen:
    """Converge a Molecule scenario whose playbook is the play."""
    scenario = world.base / "molecule" / "default"
    given = ["--inventory=" + str(world.inventory), "-e", json.dumps(dict(variables))]
    settings: dict[str, Any] = {
        "ansible": {"executor": {"args": {"ansible_playbook": given}}},
        "scenario": {"test_sequence": ["converge"]},
    }
    world.put(scenario / "molecule.yml", yaml.safe_dump(settings))
    world.put(scenario / "converge.yml", yaml.safe_dump([{"ansible.builtin.import_playbook": str(world.play)}]))
    environment = {**world.variables(), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "molecule", "converge"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=world.base,
    )
    return _of_text(done.returncode, done.stdout + done.stderr)


def _of_text(code: int, text: str) -> Seen:
    return Seen(code, refusals_in(text), text)


def _imported(world: World, variables: Variables) -> Seen:
    foreign = [
        {
            "name": "Something else first",
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.meta": "noop"}],
        },
        {"ansible.builtin.import_playbook": str(world.play)},
    ]
    play = world.put(world.base / "foreign.yml", yaml.safe_dump(foreign))
    done = world.run("-e", json.dumps(dict(variables)), play=play)
    return _of_text(done.code, done.text)


def _with(*args: str) -> Callable[[World, Variables], Seen]:
    return lambda world, variables: cli(world, variables, *args)


def _whole_directory(world: World, variables: Variables) -> Seen:
    environment = "staging" if world.inventory.stem != "staging" else "lab"
    world.environment(environment)
    done = world.run("-e", json.dumps(dict(variables)), inventory=world.inventory.parent)
    return _of_text(done.code, done.text)


DOORS: Mapping[str, Callable[[World, Variables], Seen]] = {
    "command line": cli,
    "AWX": awx,
    "timer": timer,
    "Molecule": molecule,
    "imported": _imported,
    "--tags write": _with("--tags", "write"),
}
# where nothing may happen, whatever the gates say
WAYS_AROUND: Mapping[str, Callable[[World, Variables], Seen]] = {
    "--skip-tags always": _with("--skip-tags", "always"),
    "--start-at-task": _with("--start-at-task", "Write"),
    "-i a whole directory": _whole_directory,
    "--limit of nothing": _with("--limit", "redis"),
}


def words(names: Sequence[str]) -> str:
    """Return names as a table's cell."""
    return ", ".join(sorted(names)) or "-"
