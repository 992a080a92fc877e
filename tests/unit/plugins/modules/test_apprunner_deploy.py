"""The deploy module in process: permits, check mode, each outcome, secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.module_utils import _deploy
from ansible_collections.steady.ops.plugins.module_utils._aws import driver
from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._http.answer import Request, Response
from ansible_collections.steady.ops.plugins.modules import apprunner_deploy
from tests.unit.plugins.module_utils._platform.apprunner.cloud import DAWN, Cloud, digest, operation

OBJECT = "shop/lab/api"
PROBE = {"url": "http://api.test/health", "consecutive": 1, "deadline_seconds": 0, "version": {"json": "version"}}
Run = Callable[..., dict[str, Any]]
KEYS = {
    "changed",
    "msg",
    "release",
    "previous",
    "serving",
    "rolled_back",
    "explanation",
    "operations",
    "probe",
    "duration_seconds",
    "plan",
    "plan_hash",
    "findings",
    "diff",
    "entries",
    "intent",
    "intent_open",
    "again",
    "refused",
    "next",
}
ECHO = {"invocation"}  # ansible-core 2.21 echoes the options only when it is asked to


class Stage:
    """The cloud whose operations end when they are next looked at, and the application behind it.

    :param bad: versions that answer 500.
    """

    def __init__(self) -> None:
        self.cloud = Cloud()
        self.bad: set[str] = set()
        self.tokens: list[str | None] = []
        self.ends = "SUCCEEDED"
        read = self.cloud.read

        def advancing(call: str, request: Any) -> dict[str, Any]:
            answer = read(call, request)
            for item in self.cloud.operations:
                item["Status"] = self.ends if item["Status"] == "IN_PROGRESS" else item["Status"]
            return answer

        self.cloud.read = advancing  # type: ignore[method-assign]

    @property
    def serving(self) -> str:
        image = self.cloud.services[0]["SourceConfiguration"]["ImageRepository"]["ImageIdentifier"]
        return next(name for name in self.cloud.images if image.endswith(digest(name)))

    def fetch(self, request: Request) -> Response:
        self.tokens.append(request.bearer_token)
        body = json.dumps({"version": self.serving}).encode()
        return Response(request.url, 500 if self.serving in self.bad else 200, (), body, 5.0)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    monkeypatch.setattr(_deploy, "fetch", made.fetch)
    monkeypatch.setattr(apprunner_deploy, "connect", lambda client, call: made.cloud.api())
    return made


@pytest.fixture
def permit(tmp_path: Path) -> dict[str, Any]:
    lease = tmp_path / "lease"
    lease.write_text('{"deadline": 1e12, "stop": false}')
    objects = [{"object": OBJECT, "token": 1, "lease_deadline_path": str(lease)}]
    return {"run": "r", "runbook": "deploy", "action": "deploy", "mode": "real", "objects": objects}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_module(**options: Any) -> dict[str, Any]:
        quick = {"settle_seconds": 0.02, "poll_seconds": 0.01}
        given = {"service": "shop-api", "probe": PROBE, "release": "1.9.0", **quick, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            apprunner_deploy.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run_module


def known(*names: str) -> list[dict[str, Any]]:
    """Return the ledger's records of releases that served verified."""
    kept: list[dict[str, Any]] = []
    for name in names:
        id = digest(name)[7:19]
        kept.append({"kind": "release", "digest": digest(name), "ref": f"api:{name}", "version": name})
        kept.append({"kind": "verdict", "release": id, "verdict": "verified"})
        kept.append({"kind": "served", "release": id})
    return kept


class TestPermit:
    @pytest.mark.parametrize("state", ["deployed", "adopted", "rolled_back"])
    def test_without_one_nothing_is_touched(self, stage: Stage, run: Run, state: str) -> None:
        result = run(state=state)
        assert result["failed"]
        assert result["msg"] == (
            "A change needs a permit and the option permit is empty. Make steady.ops.guard the first task of the play"
            " and pass permit: '{{ ops_run.permit }}', or run with --check."
        )
        assert (result["changed"], result["rolled_back"], result["intent_open"]) == (False, False, False)
        assert stage.cloud.sent == []

    def test_one_of_a_check_run_allows_no_change(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit={**permit, "mode": "check"})
        assert result["msg"].startswith("The option permit comes from a check run and allows no change.")
        assert stage.cloud.sent == []

    def test_check_mode_needs_none(self, stage: Stage, run: Run) -> None:
        result = run(history=known("1.8.0"), _ansible_check_mode=True)
        assert (result["changed"], result.get("failed", False)) == (True, False)
        assert [step["state"] for step in result["plan"]] == ["would do"]
        assert result["intent"]["components"]["shop-api"]["to"] == digest("1.9.0")[7:19]
        assert result["diff"]["after"].startswith("digest: sha256:")
        assert stage.cloud.sent == []

    def test_another_plan_than_the_one_that_was_shown(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit={**permit, "approved_plan_hashes": ["sha256:x"]}, history=known("1.8.0"))
        assert "is no longer the one that was shown" in result["msg"]
        assert result["details"]["plan_hash"].startswith("sha256:")
        assert stage.cloud.sent == []


class TestOutcome:
    def test_the_wanted_release_live_and_probed(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit=permit, history=known("1.8.0"))
        assert not result["failed"], result["msg"]
        assert (result["changed"], result["serving"]["version"], stage.serving) == (True, "1.9.0", "1.9.0")
        assert [entry["kind"] for entry in result["entries"]] == ["release", "verdict", "served"]
        assert set(result) - ECHO == {*KEYS, "failed"}

    def test_the_same_again_is_unchanged(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit=permit, history=known("1.8.0"), release="1.8.0")
        assert (result["changed"], result["failed"], stage.cloud.sent) == (False, False, [])

    def test_check_mode_has_the_same_keys(self, stage: Stage, run: Run) -> None:
        assert set(run(history=known("1.8.0"), _ansible_check_mode=True)) - ECHO == {*KEYS, "failed"}

    def test_a_bad_release_is_undone_and_red(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        stage.bad = {"1.9.0"}
        result = run(permit=permit, history=known("1.8.0"))
        assert (result["failed"], result["rolled_back"], stage.serving) == (True, True, "1.8.0")
        assert "answered 500, wanted 200" in result["msg"]
        assert set(result) >= KEYS
        assert len(stage.cloud.sent) == 2

    def test_a_rollback(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit=permit, state="rolled_back", release=None, history=known("1.9.0", "1.8.0"))
        assert (result["failed"], stage.serving) == (False, "1.9.0")
        assert result["entries"][1]["verdict"] == "withdrawn"

    def test_an_adoption_sends_nothing(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        result = run(permit=permit, state="adopted", release=None)
        assert (result["failed"], result["changed"], stage.cloud.sent) == (False, True, [])
        assert result["entries"][0]["version"] == "1.8.0"

    def test_a_refusal_of_the_provider(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        stage.cloud.errors["update_service"] = [RequestRefused("AWS refused update_service (no)")]
        result = run(permit=permit, history=known("1.8.0"))
        assert (result["failed"], result["changed"], result["intent_open"]) == (True, True, False)
        assert "nothing changed: AWS refused update_service (no)" in result["msg"]

    def test_credentials_that_expire_in_the_middle(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        stage.cloud.errors["list_operations"] = [None, None, AccessDenied("The credentials expired")]
        result = run(permit=permit, history=known("1.8.0"))
        assert (result["failed"], result["intent_open"], result["serving"]) == (True, True, None)

    def test_an_obstacle_keeps_an_open_intent_open(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        stage.cloud.services[0]["Status"] = "PAUSED"
        assert "is paused and cannot be switched" in run(permit=permit)["msg"]

    def test_creating_the_service(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        stage.cloud.services = []
        repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/api"
        more = {"create": True, "image_repository": repository, "deploy_without_way_back": True}
        result = run(permit=permit, **more)
        assert (result["failed"], stage.serving, stage.cloud.sent[0][0]) == (False, "1.9.0", "create_service")


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"release": " "}, "deploy_release (the option release) is empty."),
            ({"poll_seconds": 0}, "poll_seconds is 0."),
            ({"probe": {"status": 200}}, "probe.url is missing."),
            ({"history": [{}]}, "The option history is corrupt: record 1 of shop-api lacks or misstates 'kind'."),
        ],
    )
    def test_a_wrong_one_is_one_sentence(self, stage: Stage, run: Run, options: dict[str, Any], sentence: str) -> None:
        result = run(**options, _ansible_check_mode=True)
        assert result["failed"]
        assert result["msg"].startswith(sentence)
        assert stage.cloud.sent == []

    def test_settings(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        settings = {
            "cpu": "1024",
            "memory": "",
            "health_check": {"path": "/live"},
            "environment": {"WORKERS": 4, "OLD": None},
            "environment_secrets": {"KEY": "arn:key"},
        }
        result = run(permit=permit, history=known("1.8.0"), **settings)
        assert not result["failed"], result["msg"]
        ((_rest, request),) = stage.cloud.sent
        assert request["InstanceConfiguration"] == {"Cpu": "1024"}
        assert request["HealthCheckConfiguration"] == {"Path": "/live"}
        image = request["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
        assert image["RuntimeEnvironmentVariables"] == {"WORKERS": "4"}

    def test_boto3_is_missing(self, run: Run, permit: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(driver, "HAS_BOTO3", False)
        assert run(permit=permit)["msg"] == (
            "The Python package boto3 is missing where this module runs. Install it: pip install boto3."
        )


class TestSecrets:
    def test_none_is_in_the_result(self, stage: Stage, run: Run, permit: dict[str, Any]) -> None:
        secrets = {
            "environment": {"KEY": "correct-horse"},
            "environment_secrets": {"DB": "arn:aws:secretsmanager:db"},
            "start_command": "serve --key battery-staple",
            "secret_key": "aws-secret-key",
            "probe": {**PROBE, "bearer_token": "hush-hush"},
        }
        stage.bad = {"1.9.0"}
        stage.cloud.logs["/aws/apprunner/shop-api/0a1b/application"] = ["KEY=correct-horse hush-hush"]
        shown = json.dumps(run(permit=permit, history=known("1.8.0"), **secrets))
        for secret in ("correct-horse", "arn:aws:secretsmanager:db", "battery-staple", "aws-secret-key", "hush-hush"):
            assert secret not in shown
        assert set(stage.tokens) == {"hush-hush"}

    def test_values_of_variables_do_not_destroy_what_the_ledger_keeps(
        self, stage: Stage, run: Run, permit: dict[str, Any]
    ) -> None:
        plain = {"A": "1", "B": "1.9.0", "C": "api", "D": True}
        result = run(permit=permit, history=known("1.8.0"), environment=plain, start_command="0")
        assert result["entries"][0]["digest"] == digest("1.9.0")
        assert result["release"]["ref"] == "api:1.9.0"
        assert result["entries"][0]["probe"]["url"] == PROBE["url"]

    def test_nothing_secret_is_logged_by_ansible(self) -> None:
        silent = {name for name, spec in apprunner_deploy.OPTIONS.items() if spec.get("no_log")}
        assert silent >= {"environment", "environment_secrets", "start_command", "secret_key", "session_token", "probe"}


def test_the_operation_of_another_tool_is_named(stage: Stage, run: Run, permit: dict[str, Any]) -> None:
    stage.ends = "IN_PROGRESS"
    stage.cloud.operations = [operation("op-9", "IN_PROGRESS", "START_DEPLOYMENT", StartedAt=DAWN)]
    result = run(permit=permit, history=known("1.8.0"))
    assert result["msg"].startswith(
        "Operation op-9 (START_DEPLOYMENT, IN_PROGRESS) since 2026-11-21T02:00:00Z is under way and no run of"
    )
