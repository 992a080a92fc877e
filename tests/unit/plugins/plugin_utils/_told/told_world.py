"""What the tests of telling share: channels, events, and a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import Channel, read_channels
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import Event

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def channel(kind: str = "slack", **more: Any) -> Channel:
    """Return one channel as an inventory declares it."""
    needed: dict[str, dict[str, Any]] = {
        "slack": {"url_file": "/nowhere"},
        "pagerduty": {"routing_key_env": "PD"},
        "webhook": {"url": "https://hook.example/x"},
        "smtp": {"host": "mail.example", "from": "ops@example.org", "to": ["a@example.org", "b@example.org"]},
    }
    channels, problems = read_channels([{"name": "it", "kind": kind, **needed[kind], **more}])
    assert problems == []
    return channels[0]


def event(rule: str = "failed", **more: Any) -> Event:
    """Return one event about the service api."""
    told = {"object": "toy/production/api", "summary": "deploy: it is dark", "run": "01A", "source": "release"}
    return Event(rule, **{**told, **more})
