"""Canaries in everything that a run is given: none comes out, whatever becomes of the run.

A world holds one canary in each of its places, in a spelling of its own (quotes, blanks, umlauts, what JSON, YAML and
URLs escape), and is deployed, failed, refused, checked, killed, rolled back, exported and told of, at C(-vvv) through
ansible-runner. Looked at is all that is left afterwards: output, events, ledger, run directories, temporary files, the
export, what receivers of notifications got, and, while runs go on, every process's arguments and files open to others.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner

from lab.fakes.apprunner.control import start
from tests.integration.stage import REPOSITORY, ROOT, SERVICE, Played, Stage
from tests.integration.test_secrets import CANARY, Watcher
from tests.sinks import HttpSink, http_sink
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 200,
    "sample": 10,
    "seed": 20261121,
    "covers": [
        "plugins/action",
        "plugins/callback",
        "plugins/module_utils",
        "plugins/modules",
        "plugins/plugin_utils",
        "tests/integration/stage.py",
        "tests/integration/test_secrets.py",
        "tests/sinks.py",
    ],
}
# what a value may hold where anything goes, where a word must not end, and where only visible ASCII may stand
ANY = " ;'\"\\ü\u4e2d{}$`%&<>|:@/?#,=\t"
WORD = "-_+.~%"
# each place with the characters that fit into it
PLACES = {
    "extra variable named as a secret": ANY,
    "extra variable, nested": ANY,
    "reason with a URL": WORD,
    "reason with a token": WORD,
    "inventory variable": ANY,
    "become password": ANY,
    "environment of the component": ANY,
    "environment that the service has already": ANY,
    "secret key of the connection": WORD,
    "session token of the connection": WORD,
    "bearer token of the probe": WORD,
    "environment variable of the controller": ANY,
    "environment variable with a URL": WORD,
    "token of a channel, by variable": WORD,
    "address of a channel, by file": WORD,
    "log line of the application": WORD,
    "another nested list of variables": ANY,
    "filter of the journal": WORD,
    "message of a hold": WORD,
    "reason of a lookup that finds nothing": WORD,
}


@dataclass(frozen=True)
class Canary:
    """One secret.

    :param value: begins with what is looked for, and is as odd as its place allows.
    """

    place: str
    number: int
    value: str

    @property
    def mark(self) -> str:
        return f"{CANARY}-{self.number:04d}"

    def stands_in(self, data: bytes) -> bool:
        encoded = base64.b64encode(self.value.encode()).rstrip(b"=")
        return self.mark.encode() in data or encoded in data


def canary(place: str, number: int, chance: random.Random) -> Canary:
    mark = f"{CANARY}-{number:04d}"
    odd = "".join(chance.choice(PLACES[place]) for _character in range(6))
    return Canary(place, number, f"{mark}{odd}{chance.randrange(16**8):08x}".strip())


def test_no_canary_comes_out(criterion: Criterion, count_outcome: Callable[[str], None], tmp_path: Path) -> None:
    places, chance = list(PLACES), random.Random(criterion.seed)
    planted = [canary(places[number % len(places)], number, chance) for number in range(criterion.cases)]
    for first in range(0, len(planted), len(places)):
        some = planted[first : first + len(places)]
        with world(tmp_path / str(first), some) as found:
            leaks = found.lived_through()
            assert not leaks, "\n".join(leaks)
        for each in some:
            count_outcome(f"{each.place}: nowhere")


def test_a_canary_that_comes_out_is_seen(tmp_path: Path) -> None:
    """What looks for canaries finds one: in a file of any spelling, and in an output."""
    odd = Canary("inventory variable", 3, f"{CANARY}-0003'\"ü x")
    made = World(tmp_path, [odd], None, None)  # type: ignore[arg-type]
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "page").write_text(json.dumps({"msg": odd.value}))
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "stdout").write_bytes(base64.b64encode(odd.value.encode()))
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(odd.value)
    assert sorted(made.in_files()) == [
        "inventory variable: artifacts/stdout",
        "inventory variable: ledger/page",
    ]
    assert made.in_text("output", f"x{odd.value}") == ["inventory variable: output"]


class World:
    """One system with canaries in its places, and a hook that is told of its runs."""

    def __init__(self, home: Path, planted: list[Canary], stage: Stage, sink: HttpSink) -> None:
        self.home, self.planted, self.stage, self.sink = home, planted, stage, sink

    def value(self, place: str) -> str:
        return next((each.value for each in self.planted if each.place == place), "harmless")

    def write(self) -> None:
        """Plant what stands in files."""
        (self.home / "secrets").mkdir(mode=0o700)
        (self.home / "secrets" / "chat").write_text(f"{self.sink.url}/{self.value('address of a channel, by file')}\n")
        hook = {"name": "hook", "kind": "webhook", "url": self.sink.url, "token_env": "HOOK_TOKEN", "lab": True}
        chat = {"name": "chat", "kind": "slack", "url_file": str(self.home / "secrets" / "chat"), "lab": True}
        (self.home / "anchor").touch()
        self.stage.write_inventory(
            {
                "component_options": {"environment": {"API_PASSWORD": self.value("environment of the component")}},
                "component_probe": {"bearer_token": self.value("bearer token of the probe")},
                "aws_connection": {
                    "region": "us-east-1",
                    "endpoint_url": self.stage.endpoint,
                    "access_key": "AKIATESTTESTTESTTEST",
                    "secret_key": self.value("secret key of the connection"),
                    "session_token": self.value("session token of the connection"),
                },
                "shop_db_password": self.value("inventory variable"),
                "ansible_become_password": self.value("become password"),
                "ops_notify": [hook, chat],
                "ops_anchors": [{"kind": "file", "path": str(self.home / "anchor")}],
            }
        )

    def play(self, playbook: str, *, check: bool = False, timeout: int = 0, **variables: object) -> Played:
        """Run a playbook as AWX does, with everything that it is given."""
        # ansible-runner keeps what a run was given and gives it to the next
        shutil.rmtree(self.home / "env", ignore_errors=True)
        (self.home / "env").mkdir(mode=0o700)
        given: dict[str, object] = {
            "shop_db_password_now": self.value("extra variable named as a secret"),
            "shop": {"settings": {"api_token": self.value("extra variable, nested")}},
            "channels": [{"client_secret": self.value("another nested list of variables")}],
            "awx_user_name": "kim",
            "awx_job_id": 7,
        }
        # as AWX does: given as an argument, everybody could read them
        (self.home / "env" / "extravars").write_text(json.dumps({**given, **variables}))
        run = ansible_runner.run(
            private_data_dir=str(self.home),
            project_dir=str(ROOT),
            playbook=f"playbooks/{playbook}.yml",
            inventory=str(self.home / "inventory" / "hosts.yml"),
            cmdline="--check --diff" if check else "--diff",
            envvars={
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_HOME": str(self.home / "ansible home"),
                "ANSIBLE_REMOTE_TEMP": str(self.home / "ansible home" / "remote"),
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections"),
                "TMPDIR": str(self.home / "temporary"),
                "HOOK_TOKEN": self.value("token of a channel, by variable"),
                "PGPASSWORD": self.value("environment variable of the controller"),
                "DATABASE_URL": f"postgres://app:{self.value('environment variable with a URL')}@db/shop",
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },
            quiet=True,
            verbosity=3,
            **({"timeout": timeout} if timeout else {}),
        )
        return Played(int(run.rc), run.stdout.read(), [])

    def lived_through(self) -> list[str]:
        """Go through all that may become of a run; return what came out."""
        (self.home / "temporary").mkdir()
        watcher = Watcher([self.home / "ansible home", self.home / "temporary", self.home / "ledger"])
        watcher.start()
        reasons = {
            "deploy_reason": f"see postgres://app:{self.value('reason with a URL')}@db/shop",
            "ops_reason": f"token={self.value('reason with a token')}",
        }
        outputs = {
            "adopt": self.play("deploy", deploy_action="adopt", **reasons),
            "check": self.play("deploy", check=True, deploy_release="2.0.0", **reasons),
            "deploy": self.play("deploy", deploy_release="2.0.0", **reasons),
            "failed": self.play("deploy", deploy_release="8.0.0", **reasons),
            "no such release": self.play("deploy", deploy_release="no-such-release", **reasons),
        }
        self.stage.control.hold(SERVICE, "end")
        outputs["killed"] = self.play("deploy", timeout=12, deploy_release="3.0.0", **reasons)
        self.stage.control.release(SERVICE)
        outputs |= {
            "settled": self.play("deploy", deploy_release="3.0.0", **reasons),
            "rollback": self.play("rollback", rollback_reason=reasons["ops_reason"]),
            "hold": self.play("lease", **self.hold()),
            "held": self.play("deploy", deploy_release="2.0.0", **reasons),
            "lease": self.play("lease"),
            "no such run": self.play("journal", journal_user=f"password={self.value('filter of the journal')}"),
            "no such object": self.play(
                "lease",
                lease_action="lift",
                lease_object=f"token={self.value('reason of a lookup that finds nothing')}",
            ),
            "journal": self.play("journal", journal_last=100),
            "export": self.play(
                "journal", journal_action="export", journal_since="1h", journal_to=str(self.home / "export")
            ),
            "verify": self.play("journal", journal_action="verify"),
        }
        watcher.ended.set()
        watcher.join()
        assert watcher.readings > 20
        self.went_as_meant(outputs)
        leaks = [leak for name, played in outputs.items() for leak in self.in_text(name, played.output)]
        told = "".join(json.dumps(body, default=str) for body in self.sink.bodies)
        return [*leaks, *self.in_files(), *self.in_text("what receivers got", told), *sorted(watcher.seen)]

    def hold(self) -> dict[str, object]:
        message = f"restoring, password={self.value('message of a hold')}"
        return {
            "lease_action": "hold",
            "lease_object": "api",
            "lease_message": message,
            "lease_until": "2096-01-01T00:00:00Z",
        }

    def went_as_meant(self, outputs: dict[str, Played]) -> None:
        """A world in which everything is refused at its door shows nothing."""
        good = ("adopt", "check", "deploy", "settled", "rollback", "hold", "lease", "journal", "export", "verify")
        for name, played in outputs.items():
            assert "shop/lab" in played.output or name == "killed", f"{name}: {played.output}"
            assert (played.rc == 0) is (name in (*good, "no such run", "no such object")), f"{name}: {played.output}"
        assert self.sink.bodies

    def in_text(self, name: str, text: str) -> list[str]:
        return [f"{each.place}: {name}" for each in self.planted if each.stands_in(text.encode())]

    def in_files(self) -> Iterator[str]:
        """Give what stands in files that nobody gave to the run."""
        given = ("inventory", "env", "secrets", "fake")
        for page in sorted(self.home.rglob("*")):
            name = page.relative_to(self.home)
            if not page.is_file() or name.parts[0] in given:
                continue
            data = page.read_bytes()
            for each in self.planted:
                # ansible-runner keeps the environment that it was given
                own = name.name == "command" and "variable" in each.place and "extra" not in each.place
                if each.stands_in(data) and not own:
                    yield f"{each.place}: {name}"


def world(home: Path, planted: list[Canary]) -> Any:
    """Return a context with the world."""
    return _Opened(home, planted)


class _Opened:
    def __init__(self, home: Path, planted: list[Canary]) -> None:
        self.home, self.planted, self.stack = home, planted, ExitStack()

    def __enter__(self) -> World:
        self.home.mkdir()
        fake = self.stack.enter_context(start(self.home / "fake", 600))
        sink = self.stack.enter_context(http_sink())
        stage = Stage(self.home, fake.control, fake.endpoint)
        made = World(self.home, self.planted, stage, sink)
        stage.open(environment={"STANDING": made.value("environment that the service has already")})
        url = f"postgres://app:{made.value('log line of the application')}@db/shop"
        stage.control.put_image(REPOSITORY, "8.0.0", "8.0.0", {"kind": "wrong_body", "body": "grafana"}, log_url=url)
        made.write()
        return made

    def __exit__(self, *failure: object) -> None:
        self.stack.close()


def test_each_place_has_its_own_spelling() -> None:
    chance = random.Random(1)
    made = [canary(place, number, chance) for number, place in enumerate(PLACES)]
    assert len({each.mark for each in made}) == len(PLACES) == 20
    assert all(re.match(rf"{CANARY}-\d{{4}}", each.value) for each in made)
