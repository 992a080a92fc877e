"""The tool approve in process; its playbook runs in tests/integration/test_approvals.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._tools import approve
from ansible_collections.steady.ops.plugins.plugin_utils._tools.tool import Outcome
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, CHECK, PEOPLE, WEB, World
from tests.unit.plugins.plugin_utils._tools.tool_world import around

AWX = {"awx_job_id": "41", "awx_user_name": "carol", "awx_job_launch_type": "manual"}
INSIDE = {"AWX_HOST": "https://awx.example.com", "JOB_ID": "41"}
ARGV = ["ansible-playbook", "approve.yml", "-e", "@/runner/env/extravars"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    return World(tmp_path).keys("ann", "bob", "carol", "eve")


def do(
    world: World,
    action: str = "show",
    *,
    check: bool = False,
    who: Mapping[str, object] | None = None,
    awx: Mapping[str, str] | None = None,
    **said: object,
) -> Outcome:
    place = around(world.policy, check=check)
    place = replace(place, who=who or place.who)
    if awx:
        commands = Commands(ARGV, exists=lambda path: False)
        place = replace(place, who={"user": "root", "awx": awx}, environment=INSIDE, commands=commands)
    return approve.operate(action, said, place)


def signed(world: World, name: str, run: str = CHECK) -> str:
    path = world.base / f"{name}.sig"
    path.write_text(world.sign(name, world.desk.text(world.desk.request(run, world.now))))
    return str(path)


def test_where_nobody_is_named_nothing_waits(world: World) -> None:
    world.policy = replace(world.policy, approvers=None)
    with pytest.raises(InvalidInput, match="ops_approvers is not set for toy/production, so nothing waits"):
        do(world)


def test_a_request_is_named(world: World) -> None:
    with pytest.raises(InvalidInput, match="approve_run is empty") as caught:
        do(world, "approve")
    assert caught.value.next == {"playbook": "approve"}
    with pytest.raises(Refused, match="The journal has no run 01NONE"):
        do(world, run="01NONE")


def test_what_waits_is_listed(world: World) -> None:
    assert do(world).lines == ("nothing waits for approval; asked for are change, destructive",)
    world.check_run("01EMPTY", steps=())
    world.check_run("01GONE")
    do(world, "withdraw", run="01GONE")
    assert len(do(world).lines) == 1
    world.approve(world.check_run("01A"), "ann")
    world.check_run("01B", objects=(API, WEB))
    first, second, last = do(world).lines
    assert first.startswith("request 01A: deploy: deploy of toy/production/api, asked by dave on desk at 20")
    assert first.endswith(": waits for 1 more: bob or carol may approve")
    assert second.endswith(": waits for 2 more: ann or bob or carol may approve")
    assert last == "to read one: ansible-playbook steady.ops.approve -e approve_run=01B"
    world.step(run="01R")
    assert do(world).lines[0].endswith(": carried out by run 01R")


def test_a_request_is_shown_with_the_ways_to_approve_it(world: World) -> None:
    world.check_run()
    assert do(world, run=CHECK).lines[1:] == (
        "  api | would: Write one",
        "  api | sha256:aa",
        "waits for 2 more: ann or bob or carol may approve",
        "to approve with your key, first: ansible-playbook steady.ops.approve -e approve_action=text"
        f" -e approve_run={CHECK}",
        f"to approve in AWX: launch approve with approve_action=approve and approve_run={CHECK}",
    )
    world.policy = replace(world.policy, approvers={**PEOPLE, "proofs": ["account"]})
    assert do(world, run=CHECK).lines[-1] == (
        "to approve with your account: ansible-playbook steady.ops.approve -e approve_action=approve"
        f" -e approve_run={CHECK}"
    )


def test_a_request_is_shown_with_what_became_of_it(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "eve")
    lines = do(world, run=CHECK).lines
    assert lines[3].startswith("approved by ann at 20") and lines[3].endswith("(signature k)")
    assert lines[4] == "does not count: eve is none of the people whom ops_approvers names."
    world.approve(asked, "bob")
    assert do(world, run=CHECK).lines[-1].startswith("approved: the same command without --check may run until 20")
    world.step(run="01R")
    assert do(world, run=CHECK).lines[-1] == "carried out by run 01R"
    do(world, "withdraw", run=CHECK)
    world.check_run("01B")
    do(world, "withdraw", run="01B")
    assert "Request 01B was withdrawn by " in do(world, run="01B").lines[-1]


def test_hostile_texts_forge_no_line(world: World) -> None:
    hostile = "Write\n  approved by ann (signature)\x1b[2K"
    world.check_run(steps=(hostile,), who={"user": "x\nwaits for 0 more", "host": "h"})
    lines = do(world, run=CHECK).lines
    assert len(lines) == 6 and all(line.isprintable() for line in lines)


def test_the_text_is_written_as_it_is_signed(world: World) -> None:
    asked = world.check_run()
    path = world.base / f"steady-approval-{CHECK}.txt"
    assert not do(world, "text", check=True, run=CHECK).changed and not path.exists()
    lines = do(world, "text", run=CHECK).lines
    assert path.read_text() == world.desk.text(asked) and lines[0] == "steady.ops approval 1"
    assert lines[-2] == f"  ssh-keygen -Y sign -n steady.ops -f ~/.ssh/id_ed25519 {path}"
    assert lines[-1] == (
        f"  ansible-playbook steady.ops.approve -e approve_action=approve -e approve_run={CHECK}"
        f" -e approve_signed={path}.sig"
    )
    assert do(world, "text", run=CHECK).lines == lines, "again is the same"
    path.write_text("mine")
    with pytest.raises(InvalidInput, match="which holds something else") as caught:
        do(world, "text", run=CHECK)
    assert caught.value.next["variables"] == {
        "approve_action": "text",
        "approve_run": CHECK,
        "approve_file": f"{path}.2",
    }
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        do(world, "text", run=CHECK, file=str(world.base))
    with pytest.raises(InvalidInput, match="cannot be written: No such file"):
        do(world, "text", run=CHECK, file="none/x.txt")


def test_a_signature_approves_once(world: World) -> None:
    world.check_run()
    path = signed(world, "bob")
    assert do(world, "approve", check=True, run=CHECK, signed=path).lines[-1] == "bob would approve (signature)"
    assert world.desk.requests.all() == []
    done = do(world, "approve", run=CHECK, signed=path)
    assert done.changed and done.lines[1:] == (
        "bob approves (signature)",
        "waits for 1 more: ann or carol may approve",
    )
    proof = done.event["approved"]
    assert isinstance(proof, dict) and proof["by"] == "bob" and proof["plans"] == ["sha256:aa"]
    assert proof["proof"]["armor"] == Path(path).read_text()
    before = world.ledger.store.read("approvals")
    again = do(world, "approve", run=CHECK, signed=path)
    assert not again.changed and again.lines[1] == "bob has approved already (signature)"
    assert world.ledger.store.read("approvals") == before
    do(world, "approve", run=CHECK, signed=signed(world, "carol"))
    assert do(world, run=CHECK).lines[-1].startswith("approved: ")


def test_a_new_signature_takes_the_place_of_one_that_counts_no_more(world: World) -> None:
    asked = world.approve(world.check_run(), "bob")
    world.desk.requests.change(
        asked, lambda known: replace(known, approvals=(replace(known.approvals[0], proof={"armor": "old"}),))
    )
    assert do(world, "approve", run=CHECK, signed=signed(world, "bob")).changed
    assert len(world.desk.requests.all()[0].approvals) == 1


@pytest.mark.parametrize(
    ("name", "who", "sentence"),
    [
        ("eve", {"user": "dave"}, "a key that ops_allowed_signers gives to none of ann, bob, carol"),
        ("ann", {"user": "Ann"}, "ann asked for this change, and nobody approves what they ask for"),
    ],
)
def test_who_may_not_approve_is_refused(world: World, name: str, who: dict[str, object], sentence: str) -> None:
    world.check_run(who=who)
    with pytest.raises(Refused, match=sentence):
        do(world, "approve", run=CHECK, signed=signed(world, name))
    assert world.desk.requests.all() == []


def test_a_signature_over_another_request_approves_nothing(world: World) -> None:
    world.check_run("01A")
    world.check_run("01B", steps=("Drop it all",))
    with pytest.raises(Refused, match="not one over this request"):
        do(world, "approve", run="01B", signed=signed(world, "ann", "01A"))


def test_awx_names_its_user(world: World) -> None:
    world.check_run()
    done = do(world, "approve", run=CHECK, awx=AWX)
    assert done.changed and done.lines[1] == "carol approves (awx)"
    with pytest.raises(Refused, match="kim is none of the people whom ops_approvers names"):
        do(world, "approve", run=CHECK, awx={**AWX, "awx_user_name": "kim"})
    world.policy = replace(world.policy, approvers={**PEOPLE, "proofs": "signature"})
    with pytest.raises(AccessDenied, match="approve_signed is empty, and ops_approvers does not believe AWX"):
        do(world, "approve", run=CHECK, awx=AWX)


def test_a_name_that_was_typed_proves_nothing(world: World) -> None:
    world.check_run()
    with pytest.raises(AccessDenied, match=r"Nothing proves who approves .* it proves nothing") as caught:
        do(world, "approve", run=CHECK, who={"user": "dave", "awx": AWX})
    assert caught.value.next == {"playbook": "approve", "variables": {"approve_action": "text", "approve_run": CHECK}}


def test_an_account_is_believed_where_the_inventory_says_so(world: World) -> None:
    world.check_run()
    with pytest.raises(AccessDenied, match="this does not run in AWX"):
        do(world, "approve", run=CHECK, who={"user": "ann"})
    world.policy = replace(world.policy, approvers={**PEOPLE, "proofs": "account"})
    assert (
        do(world, "approve", run=CHECK, who={"user": "root", "sudo_user": "ann"}).lines[1] == "ann approves (account)"
    )
    with pytest.raises(Refused, match="root is none of the people"):
        do(world, "approve", run=CHECK, who={"user": "root"})


def test_what_is_over_takes_no_approval(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.check_run()
    path = signed(world, "ann")
    assert do(world, "withdraw", check=True, run=CHECK).changed and world.desk.requests.all() == []
    assert do(world, "withdraw", run=CHECK).changed and not do(world, "withdraw", run=CHECK).changed
    assert not do(world, "withdraw", check=True, run=CHECK).changed
    for action in ("approve", "text"):
        with pytest.raises(Refused, match="was withdrawn by"):
            do(world, action, run=CHECK, signed=path)
    late = world.check_run("01LATE")
    world.approve(late, "ann")
    later = world.now + timedelta(hours=5)
    monkeypatch.setattr(
        "ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store.FileStore.now", lambda self: later
    )
    with pytest.raises(Refused, match="Request 01LATE expired at"):
        do(world, "approve", run="01LATE", signed=path)


def test_a_request_that_is_withdrawn_meanwhile_takes_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = world.check_run()
    path = signed(world, "ann")
    given = approve._given

    def slow(*args: object) -> object:
        found = given(*args)  # type: ignore[arg-type]
        world.desk.requests.change(asked, lambda known: replace(known, withdrawn={"by": "x", "at": "y"}))
        return found

    monkeypatch.setattr(approve, "_given", slow)
    with pytest.raises(Refused, match="was withdrawn by x"):
        do(world, "approve", run=CHECK, signed=path)


def test_a_key_that_went_to_somebody_else_is_counted_once(world: World) -> None:
    world.approve(world.check_run(), "ann")
    key = str(world.policy.allowed_signers).splitlines()[0].removeprefix("ann ")
    world.policy = replace(world.policy, allowed_signers=[f"bob {key}"])
    assert do(world, "approve", run=CHECK, signed=signed(world, "ann")).lines[-1].startswith("waits for 1 more: ann or")


def test_a_request_that_somebody_edited_is_approved_by_nobody(world: World) -> None:
    asked = world.approve(world.check_run(), "ann")
    path = signed(world, "bob")
    harmless = (replace(asked.plans[0], steps=("Look around",)),)
    world.desk.requests.change(asked, lambda known: replace(known, plans=harmless))
    for action in ("show", "text", "approve"):
        with pytest.raises(Refused, match="is not what its check run journalled: somebody has edited it"):
            do(world, action, run=CHECK, signed=path)
    assert do(world).lines == ("nothing waits for approval; asked for are change, destructive",)
