"""What a database's answer means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    MissingDriver,
    NotFound,
    OpsError,
    RequestRefused,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._postgres.ping import Facts, Wanted, ask, judge

PLACE = "database sales at db port 5432"
FACTS = Facts("sales", "monitor", "15.18", False, 60, "730", 8.4)
STANDBY = Facts("sales", "monitor", "15.18", True, 60, None, 8.4)

TABLE = [
    (FACTS, Wanted(), "postgres_ok", "ok", f"{PLACE} answered SELECT 1 in 8 ms, PostgreSQL 15.18, primary"),
    (FACTS, Wanted("primary", "730", 8.4), "postgres_ok", "ok", None),
    (STANDBY, Wanted("standby"), "postgres_ok", "ok", None),
    (STANDBY, Wanted("primary"), "postgres_role", "critical", f"The {PLACE} is the standby, wanted the primary"),
    (FACTS, Wanted("any", "731"), "postgres_identity", "critical", f"The {PLACE} belongs to 730, wanted 731"),
    (
        STANDBY,
        Wanted("any", "731"),
        "postgres_identity",
        "unknown",
        f"The {PLACE} belongs to a cluster that does not say which one it is, wanted 731",
    ),
    (FACTS, Wanted(max_ms=8), "postgres_latency", "critical", f"The {PLACE} answered in 8 ms, above 8 ms"),
    (NotFound("No such database"), Wanted(), "postgres_no_database", "critical", "No such database"),
    (AccessDenied("Wrong password"), Wanted(), "postgres_denied", "unknown", "Wrong password"),
    (Unreachable("Nobody there"), Wanted(), "postgres_unreachable", "unknown", "Nobody there"),
    (Unreachable("Full", details={"server": True}), Wanted(), "postgres_refuses", "critical", "Full"),
]


@pytest.mark.parametrize(("found", "wanted", "id", "severity", "message"), TABLE)
def test_one_finding(found: Facts | OpsError, wanted: Wanted, id: str, severity: str, message: str | None) -> None:
    (finding,) = judge(PLACE, found, wanted)
    assert (finding.id, finding.severity.value) == (id, severity)
    assert message in (None, finding.message)


def test_all_that_is_wrong_is_named() -> None:
    found = judge(PLACE, STANDBY, Wanted("primary", "731", 1))
    assert [finding.id for finding in found] == ["postgres_role", "postgres_identity", "postgres_latency"]


class Answers:
    """A session that answers from a table."""

    def __init__(self, *answers: list[tuple[Any, ...]] | OpsError) -> None:
        self.answers = list(answers)

    def query(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        answer = self.answers.pop(0)
        if isinstance(answer, OpsError):
            raise answer
        return answer


def asked(*answers: list[tuple[Any, ...]] | OpsError) -> Facts | OpsError:
    @contextmanager
    def opened() -> Iterator[Answers]:
        yield Answers(*answers)

    return ask(opened)


ROW: list[tuple[Any, ...]] = [(1, "sales", "monitor", "15.18", False, 60)]


def test_asking() -> None:
    found = asked(ROW, [("730",)])
    assert isinstance(found, Facts)
    assert found.as_dict() == {
        "name": "sales",
        "user": "monitor",
        "server_version": "15.18",
        "role": "primary",
        "uptime_seconds": 60,
        "system_identifier": "730",
        "latency_ms": round(found.latency_ms, 1),
    }


def test_a_server_that_hides_its_number_is_still_well() -> None:
    found = asked(ROW, RequestRefused("No"))
    assert isinstance(found, Facts)
    assert found.system_identifier is None


def test_an_error_about_the_database_is_an_answer_and_another_is_not() -> None:
    assert isinstance(asked(Unreachable("Gone")), Unreachable)
    with pytest.raises(MissingDriver):
        asked(MissingDriver("No driver"))
