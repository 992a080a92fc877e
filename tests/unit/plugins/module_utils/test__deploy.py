"""What every deploy module wires: options, the probe, the progress file, the engine."""

from __future__ import annotations

import ast
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils import _deploy
from ansible_collections.steady.ops.plugins.module_utils._deploy import (
    RELEASE_OPTIONS,
    ProgressFile,
    RecordedProber,
    carry_out,
    refusal,
    wanted_from,
)
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, Refused, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._http.answer import Request, Response
from ansible_collections.steady.ops.plugins.module_utils._http.spec import Probe
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.module_utils._release.values import Release
from tests.release_world import MemoryPlatform, VirtualClock, World, digest_of
from tests.unit.plugins.module_utils._release.stories import records, release

PERMIT = Permit(run="r", runbook="deploy", action="deploy", object="shop/lab/api")
URL = "http://api.test/health"
PROBE = {"url": URL, "consecutive": 1, "version": {"json": "version"}}


def options(**more: Any) -> dict[str, Any]:
    """Return the options as Ansible hands them over, with their defaults."""
    given = {name: spec.get("default") for name, spec in RELEASE_OPTIONS.items()}
    return {**given, "probe": PROBE, "release": "b", **more}


class Web:
    """Answers every request with one version, and keeps what was asked."""

    def __init__(self, version: str = "b", status: int = 200) -> None:
        self.version, self.status = version, status
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(request.url, self.status, (), json.dumps({"version": self.version}).encode(), 5.0)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    made = Web()
    monkeypatch.setattr(_deploy, "fetch", made)
    return made


class TestOptions:
    def wanted(self, **more: Any) -> Any:
        return wanted_from(options(**more), PERMIT, Probe.from_option(PROBE), {"cpu": "1 vCPU"})

    def test_all_of_them(self) -> None:
        read = self.wanted(reason=" why ", schema_revision="7", deploy_without_way_back=True, deadline_seconds=60.0)
        assert (read.action, read.object, read.runbook) == ("deploy", "shop/lab/api", "deploy")
        assert (read.release, read.reason, read.schema_revision, read.without_way_back) == ("b", "why", "7", True)
        assert (read.deadline_seconds, read.switch_seconds, read.settle_seconds, read.poll_seconds) == (
            60.0,
            1200.0,
            60.0,
            5.0,
        )
        assert read.options == {"cpu": "1 vCPU"}
        assert read.probe["url"] == URL

    @pytest.mark.parametrize(("state", "action"), [("adopted", "adopt"), ("rolled_back", "rollback")])
    def test_only_a_deploy_needs_a_release(self, state: str, action: str) -> None:
        read = self.wanted(state=state, release=None, rollback_to="", rollback_from=" b ", schema_revision="")
        assert (read.action, read.release, read.rollback_to, read.rollback_from) == (action, "", "", "b")
        assert read.schema_revision is None

    @pytest.mark.parametrize("blank", [None, "", "  "])
    def test_a_deploy_without_one(self, blank: str | None) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.wanted(release=blank)
        assert str(caught.value) == "deploy_release (the option release) is empty. Name a tag or digest."
        assert caught.value.next == {"playbook": "deploy", "variables": {"deploy_release": "NAME-OF-THE-RELEASE"}}

    @pytest.mark.parametrize(("story", "offered"), [(("a", "b"), "a"), (("c", "a", "b"), "a")])
    def test_a_deploy_without_one_is_offered_one_that_is_recorded(self, story: tuple[str, ...], offered: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.wanted(release="", history=records(*story))
        variables = {"deploy_release": release(offered).digest}
        assert caught.value.next == {"playbook": "deploy", "variables": variables}

    @pytest.mark.parametrize("history", [[{}], records("a")])
    def test_what_serves_already_or_cannot_be_read_is_not_offered(self, history: list[Any]) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.wanted(release="", history=history)
        assert caught.value.next == {"playbook": "deploy", "variables": {"deploy_release": "NAME-OF-THE-RELEASE"}}

    @pytest.mark.parametrize("name", ["deadline_seconds", "switch_timeout_seconds", "settle_seconds", "poll_seconds"])
    @pytest.mark.parametrize(
        ("value", "shown"),
        [(0.0, "0"), (-1.0, "-1"), (86401.0, "86401"), (float("nan"), "nan"), (float("inf"), "inf")],
    )
    def test_times_out_of_bounds(self, name: str, value: float, shown: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.wanted(**{name: value})
        assert str(caught.value) == f"{name} is {shown}. Give more than 0 and at most 86400 seconds."

    def test_the_token_is_not_recorded(self) -> None:
        probe = Probe.from_option({**PROBE, "bearer_token": "hush-hush"})
        assert "hush-hush" not in repr(wanted_from(options(), PERMIT, probe, {}))


class TestProber:
    def prober(self, said: list[str] | None = None, **own: Any) -> RecordedProber:
        lines = said if said is not None else []
        return RecordedProber(Probe.from_option({**PROBE, **own}), "api", VirtualClock(), lambda: None, lines.append)

    def test_a_release_without_a_probe_of_its_own_is_proved_by_todays(self, web: Web) -> None:
        proof = self.prober().prove(Release(digest_of("b"), version="b"))
        assert (proof.passed, proof.version, proof.samples, proof.latency_ms) == (True, "b", 1, 5.0)
        assert proof.sentence == proof.finding.message == f"{URL} answered 200 in 5 ms, version b"
        assert [request.url for request in web.asked] == [URL]

    def test_the_wrong_version_is_no_proof(self, web: Web) -> None:
        proof = self.prober(deadline_seconds=1).prove(Release(digest_of("c"), version="c"))
        assert not proof.passed
        assert "states version b, wanted c" in proof.sentence

    def test_todays_token_goes_to_its_own_server_only(self, web: Web) -> None:
        elsewhere = Release(digest_of("b"), version="b", probe={**PROBE, "url": "http://old.test/up"})
        self.prober(bearer_token="hush-hush").prove(elsewhere)
        assert [(request.url, request.bearer_token) for request in web.asked] == [("http://old.test/up", None)]

    def test_a_recorded_probe_is_used_with_todays_token(self, web: Web) -> None:
        url = f"{URL}-of-old"
        old = Release(digest_of("b"), version="b", probe={**PROBE, "url": url})
        self.prober(bearer_token="hush-hush").prove(old)
        assert [(request.url, request.bearer_token) for request in web.asked] == [(url, "hush-hush")]
        self.prober().prove(old)
        assert web.asked[1].bearer_token is None
        assert "bearer_token" not in old.probe

    def test_a_recorded_probe_that_cannot_be_read_is_named(self, web: Web) -> None:
        with pytest.raises(InvalidInput, match=rf"the recorded probe of {Release(digest_of('b')).id}\.url is missing"):
            self.prober().prove(Release(digest_of("b"), probe={"status": 200}))

    def test_a_brief_look_does_not_wait(self, web: Web) -> None:
        prober = self.prober(stability_seconds=60)
        assert not prober.prove(Release(digest_of("c"), version="c"), brief=True).passed
        assert (len(web.asked), prober.clock.steady()) == (1, 0.0)

    def test_a_recorded_command_is_told_what_it_is_about_and_todays_is_not_run(
        self, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SMOKE_TOKEN", "s3cr3t-value")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never")
        shown = "sys.exit(repr({n: v for n, v in os.environ.items() if n[:3] in ('STE', 'SMO', 'AWS')}))"
        argv = [sys.executable, "-c", f"import os, sys; {shown}"]
        old = Release(digest_of("b"), version="b", probe={"command": argv, "environment": ["SMOKE_TOKEN"]})
        for brief in (True, False):
            proof = self.prober(command=["/no/such"], deadline_seconds=2, bearer_token="hush").prove(old, brief=brief)
            about = {"STEADY_COMPONENT": "api", "STEADY_RELEASE": old.id, "STEADY_VERSION": "b"}
            assert (proof.passed, proof.finding.id, web.asked) == (False, "command_failed", [])
            said = proof.sentence.partition("ended with 1: ")[2].partition("}")[0] + "}"
            assert sorted(ast.literal_eval(said).items()) == sorted({"SMOKE_TOKEN": "********", **about}.items())

    def test_todays_command_does_not_prove_a_release_that_was_recorded_without(self, web: Web) -> None:
        prober = self.prober(command=["/no/such"])
        assert prober.prove(Release(digest_of("b"), version="b", probe=PROBE)).passed
        bare = prober.prove(Release(digest_of("b"), version="b"), brief=True)
        assert (bare.passed, bare.finding.id) == (False, "command_missing")

    def test_the_lease_is_proved_before_each_sample_and_the_wait_is_told(self, web: Web) -> None:
        samples: list[int] = []
        said: list[str] = []
        probe = Probe.from_option({**PROBE, "deadline_seconds": 3})
        prober = RecordedProber(probe, "api", VirtualClock(), lambda: samples.append(len(web.asked)), said.append)
        prober.prove(Release(digest_of("c"), version="c"))
        assert samples == list(range(len(web.asked)))
        assert said[0].startswith("waiting for 1 good sample")


class TestProgress:
    def test_lines_as_json_in_a_file_for_this_user_only(self, tmp_path: Path) -> None:
        path = tmp_path / "progress"
        mask = os.umask(0)
        try:
            progress = ProgressFile(str(path), VirtualClock())
            for line in ("switching to b", "switching to b", "password=hunter22"):
                progress.say(line)
        finally:
            os.umask(mask)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [json.loads(line) for line in path.read_text().splitlines()] == [
            {"at": "2026-01-01T00:00:00Z", "line": "switching to b", "fraction": None},
            {"at": "2026-01-01T00:00:00Z", "line": "password=********", "fraction": None},
        ]

    @pytest.mark.parametrize("path", [None, ""])
    def test_nobody_follows(self, path: str | None) -> None:
        ProgressFile(path, VirtualClock()).say("switching to b")

    def test_a_file_that_cannot_be_written_does_not_stop_the_run(self, tmp_path: Path) -> None:
        progress = ProgressFile(str(tmp_path / "gone" / "progress"), VirtualClock())
        progress.say("one")
        progress.say("two")
        assert progress.path is None


class TestCarryOut:
    @pytest.fixture
    def lease(self, tmp_path: Path) -> Path:
        path = tmp_path / "lease"
        path.write_text('{"deadline": 1e12, "stop": false}')
        return path

    def carry(self, world: World, *, check: bool, **more: Any) -> dict[str, Any]:
        return carry_out(
            options(**more),
            check=check,
            component="shop-api",
            desired={},
            make_platform=lambda clock, prove: Fast(world),
        )

    def permit(self, lease: Path) -> dict[str, Any]:
        return {
            "run": "r",
            "runbook": "deploy",
            "action": "deploy",
            "mode": "real",
            "objects": [{"object": "shop/lab/api", "token": 1, "lease_deadline_path": str(lease)}],
        }

    def test_check_mode_needs_no_permit_and_names_the_component_as_the_module_does(self, web: Web) -> None:
        web.version = "a"
        world = World(configured="a", behaviour={"a": "good", "b": "good"}, takes_seconds=0.0)
        result = self.carry(world, check=True)
        assert (result["changed"], result["intent"]["components"].keys()) == (True, {"shop-api"})
        assert world.mutations == 0

    def test_a_real_run_without_a_permit_is_refused(self, web: Web) -> None:
        with pytest.raises(Refused, match="A change needs a permit and the option permit is empty"):
            self.carry(World(configured="a"), check=False)

    def test_a_real_run_holds_the_lock_and_lets_it_go(self, web: Web, lease: Path, tmp_path: Path) -> None:
        world = World(configured="a", behaviour={"a": "good", "b": "good"}, takes_seconds=0.0)
        before = len(os.listdir("/proc/self/fd"))
        progress = tmp_path / "progress"
        result = self.carry(
            world,
            check=False,
            permit=self.permit(lease),
            poll_seconds=0.01,
            deploy_without_way_back=True,
            progress_path=str(progress),
        )
        assert (result["failed"], world.configured) == (False, "b")
        assert (lease.with_name("module.lock").exists(), len(os.listdir("/proc/self/fd"))) == (True, before)
        assert json.loads(progress.read_text().splitlines()[0])["line"].startswith("switching to b ")

    def test_a_lease_that_ran_out_touches_nothing(self, web: Web, lease: Path) -> None:
        lease.write_text('{"deadline": 0, "stop": false}')
        world = World(configured="a", behaviour={"a": "good", "b": "good"})
        with pytest.raises(OpsError, match="The lease on shop/lab/api ran out"):
            self.carry(world, check=False, permit=self.permit(lease), deploy_without_way_back=True)
        assert world.mutations == 0

    def test_a_corrupt_history_is_refused(self, web: Web) -> None:
        with pytest.raises(InvalidInput, match="record 1 of shop-api lacks or misstates 'kind'"):
            self.carry(World(configured="a"), check=True, history=[{}])


class Fast(MemoryPlatform):
    """The world's platform, of which every operation ends at once."""

    def observe(self) -> Any:
        self.world.clock.sleep(1.0)
        return super().observe()


class TestRefusal:
    @pytest.mark.parametrize(
        ("history", "is_open"),
        [
            ([], False),
            (None, False),
            ([{"kind": "intent", "state": "open"}], True),
            ([{"kind": "intent", "state": "open"}, {"kind": "intent", "state": "settled"}], False),
            ([{"kind": "intent", "state": "open"}, {"kind": "served"}, "garbage"], True),
        ],
    )
    def test_an_open_intent_stays_open(self, history: Any, is_open: bool) -> None:
        shown = refusal(Refused("No"), history)
        assert shown == {
            "msg": "No.",
            "error_kind": "Refused",
            "changed": False,
            "intent_open": is_open,
            "rolled_back": False,
        }

    def test_what_cannot_be_reached_names_the_way_on(self) -> None:
        assert refusal(Unreachable("No answer"), [])["msg"] == (
            "No answer. Nothing was changed: run the same command again."
        )
        assert refusal(Unreachable("No answer", remedy="Check the network."), [])["msg"] == (
            "No answer. Check the network."
        )
