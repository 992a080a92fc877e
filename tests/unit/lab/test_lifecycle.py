"""`python -m lab` for real, in a copy of the checkout whose path has spaces: up, repeat, kill, up again, down."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[3]
SYSTEMS = {"smartunderwrite", "audit_app", "accu_platform", "sanvi", "asset_anchor"}
UP = ("up", "--parts", "postgres,redis", "--data-scale", "200")


class Checkout:
    """A copy of the lab in a directory of its own, asked only through its command line."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder, self.base = folder, base
        shutil.copytree(ROOT / "lab", folder / "lab", ignore=shutil.ignore_patterns("__pycache__"))

    def popen(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lab", *words],
            cwd=self.folder,
            env={**os.environ, "STEADY_LAB_BASE": str(self.base)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def lab(self, *words: str, code: int = 0) -> str:
        """Run one command to its end; both outputs."""
        process = self.popen(*words)
        output = "".join(process.communicate(timeout=120))
        assert process.returncode == code, output
        return output

    def status(self, code: int = 0) -> dict[str, Any]:
        process = self.popen("status", "--json")
        output, errors = process.communicate(timeout=60)
        assert process.returncode == code, output + errors
        return dict(json.loads(output))

    @property
    def file(self) -> Path:
        return self.folder / ".lab" / "status.json"

    def written(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text()))

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        part = self.written()["parts"]["postgres"]
        return psycopg.connect(
            host=part["host"],
            port=part["port"],
            user=part["user"],
            password=Path(part["password_file"]).read_text(),
            dbname=database,
            autocommit=True,
        )

    def processes(self) -> set[int]:
        """Every process with a path of this lab among its words, its directory or its open files."""
        return {int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and self._owns(each)}

    def _owns(self, entry: Path) -> bool:
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            return int(entry.name) != os.getpid() and (
                str(self.base) in words or os.readlink(entry / "cwd").startswith(str(self.base))
            )
        except OSError:
            return False


def assert_secrets_are_private(checkout: Checkout, state: Path) -> None:
    """No two are the same; each stands only in 0600 files, and in no process's words."""
    secrets = {path.name: path.read_bytes() for path in (state / "secrets").iterdir()}
    assert len(secrets) == 7 and len(set(secrets.values())) == 7
    for path in state.rglob("*"):
        mode = path.lstat().st_mode
        text = path.read_bytes() if stat.S_ISREG(mode) else b""
        assert stat.S_IMODE(mode) == 0o600 or not any(secret in text for secret in secrets.values()), path
    visible = b"".join(words_of(pid) for pid in checkout.processes())
    assert not any(secret in visible for secret in secrets.values())


@pytest.fixture
def base() -> Iterator[Path]:
    """A short directory that PostgreSQL's account can pass through; pytest's own is too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="lab"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def checkout(tmp_path: Path, base: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path / "a path with spaces", base)
    yield made
    made.popen("down").communicate(timeout=60)
    assert not made.processes()


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie, which the first process of a container may leave for long, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def words_of(pid: int) -> bytes:
    """The command line of a process, nothing when it ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def shared_memory_of(pid: int) -> list[str]:
    """System V segments that this process made."""
    rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[4] == str(pid)]


def ping(part: dict[str, Any]) -> bytes:
    password = Path(part["password_file"]).read_text().encode()
    with socket.create_connection((part["host"], part["port"]), timeout=3) as connection:
        connection.sendall(b"AUTH %s\r\nPING\r\n" % password)
        time.sleep(0.1)
        return connection.recv(100)


def test_up_then_up_again_then_down(checkout: Checkout) -> None:
    output = checkout.lab(*UP)
    assert "postgres: started at 127.0.0.1:" in output
    status = checkout.status()
    assert {name: part["state"] for name, part in status["parts"].items()} == {"postgres": "up", "redis": "up"}
    assert ping(status["parts"]["redis"]) == b"+OK\r\n+PONG\r\n"
    with checkout.connect() as connection:
        names = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
        assert names >= SYSTEMS
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        stored = connection.execute("SELECT DISTINCT left(rolpassword, 13) FROM pg_authid WHERE rolcanlogin").fetchall()
        assert stored == [("SCRAM-SHA-256",)]

    before = checkout.file.read_bytes()
    assert "0 of 2 parts started" in checkout.lab(*UP)
    assert checkout.file.read_bytes() == before

    state = checkout.file.resolve().parent
    assert_secrets_are_private(checkout, state)
    assert "nothing is left" in checkout.lab("down")
    assert not state.exists() and not checkout.file.parent.is_symlink()
    assert not checkout.processes()
    assert not shared_memory_of(status["parts"]["postgres"]["pid"])
    assert list(checkout.base.iterdir()) == []
    assert "down already" in checkout.lab("down")


def test_what_is_killed_is_said_and_comes_back_on_the_same_port_with_its_data(checkout: Checkout) -> None:
    checkout.lab(*UP)
    first = checkout.written()["parts"]
    with checkout.connect("sanvi") as connection:
        connection.execute("CREATE TABLE mine AS SELECT 7 AS value")
    for part in first.values():
        os.kill(part["pid"], signal.SIGKILL)
    wait_for(lambda: not any(alive(part["pid"]) for part in first.values()))

    found = checkout.status(code=1)["parts"]
    assert {name: part["state"] for name, part in found.items()} == {"postgres": "dead", "redis": "dead"}
    assert "is gone" in found["postgres"]["why"]

    assert "2 of 2 parts started" in checkout.lab(*UP)
    second = checkout.status()["parts"]
    assert [part["port"] for part in second.values()] == [part["port"] for part in first.values()]
    with checkout.connect("sanvi") as connection:
        assert connection.execute("SELECT value FROM mine").fetchone() == (7,)
    os.kill(second["postgres"]["pid"], signal.SIGKILL)
    checkout.lab("down")
    assert not shared_memory_of(second["postgres"]["pid"])


def test_a_process_that_lives_but_does_not_answer_is_not_up(checkout: Checkout) -> None:
    checkout.lab("up", "--parts", "redis")
    pid = checkout.written()["parts"]["redis"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    found = checkout.status(code=1)["parts"]["redis"]
    assert found["state"] == "dead" and "no answer to PING" in found["why"]
    assert "restarting it" in checkout.lab("up", "--parts", "redis")
    assert not alive(pid)
    assert checkout.status()["parts"]["redis"]["state"] == "up"


def _in_initdb(state: Path) -> bool:
    return (state / "postgres/data/PG_VERSION").exists() and not (state / "postgres/initialised").exists()


def _just_started(state: Path) -> bool:
    return (state / "records/postgres.json").exists()


def _while_filling(state: Path) -> bool:
    """All five databases are there beside PostgreSQL's own three, and not yet filled."""
    base = state / "postgres/data/base"
    return base.exists() and len(list(base.iterdir())) == 8


@pytest.mark.parametrize(
    ("moment", "with_children"),
    [(_in_initdb, True), (_in_initdb, False), (_just_started, False), (_while_filling, False)],
)
def test_up_after_up_was_killed(checkout: Checkout, moment: Callable[[Path], bool], with_children: bool) -> None:
    killed = checkout.popen(*UP)
    wait_for(lambda: any(moment(state) for state in checkout.base.glob("steady-*")))
    killed.kill()
    for pid in checkout.processes() if with_children else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed.communicate()
    checkout.lab("up", "--parts", "postgres,redis")  # the size is remembered
    checkout.status()
    for database, table in {"smartunderwrite": '"AuditLogs"', "asset_anchor": "payments"}.items():
        with checkout.connect(database) as connection:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (200,)
    masters = [pid for pid in checkout.processes() if b"\0-D\0" in words_of(pid)]
    assert len(masters) == 1


def test_down_after_up_was_killed_and_the_records_are_lost(checkout: Checkout) -> None:
    killed = checkout.popen(*UP)
    wait_for(lambda: any(_while_filling(state) for state in checkout.base.glob("steady-*")))
    killed.kill()
    killed.communicate()
    state = next(checkout.base.glob("steady-*"))
    for record in (state / "records").iterdir():
        record.unlink()
    assert checkout.processes()
    checkout.lab("down")
    assert not checkout.processes() and list(checkout.base.iterdir()) == []


def test_two_at_once_do_not_race(checkout: Checkout) -> None:
    both = [checkout.popen(*UP), checkout.popen(*UP)]
    outputs = ["".join(each.communicate(timeout=120)) for each in both]
    assert [each.returncode for each in both] == [0, 0], outputs
    assert sorted("2 of 2 parts started" in output for output in outputs) == [False, True]
    checkout.status()


def test_a_reused_process_id_is_left_alone(checkout: Checkout) -> None:
    checkout.lab("up", "--parts", "redis")
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        record = checkout.file.resolve().parent / "records" / "redis.json"
        os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)
        record.write_text(json.dumps({"pid": stranger.pid, "started": json.loads(record.read_text())["started"]}))
        assert checkout.status(code=1)["parts"]["redis"]["state"] == "dead"
        checkout.lab("up", "--parts", "redis")
        checkout.lab("down")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_copy_of_a_checkout_has_a_lab_of_its_own(checkout: Checkout, tmp_path: Path) -> None:
    checkout.lab("up", "--parts", "redis")
    copy = Checkout(tmp_path / "copy", checkout.base)
    (copy.folder / ".lab").symlink_to((checkout.folder / ".lab").readlink())
    copy.lab("down")
    checkout.status()
    copy.lab("up", "--parts", "redis")
    assert copy.written()["parts"]["redis"]["port"] != checkout.written()["parts"]["redis"]["port"]
    copy.lab("down")
    checkout.status()


def test_the_same_rows_in_every_lab(checkout: Checkout) -> None:
    query = """SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM payments p"""

    def digest() -> Any:
        with checkout.connect("asset_anchor") as connection:
            return connection.execute(query).fetchone()

    checkout.lab("up", "--parts", "postgres", "--data-scale", "200")
    first = digest()
    checkout.lab("up", "--parts", "postgres", "--data-scale", "300")
    assert digest() != first
    checkout.lab("up", "--parts", "postgres", "--data-scale", "200")
    assert digest() == first


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["up", "--parts", "postgras"], "--parts: there is no part postgras; there are app_"),
        (["up", "--scale", "0"], "use a number above 0"),
        (["up", "--data-scale", "huge"], "use small, medium, or a number of rows"),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing(checkout: Checkout, words: list[str], sentence: str) -> None:
    process = checkout.popen(*words)
    assert sentence in "".join(process.communicate())
    assert process.returncode != 0
    assert not checkout.processes()


def test_missing_packages_are_one_sentence_with_the_command(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "from lab.parts.redis import Redis; Redis._program = staticmethod(lambda: None); import lab.__main__ as m; "
    )
    script += "raise SystemExit(m.main(['up', '--parts', 'redis']))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=checkout.folder,
        env={**os.environ, "STEADY_LAB_BASE": str(checkout.base)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "The lab needs OS packages that are not installed: run `apt-get install redis-server` as root.\n"
    )


def test_status_of_no_lab_is_not_green(checkout: Checkout) -> None:
    assert "redis: down, it was not started" in checkout.lab("status", code=1)
