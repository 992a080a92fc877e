"""Releases that are bad in themselves."""

from __future__ import annotations

from typing import Any

from tests.faults.arena import REPOSITORY, Arena, probe_of
from tests.faults.case import OK, UNDONE, Case, Expect, Setup

BAD = {"release": "2.0.0"}


def bad(behaviour: Any, **settings: Any) -> Setup:
    """1.0.0 serves, and 2.0.0 is there and behaves so."""

    def arrange(arena: Arena) -> None:
        arena.adopted()
        arena.push("2.0.0", behaviour, **settings)

    return arrange


def _impatient_platform(arena: Arena) -> None:
    bad({"kind": "slow_start", "seconds": 4})(arena)
    arena.control.settings(durations={"startup": 600})


def _deaf_in_time(arena: Arena) -> None:
    bad({"kind": "dies_after", "seconds": 0, "mode": "hang"})(arena)
    arena.options["probe"] = probe_of(arena.probe["url"].partition("/api/")[0], timeout_seconds=0.3)


def _with_environment(arena: Arena) -> None:
    arena.adopted(environment={"KEPT": "yes"})
    arena.push("2.0.0", "not_ready")


def _without_version(arena: Arena) -> None:
    arena.adopted()
    arena.options["probe"] = {key: value for key, value in arena.probe.items() if key != "version"}


def _probe_of_another(arena: Arena) -> None:
    arena.adopted()
    arena.control.put_image(REPOSITORY, "other", "9.9.9")
    other = arena.control.create_service("another", f"{REPOSITORY}:other", auto_deployments=False)
    arena.options["probe"] = probe_of(other["url"])


CASES = (
    Case("crash_at_start", "the process exits", "start", Expect(UNDONE, words=("fatal:",)), bad("crash"), BAD),
    Case(
        "bad_migration", "a migration fails", "start", Expect(UNDONE, words=("migration",)), bad("bad_migration"), BAD
    ),
    Case(
        "slow_start_too_slow",
        "it starts too slowly for the platform",
        "start",
        Expect(UNDONE),
        _impatient_platform,
        BAD,
    ),
    Case(
        "slow_start_in_time",
        "it starts slowly, but in time",
        "start",
        Expect(OK, serves="2.0.0"),
        bad({"kind": "slow_start", "seconds": 1}),
        BAD,
    ),
    Case("wrong_port", "it listens on another port", "start", Expect(UNDONE), bad("ok", container_port=9999), BAD),
    Case(
        "wrong_version",
        "it states another version",
        "probe",
        Expect(UNDONE, sent=2, words=("0.0.1",)),
        bad("wrong_version"),
        BAD,
    ),
    Case(
        "another_program",
        "another program's JSON with status 200",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "grafana"}),
        BAD,
    ),
    Case(
        "html_page",
        "an HTML page with status 200",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "html"}),
        BAD,
    ),
    Case(
        "wrong_types",
        "the right keys with other types",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "wrong_type"}),
        BAD,
    ),
    Case(
        "empty_body",
        "an empty body with status 200",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "empty"}),
        BAD,
    ),
    Case(
        "never_ready", "readiness never comes", "probe", Expect(UNDONE, sent=2, words=("503",)), bad("not_ready"), BAD
    ),
    Case("errors", "it answers 500", "probe", Expect(UNDONE, sent=2, words=("500",)), bad("errors"), BAD),
    Case(
        "redirects",
        "it answers 302",
        "probe",
        Expect(UNDONE, sent=2, words=("302",)),
        bad({"kind": "errors", "status": 302}),
        BAD,
    ),
    Case("hangs", "it accepts and never answers", "probe", Expect(UNDONE, sent=2), _deaf_in_time, BAD),
    Case(
        "errors_in_the_window",
        "it turns to 500 after some requests",
        "stability window",
        Expect(UNDONE, sent=2, words=("stability window",)),
        bad({"kind": "dies_after", "requests": 8}),
        BAD,
    ),
    Case(
        "exits_in_the_window",
        "the process exits after some requests",
        "stability window",
        Expect(UNDONE, sent=2, words=("stability window",)),
        bad({"kind": "dies_after", "requests": 8, "mode": "exit"}),
        BAD,
    ),
    Case(
        "environment_goes_back",
        "its environment was changed with it",
        "undo",
        Expect(UNDONE, sent=2),
        _with_environment,
        {**BAD, "environment": {"ADDED": "1"}},
    ),
    Case(
        "no_version_stated",
        "the application states no version",
        "probe",
        Expect(OK, serves="1.1.0", finding="version_not_stated"),
        _without_version,
    ),
    Case(
        "environment_in_digest",
        "a variable has the value of a digest's digits and of the version",
        "records",
        Expect(OK, serves="1.1.0"),
        job={"release": "1.1.0", "environment": {"SHORT": "1", "VERSION": "1.1.0", "STATE": "verified"}},
        then=({"state": "rolled_back"}, Expect(OK)),
    ),
    Case(
        "probe_of_another_service",
        "the probe's URL is that of another service",
        "probe",
        Expect(UNDONE, sent=2, words=("9.9.9",)),
        _probe_of_another,
    ),
)
