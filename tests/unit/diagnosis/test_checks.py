# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.checks."""

from __future__ import annotations

import os

from awscli_mfa_plugin.diagnosis.checks import OK, Check, fit_to_show
from tests.unit.conftest import Home
from tests.unit.names import ACCESS_KEY_ID, SECRET_KEY, SERIAL


def test_fit_to_show(home: Home) -> None:
    """Nobody learns a key, a secret, an account or a home folder."""
    check = Check(
        OK,
        'aws',
        f'{home.config} {SECRET_KEY} {SERIAL} {ACCESS_KEY_ID} 1763985600000',
        f'rm {home.path}{os.sep}x',
    )
    (shown,) = fit_to_show([check], {SECRET_KEY, ''})
    assert shown.message == (
        f'~{os.sep}.aws{os.sep}config **** '
        'arn:aws:iam::********9012:mfa/s3-cli-user AKIA****PLE1 '
        '1763985600000'
    )
    assert shown.remedy == f'rm ~{os.sep}x'
