# SPDX-License-Identifier: Apache-2.0
"""``aws mfa import-aws-mfa`` with the layouts that aws-mfa allows."""

from __future__ import annotations

import shlex

import pytest

from tests.e2e.person import REGION, Person

IMPORT = ('mfa', 'import-aws-mfa')
NOTHING = 'There is nothing to change.\n'
SESSION = """\
assumed_role = False
aws_access_key_id = ASIAEXPIREDEXAMPLE01
aws_secret_access_key = expired-secret-EXAMPLE
aws_session_token = expired-token
aws_security_token = expired-token
expiration = 2026-01-01 00:00:00
"""


def write_layout(
    person: Person, key: str, session: str | None, *, device: bool = True
) -> None:
    """Write aws-mfa's files: the section of the key and of a session."""
    person.write_config('# mine\n[default]\nregion = x')
    person.write_credentials({key: person.user})
    with person.credentials_file.open('a') as file:
        file.write(f'region = {REGION}\n')
        if device:
            serial = person.user.device.serial_number
            file.write(f'aws_mfa_device = {serial}\n')
        if session is not None:
            file.write(f'[{session}]\n{SESSION}')


def uses_session(person: Person, profile: str) -> bool:
    """Log in with nothing but a code; tell what a command is signed with."""
    code = person.user.device.code()
    person.ok(
        'mfa', 'login', '--profile', profile, '--token-code', code, '--force'
    )
    person.aws.clear_requests()
    person.ok('s3', 'ls', '--profile', profile)
    [call] = person.aws.requests()
    return call.key_kind == 'mfa-session'


@pytest.mark.parametrize(
    ('key', 'session'), [('p-long-term', 'p'), ('p', 'p-mfa')]
)
def test_import(person: Person, key: str, session: str) -> None:
    """A layout is turned into a profile that works, and only once."""
    profile = 'p'
    write_layout(person, key, session)
    config = person.config_file.read_text()
    credentials = person.credentials_file.read_bytes()
    serial = person.user.device.serial_number
    said = person.ok(*IMPORT).stdout
    assert f'[profile {profile}]\nmfa_serial = {serial}\n' in said
    assert person.config_file.read_text() == config

    assert '# Added to ' in person.ok(*IMPORT, '--apply').stdout
    text = person.config_file.read_text()
    assert text.startswith(config)
    assert f'mfa_serial = {serial}\n' in text
    assert person.credentials_file.read_bytes() == credentials
    assert person.ok(*IMPORT, '--apply').stdout == NOTHING
    assert person.config_file.read_text() == text
    assert uses_session(person, profile)


@pytest.mark.parametrize(
    ('key', 'device', 'line'),
    [
        ('p-long-term', False, 'aws mfa login --profile p --serial-number '),
        ('p-lt', True, 'aws mfa login --profile p --long-term-suffix lt'),
        ('p-lt', True, 'aws configure set mfa_serial '),
    ],
)
def test_what_is_left_to_the_person(
    person: Person, key: str, device: bool, line: str
) -> None:
    """What is named with a command is done by that command."""
    write_layout(person, key, None, device=device)
    config = person.config_file.read_bytes()
    said = person.ok(*IMPORT, '--apply').stdout
    assert person.config_file.read_bytes() == config
    assert f'# Profile {key} names ' in said
    _, found, rest = said.partition(line)
    assert found
    command = shlex.split(found + rest.partition('\n')[0])[1:]
    serial = person.user.device.serial_number
    command = [serial if word == 'ARN' else word for word in command]
    if 'login' in command:
        command += ['--token-code', person.user.device.code()]
    person.ok(*command)
    assert person.ok(*IMPORT).stdout == NOTHING
    profile = command[command.index('--profile') + 1]
    assert uses_session(person, profile)


def test_device_that_cannot_be_used(person: Person) -> None:
    """A passkey is not taken over, and the reason is said."""
    write_layout(person, 'p-long-term', 'p', device=False)
    with person.credentials_file.open('a') as file:
        file.write(
            '[q-long-term]\naws_access_key_id = AKIAEXAMPLE\n'
            'aws_secret_access_key = secret-EXAMPLE\n'
            'aws_mfa_device = arn:aws:iam::123456789012:u2f/user/x/y\n'
        )
    config = person.config_file.read_bytes()
    said = person.ok(*IMPORT, '--apply').stdout
    assert 'Profile p-long-term names no MFA device.' in said
    assert 'Profile q-long-term is left out' in said
    assert 'it is a FIDO security key or passkey' in said
    assert 'secret-EXAMPLE' not in said
    assert person.config_file.read_bytes() == config
    assert person.aws.requests() == []
