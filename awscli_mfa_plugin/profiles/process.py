# SPDX-License-Identifier: Apache-2.0
"""The ``credential_process`` of a profile."""

from __future__ import annotations


def is_ours(command: str | None) -> bool:
    """Tell whether a ``credential_process`` leads back to this plugin."""
    return command is not None and any(
        mark in command
        for mark in (
            'awscli-mfa',
            'awscli_mfa_plugin',
            'mfa export-credentials',
        )
    )
