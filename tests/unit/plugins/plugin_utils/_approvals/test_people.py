"""Who may approve."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.people import names_of, read_approvers, spelled


def test_a_list_of_people_needs_one_of_them_for_every_change() -> None:
    read = read_approvers(["ann", "bob"])
    assert (read.needed, [person.name for person in read.people]) == (1, ["ann", "bob"])
    assert read.valid == timedelta(hours=4) and read.proofs == ("signature", "awx")
    assert read.ask_for("deploy", "deploy", "change") and read.ask_for("raze", "raze", "destructive")


def test_actions_narrow_what_asks_for_approval() -> None:
    read = read_approvers({"people": ["ann"], "actions": ["destructive", "deploy", "rollback:rollback"]})
    assert read.ask_for("x", "y", "destructive") and read.ask_for("deploy", "adopt", "change")
    assert read.ask_for("rollback", "rollback", "change") and not read.ask_for("rollback", "other", "change")
    assert read_approvers({"people": "ann", "actions": "deploy", "proofs": "account"}).proofs == ("account",)


def test_a_person_is_known_by_every_name_and_spelling() -> None:
    read = read_approvers({"people": {"ann": ["Ann.Smith@Example.com"], "bob": None}})
    found = read.person(" ANN.smith@example.COM ")
    assert found is not None and found.name == "ann"
    assert read.person("\uff42\uff4f\uff42") == read.people[1], "full-width letters are letters"
    assert read.person("eve") is None
    assert read.others(["ann.smith@example.com"]) == (read.people[1],)
    assert spelled("Straße") == spelled("STRASSE")


def test_who_runs_something_has_several_names() -> None:
    assert names_of({"user": "root", "sudo_user": "Ann", "awx": {"awx_user_name": "Ann.S"}}) == {"root", "ann", "ann.s"}
    assert names_of({"user": "ann", "awx": "x"}) == {"ann"}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"peeple": ["ann"]}, "ops_approvers has the unknown key peeple. Did you mean people?"),
        ({}, "ops_approvers names nobody"),
        ([], "ops_approvers names nobody"),
        (7, "ops_approvers has 7 where names belong"),
        ([["ann"]], "ops_approvers has \\[\\['ann'\\]\\] where names belong"),
        (["ann", "Ann"], "ops_approvers names somebody twice|has the name 'ann' twice"),
        (["ann", "ann"], "ops_approvers names somebody twice"),
        (["ann", " "], "has the name '' twice or empty"),
        ({"people": {"ann": ["x"], "bob": ["X"]}}, "has the name 'x' twice or empty"),
        ({"people": ["ann"], "needed": 2}, "ops_approvers needs 2 of 1 people. Write needed as a number from 1 to 1"),
        ({"people": ["ann"], "needed": 0}, "ops_approvers needs 0 of 1 people"),
        ({"people": ["ann"], "needed": True}, "ops_approvers needs True of 1 people"),
        ({"people": ["ann"], "needed": "1"}, "ops_approvers needs '1' of 1 people"),
        ({"people": ["ann"], "valid_minutes": 0}, "ops_approvers has valid_minutes 0"),
        ({"people": ["ann"], "valid_minutes": True}, "ops_approvers has valid_minutes True"),
        ({"people": ["ann"], "valid_minutes": "1"}, "ops_approvers has valid_minutes '1'"),
        ({"people": ["ann"], "valid_minutes": 1e9}, "ops_approvers has valid_minutes"),
        ({"people": ["ann"], "actions": ["destructve"]}, "has the action 'destructve', .* Did you mean destructive?"),
        ({"people": ["ann"], "actions": []}, "ops_approvers has no actions"),
        ({"people": ["ann"], "proofs": ["word"]}, "ops_approvers has proofs \\['word'\\]. Use some of signature"),
        ({"people": ["ann"], "proofs": []}, "ops_approvers has proofs \\[\\]"),
    ],
)
def test_what_is_wrong_is_named(value: object, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_approvers(value)
