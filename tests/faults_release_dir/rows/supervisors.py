"""The supervisor fails: commands with real processes, and systemd imitated where only its words matter."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from tests.faults.case import adopted
from tests.faults_release_dir.arena import SUPERVISE, Machine
from tests.faults_release_dir.case import OK, RED, REFUSED, UNDONE, Expect, MachineCase, at, shell

BAD = {"release": "2.0.0"}
# longer than a process takes to start, and to find its port taken, on a busy machine
LONG = {"steady_seconds": 2.0, "start_seconds": 9.0}
SQUATTER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = sys.argv[2].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
open(__file__ + ".ready", "w").close()
server.serve_forever()
"""
SYSTEMCTL = """
import json, pathlib, subprocess, sys, os
home = pathlib.Path({home!r})
verb = next(word for word in sys.argv[1:] if not word.startswith("-"))
os.environ["STEADY_CURRENT"] = {current!r}
said = json.loads((home / "unit.json").read_text())
if verb == "show":
    pid = (home / "pid").read_text() if (home / "pid").exists() else "0"
    alive = pid != "0" and subprocess.call([sys.executable, {supervise!r}, "status", str(home)]) == 0
    active = ("active", "running") if alive else ("failed", "failed")
    shown = {{"LoadState": "loaded", "ActiveState": active[0], "SubState": active[1], "MainPID": pid if alive else "0",
             "NRestarts": "0", "NeedDaemonReload": "no", "Result": "success"}}
    print("\\n".join(f"{{name}}={{value}}" for name, value in {{**shown, **said.get("show", {{}})}}.items()))
elif verb == "restart":
    if said.get("refuse"):
        sys.exit(said["refuse"])
    if not said.get("lost"):
        subprocess.check_call([sys.executable, {supervise!r}, "stop", str(home)])
        sys.exit(subprocess.call([sys.executable, {supervise!r}, "start", str(home)]))
"""


def ruled(**rules: Any) -> Callable[[Machine], None]:
    """1.0.0 serves, and the supervisor behaves so from then on."""

    def arrange(machine: Machine) -> None:
        machine.adopted()
        machine.rules(**rules)

    return arrange


def squatted(answer: dict[str, str], behaviour: Any = "ok") -> Callable[[Machine], None]:
    """When 1.0.0 has been stopped, another program takes its port and answers 200."""

    def arrange(machine: Machine) -> None:
        machine.push("2.0.0", behaviour)
        machine.adopted()
        program = machine.directory / "squatter.py"
        program.write_text(SQUATTER)
        words = f"{sys.executable} {program} {machine.port} '{json.dumps(answer)}' </dev/null >/dev/null 2>&1 &"
        words += f" while [ ! -e {program}.ready ]; do sleep 0.02; done"
        machine.rules(stop={"only": "2.0.0", "then": ["sh", "-c", words]})

    return arrange


def _old_goes_on(machine: Machine) -> None:
    ruled(stop={"lie": True})(machine)
    machine.options = LONG


def _twin(machine: Machine) -> None:
    squatted({"status": "ok", "version": "2.0.0"})(machine)
    machine.options = LONG
    machine.probe_changes = {"also": []}


def unit(**said: Any) -> Callable[[Machine], None]:
    """The component is a unit of an imitated systemd, which says so after 1.0.0 was deployed."""

    def arrange(machine: Machine) -> None:
        tools = machine.directory / "tools"
        tools.mkdir()
        words = {"home": str(machine.home), "current": str(machine.base / "current"), "supervise": str(SUPERVISE)}
        program = machine.directory / "systemctl.py"
        program.write_text(SYSTEMCTL.format(**words))
        # through sh: the first line of a script holds no path with a blank
        (tools / "systemctl").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
        (tools / "journalctl").write_text("#!/bin/sh\necho said by the journal\n")
        for tool in tools.iterdir():
            tool.chmod(0o755)
        nothing = dict.fromkeys(("start", "stop", "reload", "pid_file", "log_file"))
        machine.supervisor = {"kind": "systemd", "unit": "api.service", **nothing}
        machine.job = {"path": str(tools)}
        _say(machine)
        machine.push("2.0.0", "crash")
        machine.adopted()
        _say(machine, **said)

    return arrange


def _say(machine: Machine, **said: Any) -> None:
    (machine.home / "unit.json").write_text(json.dumps(said))


def _mended(machine: Machine) -> None:
    machine.rules()


def _versionless(machine: Machine) -> None:
    ruled(reload={"only": "1.1.0", "lie": True})(machine)
    machine.probe_changes = {"version": None}


def _missing(machine: Machine) -> None:
    machine.adopted()
    machine.supervisor = {"start": ["/nowhere/start"]}


def _other_pid(machine: Machine) -> None:
    machine.adopted()
    other = machine.stranger("sleep", "100")
    machine.rules(start={"lie": True, "then": ["sh", "-c", f"echo {other.pid} > {machine.home}/pid"]})


def _garbage(machine: Machine) -> None:
    machine.adopted()
    machine.rules(start={"only": "1.1.0", "then": ["sh", "-c", f"echo soon > {machine.home}/pid"]})


def _kills_application(machine: Machine) -> list[dict[str, Any]]:
    pid = machine.home / "pid"
    return [at("run", "start", when="after", do=shell("kill -9 $(cat {pid})", pid=pid))]


def _dead_application(machine: Machine) -> None:
    machine.adopted()
    machine.supervise("stop")


RELOAD = {"release": "1.1.0", "switch_style": "reload"}
CASES = (
    MachineCase(
        "start_refused_once",
        "the supervisor refuses to start the new one",
        "start",
        Expect(UNDONE, words=("no more memory",)),
        ruled(start={"only": "1.1.0", "refuse": "no more memory"}),
    ),
    MachineCase(
        "supervisor_dead",
        "the supervisor refuses to start anything",
        "start and undo",
        Expect(RED, serves="", sent=0, words=("bus is gone",)),
        ruled(start={"refuse": "bus is gone"}),
        then=({"release": "1.1.0", "deploy_without_way_back": True}, Expect(OK, serves="1.1.0")),
        mend=_mended,  # type: ignore[arg-type]
    ),
    MachineCase(
        "stop_refused",
        "the supervisor refuses to stop the old one",
        "stop",
        Expect(UNDONE, sent=1, words=("busy",)),
        ruled(stop={"only": "1.1.0", "refuse": "busy"}),
    ),
    MachineCase(
        "stop_lies",
        "the old process goes on and keeps the port",
        "stop",
        Expect(RED, serves="1.0.0", sent=2),
        _old_goes_on,
    ),
    MachineCase(
        "start_hangs_after",
        "the start gives no answer, and the application runs",
        "start",
        Expect(OK, serves="1.1.0"),
        ruled(start={"hang": 9, "when": "after"}),
    ),
    MachineCase(
        "start_hangs_before",
        "the start gives no answer, and nothing runs",
        "start",
        Expect(UNDONE, sent=2),
        ruled(start={"hang": 9, "when": "before", "only": "1.1.0"}),
    ),
    MachineCase(
        "start_lies",
        "the start says well and starts nothing",
        "start",
        Expect(UNDONE, sent=2),
        ruled(start={"only": "1.1.0", "lie": True}),
    ),
    MachineCase(
        "program_missing", "the supervisor's program is not there", "start", Expect(RED, serves="", sent=0), _missing
    ),
    MachineCase(
        "reload_hangs",
        "the reload gives no answer, and the old one goes on",
        "reload",
        Expect(UNDONE, sent=2),
        ruled(reload={"only": "1.1.0", "hang": 9, "when": "before"}),
        RELOAD,
    ),
    MachineCase(
        "reload_does_nothing",
        "the reload says well and the old one goes on",
        "reload",
        Expect(UNDONE, sent=2, words=("runs",)),
        ruled(reload={"only": "1.1.0", "lie": True}),
        RELOAD,
    ),
    MachineCase(
        "reload_does_nothing_unseen",
        "the reload says well, the old one goes on, and the probe asks for no version",
        "reload",
        Expect(UNDONE, sent=2, words=(" runs ",)),
        _versionless,
        RELOAD,
    ),
    MachineCase("reload_works", "a graceful reload", "reload", Expect(OK, serves="1.1.0"), adopted, RELOAD),
    MachineCase(
        "other_pid", "the pid file names another program", "pid file", Expect(RED, serves="", sent=2), _other_pid
    ),
    MachineCase("pid_garbage", "the pid file holds no number", "pid file", Expect(UNDONE, sent=2), _garbage),
    MachineCase(
        "killed_after_start",
        "somebody kills the new process",
        "right after the start",
        Expect(UNDONE, sent=2),
        acts=_kills_application,
    ),
    MachineCase(
        "nothing_runs_before",
        "the application is down when the run begins",
        "begin",
        Expect(OK, serves="1.1.0"),
        _dead_application,
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "port_taken_and_dies",
        "another program has the port and answers 200, the new one dies of it",
        "start",
        Expect(RED, serves="10.4.2", sent=2),
        squatted({"database": "ok", "version": "10.4.2"}),
        BAD,
    ),
    MachineCase(
        "port_taken_and_runs",
        "another program has the port and answers 200, the new one runs on",
        "probe",
        Expect(RED, serves="10.4.2", sent=2),
        squatted({"database": "ok", "version": "10.4.2"}, {"kind": "slow_start", "seconds": 60}),
        BAD,
    ),
    MachineCase(
        "port_taken_by_a_twin",
        "another program has the port and answers what the new one would, the new one dies of it",
        "start",
        Expect(RED, serves="2.0.0", sent=2),
        _twin,
        BAD,
    ),
    MachineCase(
        "unit_masked",
        "the unit is masked",
        "systemd, begin",
        Expect(REFUSED, sent=0, words=("masked",)),
        unit(show={"LoadState": "masked"}),
    ),
    MachineCase(
        "unit_may_not",
        "polkit refuses",
        "systemd, restart",
        Expect(UNDONE, sent=0, words=("Access denied",)),
        unit(refuse="Access denied"),
    ),
    MachineCase(
        "unit_starts_forever",
        "the unit never gets active",
        "systemd, start",
        Expect(RED, serves="1.0.0", sent=2, words=("activating",)),
        unit(show={"ActiveState": "activating", "SubState": "start"}),
    ),
    MachineCase("unit_fails", "the unit's process exits", "systemd, start", Expect(UNDONE, sent=2), unit(), BAD),
    MachineCase(
        "unit_job_lost",
        "the restart is queued and never done",
        "systemd, restart",
        Expect(UNDONE, sent=0),
        unit(lost=True),
    ),
)
