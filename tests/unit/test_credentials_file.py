# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials_file."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from awscli_mfa_plugin.credentials_file import check_section, write_section
from awscli_mfa_plugin.exceptions import LongTermSectionError
from awscli_mfa_plugin.login import LoginResult
from tests.unit.conftest import ACCESS_KEY_ID, KEYS, SECRET_KEY, Home

ROLE = 'arn:aws:iam::123456789012:role/admin'


def result(role_arn: str | None = None) -> LoginResult:
    """Return what a login had for a result."""
    return LoginResult(
        credentials={
            'AccessKeyId': 'ASIAEXAMPLE',
            'SecretAccessKey': 'session-secret',
            'SessionToken': 'session-token',
        },
        expiration=datetime(2026, 11, 24, 6, 5, 4, tzinfo=timezone.utc),
        is_new=True,
        role_arn=role_arn,
    )


SESSION = """\
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = session-secret
aws_session_token = session-token
aws_security_token = session-token
expiration = 2026-11-24 06:05:04
"""


def test_session(home: Home) -> None:
    """A session is written under aws-mfa's names, in UTC."""
    home.write('', f'[p-long-term]\n{KEYS}')
    path = write_section(home.session(), 'p', result())
    assert path == str(home.credentials)
    assert home.credentials.read_text() == (
        f'[p-long-term]\n{KEYS}[p]\nassumed_role = False\n{SESSION}'
    )


def test_role_and_back(home: Home) -> None:
    """A role's session says so, and the next one of the user does not."""
    home.write('', '[p]\n# mine\nregion = x\n')
    write_section(home.session(), 'p', result(ROLE))
    assert home.credentials.read_text() == (
        '[p]\n# mine\nregion = x\nassumed_role = True\n'
        f'assumed_role_arn = {ROLE}\n{SESSION}'
    )
    write_section(home.session(), 'p', result())
    assert home.credentials.read_text() == (
        f'[p]\n# mine\nregion = x\nassumed_role = False\n{SESSION}'
    )


def test_missing_file(home: Home) -> None:
    """Where no file is, one is made."""
    check_section(home.session(), 'p')
    write_section(home.session(), 'p', result())
    assert home.credentials.read_text().startswith('[p]\nassumed_role')


LONG_TERM = [
    KEYS,
    KEYS.upper().replace(SECRET_KEY.upper(), SECRET_KEY),
    f'{KEYS}aws_session_token =\n',
    f'  aws_secret_access_key: {SECRET_KEY}\n',
]


@pytest.mark.parametrize('keys', LONG_TERM)
def test_long_term_keys(home: Home, keys: str) -> None:
    """A secret key without a token is never written over."""
    home.write('', f'[p]\n{keys}[q]\naws_session_token = t\n')
    before = home.credentials.read_bytes()
    for write in (
        lambda: check_section(home.session(), 'p'),
        lambda: write_section(home.session(), 'p', result()),
    ):
        with pytest.raises(LongTermSectionError) as caught:
            write()
        message = str(caught.value)
        assert f'[p] of {home.credentials}' in message
        assert '--short-term-suffix' in message
        assert SECRET_KEY not in message
        assert ACCESS_KEY_ID not in message
    assert home.credentials.read_bytes() == before


@pytest.mark.parametrize(
    'content',
    [
        '',
        'region = x\n',
        f'{KEYS}aws_session_token = t\n',
        f'{KEYS}aws_security_token = t\n',
    ],
)
def test_section_that_may_be_written_over(home: Home, content: str) -> None:
    """What another session, or nothing, stands in is free."""
    home.write('', f'[q]\n{KEYS}[p]\n{content}')
    check_section(home.session(), 'p')
    write_section(home.session(), 'p', result())
    assert home.credentials.read_text().startswith(f'[q]\n{KEYS}[p]\n')
    found = home.session(profile='p').get_credentials()
    assert found.access_key == 'ASIAEXAMPLE'
    assert found.token == 'session-token'
