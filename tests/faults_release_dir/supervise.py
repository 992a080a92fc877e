"""What the supervisor `command` calls: starts, stops and reloads the sample application, badly where it is told to.

`python supervise.py start|stop|reload|status HOME`, with HOME/rules.json, HOME/pid, HOME/log and HOME/calls.jsonl. It
knows nothing of the collection. Rules by verb::

    {"only": version, "refuse": words, "hang": seconds, "when": "before" or "after", "lie": true, "then": argv,
     "keep": true}

`only` limits a rule to the release that says it is that version; `lie` does nothing and says that all went well; `then`
is run when the verb has done its work; `keep` starts a keeper that starts the application again whenever it ends. A
release may hold a file `lives`: its process ends after so many seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


def main() -> int:
    """Carry out one verb."""
    verb, home = sys.argv[1], Path(sys.argv[2])
    if verb == "run":
        return run()
    if verb == "keep":
        return keep(home)
    rule = rule_of(verb, home)
    if rule.get("hang") and rule.get("when") == "before":
        note(verb, home, 0)
        time.sleep(rule["hang"])
        return 0
    if "refuse" in rule:
        note(verb, home, 1)
        print(rule["refuse"], file=sys.stderr)
        return 1
    note(verb, home, 0)
    rc = 0 if rule.get("lie") else {"start": start, "stop": stop, "reload": reload, "status": status}[verb](home, rule)
    if "then" in rule:
        subprocess.run(rule["then"], check=False)
    time.sleep(rule.get("hang", 0))
    return rc


def rule_of(verb: str, home: Path) -> dict[str, Any]:
    """Return the rule for this verb and release; empty when there is none."""
    try:
        rule = dict(json.loads((home / "rules.json").read_text()).get(verb, {}))
    except FileNotFoundError:
        return {}
    return rule if rule.get("only", version()) == version() else {}


def version() -> str:
    """Return which version the link leads to."""
    try:
        return str(json.loads(Path(os.environ["STEADY_CURRENT"], "settings.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        return ""


def note(verb: str, home: Path, rc: int) -> None:
    """Write down that this verb was asked for."""
    with (home / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"verb": verb, "version": version(), "rc": rc}) + "\n")


def start(home: Path, rule: dict[str, Any]) -> int:
    """Start the application, or a keeper of it."""
    child = spawn(home, "keep" if rule.get("keep") else "run", Path(os.environ["STEADY_CURRENT"]))
    if not rule.get("keep"):
        write_pid(home, child.pid)
        # the pid file is the world's, this one is the supervisor's own
        (home / "started").write_text(str(child.pid))
    else:
        (home / "keeper").write_text(str(child.pid))
        while not (home / "pid").exists():
            time.sleep(0.005)
    return 0


def stop(home: Path, rule: dict[str, Any]) -> int:
    """End the keeper and the application."""
    for name in ("keeper", "pid", "started"):
        try:
            end(int((home / name).read_text()))
        except (OSError, ValueError):
            continue
        (home / name).unlink()
    return 0


def reload(home: Path, rule: dict[str, Any]) -> int:
    """Start the new one, then end the old one: the port is free for a moment."""
    return stop(home, rule) or start(home, rule)


def status(home: Path, rule: dict[str, Any]) -> int:
    """Say whether the application runs."""
    try:
        return 0 if alive(int((home / "pid").read_text())) else 1
    except (OSError, ValueError):
        return 1


def spawn(home: Path, verb: str, place: Path) -> subprocess.Popen[bytes]:
    """Start this program again, in the background, in the release."""
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), verb, str(home)],
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        )


def keep(home: Path) -> int:
    """Start the application again whenever it ends."""
    place = Path(os.environ["STEADY_CURRENT"])
    while True:
        child = spawn(home, "run", place)
        write_pid(home, child.pid)
        child.wait()
        time.sleep(0.02)


def run() -> int:
    """Be the application."""
    from lab.app.__main__ import main as serve

    lives = Path("lives")
    if lives.exists():
        timer = threading.Timer(float(lives.read_text()), os._exit, (1,))
        timer.daemon = True
        timer.start()
    sys.argv = ["lab.app", "--settings", "settings.json"]
    serve()
    return 0


def write_pid(home: Path, pid: int) -> None:
    """Write the process id whole."""
    beside = home / f"pid.{os.getpid()}"
    beside.write_text(str(pid))
    beside.replace(home / "pid")


def end(pid: int) -> None:
    """End a process and wait until it is gone."""
    for how, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.005)


def alive(pid: int) -> bool:
    """Tell whether a process lives; one that nobody waited for is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
