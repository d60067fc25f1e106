# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profiles.aws_mfa."""

from __future__ import annotations

from datetime import timedelta

import pytest

from awscli_mfa_plugin.profiles.aws_mfa import (
    AWS_MFA_EXPIRATION,
    has_aws_mfa_session,
    profiles_of,
)
from tests.unit.conftest import Home, now
from tests.unit.names import DEVICE, HARDWARE, KEYS, ROLE, SERIAL


def test_the_device_of_a_long_term_profile(home: Home) -> None:
    """It is one as ``mfa_serial`` is, in either file."""
    home.write(
        f'[profile q-long-term]\n{DEVICE}[profile q]\nregion = x\n',
        f'[p-long-term]\n{KEYS}{DEVICE}[q-long-term]\n{KEYS}',
    )
    before = home.session().full_config['profiles']
    profiles = profiles_of(home.session())
    for name in ('p-long-term', 'q-long-term'):
        assert profiles[name] == {**before[name], 'mfa_serial': SERIAL}
    assert profiles['q'] == before['q']
    assert set(profiles) == set(before)


def test_mfa_serial_goes_before_it(home: Home) -> None:
    """A person who wrote mfa_serial wrote it for this plugin."""
    home.write('', f'[p-long-term]\n{DEVICE}mfa_serial = {HARDWARE}\n')
    profiles = profiles_of(home.session())
    assert profiles['p-long-term']['mfa_serial'] == HARDWARE


def test_a_profile_with_another_suffix(home: Home) -> None:
    """Without the suffix it says nothing, unless it is the one named."""
    home.write('', f'[p-keys]\n{KEYS}{DEVICE}')
    session = home.session()
    assert 'mfa_serial' not in profiles_of(session)['p-keys']
    profiles = profiles_of(session, long_term_profile='p-keys')
    assert profiles['p-keys']['mfa_serial'] == SERIAL


@pytest.mark.parametrize('with_roles', [True, False])
def test_a_role_to_assume(home: Home, with_roles: bool) -> None:
    """It makes a role of the profile that aws-mfa would write."""
    home.write(
        '[profile p]\nregion = x\n',
        f'[p-long-term]\n{KEYS}{DEVICE}assume_role = {ROLE}\n'
        f'[q-long-term]\n{KEYS}assume_role = {ROLE}\n',
    )
    profiles = profiles_of(home.session(), with_roles=with_roles)
    role = {'role_arn': ROLE, 'source_profile': 'p-long-term'}
    assert profiles['p'] == {'region': 'x', **(role if with_roles else {})}
    # A profile that is not there is not made up.
    assert 'q' not in profiles


@pytest.mark.parametrize(
    'setting', ['role_arn', 'sso_session', 'web_identity_token_file']
)
def test_a_profile_of_another_kind_stays(home: Home, setting: str) -> None:
    """The profile's own settings go before those of aws-mfa."""
    home.write(
        f'[profile p]\n{setting} = mine\n',
        f'[p-long-term]\n{KEYS}assume_role = {ROLE}\n',
    )
    assert profiles_of(home.session())['p'] == {setting: 'mine'}


def test_the_session_s_own_profiles_stay(home: Home) -> None:
    """botocore is not told of settings that nobody wrote."""
    home.write(
        '[profile p]\nregion = x\n',
        f'[p-long-term]\n{KEYS}{DEVICE}assume_role = {ROLE}\n',
    )
    session = home.session()
    profiles_of(session)
    before = session.full_config['profiles']
    assert before['p'] == {'region': 'x'}
    assert 'mfa_serial' not in before['p-long-term']


@pytest.mark.parametrize(
    ('left', 'expected'), [(3600, True), (90, True), (50, False), (-1, False)]
)
def test_a_session_of_aws_mfa(left: int, expected: bool) -> None:
    """It is one until a minute before its end."""
    end = now() + timedelta(seconds=left)
    settings = {
        'aws_session_token': 't',
        'expiration': end.strftime(AWS_MFA_EXPIRATION),
    }
    assert has_aws_mfa_session(settings) is expected


@pytest.mark.parametrize(
    'settings',
    [
        {},
        {'expiration': '2099-01-01 00:00:00'},
        {'aws_session_token': '', 'expiration': '2099-01-01 00:00:00'},
        {'aws_session_token': 't'},
        {'aws_session_token': 't', 'expiration': ''},
        {'aws_session_token': 't', 'expiration': 'soon'},
        {'aws_session_token': 't', 'expiration': '2099-01-01T00:00:00Z'},
        {'aws_session_token': 't', 'expiration': {'a': 'b'}},
    ],
)
def test_no_session_of_aws_mfa(settings: dict[str, str]) -> None:
    """Nobody knows who wrote such a session, or when it ends."""
    assert not has_aws_mfa_session(settings)
