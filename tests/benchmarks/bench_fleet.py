"""health_check.yml over 500 components, beside a play of a single ansible.builtin.ping over the same hosts.

Same inventory, same forks, in turning order; runs of one side that stand beside each other are the null benchmark.
Limit: 1.2 times ping. It is judged by wall time where nothing else runs, and by CPU seconds where others use the
machine: the result says by which, and shows both. The probes sample at http_health's own pace, three times a second
apart. Every run must say of all components that they are well; one more run, with a component broken and one that
nobody can reach, must name both and call the second unknown.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.pairs import Comparison, Cost, compare
from tools.treehash import ROOT

HOSTS = 500
FORKS = 20
SERVERS = 5
# so many, that there are six pairs of neighbours of one side
PAIRS = 7
LIMIT = 1.2
GROUPS = "services:postgres:redis:storage:ingress:monitoring"


def measure() -> dict[str, Any]:
    """Run both sides PAIRS times; return the figures and whether the limit holds."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as scratch, _applications(Path(scratch)) as urls:
        fleet = Fleet(Path(scratch), urls)
        fleet.open()
        names = fleet.names_what_is_not_well()
        measured = compare(fleet.health_check, fleet.ping, PAIRS)
    null = _neighbours(measured)
    quiet = load <= cores / 4
    judged = measured if quiet else _by_cpu(measured)
    return {
        "holds": judged.holds(LIMIT) and names,
        "judged_by": "wall time" if quiet else "CPU seconds: others use the machine",
        "limit": LIMIT,
        "hosts": HOSTS,
        "forks": FORKS,
        "names_the_broken_and_the_unknown_one": names,
        "measured": _shown(measured),
        "null": _shown(null),
    }


@dataclass
class Fleet:
    """An inventory of many components behind a few servers, with a ledger of its own."""

    home: Path
    urls: list[str]

    def open(self) -> None:
        """Write the inventory and begin the ledger."""
        self.write_inventory({})
        (self.home / "ping.yml").write_text(
            yaml.safe_dump([{"hosts": GROUPS, "gather_facts": False, "tasks": [{"ansible.builtin.ping": {}}]}])
        )
        self._must(ROOT / "playbooks" / "ledger.yml", "-e", "ledger_action=initialise")

    def write_inventory(self, changes: dict[str, str]) -> None:
        """Write the inventory.

        :param changes: name -> URL of a component that answers elsewhere.
        """
        names = [f"component{number:03}" for number in range(HOSTS)]
        hosts = {
            name: {
                "component_probe": {**PROBE, "url": changes.get(name, self.urls[number % len(self.urls)] + "/health")}
            }
            for number, name in enumerate(names)
        }
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "ops_system": "shop",
            "ops_environment": "lab",
            "ops_ledger": f"file://{self.home}/ledger",
            "component_kind": "http",
            "component_depends_on": [],
            "component_reach": {"via": "direct"},
            "component_identity": {},
        }
        groups = {name: {} for name in ("postgres", "redis", "storage", "ingress", "monitoring")}
        lab = {"hosts": {name: {} for name in names}, "vars": {"ansible_group_priority": 10}}
        tree = {"all": {"vars": variables, "children": {"services": {"hosts": hosts}, **groups, "lab": lab}}}
        (self.home / "inventory.json").write_text(json.dumps(tree))

    def health_check(self) -> None:
        """Look at all components, which must be well."""
        said = self._must(ROOT / "playbooks" / "health_check.yml").stdout
        if f"All {HOSTS} components that were asked are well." not in said:
            raise RuntimeError(said[-3000:])

    def ping(self) -> None:
        """Ping all hosts."""
        said = self._must(self.home / "ping.yml").stdout
        if len(re.findall(r"^component\d+ +: ok=1 ", said, re.MULTILINE)) != HOSTS:
            raise RuntimeError(said[-3000:])

    def names_what_is_not_well(self) -> bool:
        """Tell whether a component that answers wrongly and one that does not answer are found among all others."""
        wrong, silent = f"component{HOSTS // 3:03}", f"component{HOSTS // 2:03}"
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self.write_inventory(
                {wrong: f"{self.urls[0]}/no-such-page", silent: f"http://127.0.0.1:{nobody.getsockname()[1]}/health"}
            )
            done = self._play(ROOT / "playbooks" / "health_check.yml")
        self.write_inventory({})
        said = re.findall(r"^ +(component\d+) +(ok|warning|unknown|critical) ", done.stdout, re.MULTILINE)
        lines = dict(said)
        states = [lines.get(f"component{number:03}") for number in range(HOSTS)]
        others = states.count("ok") == HOSTS - 2
        found = (lines.get(wrong), lines.get(silent)) == ("critical", "unknown")
        return done.returncode == 2 and others and found and f"{wrong} (http) is broken" in done.stdout

    def _must(self, playbook: Path, *more: str) -> subprocess.CompletedProcess[str]:
        done = self._play(playbook, *more)
        if done.returncode:
            raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])
        return done

    def _play(self, playbook: Path, *more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(ROOT / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections"),
            "LC_ALL": "C.UTF-8",
        }
        argv = ["ansible-playbook", "-i", str(self.home / "inventory.json"), "-f", str(FORKS), str(playbook), *more]
        return subprocess.run(
            argv, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )


# http_health's own pace: three samples, a second apart
PROBE = {"json": {"status": "ok"}, "version": {"json": "version"}}


@contextlib.contextmanager
def _applications(home: Path) -> Iterator[list[str]]:
    """Start SERVERS applications; yield their URLs."""
    running = []
    try:
        ports = [home / f"port-{number}" for number in range(SERVERS)]
        for number, port in enumerate(ports):
            settings = home / f"settings-{number}.json"
            given = {"version": "1.0.0", "behaviour": "ok", "contract": "generic", "port_file": str(port)}
            settings.write_text(json.dumps(given))
            argv = [sys.executable, "-m", "lab.app", "--settings", str(settings), "--exit-with-parent"]
            running.append(subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL))
        until = time.monotonic() + 20
        while not all(port.exists() for port in ports):
            if time.monotonic() > until:
                raise RuntimeError("the applications did not start")
            time.sleep(0.05)
        yield [f"http://127.0.0.1:{port.read_text()}" for port in ports]
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _neighbours(measured: Comparison) -> Comparison:
    """Return the runs of one side that followed upon each other: with orders that alternate, a a and b b meet."""
    pairs = [
        (side[first], side[first + 1])
        for side, start in ((measured.a, 1), (measured.b, 0))
        for first in range(start, len(side) - 1, 2)
    ]
    return Comparison(tuple(first for first, _second in pairs), tuple(second for _first, second in pairs))


def _by_cpu(compared: Comparison) -> Comparison:
    return Comparison(*(tuple(Cost(cost.cpu, cost.cpu) for cost in side) for side in (compared.a, compared.b)))


def _shown(compared: Comparison) -> dict[str, Any]:
    costs = {name: getattr(compared, name) for name in "ab"}
    return {
        **compared.as_dict(),
        "cpu_ratio": _by_cpu(compared).as_dict()["ratio"],
        "wall_seconds": {name: [round(cost.wall, 1) for cost in side] for name, side in costs.items()},
        "cpu_seconds_of_each": {name: [round(cost.cpu, 1) for cost in side] for name, side in costs.items()},
    }
