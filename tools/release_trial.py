"""Try a release as a stranger would: installed into an empty path, read, and run, without the checkout."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

# an action plugin is documented by the module of its name
DOCUMENTED = {"module": "modules", "callback": "callback", "filter": "filter", "lookup": "lookup"}
GROUPS = ("services", "postgres", "redis", "storage", "ingress", "monitoring")


class TrialFailed(Exception):
    """The release does not do what it must; the text says what was tried and what came out."""


class Trial:
    """An empty place into which the release is installed.

    :param place: a directory that does not exist yet.
    :param made: the directory with the release's files.
    """

    def __init__(self, place: Path, made: Path, tarball: Path) -> None:
        self.place = place
        self.made = made
        self.tarball = tarball
        self.collection = place / "collections" / "ansible_collections" / "steady" / "ops"
        place.mkdir()

    def everything(self) -> Iterator[str]:
        """Try all of it and yield a line for each thing that held; raises TrialFailed."""
        self.install()
        yield f"{self.tarball.name} installed into an empty path and verified"
        yield f"documentation of {self.read_documentation()} plugins and {self.read_roles()} roles read"
        self.play_runbook()
        yield "health_check was green on a port that answers and red on the same port closed"
        self.make_context()
        yield "ansible-builder made the context of the execution environment"

    def install(self) -> None:
        """Install the tarball, and let ansible-galaxy compare every file with its checksum."""
        where = ["--collections-path", str(self.place / "collections")]
        self.run("ansible-galaxy", "collection", "install", "--offline", "--no-deps", *where, str(self.tarball))
        self.run("ansible-galaxy", "collection", "verify", "--offline", *where, "steady.ops")

    def read_documentation(self) -> int:
        """Read the documentation of every plugin; return how many there are."""
        count = 0
        for kind, directory in DOCUMENTED.items():
            names = sorted(f"steady.ops.{path.stem}" for path in (self.collection / "plugins" / directory).glob("*.py"))
            if names:
                read = json.loads(self.run("ansible-doc", "--json", "--type", kind, *names))
                lacking = [name for name in names if not read.get(name, {}).get("doc")]
                if lacking:
                    raise TrialFailed(f"ansible-doc --type {kind} knows nothing of {', '.join(lacking)}")
            count += len(names)
        return count

    def read_roles(self) -> int:
        """Read the documentation of every role; return how many there are."""
        names = {f"steady.ops.{path.name}" for path in (self.collection / "roles").iterdir()}
        read = json.loads(self.run("ansible-doc", "--json", "--type", "role", *sorted(names)))
        if names - set(read):
            raise TrialFailed(f"ansible-doc --type role knows nothing of {', '.join(sorted(names - set(read)))}")
        return len(names)

    def play_runbook(self) -> None:
        """Ask a port of our own whether it is well, open and closed."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.write_inventory(server.getsockname()[1])
            self.run("ansible-playbook", "steady.ops.ledger", "--extra-vars", "ledger_action=initialise")
            self.run("ansible-playbook", "steady.ops.health_check")
        done = self.start("ansible-playbook", "steady.ops.health_check")
        if done.returncode == 0 or "port" not in done.stdout:
            raise TrialFailed(f"health_check is not red on a closed port: {done.stdout}{done.stderr}")

    def write_inventory(self, port: int) -> None:
        """Write an inventory of one component that listens, and the settings that name it."""
        host = {
            "ops_system": "trial",
            "ops_environment": "lab",
            "ops_ledger": f"file://{self.place}/ledger",
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "component_kind": "tcp",
            "component_options": {"host": "127.0.0.1", "port": port},
            "component_depends_on": [],
        }
        lab = {"hosts": {"port": {}}, "vars": {"ansible_group_priority": 10}}
        groups = {name: {"hosts": {"port": host} if name == "services" else {}} for name in GROUPS}
        tree = {"all": {"children": {**groups, "lab": lab}}}
        (self.place / "hosts.yml").write_text(yaml.safe_dump(tree), encoding="utf-8")

    def make_context(self) -> None:
        """Let ansible-builder read the definition, and find the tarball in the context."""
        context = self.place / "context"
        page = self.made / "execution-environment.yml"
        self.run("ansible-builder", "create", "--file", str(page), "--context", str(context))
        if not (context / "_build" / "collection" / self.tarball.name).is_file():
            raise TrialFailed(f"the context of the execution environment lacks {self.tarball.name}")

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of the environment and return what it printed; raises TrialFailed when it ends in error."""
        done = self.start(program, *arguments)
        if done.returncode:
            raise TrialFailed(
                f"{program} {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}"
            )
        return done.stdout

    def start(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program as somebody who has nothing but the release."""
        programs = Path(sys.executable).parent
        environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.place),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_HOME": str(self.place / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.place / "collections"),
            "ANSIBLE_INVENTORY": str(self.place / "hosts.yml"),
            "ANSIBLE_CALLBACKS_ENABLED": "steady.ops.journal",
            "ANSIBLE_STDOUT_CALLBACK": "steady.ops.console",
            "ANSIBLE_NOCOLOR": "1",
        }
        return subprocess.run(
            [str(programs / program), *arguments],
            cwd=self.place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
