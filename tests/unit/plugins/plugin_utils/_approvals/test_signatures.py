"""Signatures over one request, by real keys."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, MissingDriver, OpsError, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._approvals import signatures
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import ApprovalRequest, Planned
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.signatures import armor_of, text_of
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path).keys("ann", "bob", "eve")
    made.policy = replace(made.policy, allowed_signers=made.policy.allowed_signers)
    return made


@pytest.fixture
def asked(world: World) -> ApprovalRequest:
    return world.check_run()


def test_a_signature_names_its_person_and_key(world: World, asked: ApprovalRequest) -> None:
    signed = world.desk.verify(asked, world.sign("ann", world.desk.text(asked)))
    shown = ["ssh-keygen", "-lf", str(world.base / "ann.pub")]
    assert signed.person.name == "ann"
    assert signed.key in subprocess.run(shown, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda asked: replace(asked, id="01OTHER"),
        lambda asked: replace(asked, runbook="raze"),
        lambda asked: replace(asked, action="raze"),
        lambda asked: replace(asked, objects=(*asked.objects, "toy/production/web")),
        lambda asked: replace(asked, requester={"user": "eve"}),
        lambda asked: replace(asked, at=asked.at.replace(year=2020)),
        lambda asked: replace(asked, expires_at=asked.expires_at.replace(year=2099)),
        lambda asked: replace(asked, plans=(Planned(API, "sha256:cc", asked.plans[0].steps),)),
        lambda asked: replace(asked, plans=(replace(asked.plans[0], steps=("Write nothing",)),)),
    ],
)
def test_a_signature_is_good_for_no_other_request(
    world: World, asked: ApprovalRequest, change: Callable[[ApprovalRequest], ApprovalRequest]
) -> None:
    armor = world.sign("ann", world.desk.text(asked))
    with pytest.raises(Refused, match="The signature of ann is not one over this request"):
        world.desk.verify(change(asked), armor)


def test_a_signature_is_good_for_no_other_ledger_or_system(world: World, asked: ApprovalRequest) -> None:
    for text in (text_of(asked, "other", "toy/production"), text_of(asked, world.ledger.identity.id, "toy/staging")):
        with pytest.raises(Refused, match="not one over this request"):
            world.desk.verify(asked, world.sign("ann", text))


def test_a_signature_made_for_something_else_is_none(world: World, asked: ApprovalRequest) -> None:
    with pytest.raises(Refused, match="not one over this request"):
        world.desk.verify(asked, world.sign("ann", world.desk.text(asked), "git"))


def test_a_key_of_nobody_who_may_approve_is_refused(world: World, asked: ApprovalRequest) -> None:
    text = world.desk.text(asked)
    with pytest.raises(Refused, match="a key that ops_allowed_signers gives to none of ann, bob, carol"):
        world.desk.verify(asked, world.sign("eve", text))
    world.keys("ann")
    with pytest.raises(Refused, match="gives to none of"):
        world.desk.verify(asked, world.sign("bob", text))


def test_forged_armor_is_refused(world: World, asked: ApprovalRequest) -> None:
    whole = world.sign("ann", world.desk.text(asked))
    lines = whole.splitlines()
    torn = "\n".join([*lines[:2], *lines[3:]])
    for armor in ("", "nonsense", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", torn, "é\x00"):
        with pytest.raises(OpsError):
            world.desk.verify(asked, armor)


def test_a_pattern_lets_no_key_speak_for_others(world: World, asked: ApprovalRequest) -> None:
    line = str(world.policy.allowed_signers).splitlines()[2].removeprefix("eve ")
    world.policy = replace(world.policy, allowed_signers=f"* {line}")
    with pytest.raises(Refused, match="gives to none of"):
        world.desk.verify(asked, world.sign("eve", world.desk.text(asked)))


def test_a_key_of_two_people_is_nobodys(world: World, asked: ApprovalRequest) -> None:
    line = str(world.policy.allowed_signers).splitlines()[0].removeprefix("ann ")
    world.policy = replace(world.policy, allowed_signers=f"ann,bob {line}")
    with pytest.raises(Refused, match=r"gives to ann, bob at once\. Give each person a key of their own"):
        world.desk.verify(asked, world.sign("ann", world.desk.text(asked)))


def test_a_key_that_ended_signs_nothing_any_more(world: World, asked: ApprovalRequest) -> None:
    line = str(world.policy.allowed_signers).splitlines()[0].removeprefix("ann ")
    world.policy = replace(world.policy, allowed_signers=f'ann valid-before="20200101" {line}')
    with pytest.raises(Refused, match="signature"):
        world.desk.verify(asked, world.sign("ann", world.desk.text(asked)))


def test_a_person_signs_under_a_further_name(world: World, asked: ApprovalRequest) -> None:
    line = str(world.policy.allowed_signers).splitlines()[0].removeprefix("ann ")
    people = {"ann": ["Ann@Example.com"], "bob": []}
    world.policy = replace(world.policy, approvers={"people": people}, allowed_signers=[f"Ann@example.com {line}"])
    assert world.desk.verify(asked, world.sign("ann", world.desk.text(asked))).person.name == "ann"


def test_allowed_signers_may_be_a_file(world: World, asked: ApprovalRequest) -> None:
    armor = world.sign("ann", world.desk.text(asked))
    path = world.base / "allowed"
    path.write_text(str(world.policy.allowed_signers))
    world.policy = replace(world.policy, allowed_signers=str(path))
    assert world.desk.verify(asked, armor).person.name == "ann"
    for wrong in ("allowed", str(path) + "x"):
        world.policy = replace(world.policy, allowed_signers=wrong)
        with pytest.raises(InvalidInput, match=f"ops_allowed_signers names {wrong}, which is no absolute path"):
            world.desk.verify(asked, armor)
    world.policy = replace(world.policy, allowed_signers=None)
    with pytest.raises(InvalidInput, match="ops_allowed_signers is not set"):
        world.desk.verify(asked, armor)


def test_what_is_signed_has_each_word_on_a_line_of_its_own(world: World) -> None:
    hostile = "Write one\nplan: other sha256:ff \x1b[2J"
    text = world.desk.text(world.check_run(steps=(hostile,), who={"user": "a\nrunbook: x", "host": "h"}))
    assert text.isascii() and len(text.splitlines()) == 12 and "\x1b" not in text
    assert [line.partition(":")[0] for line in text.splitlines()[-2:]] == ["plan", "step"]


def test_a_signature_is_given_as_a_file_or_itself(world: World, asked: ApprovalRequest) -> None:
    armor = world.sign("ann", world.desk.text(asked))
    path = world.base / "x.sig"
    path.write_text(armor)
    assert armor_of(str(path)) == armor and armor_of(f"  {armor}  ") == armor
    path.write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="cannot be read: it is no text"):
        armor_of(str(path))
    path.write_text("x")
    with pytest.raises(InvalidInput, match="which is no signature of ssh-keygen -Y sign"):
        armor_of(str(path))
    path.write_text("x" * 70000)
    with pytest.raises(InvalidInput, match="it is too long"):
        armor_of(str(path))
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        armor_of(str(world.base / "none.sig"))


def test_a_machine_without_ssh_keygen_says_so(
    world: World, asked: ApprovalRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    armor = world.sign("ann", world.desk.text(asked))
    monkeypatch.setenv("PATH", str(world.base))
    with pytest.raises(MissingDriver, match="ssh-keygen is not installed here"):
        world.desk.verify(asked, armor)


def test_an_ssh_keygen_that_hangs_is_not_waited_for(
    world: World, asked: ApprovalRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = world.base / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    program.chmod(0o755)
    armor = world.sign("ann", world.desk.text(asked))
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(signatures, "_SECONDS", 0.2)
    with pytest.raises(Refused, match="ssh-keygen did not answer"):
        world.desk.verify(asked, armor)
