"""pm2: its words, paths that it resolved, a pm2 that does not run; and the real one where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult, SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import RequestRefused, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.pm2 import Pm2, apps_of, state_of
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Caller, Health, State

BASE = Path("/srv/web")
ECOSYSTEM = f"{BASE}/current/ecosystem.config.js"


def app(status: str = "online", pid: int = 0, restarts: int = 0, **env: Any) -> dict[str, Any]:
    kept = {"pm_cwd": f"{BASE}/current", "pm_exec_path": f"{BASE}/current/main.js", **env}
    return {"name": "web", "pid": pid, "pm2_env": {"status": status, "restart_time": restarts, **kept}}


class Runner:
    """Lists these applications, and remembers what it was asked."""

    def __init__(self, *apps: dict[str, Any]) -> None:
        self.apps = list(apps)
        self.calls: list[str] = []
        self.homes: set[str] = set()

    def run(self, argv: Sequence[str], *, environment: Any = None, **_more: Any) -> CommandResult:
        self.calls.append(" ".join(argv[1:]))
        self.homes.add(environment["PM2_HOME"])
        return CommandResult(0, f"[PM2] In-memory PM2 is out-of-date\n{json.dumps(self.apps)}\n", "")


def pm2(home: Path, *apps: dict[str, Any], ecosystem: str = ECOSYSTEM, graceful: bool = True) -> tuple[Pm2, Runner]:
    home.mkdir(exist_ok=True)
    (home / "pm2.pid").write_text(f"{os.getpid()}\n")
    runner = Runner(*apps)
    return Pm2(Caller(runner), Processes(), "web", home, BASE / "releases", ecosystem, "pm2", graceful), runner


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("[]", []),
        ('[{"name": "other"}, {"name": "web", "pid": 1}]', [1]),
        ('>>>> notice\n[PM2] Spawning\n[{"name": "web", "pid": 2}]\n[PM2] bye', [2]),
    ],
)
def test_its_list(said: str, names: list[int]) -> None:
    assert [item["pid"] for item in apps_of(said, "web")] == names


@pytest.mark.parametrize(("said", "why"), [("", "nothing"), ("oops\n", "oops"), ("[broken", "[broken")])
def test_what_is_no_list(said: str, why: str) -> None:
    with pytest.raises(Unreachable) as lost:
        apps_of(said, "web")
    assert str(lost.value) == f"pm2 jlist does not list its applications, it says: {why}."


@pytest.mark.parametrize(
    ("apps", "state"),
    [
        ([], State(Health.ABSENT, "not known to pm2")),
        ([app(pid=1, restarts=2), app(pid=2, restarts=1)], State(Health.RUNNING, "online", (1, 2), 3)),
        ([app(pid=1), app("launching")], State(Health.STARTING, "launching", (1,))),
        ([app("waiting restart")], State(Health.STARTING, "waiting restart")),
        ([app("one-launch-status")], State(Health.STARTING, "one-launch-status")),
        ([app("stopped"), app("errored"), app()], State(Health.FAILED, "errored")),
    ],
)
def test_its_words(apps: list[dict[str, Any]], state: State) -> None:
    assert state_of(apps) == state


@pytest.mark.parametrize(
    ("apps", "graceful", "ecosystem", "calls"),
    [
        ([], True, ECOSYSTEM, [f"start {ECOSYSTEM} --only web --update-env"]),
        ([app()], True, ECOSYSTEM, [f"startOrReload {ECOSYSTEM} --only web --update-env"]),
        ([app()], False, ECOSYSTEM, [f"startOrRestart {ECOSYSTEM} --only web --update-env"]),
        ([app()], True, "", ["reload web --update-env"]),
        ([app()], False, "", ["restart web --update-env"]),
        (
            [app(pm_exec_path=f"{BASE}/releases/a/main.js")],
            True,
            ECOSYSTEM,
            ["delete web", f"start {ECOSYSTEM} --only web --update-env"],
        ),
    ],
)
def test_a_switch(tmp_path: Path, apps: Any, graceful: bool, ecosystem: str, calls: list[str]) -> None:
    under_test, runner = pm2(tmp_path, *apps, ecosystem=ecosystem, graceful=graceful)
    under_test.switch(f"{BASE}/releases/b")
    assert runner.calls == ["jlist", *calls]
    assert runner.homes == {str(tmp_path)}


@pytest.mark.parametrize("apps", [[], [app(pm_cwd=f"{BASE}/releases/a")]])
def test_nothing_describes_it(tmp_path: Path, apps: Any) -> None:
    under_test, runner = pm2(tmp_path, *apps, ecosystem="")
    with pytest.raises(RequestRefused, match=r"Set supervisor\.ecosystem"):
        under_test.switch(f"{BASE}/releases/b")
    assert runner.calls == ["jlist"]


@pytest.mark.parametrize("text", [None, "soon", "99999999"])
def test_a_pm2_that_does_not_run_is_not_started(tmp_path: Path, text: str | None) -> None:
    under_test, runner = pm2(tmp_path, app())
    (tmp_path / "pm2.pid").unlink()
    if text is not None:
        (tmp_path / "pm2.pid").write_text(text)
    assert under_test.state().health is Health.ABSENT
    assert runner.calls == []


def test_while_its_processes_go_on_it_is_not_asked_again(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "100"]) as child:
        under_test, runner = pm2(tmp_path, app(pid=child.pid))
        assert [under_test.state().word for _turn in range(3)] == ["online"] * 3
        assert runner.calls == ["jlist"]
        child.kill()
        child.wait()
        runner.apps = [app("errored")]
        assert [under_test.state().word for _turn in range(2)] == ["errored"] * 2
        assert runner.calls == ["jlist"] * 3


def test_after_a_switch_it_is_asked(tmp_path: Path) -> None:
    under_test, runner = pm2(tmp_path, app(pid=os.getpid()))
    under_test.state()
    under_test.switch(f"{BASE}/releases/b")
    under_test.state()
    assert [call.split()[0] for call in runner.calls] == ["jlist", "jlist", "startOrReload", "jlist"]


def test_an_existing_dump_is_kept_up_to_date(tmp_path: Path) -> None:
    under_test, runner = pm2(tmp_path, app())
    under_test.settled()
    assert runner.calls == []
    (tmp_path / "dump.pm2").touch()
    under_test.settled()
    assert runner.calls == ["save"]


def test_last_words(tmp_path: Path) -> None:
    for name in ("out", "err"):
        (tmp_path / name).write_text(f"{name} 1\n{name} 2\n")
    paths = {"pm_out_log_path": str(tmp_path / "out"), "pm_err_log_path": str(tmp_path / "err")}
    under_test, _runner = pm2(tmp_path, app(**paths), app(**paths), app(pm_err_log_path=""))
    assert under_test.last_words(None, 3) == ["out 2", "err 1", "err 2"]


PROGRAM = os.environ.get("STEADY_PM2") or shutil.which("pm2") or ""
MAIN = "require('http').createServer((q, s) => s.end(__dirname)).listen(process.env.PORT, '127.0.0.1')"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[Pm2, Path]]:
    base = tmp_path / "web"
    for name in "ab":
        (base / "releases" / name).mkdir(parents=True)
        (base / "releases" / name / "main.js").write_text(MAIN)
    home = tmp_path / "home"
    ecosystem = f"{base}/current/ecosystem.config.js"
    runner = SubprocessRunner()
    yield Pm2(Caller(runner), Processes(), "web", home, base / "releases", ecosystem, PROGRAM, True), base
    subprocess.run([PROGRAM, "kill"], env={**os.environ, "PM2_HOME": str(home)}, check=False, capture_output=True)


@pytest.mark.skipif(not PROGRAM, reason="NOT RUN: pm2 is not installed (npm install pm2, STEADY_PM2=its path)")
@pytest.mark.parametrize(
    ("cwd", "mode"), [("'{base}/current'", "fork"), ("'{base}/current'", "cluster"), ("__dirname", "fork")]
)
def test_the_real_one_follows_the_link(real: tuple[Pm2, Path], cwd: str, mode: str, unused_port: int) -> None:
    under_test, base = real
    written = f"name: 'web', script: 'main.js', exec_mode: '{mode}', cwd: {cwd.format(base=base)}"
    for name in "ab":
        page = base / "releases" / name / "ecosystem.config.js"
        page.write_text(f"module.exports = {{apps: [{{{written}, env: {{PORT: {unused_port}}}}}]}}")
    for name in "aba":
        beside = base / "current.new"
        beside.symlink_to(f"releases/{name}")
        beside.replace(base / "current")
        under_test.switch(str(base / "releases" / name))
        state = under_test.state()
        (process,) = (under_test.processes.one(pid) for pid in state.pids)
        assert process is not None
        assert (state.health, process.release(base / "releases")) == (Health.RUNNING, name)
        assert _answer(unused_port) == str(base / "releases" / name)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answer(port: int) -> str:
    for _turn in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    return ""
