# SPDX-License-Identifier: Apache-2.0
"""``aws mfa configure-sdk``: one line in the profile, for every SDK."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.outside import (
    install_awscli_mfa,
    put_on_path,
    write_sdk_profiles,
)
from tests.e2e.person import Person

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
    """A key in the profile and a foreign line are not gone over."""
    put_on_path(person, tmp_path / 'bin', {'python3': sys.executable})
    before = person.config_file.read_bytes()
    own_key = person.run(*_COMMAND, person.profile)
    assert own_key.code == person.exit_codes.configuration
    assert f'section [{person.profile}-long-term]' in own_key.stderr
    assert person.config_file.read_bytes() == before

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
