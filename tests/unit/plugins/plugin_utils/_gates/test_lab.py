# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate lab: the label alone proves nothing."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates import lab
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Component, Says, refusal_text
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE, asks, text

AWS = "aws_connection.endpoint_url"


@pytest.mark.parametrize(
    ("addresses", "accounts", "expected"),
    [
        ({}, {}, ["pass"]),
        ({AWS: "127.0.0.1", "component_probe.url": "localhost"}, {}, ["pass"]),
        ({AWS: "", "component_probe.url": "::1"}, {"api": lab.ACCOUNT}, ["pass"]),
        (
            {AWS: ""},
            {"api": "111111111111"},
            [
                "refuse: ops_environment is lab, but aws_connection.endpoint_url of api points at AWS itself, which is"
                " not this machine"
            ],
        ),
        (
            {AWS: "", "component_probe.url": "shop.example"},
            {"api": lab.ACCOUNT},
            [
                "refuse: ops_environment is lab, but component_probe.url of api points at shop.example, which is not"
                " this machine"
            ],
        ),
        (
            {"postgres_connection.login_host": None},
            {},
            ["refuse: ops_environment is lab, and where postgres_connection.login_host of api points cannot be told"],
        ),
    ],
)
def test_a_lab_points_at_a_lab(addresses: dict[str, str | None], accounts: dict[str, str], expected: list[str]) -> None:
    components = (Component("api", addresses=addresses),)
    assert text(lab.judge(asks(where=LAB, components=components), accounts)) == expected
    assert lab.judge(asks(where=LIVE, components=components), accounts) == [], "nothing else is asked about it"


def test_a_reader_is_told_and_goes_on() -> None:
    components = (Component("api", addresses={AWS: "10.0.0.1"}),)
    (verdict,) = lab.judge(asks("read", LAB, components=components), {})
    assert verdict.says is Says.UNKNOWN
    (refused,) = lab.judge(asks(where=LAB, components=components), {})
    assert refusal_text([refused]) == (
        "Refused by the gate lab: ops_environment is lab, but aws_connection.endpoint_url of api points at 10.0.0.1,"
        " which is not this machine. Point it at this machine, or call the environment staging or production:"
        " ops_environment says what it is."
    )


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("api.localhost", True),
        ("/run/postgresql", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_what_is_on_this_machine(address: str, here: bool) -> None:
    assert lab.is_here(address) is here
