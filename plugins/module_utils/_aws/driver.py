# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that imports boto3: clients, and provider errors turned into ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import (
    AccessDenied,
    AnswerLost,
    MissingDriver,
    NotFound,
    OpsError,
    RequestRefused,
    Throttled,
    Unreachable,
)
from .._redact import redact_shapes
from .options import AwsConnection

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    HAS_BOTO3 = False
else:
    HAS_BOTO3 = True

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "NotAuthorized",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}


def client(connection: AwsConnection, service: str, *, mutating: bool = False, brief: bool = False) -> Any:
    """Return a client of one AWS service.

    :param mutating: for calls that change something: never sent twice by the SDK, because a lost answer
        does not mean that nothing happened.
    :param brief: for a question that must not hold up a run when nobody answers: two attempts of five seconds.
    :raises MissingDriver: boto3 is not installed.
    :raises AccessDenied: the profile or region cannot be used.
    """
    if not HAS_BOTO3:
        raise MissingDriver(
            "The Python package boto3 is missing where this module runs", remedy="Install it: pip install boto3."
        )
    attempts, seconds = (2, 5) if brief else (5, 30)
    retries: Any = {"total_max_attempts": 1} if mutating else {"mode": "standard", "total_max_attempts": attempts}
    config = botocore.config.Config(
        retries=retries,
        connect_timeout=min(10, seconds),
        read_timeout=seconds,
        user_agent_extra="steady.ops",
        parameter_validation=True,
    )
    try:
        session: Any = boto3.session.Session(
            aws_access_key_id=connection.access_key,
            aws_secret_access_key=connection.secret_key,
            aws_session_token=connection.session_token,
            region_name=connection.region,
            profile_name=connection.profile,
        )
        return session.client(
            service,
            endpoint_url=connection.endpoint_url,
            verify=(connection.ca_bundle or True) if connection.validate_certs else False,
            config=config,
        )
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise AccessDenied(
            f"No AWS client for {service} can be made: {redact_shapes(str(error))}",
            remedy="Correct region, profile or endpoint_url in aws_connection.",
        ) from None


def call(client: Any, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """Make one call and return its answer.

    :param operation: the method's name on the client, such as C(describe_service).
    :raises AccessDenied: credentials are missing, wrong, expired or not enough.
    :raises NotFound: the named thing does not exist.
    :raises Throttled: too many calls; this one did nothing.
    :raises RequestRefused: the provider refused the call; it did nothing.
    :raises AnswerLost: no usable answer; the call may have been carried out.
    """
    try:
        return dict(getattr(client, operation)(**parameters))
    except botocore.exceptions.ClientError as error:
        raise _translated(operation, error) from None
    except (
        botocore.exceptions.NoCredentialsError,
        botocore.exceptions.PartialCredentialsError,
        botocore.exceptions.CredentialRetrievalError,
        botocore.exceptions.TokenRetrievalError,
        botocore.exceptions.SSOError,
    ) as error:
        raise AccessDenied(
            f"AWS {operation} was not sent: {redact_shapes(str(error))}",
            remedy="Give credentials by aws_connection, the environment or a profile.",
        ) from None
    except botocore.exceptions.ParamValidationError as error:
        raise RequestRefused(
            f"AWS {operation} was not sent: {redact_shapes(str(error)).splitlines()[-1]}",
            details={"code": "ParamValidation"},
        ) from None
    except (botocore.exceptions.ConnectTimeoutError, botocore.exceptions.EndpointConnectionError) as error:
        raise Unreachable(
            f"AWS {operation} found no server: {redact_shapes(str(error))}",
            remedy="Check the network and endpoint_url.",
            details={"sent": False},
        ) from None
    except (botocore.exceptions.HTTPClientError, botocore.exceptions.BotoCoreError) as error:
        raise AnswerLost(f"AWS {operation} got no answer: {redact_shapes(str(error))}") from None


def _translated(operation: str, error: Any) -> OpsError:
    answer = error.response.get("Error", {})
    code, status = str(answer.get("Code", "")), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = redact_shapes(str(answer.get("Message") or answer.get("message") or "no reason given"))
    details = {"code": code, "status": status}
    if code in _DENIED or status in (401, 403):
        return AccessDenied(
            f"AWS refused {operation} for these credentials ({code}: {said})",
            remedy="Renew the credentials or grant the right; docs/iam.md lists the least rights.",
            details=details,
        )
    if code in _THROTTLED or status == 429:
        return Throttled(f"AWS throttled {operation} ({code})", details=details)
    if "NotFound" in code or code.startswith("NoSuch") or code == "404":
        return NotFound(f"AWS {operation}: {said}", details=details)
    if status >= 500:
        return AnswerLost(f"AWS {operation} answered {status} ({code}: {said})", details=details)
    return RequestRefused(f"AWS refused {operation} ({code}: {said})", details=details)
