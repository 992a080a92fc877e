"""Approvals over real runs, with real keys: from the refusal over the check run to the change, and every way around."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ansible_runner
import pytest
import yaml

from tests.integration.toy import SWITCH, Seen, World, kill, wait_for

NAMES = ("ann", "bob", "carol", "eve")
ALLOWED = ("ann", "bob", "carol")
RULES = {"ops_approvers": {"needed": 2, "people": list(ALLOWED)}, "ops_allowed_signers": "{{ inventory_dir }}/signers"}
# who asks, as sudo names them: the account of these tests is nobody's
DAVE = {"SUDO_USER": "dave"}


class Approvals:
    """A world whose inventory names approvers, and a key for each of them."""

    def __init__(self, base: Path) -> None:
        self.world = World(base)
        self.world.initialise()
        self.keys = base / "keys"
        self.keys.mkdir()
        for name in NAMES:
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "key", "-f", str(self.keys / name)]
            subprocess.run(make, check=True)
        lines = [f"{name} {' '.join((self.keys / f'{name}.pub').read_text().split()[:2])}" for name in ALLOWED]
        self.world.put(base / "inventory" / "signers", "\n".join([*lines, ""]))
        self.rules()

    def rules(self, **more: object) -> None:
        """Write what the inventory says."""
        self.world.environment("lab", yaml.safe_dump({**RULES, **more}))

    def switch(self, *more: str, who: str = "dave") -> Seen:
        """Run the change."""
        return self.world.run(*SWITCH, *more, SUDO_USER=who)

    def check(self, *more: str, who: str = "dave") -> str:
        """Make a check run; return its id, taken from the command that it ends with."""
        seen = self.switch("--check", *more, who=who)
        assert seen.code == 0, seen
        return str(re.findall(r"-e approve_run=(\w+)", seen.text)[-1])

    def tool(self, *words: str, **more: str) -> Seen:
        """Run approve.yml with variables."""
        return self.world.tool(*(part for word in words for part in ("-e", word)), name="approve", **more)

    def sign(self, run: str, name: str, text: Path | None = None) -> Path:
        """Sign the text of a request with the very command that the tool prints."""
        text = text or self.keys / run
        if not text.exists():
            seen = self.tool("approve_action=text", f"approve_run={run}", f"approve_file={text}")
            assert seen.code == 0, seen
        own = self.keys / f"{run}-{name}"
        own.write_bytes(text.read_bytes())
        key = str(self.keys / name)
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "steady.ops", "-f", key, str(own)], check=True)
        return own.with_name(f"{own.name}.sig")

    def approve(self, run: str, name: str) -> Seen:
        """Sign a request and hand it in."""
        return self.tool("approve_action=approve", f"approve_run={run}", f"approve_signed={self.sign(run, name)}")

    def requests(self) -> list[dict[str, object]]:
        """Read the requests as an outsider does."""
        path = self.world.ledger / "approvals"
        return list(json.loads(path.read_text())["requests"]) if path.exists() else []


@pytest.fixture
def approvals(tmp_path: Path) -> Iterator[Approvals]:
    made = Approvals(tmp_path)
    yield made
    made.world.kill_all()


def test_from_the_refusal_to_the_change(approvals: Approvals) -> None:
    refused = approvals.switch()
    assert refused.code == 2 and approvals.world.words() == []
    assert "This change wants 2 of ann, bob, carol to approve its plan; no check run of the last 4 h" in refused.text
    assert f"-i {approvals.world.inventory} -e switch_action=switch --check`" in refused.text, refused

    run = approvals.check()
    assert approvals.world.words() == [] and approvals.requests() == []
    shown = approvals.tool(f"approve_run={run}")
    assert shown.code == 0 and "  api | would: Write one, 1 left\n" in shown.text, shown
    assert f"request {run}: acme.toy.switch: switch of toy/lab/api, asked by dave on " in shown.text

    first = approvals.approve(run, "bob")
    assert first.code == 0 and "changed=1" in first.text and "waits for 1 more: ann or carol may approve" in first.text
    waiting = approvals.switch()
    assert waiting.code == 2 and f"request {run} waits for 1 of 2 until " in waiting.text, waiting
    assert f"Have ann or carol run: `{shlex.quote(approvals.world.command()[0])} steady.ops.approve" in waiting.text
    assert f"-e approve_run={run}`" in waiting.text and approvals.world.words() == []

    again = approvals.approve(run, "bob")
    assert again.code == 0 and "changed=0" in again.text and "bob has approved already" in again.text, again
    assert "approved: the same command without --check may run until " in approvals.approve(run, "carol").text

    other = approvals.switch("-e", "value=two")
    assert other.code == 2 and approvals.world.words() == [], "another plan than the approved one changes nothing"
    assert "The plan for toy/lab/api is not the one that was approved." in other.text, other
    assert "-e switch_action=switch -e value=two --check\n" in other.text

    done = approvals.switch()
    assert done.code == 0 and approvals.world.words() == ["one"], done
    opened = [record for record in approvals.world.records("journal") if record.get("event") == "opened"][-1]
    assert opened["approval"]["requests"] == [run]
    assert [given["by"] for given in opened["approval"]["by"]] == ["bob", "carol"]

    approvals.world.out.unlink()
    replayed = approvals.switch()
    assert replayed.code == 2 and approvals.world.words() == [], "an approval is for one change"
    assert f"the plan that was approved, of {run}, was carried out by run {opened['run']}" in replayed.text, replayed


def test_forged_replayed_and_strange_signatures_approve_nothing(approvals: Approvals) -> None:
    run = approvals.check()
    other = approvals.check("-e", "value=two")
    text = approvals.keys / run
    replayed = approvals.sign(other, "ann")
    approvals.sign(run, "bob")
    strange = approvals.sign(run, "eve", text)
    torn = approvals.keys / "torn.sig"
    torn.write_text(approvals.sign(run, "ann", text).read_text().replace("U1NIU0lH", "U1NIU0lI", 1))
    edited = approvals.keys / "edited"
    edited.write_text(text.read_text().replace("Write one", "Write two"))
    for signed, sentence in (
        (replayed, "The signature of ann is not one over this request"),
        (strange, "a key that ops_allowed_signers gives to none of ann, bob, carol"),
        (torn, "ops_allowed_signers gives to none"),
        (approvals.sign("edited", "ann", edited), "The signature of ann is not one over this request"),
        (text, "which is no signature of ssh-keygen -Y sign"),
    ):
        seen = approvals.tool("approve_action=approve", f"approve_run={run}", f"approve_signed={signed}")
        assert seen.code == 2 and sentence in seen.text and " | REFUSED after " in seen.text, (signed, seen)
    assert approvals.requests() == []


def test_nobody_approves_what_they_ask_for(approvals: Approvals) -> None:
    run = approvals.check(who="ANN")
    seen = approvals.approve(run, "ann")
    assert seen.code == 2 and "ann asked for this change, and nobody approves what they ask for." in seen.text, seen
    assert approvals.requests() == []
    for name in ("bob", "carol"):
        assert approvals.approve(run, name).code == 0
    own = approvals.switch(who="bob")
    assert own.code == 2 and "waits for 1 of 2" in own.text and approvals.world.words() == [], own
    assert approvals.switch(who="ann").code == 0 and approvals.world.words() == ["one"]


def test_a_name_that_is_typed_proves_nothing(approvals: Approvals) -> None:
    run = approvals.check()
    typed = ("approve_action=approve", f"approve_run={run}", "awx_user_name=bob", "awx_job_id=7")
    for words, inside in (
        (typed, {}),
        ((*typed, "awx_job_launch_type=manual"), {"AWX_HOST": "https://awx.example.com", "JOB_ID": "7"}),
        (typed[:2], {"SUDO_USER": "bob"}),
    ):
        seen = approvals.tool(*words, **inside)
        assert seen.code == 2 and f"Nothing proves who approves request {run}" in seen.text, seen
        assert f"-e approve_action=text -e approve_run={run}" in seen.text
    policy = approvals.tool("approve_action=approve", f"approve_run={run}", '{"ops_approvers": ["root"]}')
    assert policy.code == 2 and "ops_approvers was passed as an extra variable" in policy.text, policy
    assert approvals.requests() == []


def test_an_account_counts_where_the_inventory_believes_accounts(approvals: Approvals) -> None:
    approvals.rules(ops_approvers={"needed": 1, "people": ["ann", "bob"], "proofs": ["account"]})
    run = approvals.check()
    approve = ("approve_action=approve", f"approve_run={run}")
    stranger = approvals.tool(*approve, SUDO_USER="mallory")
    assert stranger.code == 2 and "mallory is none of the people whom ops_approvers names." in stranger.text, stranger
    assert approvals.requests() == []
    assert "bob approves (account)" in approvals.tool(*approve, SUDO_USER="bob").text
    assert approvals.switch().code == 0 and approvals.world.words() == ["one"]


def test_check_mode_and_withdrawing(approvals: Approvals) -> None:
    run = approvals.check()
    signed = approvals.sign(run, "ann")
    words = ("-e", "approve_action=approve", "-e", f"approve_run={run}", "-e", f"approve_signed={signed}")
    seen = approvals.world.tool(*words, "--check", name="approve")
    assert seen.code == 0 and "ann would approve (signature)" in seen.text and approvals.requests() == [], seen
    assert "changed=1" in approvals.tool("approve_action=withdraw", f"approve_run={run}").text
    assert "changed=0" in approvals.tool("approve_action=withdraw", f"approve_run={run}").text
    late = approvals.world.tool(*words, name="approve")
    assert late.code == 2 and f"Request {run} was withdrawn by " in late.text, late
    assert "nothing waits for approval" in approvals.tool().text


def test_two_who_approve_at_once_both_count(approvals: Approvals) -> None:
    run = approvals.check()
    signed = [approvals.sign(run, "ann"), approvals.sign(run, "bob", approvals.keys / run)]
    command = [
        approvals.world.command(
            *("-e", "approve_action=approve", "-e", f"approve_run={run}", "-e", f"approve_signed={path}"),
            play="steady.ops.approve",
        )
        for path in signed
    ]
    both = [
        subprocess.Popen(one, env=approvals.world.variables(), stdout=subprocess.DEVNULL, cwd=approvals.world.base)
        for one in command
    ]
    assert [one.wait(60) for one in both] == [0, 0]
    (asked,) = approvals.requests()
    assert len(list(asked["approvals"])) == 2  # type: ignore[call-overload]
    assert approvals.switch().code == 0


def test_a_run_that_was_killed_may_go_on(approvals: Approvals) -> None:
    approvals.rules(ops_approvers={"needed": 1, "people": list(ALLOWED)})
    run = approvals.check("-e", "seconds=30")
    assert approvals.approve(run, "ann").code == 0
    first = approvals.world.start(*SWITCH, "-e", "seconds=30")
    wait_for(lambda: approvals.world.processes("AnsiballZ_toy_deploy.py") and approvals.world.records("releases")[1:])
    for pid in [*approvals.world.processes("keeper"), first.pid, *approvals.world.processes("")]:
        kill(pid)
    first.wait()
    assert approvals.world.words() == []
    again = approvals.switch()
    assert again.code == 0 and approvals.world.words() == ["one"], again


def test_scheduled_changes_go_on_a_standing_approval_within_its_bounds(approvals: Approvals) -> None:
    standing = {
        "runbook": "acme.toy.switch",
        "action": "switch",
        "objects": ["api"],
        "until": "2096-01-01",
        "max_per_day": 1,
        "approved_by": ["ann", "bob"],
        "reason": "nightly",
    }
    approvals.rules(ops_standing_approvals=[{**standing, "until": "2026-01-01"}])
    seen = approvals.switch()
    assert seen.code == 2 and "its standing approval ended at 2026-01-02T00:00:00Z; no check run" in seen.text, seen
    approvals.rules(ops_standing_approvals=[standing])
    assert approvals.switch().code == 0 and approvals.world.words() == ["one"]
    opened = [record for record in approvals.world.records("journal") if record.get("event") == "opened"][-1]
    assert opened["approval"]["by"] == ["ann", "bob"] and opened["approval"]["reason"] == "nightly"
    second = approvals.switch("-e", "value=two")
    assert second.code == 2 and "for 1 a day, and 1 ran today (UTC)" in second.text, second
    assert approvals.world.words() == ["one"]


def test_hostile_words_in_a_plan_forge_nothing(approvals: Approvals) -> None:
    value = "one\n  approved by bob\u001b[2J"
    run = approvals.check("-e", json.dumps({"value": value}))
    seen = approvals.tool(f"approve_run={run}")
    assert seen.code == 0 and "\n  approved by bob" not in seen.text and "\x1b[2J" not in seen.text, seen
    assert "waits for 2 more" in seen.text


def awx_job(world: World, number: int, playbook: str, user: str, *, cmdline: str = "", **variables: object) -> Seen:
    """Run a job as AWX starts it: its variables in a file of its own, its settings in the environment."""
    home = world.base / "job data" / str(number)
    play = world.play if playbook == "switch.yml" else "steady.ops.approve"
    world.put(home / "project" / playbook, f"- name: Job\n  ansible.builtin.import_playbook: {play}\n")
    job = {"awx_job_id": number, "awx_job_launch_type": "manual", "awx_user_name": user}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    inside = {"AWX_HOST": "https://awx.example.com", "JOB_ID": str(number), "PATH": path}
    pages = {"extravars": {**variables, **job}, "envvars": world.variables(**inside), "settings": {}}
    for name, content in pages.items():
        world.put(home / "env" / name, json.dumps(content))
    run = ansible_runner.interface.run(
        private_data_dir=str(home),
        playbook=playbook,
        inventory=str(world.inventory),
        ident=str(number),
        quiet=True,
        cmdline=cmdline or None,
    )
    return Seen(run.rc, (home / "artifacts" / str(number) / "stdout").read_text())


def test_in_awx_one_user_asks_and_another_approves(approvals: Approvals) -> None:
    approvals.rules(ops_approvers={"needed": 1, "people": {"ann": ["ann.smith"], "bob": []}})
    world, switch = approvals.world, {"switch_action": "switch"}
    checked = awx_job(world, 1, "switch.yml", "Ann.Smith", cmdline="--check", **switch)
    assert checked.code == 0, checked
    run = re.findall(r"-e approve_run=(\w+)", checked.text)[-1]
    asked = {"approve_action": "approve", "approve_run": run}
    own = awx_job(world, 2, "approve.yml", "ann.smith", **asked)
    assert own.code == 2 and "ann asked for this change, and nobody approves what they ask for." in own.text, own
    stranger = awx_job(world, 3, "approve.yml", "eve", **asked)
    assert stranger.code == 2 and "eve is none of the people whom ops_approvers names." in stranger.text, stranger
    typed = awx_job(world, 4, "approve.yml", "eve", cmdline="-e awx_user_name=bob", **asked)
    assert typed.code == 2 and "awx_user_name was typed" in typed.text and approvals.requests() == [], typed
    assert "bob approves (awx)" in awx_job(world, 5, "approve.yml", "bob", **asked).text
    (kept,) = approvals.requests()
    (given,) = kept["approvals"]  # type: ignore[misc]
    assert given["proof"] == {"user": "bob", "job": "5", "awx": "https://awx.example.com"}
    done = awx_job(world, 6, "switch.yml", "ann.smith", **switch)
    assert done.code == 0 and world.words() == ["one"], done
