"""health_check.yml through ansible-runner on the lab: what is well, what is broken first, and what one look misses.

Each test has inventory and ledger of its own; applications that misbehave are started beside the lab's, which other
tests use. What the world is really like is asked with the runbooks' own commands: curl, psql, pg_isready.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

from tools.treehash import ROOT

ProveProcedure = Callable[[str, str, list[dict[str, Any]], str], None]


@dataclass
class Place:
    """The lab inventory of one system, copied, with a ledger of its own and the values that a test changes."""

    system: str
    base: Path
    lab: dict[str, Any]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    runs: int = 0

    def __post_init__(self) -> None:
        shutil.copytree(ROOT / "inventories" / self.system, self.base / self.system)
        self.ledger = self.base / "ledger"
        self.change(ops_ledger=f"file://{self.ledger}")

    @property
    def inventory(self) -> Path:
        return self.base / self.system / "lab.yml"

    def change(self, **values: object) -> None:
        """Set variables of the environment."""
        page = self.base / self.system / "group_vars" / "lab.yml"
        page.write_text(yaml.safe_dump({**yaml.safe_load(page.read_text()), **values}))

    def application(self, behaviour: object = "ok", contract: object = None, version: str = "1.0.0") -> str:
        """Start the sample application and return its URL."""
        number = len(self.processes)
        port_file, settings = self.base / f"port-{number}", self.base / f"settings-{number}.json"
        given = {"version": version, "behaviour": behaviour, "contract": contract or self.system}
        settings.write_text(json.dumps({**given, "port_file": str(port_file)}))
        command = [sys.executable, "-m", "lab.app", "--settings", str(settings), "--exit-with-parent"]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        until = time.monotonic() + 10
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < until, "the sample application did not start"
            time.sleep(0.02)
        return f"http://127.0.0.1:{port_file.read_text().strip()}"

    def play(self, name: str, *more: str) -> tuple[int, str]:
        """Run a playbook; return its exit code and what a person saw."""
        self.runs += 1
        private = self.base / f"run-{self.runs}"
        private.mkdir()
        seen, _rest, code = ansible_runner.run_command(
            private_data_dir=str(private),
            executable_cmd=str(Path(sys.executable).parent / "ansible-playbook"),
            cmdline_args=[f"playbooks/{name}.yml", "-i", str(self.inventory), *more],
            host_cwd=str(ROOT),
            envvars={
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_HOME": str(ROOT / ".ansible"),
                "ANSIBLE_NOCOLOR": "1",
            },
            quiet=True,
        )
        return int(code), str(seen)

    def journal(self) -> list[dict[str, Any]]:
        """Return all records of the journal, read without our code."""
        pages = sorted((self.ledger / "journal" / "entries").iterdir())
        return [record for page in pages for record in json.loads(page.read_text())["records"]]

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def lab() -> dict[str, Any]:
    """Return the lab's parts. `make test` has it up; else it is started here, and left up for other workers."""
    command = [sys.executable, "-m", "lab", "up"]
    started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert started.returncode == 0, started.stdout + started.stderr
    parts: dict[str, Any] = json.loads((ROOT / ".lab" / "status.json").read_text())["parts"]
    return parts


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a fresh ledger of each system is kept, to be copied: initialising costs a run."""
    return tmp_path_factory.mktemp("ledgers")


@pytest.fixture
def place(tmp_path: Path, lab: dict[str, Any], ledgers: Path) -> Iterator[Callable[[str], Place]]:
    made: list[Place] = []

    def make(system: str) -> Place:
        here = Place(system, tmp_path / system, lab)
        made.append(here)
        if not (ledgers / system).exists():
            code, seen = here.play("ledger", "-e", "ledger_action=initialise")
            assert code == 0, seen
            shutil.copytree(here.ledger, ledgers / system)
        elif not here.ledger.exists():
            shutil.copytree(ledgers / system, here.ledger)
        return here

    yield make
    for one in made:
        one.stop()


def shell(*argv: str, **environment: str) -> tuple[int, str]:
    """Run a runbook's own command; return its exit code and what it said."""
    done = subprocess.run(
        argv, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment}, check=False
    )
    return done.returncode, done.stdout + done.stderr


def lines(seen: str) -> dict[str, str]:
    """Return what was said about each component."""
    found = {}
    for line in seen.splitlines():
        words = line.strip().strip('",').split(None, 1)
        if len(words) == 2 and words[1].startswith(("ok ", "critical ", "unknown ", "not asked ")):
            found[words[0]] = words[1]
    return found


@contextlib.contextmanager
def watched(secret: str) -> Iterator[list[str]]:
    """Look at every process' arguments all the while; the list holds those that showed the secret."""
    shown: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for page in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    text = page.read_bytes()
                    if secret.encode() in text:
                        shown.append(text.decode(errors="replace"))
            time.sleep(0.05)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield shown
    finally:
        over.set()
        watcher.join()


@pytest.mark.procedure("SU-01")
def test_the_first_broken_dependency_is_named(place: Callable[[str], Place], prove_procedure: ProveProcedure) -> None:
    here = place("smartunderwrite")
    here.change(api_url=here.application())
    code, seen = here.play("health_check")
    assert code == 0, seen
    assert list(lines(seen)) == ["database", "documents", "api"], "dependencies come first"
    assert "All 3 components that were asked are well." in seen

    here.change(documents_bucket="no-such-bucket")
    for mode in ([], ["--check"]):
        code, seen = here.play("health_check", *mode)
        assert code == 2
        said = lines(seen)
        assert said["database"].startswith("ok ")
        assert said["documents"].startswith("critical ")
        assert said["api"].startswith("ok ") and said["api"].endswith("(it depends on documents, which is not well)")
        assert "documents (s3) is broken: The bucket no-such-bucket does not exist; api depends on it." in seen
        assert "ansible-playbook playbooks/health_check.yml -i " in seen
        assert " -l documents" in seen

    endpoint = here.lab["aws"]["endpoint"]
    _rest, there = shell("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{endpoint}/smartunderwrite-documents")
    _rest, gone = shell("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{endpoint}/no-such-bucket")
    assert (there != "404", gone) == (True, "404")
    prove_procedure(
        "SU-01",
        "health_check",
        here.journal(),
        "the bucket that the run named as the first broken one answered 404 to curl, the others answered",
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("[api]", "component_depends_on goes in a circle: api -> database -> api"),
        ("[documets]", "component_depends_on of database names documets, which is no component. Did you mean"),
    ],
)
def test_impossible_dependencies_are_refused(place: Callable[[str], Place], change: str, sentence: str) -> None:
    here = place("smartunderwrite")
    page = here.base / here.system / "host_vars" / "database.yml"
    page.write_text(page.read_text().replace("component_depends_on: []", f"component_depends_on: {change}"))
    code, seen = here.play("health_check")
    assert code == 2
    assert sentence in " ".join(seen.split())
    assert "over HTTP" not in seen, "something was asked before the inventory was right"


@pytest.mark.procedure("SU-12")
def test_alive_is_more_than_a_200(place: Callable[[str], Place], prove_procedure: ProveProcedure) -> None:
    here = place("smartunderwrite")
    sick = {"kind": "wrong_body", "body": {"status": "Unhealthy", "version": "1.0.0"}}
    url = here.application(sick)
    here.change(api_url=url)
    code, body = shell("curl", "-sf", f"{url}/api/health/healthz")
    assert code == 0, "the hazard is gone: curl -f saw what the runbook's command does not see"
    assert "Unhealthy" in body
    code, seen = here.play("health_check")
    assert code == 2
    assert 'healthz answered 200, but status is "Unhealthy", wanted "Healthy"' in seen
    assert "api (http) is broken" in seen
    assert "ansible-playbook playbooks/releases.yml -i " in seen

    here.change(api_url=here.application(version="1.0.0"))
    assert here.play("health_check", "-e", "health_check_version=1.0.0")[0] == 0
    code, seen = here.play("health_check", "-e", "health_check_version=1.0.1")
    assert code == 2
    assert "healthz states version 1.0.0, wanted 1.0.1" in seen
    prove_procedure(
        "SU-12",
        "health_check",
        here.journal(),
        "curl -f exited 0 on a 200 whose body said Unhealthy; the run was red, and green once curl showed Healthy",
    )


@pytest.mark.procedure("SU-13")
def test_ready_is_what_its_checks_say(place: Callable[[str], Place], prove_procedure: ProveProcedure) -> None:
    here = place("smartunderwrite")
    routes = [
        {"path": "/api/health/healthz", "role": "health", "body": {"status": "Healthy", "version": "{version}"}},
        {
            "path": "/api/health/readyz",
            "role": "ready",
            "body": {"status": "Ready", "checks": {"database": "Healthy", "storage": "Unhealthy"}},
        },
    ]
    url = here.application(contract=routes)
    here.change(api_url=url)
    code, body = shell("curl", "-sf", f"{url}/api/health/readyz")
    assert (code, '"Unhealthy"' in body) == (0, True)
    code, seen = here.play("health_check")
    assert code == 2
    assert 'readyz answered 200, but checks.storage is "Unhealthy", wanted "Healthy"' in seen
    assert lines(seen)["documents"].startswith("ok "), "the component behind the check is asked by itself too"
    here.change(api_url=here.application())
    assert here.play("health_check")[0] == 0
    prove_procedure(
        "SU-13",
        "health_check",
        here.journal(),
        "curl -f exited 0 on a readiness with checks.storage Unhealthy; the run was red and named that check",
    )


@pytest.mark.procedure("AA-61")
def test_a_503_is_red_and_a_slow_start_is_waited_for(
    place: Callable[[str], Place], prove_procedure: ProveProcedure
) -> None:
    here = place("audit_app")
    sick = here.application({"kind": "errors", "status": 503}, contract="generic")
    here.change(api_url=sick)
    code, body = shell("curl", "-s", "-w", "%{http_code}", f"{sick}/health")
    assert (code, body[-3:]) == (0, "503"), "the runbook's curl exits 0 on a 503"
    code, seen = here.play("health_check", "-l", "api")
    assert code == 2
    assert "/health answered 503, wanted 200" in seen

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here.change(api_url=f"http://127.0.0.1:{port}")
    code, seen = here.play("health_check", "-l", "api")
    assert code == 2
    assert f"refused the connection: nothing listens on port {port}" in seen
    assert "api (http) cannot be said to be well" in seen

    fine = here.application(contract="generic", version="2.0.0")
    here.change(api_url=fine)
    code, seen = here.play(
        "health_check", "-l", "api", "-e", "health_check_version=2.0.0", "-e", "health_check_wait=true"
    )
    assert code == 0, seen
    assert '"version": "2.0.0"' in shell("curl", "-s", f"{fine}/health")[1].replace('":"', '": "')
    prove_procedure(
        "AA-61",
        "health_check",
        here.journal(),
        "curl exited 0 on a 503 that made the run red, and showed version 2.0.0 where the run was green",
    )


@pytest.mark.procedure("SM-09")
def test_another_server_on_the_port_is_not_the_backend(
    place: Callable[[str], Place], prove_procedure: ProveProcedure
) -> None:
    here = place("sanvi")
    grafana = here.application({"kind": "wrong_body", "body": "html"}, contract="generic")
    here.change(api_url=grafana)
    code, body = shell("curl", "-f", "-s", f"{grafana}/health")
    assert (code, "<html>" in body) == (0, True), "curl -f takes any 200 for the backend"
    code, seen = here.play("health_check", "-l", "api")
    assert code == 2
    assert "but its body is not JSON" in seen
    here.change(api_url=here.application(contract="generic"))
    code, seen = here.play("health_check", "-l", "api")
    assert code == 0, seen
    prove_procedure(
        "SM-09",
        "health_check",
        here.journal(),
        "curl -f exited 0 on a web page that answered on the backend's port; the run was red",
    )


@pytest.mark.procedure("AA-09")
def test_a_database_that_lets_nobody_in_is_not_well(
    place: Callable[[str], Place], prove_procedure: ProveProcedure, tmp_path: Path
) -> None:
    here = place("audit_app")
    postgres = here.lab["postgres"]
    address = ("-h", postgres["host"], "-p", str(postgres["port"]))
    code, seen = here.play("health_check", "-l", "database")
    assert code == 0, seen
    assert "answered SELECT 1 in " in lines(seen)["database"]

    wrong = tmp_path / "wrong password"
    wrong.write_text("not-the-password\n")
    page = yaml.safe_load((here.base / here.system / "group_vars" / "lab.yml").read_text())
    here.change(database_connection={**page["database_connection"], "login_password_file": str(wrong)})
    code, seen = here.play("health_check", "-l", "database")
    assert code == 2
    assert "does not let us in" in seen
    assert shell("pg_isready", *address)[0] == 0, "pg_isready is content where nobody gets in"
    right = postgres["databases"]["audit_app"]
    password = Path(right["password_file"]).read_text().strip()
    login = ("psql", *address, "-U", right["user"], "-d", right["database"], "-Atc", "SELECT 1")
    assert shell(*login, PGPASSWORD=password) == (0, "1\n")
    assert shell(*login, PGPASSWORD="not-the-password")[0] == 2
    prove_procedure(
        "AA-09",
        "health_check",
        here.journal(),
        "pg_isready exited 0 while psql was refused for its password; the run was red there and green where psql got 1",
    )


@pytest.mark.parametrize(
    ("system", "row"),
    [
        pytest.param("sanvi", "SM-08", marks=pytest.mark.procedure("SM-08")),
        pytest.param("asset_anchor", "AN-56", marks=pytest.mark.procedure("AN-56")),
    ],
)
def test_the_password_is_in_no_argument_and_no_line(
    place: Callable[[str], Place], prove_procedure: ProveProcedure, system: str, row: str
) -> None:
    here = place(system)
    postgres = here.lab["postgres"]
    mine = postgres["databases"][system]
    password = Path(mine["password_file"]).read_text().strip()
    with watched(password) as shown:
        code, seen = here.play("health_check", "-l", "database", "-vvv")
    assert code == 0, seen
    assert shown == []
    assert password not in seen
    assert password not in json.dumps(here.journal())
    url = f"postgresql://{mine['user']}:{password}@{postgres['host']}:{postgres['port']}/{mine['database']}"
    with watched(password) as shown:
        code, _rest = shell("psql", url, "-Atc", "SELECT 1, pg_sleep(0.5)")
    assert (code, bool(shown)) == (0, True), "the hazard is gone: psql's URL is in no list of processes"
    here.change(database_identity={"database": mine["database"], "system_identifier": "1"})
    assert here.play("health_check", "-l", "database")[0] == 2
    prove_procedure(
        row,
        "health_check",
        here.journal(),
        "the list of processes showed the password of the runbook's psql URL and never showed it during the run",
    )


def test_every_system_of_the_lab_can_be_asked(place: Callable[[str], Place]) -> None:
    here = place("asset_anchor")
    code, seen = here.play("health_check")
    assert code == 0, seen
    assert set(lines(seen)) == {"database", "cache", "files", "api", "frontend"}


def test_what_cannot_be_reached_from_here_is_unknown_and_red(place: Callable[[str], Place]) -> None:
    here = place("audit_app")
    here.change(database_reach={"via": "container", "engine": "docker", "container": "postgres"})
    code, seen = here.play("health_check", "-l", "database:etl")
    assert code == 2
    said = lines(seen)
    assert "it is reached via container, which health_check cannot do yet" in said["database"]
    assert said["etl"].startswith("not asked")
