# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS API server: moto on loopback, with the buckets that the five systems' runbooks name."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from lab.errors import LabError
from lab.parts import Lab, Part, http_reason
from lab.processes import Launch

REGION = "us-east-1"
BUCKETS = {  # bucket: versioned?
    "smartunderwrite-documents": True,
    "smartunderwrite-documents-backup": True,
    "smartunderwrite-backups": True,
    "audit-app-backups": True,
    "accu-platform-backups": True,
    "sanvi-backups-lab": True,
    "asset-anchor-lab": True,
    "asset-anchor-backups": True,
}


ACCOUNT = "000000000000"


class Aws(Part):
    """moto's server; what it holds lives as long as its process."""

    name = "aws"
    wait_seconds = 60.0

    def prepare(self, lab: Lab) -> Launch:
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("boto3") is None:
            raise LabError("aws: moto and boto3 are not in this Python: run `make demo`, or use .venv/bin/python.")
        # the account of the App Runner fake, so that the lab is one account
        argv = ["/usr/bin/env", f"MOTO_ACCOUNT_ID={ACCOUNT}"]
        argv += [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(lab.take_port(self.name))]
        return Launch(self.name, argv, cwd=lab.place.state)

    def probe(self, lab: Lab) -> str | None:
        return http_reason(f"{self.address(lab)}/moto-api/data.json")

    def address(self, lab: Lab) -> str:
        return f"http://127.0.0.1:{lab.port(self.name)}"

    def fill(self, lab: Lab) -> None:
        import boto3  # here, because it takes longer to import than an `up` that has nothing to do

        s3 = boto3.client(
            "s3",
            endpoint_url=self.address(lab),
            region_name=REGION,
            aws_access_key_id="lab",
            aws_secret_access_key="lab",
        )
        present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for bucket, versioned in BUCKETS.items():
            if bucket not in present:
                s3.create_bucket(Bucket=bucket)
            if versioned:
                s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def describe(self, lab: Lab) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": lab.port(self.name),
            "endpoint": self.address(lab),
            "region": REGION,
            "buckets": sorted(BUCKETS),
        }
