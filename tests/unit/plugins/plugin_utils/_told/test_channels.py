"""What an inventory may declare, and the one sentence about each thing that it may not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._redact import MASK
from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import (
    PAGERDUTY_URL,
    read_channels,
    without_secrets,
)
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import RULES

PD = {"name": "oncall", "kind": "pagerduty", "routing_key_file": "/etc/steady/pd"}
SLACK = {"name": "chat", "kind": "slack", "url_env": "CHAT"}
HOOK = {"name": "hook", "kind": "webhook", "url": "https://hook.example/x"}
MAIL = {
    "name": "mail",
    "kind": "smtp",
    "host": "mail.example",
    "user": "ops",
    "password_file": "/etc/steady/mail",
    "from": "ops@example.org",
    "to": ["a@example.org"],
}
CANARY = "canary-9f2c"


def test_each_kind_has_sensible_defaults() -> None:
    channels, problems = read_channels([PD, SLACK, HOOK, MAIL])
    assert problems == []
    pagerduty, slack, webhook, smtp = channels
    assert pagerduty.url == PAGERDUTY_URL
    assert pagerduty.on == {"failed", "unfinished", "missed", "critical", "recovery"}
    assert slack.on == webhook.on == smtp.on == frozenset(RULES)
    assert (smtp.tls, smtp.port, smtp.lab, smtp.quiet_hours) == ("starttls", 587, False, 4)
    assert [each.edits for each in channels] == [True, False, True, False]
    assert [each.secret_is_url for each in channels] == [False, True, False, False]


@pytest.mark.parametrize("nothing", [None, "", [], ()])
def test_nothing_declared_is_nobody_told(nothing: object) -> None:
    assert read_channels(nothing) == ([], [])


def test_what_is_declared_is_read() -> None:
    said = {**MAIL, "on": ["failed", "recovery"], "tls": "tls", "lab": True, "quiet_hours": 0.5, "ca_file": "/ca"}
    (smtp,), _none = read_channels([said])
    assert (smtp.on, smtp.port, smtp.lab) == (frozenset({"failed", "recovery"}), 465, True)
    assert (smtp.quiet_hours, smtp.ca_file, smtp.to) == (0.5, "/ca", ("a@example.org",))
    (one,), _none = read_channels([{**HOOK, "on": "failed", "token_env": "T"}])
    assert (one.on, one.secret_env, one.secret_is_url) == (frozenset({"failed"}), "T", False)
    (all_of_them,), _none = read_channels([{**PD, "on": "all"}])
    assert all_of_them.on == frozenset(RULES)
    secret_address = {"name": "hook", "kind": "webhook", "url_file": "/etc/steady/hook"}
    (hidden,), _none = read_channels([secret_address])
    assert hidden.secret_is_url and hidden.secret_file == "/etc/steady/hook"
    (single,), _none = read_channels([{**MAIL, "to": "a@example.org"}])
    assert single.to == ("a@example.org",)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("mail", "channel 1: is no mapping of keys"),
        ({**PD, "name": ""}, "channel 1: name is missing, or holds more"),
        ({**PD, "name": "on\ncall"}, "channel 1: name is missing, or holds more"),
        ({**PD, "kind": "fax"}, "oncall: kind is none of pagerduty, slack, webhook, smtp"),
        ({**PD, "kind": ["slack"]}, "oncall: kind is none of"),
        ({**PD, "routing_key": CANARY}, "oncall: routing_key would stand here in plain; write it into a file"),
        ({**MAIL, "password": CANARY}, "mail: password would stand here in plain; write it into a file"),
        ({**SLACK, "url": CANARY}, "chat: url would stand here in plain; write it into a file"),
        ({**HOOK, "token": CANARY}, "hook: token would stand here in plain"),
        ({**HOOK, "url": f"https://u:{CANARY}@hook.example/"}, "hook: url would stand here in plain"),
        (
            {**PD, "routing_key_fil": "/x"},
            "oncall: routing_key_fil is no key of kind pagerduty: did you mean routing_k",
        ),
        ({**PD, "zzzz\n": "/x"}, "oncall: a key is no key of kind pagerduty"),
        ({**HOOK, "url_file": "/x"}, "hook: has more than one address"),
        ({"name": "hook", "kind": "webhook", "url_file": "/x", "token_env": "T"}, "hook: has a secret address and a"),
        ({**PD, "routing_key_env": "PD"}, "oncall: names its secret twice: keep routing_key_file or routing_key_env"),
        ({**PD, "routing_key_file": "pd"}, "oncall: routing_key_file is no absolute path"),
        ({"name": "oncall", "kind": "pagerduty"}, "oncall: routing_key_file is missing (or routing_key_env)"),
        ({"name": "hook", "kind": "webhook"}, "hook: url is missing"),
        ({**HOOK, "url": "ftp://hook.example"}, "hook: url is no http or https address"),
        ({**HOOK, "url": "https://hook.example:99999/"}, "hook: url is no http or https address"),
        ({**HOOK, "url": "https://hook.example/a b"}, "hook: url is no http or https address"),
        ({**HOOK, "url": "https://"}, "hook: url is no http or https address"),
        ({**HOOK, "url": "http://hook.example/", "token_env": "T"}, "hook: url must begin with https://, since a secr"),
        ({**MAIL, "host": ""}, "mail: host is missing or no host name"),
        ({**MAIL, "tls": "maybe"}, "mail: tls is none of starttls, tls, none"),
        ({**MAIL, "to": []}, "mail: to is missing, or holds what is no mail address"),
        ({**MAIL, "to": 5}, "mail: to is missing, or holds what is no mail address"),
        ({**MAIL, "to": ["a@x\nBcc: b@x"]}, "mail: to is missing, or holds what is no mail address"),
        ({**MAIL, "from": "ops"}, "mail: from is missing or no mail address"),
        ({**MAIL, "user": ""}, "mail: user and password_file (or password_env) go together"),
        ({**MAIL, "tls": "none"}, "mail: tls is none, and a password would go over the network"),
        ({**MAIL, "port": "25"}, "mail: port is no number from 1 to 65535"),
        ({**MAIL, "port": 70000}, "mail: port is no number from 1 to 65535"),
        ({**PD, "on": ["failed", "lunch"]}, "oncall: on names 'lunch', which is none of all, failed, "),
        ({**PD, "on": []}, "oncall: on is neither all nor a list of rules"),
        ({**PD, "on": [["failed"]]}, "oncall: on names \"['failed']\", which is none of all"),
        ({**PD, "on": 5}, "oncall: on is neither all nor a list of rules"),
        ({**PD, "lab": "yes"}, "oncall: lab is neither true nor false"),
        ({**PD, "quiet_hours": True}, "oncall: quiet_hours is no number of hours from 0 to 744"),
        ({**PD, "quiet_hours": 1000}, "oncall: quiet_hours is no number of hours from 0 to 744"),
        ({**PD, "ca_file": ["x"]}, "oncall: ca_file is no text of one line"),
    ],
)
def test_what_is_wrong_is_named_with_its_channel_and_shows_no_secret(said: Any, sentence: str) -> None:
    channels, problems = read_channels([said, SLACK])
    assert [channel.name for channel in channels] == ["chat"]
    (problem,) = problems
    assert problem.startswith(f"ops_notify, {sentence}"), problem
    assert CANARY not in problem


def test_what_is_no_list_and_a_second_channel_of_a_name_are_named() -> None:
    assert read_channels({"name": "x"}) == ([], ["ops_notify is no list of channels"])
    channels, problems = read_channels([PD, PD])
    assert len(channels) == 1
    assert problems == ["ops_notify, oncall: name is that of another channel: give each its own"]


def test_a_password_over_plain_text_stays_on_this_machine() -> None:
    (smtp,), problems = read_channels([{**MAIL, "tls": "none", "host": "127.0.0.1"}])
    assert (smtp.port, problems) == (25, [])


def test_what_the_guard_shows_holds_no_secret_that_was_written_down() -> None:
    declared = [
        {**PD, "routing_key": CANARY},
        {**MAIL, "pasword": CANARY},
        {**SLACK, "url": CANARY},
        {**HOOK, "url": f"https://u:{CANARY}@x/"},
        {"kind": CANARY, "name": "x"},
        CANARY,
    ]
    shown = without_secrets(declared)
    assert CANARY not in str(shown).replace(f"'kind': '{CANARY}'", "")
    assert isinstance(shown, list) and shown[0] == {**PD, "routing_key": MASK}
    assert without_secrets([HOOK]) == [HOOK] and without_secrets(None) == [] and without_secrets(CANARY) == MASK
