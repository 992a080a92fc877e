"""How an expected run is started."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.starting import Manner, start_of
from tests.unit.plugins.plugin_utils._schedules.schedule_world import expected


def manner(*words: str, program: str | None = "/opt/bin/ansible-playbook", **environment: str) -> Manner:
    commands = Commands(["ansible-playbook", "schedule.yml", *words], exists=lambda path: False)
    return Manner(commands, lambda name: program, environment, "/srv/ops", "/srv/ops/ansible.cfg", "ops", "/etc/secret")


def test_a_run_is_started_as_this_one_was() -> None:
    run = expected(variables={"health_check_wait": True, "note": 'two "words" $HOME 100%'})
    made = start_of(run, manner("-i", "in ventory", "-e", "schedule_action=apply", "-l", "web"))
    assert made.argv == (
        *("/opt/bin/ansible-playbook", "steady.ops.health_check", "-i", "in ventory", "-l", "api"),
        *("-e", "health_check_action=check", "-e", "health_check_wait=true"),
        *("-e", r'{"note": "two \"words\" $HOME 100%"}'),
    )
    assert (made.directory, made.account, made.environment_file) == ("/srv/ops", "ops", "/etc/secret")


def test_only_names_and_places_are_handed_on() -> None:
    made = start_of(
        expected(), manner(ANSIBLE_HOME="/h", AWS_PROFILE="ops", AWS_SECRET_ACCESS_KEY="canary", SHELL="/bin/sh")
    )
    assert made.environment == {
        "PATH": "/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "ANSIBLE_CONFIG": "/srv/ops/ansible.cfg",
        "ANSIBLE_HOME": "/h",
        "AWS_PROFILE": "ops",
        "STEADY_SCHEDULE": "nightly/api",
    }


@pytest.mark.parametrize("words", [("-J",), ("--ask-vault-pass",), ("--vault-id", "prod@prompt")])
def test_nobody_is_there_to_type_a_password(words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="The command asks for a vault password, and nobody is there"):
        start_of(expected(), manner(*words))


def test_what_no_unit_can_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="The program ansible-playbook is not found"):
        start_of(expected(), manner(program=None))
    with pytest.raises(InvalidInput, match="has a control character"):
        start_of(expected(), manner("-i", "a\nb"))


def test_without_settings_none_are_named() -> None:
    commands = Commands(["ansible-playbook", "schedule.yml"], exists=lambda path: False)
    made = start_of(expected(), Manner(commands, lambda name: "/bin/ansible-playbook", {}, "/srv"))
    assert "ANSIBLE_CONFIG" not in made.environment
