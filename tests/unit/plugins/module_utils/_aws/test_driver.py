"""The AWS driver: which client is made, and which error of ours each error of the provider becomes."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import botocore.exceptions as provider
import pytest

from ansible_collections.steady.ops.plugins.module_utils import _errors
from ansible_collections.steady.ops.plugins.module_utils._aws import driver
from ansible_collections.steady.ops.plugins.module_utils._aws.options import AwsConnection

LAB = AwsConnection(region="us-east-1", access_key="a", secret_key="s", endpoint_url="http://127.0.0.1:1")


class Client:
    """Answers every call with one answer, or one error."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer
        self.seen: dict[str, Any] = {}

    def describe_service(self, **parameters: Any) -> dict[str, Any]:
        self.seen = parameters
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refusal(code: str, status: int = 400, message: str = "said") -> provider.ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return provider.ClientError(answer, "DescribeService")


def error_of(answer: Exception) -> _errors.OpsError:
    with pytest.raises(_errors.OpsError) as caught:
        driver.call(Client(answer), "describe_service", {})
    return caught.value


class TestClient:
    def test_a_reading_one_tries_again(self) -> None:
        made = driver.client(LAB, "apprunner")

        assert made.meta.config.retries["total_max_attempts"] == 5
        assert (made.meta.region_name, made.meta.endpoint_url) == ("us-east-1", "http://127.0.0.1:1")

    def test_a_mutating_one_sends_once(self) -> None:
        assert driver.client(LAB, "apprunner", mutating=True).meta.config.retries["total_max_attempts"] == 1

    def test_a_brief_question_holds_up_nobody(self) -> None:
        config = driver.client(LAB, "sts", brief=True).meta.config
        assert (config.retries["total_max_attempts"], config.connect_timeout, config.read_timeout) == (2, 5, 5)

    def test_a_missing_region_is_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

        with pytest.raises(_errors.AccessDenied) as caught:
            driver.client(AwsConnection(), "apprunner")

        assert str(caught.value) == (
            "No AWS client for apprunner can be made: You must specify a region."
            " Correct region, profile or endpoint_url in aws_connection."
        )

    @pytest.mark.parametrize(
        "connection", [AwsConnection(profile="nobody"), AwsConnection(region="us-east-1", endpoint_url="no url")]
    )
    def test_what_cannot_be_used_is_a_sentence(self, connection: AwsConnection) -> None:
        with pytest.raises(_errors.AccessDenied, match=r"No AWS client for apprunner can be made: .*aws_connection"):
            driver.client(connection, "apprunner")

    @pytest.mark.parametrize(
        ("connection", "verify"),
        [
            (AwsConnection(region="x"), True),
            (AwsConnection(region="x", ca_bundle="/etc/ca.pem"), "/etc/ca.pem"),
            (AwsConnection(region="x", ca_bundle="/etc/ca.pem", validate_certs=False), False),
        ],
    )
    def test_how_certificates_are_checked(
        self, connection: AwsConnection, verify: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: dict[str, Any] = {}
        monkeypatch.setattr("boto3.session.Session.client", lambda self, service, **given: seen.update(given))

        driver.client(connection, "s3")

        assert seen["verify"] == verify

    def test_without_boto3_the_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "boto3", None)
            importlib.reload(driver)

        with pytest.raises(_errors.MissingDriver) as caught:
            driver.client(LAB, "apprunner")

        assert str(caught.value) == (
            "The Python package boto3 is missing where this module runs. Install it: pip install boto3."
        )
        importlib.reload(driver)


def test_an_answer_comes_back() -> None:
    client = Client({"Service": {}})

    assert driver.call(client, "describe_service", {"ServiceArn": "x"}) == {"Service": {}}
    assert client.seen == {"ServiceArn": "x"}


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (
            refusal("ExpiredTokenException"),
            _errors.AccessDenied,
            "AWS refused describe_service for these credentials (ExpiredTokenException: said)."
            " Renew the credentials or grant the right; docs/iam.md lists the least rights.",
        ),
        (
            refusal("SomethingElse", 403),
            _errors.AccessDenied,
            "AWS refused describe_service for these credentials (SomethingElse: said)."
            " Renew the credentials or grant the right; docs/iam.md lists the least rights.",
        ),
        (
            refusal("ThrottlingException"),
            _errors.Throttled,
            "AWS throttled describe_service (ThrottlingException).",
        ),
        (refusal("SlowDown", 503), _errors.Throttled, "AWS throttled describe_service (SlowDown)."),
        (refusal("Odd", 429), _errors.Throttled, "AWS throttled describe_service (Odd)."),
        (refusal("ResourceNotFoundException"), _errors.NotFound, "AWS describe_service: said."),
        (refusal("NoSuchKey", 404), _errors.NotFound, "AWS describe_service: said."),
        (refusal("404", 404), _errors.NotFound, "AWS describe_service: said."),
        (
            refusal("InternalServiceErrorException", 500),
            _errors.AnswerLost,
            "AWS describe_service answered 500 (InternalServiceErrorException: said).",
        ),
        (
            refusal("InvalidStateException"),
            _errors.RequestRefused,
            "AWS refused describe_service (InvalidStateException: said).",
        ),
    ],
)
def test_what_the_provider_said_becomes_one_of_ours(
    answer: provider.ClientError, kind: type[_errors.OpsError], sentence: str
) -> None:
    error = error_of(answer)

    assert error.__class__ is kind
    assert str(error) == sentence
    assert set(error.details) == {"code", "status"}


@pytest.mark.parametrize(
    ("answer", "kind", "begin"),
    [
        (provider.NoCredentialsError(), _errors.AccessDenied, "AWS describe_service was not sent: Unable to locate"),
        (
            provider.PartialCredentialsError(provider="env", cred_var="x"),
            _errors.AccessDenied,
            "AWS describe_service was not sent: Partial credentials",
        ),
        (
            provider.CredentialRetrievalError(provider="x", error_msg="y"),
            _errors.AccessDenied,
            "AWS describe_service was not sent: Error when retrieving",
        ),
        (provider.UnauthorizedSSOTokenError(), _errors.AccessDenied, "AWS describe_service was not sent: The SSO"),
        (
            provider.ParamValidationError(report="Missing\nUnknown parameter x"),
            _errors.RequestRefused,
            "AWS describe_service was not sent: Unknown parameter x.",
        ),
        (
            provider.EndpointConnectionError(endpoint_url="http://u:canary@x"),
            _errors.Unreachable,
            "AWS describe_service found no server: Could not connect",
        ),
        (
            provider.ConnectTimeoutError(endpoint_url="http://x"),
            _errors.Unreachable,
            "AWS describe_service found no server: Connect timeout",
        ),
        (
            provider.ReadTimeoutError(endpoint_url="http://x"),
            _errors.AnswerLost,
            "AWS describe_service got no answer: Read timeout",
        ),
        (
            provider.ConnectionClosedError(endpoint_url="http://x"),
            _errors.AnswerLost,
            "AWS describe_service got no answer: Connection was closed",
        ),
        (provider.BotoCoreError(), _errors.AnswerLost, "AWS describe_service got no answer: An unspecified error"),
    ],
)
def test_what_happened_on_the_way_becomes_one_of_ours(
    answer: Exception, kind: type[_errors.OpsError], begin: str
) -> None:
    error = error_of(answer)

    assert error.__class__ is kind
    assert str(error).startswith(begin)
    assert "canary" not in str(error)


def test_only_a_call_that_did_not_leave_says_so() -> None:
    assert error_of(provider.EndpointConnectionError(endpoint_url="http://x")).details == {"sent": False}
    assert error_of(provider.ReadTimeoutError(endpoint_url="http://x")).details == {}


def test_secrets_in_what_the_provider_said_are_masked() -> None:
    assert "canary" not in str(error_of(refusal("Odd", message="password=canary")))


def test_an_answer_without_a_reason_is_still_a_sentence() -> None:
    empty: Any = {}

    assert str(error_of(provider.ClientError(empty, "x"))) == "AWS refused describe_service (: no reason given)."
