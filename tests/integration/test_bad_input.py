"""Wrong options and inventories: one sentence that names the option and the remedy, and nothing touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import Played, Stage

OWN_REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/api"

# what is wrong -> (playbook, variables of the run, changes of the inventory, words that the sentence must hold)
Case = tuple[str, dict[str, object], dict[str, Any], tuple[str, ...]]
CASES: dict[str, Case] = {
    "no release named": ("deploy", {}, {}, ("deploy_release", "-e deploy_release=")),
    "blank release": ("deploy", {"deploy_release": "  "}, {}, ("deploy_release", "-e deploy_release=")),
    "unknown tag": ("deploy", {"deploy_release": "7.7.7"}, {}, ("deploy_release '7.7.7'", "newest tags are")),
    "hostile tag": ("deploy", {"deploy_release": "1.0; rm -rf /"}, {}, ("deploy_release", "neither a tag nor")),
    "quotes in the tag": ("deploy", {"deploy_release": "1'\"0"}, {}, ("deploy_release", "Write a tag")),
    "unicode in the tag": ("deploy", {"deploy_release": "1.0.ü"}, {}, ("deploy_release", "Write a tag")),
    "short digest": ("deploy", {"deploy_release": "sha256:abc"}, {}, ("sha256:abc", "64 hexadecimal digits")),
    "foreign repository": (
        "deploy",
        {"deploy_release": "example.com/other/api:1.0.0"},
        {},
        ("deploy_release", "another repository"),
    ),
    "unknown action": ("deploy", {"deploy_action": "destroy"}, {}, ("deploy_action", "deploy", "adopt")),
    "unknown rollback target": ("rollback", {"rollback_to": "0.0.9"}, {}, ("rollback_to '0.0.9'", "Recorded are")),
    "unknown release left": ("rollback", {"rollback_from": "0.0.9"}, {}, ("rollback_from '0.0.9'", "Recorded are")),
    "failed release as target": ("rollback", {"rollback_to": "9.0.0"}, {}, ("rollback_to", "failed", "deploy by name")),
    "another release left": ("rollback", {"rollback_from": "1.0.0"}, {}, ("rollback_from", "1.0.0", "2.0.0 (")),
    "policy as extra variable": (
        "deploy",
        {"deploy_release": "3.0.0", "ops_environment": "staging"},
        {},
        ("ops_environment", "inventory"),
    ),
    "ledger as extra variable": (
        "deploy",
        {"deploy_release": "3.0.0", "ops_ledger": "file:///tmp/elsewhere"},
        {},
        ("ops_ledger", "inventory"),
    ),
    "probe as extra variable": (
        "deploy",
        {"deploy_release": "3.0.0", "component_probe": {"url": "http://example.com"}},
        {},
        ("component_probe", "inventory"),
    ),
    "no system": ("deploy", {"deploy_release": "3.0.0"}, {"ops_system": None}, ("ops_system",)),
    "no environment": ("deploy", {"deploy_release": "3.0.0"}, {"ops_environment": None}, ("ops_environment",)),
    "no ledger": ("deploy", {"deploy_release": "3.0.0"}, {"ops_ledger": None}, ("ops_ledger",)),
    "unknown kind of ledger": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"ops_ledger": "ftp://example.com/x"},
        ("ops_ledger", "file://"),
    ),
    "ledger not initialised": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"ops_ledger": "file:///tmp/steady-no-such-ledger"},
        ("not initialised", "ledger_action=initialise"),
    ),
    "wrong account": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_identity": {"aws_account": "999999999999", "region": "us-east-1"}},
        ("aws_account", "999999999999", "000000000000"),
    ),
    "platform that is not there": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_platform": "nomad"},
        ("component_platform", "nomad", "apprunner"),
    ),
    "service that is not there": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_options": {"service": "no-such-service"}},
        ("no-such-service", "create: true"),
    ),
    "repository that is not there": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_options": {"image_repository": f"{OWN_REPOSITORY}-none"}},
        ("shop/api-none",),
    ),
    "repository of another registry": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_options": {"image_repository": "example.com/shop"}},
        ("image_repository", "ECR"),
    ),
    "probe without URL": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_probe": {"url": ""}},
        ("probe.url",),
    ),
    "probe of another scheme": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_probe": {"url": "ftp://127.0.0.1/"}},
        ("probe.url", "http"),
    ),
    "probe with an unknown key": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_probe": {"statuss": 200}},
        ("statuss", "status"),
    ),
    "probe with an impossible status": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_probe": {"status": 99}},
        ("probe.status", "99"),
    ),
    "probe with text for a number": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_probe": {"max_ms": "soon"}},
        ("probe.max_ms", "soon"),
    ),
    "pause of nothing": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"component_options": {"poll_seconds": 0}},
        ("poll_seconds",),
    ),
    "no server at the endpoint": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {
            "aws_connection": {
                "region": "us-east-1",
                "endpoint_url": "http://127.0.0.1:9",
                "access_key": "x" * 20,
                "secret_key": "y" * 20,
            }
        },
        ("endpoint_url",),
    ),
    "no region": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {
            "aws_connection": {
                "endpoint_url": "http://127.0.0.1:9",
                "access_key": "x" * 20,
                "secret_key": "y" * 20,
            },
            "component_identity": None,
        },
        ("region",),
    ),
    "a lab that is none": (
        "deploy",
        {"deploy_release": "3.0.0"},
        {"aws_connection": {"region": "us-east-1", "access_key": "x" * 20, "secret_key": "y" * 20}},
        ("ops_environment is lab", "aws_connection.endpoint_url of api points at AWS itself"),
    ),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("bad input")
    with start(home / "fake", 600) as fake:
        opened = Stage(home, fake.control, fake.endpoint).open()
        for variables in ({"deploy_action": "adopt"}, {"deploy_release": "2.0.0"}):
            played = opened.play("deploy", **variables)
            assert played.rc == 0, played.output
        assert opened.play("deploy", deploy_release="9.0.0").rc != 0
        yield opened


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_nothing_touched(stage: Stage, name: str) -> None:
    playbook, variables, changes, words = CASES[name]
    releases = stage.home / "ledger" / "releases" / "entries"
    before = (len(stage.mutations()), sorted(releases.iterdir()), stage.answers()["version"])
    stage.write_inventory(changes)
    played = stage.play(playbook, **variables)
    stage.write_inventory({})
    assert played.rc != 0, played.output
    sentence = _sentence(played)
    missing = [word for word in words if word not in sentence]
    assert not missing, f"{missing} not in: {sentence}"
    assert "Traceback" not in played.output
    assert (len(stage.mutations()), sorted(releases.iterdir()), stage.answers()["version"]) == before


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30


def _sentence(played: Played) -> str:
    """Return what the last failed task said."""
    failed = [event["event_data"]["res"] for event in played.events if event["event"] == "runner_on_failed"]
    assert failed, played.output
    return str(failed[-1].get("msg", ""))
