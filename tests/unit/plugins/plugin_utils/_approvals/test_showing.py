"""Requests for approval as lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.counting import Tally
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.people import Person
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import Approval
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.showing import given_line, headline, state
from tests.unit.plugins.plugin_utils._approvals.approval_world import CHECK, World


def test_a_request_names_who_asked_by_their_best_name(tmp_path: Path) -> None:
    asked = World(tmp_path).check_run()
    about = f"request {CHECK}: deploy: deploy of toy/production/api, asked by "
    for who, name in (
        ({"user": "root", "sudo_user": "ann", "awx": {"awx_user_name": "Ann"}, "host": "desk"}, "Ann on desk at 20"),
        ({"user": "root", "sudo_user": "ann"}, "ann on ? at 20"),
        ({"user": "root"}, "root on"),
        ({}, "somebody on"),
    ):
        assert headline(replace(asked, requester=who)).startswith(about + name)


def test_an_approval_shows_what_proves_it(tmp_path: Path) -> None:
    asked = World(tmp_path).check_run()
    for proof, shown in (({"key": "SHA256:x"}, "SHA256:x"), ({"job": "7"}, "7"), ({"host": "desk"}, "desk"), ({}, "")):
        assert given_line(Approval("ann", "how", proof, asked.at)).endswith(f"(how {shown})")


def test_how_far_a_request_is(tmp_path: Path) -> None:
    asked = World(tmp_path).check_run()
    assert state(Tally((), 1, (Person("ann"), Person("bob"))), asked) == "waits for 1 more: ann or bob may approve"
    assert state(Tally((), 1, ()), asked) == "waits for 1 more: nobody may approve"
    assert state(Tally((), 0, ()), asked).startswith("approved: the same command without --check may run until 20")
