"""The connection options: a blank answer is not given, and no password is shown."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._redis.options import REDIS_OPTIONS, RedisConnection

PLACE = "Redis at cache port 6379"


def test_options_read_blank_as_not_given() -> None:
    blank = RedisConnection.from_options({**dict.fromkeys(REDIS_OPTIONS, ""), "tls": False, "validate_certs": True})
    assert blank == RedisConnection("localhost", 6379)
    full = RedisConnection.from_options({"login_host": "cache", "login_password": "hush", "tls": True})
    assert (full.tls, full.validate_certs, full.place) == (True, True, PLACE)
    assert "hush" not in repr(full)
