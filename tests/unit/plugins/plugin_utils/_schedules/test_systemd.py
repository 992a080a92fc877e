"""Service and timer; real systemd reads them in tests/integration/test_schedules.py."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._schedules.systemd import quoted, states_of, units_of
from tests.unit.plugins.plugin_utils._schedules.schedule_world import MARK, expected, start

NAME = "steady-toy-lab-health_check-check-api"


def test_a_service_starts_words_and_nothing_else() -> None:
    service = units_of(expected(), start("-e", 'a=$HOME 100% "x" \\y'), MARK, user=False)[f"{NAME}.service"]
    assert service.startswith(f"{MARK}\n[Unit]\n")
    assert (
        r'ExecStart="/opt/venv/bin/ansible-playbook" "-e" "a=$$HOME 100%% \"x\" \\y"' in service
        and 'Environment="STEADY_SCHEDULE=nightly/api"' in service
    )
    assert "User=ops\n" in service and "KillMode=process\n" in service and "TimeoutStartSec=130min\n" in service
    assert "network-online" in service and "EnvironmentFile" not in service


def test_a_users_own_has_no_account_and_secrets_stay_in_their_file() -> None:
    service = units_of(expected(), start(environment_file="/etc/100%"), MARK, user=True)[f"{NAME}.service"]
    assert "User=" not in service and "network-online" not in service and "EnvironmentFile=/etc/100%%\n" in service
    assert "User=" not in units_of(expected(), start(account=""), MARK, user=False)[f"{NAME}.service"]


def test_a_timer_catches_up_and_is_spread() -> None:
    timer = units_of(expected(), start(), MARK, user=False)[f"{NAME}.timer"]
    assert "OnCalendar=*-*-* 02:30:00 Europe/Berlin\nOnCalendar=2029,2035" in timer
    assert "RandomizedDelaySec=10min\n" in timer and "Persistent=true\n" in timer and "timers.target" in timer


def test_a_dollar_is_nothing_where_nothing_is_expanded() -> None:
    assert quoted("$x", variables=False) == '"$x"' and quoted("ü") == '"ü"'


def test_states_are_read_by_name() -> None:
    shown = "Id=a.timer\nActiveState=active\n\nnoise\n\nId=b.timer\nActiveState=inactive\n"
    assert {name: state["ActiveState"] for name, state in states_of(shown).items()} == {
        "a.timer": "active",
        "b.timer": "inactive",
    }
