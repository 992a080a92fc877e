"""The same component deployed in three ways, each with directories, a port and processes of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from tests.faults_release_dir.arena import SUPERVISE, belonging
from tests.faults_release_dir.observer import MachineObserver
from tools.bundle import collections
from tools.treehash import ROOT

PEERS = Path(__file__).with_name("peers")
OURS, TASKS, COPY = "steady.ops", "deploy_helper and tasks", "copy and restart"
# what each side is to find out; the window that all watch is a second
BAD: dict[str, Any] = {
    "crash": "crash",
    "migration fails": "bad_migration",
    "listens too late": {"kind": "slow_start", "seconds": 60},
    "states another version": "wrong_version",
    "another program's JSON": {"kind": "wrong_body", "body": "grafana"},
    "an HTML page": {"kind": "wrong_body", "body": "html"},
    "wrong types": {"kind": "wrong_body", "body": "wrong_type"},
    "not ready": "not_ready",
    "answers 500": "errors",
    "never answers": {"kind": "dies_after", "seconds": 0, "mode": "hang"},
    "turns to 500 after 0.8 s": {"kind": "dies_after", "seconds": 0.8},
    "exits after 0.8 s": {"kind": "dies_after", "seconds": 0.8, "mode": "exit"},
}


@dataclass
class Side:
    """One way of deploying."""

    way: str
    port: int = 0
    known: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="steady-side-"))
        for name in ("home", "sent", "srv"):
            (self.home / name).mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._write_inventory()
        if self.way == OURS:
            self._must("ledger", ledger_action="initialise")

    @property
    def observer(self) -> MachineObserver:
        return MachineObserver(self.home / "srv/api", self.port, self.home / "home/calls.jsonl", self.home, self.known)

    def push(self, version: str, behaviour: Any = "ok") -> None:
        """Build a release."""
        text = json.dumps(
            {"version": version, "port": self.port, "behaviour": behaviour, "contract": "generic"}
        ).encode()
        info = tarfile.TarInfo("settings.json")
        info.size = len(text)
        with tarfile.open(self.home / "sent" / f"{version}.tar.gz", "w:gz") as tar:
            tar.addfile(info, BytesIO(text))
        data = (self.home / "sent" / f"{version}.tar.gz").read_bytes()
        self.digests[version] = hashlib.sha256(data).hexdigest()
        self.known[hashlib.sha256(text).hexdigest()] = f"sha256:{self.digests[version]}"

    def deploy(self, version: str, **more: Any) -> int:
        """Deploy a release; return the exit code of ansible-playbook."""
        wanted = {"deploy_release": version, **more}
        if self.way != OURS:
            wanted["deploy_digest"] = self.digests[version]
        return self._play(wanted).returncode

    def good(self, version: str) -> None:
        """Deploy a release, which must end green and serve."""
        more = {"deploy_without_way_back": True} if self.way == OURS and version == "1.0.0" else {}
        done = self._play({"deploy_release": version, "deploy_digest": self.digests[version], **more})
        seen = self.observer.look()
        if done.returncode or (seen.version, seen.good) != (version, True):
            raise RuntimeError(f"{self.way}: {version} does not serve ({seen})\n{done.stdout[-3000:]}")

    def outcome(self, version: str, before: str, rc: int) -> str:
        """Say what came of a bad release, as seen from outside."""
        # a release that dies late may still look well for a moment
        time.sleep(1.0)
        seen = self.observer.look()
        serves = "what served is back" if seen.good and seen.version == before else "the bad release is left"
        return f"{'red' if rc else 'FALSE GREEN'}, {serves}"

    def close(self) -> None:
        """Leave nothing behind."""
        for pid in belonging(self.home):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.home)

    def _must(self, playbook: str, **more: Any) -> None:
        done = self._play(more, playbook)
        if done.returncode:
            raise RuntimeError(done.stdout[-3000:])

    def _play(self, wanted: dict[str, Any], playbook: str = "deploy") -> subprocess.CompletedProcess[str]:
        page = ROOT / "playbooks" / f"{playbook}.yml" if self.way == OURS else PEERS / _NAMES[self.way]
        paths = [str(ROOT / ".ansible" / "collections"), str(collections(["community.general"]))]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(ROOT / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        inventory = str(self.home / "inventory.yml")
        argv = ["ansible-playbook", "-i", inventory, str(page), "-e", json.dumps(wanted)]
        return subprocess.run(
            argv, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def _write_inventory(self) -> None:
        call = [sys.executable, str(SUPERVISE)]
        verbs = {verb: [*call, verb, str(self.home / "home")] for verb in ("start", "stop")}
        variables: dict[str, Any] = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "path": str(self.home / "srv/api"),
            "artefacts": str(self.home / "sent"),
            "url": f"http://127.0.0.1:{self.port}",
            "port": self.port,
            **verbs,
        }
        if self.way == OURS:
            variables = {
                **{key: variables[key] for key in variables if key.startswith("ansible_")},
                **self._ours(verbs),
            }
        groups = {name: {} for name in ("postgres", "redis", "storage", "ingress", "monitoring")}
        lab = {"hosts": {"api": {}}, "vars": {"ansible_group_priority": 10}}
        tree = {"all": {"children": {"services": {"hosts": {"api": variables}}, **groups, "lab": lab}}}
        (self.home / "inventory.yml").write_text(yaml.safe_dump(tree))

    def _ours(self, verbs: dict[str, list[str]]) -> dict[str, Any]:
        files = {"pid_file": str(self.home / "home/pid"), "log_file": str(self.home / "home/log")}
        return {
            "ops_system": "shop",
            "ops_environment": "lab",
            "ops_ledger": f"file://{self.home}/ledger",
            "component_kind": "http",
            "component_platform": "release_dir",
            "component_options": {
                "path": str(self.home / "srv/api"),
                "supervisor": {"kind": "command", **verbs, **files},
                "artefact": {"archive": f"{self.home}/sent/{{release}}.tar.gz"},
                "shared_paths": ["logs/"],
                "steady_seconds": 0.3,
                "start_seconds": 3,
                "poll_seconds": 0.1,
            },
            "component_probe": {
                "url": f"http://127.0.0.1:{self.port}/health",
                "json": {"status": "ok"},
                "version": {"json": "version", "equals": "release"},
                "also": [{"url": "/ready", "json": {"status": "ready"}}],
                "consecutive": 2,
                "interval_seconds": 0.1,
                "timeout_seconds": 2,
                "deadline_seconds": 2,
                "stability_seconds": 1,
            },
            "component_depends_on": [],
            "component_reach": {"via": "direct"},
            "component_identity": {},
        }


# not .yml: the linters would look for a collection that is no dependency of this one
_NAMES = {TASKS: "single_tasks.playbook", COPY: "copy_and_restart.playbook"}
