# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake of AWS App Runner with the ECR, CloudWatch Logs and STS calls that a deployment makes.

Every request and answer is validated against botocore's own service model; behind each service run real processes of
the sample application. `control.py` is the client that tests, seeds and the demo use.
"""
