# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.configure_sdk."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.configure_sdk import (
    ConfigureSDKCommand,
    find_command,
)
from awscli_mfa_plugin.exceptions import NoLongTermCredentialsError, UsageError
from awscli_mfa_plugin.exceptions.token_codes import NoMFASessionError
from awscli_mfa_plugin.host.programs import find_program
from tests.unit.conftest import FakeTerminal, Home, make_mfa_session
from tests.unit.names import (
    ACCESS_KEY_ID,
    KEY,
    KEYS,
    LONG_TERM,
    SECRET_KEY,
    SERIAL,
    WORK,
    WORK_KEYS,
)

PACKAGE = Path(awscli_mfa_plugin.__file__).parent


@pytest.fixture
def programs(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that is all of PATH."""
    folder = home.path / 'my programs'
    folder.mkdir()
    monkeypatch.setenv('PATH', f'{folder}:/usr/bin:/bin')
    monkeypatch.setattr(
        'awscli_mfa_plugin.commands.configure_sdk.find_program',
        lambda name: _find(folder, name),
    )
    return folder


def _find(folder: Path, name: str) -> str | None:
    # The folders behind it hold what the scripts need.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PATH', str(folder))
        return find_program(name)


def put(folder: Path, name: str, script: str) -> None:
    """Put a shell script into a folder."""
    path = folder / name
    path.write_text(f'#!/bin/sh\n{script}\n')
    path.chmod(0o755)


def configure(
    home: Home, profile: str = 'work', *, apply: bool = False
) -> int:
    """Run ``aws mfa configure-sdk``, the plugin in the chain."""
    session = home.session(profile=profile)
    awscli_mfa_plugin.register(session)
    return ConfigureSDKCommand(session).run(
        argparse.Namespace(apply=apply), argparse.Namespace()
    )


def test_the_quickest_command_that_works(programs: Path) -> None:
    """The script, else the package run by a Python, else ``aws``."""
    put(programs, 'aws', 'exit 0')
    aws = f"'{programs}/aws' mfa export-credentials --profile 'my work'"
    assert find_command('my work') == aws
    put(programs, 'python3', 'exit 1')
    assert find_command('my work') == aws
    put(programs, 'python3', f'exec {sys.executable} "$@"')
    assert find_command('work') == (
        f"'{programs}/python3' {PACKAGE} credentials --profile work"
    )
    # One whose Python is gone does not start.
    put(programs, 'awscli-mfa', 'exec /no/such/python')
    assert 'python3' in find_command('work')
    put(programs, 'awscli-mfa', 'exit 0')
    assert find_command('work') == (
        f"'{programs}/awscli-mfa' credentials --profile work"
    )


@pytest.mark.parametrize(
    'former',
    [
        None,
        '/gone/awscli-mfa credentials --profile work',
        'python3 /gone/awscli_mfa_plugin credentials --profile work',
        '/gone/aws mfa export-credentials --profile work',
    ],
)
def test_writes_its_line_and_what_sdks_get(
    home: Home,
    programs: Path,
    capsys: pytest.CaptureFixture[str],
    former: str | None,
) -> None:
    """One of ours that is out of date is replaced; then it is tried."""
    python = f'exec {sys.executable} {PACKAGE} "$@"'
    put(programs, 'awscli-mfa', python)
    line = f'credential_process = {former}\n' if former else ''
    home.write(WORK + line, LONG_TERM)
    mfa_session = make_mfa_session()
    MFASessionCache().put(KEY, mfa_session)
    assert configure(home) == 0
    assert home.config.read_text() == (
        f"{WORK}credential_process = '{programs}/awscli-mfa' credentials "
        '--profile work\n'
    )
    output, errors = capsys.readouterr()
    assert output.endswith(
        'SDKs get a session (access key ID ending in '
        f'{mfa_session.credentials.access_key_id[-4:]}) from custom-process.\n'
    )
    assert errors == ''


def test_a_source_profile_is_not_for_every_sdk(
    home: Home, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one for Go refuses it, and how to go on is said."""
    put(programs, 'awscli-mfa', f'exec {sys.executable} {PACKAGE} "$@"')
    home.write(f'{WORK}source_profile = keys\n', f'[keys]\n{KEYS}')
    MFASessionCache().put(KEY, make_mfa_session())
    assert configure(home) == 0
    assert 'rename profile keys to work-long-term' in capsys.readouterr().err


def test_without_a_session(home: Home, programs: Path) -> None:
    """The line is there, and what to do next is the error."""
    put(programs, 'awscli-mfa', 'exit 0')
    home.write(WORK, LONG_TERM)
    with pytest.raises(NoMFASessionError):
        configure(home)
    assert 'credential_process' in home.config.read_text()


@pytest.mark.parametrize(
    ('config', 'credentials', 'error', 'said'),
    [
        (
            f'{WORK}credential_process = vault get\n',
            LONG_TERM,
            UsageError,
            'which is not changed. Name another',
        ),
        (
            f'{WORK}credential_process = awscli-mfa credentials\n',
            '',
            NoLongTermCredentialsError,
            'Profile work-long-term has no access key',
        ),
        (
            f'[profile work]\nrole_arn = x\nsource_profile = y\n'
            f'[profile y]\nmfa_serial = {SERIAL}\n{KEYS}',
            '',
            UsageError,
            'aws mfa configure-sdk --profile y. The role then works',
        ),
        (
            WORK.replace('work', 'work-long-term'),
            LONG_TERM,
            UsageError,
            'aws mfa configure-sdk --profile work',
        ),
    ],
)
def test_what_it_leaves_alone(
    home: Home,
    programs: Path,
    config: str,
    credentials: str,
    error: type[Exception],
    said: str,
) -> None:
    """No file is changed, and the remedy is said."""
    home.write(config, credentials)
    name = 'work-long-term' if 'work-long-term' in config else 'work'
    with pytest.raises(error, match=said):
        configure(home, name, apply=True)
    assert home.config.read_text() == config
    assert home.credentials.read_text() == credentials


@pytest.mark.parametrize('answer', ['', 'n', None])
def test_a_key_is_not_moved_unasked(
    home: Home,
    programs: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str | None,
) -> None:
    """Somebody says yes, or ``--apply`` does; without both it stays."""
    fake = FakeTerminal(*([] if answer is None else [answer]))
    monkeypatch.setattr(
        'awscli_mfa_plugin.commands.configure_sdk.Terminal', lambda: fake
    )
    # The visible question is asked like the hidden one.
    monkeypatch.setattr(FakeTerminal, 'ask', FakeTerminal.ask_hidden)
    home.write(WORK, WORK_KEYS)
    with pytest.raises(UsageError) as caught:
        configure(home)
    assert home.config.read_text() == WORK
    assert home.credentials.read_text() == WORK_KEYS
    title = (
        'ove the access key of profile work to [work-long-term] of '
        f'{home.credentials}'
    )
    if answer is None:
        assert (
            f'To m{title}: aws mfa configure-sdk --profile work --apply'
            in (str(caught.value))
        )
    else:
        assert str(caught.value) == 'Nothing was changed.'
        assert fake.prompts == [f'M{title}? [y/N] ']
        assert '\n+ [work-long-term]\n' in ''.join(fake.told)
        assert SECRET_KEY not in ''.join(fake.told)


def test_a_moved_key_is_used_at_once(
    home: Home, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that moves it goes on with what the files say then."""
    put(programs, 'awscli-mfa', f'exec {sys.executable} {PACKAGE} "$@"')
    home.write(WORK, WORK_KEYS)
    MFASessionCache().put(KEY, make_mfa_session())
    assert configure(home, apply=True) == 0
    line = (
        f"credential_process = '{programs}/awscli-mfa' credentials --profile "
        'work\n'
    )
    assert home.config.read_text() == WORK + line
    assert home.credentials.read_text() == LONG_TERM
    output, errors = capsys.readouterr()
    assert output == (
        f'Changed:\n{home.config}\n  [profile work]\n+ {line}'
        f'{home.credentials}\n- [work]\n'
        f'- aws_access_key_id = ****{ACCESS_KEY_ID[-4:]}\n'
        '- aws_secret_access_key = ****\n'
        '+ [work-long-term]\n'
        f'+ aws_access_key_id = ****{ACCESS_KEY_ID[-4:]}\n'
        '+ aws_secret_access_key = ****\n'
        'To go back: move the two lines of the key from [work-long-term] to '
        f'[work] in {home.credentials}, and remove credential_process from '
        'profile work.\n'
        'SDKs get a session (access key ID ending in PLE0) from '
        'custom-process.\n'
    )
    assert errors == ''
