"""Files for cron."""

from __future__ import annotations

import json

from ansible_collections.steady.ops.plugins.plugin_utils._schedules.cron import cron_name, files_of, jobs_name
from tests.unit.plugins.plugin_utils._schedules.schedule_world import MARK, expected, start


def test_cron_only_asks_whether_something_is_due() -> None:
    launcher = ["/opt/100% venv/python", "-I"]
    files = files_of([(expected(), start())], "toy/lab", MARK, directory="/etc/cron.d", launcher=launcher)
    lines = files["steady-toy-lab"].splitlines()
    assert lines[0] == MARK and lines[-1] == (
        r"0,15,30,45 * * * * ops exec '/opt/100\% venv/python' -I /etc/cron.d/.steady-toy-lab.json"
        " steady-toy-lab-health_check-check-api"
    )
    job = json.loads(files[".steady-toy-lab.json"])["jobs"]["steady-toy-lab-health_check-check-api"]
    assert job["argv"] == list(start().argv) and job["rule"]["at"] == ["02:30"] and job["timeout_minutes"] == 130


def test_nothing_expected_is_no_file() -> None:
    assert files_of([], "toy/lab", MARK, directory="/etc/cron.d", launcher=[]) == {}


def test_names_are_such_as_cron_reads() -> None:
    odd = cron_name("my_system/lab")
    assert odd.startswith("steady-mysystem-lab-") and odd != cron_name("mysystem/lab") == "steady-mysystem-lab"
    assert jobs_name("my_system/lab") == f".{odd}.json"
