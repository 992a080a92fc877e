"""What proves who approves without a signature."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.proofs import account, awx_user

AWX = {"awx_job_id": "41", "awx_user_name": "ann", "awx_job_launch_type": "manual"}
INSIDE = {"AWX_HOST": "https://awx.example.com", "JOB_ID": "41"}
ARGV = ["ansible-playbook", "-i", "/runner/awx_inventory", "-e", "@/runner/env/extravars", "approve.yml"]


def test_awx_s_own_word_names_its_user_and_job() -> None:
    found, why_not = awx_user({"awx": AWX}, INSIDE, ARGV)
    assert (found, why_not) == ({"user": "ann", "job": "41", "awx": "https://awx.example.com"}, "")


@pytest.mark.parametrize(
    ("awx", "environment", "argv", "why_not"),
    [
        (None, INSIDE, ARGV, "this does not run in AWX"),
        (AWX, {}, ARGV, "awx_user_name was given outside of an AWX job, where it proves nothing"),
        (
            AWX,
            {**INSIDE, "JOB_ID": "42"},
            ARGV,
            "awx_user_name was given outside of an AWX job, where it proves nothing",
        ),
        (
            AWX,
            INSIDE,
            [*ARGV, "-e", "awx_user_name=ann"],
            "awx_user_name was typed, where only AWX's own file of variables proves it",
        ),
        (
            AWX,
            INSIDE,
            [*ARGV, "-e", '{"awx_user_name": "ann"}'],
            "awx_user_name was typed, where only AWX's own file of variables proves it",
        ),
        (AWX, INSIDE, ARGV[:3], "awx_user_name was typed, where only AWX's own file of variables proves it"),
        (
            {**AWX, "awx_job_launch_type": "scheduled"},
            INSIDE,
            ARGV,
            "this job was launched by scheduled, not by a person",
        ),
        ({"awx_job_id": "41"}, INSIDE, ARGV, "this job was launched by nobody, not by a person"),
        (
            {**AWX, "awx_user_name": ""},
            INSIDE,
            ARGV,
            "this job was launched by manual, not by a person",
        ),
    ],
)
def test_anything_else_proves_nothing(awx: object, environment: dict[str, str], argv: list[str], why_not: str) -> None:
    assert awx_user({"awx": awx}, environment, argv) == ({}, why_not)


def test_an_account_is_the_one_before_sudo() -> None:
    assert account({"user": "root", "sudo_user": "ann", "host": "desk"}) == {"account": "ann", "host": "desk"}
    assert account({"user": "bob", "sudo_user": "ann"}) == {"account": "bob", "host": ""}
    assert account({"user": "root"}) == {"account": "root", "host": ""} and account({})["account"] == ""
