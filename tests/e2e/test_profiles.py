# SPDX-License-Identifier: Apache-2.0
"""Which key and device a profile has, and what is written for it."""

from __future__ import annotations

import json
import sys

import botocore.session

from tests.e2e.person import Person

LIST_BUCKETS = ('s3', 'ls', '--profile')


def log_in(person: Person, profile: str, *arguments: str) -> str:
    """Log in to any profile; return what was said."""
    result = person.ok(
        'mfa',
        'login',
        '--profile',
        profile,
        '--token-code',
        person.user.device.code(),
        *arguments,
    )
    assert result.stderr == ''
    return result.stdout


def signers(person: Person) -> list[tuple[str, str | None]]:
    """Return each call so far with the kind of key that signed it."""
    return [(call.operation, call.key_kind) for call in person.aws.requests()]


ONE_SESSION = [
    ('GetSessionToken', 'long-term'),
    ('ListBuckets', 'mfa-session'),
]


def test_long_term_profile_alone(person: Person) -> None:
    """With only P-long-term there, login creates P; all else stays."""
    person.write_config('')
    before = (
        person.config_file.read_bytes()
        + (
            '# mine: häßlich, but kept\r\n'
            '[profile p-long-term]  ; a key\r\n'
            f'mfa_serial={person.user.device.serial_number}\r\n'
            'region =   eu-west-3\r\n'
            'output = text\r\n'
            's3 =\r\n'
            '    max_queue_size = 5\r\n'
            '\r\n'
            '# the end'
        ).encode()
    )
    person.config_file.write_bytes(before)
    person.write_credentials({'p-long-term': person.user})
    with person.credentials_file.open('a') as file:
        file.write('# none of your business')
    credentials = person.credentials_file.read_bytes()

    said = log_in(person, 'p')
    assert 'profile p: ' in said
    after = person.config_file.read_bytes()
    assert after.startswith(before)
    lines = after[len(before) :].decode().split('\r\n')
    assert sorted(line for line in lines if line) == [
        '[profile p]',
        f'mfa_serial = {person.user.device.serial_number}',
        'output = text',
        'region = eu-west-3',
    ]

    person.ok(*LIST_BUCKETS, 'p')
    assert signers(person) == ONE_SESSION
    assert {call.region for call in person.aws.requests()} == {'eu-west-3'}
    assert person.config_file.read_bytes() == after
    assert person.credentials_file.read_bytes() == credentials


def test_serial_number_is_saved(person: Person) -> None:
    """A device given once is kept in the profile, and the person is told."""
    person.write_config(
        '# first\n[profile s3-cli-user]\n; one\nregion = eu-central-1\n\n'
        '[profile other]\nregion=us-west-2 # two\n'
    )
    before = person.config_file.read_text()
    credentials = person.credentials_file.read_bytes()
    serial = person.user.device.serial_number
    said = log_in(person, person.profile, '--serial-number', serial)
    assert (
        f'Saved in ~/.aws/config, profile {person.profile}: mfa_serial\n'
        in said
    )
    after = person.config_file.read_text()
    line = f'mfa_serial = {serial}\n'
    assert after.count(line) == 1
    assert after.replace(line, '') == before
    person.ok(*LIST_BUCKETS, person.profile)
    assert signers(person) == ONE_SESSION
    assert person.config_file.read_text() == after
    assert person.credentials_file.read_bytes() == credentials


def test_source_profile_with_a_credential_process(person: Person) -> None:
    """The key may be another profile's, and come from a program."""
    program = person.home / 'key.py'
    key = {
        'Version': 1,
        'AccessKeyId': person.user.access_key_id,
        'SecretAccessKey': person.user.secret_access_key,
    }
    program.write_text(f'print({json.dumps(json.dumps(key))})\n')
    person.write_config(
        f'[profile vault]\ncredential_process = {sys.executable} {program}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        '[profile work]\nsource_profile = vault\nregion = eu-north-1\n'
    )
    person.credentials_file.unlink()
    config = person.config_file.read_bytes()
    log_in(person, 'work')
    person.ok(*LIST_BUCKETS, 'work')
    assert signers(person) == ONE_SESSION
    assert person.aws.requests()[0].access_key_id == person.user.access_key_id
    assert {call.region for call in person.aws.requests()} == {'eu-north-1'}
    assert person.config_file.read_bytes() == config
    assert not person.credentials_file.exists()


def test_default_profile_with_keys_in_the_config_file(
    person: Person,
) -> None:
    """Without a name it is the default profile, wherever its keys are."""
    person.credentials_file.unlink()
    person.write_config(
        f'[default]\nregion = eu-west-1\n'
        f'aws_access_key_id = {person.user.access_key_id}\n'
        f'aws_secret_access_key = {person.user.secret_access_key}\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
    )
    refused = person.run('s3', 'ls')
    assert 'aws mfa login --profile default' in refused.stderr
    said = person.ok(
        'mfa', 'login', '--token-code', person.user.device.code()
    ).stdout
    assert said.startswith('Profile default has an MFA session until ')
    person.ok('s3', 'ls')
    assert signers(person) == ONE_SESSION


def test_files_and_profile_named_in_the_environment(person: Person) -> None:
    """The variables for the two files and the profile are honoured."""
    folder = person.home / 'elsewhere'
    folder.mkdir()
    person.write_config('[profile p-long-term]\nregion = eu-west-2\n')
    person.write_credentials({'p-long-term': person.user})
    config, credentials = folder / 'c.ini', folder / 'k.ini'
    person.config_file.rename(config)
    person.credentials_file.rename(credentials)
    person.variables |= {
        'AWS_CONFIG_FILE': str(config),
        'AWS_SHARED_CREDENTIALS_FILE': str(credentials),
        'AWS_PROFILE': 'p',
    }
    before = credentials.read_bytes()
    said = person.ok(
        'mfa',
        'login',
        '--serial-number',
        person.user.device.serial_number,
        '--token-code',
        person.user.device.code(),
    ).stdout
    assert f'Saved in {config}, profile p: ' in said
    assert '[profile p]' in config.read_text()
    assert credentials.read_bytes() == before
    del person.variables['AWS_PROFILE']
    person.ok('s3', 'ls', AWS_DEFAULT_PROFILE='p')
    assert signers(person) == ONE_SESSION
    assert not person.config_file.exists()
    assert not person.credentials_file.exists()


def test_temporary_credentials_are_no_long_term_ones(
    person: Person,
) -> None:
    """Login refuses them and says why; native commands go on using them."""
    client = botocore.session.Session().create_client(
        'sts',
        region_name='eu-central-1',
        endpoint_url=person.aws.url,
        aws_access_key_id=person.user.access_key_id,
        aws_secret_access_key=person.user.secret_access_key,
    )
    session = client.get_session_token(
        SerialNumber=person.user.device.serial_number,
        TokenCode=person.user.device.code(),
    )['Credentials']
    person.aws.clear_requests()
    person.credentials_file.write_text(
        f'[{person.profile}]\n'
        f'aws_access_key_id = {session["AccessKeyId"]}\n'
        f'aws_secret_access_key = {session["SecretAccessKey"]}\n'
        f'aws_session_token = {session["SessionToken"]}\n'
    )
    before = person.credentials_file.read_bytes()
    result = person.run(
        'mfa',
        'login',
        '--profile',
        person.profile,
        '--token-code',
        person.user.device.code(),
    )
    assert result.code == person.exit_codes.configuration
    assert (
        f'The credentials of profile {person.profile} carry a session token, '
        'so they are not long-term credentials'
    ) in result.stderr
    assert person.aws.requests() == []

    person.ok(*LIST_BUCKETS, person.profile)
    [call] = person.aws.requests()
    assert call.access_key_id == session['AccessKeyId']
    assert person.credentials_file.read_bytes() == before
