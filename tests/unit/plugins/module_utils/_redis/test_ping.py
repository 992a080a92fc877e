"""What a Redis server's answer means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    MissingDriver,
    OpsError,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._redis.ping import Facts, ask, judge

PLACE = "Redis at cache port 6379"

TABLE = [
    (Facts("PONG", "primary", 1.2), "any", None, "redis_ok", "ok", f"{PLACE} answered PONG in 1 ms"),
    (Facts("PONG", "primary", 1.2), "primary", 1.2, "redis_ok", "ok", None),
    (
        Facts("hi", None, 1.2),
        "any",
        None,
        "redis_answer",
        "critical",
        f"{PLACE} answered PING with 'hi', wanted PONG",
    ),
    (Facts("PONG", "replica", 1.2), "primary", None, "redis_role", "critical", f"{PLACE} is replica, wanted primary"),
    (
        Facts("PONG", None, 1.2),
        "primary",
        None,
        "redis_role",
        "unknown",
        f"{PLACE} is of a role that it does not say, wanted primary",
    ),
    (Facts("PONG", None, 2.0), "any", 1, "redis_latency", "critical", f"{PLACE} answered in 2 ms, above 1 ms"),
    (AccessDenied("Wrong password"), "any", None, "redis_denied", "unknown", "Wrong password"),
    (Unreachable("Nobody there"), "any", None, "redis_unreachable", "unknown", "Nobody there"),
    (Unreachable("Loading", details={"server": True}), "any", None, "redis_refuses", "critical", "Loading"),
]


@pytest.mark.parametrize(("found", "role", "max_ms", "id", "severity", "message"), TABLE)
def test_one_finding(
    found: Facts | OpsError, role: str, max_ms: float | None, id: str, severity: str, message: str | None
) -> None:
    finding = judge(PLACE, found, role=role, max_ms=max_ms)
    assert (finding.id, finding.severity.value) == (id, severity)
    assert message in (None, finding.message)


class Answers:
    """A session that answers from a table."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers

    def command(self, *words: str) -> object:
        answer = self.answers[words[0]]
        if isinstance(answer, OpsError):
            raise answer
        return answer


def asked(**answers: object) -> Facts | OpsError:
    @contextmanager
    def opened() -> Iterator[Answers]:
        yield Answers(answers)

    return ask(opened)


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        (["master", 0, []], "primary"),
        (["slave", "h", 1], "replica"),
        (["odd"], None),
        ([], None),
        ("odd", None),
        (AccessDenied("no"), None),
    ],
)
def test_the_role_is_what_the_server_says(answer: object, role: str | None) -> None:
    found = asked(PING="PONG", ROLE=answer)
    assert isinstance(found, Facts)
    assert found.as_dict() == {"answer": "PONG", "role": role, "latency_ms": round(found.latency_ms, 1)}


def test_an_error_about_the_server_is_an_answer_and_another_is_not() -> None:
    assert isinstance(asked(PING=Unreachable("Gone")), Unreachable)
    with pytest.raises(MissingDriver):
        asked(PING=MissingDriver("No driver"))
