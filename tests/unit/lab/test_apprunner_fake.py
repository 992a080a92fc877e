# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fake App Runner as boto3 and a browser meet it. `SCALE` makes a fifth of a second of five minutes."""

from __future__ import annotations

import functools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from lab.fakes.apprunner.control import Control, ControlError, RunningFake, start

SCALE = 2000
NAME = "su-api"
REPOSITORY = "smartunderwrite/api"
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
HEALTH = {"path": "/api/health/healthz"}


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFake]:
    """One fake for all tests; each starts with an empty account."""
    with start(tmp_path_factory.mktemp("fake"), SCALE) as running:
        yield running
        assert running.control.broken() == []


@pytest.fixture
def control(fake: RunningFake) -> Iterator[Control]:
    """The control client; after each test no answer may have broken the model."""
    fake.control.reset()
    yield fake.control
    assert fake.control.broken() == []


@functools.cache
def client(endpoint: str, service: str, access_key: str = "lab") -> Any:
    """A boto3 client without retries of its own."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="lab",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
    )


@pytest.fixture
def apprunner(fake: RunningFake) -> Any:
    """App Runner's client."""
    return client(fake.endpoint, "apprunner")


@pytest.fixture
def running(control: Control) -> dict[str, Any]:
    """A service that serves 1.8.0; the truth about it."""
    control.put_image(REPOSITORY, "1.8.0", "1.8.0")
    return control.create_service(NAME, f"{REPOSITORY}:1.8.0", health_check=HEALTH, auto_deployments=False)


def update(apprunner: Any, arn: str, image: str) -> str:
    """UpdateService with the whole source read and modified; returns the operation's id."""
    source = apprunner.describe_service(ServiceArn=arn)["Service"]["SourceConfiguration"]
    source["ImageRepository"]["ImageIdentifier"] = f"{REGISTRY}/{image}"
    return str(apprunner.update_service(ServiceArn=arn, SourceConfiguration=source)["OperationId"])


def served_version(truth: dict[str, Any]) -> str:
    """What the service's URL answers."""
    with urllib.request.urlopen(f"{truth['url']}/version", timeout=5) as answer:
        return str(json.load(answer)["version"])


def status_of(url: str) -> int:
    """The HTTP status of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def refused(call: Any, **params: Any) -> str:
    """The error code with which a call is refused."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def test_update_by_digest_switches_blue_green(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    digest = control.put_image(REPOSITORY, "1.9.0", "1.9.0")
    control.hold(NAME, "health")
    operation = update(apprunner, running["arn"], f"{REPOSITORY}@{digest}")
    control.wait_phase(NAME, "health")
    service = apprunner.describe_service(ServiceArn=running["arn"])["Service"]
    assert service["Status"] == "OPERATION_IN_PROGRESS"
    assert served_version(running) == "1.8.0"
    control.release(NAME)
    truth = control.wait(NAME)
    assert (truth["serving_digest"], served_version(truth), truth["url"]) == (digest, "1.9.0", running["url"])
    newest = apprunner.list_operations(ServiceArn=running["arn"])["OperationSummaryList"][0]
    assert (newest["Id"], newest["Type"], newest["Status"]) == (operation, "UPDATE_SERVICE", "SUCCEEDED")


@pytest.mark.parametrize(
    "behaviour",
    ["crash", "bad_migration", {"kind": "errors", "roles": ["health"]}, {"kind": "slow_start", "seconds": 60}],
    ids=["crash", "bad_migration", "errors", "slow_start"],
)
def test_an_unhealthy_version_rolls_back(
    apprunner: Any, control: Control, running: dict[str, Any], behaviour: Any
) -> None:
    control.settings(durations={"startup": SCALE})
    control.put_image(REPOSITORY, "1.9.0", "1.9.0", behaviour)
    update(apprunner, running["arn"], f"{REPOSITORY}:1.9.0")
    truth = control.wait(NAME)
    assert truth["operations"][0]["status"] == "ROLLBACK_SUCCEEDED"
    assert (truth["status"], truth["configured_image"]) == ("RUNNING", f"{REGISTRY}/{REPOSITORY}:1.8.0")
    assert served_version(truth) == "1.8.0"


@pytest.mark.parametrize("behaviour", ["not_ready", "wrong_version", "wrong_body"])
def test_the_platform_does_not_see_what_its_check_does_not_ask(
    apprunner: Any, control: Control, running: dict[str, Any], behaviour: str
) -> None:
    control.put_image(REPOSITORY, "1.9.0", "1.9.0", behaviour)
    update(apprunner, running["arn"], f"{REPOSITORY}:1.9.0")
    assert control.wait(NAME)["operations"][0]["status"] == "SUCCEEDED"


def test_a_wrong_port_is_unhealthy(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.settings(durations={"startup": SCALE / 2})
    control.put_image(REPOSITORY, "1.9.0", "1.9.0", container_port=9090)
    update(apprunner, running["arn"], f"{REPOSITORY}:1.9.0")
    assert control.wait(NAME)["operations"][0]["status"] == "ROLLBACK_SUCCEEDED"


def test_one_operation_at_a_time(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.hold(NAME, "provision")
    apprunner.start_deployment(ServiceArn=running["arn"])
    for call in (apprunner.update_service, apprunner.start_deployment, apprunner.pause_service):
        assert refused(call, ServiceArn=running["arn"]) == "InvalidStateException"
    control.release(NAME)
    assert len(control.wait(NAME)["operations"]) == 2


def test_operations_page_newest_first(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    for _number in range(2):
        apprunner.start_deployment(ServiceArn=running["arn"])
        control.wait(NAME)
    whole = apprunner.list_operations(ServiceArn=running["arn"])
    assert "NextToken" not in whole
    seen, token = [], {}
    while True:
        page = apprunner.list_operations(ServiceArn=running["arn"], MaxResults=1, **token)
        seen += [row["Id"] for row in page["OperationSummaryList"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == [row["Id"] for row in whole["OperationSummaryList"]]
    assert [row["Type"] for row in whole["OperationSummaryList"]] == ["START_DEPLOYMENT"] * 2 + ["CREATE_SERVICE"]
    assert refused(apprunner.list_operations, ServiceArn=running["arn"], NextToken="%%") == "InvalidRequestException"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("list_services", {"MaxResults": 21}),
        ("describe_service", {"ServiceArn": "x"}),
        ("update_service", {"InstanceConfiguration": {"Cpu": "3 vCPU"}}),
        ("update_service", {"HealthCheckConfiguration": {"Interval": 21}}),
        ("update_service", {"HealthCheckConfiguration": {"Protocol": "GRPC"}}),
        ("update_service", {"SourceConfiguration": {"ImageRepository": {"ImageIdentifier": "api:1"}}}),
    ],
)
def test_limits_that_botocore_lets_out_are_refused(
    apprunner: Any, control: Control, running: dict[str, Any], operation: str, params: dict[str, Any]
) -> None:
    if operation == "update_service":
        params = {"ServiceArn": running["arn"], **params}
    if "SourceConfiguration" in params:
        params["SourceConfiguration"]["ImageRepository"]["ImageRepositoryType"] = "ECR"
    assert refused(getattr(apprunner, operation), **params) == "InvalidRequestException"
    assert [row["accepted"] for row in control.requests()] == [False]


def test_deleted_and_unknown_services(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    apprunner.delete_service(ServiceArn=running["arn"])
    deadline = time.monotonic() + 10
    while apprunner.describe_service(ServiceArn=running["arn"])["Service"]["Status"] != "DELETED":
        assert time.monotonic() < deadline
        time.sleep(0.03)
    assert apprunner.list_services()["ServiceSummaryList"] == []
    unknown = running["arn"][:-4] + "0000"
    assert refused(apprunner.describe_service, ServiceArn=unknown) == "ResourceNotFoundException"


def test_half_an_answer_has_no_operation_id(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.fault("StartDeployment", "garbled_after")
    assert "OperationId" not in apprunner.start_deployment(ServiceArn=running["arn"])
    assert len(control.wait(NAME)["operations"]) == 2


@pytest.mark.parametrize("kind", ["500_after", "reset_after"])
def test_a_lost_answer_leaves_one_accepted_operation(
    apprunner: Any, control: Control, running: dict[str, Any], kind: str
) -> None:
    control.fault("StartDeployment", kind)
    with pytest.raises((botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)):
        apprunner.start_deployment(ServiceArn=running["arn"])
    truth = control.wait(NAME)
    assert [row["type"] for row in truth["operations"]] == ["START_DEPLOYMENT", "CREATE_SERVICE"]
    [row] = control.requests(mutating=True)
    assert (row["accepted"], row["fault"], row["operation_id"]) == (True, kind, truth["operations"][0]["id"])


@pytest.mark.parametrize("kind", ["500_before", "reset_before", "throttle", "access_denied", "html_502"])
def test_a_refused_call_changes_nothing(apprunner: Any, control: Control, running: dict[str, Any], kind: str) -> None:
    control.fault("StartDeployment", kind)
    with pytest.raises((botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)):
        apprunner.start_deployment(ServiceArn=running["arn"])
    assert len(control.truth(NAME)["operations"]) == 1
    assert [row["accepted"] for row in control.requests(mutating=True)] == [False]
    apprunner.start_deployment(ServiceArn=running["arn"])
    control.wait(NAME)


def test_credentials_expire_after_some_calls(fake: RunningFake, control: Control, running: dict[str, Any]) -> None:
    control.fault("*", "expired_token", after=2, count=100, access_key="short")
    short = client(fake.endpoint, "apprunner", "short")
    for _number in range(2):
        short.describe_service(ServiceArn=running["arn"])
    assert refused(short.describe_service, ServiceArn=running["arn"]) == "ExpiredTokenException"
    client(fake.endpoint, "apprunner").describe_service(ServiceArn=running["arn"])


def test_a_deleted_image_cannot_be_pulled(
    fake: RunningFake, apprunner: Any, control: Control, running: dict[str, Any]
) -> None:
    digest = control.put_image(REPOSITORY, "1.9.0", "1.9.0")
    control.delete_image(REPOSITORY, digest=digest)
    ecr = client(fake.endpoint, "ecr")
    wanted = {"repositoryName": REPOSITORY, "imageIds": [{"imageDigest": digest}]}
    assert refused(ecr.describe_images, **wanted) == "ImageNotFoundException"
    assert ecr.batch_get_image(**wanted)["failures"][0]["failureCode"] == "ImageNotFound"
    assert refused(ecr.describe_images, repositoryName="nowhere") == "RepositoryNotFoundException"
    update(apprunner, running["arn"], f"{REPOSITORY}@{digest}")
    truth = control.wait(NAME)
    assert truth["operations"][0]["status"] == "ROLLBACK_SUCCEEDED"
    assert served_version(truth) == "1.8.0"


def test_stale_answers(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    digest = control.put_image(REPOSITORY, "1.9.0", "1.9.0")
    control.fault("UpdateService", "stale_describe", seconds=4)
    control.fault("UpdateService", "stale_list", seconds=4)
    operation = update(apprunner, running["arn"], f"{REPOSITORY}@{digest}")
    service = apprunner.describe_service(ServiceArn=running["arn"])["Service"]
    listed = apprunner.list_operations(ServiceArn=running["arn"])["OperationSummaryList"]
    assert service["SourceConfiguration"]["ImageRepository"]["ImageIdentifier"].endswith(":1.8.0")
    assert operation not in [row["Id"] for row in listed]
    for _attempt in range(100):
        listed = apprunner.list_operations(ServiceArn=running["arn"])["OperationSummaryList"]
        if listed[0]["Id"] == operation:
            break
        time.sleep(0.1)
    assert listed[0]["Id"] == operation


def test_stuck_until_released(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.fault("StartDeployment", "stuck")
    apprunner.start_deployment(ServiceArn=running["arn"])
    control.wait_phase(NAME, "provision")
    time.sleep(0.5)
    assert apprunner.list_operations(ServiceArn=running["arn"])["OperationSummaryList"][0]["Status"] == "IN_PROGRESS"
    control.release(NAME)
    assert control.wait(NAME)["operations"][0]["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("kind", "status", "configured", "served"),
    [
        ("self_rollback", "ROLLBACK_SUCCEEDED", "1.8.0", "1.8.0"),
        ("succeeded_but_old", "SUCCEEDED", "1.9.0", "1.8.0"),
        ("fail", "FAILED", "1.8.0", "1.8.0"),
        ("rollback_failed", "ROLLBACK_FAILED", "1.9.0", "1.8.0"),
    ],
)
def test_operations_that_end_otherwise(
    apprunner: Any, control: Control, running: dict[str, Any], kind: str, status: str, configured: str, served: str
) -> None:
    control.put_image(REPOSITORY, "1.9.0", "1.9.0")
    control.fault("UpdateService", kind)
    update(apprunner, running["arn"], f"{REPOSITORY}:1.9.0")
    truth = control.wait(NAME)
    assert truth["operations"][0]["status"] == status
    assert truth["configured_image"].endswith(f":{configured}")
    assert (served_version(truth), truth["serving_version"]) == (served, served)


def test_a_push_of_the_followed_tag_deploys_by_itself(apprunner: Any, control: Control) -> None:
    control.put_image(REPOSITORY, "live", "1.8.0")
    arn = control.create_service(NAME, f"{REPOSITORY}:live")["arn"]
    control.hold(NAME, "pull")
    apprunner.start_deployment(ServiceArn=arn)
    control.put_image(REPOSITORY, "live", "1.9.0")
    control.put_image(REPOSITORY, "other", "2.0.0")
    control.release(NAME)
    deadline = time.monotonic() + 10
    while len((truth := control.wait(NAME))["operations"]) < 3:
        assert time.monotonic() < deadline
    assert [row["type"] for row in truth["operations"][:2]] == ["START_DEPLOYMENT"] * 2
    assert served_version(truth) == "1.9.0"


def test_pause_resume(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    apprunner.pause_service(ServiceArn=running["arn"])
    assert control.wait(NAME)["status"] == "PAUSED"
    assert status_of(f"{running['url']}/version") == 404
    assert refused(apprunner.update_service, ServiceArn=running["arn"]) == "InvalidStateException"
    apprunner.resume_service(ServiceArn=running["arn"])
    assert control.wait(NAME)["status"] == "RUNNING"
    assert served_version(running) == "1.8.0"


def create(apprunner: Any, image: str, role: bool = True) -> dict[str, Any]:
    """CreateService with an image of the private registry."""
    repository = {"ImageIdentifier": f"{REGISTRY}/{image}", "ImageRepositoryType": "ECR"}
    source: dict[str, Any] = {"ImageRepository": repository}
    if role:
        source["AuthenticationConfiguration"] = {"AccessRoleArn": "arn:aws:iam::000000000000:role/ecr"}
    return dict(apprunner.create_service(ServiceName=NAME, SourceConfiguration=source))


def test_create_service(apprunner: Any, control: Control) -> None:
    control.put_image(REPOSITORY, "1.8.0", "1.8.0")
    assert refused(create, apprunner=apprunner, image=f"{REPOSITORY}:1.8.0", role=False) == "InvalidRequestException"
    created = create(apprunner, f"{REPOSITORY}:1.8.0")["Service"]
    assert created["SourceConfiguration"]["AutoDeploymentsEnabled"] is True
    truth = control.wait(NAME)
    assert (truth["status"], f"http://{created['ServiceUrl']}") == ("RUNNING", truth["url"])
    assert served_version(truth) == "1.8.0"
    assert refused(create, apprunner=apprunner, image=f"{REPOSITORY}:1.8.0") == "InvalidRequestException"


def test_create_failed_can_be_rebuilt(apprunner: Any, control: Control) -> None:
    control.put_image(REPOSITORY, "1.8.0", "1.8.0", "crash")
    control.put_image(REPOSITORY, "1.8.1", "1.8.1")
    arn = create(apprunner, f"{REPOSITORY}:1.8.0")["Service"]["ServiceArn"]
    truth = control.wait(NAME)
    assert (truth["status"], truth["operations"][0]["status"]) == ("CREATE_FAILED", "FAILED")
    assert status_of(f"{truth['url']}/version") == 503
    update(apprunner, arn, f"{REPOSITORY}:1.8.1")
    assert control.wait(NAME)["status"] == "RUNNING"


def test_other_notation(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    assert running["instance"] == {"Cpu": "1024", "Memory": "2048"}
    control.fault("DescribeService", "other_notation")
    shown = apprunner.describe_service(ServiceArn=running["arn"])["Service"]["InstanceConfiguration"]
    assert shown == {"Cpu": "1 vCPU", "Memory": "2 GB"}


def test_scaling_configurations(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    made = apprunner.create_auto_scaling_configuration(AutoScalingConfigurationName="wide", MaxSize=5, MinSize=2)
    arn = made["AutoScalingConfiguration"]["AutoScalingConfigurationArn"]
    apprunner.update_service(ServiceArn=running["arn"], AutoScalingConfigurationArn=arn)
    control.wait(NAME)
    kept = apprunner.describe_service(ServiceArn=running["arn"])["Service"]["AutoScalingConfigurationSummary"]
    assert kept["AutoScalingConfigurationArn"] == arn
    by_name = apprunner.describe_auto_scaling_configuration(AutoScalingConfigurationArn=arn.rsplit("/", 2)[0])
    assert by_name["AutoScalingConfiguration"]["MaxSize"] == 5
    rows = apprunner.list_auto_scaling_configurations(LatestOnly=True)["AutoScalingConfigurationSummaryList"]
    assert {row["AutoScalingConfigurationName"] for row in rows} == {"DefaultConfiguration", "wide"}


def test_tags(apprunner: Any, running: dict[str, Any]) -> None:
    apprunner.tag_resource(ResourceArn=running["arn"], Tags=[{"Key": "team", "Value": "api"}])
    assert apprunner.list_tags_for_resource(ResourceArn=running["arn"])["Tags"] == [{"Key": "team", "Value": "api"}]


def test_digests_follow_content(control: Control) -> None:
    first = control.put_image(REPOSITORY, "a", "1.0.0")
    assert control.put_image("other/repository", "b", "1.0.0") == first
    assert control.put_image(REPOSITORY, "a", "1.0.0", "crash") != first


def test_ecr_pages_and_identity(fake: RunningFake, control: Control) -> None:
    for number in range(3):
        control.put_image(REPOSITORY, f"1.{number}.0", f"1.{number}.0")
    ecr = client(fake.endpoint, "ecr")
    pages = list(ecr.get_paginator("describe_images").paginate(repositoryName=REPOSITORY, maxResults=2))
    assert [len(page["imageDetails"]) for page in pages] == [2, 1]
    assert {row["imageTag"] for row in ecr.list_images(repositoryName=REPOSITORY)["imageIds"]} == {
        "1.0.0",
        "1.1.0",
        "1.2.0",
    }
    assert ecr.describe_repositories()["repositories"][0]["repositoryName"] == REPOSITORY
    assert refused(ecr.list_images, repositoryName=REPOSITORY, maxResults=1001) == "InvalidParameterException"
    assert client(fake.endpoint, "sts").get_caller_identity()["Account"] == "000000000000"


def test_logs_tell_why(fake: RunningFake, apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.put_image(REPOSITORY, "1.9.0", "1.9.0", "bad_migration", schema_revision="0043")
    update(apprunner, running["arn"], f"{REPOSITORY}:1.9.0")
    control.wait(NAME)
    logs = client(fake.endpoint, "logs")
    group = f"/aws/apprunner/{NAME}/{running['service_id']}"
    lines = [row["message"] for row in logs.filter_log_events(logGroupName=f"{group}/application")["events"]]
    assert any("migration 0043 failed" in line for line in lines)
    events = logs.get_log_events(logGroupName=f"{group}/service", logStreamName="events", startFromHead=True, limit=2)
    assert len(events["events"]) == 2
    further = logs.get_log_events(
        logGroupName=f"{group}/service", logStreamName="events", nextToken=events["nextForwardToken"]
    )
    assert "Container exit code: 3" in "".join(row["message"] for row in further["events"])
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"{group}/service", logStreamNames=["events"], PaginationConfig={"PageSize": 2}
    )
    assert sum(len(page["events"]) for page in pages) == len(events["events"]) + len(further["events"])
    newest = logs.describe_log_streams(
        logGroupName=f"{group}/application", orderBy="LastEventTime", descending=True, limit=1
    )
    assert newest["logStreams"][0]["logStreamName"].startswith("instance/")
    assert refused(logs.filter_log_events, logGroupName="/aws/none") == "ResourceNotFoundException"


def test_the_request_log_holds_no_secret(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    source = apprunner.describe_service(ServiceArn=running["arn"])["Service"]["SourceConfiguration"]
    source["ImageRepository"]["ImageConfiguration"]["RuntimeEnvironmentVariables"] = {"DATABASE_URL": "canary-value"}
    apprunner.update_service(ServiceArn=running["arn"], SourceConfiguration=source)
    control.wait(NAME)
    rows = control.requests()
    assert "canary-value" not in json.dumps(rows)
    assert [row["n"] for row in rows] == [1, 2]
    assert [(row["operation"], row["mutating"], row["target"]) for row in rows] == [
        ("DescribeService", False, NAME),
        ("UpdateService", True, NAME),
    ]
    assert control.truth(NAME)["environment_names"] == ["DATABASE_URL"]


def test_another_tool_shows_in_the_log(control: Control, running: dict[str, Any]) -> None:
    control.put_image(REPOSITORY, "2.0.0", "2.0.0")
    operation = control.outside(NAME, image=f"{REPOSITORY}:2.0.0")
    assert served_version(control.wait(NAME)) == "2.0.0"
    [row] = control.requests(mutating=True)
    assert (row["origin"], row["operation"], row["operation_id"]) == ("outside", "UpdateService", operation)


def test_unsigned_requests_are_refused(fake: RunningFake, control: Control) -> None:
    request = urllib.request.Request(fake.endpoint, data=b"{}", method="POST")
    request.add_header("X-Amz-Target", "AppRunner.ListServices")
    request.add_header("Content-Type", "application/x-amz-json-1.0")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    with caught.value as answer:
        assert (answer.code, json.load(answer)["__type"]) == (403, "MissingAuthenticationTokenException")


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("phase", ["pull", "health", "end"])
def test_kill_in_the_middle_of_an_update(tmp_path: Path, phase: str) -> None:
    with start(tmp_path / "fake", SCALE) as fake:
        control = fake.control
        control.put_image(REPOSITORY, "1.8.0", "1.8.0")
        digest = control.put_image(REPOSITORY, "1.9.0", "1.9.0")
        before = control.create_service(NAME, f"{REPOSITORY}:1.8.0", health_check=HEALTH)
        control.hold(NAME, phase)
        apprunner = client(fake.endpoint, "apprunner")
        operation = update(apprunner, before["arn"], f"{REPOSITORY}@{digest}")
        control.wait_phase(NAME, phase)
        endpoint = fake.endpoint
        fake.kill()
        deadline = time.monotonic() + 5
        while is_alive(before["serving_pid"]):
            assert time.monotonic() < deadline, "the application outlived the fake"
            time.sleep(0.02)
        fake.start()
        assert fake.endpoint == endpoint
        fake.control.release(NAME)
        truth = fake.control.wait(NAME)
        assert truth["operations"][0]["id"] == operation
        assert (truth["operations"][0]["status"], truth["url"]) == ("SUCCEEDED", before["url"])
        assert served_version(truth) == "1.9.0"
        assert [row["operation"] for row in fake.control.requests(mutating=True)] == ["UpdateService"]


def test_kill_in_the_middle_of_a_rollback(tmp_path: Path) -> None:
    with start(tmp_path / "fake", SCALE) as fake:
        fake.control.put_image(REPOSITORY, "1.8.0", "1.8.0")
        fake.control.put_image(REPOSITORY, "1.9.0", "1.9.0", "crash")
        fake.control.create_service(NAME, f"{REPOSITORY}:1.8.0")
        fake.control.hold(NAME, "rollback")
        fake.control.outside(NAME, image=f"{REPOSITORY}:1.9.0")
        fake.control.wait_phase(NAME, "rollback")
        fake.kill()
        fake.start()
        fake.control.release(NAME)
        truth = fake.control.wait(NAME)
        assert truth["operations"][0]["status"] == "ROLLBACK_SUCCEEDED"
        assert served_version(truth) == "1.8.0"


def test_sigterm_leaves_no_process(tmp_path: Path) -> None:
    with start(tmp_path / "fake", SCALE) as fake:
        fake.control.put_image(REPOSITORY, "1.8.0", "1.8.0")
        pid = fake.control.create_service(NAME, f"{REPOSITORY}:1.8.0")["serving_pid"]
        assert is_alive(pid)
        fake.stop()
        assert not is_alive(pid)
        assert (tmp_path / "fake").stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "fake").rglob("*"))


def test_restarts_a_process_that_ended_when_asked(control: Control) -> None:
    control.settings(restart_seconds=0.1)
    control.put_image(REPOSITORY, "1.8.0", "1.8.0", {"kind": "dies_after", "requests": 1, "mode": "exit"})
    before = control.create_service(NAME, f"{REPOSITORY}:1.8.0")
    assert [status_of(f"{before['url']}{HEALTH['path']}") for _number in range(2)] == [200, 503]
    deadline = time.monotonic() + 5
    while (truth := control.truth(NAME))["serving_pid"] == before["serving_pid"] or not truth["serving_alive"]:
        assert time.monotonic() < deadline
        time.sleep(0.03)


def test_late_answers(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    for kind in ("delay", "delay_after"):
        control.fault("DescribeService", kind, seconds=0.3)
        began = time.monotonic()
        apprunner.describe_service(ServiceArn=running["arn"])
        assert time.monotonic() - began >= 0.3


def test_a_failed_pause_and_deletion(apprunner: Any, control: Control, running: dict[str, Any]) -> None:
    control.fault("mutating", "fail", count=2)
    apprunner.pause_service(ServiceArn=running["arn"])
    assert control.wait(NAME)["status"] == "RUNNING"
    apprunner.delete_service(ServiceArn=running["arn"])
    assert control.wait(NAME)["status"] == "DELETE_FAILED"
    assert served_version(running) == "1.8.0"


def test_control_calls_say_what_is_wrong(control: Control) -> None:
    with pytest.raises(ControlError, match="kind 'typo' is not known; use one of 500_before"):
        control.fault("*", "typo")
    with pytest.raises(ControlError, match="there is no service nobody"):
        control.truth("nobody")
    with pytest.raises(ControlError, match=r"keys \['colour'\] are not known"):
        control.create_service(NAME, f"{REPOSITORY}:1.8.0", colour="red")
    with pytest.raises(ControlError, match="put it first"):
        control.create_service(NAME, f"{REPOSITORY}:1.8.0")
    with pytest.raises(ControlError, match=r"behaviour\.kind 'sleepy' is not known"):
        control.put_image(REPOSITORY, "1", "1", "sleepy")
