"""Requests in the ledger."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import (
    KEY,
    Approval,
    ApprovalRequest,
    Requests,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, WEB, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_ledger_without_the_document_has_none_and_gets_it_with_the_first(world: World) -> None:
    requests = world.desk.requests
    assert requests.all() == [] and world.ledger.store.read(KEY) is None
    asked = world.check_run()
    given = Approval("ann", "awx", {"user": "ann", "job": "7"}, asked.at)
    assert requests.change(asked, lambda known: replace(known, approvals=(given,)))
    assert requests.all() == [replace(asked, approvals=(given,))]
    assert not requests.change(asked, lambda known: known), "what is kept is changed, not what the caller has"


def test_what_ended_long_ago_makes_room(world: World) -> None:
    asked = world.check_run()
    past = replace(asked, id="old", expires_at=world.now - timedelta(days=8))
    for one in (past, asked):
        world.desk.requests.change(one, lambda known: replace(known, withdrawn={"by": "ann"}))
    assert [kept.id for kept in world.desk.requests.all()] == [asked.id]


def test_a_request_is_for_just_its_objects(world: World) -> None:
    asked = world.check_run(objects=(API, WEB))
    assert asked.is_for("deploy", "deploy", [WEB, API]) and not asked.is_for("deploy", "deploy", [API])
    assert not asked.is_for("deploy", "adopt", [API, WEB])


def test_approvals_that_race_are_all_kept(world: World) -> None:
    asked = world.check_run()

    def approve(name: str) -> None:
        given = Approval(name, "awx", {}, asked.at)
        world.desk.requests.change(asked, lambda known: replace(known, approvals=(*known.approvals, given)))

    threads = [threading.Thread(target=approve, args=(f"p{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = world.desk.requests.all()
    assert sorted(given.by for given in kept.approvals) == sorted(f"p{number}" for number in range(12))


def test_what_another_writer_did_in_between_is_not_lost(world: World) -> None:
    asked, calls = world.check_run(), [0]

    def approved(known: ApprovalRequest, name: str) -> ApprovalRequest:
        return replace(known, approvals=(*known.approvals, Approval(name, "awx", {}, asked.at)))

    def late(known: ApprovalRequest) -> ApprovalRequest:
        calls[0] += 1
        if calls[0] == 1:
            world.desk.requests.change(asked, lambda other: approved(other, "ann"))
        return approved(known, "bob")

    assert world.desk.requests.change(asked, late) and calls == [2]
    assert [given.by for given in world.desk.requests.all()[0].approvals] == ["ann", "bob"]


@pytest.mark.parametrize("text", ["x", "{}", '{"requests": [{}]}', '{"requests": [[]]}', "[]"])
def test_a_damaged_document_is_named(world: World, text: str) -> None:
    (world.base / "ledger" / KEY).write_text(text)
    with pytest.raises(Refused, match=r"The approvals of the ledger .* are damaged. Put the key 'approvals' back"):
        world.desk.requests.all()


def test_too_many_writers_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = world.check_run()
    monkeypatch.setattr(FileStore, "compare_and_swap", lambda *args: False)

    def withdraw(known: ApprovalRequest) -> ApprovalRequest:
        return replace(known, withdrawn={"by": "x"})

    with pytest.raises(Unreachable, match="too many writers at once"):
        Requests(world.ledger.store).change(asked, withdraw)
