"""The databases of the lab's PostgreSQL: one per system, filled from lab/data/<system>.sql in one transaction each."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    import psycopg

    from lab.parts import Lab

APP_ROLES = {  # database (= system): the role that its application connects as, and that owns its tables
    "smartunderwrite": "smartunderwrite",
    "audit_app": "audit_app",
    "accu": "accu_user",
    "sanvi": "sanvi",
    "asset_anchor": "asset_anchor",
}
DATA = Path(__file__).resolve().parent.parent / "data"


def connect(lab: Lab, database: str) -> psycopg.Connection:
    """A connection as the lab's superuser, which commits each statement."""
    try:
        import psycopg
    except ImportError:
        raise LabError("The lab needs psycopg in this Python: run `make demo`, or use .venv/bin/python.") from None
    return psycopg.connect(
        host="127.0.0.1", port=lab.port("postgres"), user="steady", dbname=database, connect_timeout=3, autocommit=True,
        password=lab.place.secret("postgres").read_text(), application_name="steady lab",
    )


def create_databases(lab: Lab) -> None:
    """Make roles, databases and content where they are missing, half done, or of another size than asked for."""
    with connect(lab, "postgres") as connection:
        found = dict(connection.execute(
            "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database").fetchall())
        for database, role in APP_ROLES.items():
            _ensure_role(lab, connection, database, role)
        wanted = [each for each in APP_ROLES if not _is_filled(lab, found.get(each))]
        for database in wanted:
            if database in found:
                connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}" OWNER "{APP_ROLES[database]}"')
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda database: _fill(lab, database), wanted))
    if wanted:
        lab.say(f"  postgres: filled {', '.join(wanted)} ({lab.rows} rows in the largest table)")


def _is_filled(lab: Lab, comment: str | None) -> bool:
    """A whole database carries the lab's comment; its size counts only when the person asked for one."""
    if not comment or not comment.startswith("steady lab"):
        return False
    return comment == _comment(lab) if lab.rows_asked else True


def _comment(lab: Lab) -> str:
    return f"steady lab, {lab.rows} rows"


def _ensure_role(lab: Lab, connection: psycopg.Connection, database: str, role: str) -> None:
    """The application's role. The server gets the password's SCRAM verifier, so that no log can hold the password."""
    from psycopg import sql

    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        return
    password = lab.place.secret(f"postgres-{database}").read_text()
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _fill(lab: Lab, database: str) -> None:
    """Everything in one transaction whose last statement is the comment: a killed fill leaves an empty database."""
    with connect(lab, database) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        with connection.transaction():
            connection.execute(f'SET LOCAL ROLE "{APP_ROLES[database]}"')
            connection.execute(f"SET LOCAL lab.rows = {lab.rows}")
            connection.execute((DATA / "functions.sql").read_text())
            connection.execute((DATA / f"{database}.sql").read_text())
            connection.execute(f"COMMENT ON DATABASE \"{database}\" IS '{_comment(lab)}'")
        connection.execute("VACUUM (ANALYZE)")


def content_digest() -> str:
    """A digest over the SQL files, by which a test sees that the content it knows has changed."""
    files = sorted(DATA.glob("*.sql"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()
