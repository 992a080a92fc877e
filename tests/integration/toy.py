"""A world of its own for the guard: a foreign collection with one changing module, an inventory, and one play.

The module C(toy_deploy) appends a word to a file, C(steps) times, taking C(seconds) for each: what stands in that file
is what was really done, and no code of plugins/ writes it but through a permit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from tools.treehash import ROOT

MODULE = """#!/usr/bin/python
from __future__ import annotations
import json, os, time
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._permit import PERMIT_OPTION, Permit
from ansible_collections.steady.ops.plugins.module_utils._plan import Done, Plan, Step, apply, changed, diff


def main():
    module = AnsibleModule(argument_spec=dict(
        path=dict(type="path", required=True), value=dict(required=True), seconds=dict(type="float", default=0),
        steps=dict(type="int", default=1), secret_key=dict(no_log=True), silent=dict(type="bool", default=False),
        history=dict(type="list", elements="dict", default=[]), progress_path=dict(type="path"), permit=PERMIT_OPTION,
    ), supports_check_mode=True)
    p, clock = module.params, SystemClock()
    try:
        permit = Permit.from_option(p["permit"], check=module.check_mode, object="toy")
        done = open(p["path"]).read().split() if os.path.exists(p["path"]) else []
        missing = p["steps"] - done.count(p["value"])
        steps = tuple(Step("write", permit.object, "Write %s, %d left" % (p["value"], n), "none")
                      for n in range(missing, 0, -1))
        plan = Plan(permit.runbook, permit.action, permit.object, steps, {"value": p["value"]})
        held = None if module.check_mode else permit.hold()

        def write(step):
            for second in range(max(1, int(p["seconds"]))):
                if p["progress_path"] and not p["silent"]:
                    with open(p["progress_path"], "a") as progress:
                        progress.write(json.dumps({"line": "writing, " + p["secret_key"], "fraction": 0.5}) + chr(10))
                time.sleep(min(1, p["seconds"]))
            with open(p["path"], "a") as out:
                out.write(p["value"] + chr(10))
            return Done()

        result = apply(plan, write, check=module.check_mode, before_each=lambda: permit.prove(clock),
                       approved_hashes=permit.approved_plan_hashes)
        real = [] if module.check_mode or not result else [
            {"kind": "served", "release": p["value"], "from": None, "how": "deploy"}]
        change = {"runbook": "switch", "components": {permit.object.rpartition("/")[2]: {"to": p["value"]}}}
        module.exit_json(changed=changed(result), plan=[step.as_dict() for step in result], plan_hash=plan.hash,
                         findings=[], diff=diff({"words": done}, {"words": p["value"]}), entries=real,
                         intent=change if steps else None, intent_open=False, records=len(p["history"]))
    except OpsError as error:
        module.fail_json(intent_open=True, **error.as_result())


main()
"""
CONTRACT = """
purpose: Write a word.
place: controller
procedures: []
actions:
  switch: {risk: change, objects: [component], deadline_minutes: 5}
  look: {risk: read}
  raze: {risk: destructive, disruptive: true}
"""
PLAY = """
- name: Write the word
  hosts: services
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Pass the gates
      steady.ops.guard: {runbook: acme.toy.switch}
      run_once: true
      register: ops_run
      tags: [always]
    - name: Write
      acme.toy.toy_deploy:
        path: "{{ out }}"
        value: "{{ value | default('one', true) }}"
        seconds: "{{ seconds | default(0) }}"
        steps: "{{ steps | default(1) }}"
        silent: "{{ silent | default(false) }}"
        secret_key: canary-7c1f2e
        permit: "{{ ops_run.permit }}"
      when: switch_action | default('') == 'switch'
      tags: [write]
"""
INVENTORY = """
all:
  children:
    services: {hosts: {api: {}}}
    redis: {}
    ENVIRONMENT:
      hosts: {api: {}}
      vars: {ansible_group_priority: 10}
"""
EVERYWHERE = """
ops_system: toy
ansible_connection: local
ansible_python_interpreter: "{{ ansible_playbook_python }}"
component_platform: toy
out: "{{ inventory_dir }}/../out"
"""
SWITCH = ("-e", "switch_action=switch")


class World:
    """One private home, ledger, inventory and play below a directory."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.out = base / "out"
        self.ledger = base / "ledger"
        self.runs = base / "home" / "ansible" / "steady.ops" / "runs"
        toy = base / "collections" / "ansible_collections" / "acme" / "toy"
        self.put(
            toy / "meta" / "runtime.yml",
            "plugin_routing: {modules: {toy_deploy: {action_plugin: steady.ops.run_module}}}",
        )
        self.put(toy / "plugins" / "modules" / "toy_deploy.py", MODULE)
        self.put(toy / "roles" / "switch" / "meta" / "runbook.yml", CONTRACT)
        self.play = self.put(base / "play.yml", PLAY)
        self.put(base / "inventory" / "group_vars" / "all.yml", EVERYWHERE)
        self.inventory = self.environment("lab")

    def put(self, path: Path, text: str) -> Path:
        """Write a file with its directories."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, name: str, values: str = "") -> Path:
        """Add an environment; return its inventory file."""
        ledger = self.ledger if name == "lab" else self.base / f"ledger-{name}"
        self.put(
            self.base / "inventory" / "group_vars" / f"{name}.yml",
            f"ops_environment: {name}\nops_ledger: file://{ledger}\n{values}",
        )
        return self.put(self.base / "inventory" / f"{name}.yml", INVENTORY.replace("ENVIRONMENT", name))

    def command(self, *args: str, play: Path | str | None = None, inventory: Path | None = None) -> list[str]:
        """Return the command line of a run."""
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, str(play or self.play), "-i", str(inventory or self.inventory), *args]

    def variables(self, **more: str) -> dict[str, str]:
        """Return the environment of a run: nothing of the machine's own but PATH, where no ansible-playbook is."""
        places = os.environ["PATH"].split(os.pathsep)
        return {
            "PATH": os.pathsep.join(place for place in places if place != str(Path(sys.executable).parent)),
            "LANG": "C.UTF-8",
            "HOME": str(self.base / "home"),
            "ANSIBLE_HOME": str(self.base / "home" / "ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.base / "home" / "remote"),
            "ANSIBLE_COLLECTIONS_PATH": f"{ROOT / '.ansible' / 'collections'}:{self.base / 'collections'}",
            "ANSIBLE_CALLBACKS_ENABLED": "steady.ops.journal",
            "ANSIBLE_STDOUT_CALLBACK": "steady.ops.console",
        } | more

    def run(self, *args: str, play: Path | str | None = None, inventory: Path | None = None, **more: str) -> Seen:
        """Run to the end."""
        done = subprocess.run(
            self.command(*args, play=play, inventory=inventory),
            env=self.variables(**more),
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
            cwd=self.base,
        )
        return Seen(done.returncode, done.stdout + done.stderr)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start a run that the test will disturb; its output goes to a file, since orphans would hold a pipe open."""
        log = (self.base / "started.log").open("a")
        return subprocess.Popen(
            self.command(*args),
            env=self.variables(),
            stdout=log,
            stderr=log,
            text=True,
            cwd=self.base,
            start_new_session=True,
        )

    def tool(self, *args: str, name: str = "ledger", inventory: Path | None = None, **more: str) -> Seen:
        """Run a tool of the collection."""
        return self.run(*args, play=f"steady.ops.{name}", inventory=inventory, **more)

    def initialise(self, environment: str = "lab") -> None:
        """Initialise a ledger as the tool does, without a run."""
        ledger = self.ledger if environment == "lab" else self.base / f"ledger-{environment}"
        initialise(f"file://{ledger}", "toy", environment)

    def words(self) -> list[str]:
        """Return what the module really did."""
        return self.out.read_text().split() if self.out.exists() else []

    def records(self, chain: str) -> list[dict[str, Any]]:
        """Read a chain as an outsider does: files in order."""
        files = sorted((self.ledger / chain / "entries").iterdir())
        return [record for file in files for record in json.loads(file.read_text())["records"]]

    def files(self) -> dict[str, bytes]:
        """Return every file of the ledger that matters."""
        found = (path for path in self.ledger.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(self.ledger)): path.read_bytes() for path in found}

    def processes(self, word: str) -> list[int]:
        """Return processes of this world that have the word on their command line or in their environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(self.base).encode() in line and word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        return found

    def kill_all(self) -> None:
        """Kill whatever of this world still runs."""
        for pid in self.processes(""):
            kill(pid)


class Seen:
    """How a run ended and what a person saw."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.text}"


def kill(pid: int) -> None:
    """Kill one process; one that is gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_for(what: Callable[[], object], seconds: float = 30) -> None:
    """Wait until it is true, or fail."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.05)
