# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking AWS whose credentials these are."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._errors import Unreachable
from .identity import Caller


def ask_aws(connection: Mapping[str, object]) -> Caller:
    """Return account and region that a connection leads to.

    :raises OpsError: there is no answer, or no driver.
    """
    # boto3 costs a third of a second to import: only runs that pin an AWS identity pay for it
    from ...module_utils._aws.driver import call, client
    from ...module_utils._aws.options import AwsConnection

    sts = client(AwsConnection.from_options(connection), "sts", brief=True)
    answer = call(sts, "get_caller_identity", {})
    account = str(answer.get("Account") or "")
    if not account:
        raise Unreachable("AWS get_caller_identity named no account")
    return Caller(account=account, region=str(sts.meta.region_name or ""))
