"""How many requests fail while a release is switched under the real pm2 and systemd, and for how long nobody answers.

A graceful reload is to fail none (pm2 in cluster mode, a systemd unit with ExecReload); a restart's gap is measured and
said. pm2 comes from npm into the cache of this checkout. systemd runs in a container: the tests of Molecule's scenario
`docker` measure there; without a daemon it is NOT RUN.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults_release_dir.arena import Driver, Machine
from tools import molecule
from tools.outcome import NotRun
from tools.treehash import ROOT

PM2 = "7.0.4"
SWITCHES = 7
SERVER = """
const http = require('http'), said = JSON.parse(require('fs').readFileSync('settings.json'));
const server = http.createServer((request, answer) => {
  answer.setHeader('Content-Type', 'application/json');
  answer.setHeader('Connection', 'close');
  answer.end(JSON.stringify({status: request.url === '/ready' ? 'ready' : 'ok', version: said.version}));
});
server.listen(said.port, '127.0.0.1', () => process.send && process.send('ready'));
process.on('SIGINT', () => server.close(() => process.exit(0)));
"""
ECOSYSTEM = """
module.exports = {apps: [{name: 'api', script: 'server.js', cwd: %r, exec_mode: %r, instances: %d, wait_ready: true,
                          listen_timeout: 8000, kill_timeout: 4000}]};
"""


@dataclass
class Asker:
    """Asks over and over, each time with a connection of its own."""

    url: str
    asked: int = 0
    failed: int = 0
    gap: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Asker:
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        last = time.monotonic()
        while not self._stop.is_set():
            try:
                with urllib.request.urlopen(self.url, timeout=5) as answer:
                    good = answer.status == 200 and "version" in json.loads(answer.read())
            # an answer that was cut off is none
            except (OSError, ValueError, http.client.HTTPException):
                good = False
            self.asked += 1
            self.failed += not good
            if good:
                self.gap, last = max(self.gap, time.monotonic() - last), time.monotonic()
            time.sleep(0.002)


def measure() -> dict[str, Any]:
    """Switch SWITCHES times in each mode; return requests, failures and the longest gap."""
    program = pm2()
    found = {
        "cluster, reload": _switches(program, "cluster", 2, "reload"),
        "cluster, restart": _switches(program, "cluster", 2, "restart"),
        "fork, restart": _switches(program, "fork", 1, "restart"),
    }
    under_systemd = systemd()
    graceful = [found["cluster, reload"], *(under_systemd[style] for style in ("reload",) if style in under_systemd)]
    return {
        "holds": "FAILED" not in under_systemd and all(style["failed_requests"] == 0 for style in graceful),
        "pm2": PM2,
        "switches": SWITCHES,
        **found,
        "systemd": under_systemd,
    }


def systemd() -> dict[str, Any]:
    """Return what Molecule's scenario measured on its machine, or why it is missing."""
    with tempfile.TemporaryDirectory() as directory:
        kept = Path(directory) / "measured.json"
        kept.write_text("{}")
        os.environ["STEADY_MEASURED"] = str(kept)
        try:
            passed = molecule.main(["docker"]) == 0
        except NotRun as reason:
            return {"NOT RUN": str(reason)}
        finally:
            del os.environ["STEADY_MEASURED"]
        measured = dict(json.loads(kept.read_text()))
    return measured if passed else {**measured, "FAILED": "the scenario docker"}


def pm2() -> Path:
    """Return the pinned pm2, installed once."""
    home = ROOT / ".cache" / "pm2" / PM2
    program = home / "node_modules" / ".bin" / "pm2"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        argv = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(home), f"pm2@{PM2}"]
        subprocess.run(argv, stdin=subprocess.DEVNULL, check=True)
    return program


def _switches(program: Path, mode: str, instances: int, style: str) -> dict[str, Any]:
    driver = Driver()
    machine = Machine.make(driver)
    home = machine.directory / "pm2"
    files = {"server.js": SERVER, "ecosystem.config.js": ECOSYSTEM % (str(machine.base / "current"), mode, instances)}
    given = {"kind": "pm2", "process": "api", "ecosystem": "ecosystem.config.js", "home": str(home)}
    nothing = dict.fromkeys(("start", "stop", "reload", "pid_file", "log_file"))
    machine.supervisor = {**nothing, **given, "program": str(program), "timeout_seconds": 60.0}
    machine.options = {"switch_style": style, "start_seconds": 30.0, "switch_timeout_seconds": 60.0}
    machine.probe_changes = {"deadline_seconds": 20.0}
    try:
        for number in range(SWITCHES + 1):
            machine.push(f"{number}.0.0", files=files)
        _green(machine.conduct(release="0.0.0", deploy_without_way_back=True), machine, "0.0.0")
        askers = []
        for number in range(1, SWITCHES + 1):
            with Asker(f"http://127.0.0.1:{machine.port}/health") as asker:
                time.sleep(0.3)
                result = machine.conduct(release=f"{number}.0.0")
            # afterwards: the observer lists the sockets of a process, which come and go while somebody asks
            _green(result, machine, f"{number}.0.0")
            askers.append(asker)
    finally:
        machine.close()
        driver.close()
    return {
        "requests": sum(asker.asked for asker in askers),
        "failed_requests": sum(asker.failed for asker in askers),
        "switches_with_a_failure": sum(1 for asker in askers if asker.failed),
        "longest_without_an_answer_seconds": round(max(asker.gap for asker in askers), 2),
    }


def _green(result: dict[str, Any], machine: Machine, version: str) -> None:
    seen = machine.observer.look()
    if result.get("failed") or seen.version != version:
        raise RuntimeError(f"{version} does not serve ({seen}): {result.get('msg')}")
