"""The intent beside the releases, and the lock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.intent import Intent, Intents, Lock
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout

INTENT = Intent("link-1", "b", "a", "boot", 12.5, datetime(2026, 11, 21, 2, 0, tzinfo=UTC))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.at(str(tmp_path))


def test_announced_told_ended(layout: Layout) -> None:
    intents = Intents(layout)
    assert intents.last() is None
    intents.announce(INTENT)
    assert intents.last() == INTENT
    told = intents.note(INTENT, told=True)
    ended = intents.note(told, ended="STEADY")
    assert (told.told, told.ended, ended.told, ended.ended) == (True, "", True, "STEADY")
    assert intents.last() == ended
    assert (INTENT.as_record()["state"], ended.as_record()["state"]) == ("open", "settled")


@pytest.mark.parametrize("text", ["", "{}", '{"operation": "x"}', "[]"])
def test_what_is_no_intent(layout: Layout, text: str) -> None:
    layout.intent.write_text(text)
    assert Intents(layout).last() is None


@pytest.mark.parametrize(("key", "value"), [("switched", "soon"), ("started", "today")])
def test_an_intent_that_is_spoilt(key: str, value: str) -> None:
    assert Intent.from_record({**INTENT.as_record(), key: value}) is None


def test_a_disk_that_refuses_does_not_stop_it(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(os, "replace", full)
    assert Intents(layout).note(INTENT, told=True).told
    assert not layout.intent.exists()


def test_one_at_a_time(layout: Layout) -> None:
    one, other = Lock(layout), Lock(layout)
    assert not other.is_taken()
    one.take()
    one.take()
    assert (one.is_held, one.is_taken(), other.is_held, other.is_taken()) == (True, False, False, True)
    with pytest.raises(RequestRefused, match=r"Another run changes .* at this moment"):
        other.take()
    one.free()
    one.free()
    assert not other.is_taken()
    other.take()
    other.free()


def test_a_lock_that_may_not_be_looked_at(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    layout.lock.touch()

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "denied", str(layout.lock))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(AccessDenied, match="Whether another run changes the component cannot be seen"):
        Lock(layout).is_taken()
    with pytest.raises(AccessDenied, match="The component cannot be locked"):
        Lock(layout).take()
