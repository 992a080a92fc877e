"""Reading one value of a probe: what is wrong is named by its key, with the remedy."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._http.spec import Probe

URL = "http://api.example.com/health"

WRONG = [
    (None, "probe is empty. Write it as a dictionary of keys and values."),
    ("http://x/", "probe is text. Write it as a dictionary of keys and values."),
    ([URL], "probe is a list. Write it as a dictionary of keys and values."),
    (object(), "probe is of type object. Write it as a dictionary of keys and values."),
    ({}, "probe.url is missing. Name the URL that is to be asked."),
    ({"command": ["smoke"], "status": 200}, "probe.url is missing. Name the URL that is to be asked."),
    (
        {"command": "smoke --quick"},
        "probe.command names no program. Write a list: [/usr/local/bin/smoke-test, --quick].",
    ),
    (
        {"command": ["smoke", "--password", "hunter22"]},
        "probe.command holds what looks like a secret. Let the program read it from a variable that probe.environment "
        "names.",
    ),
    ({"command": ["smoke"], "environment": "T"}, "probe.environment is no list of names. Write a list: [SMOKE_TOKEN]."),
    ({"url": URL, "environment": ["T"]}, "probe.environment has no command to go to. Name probe.command."),
    (
        {"command": ["smoke"], "timeout_seconds": 3601},
        "probe.timeout_seconds is 3601 s. Give a number from 0.1 to 3600 s.",
    ),
    ({1: 2}, "probe has the key 1. Keys are names; put it in quotes."),
    ({"url": URL, "stauts": 200}, "probe.stauts is not a key of a probe. Did you mean 'status'?"),
    ({"url": ""}, "probe.url is empty. Give a text, or leave the key out."),
    ({"url": 7}, "probe.url is a number. Write it as text, in quotes."),
    ({"url": True}, "probe.url is true. Write it as text, in quotes."),
    ({"url": False}, "probe.url is false. Write it as text, in quotes."),
    ({"url": {}}, "probe.url is a dictionary. Write it as text, in quotes."),
    ({"url": "/health"}, "probe.url is '/health'. Write it as https://host/path or http://host/path."),
    (
        {"url": "ftp://h/"},
        "probe.url is 'ftp://h/'. Write it as https://host/path or http://host/path.",
    ),
    ({"url": "http://h:0/"}, "probe.url is 'http://h:0/'. Write it as https://host/path or http://host/path."),
    ({"url": "http://h/a b"}, "probe.url holds a blank or a special character. Write it percent-encoded."),
    ({"url": "http://h/\r\nX: y"}, "probe.url holds a blank or a special character. Write it percent-encoded."),
    ({"url": "http://müller/"}, "probe.url holds a blank or a special character. Write it percent-encoded."),
    (
        {"url": "http://me:hush@h/"},
        "probe.url holds a user or password. Take it out; use bearer_token for a secret.",
    ),
    ({"url": URL, "status": []}, "probe.status is an empty list. Name the status that is right, such as 200."),
    ({"url": URL, "status": 99}, "probe.status is 99. Give a number from 100 to 599."),
    ({"url": URL, "status": True}, "probe.status is true. Give a number from 100 to 599."),
    ({"url": URL, "status": "good"}, "probe.status is 'good', which is no number. Give a number from 100 to 599."),
    ({"url": URL, "consecutive": 1.5}, "probe.consecutive is 1.5. Give a whole number from 1 to 1000."),
    ({"url": URL, "consecutive": 0}, "probe.consecutive is 0. Give a number from 1 to 1000."),
    ({"url": URL, "timeout_seconds": 0}, "probe.timeout_seconds is 0 s. Give a number from 0.1 to 120 s."),
    ({"url": URL, "timeout_seconds": "nan"}, "probe.timeout_seconds is nan s. Give a number from 0.1 to 120 s."),
    ({"url": URL, "max_ms": []}, "probe.max_ms is a list. Give a number from 1 to 600000."),
    ({"url": URL, "follow_redirects": "yes"}, "probe.follow_redirects is 'yes'. Write true or false."),
    ({"url": URL, "contains": ""}, "probe.contains is empty. Give a text, or leave the key out."),
    ({"url": URL, "json": ["status"]}, "probe.json is a list. Write it as a dictionary of keys and values."),
    (
        {"url": URL, "json": {"checks..db": 1}},
        "probe.json is 'checks..db', a path with an empty part. Write it as checks.database.",
    ),
    (
        {"url": URL, "headers": {"X-A\r\nB": "c"}},
        "probe.headers has the key 'X-A\\r\\nB', which is no header name. Write it as Server.",
    ),
    ({"url": URL, "headers": {"Server": 1}}, "probe.headers.Server is a number. Write it as text, in quotes."),
    ({"url": URL, "version": "1.8.0"}, "probe.version is text. Write it as a dictionary of keys and values."),
    ({"url": URL, "version": {}}, "probe.version.json is missing. Name the path of the version in the body."),
    ({"url": URL, "version": {"jsn": "v"}}, "probe.version.jsn is not a key of a probe. Did you mean 'json'?"),
    ({"url": URL, "version": {"qq": "v"}}, "probe.version.qq is not a key of a probe. Known keys: equals, json."),
    ({"url": URL, "also": "/ready"}, "probe.also is no list. Write a list of dictionaries, each with a url."),
    ({"url": URL, "also": [{}]}, "probe.also[0].url is missing. Name the URL that is to be asked."),
    (
        {"url": URL, "also": [{"url": "/r", "consecutive": 3}]},
        "probe.also[0].consecutive is not a key of a probe. Known keys: contains, headers, json, max_ms, status, url, "
        "version.",
    ),
    (
        {"url": URL, "also": [{"url": "//elsewhere/r"}]},
        "probe.also[0].url is '//elsewhere/r'. Write it as https://host/path or http://host/path.",
    ),
    (
        {"url": URL, "version": {"json": "v"}, "also": [{"url": "/v", "version": {"json": "v"}}]},
        "probe states the version twice. Keep one 'version' key.",
    ),
    (
        {"url": URL, "consecutive": 10, "interval_seconds": 5, "deadline_seconds": 30},
        "probe.deadline_seconds of 30 is too short for 10 samples 5 s apart. Raise deadline_seconds, or lower "
        "consecutive or interval_seconds.",
    ),
]


@pytest.mark.parametrize(("option", "sentence"), WRONG)
def test_what_is_wrong_is_named(option: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Probe.from_option(option)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("url", ["http://[::1/", "http://h:99999/", "http://h:port/"])
def test_a_broken_url_is_one_sentence(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^probe\.url is no URL: .* Write it as https://host/path\.$"):
        Probe.from_option({"url": url})


@pytest.mark.parametrize("token", ["hush hush", "hush\r\nX: y", "hüsch", "", 7])
def test_a_token_that_cannot_be_sent_is_not_shown(token: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        Probe.from_option({"url": URL, "bearer_token": token})
    assert str(caught.value) == (
        "probe.bearer_token cannot be sent in a header. Give the token alone: printable ASCII, no blanks."
    )
