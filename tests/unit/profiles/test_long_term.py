# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profiles.long_term."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.exceptions import NoLongTermCredentialsError
from awscli_mfa_plugin.profiles.long_term import load_credentials
from tests.unit.conftest import Home
from tests.unit.names import ACCESS_KEY_ID, KEYS, SECRET_KEY


def process(folder: Path, access_key_id: str) -> str:
    """Return a command that prints a key as credential_process does."""
    printed = folder / f'{access_key_id}.json'
    printed.write_text(
        json.dumps(
            {
                'Version': 1,
                'AccessKeyId': access_key_id,
                'SecretAccessKey': 'process-secret',
            }
        )
    )
    program = 'import sys; print(open(sys.argv[1]).read())'
    return ' '.join(
        shlex.quote(word)
        for word in (sys.executable, '-c', program, str(printed))
    )


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [('', f'[work]\n{KEYS}'), (f'[profile work]\n{KEYS}', '')],
)
def test_static_keys_of_either_file(
    home: Home, config: str, credentials: str
) -> None:
    """A key is found in the credentials file and in the config file."""
    home.write(config, credentials)
    found = load_credentials(home.session(), 'work')
    assert (found.access_key, found.secret_key, found.token) == (
        ACCESS_KEY_ID,
        SECRET_KEY,
        None,
    )


def test_credential_process(home: Home, tmp_path: Path) -> None:
    """A key may come from a program, a keychain's for instance."""
    command = process(tmp_path, 'AKIAPROCESS')
    home.write(f'[profile work]\ncredential_process = {command}\n')
    found = load_credentials(home.session(), 'work')
    assert (found.access_key, found.token) == ('AKIAPROCESS', None)


def test_order_is_botocores(home: Home, tmp_path: Path) -> None:
    """The credentials file goes before a process, and that before config."""
    command = process(tmp_path, 'AKIAPROCESS')
    config = (
        '[profile work]\naws_access_key_id = AKIACONFIG\n'
        f'aws_secret_access_key = s\ncredential_process = {command}\n'
    )
    home.write(config, f'[work]\n{KEYS}')
    first = load_credentials(home.session(), 'work')
    home.write(config)
    second = load_credentials(home.session(), 'work')
    assert (first.access_key, second.access_key) == (
        ACCESS_KEY_ID,
        'AKIAPROCESS',
    )
    for found in (first, second):
        assert found.method in ('shared-credentials-file', 'custom-process')


def test_temporary_credentials_keep_their_token(home: Home) -> None:
    """Credentials that are no long-term ones can be told by their token."""
    home.write(credentials=f'[work]\n{KEYS}aws_session_token = t\n')
    assert load_credentials(home.session(), 'work').token == 't'


def test_environment_is_another_persons(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of the environment are not the profile's."""
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 's')
    home.write(credentials=f'[work]\n{KEYS}')
    found = load_credentials(home.session(), 'work')
    assert found.access_key == ACCESS_KEY_ID


@pytest.mark.parametrize('profile_name', ['work', 'gone'])
def test_no_credentials(home: Home, profile_name: str) -> None:
    """A profile without a key says how to store one."""
    home.write('[profile work]\nregion = eu-west-1\n', f'[other]\n{KEYS}')
    with pytest.raises(
        NoLongTermCredentialsError,
        match=f'aws configure --profile {profile_name}',
    ):
        load_credentials(home.session(), profile_name)


def test_no_files(home: Home) -> None:
    """Files that are not there are profiles without keys."""
    with pytest.raises(NoLongTermCredentialsError):
        load_credentials(home.session(), 'default')
