"""The AWS connection: read from a module's options, and silent about its secrets."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._aws.options import AWS_OPTIONS, AwsConnection


def test_every_option_arrives() -> None:
    given = {name: f"the {name}" for name in AWS_OPTIONS if name != "validate_certs"}

    connection = AwsConnection.from_options({**given, "validate_certs": False, "service": "another option"})

    assert vars(connection) == {**given, "validate_certs": False}


def test_an_empty_string_is_not_given() -> None:
    assert AwsConnection.from_options(dict.fromkeys(AWS_OPTIONS, "")) == AwsConnection()


def test_certificates_are_checked_unless_that_is_switched_off() -> None:
    assert AwsConnection.from_options({}).validate_certs
    assert AwsConnection.from_options({"validate_certs": None}).validate_certs


def test_secrets_are_not_shown_and_not_logged() -> None:
    secrets = [name for name, option in AWS_OPTIONS.items() if option.get("no_log")]

    assert secrets == ["access_key", "secret_key", "session_token"]
    assert "canary" not in repr(AwsConnection.from_options(dict.fromkeys(secrets, "canary")))
