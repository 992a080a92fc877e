"""Who is told of the end of a run: real runs, real receivers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.toy import SWITCH, World, wait_for
from tests.sinks import HttpSink, SmtpSink, certificate, free_port, http_sink, smtp_sink

KEY = "canary8b0123456789abcdef01234567"
PASSWORD = "canary-mail-77aa"
CHAT = "canary-chat-55cc"
TOKEN = "canary-token-33ee"


class Receivers:
    """A pager, a chat, a hook and a mail server, as the inventory of a world names them."""

    def __init__(self, world: World, pager: HttpSink, chat: HttpSink, hook: HttpSink, mail: SmtpSink, ca: Path) -> None:
        self.world, self.pager, self.chat, self.hook, self.mail = world, pager, chat, hook, mail
        secrets = world.base / "secrets"
        self.files = [
            world.put(secrets / "pd", f"{KEY}\n"),
            world.put(secrets / "chat", f"{chat.url}/{CHAT}\n"),
            world.put(secrets / "mail", PASSWORD),
        ]
        self.channels: list[dict[str, Any]] = [
            {"name": "oncall", "kind": "pagerduty", "url": pager.url, "routing_key_file": str(self.files[0])},
            {"name": "ops-chat", "kind": "slack", "url_file": str(self.files[1])},
            {"name": "hook", "kind": "webhook", "url": hook.url, "token_env": "HOOK_TOKEN"},
            {
                "name": "mail",
                "kind": "smtp",
                "host": "127.0.0.1",
                "port": mail.port,
                "user": "ops",
                "password_file": str(self.files[2]),
                "ca_file": str(ca),
                "from": "ops@example.org",
                "to": ["ann@example.org"],
            },
        ]

    def declare(self, *channels: dict[str, Any], environment: str = "lab") -> Path:
        """Write the channels into an environment; in the lab each says that it is meant."""
        meant = [{**each, "lab": True} for each in channels or self.channels]
        return self.world.environment(environment, f"ops_notify: {json.dumps(meant)}\n")

    def heard(self) -> list[int]:
        """Return how often each was told."""
        return [len(self.pager.bodies), len(self.chat.bodies), len(self.hook.bodies), len(self.mail.mails)]

    def told(self) -> list[tuple[str, str, bool]]:
        """Return what the journal keeps of it."""
        events = [record for record in self.world.records("journal") if record.get("event") == "told"]
        return sorted((event["channel"], event["rule"], event["delivered"]) for event in events)

    def leaks(self, text: str) -> list[str]:
        """Return where a secret stands that belongs into its file only."""
        secrets = [KEY, CHAT, PASSWORD, TOKEN]
        found = [path for path in self.world.base.rglob("*") if path.is_file() and path not in self.files]
        in_files = [str(path) for path in found if any(secret.encode() in path.read_bytes() for secret in secrets)]
        return in_files + [secret for secret in secrets if secret in text]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.initialise()
    made.play.write_text(made.play.read_text().replace("    - name: Write\n", BREAKS))
    yield made
    made.kill_all()


@pytest.fixture
def receivers(world: World, tmp_path: Path) -> Iterator[Receivers]:
    files = certificate(tmp_path / "tls", "127.0.0.1")
    with (
        http_sink(pagerduty=True) as pager,
        http_sink() as chat,
        http_sink() as hook,
        smtp_sink(certificate=files, login=("ops", PASSWORD)) as mail,
    ):
        made = Receivers(world, pager, chat, hook, mail, files[0])
        made.declare()
        yield made


FAILS = ("-e", "dark=true")
BREAKS = """    - name: Look
      ansible.builtin.fail: {msg: "it is dark. Next: ansible-playbook light.yml"}
      when: dark | default(false) | bool
    - name: Write
"""
ALL = ("hook", "mail", "oncall", "ops-chat")


def test_a_failure_is_told_once_and_its_recovery_where_it_was_told(world: World, receivers: Receivers) -> None:
    failed = world.run(*SWITCH, *FAILS, "-vvv", HOOK_TOKEN=TOKEN)
    assert failed.code == 2 and receivers.heard() == [1, 1, 1, 1], failed
    assert receivers.told() == [(name, "failed", True) for name in ALL]
    *_before, told, last = failed.text.rstrip().splitlines()
    assert told == "told: oncall, ops-chat, hook, mail" and last.endswith("LAB: no real system was touched"), failed
    (trigger,) = receivers.pager.bodies
    assert trigger["payload"]["summary"].startswith("FAILED: toy/lab/api: acme.toy.switch switch: it is dark.")
    assert receivers.hook.received[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert (receivers.mail.secured, receivers.mail.logins) == ([True], ["ops"])
    assert "next: ansible-playbook light.yml" in receivers.mail.mails[0].get_content()

    again = world.run(*SWITCH, *FAILS, HOOK_TOKEN=TOKEN)
    assert receivers.heard() == [2, 1, 2, 1], "who can edit hears its number, the others stay silent"
    assert receivers.hook.bodies[1]["repeat"] == 1
    assert receivers.pager.bodies[1]["dedup_key"] == trigger["dedup_key"]

    well = world.run(*SWITCH, HOOK_TOKEN=TOKEN)
    assert well.code == 0 and receivers.heard() == [3, 2, 3, 2], well
    assert receivers.pager.bodies[2] == {
        "routing_key": KEY,
        "event_action": "resolve",
        "dedup_key": trigger["dedup_key"],
    }
    assert receivers.mail.mails[1]["References"] == receivers.mail.mails[0]["Message-ID"]
    later = world.run(*SWITCH, HOOK_TOKEN=TOKEN)
    assert receivers.heard() == [3, 2, 3, 2] and "told:" not in later.text
    assert receivers.leaks(failed.text + again.text + well.text) == []


def test_a_check_run_and_a_person_who_is_refused_tell_nobody(world: World, receivers: Receivers) -> None:
    assert world.run(*SWITCH, *FAILS, "--check").code in (0, 2)
    assert world.run("-e", "switch_action=raze").code == 2
    assert receivers.heard() == [0, 0, 0, 0] and receivers.told() == []


@pytest.mark.parametrize("door", [{"STEADY_SCHEDULE": "nightly"}, {}], ids=["timer", "AWX"])
def test_a_scheduled_run_that_is_refused_is_told(world: World, receivers: Receivers, door: dict[str, str]) -> None:
    awx = (
        () if door else ("-e", '{"awx_job_id": 7, "awx_job_launch_type": "scheduled", "awx_schedule_name": "nightly"}')
    )
    seen = world.run("-e", "switch_action=raze", *awx, HOOK_TOKEN=TOKEN, **door)
    assert seen.code == 2 and receivers.heard() == [0, 1, 1, 1], seen
    (body,) = receivers.hook.bodies
    assert (body["rule"], body["severity"]) == ("refused", "warning")
    assert "schedule nightly" in body["details"]["who"] and "Refused" in body["details"]["why"]


def test_a_run_that_is_interrupted_is_told(world: World, receivers: Receivers) -> None:
    command, variables = world.command(*SWITCH, "-e", "seconds=60"), world.variables(HOOK_TOKEN=TOKEN)
    log = (world.base / "interrupted.log").open("w+")
    run = subprocess.Popen(
        command, env=variables, stdout=log, stderr=log, text=True, cwd=world.base, start_new_session=True
    )
    wait_for(lambda: "writing" in Path(log.name).read_text(), 60)
    os.killpg(run.pid, signal.SIGINT)
    run.wait(60)
    wait_for(lambda: receivers.heard() == [1, 1, 1, 1])
    seen = Path(log.name).read_text()
    assert "INTERRUPTED" in seen and "told: oncall, ops-chat, hook, mail" in seen, seen
    (body,) = receivers.hook.bodies
    assert (body["rule"], body["object"]) == ("unfinished", "toy/lab/api")
    assert receivers.leaks(seen) == []


def test_what_a_killed_run_left_is_told_by_the_next_run_of_anything(world: World, receivers: Receivers) -> None:
    run = world.start(*SWITCH, "-e", "seconds=60")
    wait_for(lambda: "writing" in (world.base / "started.log").read_text(), 60)
    # with its workers, its module and its keeper: who outlives the others settles what it began
    world.kill_all()
    run.wait()
    assert receivers.heard() == [0, 0, 0, 0]
    look = world.run("-e", "switch_action=look", HOOK_TOKEN=TOKEN)
    assert look.code == 0 and receivers.heard() == [1, 1, 1, 1], look
    (body,) = receivers.hook.bodies
    assert (body["rule"], body["object"]) == ("unfinished", "toy/lab/api") and body["run"] not in look.text
    world.run("-e", "switch_action=look", HOOK_TOKEN=TOKEN)
    assert receivers.heard() == [2, 1, 2, 1]


def test_dead_channels_fail_nothing_and_are_named(world: World, receivers: Receivers) -> None:
    dead = free_port()
    hanging, broken, well = receivers.channels[2], receivers.channels[1], receivers.channels[0]
    receivers.hook.hang = True
    receivers.chat.statuses = [500, 500]
    receivers.declare(
        {"name": "dead", "kind": "webhook", "url": f"http://127.0.0.1:{dead}/"},
        hanging,
        broken,
        well,
        {"name": "typo", "kind": "pagerduty", "routing_key": KEY},
    )
    seen = world.run(*SWITCH, *FAILS, HOOK_TOKEN=TOKEN, ANSIBLE_VERBOSITY="1")
    assert seen.code == 2 and f"not told: ops-chat: 127.0.0.1:{receivers.chat.port}: answered 500\n" in seen.text, seen
    assert f"not told: dead: 127.0.0.1:{dead}: nothing listens there" in seen.text
    assert "not told: hook: 127.0.0.1:" in seen.text and "no answer" in seen.text
    assert "told: oncall" in seen.text, seen
    assert "not told: ops_notify, typo: routing_key would stand here in plain; write it into a file" in seen.text
    assert KEY not in seen.text and KEY.encode() not in b"".join(world.files().values())
    green = world.run(*SWITCH, HOOK_TOKEN=TOKEN)
    assert green.code == 0, green


def test_a_real_environment_tells_and_a_lab_only_who_says_so(world: World, receivers: Receivers) -> None:
    world.environment("lab", f"ops_notify: {json.dumps(receivers.channels)}\n")
    assert world.run(*SWITCH, *FAILS, HOOK_TOKEN=TOKEN).code == 2 and receivers.heard() == [0, 0, 0, 0]
    staging = world.environment("staging", f"ops_notify: {json.dumps(receivers.channels)}\n")
    world.initialise("staging")
    seen = world.run(*SWITCH, *FAILS, inventory=staging, HOOK_TOKEN=TOKEN)
    assert seen.code == 2 and receivers.heard() == [1, 1, 1, 1], seen


def test_hostile_names_forge_nothing(world: World, receivers: Receivers) -> None:
    hostile = 'no\\r\\nBcc: evil@example.org\\n<!channel> @here \\"x\\" ' + "y" * 3000
    play = world.play.read_text().replace(
        "    - name: Write\n",
        f'    - name: Break\n      ansible.builtin.fail: {{msg: "{hostile}"}}\n    - name: Write\n',
    )
    seen = world.run(*SWITCH, play=world.put(world.base / "hostile.yml", play), HOOK_TOKEN=TOKEN)
    assert seen.code == 2 and receivers.heard() == [1, 1, 1, 1], seen
    (mail,) = receivers.mail.mails
    assert mail["Bcc"] is None and "evil" in mail["Subject"] and len(mail["Subject"]) <= 180
    (chat,) = receivers.chat.bodies
    assert "<!channel>" not in chat["text"] and "@here" not in chat["text"]
    assert {block["text"]["type"] for block in chat["blocks"]} == {"plain_text"}


def test_secrets_of_a_run_are_in_no_message(world: World, receivers: Receivers) -> None:
    secret = "canary-typed-91bd"
    leaky = world.play.read_text().replace("it is dark.", "cannot log in with {{ db_password }}")
    play = world.put(world.base / "leaky.yml", leaky)
    world.run(*SWITCH, *FAILS, "-e", f"db_password={secret}", play=play, HOOK_TOKEN=TOKEN)
    assert receivers.heard() == [1, 1, 1, 1]
    said = str([receivers.pager.bodies, receivers.chat.bodies, receivers.hook.bodies])
    assert secret not in said + receivers.mail.mails[0].as_string() and "cannot log in with ****" in said
    assert secret.encode() not in b"".join(world.files().values())


def test_the_tool_shows_and_tests(world: World, receivers: Receivers) -> None:
    shown = world.tool(name="notify", HOOK_TOKEN=TOKEN)
    assert shown.code == 0 and "ops-chat (slack): told of everything; nothing was sent yet" in shown.text, shown
    test = ("-e", "notify_action=test")
    checked = world.tool(*test, "--check", name="notify", HOOK_TOKEN=TOKEN)
    assert checked.code == 0 and "TEST: toy/lab: nothing happened" in checked.text, checked
    assert receivers.heard() == [0, 0, 0, 0]
    sent = world.tool(*test, name="notify", HOOK_TOKEN=TOKEN)
    assert sent.code == 0 and sent.text.count(": delivered") == 4, sent
    assert [body["event_action"] for body in receivers.pager.bodies] == ["trigger", "resolve"]
    unset = world.tool(*test, name="notify")
    assert unset.code == 2 and "hook (webhook): not delivered: The environment variable HOOK_TOKEN" in unset.text, unset
    assert receivers.leaks(shown.text + checked.text + sent.text + unset.text) == []


def test_a_run_that_tells_nobody_loads_nothing_for_it(world: World) -> None:
    spy = (
        "import atexit, sys\n"
        "heavy = ('smtplib', 'http.client', 'urllib.request', 'plugin_utils._told.sending')\n"
        "atexit.register(lambda: sys.stderr.write('LOADED ' + ' '.join("
        "name for name in sys.modules if name.endswith(heavy)) + chr(10)))\n"
    )
    world.put(world.base / "spy" / "sitecustomize.py", spy)
    before = world.run("-e", "switch_action=look", play="steady.ops.ledger", PYTHONPATH=str(world.base / "spy"))
    seen = world.run(*SWITCH, PYTHONPATH=str(world.base / "spy"))
    assert before.code == 0 and seen.code == 0, seen
    loaded = {line for line in seen.text.splitlines() if line.startswith("LOADED")}
    assert not any("_told.sending" in line or "smtplib" in line for line in loaded), loaded
