"""Release directories on the real playbooks: sanvi's two components as one unit, alone, and beside App Runner.

Runs go through ansible-runner on a copy of sanvi's own lab inventory; what they come to is judged by what the processes
answer, by the directory that each really runs in, and by the runbook's own commands.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.fakes.apprunner.control import start
from tests.integration.machines import API, FRONTEND, System, curl, results
from tests.integration.stage import HEALTH, REGISTRY
from tests.proofs.plugin import ProveProcedure

DEPLOY = "release_dir_deploy"
# the page of a web server that nobody configured: any 200 passes the runbook's curl -f
IT_WORKS = {"kind": "wrong_body", "body": "html"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh ledger of sanvi's lab, to be copied: initialising costs a run."""
    system = System("sanvi", tmp_path_factory.mktemp("ledger"))
    system.initialise()
    return system.home / "ledger"


@pytest.fixture
def sanvi(tmp_path: Path, ledger: Path) -> Iterator[System]:
    """sanvi's api and frontend, 1.6.1 running and unrecorded; 1.7.0 is good, 1.8.0's frontend is not."""
    system = System("sanvi", tmp_path)
    for name, contract in (("api", API), ("frontend", FRONTEND)):
        application = system.add(name, contract)
        for version in ("1.7.0", "1.8.0"):
            bad = (name, version) == ("frontend", "1.8.0")
            application.pack(version, IT_WORKS if bad else "ok")
        application.run_first("1.6.1")
    shutil.copytree(ledger, tmp_path / "ledger")
    yield system
    system.close()


def versions(system: System) -> dict[str, str]:
    return {name: application.serves()[0] for name, application in system.applications.items()}


@pytest.mark.procedure("SM-30")
def test_sanvi_is_adopted_deployed_put_back_and_rolled_back_as_one(
    sanvi: System, prove_procedure: ProveProcedure
) -> None:
    api, frontend = sanvi.applications["api"], sanvi.applications["frontend"]
    processes = {api.process, frontend.process}
    sanvi.green("deploy", deploy_action="adopt")
    planned = sanvi.green("deploy", check=True, deploy_release="1.7.0")
    assert {api.process, frontend.process} == processes, "adopting and planning changed what runs"
    assert {api.linked, frontend.linked} == {"1.6.1"}

    done = sanvi.green("deploy", deploy_release="1.7.0")
    assert versions(sanvi) == {"api": "1.7.0", "frontend": "1.7.0"}
    assert [each.serves()[1] for each in (api, frontend)] == [api.linked, frontend.linked]
    told, came = ({item["of"]: item for item in results(played, DEPLOY)} for played in (planned, done))
    for name in ("api", "frontend"):
        assert (told[name]["diff"], told[name]["plan_hash"]) == (came[name]["diff"], came[name]["plan_hash"])
        assert came[name]["release"]["version"] == "1.7.0"

    processes = {api.process, frontend.process}
    again = sanvi.green("deploy", deploy_release="1.7.0")
    assert not any(item["changed"] for item in results(again, DEPLOY))
    assert {api.process, frontend.process} == processes, "the second run changed nothing"

    # the hazard: an eye takes the newest other entry of the list for the last good one, and 1.8.0 never worked
    bad = sanvi.red("deploy", deploy_release="1.8.0")
    assert versions(sanvi) == {"api": "1.7.0", "frontend": "1.7.0"}
    assert "answered 200, but 'Sanvi Machinery' is not in its body" in bad.output, bad.output
    assert "The deploy of api, frontend was undone: api serves 1.7.0" in " ".join(bad.output.split()), bad.output
    newest = [record["id"] for record in sanvi.records("release") if record["component"] == "frontend"][-1]
    (verdict,) = (record["verdict"] for record in sanvi.records("verdict") if record["release"] == newest)
    assert verdict == "failed"

    sanvi.green("rollback", rollback_from="1.7.0", rollback_reason="it is slow")
    assert versions(sanvi) == {"api": "1.6.1", "frontend": "1.6.1"}, "what was adopted can be brought back"
    processes = {api.process, frontend.process}
    repeated = sanvi.green("rollback", rollback_from="1.7.0")
    assert not any(item["changed"] for item in results(repeated, DEPLOY))
    assert {api.process, frontend.process} == processes
    observation = (
        "both processes answered 1.7.0 again after 1.8.0's frontend failed, 1.6.1 after the rollback, though 1.8.0 "
        "is the newest other release in the list; each ran in its own release's directory"
    )
    prove_procedure("SM-30", "rollback", sanvi.journal(), observation)


@pytest.fixture
def alone(sanvi: System) -> System:
    """sanvi's api without its frontend, adopted."""
    hosts = sanvi.home / "inventory" / "hosts.yml"
    tree = yaml.safe_load(hosts.read_text())
    for group in ("services", "lab"):
        del tree["all"]["children"][group]["hosts"]["frontend"]
    hosts.write_text(yaml.safe_dump(tree, sort_keys=False))
    sanvi.green("deploy", deploy_action="adopt")
    return sanvi


def test_a_release_that_does_not_pass_goes_back_by_itself(alone: System) -> None:
    api = alone.applications["api"]
    api.pack("2.0.0", "crash")
    api.pack("2.0.1", {"kind": "wrong_version", "version": "1.6.1"})
    for version, why in (("2.0.0", "the platform ended it with DOWN"), ("2.0.1", "states version 1.6.1, wanted 2.0.1")):
        failed = alone.red("deploy", deploy_release=version)
        result = results(failed, DEPLOY)[-1]
        assert (result["rolled_back"], result["serving"]["version"]) == (True, "1.6.1"), failed.output
        assert why in result["msg"]
        assert api.serves() == ("1.6.1", "1.6.1")
        assert "Next: ansible-playbook playbooks/releases.yml" in failed.output
    listed = alone.green("releases").result("release_dir_release_info")
    verdicts = {item["version"]: (item["verdict"], item["serving"]) for item in listed["releases"]}
    assert verdicts == {"1.6.1": ("verified", True), "2.0.0": ("failed", False), "2.0.1": ("failed", False)}

    # what cannot be had is refused before anything is touched
    process, judged = api.process, alone.records("verdict")
    (api.home / "artefacts" / "2.1.0.tar.gz").write_bytes(b"no archive at all")
    for version in ("2.1.0", "7.7.7"):
        assert version in alone.red("deploy", deploy_release=version).output
    assert (api.process, api.linked) == (process, "1.6.1")
    assert alone.records("verdict") == judged


SMOKE = """\
import os, sys, urllib.request
told = {name: os.environ.get(name) for name in ("STEADY_COMPONENT", "STEADY_RELEASE", "STEADY_VERSION")}
open(sys.argv[2], "a").write(repr(told) + chr(10))
served = urllib.request.urlopen(sys.argv[1] + "/version").read().decode()
if '"2.0.0"' in served:
    sys.exit("ordering a machine\\ncheckout answered 500, password=" + os.environ["SMOKE_PASSWORD"])
"""


def test_a_smoke_test_that_fails_sends_a_release_back(
    alone: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMOKE_PASSWORD", "machinery-hunter2")
    api, script, told = alone.applications["api"], tmp_path / "smoke.py", tmp_path / "told"
    script.write_text(SMOKE)
    kept = yaml.safe_load((alone.home / "inventory" / "host_vars" / "api.yml").read_text())
    smoke = {"command": [sys.executable, str(script), api.url, str(told)], "environment": ["SMOKE_PASSWORD"]}
    alone.component("api", {**kept, "component_probe": {**kept["component_probe"], **smoke}})
    api.pack("2.0.0")
    alone.green("deploy", deploy_release="1.7.0")
    (recorded,) = (record for record in alone.records("release") if record["version"] == "1.7.0")
    assert recorded["probe"]["command"] == smoke["command"]
    failed = alone.red("deploy", deploy_release="2.0.0")
    result = results(failed, DEPLOY)[-1]
    assert (result["rolled_back"], result["serving"]["version"]) == (True, "1.7.0"), failed.output
    assert result["msg"].count("ended with 1: checkout answered 500, password=********") == 1, result["msg"]
    assert api.serves() == ("1.7.0", api.linked)
    release = results(failed, DEPLOY)[-1]["release"]
    assert repr({"STEADY_COMPONENT": "api", "STEADY_RELEASE": release["id"], "STEADY_VERSION": "2.0.0"}) in (
        told.read_text().splitlines()
    )
    assert "hunter2" not in failed.output + json.dumps(alone.journal()) + json.dumps(alone.records("verdict"))

    # 1.6.1 was recorded without a command, and is proved as it was recorded
    alone.component("api", {**kept, "component_probe": {**kept["component_probe"], "command": ["/no/such/smoke"]}})
    alone.green("rollback")
    assert api.serves() == ("1.6.1", "1.6.1")

    # and on its own: a component of which nothing listens is asked by its command, on its machine
    assert kept["component_options"].pop("become") is not None, "also where nobody is become"
    alone.component("api", {**kept, "component_kind": "command", "component_probe": smoke})
    well = alone.green("health_check", limit="api")
    assert f"the command {sys.executable} passed in " in well.output, well.output
    broken = {"command": ["/no/such/smoke"], "consecutive": 1}
    alone.component("api", {**kept, "component_kind": "command", "component_probe": broken})
    red = alone.red("health_check", limit="api")
    assert "api (command) cannot be said to be well: the command /no/such/smoke" in " ".join(red.output.split())


@pytest.fixture
def two_platforms(sanvi: System, tmp_path: Path) -> Iterator[System]:
    """sanvi's frontend as it is, and its api moved to App Runner."""
    with start(tmp_path / "fake", 600) as fake:
        sanvi.control, sanvi.endpoint = fake.control, fake.endpoint
        for version in ("1.6.1", "1.7.0", "1.8.0"):
            fake.control.put_image("sanvi/api", version, version, "ok")
        truth = fake.control.create_service("sanvi-api", "sanvi/api:1.6.1", health_check={"path": HEALTH})
        page = sanvi.home / "inventory" / "host_vars" / "api.yml"
        kept = yaml.safe_load(page.read_text())
        probe = {**kept["component_probe"], "url": f"{truth['url']}{HEALTH}"}
        options = {
            "service": "sanvi-api",
            "image_repository": f"{REGISTRY}/sanvi/api",
            "poll_seconds": 0.1,
            "settle_seconds": 2.0,
            "switch_timeout_seconds": 30.0,
        }
        connection = {
            "region": "us-east-1",
            "endpoint_url": fake.endpoint,
            "access_key": "AKIATESTTESTTESTTEST",
            "secret_key": "a-secret-key-of-the-test",
        }
        changed = {"component_platform": "apprunner", "component_options": options, "component_probe": probe}
        sanvi.component("api", {**kept, **changed, "aws_connection": connection})
        sanvi.applications.pop("api").close()
        yield sanvi
        assert fake.control.broken() == []


def test_a_unit_over_two_platforms_returns_as_one(two_platforms: System) -> None:
    system, frontend = two_platforms, two_platforms.applications["frontend"]

    def seen() -> tuple[str, str]:
        digest = system.control.truth("sanvi-api")["serving_digest"]
        known = {record["digest"]: record["version"] for record in system.records("release")}
        return str(known[digest]), frontend.serves()[0]

    system.green("deploy", deploy_action="adopt")
    assert seen() == ("1.6.1", "1.6.1")
    system.green("deploy", deploy_release="1.7.0")
    assert seen() == ("1.7.0", "1.7.0")
    failed = system.red("deploy", deploy_release="1.8.0")
    assert seen() == ("1.7.0", "1.7.0"), "App Runner's component went back because the machine's did not pass"
    assert "The deploy of api, frontend was undone: api serves 1.7.0" in " ".join(failed.output.split()), failed.output
    system.green("rollback")
    assert seen() == ("1.6.1", "1.6.1")


@pytest.mark.procedure("SM-10")
def test_another_page_on_the_port_is_not_the_frontend(sanvi: System, prove_procedure: ProveProcedure) -> None:
    frontend = sanvi.applications["frontend"]
    assert sanvi.green("health_check", limit="frontend").rc == 0
    other = sanvi.add("other", [{"path": "/", "role": "health", "body": "<html><body>It works!</body></html>"}])
    other.run_first("1.0.0")
    half = sanvi.add("half", FRONTEND[:1])
    half.run_first("1.0.0")
    for page, why in ((other, "Sanvi Machinery"), (half, "/favicon.ico answered 404")):
        code, _body = curl("-f", f"{page.url}/")
        assert code == 0, "the runbook's curl -f takes any 200 for the frontend"
        sanvi.change(frontend_url=page.url)
        red = sanvi.red("health_check", limit="frontend")
        assert why in red.output, red.output
    sanvi.change(frontend_url=frontend.url)
    sanvi.green("health_check", limit="frontend")
    observation = (
        "curl -f exited 0 on a foreign page and on one without its asset; both runs were red, the true one green"
    )
    prove_procedure("SM-10", "health_check", sanvi.journal(), observation)


@pytest.mark.procedure("SM-01")
def test_every_component_is_asked_where_it_runs(sanvi: System, prove_procedure: ProveProcedure) -> None:
    inventories = Path(__file__).parents[2] / "inventories" / "sanvi"
    production = yaml.safe_load((inventories / "production.yml").read_text())["all"]["children"]["production"]["hosts"]
    # what the runbook lists, each a component with a kind of its own; CI/CD and Terraform run nothing that is asked
    listed = {"frontend", "api", "database", "prometheus", "grafana", "alertmanager", "loki", "promtail"}
    assert listed <= set(production)
    kinds = {name: yaml.safe_load((inventories / "host_vars" / f"{name}.yml").read_text()) for name in listed}
    assert {name for name, facts in kinds.items() if facts.get("component_platform")} == {"api", "frontend"}
    values = yaml.safe_load((inventories / "group_vars" / "production.yml").read_text())
    # the hazard: "deployed to AWS", and every command is for the host on which it is typed
    assert (values["machine_connection"], values["api_supervisor"]["kind"]) == ("ssh", "systemd")
    assert "localhost" not in values["api_url"] and "{{ machine_address }}" in values["api_url"]

    green = sanvi.green("health_check", limit="api,frontend")
    assert "All 2 components that were asked are well." in green.output, green.output
    sanvi.applications["api"].close()
    red = sanvi.red("health_check", limit="api,frontend")
    assert "api (http)" in red.output and "frontend depends on it" in red.output, red.output
    code, _body = curl("-f", f"{sanvi.applications['frontend'].url}/")
    assert code == 0, "the component that depends on it still answers for itself"
    observation = (
        "api's process was gone, frontend answered curl: the run named api as broken and frontend as its dependant"
    )
    prove_procedure("SM-01", "health_check", sanvi.journal(), observation)


@pytest.mark.procedure("AA-65")
def test_after_a_rollback_the_version_is_verified_and_not_the_200(
    tmp_path: Path, prove_procedure: ProveProcedure
) -> None:
    system = System("audit_app", tmp_path)
    try:
        target, left, sick = (system.add(name, API) for name in ("target", "left", "sick"))
        target.run_first("1.2.3")
        left.run_first("1.3.0")
        sick.pack("1.2.3", {"kind": "errors", "status": 503})
        sick.run_first("1.2.3")
        system.initialise()
        wanted = {"limit": "api", "health_check_version": "1.2.3", "health_check_wait": True}
        system.change(api_url=left.url)
        assert curl(f"{left.url}/health")[0] == 0, "curl exits 0 while the release that should be gone answers"
        red = system.red("health_check", **wanted)
        assert "states version 1.3.0, wanted 1.2.3" in red.output, red.output
        system.change(api_url=target.url)
        system.green("health_check", **wanted)
        observation = "curl exited 0 on 1.3.0, which the rollback should have left: red; green where 1.2.3 answered"
        prove_procedure("AA-65", "health_check", system.journal(), observation)
    finally:
        system.close()
