"""A probe: its defaults, its record, and whom its token goes to."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._http.spec import Probe
from ansible_collections.steady.ops.plugins.module_utils._own_command import OwnCommand

URL = "http://api.example.com/health"


def test_what_is_not_given_has_one_default() -> None:
    probe = Probe.from_option({"url": "http://h", "json": None, "also": None, "consecutive": None})
    assert probe == Probe.from_option({"url": "http://h"})
    assert (probe.consecutive, probe.interval_seconds, probe.timeout_seconds) == (3, 1.0, 5.0)
    assert probe.expectations[0].status == (200,)
    assert not probe.follow_redirects
    assert probe.validate_certs


def test_a_record_reads_back_as_the_same_probe_without_its_token() -> None:
    option = {
        "url": "https://[::1]:8443/health?deep=1#top",
        "status": ["200", 204],
        "json": {"status": "Healthy", "nodes.0.up": True},
        "contains": "Healthy",
        "headers": {"Server": "backend"},
        "version": {"json": "version", "equals": "1.8.0"},
        "max_ms": 2000,
        "also": [{"url": "/ready", "status": 200}, {"url": "https://other/ready"}],
        "consecutive": 2,
        "interval_seconds": 0.5,
        "timeout_seconds": 3,
        "deadline_seconds": 30,
        "stability_seconds": 2,
        "follow_redirects": True,
        "bearer_token": "hush-hush",
        "validate_certs": False,
        "ca_cert": "/etc/ca.pem",
    }
    probe = Probe.from_option(option)
    assert probe.url == "https://[::1]:8443/health?deep=1"
    assert [one.url for one in probe.expectations[1:]] == ["https://[::1]:8443/ready", "https://other/ready"]
    recorded = probe.as_option()
    assert "hush" not in repr(recorded)
    assert "hush" not in repr(probe)
    assert Probe.from_option({**recorded, "bearer_token": "hush-hush"}) == probe


def test_the_shortest_probe_reads_back() -> None:
    probe = Probe.from_option({"url": "http://h"})
    assert Probe.from_option(probe.as_option()) == probe


def test_a_command_reads_back_alone_and_beside_a_url() -> None:
    option = {"command": ["smoke", "a b"], "environment": ["TOKEN"], "consecutive": 1}
    probe = Probe.from_option(option)
    assert (probe.expectations, probe.url, probe.subject) == ((), "", "the command smoke")
    assert probe.command == OwnCommand(("smoke", "a b"), 60.0, ("TOKEN",))
    assert probe.as_option() == {
        "command": ["smoke", "a b"],
        "environment": ["TOKEN"],
        "consecutive": 1,
        "interval_seconds": 1.0,
        "timeout_seconds": 60.0,
        "deadline_seconds": 60.0,
        "stability_seconds": 0.0,
    }
    assert Probe.from_option(probe.as_option()) == probe
    beside = Probe.from_option({**option, "url": URL, "timeout_seconds": 600})
    assert (beside.subject, beside.timeout_seconds) == (URL, 600.0)
    assert beside.command == OwnCommand(("smoke", "a b"), 600.0, ("TOKEN",))
    assert Probe.from_option(beside.as_option()) == beside


def test_a_probe_without_a_command_is_recorded_as_before() -> None:
    assert not {"command", "environment"} & set(Probe.from_option({"url": URL}).as_option())


def test_the_token_goes_to_the_first_server_only() -> None:
    probe = Probe.from_option(
        {"url": "https://a/x", "bearer_token": "hush", "also": [{"url": "/y"}, {"url": "https://b/y"}]}
    )
    assert [probe.request(one).bearer_token for one in probe.expectations] == ["hush", "hush", None]


def test_the_wanted_version_is_the_release_or_what_is_written() -> None:
    def wanted(equals: str, release: str | None) -> str | None:
        probe = Probe.from_option({"url": URL, "version": {"json": "v", "equals": equals}})
        return probe.expectations[0].wanted_version(release)

    assert wanted("release", "2.0") == "2.0"
    assert wanted("release", None) is None
    assert wanted("1.8.0", "2.0") == "1.8.0"
