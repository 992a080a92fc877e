# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readiness checks that really look: a database query and a bucket request, with drivers imported only when asked."""

from __future__ import annotations

from pathlib import Path

from lab.app.settings import Settings


def failed_checks(settings: Settings) -> list[str]:
    """Names of the checks that fail now (`database`, `storage`); checks without settings are not made."""
    failed = []
    if settings.database and not _database_answers(str(settings.database["dsn_file"])):
        failed.append("database")
    if settings.storage and not _bucket_answers(settings.storage):
        failed.append("storage")
    return failed


def _database_answers(dsn_file: str) -> bool:
    import psycopg

    try:
        dsn = Path(dsn_file).read_text(encoding="utf-8").strip()
        with psycopg.connect(dsn, connect_timeout=2, autocommit=True) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except (OSError, psycopg.Error) as error:
        # The driver's message can hold the host and user, never the password; its class is enough for a log.
        print(f"error: database check failed: {type(error).__name__}", flush=True)
        return False


def _bucket_answers(storage: dict[str, str]) -> bool:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=storage.get("endpoint_url"),
        region_name=storage.get("region", "us-east-1"),
        aws_access_key_id=storage.get("access_key", "lab"),
        aws_secret_access_key=storage.get("secret_key", "lab"),
        config=Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 1}),
    )
    try:
        client.head_bucket(Bucket=storage["bucket"])
    except (BotoCoreError, ClientError) as error:
        print(f"error: storage check failed: {type(error).__name__}", flush=True)
        return False
    return True
