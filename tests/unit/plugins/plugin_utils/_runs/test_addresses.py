# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the variables of a component point."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._runs.addresses import addresses_of, host_of


def test_each_connection_says_where_it_points() -> None:
    stated: dict[str, object] = {
        "aws_connection": {"region": "r"},
        "postgres_connection": {"login_host": "127.0.0.1"},
        "redis_connection": {"login_port": 1},
        "component_probe": {"url": "http://[::1]:80/health"},
        "component_options": {"service": "x"},
        "component_readiness": "no mapping",
    }
    assert addresses_of(stated.get) == {
        "aws_connection.endpoint_url": "",
        "postgres_connection.login_host": "127.0.0.1",
        "component_probe.url": "::1",
    }


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, {}),
        ({"ansible_host": "10.0.0.1"}, {"ansible_host": "10.0.0.1"}),
        ({"ansible_host": "10.0.0.1", "ansible_connection": "local"}, {}),
    ],
)
def test_a_machine_counts_where_it_is_reached_over_the_network(
    stated: dict[str, object], expected: dict[str, str]
) -> None:
    assert addresses_of(stated.get) == expected


def test_what_cannot_be_read_is_unknown() -> None:
    def broken(_name: str) -> object:
        raise InvalidInput("x")

    assert set(addresses_of(broken).values()) == {None}
    assert {"ansible_host", "aws_connection.endpoint_url"} <= set(addresses_of(broken))


@pytest.mark.parametrize(("place", "host"), [("https://A.example/x", "a.example"), ("box", "box"), ("http://[x", None)])
def test_the_host_of_a_place(place: str, host: str | None) -> None:
    assert host_of(place) == host
