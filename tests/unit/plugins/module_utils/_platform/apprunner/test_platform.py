"""App Runner as a platform: what it observes, resolves, sends and explains."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    InvalidInput,
    NotFound,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.platform import AppRunner
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.settings import Settings
from ansible_collections.steady.ops.plugins.module_utils._release.values import (
    Ending,
    Observation,
    Operation,
    Release,
)
from tests.release_world import VirtualClock
from tests.unit.plugins.module_utils._platform.apprunner.cloud import (
    ARN,
    DAWN,
    REPOSITORY,
    Cloud,
    digest,
    operation,
    service,
)

HOUR = timedelta(hours=1)


def runner(cloud: Cloud, **more: Any) -> AppRunner:
    return AppRunner(cloud.api(), VirtualClock(), **{"service": "shop-api", **more})


class TestObserve:
    def test_an_image_that_is_pinned(self) -> None:
        cloud = Cloud()
        cloud.operations = [
            operation("op-3", type="PAUSE_SERVICE", EndedAt=DAWN + 2 * HOUR),
            operation("op-2", "FAILED", EndedAt=DAWN + HOUR),
            operation("op-1", EndedAt=DAWN),
        ]
        seen = runner(cloud).observe()
        assert (seen.exists, seen.obstacle, seen.digest, seen.unknown_because) == (True, "", digest("1.8.0"), "")
        assert seen.ref == f"api@{digest('1.8.0')[:19]}"
        assert (seen.operation, seen.last_operation, seen.since) == (None, "op-3", DAWN)
        assert seen.settings == cloud.services[0]

    def test_a_service_that_never_had_an_operation(self) -> None:
        seen = runner(Cloud()).observe()
        assert (seen.last_operation, seen.operation, seen.since) == ("", None, None)

    def test_an_operation_under_way(self) -> None:
        cloud = Cloud(Status="OPERATION_IN_PROGRESS")
        cloud.operations = [operation("op-2", "IN_PROGRESS", StartedAt=DAWN), operation("op-1")]
        seen = runner(cloud).observe()
        assert seen.operation == Operation("op-2", "UPDATE_SERVICE", "IN_PROGRESS", Ending.RUNNING, DAWN)
        assert seen.last_operation == "op-2"

    @pytest.mark.parametrize(("listed", "id"), [([operation("op-1")], "op-1"), ([], "unknown")])
    def test_one_that_the_list_does_not_show_yet(self, listed: list[dict[str, Any]], id: str) -> None:
        cloud = Cloud(Status="OPERATION_IN_PROGRESS")
        cloud.operations = listed
        assert runner(cloud).observe().operation == Operation(id, "", "OPERATION_IN_PROGRESS", Ending.RUNNING)

    @pytest.mark.parametrize(
        ("create", "obstacle"),
        [(True, ""), (False, "There is no App Runner service shop-api. Deploy with create: true")],
    )
    def test_there_is_no_service(self, create: bool, obstacle: str) -> None:
        cloud = Cloud()
        cloud.services = []
        assert runner(cloud, create=create).observe() == Observation(exists=False, obstacle=obstacle)

    def test_one_that_is_deleted_is_still_shown_by_its_arn(self) -> None:
        seen = runner(Cloud(Status="DELETED"), service=ARN).observe()
        assert (seen.exists, seen.obstacle) == (False, f"The App Runner service {ARN} is deleted")

    @pytest.mark.parametrize("status", ["PAUSED", "CREATE_FAILED", "DELETE_FAILED"])
    def test_one_that_cannot_be_switched(self, status: str) -> None:
        assert runner(Cloud(Status=status)).observe().obstacle.startswith("The App Runner service shop-api ")

    @pytest.mark.parametrize("source", [{"CodeRepository": {"RepositoryUrl": "x"}}, {}])
    def test_one_that_is_built_from_source(self, source: dict[str, Any]) -> None:
        seen = runner(Cloud(SourceConfiguration=source)).observe()
        assert seen.obstacle == "The App Runner service shop-api builds from source code, not images"
        assert seen.digest is None

    def test_an_answer_that_was_cut_short(self) -> None:
        cloud = Cloud(SourceConfiguration={"ImageRepository": {"ImageRepositoryType": "ECR"}})
        with pytest.raises(Unreachable, match="AWS answered without ImageIdentifier"):
            runner(cloud).observe()


class TestTag:
    def tagged(self, pushed: Any, *operations: dict[str, Any]) -> Observation:
        cloud = Cloud(image=f"{REPOSITORY}:1.8.0")
        cloud.images["1.8.0"] = pushed
        cloud.operations = list(operations)
        return runner(cloud).observe()

    @pytest.mark.parametrize("type", ["CREATE_SERVICE", "UPDATE_SERVICE", "START_DEPLOYMENT"])
    def test_pushed_before_the_last_deployment_it_is_known(self, type: str) -> None:
        seen = self.tagged(DAWN, operation(type=type, StartedAt=DAWN))
        assert (seen.digest, seen.ref, seen.unknown_because) == (digest("1.8.0"), "api:1.8.0", "")

    def test_pushed_again_after_it_it_is_not(self) -> None:
        seen = self.tagged(DAWN + HOUR, operation(StartedAt=DAWN))
        assert seen.digest is None
        assert seen.unknown_because == "the tag 1.8.0 was pushed again after the last deployment"

    @pytest.mark.parametrize("later", [operation("x", type="RESUME_SERVICE"), operation("x", "FAILED")])
    def test_operations_that_make_no_version_do_not_count(self, later: dict[str, Any]) -> None:
        later = {**later, "StartedAt": DAWN + 2 * HOUR}
        assert self.tagged(DAWN + HOUR, later, operation(StartedAt=DAWN)).digest is None

    def test_a_deployment_nobody_remembers_cannot_be_compared(self) -> None:
        seen = self.tagged(DAWN)
        assert seen.digest is None
        assert seen.unknown_because == "it is not known whether the tag 1.8.0 was pushed again since it was deployed"

    def test_nor_can_a_push_without_a_time(self) -> None:
        assert self.tagged(None, operation(StartedAt=DAWN)).digest is None

    def test_one_that_no_longer_exists(self) -> None:
        seen = runner(Cloud(image=f"{REPOSITORY}:0.9.0")).observe()
        assert seen.unknown_because == "the tag 0.9.0 it is configured for no longer exists"


class TestResolve:
    def test_a_tag(self) -> None:
        found = runner(Cloud()).resolve("1.9.0")
        assert found == Release(digest("1.9.0"), "api:1.9.0", "1.9.0")

    def test_a_digest(self) -> None:
        found = runner(Cloud(), repository=REPOSITORY).resolve(digest("1.9.0"))
        assert (found.digest, found.version) == (digest("1.9.0"), None)

    def test_what_is_not_there_names_the_newest(self) -> None:
        cloud = Cloud()
        cloud.images |= {f"2.{number}": DAWN + number * HOUR for number in range(9)}
        with pytest.raises(NotFound) as caught:
            runner(cloud).resolve("3.0")
        assert str(caught.value) == (
            "deploy_release '3.0' is no image of shop/api. The newest tags are 2.8, 2.7, 2.6, 2.5, 2.4."
        )

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("1.9.O", {"playbook": "deploy", "variables": {"deploy_release": "1.9.0"}}),
            ("api:1.9.O", {"playbook": "deploy", "variables": {"deploy_release": "1.9.0"}}),
            ("stable", {"playbook": "releases"}),
            (digest("nothing"), {"playbook": "releases"}),
        ],
    )
    def test_what_is_not_there_names_the_way_on(self, asked: str, expected: dict[str, object]) -> None:
        with pytest.raises(NotFound) as caught:
            runner(Cloud(), repository=REPOSITORY).resolve(asked)
        assert caught.value.next == expected

    def test_in_an_empty_repository(self) -> None:
        cloud = Cloud()
        cloud.images = {}
        with pytest.raises(NotFound, match=r"The repository holds no tagged image\.$"):
            runner(cloud).resolve("3.0")

    def test_where_images_lie_nobody_knows(self) -> None:
        cloud = Cloud()
        cloud.services = []
        for made in (runner(cloud), runner(Cloud(SourceConfiguration={"CodeRepository": {}}))):
            with pytest.raises(InvalidInput) as caught:
                made.resolve("1.8.0")
            assert str(caught.value) == (
                "image_repository is empty and the service has no image to take it from."
                " Set image_repository to <account>.dkr.ecr.<region>.amazonaws.com/<name>."
            )


class TestAvailable:
    def test_whether_the_image_is_there(self) -> None:
        made = runner(Cloud())
        assert made.available(Release(digest("1.9.0")))
        assert not made.available(Release(digest("gone")))

    def test_a_repository_that_is_gone_is_no_answer_on_an_image(self) -> None:
        cloud = Cloud()
        cloud.errors["describe_images"] = [NotFound("x", details={"code": "RepositoryNotFoundException"})]
        with pytest.raises(NotFound):
            runner(cloud).available(Release(digest("1.9.0")))


def test_differences_are_those_of_the_observation() -> None:
    cloud = Cloud(InstanceConfiguration={"Cpu": "1024"})
    made = runner(cloud, asked=Settings(cpu="2 vCPU"))
    assert made.differences(made.observe()) == {"cpu": ("1 vCPU", "2 vCPU")}
    assert made.differences(Observation(exists=False)) == {}
    assert made.differences(Observation(settings=7)) == {"cpu": ("", "2 vCPU")}


class TestSwitch:
    def test_to_the_asked_settings(self) -> None:
        cloud = Cloud()
        begun = runner(cloud, asked=Settings(port="81")).switch(Release(digest("1.9.0")))
        ((call, request),) = cloud.sent
        assert (begun.id, call, request["ServiceArn"]) == ("op-1", "update_service", ARN)
        image = request["SourceConfiguration"]["ImageRepository"]
        assert image["ImageIdentifier"] == f"{REPOSITORY}@{digest('1.9.0')}"
        assert image["ImageConfiguration"]["Port"] == "81"

    def test_back_to_the_settings_that_stood(self) -> None:
        cloud = Cloud()
        made = runner(cloud, asked=Settings(port="81"))
        before = made.observe()
        made.switch(Release(digest("1.9.0")))
        made.switch(Release(digest("1.8.0")), like=before)
        image = cloud.sent[1][1]["SourceConfiguration"]["ImageRepository"]
        assert image["ImageIdentifier"] == f"{REPOSITORY}@{digest('1.8.0')}"
        assert image["ImageConfiguration"] == {}

    def test_by_creating_the_service(self) -> None:
        cloud = Cloud()
        cloud.services = []
        made = runner(cloud, repository=REPOSITORY, create=True)
        begun = made.switch(Release(digest("1.9.0")))
        assert (begun.type, cloud.sent[0][0], cloud.sent[0][1]["ServiceName"]) == (
            "CREATE_SERVICE",
            "create_service",
            "shop-api",
        )
        assert made.observe().digest == digest("1.9.0")


class TestProgress:
    def test_it_is_found_in_the_list(self) -> None:
        cloud = Cloud()
        cloud.operations = [operation("op-2"), operation("op-1", "ROLLBACK_SUCCEEDED")]
        begun = Operation("op-1", "UPDATE_SERVICE", "PENDING", Ending.RUNNING)
        assert runner(cloud).progress(begun).ending is Ending.REVERTED

    def test_what_the_list_does_not_show_stands_as_it_was(self) -> None:
        begun = Operation("op-7", "UPDATE_SERVICE", "PENDING", Ending.RUNNING)
        assert runner(Cloud()).progress(begun) is begun
        cloud = Cloud()
        cloud.services = []
        assert runner(cloud).progress(begun) is begun


class TestExplain:
    OPERATION = Operation("op-1", "UPDATE_SERVICE", "FAILED", Ending.FAILED, DAWN)

    def image(self, **configuration: Any) -> dict[str, Any]:
        return {"ImageRepository": {"ImageIdentifier": REPOSITORY, "ImageConfiguration": configuration}}

    def test_the_last_lines_of_both_logs_bounded_and_redacted(self) -> None:
        secrets = self.image(
            RuntimeEnvironmentVariables={"KEY": "correct-horse"}, RuntimeEnvironmentSecrets={"DB": "arn:db-key"}
        )
        cloud = Cloud(SourceConfiguration=secrets)
        cloud.logs["/aws/apprunner/shop-api/0a1b/service"] = [f"event {number}" for number in range(20)]
        cloud.logs["/aws/apprunner/shop-api/0a1b/application"] = [
            "no  access\nwith correct-horse to arn:db-key",
            "password=hunter22",
            "x" * 999,
        ]
        lines = list(runner(cloud).explain(self.OPERATION))
        assert lines[:15] == [f"event {number}" for number in range(5, 20)]
        assert lines[15:] == ["no access with ******** to ********", "password=********", "x" * 300]

    def test_a_log_that_cannot_be_read_is_told(self) -> None:
        cloud = Cloud()
        cloud.errors["filter_log_events"] = [AccessDenied("No right to read logs")] * 2
        assert runner(cloud).explain(self.OPERATION) == [
            "(service log not readable: No right to read logs.)",
            "(application log not readable: No right to read logs.)",
        ]

    def test_only_what_was_said_since_it_began(self) -> None:
        asked: list[object] = []
        cloud = Cloud()
        read = cloud.cloudwatch

        def since(call: str, request: Any) -> dict[str, Any]:
            asked.append(request["startTime"])
            return read(call, request)

        cloud.cloudwatch = since  # type: ignore[method-assign]
        runner(cloud).explain(self.OPERATION)
        runner(cloud).explain(Operation("op-1", "", "", Ending.FAILED))
        assert asked == [int(DAWN.timestamp() * 1000)] * 2 + [0, 0]

    def test_without_a_service_there_is_nothing_to_say(self) -> None:
        cloud = Cloud()
        cloud.services = []
        assert runner(cloud).explain(self.OPERATION) == ()

    def test_an_answer_that_was_cut_short(self) -> None:
        cloud = Cloud()
        cloud.services = [{"ServiceArn": ARN, "Status": "RUNNING", "ServiceName": "shop-api"}]
        with pytest.raises(Unreachable, match="AWS answered without ServiceId"):
            runner(cloud).explain(self.OPERATION)


def test_the_service_is_looked_for_once() -> None:
    cloud = Cloud()
    made = runner(cloud)
    made.observe()
    cloud.errors["list_services"] = [AssertionError("looked for twice")]
    made.observe()
    assert service()["ServiceArn"] == ARN
