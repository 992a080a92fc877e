"""Stand-in for get-pip in the environments of ansible-test: the pip that Python brings, then what was asked for."""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys

GET_PIP_ONLY = {"--no-setuptools", "--no-wheel"}  # options that pip itself does not know
SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"

ensurepip.bootstrap(upgrade=True)
if os.path.exists(SYSTEM_CERTIFICATES):
    # behind a TLS-intercepting proxy: ansible-test strips PIP_* from the environment
    os.environ["PIP_CERT"] = SYSTEM_CERTIFICATES
wanted = [argument for argument in sys.argv[1:] if argument not in GET_PIP_ONLY]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted]))
