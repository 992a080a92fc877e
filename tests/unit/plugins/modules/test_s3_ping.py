"""s3_ping in process."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.modules import s3_ping
from tests.unit.plugins.modules.looking import CLOSED, assert_unknown_and_red, run


def test_nobody_there_is_unknown_and_red() -> None:
    result = run(
        s3_ping,
        bucket="documents",
        endpoint_url=f"http://127.0.0.1:{CLOSED}",
        region="us-east-1",
        access_key="lab",
        secret_key="hush-hush",
    )
    assert_unknown_and_red(result, "s3_unreachable", "bucket")
    assert "hush-hush" not in str(result["findings"])
