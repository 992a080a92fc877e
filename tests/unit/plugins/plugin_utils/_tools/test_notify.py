"""The tool notify in process; its playbook runs in tests/integration/test_notify.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise, open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import read_channels
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import Event
from ansible_collections.steady.ops.plugins.plugin_utils._told.states import KEY
from ansible_collections.steady.ops.plugins.plugin_utils._told.telling import tell
from tests.sinks import HttpSink, free_port, http_sink, smtp_sink
from tests.unit.plugins.plugin_utils._tools.tool_world import do

CANARY = "canary-1f9e"


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with http_sink() as made:
        yield made


@pytest.fixture
def dead() -> str:
    return f"http://127.0.0.1:{free_port()}/"


def policy(base: Path, *notify: dict[str, Any], environment: str = "staging") -> Policy:
    initialise(f"file://{base}/ledger", "toy", environment)
    return Policy("toy", environment, f"file://{base}/ledger", notify=list(notify))


def hook(url: str, name: str = "hook", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "webhook", "url": url, **more}


def test_nobody_is_said_to_be_nobody(tmp_path: Path) -> None:
    shown = do("notify", policy(tmp_path), "show")
    assert shown.lines == (
        "ops_notify declares no channel: nobody is told of anything. docs/notify.md says how to declare one.",
    )
    with pytest.raises(InvalidInput, match="ops_notify declares no channel"):
        do("notify", policy(tmp_path), "test")


def test_show_says_what_each_is_told_and_what_came_of_it(tmp_path: Path, sink: HttpSink, dead: str) -> None:
    pager = {"name": "oncall", "kind": "pagerduty", "routing_key_file": str(tmp_path / "pd")}
    said = policy(tmp_path, hook(sink.url), hook(dead, "dead", on="failed"), pager)
    assert do("notify", said, "show").lines == (
        "hook (webhook): told of everything; nothing was sent yet",
        "dead (webhook): told of failed; nothing was sent yet",
        "oncall (pagerduty): told of failed, unfinished, missed, critical, recovery; nothing was sent yet",
        f"  it cannot be told: {tmp_path}/pd cannot be read: No such file or directory.",
    )
    ledger = open_ledger(said.ledger, "toy", "staging")
    now = ledger.store.now().replace(2026, 11, 21, 3, 0, 0, 0)
    tell(ledger, read_channels(said.notify)[0], [Event("failed", "toy/staging/api", "it is dark")], now)
    lines = do("notify", said, "show").lines
    assert lines[0].endswith("; last failed of toy/staging/api at 2026-11-21T03:00:00Z, delivered")
    assert lines[1] == "  failed of toy/staging/api since 2026-11-21T03:00:00Z, not recovered"
    assert lines[2].endswith(", not delivered: " + dead[7:-1] + ": nothing listens there")


def test_show_is_red_where_a_declaration_is_wrong(tmp_path: Path, sink: HttpSink) -> None:
    wrong = {"name": "oncall", "kind": "pagerduty", "routing_key": CANARY}
    shown = do("notify", policy(tmp_path, wrong, hook(sink.url)), "show")
    assert shown.lines[0].startswith("wrong: ops_notify, oncall: routing_key would stand here in plain")
    assert shown.lines[1].startswith("hook (webhook)") and "ops_notify cannot be used as it stands" in shown.red
    assert CANARY not in str(shown)
    with pytest.raises(InvalidInput, match="routing_key would stand here in plain"):
        do("notify", policy(tmp_path, wrong, hook(sink.url)), "test")
    assert do("notify", policy(tmp_path, wrong, hook(sink.url)), "test", channel="hook").red == ""


def test_a_test_says_what_came_of_each(tmp_path: Path, sink: HttpSink, dead: str) -> None:
    said = policy(tmp_path, hook(sink.url, on="failed"), hook(dead, "dead"))
    done = do("notify", said, "test")
    assert done.changed and done.lines == (
        "hook (webhook): delivered",
        f"dead (webhook): not delivered: {dead[7:-1]}: nothing listens there",
    )
    assert done.red.startswith(
        "The test did not arrive through dead. Correct what is said above. Next: ansible-playbook "
    )
    assert done.red.endswith("-e notify_action=test -e notify_channel=dead")
    assert do("notify", said, "test", channel="hook").red == ""
    assert [body["rule"] for body in sink.bodies] == ["test", "test"], "a test is never silent"
    ledger = open_ledger(said.ledger, "toy", "staging")
    assert [event["rule"] for event in ledger.journal.events() if event["event"] == "told"] == ["test"] * 3


def test_check_mode_shows_the_message_and_sends_nothing(tmp_path: Path, sink: HttpSink) -> None:
    done = do("notify", policy(tmp_path, hook(sink.url)), "test", check=True)
    assert done.changed and done.lines == (
        "hook (webhook): would be sent the message below",
        "TEST: toy/staging: nothing happened; this only shows that messages arrive",
        "  about: toy/staging",
        "  who: ann@desk",
        "  run: 01A",
    )
    assert sink.received == []


def test_a_channel_that_is_none_is_refused_with_the_nearest(tmp_path: Path, sink: HttpSink) -> None:
    with pytest.raises(InvalidInput, match="notify_channel is 'hok', which is no channel") as caught:
        do("notify", policy(tmp_path, hook(sink.url)), "test", channel="hok")
    assert caught.value.next == {
        "playbook": "notify",
        "variables": {"notify_action": "test", "notify_channel": "hook"},
    }


def test_a_lab_tests_only_who_says_so(tmp_path: Path, sink: HttpSink) -> None:
    said = policy(tmp_path, hook(sink.url), hook(sink.url, "mine", lab=True), environment="lab")
    assert "not in this lab (say lab: true); nothing" in do("notify", said, "show").lines[0]
    done = do("notify", said, "test")
    assert done.red == "" and done.lines == (
        "hook (webhook): not sent: a lab tells only channels that say lab: true",
        "mine (webhook): delivered",
    )
    assert "not sent: a lab" in do("notify", said, "test", check=True).lines[0]
    assert "did not arrive through hook" in do("notify", said, "test", channel="hook").red
    assert len(sink.received) == 1


def test_a_ledger_that_is_away_or_damaged_stops_no_test(tmp_path: Path, sink: HttpSink) -> None:
    said = policy(tmp_path, hook(sink.url))
    (tmp_path / "ledger" / KEY).write_text("{")
    assert do("notify", said, "show").lines[0].startswith("What was told is damaged in the ledger")
    damaged = do("notify", said, "test")
    assert damaged.red == "" and damaged.lines[1].startswith("who was told is not recorded: What was told is damaged")
    away = Policy("toy", "staging", f"file://{tmp_path}/nowhere", notify=said.notify)
    shown, tested = do("notify", away, "show"), do("notify", away, "test")
    assert shown.lines[0].startswith("the ledger cannot be read, so what was told before is not known: The ledger ")
    assert tested.lines[1:] == ("hook (webhook): delivered",) and tested.ledger is None


def test_half_a_delivery_is_no_success(tmp_path: Path) -> None:
    with smtp_sink() as server:
        server.refuse = ("b@x.org",)
        mail = {"name": "mail", "kind": "smtp", "host": "127.0.0.1", "port": server.port, "tls": "none"}
        done = do("notify", policy(tmp_path, {**mail, "from": "a@x.org", "to": ["a@x.org", "b@x.org"]}), "test")
    assert done.lines == ("mail (smtp): delivered, but refused for b@x.org",) and "mail" in done.red
