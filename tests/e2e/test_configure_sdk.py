# SPDX-License-Identifier: Apache-2.0
"""``aws mfa configure-sdk``: one line in the profile, for every SDK."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.outside import (
    install_awscli_mfa,
    put_on_path,
    write_sdk_profiles,
)
from tests.e2e.person import REGION, Person
from tests.sdks import found_sdks
from tests.standin import Role

_COMMAND = ('mfa', 'configure-sdk', '--profile')


def test_writes_one_line_and_shows_what_sdks_get(
    person: Person, plugin_folder: Path, tmp_path: Path
) -> None:
    """The rest of the file stays; the CLI asks once, and never again."""
    folder = tmp_path / 'a bin'
    put_on_path(person, folder)
    install_awscli_mfa(folder, plugin_folder)
    write_sdk_profiles(person, None)
    before = person.config_file.read_bytes() + (
        b'\n# One more:\n[profile last]\nregion=eu-west-1'
    )
    before = before.replace(b'\n', b'\r\n')
    person.config_file.write_bytes(before)

    terminal = person.at_terminal(*_COMMAND, person.profile)
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    (kept,) = person.sessions()
    assert (
        'SDKs get a session (access key ID ending in '
        f'{kept["Credentials"]["AccessKeyId"][-4:]}) from custom-process.'
    ) in ' '.join(shown.stdout.split())
    line = (
        f"credential_process = '{folder}/awscli-mfa' credentials --profile "
        f'{person.profile}\r\n'
    ).encode()
    after = person.config_file.read_bytes()
    assert after.count(line) == 1
    assert after.replace(line, b'') == before
    section = after[after.index(f'[profile {person.profile}]'.encode()) :]
    assert line in section[: section.index(b'[profile last]')]

    again = person.ok(*_COMMAND, person.profile)
    assert again.stdout.startswith('SDKs get a session ')
    assert person.config_file.read_bytes() == after
    # With the plugin and the line the CLI still goes its own way.
    person.ok('s3', 'ls', '--profile', person.profile)
    person.ok('mfa', 'logout', '--profile', person.profile)
    refused = person.run('s3', 'ls', '--profile', person.profile)
    assert 'has no valid MFA session' in refused.stderr
    # Who only looks is asked for nothing, by neither of the two.
    looking = ('configure', 'list', '--profile', person.profile)
    looked = person.at_terminal(*looking).finish()
    assert looked.code == 0, looked
    assert 'Enter MFA code' not in looked.stdout
    assert person.run(*looking).code == 0
    terminal = person.at_terminal('s3', 'ls', '--profile', person.profile)
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert [
        (call.operation, call.key_kind) for call in person.aws.requests()
    ] == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


def test_what_it_leaves_alone(person: Person, tmp_path: Path) -> None:
    """A foreign line is not gone over."""
    put_on_path(person, tmp_path / 'bin', {'python3': sys.executable})
    write_sdk_profiles(person, 'some-vault get')
    before = person.config_file.read_bytes()
    foreign = person.run(*_COMMAND, person.profile)
    assert foreign.code == person.exit_codes.usage
    assert 'which is not changed' in foreign.stderr
    # It may hold a password.
    assert 'some-vault' not in foreign.stderr
    assert person.config_file.read_bytes() == before

    # Without awscli-mfa on PATH the package is run where it stands.
    write_sdk_profiles(person, None)
    person.login()
    shown = person.ok(*_COMMAND, person.profile)
    assert f'{tmp_path}/bin/python3 ' in shown.stdout
    assert 'awscli_mfa_plugin credentials --profile' in shown.stdout
    assert 'SDKs get a session ' in shown.stdout


def test_a_key_in_the_profile_is_moved(
    person: Person, plugin_folder: Path, tmp_path: Path
) -> None:
    """Somebody agrees, and boto3 has the session that ``aws`` has."""
    put_on_path(person, tmp_path / 'bin')
    install_awscli_mfa(tmp_path / 'bin', plugin_folder)
    role = _write_role(person, f'mfa_serial = {_device(person)}\n')
    before = _files(person)

    refused = person.run(*_COMMAND, person.profile)
    assert refused.code == person.exit_codes.usage
    assert (
        f'To move the access key of profile {person.profile} to '
        f'[{person.profile}-long-term] of ~/.aws/credentials: '
        f'aws mfa configure-sdk --profile {person.profile} --apply'
    ) in ' '.join(refused.stderr.split())
    assert _files(person) == before

    terminal = person.at_terminal(*_COMMAND, person.profile)
    terminal.answer('y', '[y/N] ')
    terminal.answer(person.user.device.code())
    shown = terminal.finish()
    assert shown.code == 0, shown
    assert f'- [{person.profile}]' in terminal.shown
    assert person.user.secret_access_key not in terminal.shown
    assert person.user.access_key_id not in terminal.shown
    assert 'To go back: move the two lines' in terminal.shown
    assert 'from custom-process' in shown.stdout
    assert _files(person)[1] == before[1].replace(
        f'[{person.profile}]', f'[{person.profile}-long-term]'
    )
    _check_works(person, role)

    person.ok('mfa', 'logout', '--profile', person.profile)
    without = person.run('s3', 'ls', '--profile', person.profile)
    assert 'has no valid MFA session' in without.stderr
    terminal = person.at_terminal('s3', 'ls', '--profile', 'admin')
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert person.aws.requests()[-1].role_name == role.name


@pytest.mark.parametrize('layout', ['aws-mfa', 'pasted'])
def test_other_layouts(
    person: Person, plugin_folder: Path, tmp_path: Path, layout: str
) -> None:
    """A session that ended long ago goes, and then boto3 has ours."""
    put_on_path(person, tmp_path / 'bin')
    install_awscli_mfa(tmp_path / 'bin', plugin_folder)
    key = (
        f'aws_access_key_id = {person.user.access_key_id}\n'
        f'aws_secret_access_key = {person.user.secret_access_key}\n'
    )
    device = f'mfa_serial = {_device(person)}\n'
    stale = (
        f'[{person.profile}]\naws_access_key_id = ASIASTALE\n'
        'aws_secret_access_key = stale\naws_session_token = stale\n'
    )
    long_term = f'[{person.profile}-long-term]\n'
    if layout == 'aws-mfa':
        role = _write_role(person, '')
        kept = f'{long_term}aws_mfa_device = {_device(person)}\n{key}'
        credentials = (
            f'{kept}{stale}aws_security_token = stale\n'
            'assumed_role = False\nexpiration = 2020-01-01 00:00:00\n'
        )
    else:
        role = _write_role(
            person, f'[profile {person.profile}-long-term]\n{device}'
        )
        kept = long_term + key
        credentials = stale + kept
    person.credentials_file.write_text(credentials)
    person.login()
    shown = person.ok(*_COMMAND, person.profile, '--apply')
    assert 'from custom-process' in shown.stdout
    assert person.user.secret_access_key not in shown.stdout
    assert person.credentials_file.read_text() == kept
    _check_works(person, role)


def _device(person: Person) -> str:
    return person.user.device.serial_number


def _files(person: Person) -> tuple[str, str]:
    return (
        person.config_file.read_text(),
        person.credentials_file.read_text(),
    )


def _write_role(person: Person, lines: str) -> Role:
    """Give the person's profile more lines, and a role ``admin``."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    person.write_config(
        '[profile admin]\n'
        f'region = {REGION}\n'
        f'role_arn = {role.arn}\n'
        f'source_profile = {person.profile}\n'
        f'[profile {person.profile}]\n'
        f'region = {REGION}\n{lines}'
    )
    return role


def _check_works(person: Person, role: Role) -> None:
    """Check who signs for the two profiles, in ``aws`` and in boto3."""
    bucket = f'bucket-of-{person.user.name}'
    person.aws.create_bucket(bucket, region=REGION)
    person.aws.put_object(bucket, 'sea.jpeg')
    (boto3,) = (sdk for sdk in found_sdks() if sdk.name == 'boto3')
    for profile, kind in ((person.profile, 'mfa-session'), ('admin', 'role')):
        for program in (
            [person.host.aws, 's3', 'ls', bucket, '--profile', profile],
            boto3.command(profile, bucket, person.aws.url),
        ):
            listed = person.ok(program=program)
            assert 'sea.jpeg' in listed.stdout, program
            call = person.aws.requests()[-1]
            assert call.key_kind == kind, program
            assert kind != 'role' or call.role_name == role.name
