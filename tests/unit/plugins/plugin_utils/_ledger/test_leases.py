"""Leases: one holder, all or none, growing tokens, nothing after expiry."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Held, Leases, overlap
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from tests.unit.plugins.plugin_utils._ledger.lease_world import API, Ticking, holder, leases, store

__all__ = ["leases", "store"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (API, API, True),
        ("toy/lab", API, True),
        (API, "toy/lab", True),
        (API, "toy/lab/apiary", False),
        ("toy/lab/web", API, False),
    ],
)
def test_an_environment_excludes_everything_beneath_it(one: str, other: str, same: bool) -> None:
    assert overlap(one, other) is same


def test_tokens_grow_and_a_run_keeps_what_it_has(leases: Leases, tmp_path: Path) -> None:
    one = holder("one", tmp_path)
    assert [lease.token for lease in leases.acquire(["toy/lab/b", "toy/lab/a"], one)] == [1, 2]
    assert [lease.token for lease in leases.acquire(["toy/lab/a", "toy/lab/c"], one)] == [1, 3]
    leases.release("one")
    assert leases.all() == []
    (lease,) = leases.acquire(["toy/lab"], holder("two", tmp_path))
    assert lease.token == 4
    with pytest.raises(Held) as caught:
        leases.acquire([API], one)
    assert str(caught.value).startswith(
        f"toy/lab is being changed by run two (rollback) of someone@here, process {os.getpid()}."
    )


def test_all_or_none(leases: Leases, tmp_path: Path) -> None:
    leases.acquire(["toy/lab/b"], holder("one", tmp_path))
    with pytest.raises(Held):
        leases.acquire(["toy/lab/a", "toy/lab/b"], holder("two", tmp_path))
    assert [lease.object for lease in leases.all()] == ["toy/lab/b"]


def test_an_expired_lease_is_taken_and_its_holder_may_write_nothing(
    leases: Leases, store: Ticking, tmp_path: Path
) -> None:
    (first,) = leases.acquire([API], holder("one", tmp_path))
    leases.prove(API, first.token)
    store.moment += timedelta(seconds=59)
    leases.renew("one")
    store.moment += timedelta(seconds=60)
    assert leases.expired(leases.all()[0])
    with pytest.raises(LeaseLost, match=r"token 1\) was lost"):
        leases.prove(API, first.token)
    (second,) = leases.acquire([API], holder("two", tmp_path))
    assert second.token == 2
    with pytest.raises(LeaseLost, match="run one are gone"):
        leases.renew("one")


def test_renewing_leaves_others_alone(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    leases.acquire(["toy/lab/a"], holder("one", tmp_path))
    leases.acquire(["toy/lab/b"], holder("two", tmp_path))
    store.moment += timedelta(seconds=30)
    keeper = Process(1, 2)
    (mine,) = leases.renew("one", keeper=keeper)
    assert mine.holder.keeper == keeper
    assert {lease.object: lease.expires_at - store.moment for lease in leases.all()} == {
        "toy/lab/a": timedelta(seconds=60),
        "toy/lab/b": timedelta(seconds=30),
    }


@pytest.mark.parametrize("data", [b"", b"{}", b'{"token": 1, "leases": [{"holder": 1}]}'])
def test_damaged_leases_are_a_sentence(leases: Leases, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ledger" / "leases").write_bytes(data)
    with pytest.raises(Refused, match=r"are damaged\. Put the key 'leases' back"):
        leases.all()
    (tmp_path / "ledger" / "leases").unlink()
    with pytest.raises(Refused, match="are missing"):
        leases.all()
