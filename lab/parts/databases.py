# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The databases of the lab's PostgreSQL: one per system, filled from lab/data/<system>.sql in one transaction each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    import psycopg

    from lab.parts import Lab


@dataclass(frozen=True)
class Database:
    """One system's database: its name, and the role that the application connects as and that owns the tables."""

    name: str
    role: str


DATABASES = {
    "smartunderwrite": Database("smartunderwrite", "smartunderwrite"),
    "audit_app": Database("audit_app", "audit_app"),
    "accu": Database("accu_platform", "accu_user"),
    "sanvi": Database("sanvi", "sanvi"),
    "asset_anchor": Database("asset_anchor", "asset_anchor"),
}
DATA = Path(__file__).resolve().parent.parent / "data"


FILLING = "steady lab, filling"


def connect(lab: Lab, database: str, name: str = "steady lab") -> psycopg.Connection:
    """A connection as the lab's superuser, which commits each statement."""
    try:
        import psycopg
    except ImportError:
        raise LabError("postgres: psycopg is not in this Python: run `make demo`, or use .venv/bin/python.") from None
    return psycopg.connect(
        host="127.0.0.1",
        port=lab.port("postgres"),
        user="steady",
        dbname=database,
        connect_timeout=3,
        autocommit=True,
        password=lab.place.secret("postgres").read_text(),
        application_name=name,
    )


def password_of(lab: Lab, system: str) -> Path:
    """The file with the password of a system's role."""
    return lab.place.secret(f"postgres-{system}")


def create_databases(lab: Lab) -> None:
    """Make roles, databases and content where they are missing, half done, or of another size than asked for."""
    with connect(lab, "postgres", FILLING) as connection:
        # A killed `up` leaves sessions that still make or fill a database; wait until they are gone.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity "
            "WHERE application_name = %s AND pid <> pg_backend_pid()",
            (FILLING,),
        )
        found: dict[str, str] = dict(
            connection.execute(
                "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
            ).fetchall()
        )
        for system, database in DATABASES.items():
            _ensure_role(connection, database.role, password_of(lab, system).read_text())
        wanted = [system for system, database in DATABASES.items() if not _is_filled(lab, found.get(database.name))]
        for database in (DATABASES[system] for system in wanted):
            if database.name in found:
                connection.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database.name}" OWNER "{database.role}"')
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda system: _fill(lab, system), wanted))
    if wanted:
        lab.say(f"  postgres: filled the databases of {', '.join(wanted)} ({lab.rows} rows in the largest table)")


def _is_filled(lab: Lab, comment: str | None) -> bool:
    """A whole database carries the lab's comment; its size counts only when the person asked for one."""
    if not comment or not comment.startswith("steady lab"):
        return False
    return comment == _comment(lab) if lab.rows_asked else True


def _comment(lab: Lab) -> str:
    return f"steady lab, {lab.rows} rows"


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """The application's role. The server gets the password's SCRAM verifier, so that no log can hold the password."""
    from psycopg import sql

    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        return
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _fill(lab: Lab, system: str) -> None:
    """Everything in one transaction whose last statement is the comment: a killed fill leaves an empty database."""
    database = DATABASES[system]
    with connect(lab, database.name, FILLING) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        with connection.transaction():
            connection.execute(f'SET LOCAL ROLE "{database.role}"')
            connection.execute(f"SET LOCAL lab.rows = {lab.rows}")
            connection.execute((DATA / "functions.sql").read_text())
            connection.execute((DATA / f"{system}.sql").read_text())
            connection.execute(f"COMMENT ON DATABASE \"{database.name}\" IS '{_comment(lab)}'")
    # A session of its own: the first one's counters arrive at its end, and after a VACUUM they would count rows twice.
    with connect(lab, database.name, FILLING) as connection:
        connection.execute("VACUUM (ANALYZE)")
