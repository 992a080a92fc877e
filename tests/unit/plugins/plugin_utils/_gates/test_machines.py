"""The gate identity for machines, with machines asked in words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._gates import machines
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Component, Request, refusals
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, asks, text

HERE = "0123abcd" * 4
THERE = "fedc9876" * 4
GONE = Unreachable("gone")
UNTOLD = "Which machine api lives on cannot be told"


def lives_on(pinned: object, name: str = "api") -> Component:
    return Component(name, identity={"machine_id": pinned})


@pytest.mark.parametrize(
    ("pinned", "answer", "request_", "expected"),
    [
        (HERE, HERE, asks(), []),
        (HERE.upper(), HERE, asks(), []),
        (f" {HERE}\n", HERE.upper(), asks(), []),
        (HERE, THERE, asks(), [f"refuse: api is pinned to machine_id {HERE}, and the machine that answers is {THERE}"]),
        (
            HERE,
            THERE,
            asks("read", where=LAB, check=True),
            [f"refuse: api is pinned to machine_id {HERE}, and the machine that answers is {THERE}"],
        ),
        (HERE, GONE, asks(), [f"refuse: {UNTOLD}: gone."]),
        (HERE, GONE, asks(check=True), [f"unknown: {UNTOLD}: gone."]),
        (HERE, GONE, asks("read"), [f"unknown: {UNTOLD}: gone."]),
        (HERE, "", asks(), [f"refuse: {UNTOLD}: it has no /etc/machine-id that can be read"]),
        (HERE, "", asks("read"), [f"unknown: {UNTOLD}: it has no /etc/machine-id that can be read"]),
        (HERE, "uninitialized", asks(), [f"refuse: {UNTOLD}: /etc/machine-id there holds no id"]),
        (HERE, f"{HERE}\n{HERE}", asks(), [f"refuse: {UNTOLD}: /etc/machine-id there holds no id"]),
    ],
)
def test_what_a_machine_answers(pinned: object, answer: str | OpsError, request_: Request, expected: list[str]) -> None:
    verdicts = machines.judge(request_, lives_on(pinned), {"api": answer})
    assert text(verdicts) == expected
    assert all(verdict.remedy and verdict.gate == "identity" for verdict in verdicts)
    firm = bool(expected) and "pinned" in expected[0]
    assert bool(refusals(verdicts, check=True)) is firm


@pytest.mark.parametrize("pinned", ["box1", HERE[:-1], f"{HERE}0", "g" * 32, 83, [HERE], f"{HERE[:16]}-{HERE[16:]}"])
def test_what_is_no_id_is_refused_and_nobody_is_asked(pinned: object) -> None:
    def nobody(hosts: Sequence[str]) -> machines.Answers:
        raise AssertionError(hosts)

    component = lives_on(pinned)
    answers = machines.ask([component, Component("x"), lives_on(""), lives_on(None)], nobody)
    (verdict,) = machines.judge(asks("read", where=LAB), component, answers)
    assert verdict.firm and verdict.sentence == (
        f"component_identity.machine_id of api is {str(pinned)!r}, which is no id of a machine"
    )


def test_all_machines_are_asked_in_one_go() -> None:
    asked: list[Sequence[str]] = []

    def answer(hosts: Sequence[str]) -> machines.Answers:
        asked.append(hosts)
        return dict.fromkeys(hosts, HERE)

    found = machines.ask([lives_on(HERE), Component("cache"), lives_on(THERE, "web")], answer)
    assert (asked, found) == ([["api", "web"]], {"api": HERE, "web": HERE})


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (None, ["machine 0123abcd (pinned; not asked)"]),
        ({"api": THERE.upper()}, ["machine fedc9876"]),
        ({"api": GONE}, ["machine 0123abcd (pinned; it did not answer)"]),
        ({"api": InvalidInput("x")}, ["machine 0123abcd (pinned; it could not be asked)"]),
        ({"api": ""}, ["machine 0123abcd (pinned; it could not be asked)"]),
    ],
)
def test_the_target_of_a_run(answers: machines.Answers | None, shown: list[str]) -> None:
    assert machines.shown([lives_on(HERE), Component("cache")], answers) == shown


def test_many_machines_are_counted() -> None:
    ids = [f"{number:08}" * 4 for number in range(6)]
    components = [lives_on(id, f"api{number}") for number, id in enumerate(ids)]
    found = {component.name: id for component, id in zip(components, ids, strict=True)}
    four = [f"machine 0000000{number}" for number in range(4)]
    assert machines.shown(components[:4], found) == four
    assert machines.shown(components, found) == [*four, "2 more"]


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (
            GONE,
            "Check the network and how Ansible reaches api (ansible_host ...), wait until it answers, or leave it out"
            " with --limit '!api'",
        ),
        (InvalidInput("x"), "Correct the ansible_* variables of api in the inventory"),
        (Unreachable("x", remedy="Wait."), "Wait."),
    ],
)
def test_the_way_on_says_where_to_look(error: OpsError, remedy: str) -> None:
    (verdict,) = machines.judge(asks(), lives_on(HERE), {"api": error})
    assert verdict.remedy == remedy
