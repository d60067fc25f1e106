# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.login_arguments."""

from __future__ import annotations

import argparse
import re
from typing import Any

import pytest

from awscli_mfa_plugin.commands.login_arguments import (
    ALIASES,
    LoginArguments,
    argument_table,
    default_role_session_name,
    read_arguments,
)
from awscli_mfa_plugin.exceptions import MFAConfigurationError, UsageError
from awscli_mfa_plugin.host.secrecy import TOKEN_CODE_OPTIONS
from awscli_mfa_plugin.profiles.settings import Profiles
from tests.unit.conftest import make_profile
from tests.unit.names import ROLE, SERIAL

PROFILES = {'p-long-term': {'aws_access_key_id': 'x'}}
# Two values of each option that has two names.
VALUES = {
    'serial-number': (SERIAL, 'GAHT12345678'),
    'duration-seconds': ('1800', '3600'),
    'token-code': ('111111', '222222'),
    'role-arn': (ROLE, f'{ROLE}2'),
    'long-term-suffix': ('a', 'b'),
    'short-term-suffix': ('c', 'd'),
}
NAMES = [
    (name, alias) for name, aliases in ALIASES.items() for alias in aliases
]


def read(**given: Any) -> LoginArguments:
    """Read the options given, by the names that they have in Python."""
    parsed = {
        entry['name'].replace('-', '_'): (
            False if entry.get('action') == 'store_true' else None
        )
        for entry in argument_table()
    }
    unknown = set(given) - set(parsed)
    assert not unknown
    return read_arguments(argparse.Namespace(**{**parsed, **given}))


def test_all_of_aws_mfas_flags_are_there() -> None:
    """Each flag of aws-mfa 0.0.12 is an option, and takes what it took."""
    table = {entry['name']: entry for entry in argument_table()}
    # --profile is the CLI's own.
    assert {
        'device',
        'duration',
        'long-term-suffix',
        'long-suffix',
        'short-term-suffix',
        'short-suffix',
        'assume-role',
        'assume',
        'role-session-name',
        'force',
        'log-level',
        'setup',
        'token',
        'mfa-token',
    } <= set(table)
    assert table['force']['action'] == table['setup']['action']
    assert table['log-level']['choices'] == [
        'CRITICAL',
        'ERROR',
        'WARNING',
        'INFO',
        'DEBUG',
        'NOTSET',
    ]


def test_awss_names_come_first() -> None:
    """The help has AWS's names first, and what an alias stands for."""
    table = argument_table()
    names = [entry['name'] for entry in table]
    assert len(names) == len(set(names))
    aliases = [alias for _, alias in NAMES]
    assert names[-len(aliases) :] == aliases
    for name, alias in NAMES:
        help_text = table[names.index(alias)]['help_text']
        assert f'<code>--{name}</code>' in help_text


def test_every_name_of_the_token_code_is_masked() -> None:
    """No name of the code is one that debug output would show."""
    names = ('token-code', *ALIASES['token-code'])
    assert {f'--{name}' for name in names} == set(TOKEN_CODE_OPTIONS)


@pytest.mark.parametrize(('name', 'alias'), NAMES)
def test_alias(name: str, alias: str) -> None:
    """Another name means the same, and both at once are refused."""
    first, second = VALUES[name]
    attribute, other = name.replace('-', '_'), alias.replace('-', '_')
    by_name = read(**{attribute: first})
    by_alias = read(**{other: first})
    # Sources of codes are told apart by what they give.
    for arguments in (by_name, by_alias):
        if name == 'token-code':
            source = arguments.source_for(make_profile())
            assert source.token_code(SERIAL) == first
        else:
            assert str(getattr(arguments, attribute)) == first
    for value in (first, second):
        with pytest.raises(UsageError) as caught:
            read(**{attribute: first, other: value})
        assert str(caught.value) == (
            f'--{name} and --{alias} are the same option: give one.'
        )


def test_nothing_given() -> None:
    """Without options nothing is decided here."""
    arguments = read()
    assert arguments.serial_number is None
    assert arguments.duration_seconds is None
    assert arguments.role_arn is None
    assert not arguments.force
    assert not arguments.write_credentials
    assert arguments.profile_names('p', PROFILES) == ('p', None)


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """aws-mfa's variables count where no option is given."""
    monkeypatch.setenv('MFA_DEVICE', 'GAHT12345678')
    monkeypatch.setenv('MFA_STS_DURATION', '1800')
    monkeypatch.setenv('MFA_ASSUME_ROLE', ROLE)
    arguments = read()
    assert arguments.serial_number == 'GAHT12345678'
    assert arguments.duration_seconds == 1800
    assert arguments.role_arn == ROLE
    arguments = read(device=SERIAL, duration='3600', assume=f'{ROLE}2')
    assert arguments.serial_number == SERIAL
    assert arguments.duration_seconds == 3600
    assert arguments.role_arn == f'{ROLE}2'


def test_empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is none."""
    for name in ('MFA_DEVICE', 'MFA_STS_DURATION', 'MFA_ASSUME_ROLE'):
        monkeypatch.setenv(name, '')
    arguments = read()
    assert arguments.serial_number is None
    assert arguments.duration_seconds is None
    assert arguments.role_arn is None


@pytest.mark.parametrize('value', ['1h', '899', '129601', '-1', '900.5'])
def test_duration_that_is_none(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A bad MFA_STS_DURATION is named, unless an option goes before it."""
    monkeypatch.setenv('MFA_STS_DURATION', value)
    with pytest.raises(MFAConfigurationError, match=re.escape(value)) as error:
        read()
    assert 'MFA_STS_DURATION' in str(error.value)
    assert read(duration_seconds='900').duration_seconds == 900


@pytest.mark.parametrize(
    'given',
    [
        {'duration': '899'},
        {'duration': '1h'},
        {'duration_seconds': '129601'},
        {'device': 'short'},
        {'serial_number': 'arn:aws:iam::123456789012:user/x'},
        {'token': '12345'},
        {'mfa_token': ''},
    ],
)
def test_options_that_are_wrong_by_themselves(given: Any) -> None:
    """What cannot be right is a wrong command line."""
    with pytest.raises(UsageError):
        read(**given)


def test_session_name_without_a_role() -> None:
    """It is no error: the role may be in the file, and aws-mfa took it."""
    assert read(role_session_name='anna').role_session_name == 'anna'


@pytest.mark.parametrize(
    ('long_term', 'short_term', 'names'),
    [
        ('none', 'x', ('p-x', 'p')),
        ('NONE', 'x', ('p-x', 'p')),
        ('keys', None, ('p', 'p-keys')),
        ('keys', 'none', ('p', 'p-keys')),
        ('keys', 'mfa', ('p-mfa', 'p-keys')),
        (None, 'mfa', ('p-mfa', 'p-long-term')),
        (None, 'None', ('p', 'p-long-term')),
        # As for aws-mfa, an empty one is none.
        ('', '', ('p', 'p-long-term')),
    ],
)
def test_suffixes(
    long_term: str | None,
    short_term: str | None,
    names: tuple[str, str],
) -> None:
    """The two profiles are named as aws-mfa names its sections."""
    arguments = read(long_term_suffix=long_term, short_term_suffix=short_term)
    assert arguments.profile_names('p', PROFILES) == names


@pytest.mark.parametrize(
    ('long_term', 'short_term'),
    [('none', None), ('none', 'none'), ('x', 'x'), (None, 'long-term')],
)
def test_suffixes_of_one_profile(
    long_term: str | None, short_term: str | None
) -> None:
    """A session has no place where the long-term keys are."""
    arguments = read(long_suffix=long_term, short_suffix=short_term)
    with pytest.raises(UsageError, match='name the same profile, p'):
        arguments.profile_names('p', PROFILES)


@pytest.mark.parametrize(
    ('profiles', 'long_term'),
    [
        (PROFILES, 'p-long-term'),
        ({'p': {'aws_access_key_id': 'x'}}, 'p'),
        ({'p': {'source_profile': 'keys'}, 'keys': {}}, 'keys'),
    ],
)
def test_where_the_session_goes_says_nothing_of_the_key(
    profiles: Profiles, long_term: str
) -> None:
    """The long-term profile is found as it is without a suffix."""
    arguments = read(short_term_suffix='mfa')
    assert arguments.profile_names('p', profiles) == ('p-mfa', long_term)


@pytest.mark.parametrize(
    ('user', 'name'),
    [
        ('anna', 'anna'),
        ('Änna B', '-nna-B'),
        ('a' * 65, 'a' * 64),
        ('DOMAIN\\anna', 'DOMAIN-anna'),
        ('a', 'awscli-mfa-plugin'),
    ],
)
def test_role_session_name(
    monkeypatch: pytest.MonkeyPatch, user: str, name: str
) -> None:
    """The local user name is made one that AWS takes."""
    monkeypatch.setenv('LOGNAME', user)
    assert default_role_session_name() == name


def test_no_local_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user has no name, as in a container, there is another."""

    def fail() -> str:
        raise KeyError('getpwuid(): uid not found: 1234')

    monkeypatch.setattr('getpass.getuser', fail)
    assert default_role_session_name() == 'awscli-mfa-plugin'
