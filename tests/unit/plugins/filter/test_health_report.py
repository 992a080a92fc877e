"""The filter health_report: from hostvars to the report."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsibleFilterError

from ansible_collections.steady.ops.plugins.filter.health_report import FilterModule, health_report

OK = {"findings": [{"id": "a", "severity": "ok", "message": "fine"}]}
DOWN = {"findings": [{"id": "a", "severity": "critical", "message": "down", "remedy": "Start it."}]}
WARM = {"findings": [{"id": "a", "severity": "warning", "message": "warm"}]}


def hosts(**answers: Any) -> dict[str, dict[str, object]]:
    kinds = {"api": "http", "database": "postgres"}
    return {
        name: {
            "component_kind": kinds[name],
            "component_depends_on": ["database"] if name == "api" else [],
            **({} if answer is None else {"answer": answer}),
        }
        for name, answer in answers.items()
    }


def test_the_report() -> None:
    report = health_report(hosts(api=OK, database=DOWN), ["api", "database"], "answer")
    assert (report["red"], report["first_broken"]) == (True, "database")
    assert report["sentence"] == "database (postgres) is broken: down; api depends on it. Start it."
    assert report["components"][1] == {  # type: ignore[index]
        "component": "api",
        "kind": "http",
        "severity": "ok",
        "message": "fine",
        "depends_on": ["database"],
        "broken_below": ["database"],
        "findings": OK["findings"],
    }


@pytest.mark.parametrize(
    ("answer", "fail_on", "red"),
    [
        (OK, None, False),
        (WARM, None, False),
        (WARM, "warning", True),
        (DOWN, "", True),
        (DOWN, "never", False),
        (None, None, True),
    ],
)
def test_when_it_is_red(answer: object, fail_on: str | None, red: bool) -> None:
    assert health_report(hosts(database=answer), ["database"], "answer", fail_on)["red"] is red


def test_what_gave_no_finding_says_why() -> None:
    def line(variables: dict[str, object]) -> str:
        return health_report({"api": variables}, ["api"], "answer")["lines"][0]  # type: ignore[index,no-any-return]

    assert line({"component_kind": "http"}) == "api  unknown    it was not asked"
    assert line({}) == "api  unknown    component_kind is none of http, command, postgres, redis, s3, tcp, job"
    assert line({"component_kind": "http", "answer": {"msg": "probe.url is missing."}}) == (
        "api  unknown    probe.url is missing."
    )
    wrapped = "Task failed: Finalization of task args for 'steady.ops.http_health' failed: 'api_url' is undefined"
    assert line({"component_kind": "http", "answer": {"msg": wrapped}}) == "api  unknown    'api_url' is undefined"
    assert line({"component_kind": "job"}).startswith("api  not asked")
    far = {"component_kind": "http", "component_reach": {"via": "container"}}
    assert line(far) == "api  unknown    it is reached via container, which health_check cannot do yet"
    assert line({**far, "answer": OK}) == "api  ok         fine"
    assert line({**far, "component_reach": {"via": "direct"}}) == "api  unknown    it was not asked"


def test_a_way_that_cannot_be_read_is_not_guessed() -> None:
    class Unreadable(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            if key == "component_reach":
                raise AnsibleError("'jump_host' is undefined")
            return super().get(key, default)

    report = health_report({"api": Unreadable(component_kind="http")}, ["api"], "answer")
    assert (report["red"], report["lines"]) == (True, ["api  unknown    it was not asked"])


def test_what_is_impossible_is_one_sentence() -> None:
    with pytest.raises(AnsibleFilterError, match="in a circle: api -> api"):
        health_report({"api": {"component_depends_on": ["api"]}}, ["api"], "answer")
    with pytest.raises(AnsibleFilterError, match="Use 'critical', 'warning' or 'never'"):
        health_report(hosts(database=OK), ["database"], "answer", "sometimes")


@pytest.mark.parametrize(
    ("answer", "platform", "told"),
    [
        (OK, "apprunner", ""),
        (DOWN, "apprunner", "ansible-playbook playbooks/releases.yml -i x.yml -l database"),
        (DOWN, "", "ansible-playbook playbooks/health_check.yml -i x.yml -l database"),
        (None, "apprunner", "ansible-playbook playbooks/health_check.yml -i x.yml -l database"),
    ],
)
def test_the_next_command_looks_at_the_first_that_is_broken(
    monkeypatch: pytest.MonkeyPatch, answer: object, platform: str, told: str
) -> None:
    monkeypatch.setattr("sys.argv", ["ansible-playbook", "playbooks/health_check.yml", "-i", "x.yml", "-l", "api"])
    world = hosts(database=answer)
    world["database"]["component_platform"] = platform
    assert health_report(world, ["database"], "answer")["next"] == told


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"health_report": health_report}
