# SPDX-License-Identifier: Apache-2.0
"""Which roles are assumed from an MFA session, and which are not."""

from __future__ import annotations

from typing import Any

import pytest

from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    InvalidSerialNumberError,
    NoLongTermCredentialsError,
    NotMFAProfileError,
    UnknownProfileError,
)
from awscli_mfa_plugin.exceptions.profiles import AgentRoleError
from awscli_mfa_plugin.profiles.roles import (
    is_role,
    read_agent_role,
    read_mfa_role,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    OTHER_SERIAL,
    ROLE,
    SECRET_KEY,
    SERIAL,
)

ARN = 'arn:aws:iam::123456789012:role/app'
KEYS = {
    'aws_access_key_id': ACCESS_KEY_ID,
    'aws_secret_access_key': SECRET_KEY,
}
DEVICE = {'mfa_serial': SERIAL}

Settings = dict[str, Any]


def role(source: str = 'work', **settings: Any) -> Settings:
    """Return the settings of a role profile."""
    return {'role_arn': ARN, 'source_profile': source, **settings}


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (role(), True),
        ({'role_arn': ARN}, False),
        ({'role_arn': ARN, 'credential_source': 'Environment'}, False),
        ({'source_profile': 'work'}, False),
        ({}, False),
    ],
)
def test_what_a_role_is(settings: Settings, expected: bool) -> None:
    """It has a role and a source profile."""
    assert is_role('app', {'app': settings}) is expected


def test_an_unknown_profile_is_no_role() -> None:
    """There is nothing to say about a profile that is not there."""
    assert not is_role('app', {})


@pytest.mark.parametrize(
    ('source', 'app', 'serial_number'),
    [
        (DEVICE, role(), SERIAL),
        ({}, role(**DEVICE), SERIAL),
        (DEVICE, role(**DEVICE), SERIAL),
        (DEVICE, role(mfa_serial=OTHER_SERIAL), SERIAL),
        ({'mfa_serial': ''}, role(**DEVICE), SERIAL),
    ],
    ids=['source', 'role', 'both', 'two devices', 'an empty one'],
)
def test_whose_device(
    source: Settings, app: Settings, serial_number: str
) -> None:
    """The source's device goes before the role's: it serves every role."""
    found = read_mfa_role('app', {'work': {**KEYS, **source}, 'app': app})
    assert found.base.serial_number == serial_number
    assert found.base.configured_serial_number == serial_number
    assert found.base.long_term_profile == 'work'
    assert found.base.name == found.name == 'app'
    assert found.hops == ('app',)
    assert found.direct is None


def test_a_device_in_the_middle_of_a_chain() -> None:
    """The device of the first role that names one is taken."""
    found = read_mfa_role(
        'a',
        {
            'a': role('b'),
            'b': role('c', **DEVICE),
            'c': role('work', mfa_serial=OTHER_SERIAL),
            'work': KEYS,
        },
    )
    assert found.hops == ('a', 'b', 'c')
    assert found.base.serial_number == SERIAL


def test_what_is_given_goes_first() -> None:
    """A serial number and a duration of the command line."""
    found = read_mfa_role(
        'app',
        {'work': {**KEYS, **DEVICE}, 'app': role()},
        serial_number=OTHER_SERIAL,
        duration_seconds=900,
    )
    assert found.base.serial_number == OTHER_SERIAL
    assert found.base.configured_serial_number == SERIAL
    assert found.base.duration_seconds == 900


def test_the_session_s_duration_is_the_source_s() -> None:
    """``duration_seconds`` of a role is the role session's."""
    found = read_mfa_role(
        'app',
        {
            'work': {**KEYS, **DEVICE, 'duration_seconds': '7200'},
            'app': role(duration_seconds='1800'),
        },
    )
    assert found.base.duration_seconds == 7200


def test_a_role_that_is_its_own_source() -> None:
    """Its keys are the source's, its duration is the role's."""
    found = read_mfa_role(
        'app',
        {'app': {**KEYS, **DEVICE, **role('app', duration_seconds='1800')}},
    )
    assert found.hops == ('app',)
    assert found.base.long_term_profile == 'app'
    assert found.base.duration_seconds == 43200
    assert found.direct is None


def test_a_source_of_keys_that_has_a_role_too() -> None:
    """A source's static keys go before its role, as in botocore."""
    found = read_mfa_role(
        'app',
        {
            'app': role('work'),
            'work': {**KEYS, **DEVICE, **role('elsewhere')},
        },
    )
    assert found.hops == ('app',)
    assert found.base.long_term_profile == 'work'


def test_the_source_s_long_term_profile() -> None:
    """A source ``work`` may have its key in ``work-long-term``."""
    found = read_mfa_role(
        'app', {'app': role(), 'work': DEVICE, 'work-long-term': KEYS}
    )
    assert found.base.long_term_profile == 'work-long-term'


def test_the_region() -> None:
    """The role's region goes before its source's."""
    profiles = {
        'work': {**KEYS, **DEVICE, 'region': 'eu-west-1'},
        'app': role(),
        'there': role(region='eu-west-3'),
    }
    assert read_mfa_role('app', profiles).base.region == 'eu-west-1'
    assert read_mfa_role('there', profiles).base.region == 'eu-west-3'


@pytest.mark.parametrize('where', ['a', 'b', 'work'])
def test_whoever_may_not_be_asked(where: str) -> None:
    """``mfa_prompt = never`` anywhere on the way holds."""
    profiles: dict[str, Settings] = {
        'a': role('b'),
        'b': role('work'),
        'work': {**KEYS, **DEVICE},
    }
    assert read_mfa_role('a', profiles).base.may_prompt
    profiles[where]['mfa_prompt'] = 'never'
    assert not read_mfa_role('a', profiles).base.may_prompt


@pytest.mark.parametrize('where', ['a', 'b', 'work'])
def test_the_old_behaviour_can_be_asked_for(where: str) -> None:
    """``mfa_role_sessions = direct`` anywhere on the way holds."""
    profiles: dict[str, Settings] = {
        'a': role('b'),
        'b': role('work'),
        'work': {**KEYS, **DEVICE},
    }
    profiles[where]['mfa_role_sessions'] = 'direct'
    found = read_mfa_role('a', profiles)
    assert found.direct == f'mfa_role_sessions = direct in profile {where}'
    assert found.asked_for_direct


@pytest.mark.parametrize('value', ['session', ''])
def test_sessions_can_be_asked_for(value: str) -> None:
    """``mfa_role_sessions = session`` says what holds anyway."""
    found = read_mfa_role(
        'app',
        {'work': {**KEYS, **DEVICE}, 'app': role(mfa_role_sessions=value)},
    )
    assert found.direct is None
    assert not found.asked_for_direct


@pytest.mark.parametrize('where', ['app', 'work'])
def test_a_way_that_there_is_not(where: str) -> None:
    """Another value is told with the profile it is in."""
    profiles: dict[str, Settings] = {
        'app': role(),
        'work': {**KEYS, **DEVICE},
    }
    profiles[where]['mfa_role_sessions'] = 'Direct'
    with pytest.raises(InvalidProfileValueError) as raised:
        read_mfa_role('app', profiles)
    assert str(raised.value) == (
        f'The value "Direct" of mfa_role_sessions in profile {where} is not '
        'valid: it must be session or direct.'
    )


@pytest.mark.parametrize(
    ('seconds', 'direct'),
    [
        ('3600', False),
        ('3601', True),
        ('43200', True),
        ('an hour', False),
    ],
)
def test_how_long_from_a_session(seconds: str, direct: bool) -> None:
    """Above an hour a role is assumed directly, and the reason is told."""
    found = read_mfa_role(
        'app',
        {'work': {**KEYS, **DEVICE}, 'app': role(duration_seconds=seconds)},
    )
    assert found.direct == (
        f'duration_seconds = {seconds} in profile app, and AWS allows 3600 '
        'from a session'
        if direct
        else None
    )
    assert not found.asked_for_direct


def test_only_the_last_hop_can_last_longer() -> None:
    """A role behind a role is limited however the first is assumed."""
    found = read_mfa_role(
        'a',
        {
            'a': role('b', duration_seconds='7200'),
            'b': role('work'),
            'work': {**KEYS, **DEVICE},
        },
    )
    assert found.direct is None


@pytest.mark.parametrize(
    ('profiles', 'reason'),
    [
        (
            {'app': role(), 'work': KEYS},
            'Profile work does not use an MFA session: it has no mfa_serial. '
            'Pass --serial-number once, or: aws configure set mfa_serial ARN '
            '--profile work',
        ),
        (
            {'app': role(web_identity_token_file='token', **DEVICE)},
            'Profile app does not use an MFA session: profile app uses '
            'web_identity_token_file.',
        ),
        (
            {
                'app': role('b', **DEVICE),
                'b': {'role_arn': ARN, 'credential_source': 'Environment'},
            },
            'Profile app does not use an MFA session: profile b uses '
            'credential_source.',
        ),
        (
            {'app': role('b', **DEVICE), 'b': {'role_arn': ARN}},
            'Profile app does not use an MFA session: profile b has no '
            'source_profile.',
        ),
        (
            {'app': role('b', **DEVICE), 'b': role('app')},
            'Profile app does not use an MFA session: profile app leads to '
            'itself.',
        ),
        (
            {
                'app': role('b', **DEVICE),
                'b': role('c'),
                'c': role('b'),
            },
            'Profile app does not use an MFA session: profile b leads to '
            'itself.',
        ),
        (
            {
                'app': role(**DEVICE),
                'work': {'sso_session': 'company', **DEVICE},
            },
            'Profile work does not use an MFA session: it signs in with IAM '
            'Identity Center (sso_session).',
        ),
        (
            {
                'app': role(**DEVICE),
                'work': {**KEYS, 'aws_session_token': 'token'},
            },
            'Profile app does not use an MFA session: profile work has '
            'temporary credentials (aws_session_token).',
        ),
    ],
    ids=[
        'no device',
        'web identity',
        'credential source',
        'no source',
        'a circle',
        'a circle further on',
        'SSO',
        'temporary credentials',
    ],
)
def test_what_is_botocore_s(
    profiles: dict[str, Settings], reason: str
) -> None:
    """The error says why the role is left alone."""
    with pytest.raises(NotMFAProfileError) as raised:
        read_mfa_role('app', profiles)
    assert str(raised.value) == reason


def test_a_source_that_is_not_there() -> None:
    """It is botocore that says so."""
    with pytest.raises(UnknownProfileError):
        read_mfa_role('app', {'app': role(**DEVICE)})


def test_a_source_without_a_key() -> None:
    """There is nothing to make a session with."""
    with pytest.raises(NoLongTermCredentialsError):
        read_mfa_role('app', {'app': role(), 'work': DEVICE})


@pytest.mark.parametrize('where', ['app', 'work'])
def test_a_serial_number_that_cannot_be_one(where: str) -> None:
    """A security key's is told, whichever profile names it."""
    profiles: dict[str, Settings] = {'app': role(), 'work': dict(KEYS)}
    profiles[where]['mfa_serial'] = 'arn:aws:iam::123456789012:u2f/user/key'
    with pytest.raises(InvalidSerialNumberError):
        read_mfa_role('app', profiles)


def test_nothing_is_changed() -> None:
    """The session's own configuration stays as it was read."""
    profiles = {'app': {**KEYS, **DEVICE, **role('app')}}
    before = {name: dict(each) for name, each in profiles.items()}
    read_mfa_role('app', profiles)
    assert profiles == before


def test_a_source_that_is_a_section() -> None:
    """It is an error of this profile, and breaks no listing of others."""
    profiles = {'app': {'role_arn': ROLE, 'source_profile': {'a': 'b'}}}
    with pytest.raises(InvalidProfileValueError, match='source_profile'):
        read_mfa_role('app', profiles)


@pytest.mark.parametrize(
    'setting', ['aws_session_token', 'aws_security_token']
)
def test_an_empty_token_is_none(setting: str) -> None:
    """The rule is the same as for the profile itself."""
    profiles = {
        'app': {'role_arn': ROLE, 'source_profile': 'work'},
        'work': {
            'aws_access_key_id': 'x',
            'aws_secret_access_key': 'x',
            'mfa_serial': SERIAL,
            setting: '',
        },
    }
    assert read_mfa_role('app', profiles).base.long_term_profile == 'work'


AGENT = {'mfa_agent_role': 'readonly'}


@pytest.mark.parametrize('name', ['work', 'admin', 'readonly'])
def test_the_role_of_an_agent(name: str) -> None:
    """It comes from the profile's own session, under the profile's name."""
    profiles: dict[str, Settings] = {
        'work': {**KEYS, **DEVICE, 'mfa_wait': '7'},
        'admin': role(mfa_min_remaining='600'),
        'readonly': role(),
    }
    profiles[name].update(AGENT)
    found = read_agent_role(name, profiles)
    assert (found.name, found.hops) == ('readonly', ('readonly',))
    assert found.agent_role_of == found.base.name == name
    assert found.base.wait_seconds == 7
    assert found.base.has_agent_role
    assert (found.base.min_remaining == 600) is (name == 'admin')


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'readonly': None}, 'there is no such profile'),
        ({'readonly': {'role_arn': ARN}}, 'no profile with role_arn and'),
        ({'work': {**KEYS, **AGENT}}, 'Profile work does not use an MFA'),
        ({'readonly': role('other')}, 'another access key'),
        ({'readonly': role('web')}, 'profile web has no source_profile'),
        (
            {'readonly': role(duration_seconds='7200')},
            'it needs an MFA code of its own (duration_seconds = 7200',
        ),
        (
            {'readonly': role(mfa_role_sessions='direct')},
            'it needs an MFA code of its own (mfa_role_sessions = direct',
        ),
    ],
)
def test_a_role_that_an_agent_cannot_have(
    changes: dict[str, Any], reason: str
) -> None:
    """The error says which, why, and how to name another one."""
    profiles = {
        'work': {**KEYS, **DEVICE, **AGENT},
        'other': {**KEYS, 'mfa_serial': OTHER_SERIAL},
        'web': {'role_arn': ARN},
        'readonly': role(),
        **changes,
    }
    profiles = {name: found for name, found in profiles.items() if found}
    with pytest.raises(AgentRoleError) as raised:
        read_agent_role('work', profiles)
    assert reason in str(raised.value)
    assert str(raised.value).endswith(
        ' Name a role profile that is assumed from the MFA session of work: '
        'aws configure set mfa_agent_role ROLE_PROFILE --profile work'
    )
