"""The settings of a service: compared in one notation, masked, carried over whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.images import Reference
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.settings import (
    Settings,
    cpu,
    create_request,
    differences,
    memory,
    restore_request,
    update_request,
)

IMAGE = Reference("r/api", digest="sha256:" + "ab" * 32)
SECRET = "correct-horse"
STANDS: dict[str, Any] = {
    "ServiceArn": "arn:1",
    "SourceConfiguration": {
        "AuthenticationConfiguration": {"AccessRoleArn": "arn:pull"},
        "AutoDeploymentsEnabled": False,
        "ImageRepository": {
            "ImageIdentifier": "r/api:1",
            "ImageRepositoryType": "ECR",
            "ImageConfiguration": {
                "Port": "80",
                "StartCommand": "run",
                "RuntimeEnvironmentVariables": {"MODE": "old", "KEEP": "me"},
                "RuntimeEnvironmentSecrets": {"KEY": "arn:key"},
            },
        },
    },
    "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048", "InstanceRoleArn": "arn:run"},
    "HealthCheckConfiguration": {"Protocol": "HTTP", "Path": "/health", "Interval": 5},
    "AutoScalingConfigurationSummary": {"AutoScalingConfigurationArn": "arn:scale"},
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1024", "1 vCPU"), ("1 vCPU", "1 vCPU"), (" 256 ", "0.25 vCPU"), ("3 vCPU", "3 vCPU"), ("", "")],
)
def test_cpu_in_one_notation(written: str, expected: str) -> None:
    assert cpu(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2048", "2 GB"), ("512", "0.5 GB"), ("2 GB", "2 GB"), ("3000", "3000"), ("", ""), ("2g", "2g")],
)
def test_memory_in_one_notation(written: str, expected: str) -> None:
    assert memory(written) == expected


SAME = Settings(
    cpu="1 vCPU",
    memory="2 GB",
    instance_role_arn="arn:run",
    access_role_arn="arn:pull",
    port="80",
    start_command="run",
    auto_scaling_configuration_arn="arn:scale",
    health_check={"path": "/health", "interval_seconds": 5, "timeout_seconds": None},
    environment={"MODE": "old", "GONE": None},
    secrets={"KEY": "arn:key"},
)


class TestDifferences:
    @pytest.mark.parametrize("asked", [Settings(), SAME])
    def test_none(self, asked: Settings) -> None:
        assert differences(asked, STANDS) == {}

    @pytest.mark.parametrize(
        ("asked", "name", "change"),
        [
            (Settings(cpu="2048"), "cpu", ("1 vCPU", "2 vCPU")),
            (Settings(memory="4 GB"), "memory", ("2 GB", "4 GB")),
            (Settings(instance_role_arn="x"), "instance_role_arn", ("arn:run", "x")),
            (Settings(access_role_arn="x"), "access_role_arn", ("arn:pull", "x")),
            (Settings(port="8080"), "port", ("80", "8080")),
            (Settings(auto_scaling_configuration_arn="x"), "auto_scaling_configuration_arn", ("arn:scale", "x")),
            (Settings(health_check={"interval_seconds": 9}), "health_check.interval_seconds", (5, 9)),
            (Settings(start_command=SECRET), "start_command", ("********", "******** (new)")),
            (Settings(environment={"MODE": SECRET}), "environment.MODE", ("********", "******** (new)")),
            (Settings(environment={"NEW": SECRET}), "environment.NEW", (None, "******** (new)")),
            (Settings(environment={"MODE": None}), "environment.MODE", ("********", None)),
            (Settings(secrets={"KEY": SECRET}), "secrets.KEY", ("********", "******** (new)")),
        ],
    )
    def test_one(self, asked: Settings, name: str, change: tuple[object, object]) -> None:
        found = differences(asked, STANDS)
        assert found == {name: change}
        assert SECRET not in repr(found) + repr(asked)

    def test_of_a_service_of_which_nothing_is_told(self) -> None:
        assert differences(SAME, {})["start_command"] == (None, "******** (new)")
        assert differences(Settings(port="8080"), {}) == {}, "8080 is App Runner's own default"

    def test_a_push_must_not_undo_a_rollback(self) -> None:
        source = {**STANDS["SourceConfiguration"], "AutoDeploymentsEnabled": True}
        assert differences(Settings(), {**STANDS, "SourceConfiguration": source}) == {"auto_deployments": (True, False)}


class TestDesired:
    def test_nothing(self) -> None:
        assert Settings().desired() == {}

    def test_notations_are_one_and_secrets_are_fingerprints(self) -> None:
        asked = Settings(cpu="1024", memory="2048", start_command=SECRET, environment={"A": SECRET, "B": None})
        shown = asked.desired()
        same = Settings(cpu="1 vCPU", memory="2 GB", start_command=SECRET, environment={"A": SECRET, "B": None})
        assert shown == same.desired()
        assert SECRET not in json.dumps(shown)
        assert shown != Settings(start_command="other", environment={"A": "other"}).desired()
        assert list(shown) == ["cpu", "memory", "start_command", "environment"]

    def test_health_check_options_that_are_not_given_are_left_out(self) -> None:
        assert SAME.desired()["health_check"] == {"path": "/health", "interval_seconds": 5}


class TestUpdate:
    def test_what_is_not_asked_is_carried_over(self) -> None:
        request = update_request(STANDS, IMAGE, Settings())
        source = request.pop("SourceConfiguration")
        assert request == {"ServiceArn": "arn:1"}
        expected = json.loads(json.dumps(STANDS["SourceConfiguration"]))
        expected["ImageRepository"]["ImageIdentifier"] = IMAGE.text
        assert source == expected
        assert source["AutoDeploymentsEnabled"] is False

    def test_what_is_asked_is_laid_over(self) -> None:
        asked = Settings(
            cpu="2 vCPU",
            access_role_arn="arn:new",
            port="81",
            start_command="go",
            auto_scaling_configuration_arn="arn:s2",
            health_check={"path": "/live", "timeout_seconds": None},
            environment={"MODE": "new", "KEEP": None, "ADD": "1"},
            secrets={"KEY": None},
        )
        request = update_request(STANDS, IMAGE, asked)
        image = request["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
        assert image == {
            "Port": "81",
            "StartCommand": "go",
            "RuntimeEnvironmentVariables": {"MODE": "new", "ADD": "1"},
            "RuntimeEnvironmentSecrets": {},
        }
        assert request["SourceConfiguration"]["AuthenticationConfiguration"] == {"AccessRoleArn": "arn:new"}
        assert request["AutoScalingConfigurationArn"] == "arn:s2"

    def test_a_part_that_is_sent_is_sent_whole(self) -> None:
        asked = Settings(cpu="2 vCPU", health_check={"path": "/live"})
        request = update_request(STANDS, IMAGE, asked)
        assert request["InstanceConfiguration"] == {"Cpu": "2 vCPU", "Memory": "2048", "InstanceRoleArn": "arn:run"}
        assert request["HealthCheckConfiguration"] == {"Protocol": "HTTP", "Path": "/live", "Interval": 5}

    def test_nothing_that_was_described_is_changed(self) -> None:
        before = json.dumps(STANDS)
        update_request(STANDS, IMAGE, Settings(port="1", environment={"MODE": "new"}, health_check={"path": "/x"}))
        assert json.dumps(STANDS) == before


def test_creating() -> None:
    request = create_request("shop-api", IMAGE, Settings(cpu="1 vCPU", environment={"A": "1"}))
    assert request == {
        "ServiceName": "shop-api",
        "SourceConfiguration": {
            "ImageRepository": {
                "ImageIdentifier": IMAGE.text,
                "ImageRepositoryType": "ECR",
                "ImageConfiguration": {"RuntimeEnvironmentVariables": {"A": "1"}},
            },
            "AutoDeploymentsEnabled": False,
        },
        "InstanceConfiguration": {"Cpu": "1 vCPU"},
    }


def test_bringing_back_everything_as_it_was_described() -> None:
    request = restore_request(STANDS, IMAGE)
    assert request["InstanceConfiguration"] == STANDS["InstanceConfiguration"]
    assert request["HealthCheckConfiguration"] == STANDS["HealthCheckConfiguration"]
    assert request["AutoScalingConfigurationArn"] == "arn:scale"
    source = request["SourceConfiguration"]["ImageRepository"]
    assert source["ImageConfiguration"] == STANDS["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
    assert source["ImageIdentifier"] == IMAGE.text


def test_bringing_back_what_was_described_in_few_words() -> None:
    assert set(restore_request({"ServiceArn": "arn:1"}, IMAGE)) == {"ServiceArn", "SourceConfiguration"}
