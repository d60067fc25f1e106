# SPDX-License-Identifier: Apache-2.0
"""What ``aws mfa doctor`` looks at, one module for each kind of thing.

``aws_clis``, ``files`` and ``surroundings`` need the standard library alone,
so that ``awscli-mfa doctor`` names the cause when no ``aws`` runs.
``profile`` and ``answers`` need botocore.
"""
