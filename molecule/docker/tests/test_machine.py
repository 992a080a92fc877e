"""The machine from outside: asked by commands in the container, without Ansible and without the collection."""

from __future__ import annotations

import json

import pytest
from machine import ASK, CONTAINER, answers_again, look, serves
from testinfra.host import Host

testinfra_hosts = [f"docker://{CONTAINER}"]
pytestmark = pytest.mark.usefixtures("nothing_left")


def test_systemd_runs_the_application_as_its_own_account(host: Host) -> None:
    unit = host.service("app")
    assert unit.is_running
    assert unit.is_enabled
    assert host.check_output("systemctl is-system-running") == "running"
    assert host.process.get(pid=int(look(host).process)).user == "app"


def test_the_release_that_current_leads_to_answers(host: Host) -> None:
    assert serves(host, "1.0.0").restarts == "0"
    assert json.loads(host.check_output("python3 -c %s", ASK % "/health")) == {"status": "ok", "version": "1.0.0"}


def test_the_person_who_deploys_has_no_rights_without_become(host: Host) -> None:
    assert host.user("deploy").uid != 0
    assert host.run("su deploy --command 'touch /srv/app/mine'").failed
    assert host.check_output("su deploy --command 'sudo --non-interactive id --user'") == "0"


def test_ansible_worked_as_the_person(host: Host) -> None:
    assert host.file("/home/deploy/.ansible/tmp").is_directory


def test_systemd_starts_it_again(host: Host) -> None:
    before = serves(host, "1.0.0")
    host.check_output("systemctl kill --signal KILL app")
    answers_again(host)
    after = serves(host, "1.0.0")
    assert (after.process != before.process, after.restarts) == (True, "1")
