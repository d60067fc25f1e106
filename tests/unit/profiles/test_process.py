# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profiles.process."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.profiles.process import is_ours


@pytest.mark.parametrize(
    ('command', 'expected'),
    [
        ('awscli-mfa credentials --profile work', True),
        ("'/my programs/awscli-mfa' credentials --profile work", True),
        ('python3 /x/awscli_mfa_plugin credentials --profile work', True),
        ('/usr/bin/aws mfa export-credentials --profile work', True),
        ('aws configure export-credentials --profile work', False),
        ('aws-vault exec work --json', False),
        ('cat ~/mfa/keys.json', False),
        ('', False),
        (None, False),
    ],
)
def test_is_ours(command: str | None, expected: bool) -> None:
    """Each command that ``configure-sdk`` has written is, and no other."""
    assert is_ours(command) is expected
