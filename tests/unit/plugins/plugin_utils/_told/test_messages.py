"""What each kind of channel is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message, State
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import RECOVERY, RULES, TEST
from ansible_collections.steady.ops.plugins.plugin_utils._told.messages import (
    mail,
    pagerduty,
    slack,
    text_of,
    title_of,
    webhook,
)
from tests.sinks import wrong_pagerduty_event
from tests.unit.plugins.plugin_utils._told.told_world import NOW, channel, event

KEY = "0123456789abcdef0123456789abcdef"
DETAILS = {"why": "it is dark", "serving": {"api": "1.0.0 (abc)"}, "next": "ansible-playbook x", "who": "ann@desk"}


def state(key: str = "toy/production/api/release/failed", thread: str = "01A") -> State:
    return State(
        "it", key, "toy/production/api", "release", "failed", ("toy/production/api",), "", "T1", "T1", 1, thread
    )


def message(rule: str = "failed", *, repeat: int = 0, thread: str = "", ends: Any = (), **more: Any) -> Message:
    made = event(rule, **{"details": DETAILS, **more})
    return Message(
        channel(), made, repeat=repeat, since="T1" if repeat or ends else "", thread=thread, ends=tuple(ends)
    )


def test_the_title_says_what_how_often_and_where() -> None:
    assert title_of(message()) == "FAILED: toy/production/api: deploy: it is dark"
    assert title_of(message(repeat=2)) == "FAILED again (3 times since T1): toy/production/api: deploy: it is dark"


def test_the_text_says_everything() -> None:
    assert text_of(message()).splitlines() == [
        "about: toy/production/api",
        "why: it is dark",
        "serving: api: 1.0.0 (abc)",
        "next: ansible-playbook x",
        "who: ann@desk",
        "run: 01A",
    ]
    assert "over since T1: failed" in text_of(message(RECOVERY, ends=[state()]))


@pytest.mark.parametrize("rule", [*RULES, TEST])
def test_pagerduty_takes_every_rule(rule: str) -> None:
    ends = [state(), state("k" * 300)] if rule == RECOVERY else []
    bodies = pagerduty(message(rule, ends=ends), NOW, KEY)
    assert [wrong_pagerduty_event(body) for body in bodies] == [""] * len(bodies)
    actions = [body["event_action"] for body in bodies]
    assert actions == {RECOVERY: ["resolve", "resolve"], TEST: ["trigger", "resolve"]}.get(rule, ["trigger"])


def test_a_recovery_resolves_what_was_triggered() -> None:
    failed = message()
    (trigger,) = pagerduty(failed, NOW, KEY)
    (resolve,) = pagerduty(message(RECOVERY, ends=[state(failed.event.key)]), NOW, KEY)
    assert trigger["dedup_key"] == resolve["dedup_key"] == "toy/production/api/release/failed"
    payload: Any = trigger["payload"]
    assert (payload["source"], payload["component"], payload["group"]) == (
        "toy/production/api",
        "api",
        "toy/production",
    )
    assert (payload["class"], payload["severity"], payload["timestamp"]) == ("failed", "error", "2026-11-21T03:00:00Z")
    assert payload["custom_details"]["serving"] == {"api": "1.0.0 (abc)"}
    (warning,) = pagerduty(message("rolled_back"), NOW, KEY)
    assert dict(warning["payload"])["severity"] == "warning"  # type: ignore[call-overload]


def test_a_long_key_stays_its_own() -> None:
    long = [dict(pagerduty(message(object="x" * 300 + end), NOW, KEY)[0])["dedup_key"] for end in "ab"]
    assert long[0] != long[1] and all(len(str(key)) <= 255 for key in long)


def test_slack_shows_text_as_it_is() -> None:
    hostile = "<!channel> & @here [x](http://evil) `rm`"
    body: Any = slack(message(summary=hostile, details={"why": hostile}))
    header, section = body["blocks"]
    assert {header["text"]["type"], section["text"]["type"]} == {"plain_text"}
    assert hostile in header["text"]["text"] and hostile in section["text"]["text"]
    assert "<!channel>" not in body["text"] and "&lt;!channel&gt; &amp;" in body["text"]
    assert "@here" not in body["text"] and "](http" not in body["text"]
    assert body["text"].count("`") == 6 + 2, "three before, three after, and the two of the title"
    long: Any = slack(message(summary="x" * 400, details={"why": ["y" * 1900] * 3}))
    assert len(long["blocks"][0]["text"]["text"]) <= 150 and len(long["blocks"][1]["text"]["text"]) <= 3000


def test_a_webhook_gets_the_contract() -> None:
    body = webhook(message(repeat=2, members=("b", "a")), NOW)
    assert body == {
        "version": 1,
        "rule": "failed",
        "severity": "error",
        "title": "FAILED again (3 times since T1): toy/production/api: deploy: it is dark",
        "summary": "deploy: it is dark",
        "object": "toy/production/api",
        "system": "toy",
        "environment": "production",
        "members": ["a", "b"],
        "source": "release",
        "run": "01A",
        "details": DETAILS,
        "repeat": 2,
        "since": "T1",
        "at": "2026-11-21T03:00:00Z",
        "key": "toy/production/api/release/failed",
        "ends": [],
        "lab": False,
    }
    over = webhook(message(RECOVERY, ends=[state()]), NOW)
    assert (over["ends"], over["severity"]) == (["toy/production/api/release/failed"], "info")
    assert webhook(message(), NOW)["since"] == "2026-11-21T03:00:00Z"


def test_mails_about_one_state_are_one_thread() -> None:
    subject, text, first, none = mail(message(), NOW, "example.org")
    assert subject == "FAILED: toy/production/api: deploy: it is dark" and none == ""
    assert text.startswith(f"{subject}\n\nabout: toy/production/api\nwhy: it is dark\n")
    again = mail(message(repeat=1, thread="01A", run="01B"), NOW, "example.org")
    over = mail(message(RECOVERY, ends=[state()], thread="01A", run="01C"), NOW, "example.org")
    assert again[3] == over[3] == first and len({first, again[2], over[2]}) == 3
    anonymous = mail(message(run=""), NOW, "example.org")
    assert anonymous[2] != mail(message(run=""), NOW.replace(hour=4), "example.org")[2] and anonymous[3] == ""
    assert len(mail(message(summary="x" * 400), NOW, "example.org")[0]) <= 180
