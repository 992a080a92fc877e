# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every refusal of a release names a whole way on."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._release import ways
from ansible_collections.steady.ops.plugins.module_utils._release.course import decide
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Facts
from ansible_collections.steady.ops.plugins.module_utils._release.history import History
from ansible_collections.steady.ops.plugins.module_utils._release.intent import Intent
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.unit.plugins.module_utils._release.stories import facts, history, release, wanted

A, B = release("a"), release("b")
NOTHING = Facts(Observation(exists=False))


def way(kept: History, seen: Facts, action: str = "rollback", **more: Any) -> dict[str, object]:
    with pytest.raises(OpsError) as caught:
        decide(wanted(action, **more), kept, seen)
    return caught.value.next


@pytest.mark.parametrize(
    ("kept", "seen", "expected"),
    [
        (history(), facts("a"), ways.ADOPT),
        (history("a"), facts("a"), ways.deployment(ways.UNNAMED)),
        (history("a", "b", "b withdrawn"), facts("a"), ways.deployment(ways.UNNAMED)),
        (history("a", "b"), facts("a"), ways.deployment(B.digest)),
        (history("a"), NOTHING, ways.deployment(A.digest)),
        (history(), NOTHING, ways.deployment("")),
    ],
    ids=["adopt", "only one", "the other was withdrawn", "a later one", "nothing serves", "nothing at all"],
)
def test_where_there_is_nothing_to_go_back_to(kept: History, seen: Facts, expected: dict[str, object]) -> None:
    assert way(kept, seen) == expected


@pytest.mark.parametrize(
    ("seen", "target", "expected"),
    [
        (facts("c", gone="a"), "a", ways.return_to(rollback_to=B.id)),
        (facts("b", gone="a"), "a", ways.deployment("")),
        (facts("c", passes=False), "c", ways.return_to(rollback_to=B.id)),
    ],
    ids=["gone", "gone, and no other", "it fails"],
)
def test_another_target_is_offered(seen: Facts, target: str, expected: dict[str, object]) -> None:
    assert way(history("a", "b", "c"), seen, rollback_to=target) == expected


def test_a_rollback_that_leaves_something_else() -> None:
    assert way(history("a", "b"), facts("b"), rollback_from="a") == ways.return_to()
    left = history("a", "b", "b withdrawn")
    assert way(left, facts("a", passes=False), rollback_from="b") == ways.return_to(rollback_from=A.id)


@pytest.mark.parametrize(
    ("kept", "selector", "expected"),
    [
        (history("a"), "x", ways.LIST),
        (history(), "x", ways.ADOPT),
        (history("a", "b", "a withdrawn"), "a", ways.deployment("a")),
    ],
)
def test_a_target_that_cannot_be_had(kept: History, selector: str, expected: dict[str, object]) -> None:
    with pytest.raises(OpsError) as caught:
        kept.named_target(selector)
    assert caught.value.next == expected


def test_a_deployment_is_said_again_in_full() -> None:
    assert way(history("a"), facts("a", asked="a", passes=False), "deploy", release="a") == ways.return_to()
    refusal = decide(wanted("deploy", release="b"), history(), facts("a", asked="b", passes=False)).refusal
    assert refusal and refusal.next == ways.deployment("b", deploy_without_way_back=True)


def test_an_adoption_that_cannot_be() -> None:
    digest = ways.deployment("DIGEST-OF-WHAT-SERVES", deploy_action="adopt")
    assert way(history(), NOTHING, "adopt") == digest
    assert way(history("a"), facts("a", asked="b"), "adopt", release="b") == ways.ADOPT
    assert way(history("a", "b"), facts("b", passes=False), "adopt") == ways.deployment(A.digest)
    for runbook, expected in (("deploy", ways.deployment(B.digest)), ("rollback", ways.return_to())):
        unfinished = History(intent=Intent(runbook, "01", A, B))
        assert way(unfinished, facts("a"), "adopt") == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (wanted("adopt"), ways.ADOPT),
        (wanted("deploy", release="b"), ways.deployment("b")),
        (wanted("rollback"), {"playbook": "rollback"}),
        (wanted("rollback", rollback_to="a", rollback_from="b"), ways.return_to(rollback_to="a", rollback_from="b")),
    ],
)
def test_the_same_once_more(asked: Any, expected: dict[str, object]) -> None:
    assert ways.again(asked) == expected


@pytest.mark.parametrize(
    ("name", "there", "expected"),
    [
        ("2.0.O", ["1.0.0", "2.0.0"], ways.deployment("2.0.0")),
        ("stable", ["1.0.0"], ways.LIST),
        ("", ["1.0.0"], ways.LIST),
        ("2.0.0", [], ways.LIST),
    ],
)
def test_the_nearest_is_offered_in_place_of_one_that_is_not_there(
    name: str, there: list[str], expected: dict[str, object]
) -> None:
    assert ways.instead_of(name, there) == expected


def test_who_adopts_is_offered_no_deployment() -> None:
    near = ways.deployment("2.0.0")
    assert ways.as_wanted(near, wanted("adopt")) == ways.deployment("2.0.0", deploy_action="adopt")
    assert ways.as_wanted(near, wanted("deploy")) == near
    assert ways.as_wanted(ways.LIST, wanted("adopt")) == ways.LIST
