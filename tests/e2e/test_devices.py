# SPDX-License-Identifier: Apache-2.0
"""MFA devices that no profile names: found, chosen, shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.person import REGION, Person
from tests.standin import User

LOGIN = ('mfa', 'login', '--profile')
FIDO = 'arn:aws:iam::000000000000:u2f/user/{name}/key-EXAMPLE'


@pytest.fixture
def keys_only(person: Person) -> Person:
    """Give somebody whose profile names no MFA device."""
    person.write_profiles({person.profile: {}})
    return person


def test_only_device_is_found(keys_only: Person) -> None:
    """It is taken, said and saved; the next command needs nothing more."""
    person, device = keys_only, keys_only.user.device
    person.user.iam_policy('any-device')
    person.user.add_device(FIDO.format(name=person.user.name))
    terminal = person.at_terminal(*LOGIN, person.profile)
    terminal.answer(
        device.code(), f'Enter MFA code for {device.serial_number}'
    )
    assert terminal.finish().code == 0
    assert (
        f'MFA device of profile {person.profile}: {device.serial_number} '
    ) in terminal.said
    assert f'mfa_serial = {device.serial_number}\n' in (
        person.config_file.read_text()
    )
    person.ok('s3', 'ls', '--profile', person.profile)
    assert [
        (call.operation, call.key_kind) for call in person.aws.requests()
    ] == [
        ('ListMFADevices', 'long-term'),
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


@pytest.mark.one_host
def test_device_of_a_role(keys_only: Person) -> None:
    """It is saved where the key is, for all that stands on it."""
    person, device = keys_only, keys_only.user.device
    person.user.iam_policy('any-device')
    role = person.aws.create_role(f'{person.user.name}-role')
    app = {'role_arn': role.arn, 'source_profile': person.profile}
    person.write_profiles({'app': app, person.profile: {}})
    config = person.config_file.read_text()
    result = person.ok(*LOGIN, 'app', '--token-code', device.code())
    assert f'profile {person.profile}: mfa_serial\n' in result.stdout
    assert person.config_file.read_text() == (
        f'{config}mfa_serial = {device.serial_number}\n'
    )
    for profile in ('app', person.profile):
        person.ok('s3', 'ls', '--profile', profile)


def test_one_of_several_devices(keys_only: Person) -> None:
    """A person chooses by number; a script is told what to say."""
    person = keys_only
    serial_number = f'GAHT{int(person.user.name.rpartition("-")[2]):08}'
    other = person.user.add_device(serial_number)
    first = person.user.device.serial_number
    result = person.run(*LOGIN, person.profile, '--token-code', '123456')
    assert result.code == person.exit_codes.configuration
    assert f'several MFA devices: {first}, {serial_number}.' in result.stderr
    assert (
        f'aws mfa login --profile {person.profile} --serial-number {first}'
    ) in result.stderr
    terminal = person.at_terminal(*LOGIN, person.profile)
    terminal.expect_exact(f'1. {first}')
    terminal.expect_exact(f'2. {serial_number}')
    terminal.answer('2', 'MFA device (number or ARN): ')
    terminal.answer(other.code(), f'Enter MFA code for {serial_number}')
    assert terminal.finish().code == 0
    assert f'mfa_serial = {serial_number}\n' in person.config_file.read_text()


def test_either_of_two_devices(person: Person) -> None:
    """A session of the second serves commands, roles and ``awscli-mfa``."""
    first, user = person.user.device.serial_number, person.user
    other = user.add_device(f'GAHT{int(user.name.rpartition("-")[2]):08}')
    role = person.aws.create_role(f'{user.name}-role')
    with person.config_file.open('a') as config:
        config.write(
            f'[profile app]\nrole_arn = {role.arn}\n'
            f'source_profile = {person.profile}\nregion = {REGION}\n'
            f'mfa_serial = {first}\n'
        )
    config_before = person.config_file.read_bytes()
    login = (*LOGIN, person.profile)
    with_other = ('--serial-number', other.serial_number)
    result = person.ok(*login, *with_other, '--token-code', other.code())
    assert result.stderr == ''
    assert person.config_file.read_bytes() == config_before
    for profile in (person.profile, 'app'):
        person.ok('s3', 'ls', '--profile', profile)
    assert [
        (call.operation, call.key_kind) for call in person.aws.requests()
    ] == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
        ('AssumeRole', 'mfa-session'),
        ('ListBuckets', 'role'),
    ]
    status = person.ok('mfa', 'status', '--profile', person.profile)
    [session] = status.json()['Sessions']
    assert session['SerialNumber'] == other.serial_number
    assert session['Profiles'] == ['app', person.profile]
    # The other way round: each login finds what the other device gave.
    for arguments in ((), with_other):
        assert 'already has' in person.ok(*login, *arguments).stdout
    person.login('--force')
    assert 'already has' in person.ok(*login, *with_other).stdout
    [kept] = person.sessions()
    assert kept['SerialNumber'] == first
    person.ok('mfa', 'logout', '--profile', person.profile)
    assert person.cached_files() == []


@pytest.mark.one_host
@pytest.mark.parametrize('has_fido', [False, True], ids=['none', 'FIDO'])
def test_no_device_that_gives_codes(keys_only: Person, has_fido: bool) -> None:
    """The error says why, and how to enroll one that does."""
    person = keys_only
    user = person.aws.create_user(f'{person.user.name}-new', device=False)
    if has_fido:
        user.add_device(FIDO.format(name=user.name))
    person.write_credentials({person.profile: user})
    result = person.run(*LOGIN, person.profile)
    assert result.code == person.exit_codes.configuration
    assert ('FIDO' in result.stderr) is has_fido
    assert f'aws mfa enroll --profile {person.profile}' in result.stderr
    assert person.sessions() == []


@pytest.mark.one_host
def test_listing_denied(keys_only: Person) -> None:
    """The device to try is the one that is named like the user."""
    person = keys_only
    person.aws.fail(
        operation='ListMFADevices',
        code='AccessDenied',
        status=403,
        message='User is not authorized to perform: iam:ListMFADevices',
    )
    result = person.run(*LOGIN, person.profile)
    assert result.code == person.exit_codes.configuration
    command = f'--serial-number {person.user.device.serial_number}'
    assert command in result.stderr
    person.ok(
        *LOGIN,
        person.profile,
        *command.split(),
        '--token-code',
        person.user.device.code(),
    )


def test_no_profile_named(
    person: Person, new_user: Callable[[], User]
) -> None:
    """Where ``default`` has no MFA, the profile that has is offered."""
    result = person.run('mfa', 'login', '--token-code', '123456')
    assert result.code == person.exit_codes.configuration
    assert f'aws mfa login --profile {person.profile}' in result.stderr
    terminal = person.at_terminal('mfa', 'login')
    terminal.answer('', f'Log in to profile {person.profile}? [Y/n] ')
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    other = new_user()
    person.write_profiles(
        {
            person.profile: {'mfa_serial': person.user.device.serial_number},
            'other': {'mfa_serial': other.device.serial_number},
        }
    )
    person.write_credentials({person.profile: person.user, 'other': other})
    terminal = person.at_terminal('mfa', 'login')
    assert terminal.finish().code == person.exit_codes.configuration
    assert f'{person.profile}, other' in ' '.join(terminal.shown.split())


def test_list_devices(person: Person) -> None:
    """Each is shown with its kind and the profiles that use it."""
    user = person.user
    user.iam_policy('named-device')
    fido = user.add_device(FIDO.format(name=user.name))
    role = {
        'role_arn': 'arn:aws:iam::000000000000:role/admin',
        'source_profile': person.profile,
    }
    with person.config_file.open('a') as file:
        file.write('[profile admin]\n')
        file.writelines(f'{name} = {value}\n' for name, value in role.items())
    command = ('mfa', 'list-devices', '--profile', person.profile)
    first, second = person.ok(*command).json()['MFADevices']
    assert first.pop('EnableDate').endswith('Z')
    assert first == {
        'SerialNumber': user.device.serial_number,
        'Kind': 'virtual',
        'Profiles': ['admin', person.profile],
    }
    assert second['SerialNumber'] == fido.serial_number
    assert (second['Kind'], second['Profiles']) == ('FIDO', [])
    table = person.ok(*command, '--output', 'table').stdout
    assert max(map(len, table.splitlines())) <= 80
    result = person.run('mfa', 'list-devices', '--profile', 'admin')
    assert result.code == person.exit_codes.configuration
    assert 'MFA devices belong to the IAM user' in result.stderr
    assert {call.key_kind for call in person.aws.requests()} == {'long-term'}
