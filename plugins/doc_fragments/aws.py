# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options of every AWS module, in the words of amazon.aws."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach one AWS account."""

    DOCUMENTATION = r"""
options:
  region:
    description: Region to work in; E(AWS_REGION) or the profile's where it is not given.
    type: str
  profile:
    description: Named profile of the AWS configuration files.
    type: str
  access_key:
    description: Access key id; better given by the environment, a profile or the role of the machine.
    type: str
  secret_key:
    description: Secret access key.
    type: str
  session_token:
    description: Session token of temporary credentials.
    type: str
  endpoint_url:
    description: Another server than AWS' own, such as the lab's or an S3 compatible one.
    type: str
  validate_certs:
    description: Whether the server's certificate must be valid.
    type: bool
    default: true
  ca_bundle:
    description: File with the certificates of the authorities that are trusted.
    type: path
requirements:
  - boto3
"""
