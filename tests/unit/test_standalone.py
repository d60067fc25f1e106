# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.standalone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.notes import note_session
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.standalone import GUARD_VARIABLE, main, time_left
from awscli_mfa_plugin.temporary_credentials import format_time
from tests.unit.conftest import Home, make_mfa_session, now

KEY = 'a' * 64

# An `aws` that tells how it was started.
AWS = """\
#!/bin/sh
echo "$@"
printf '%s|%s|%s\\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" \
"$AWS_MFA_CREDENTIALS_FOR"
exit 5
"""


@pytest.fixture
def noted(home: Home) -> Home:
    """Give a home with sessions that are noted for two profiles."""
    home.write('[profile work]\n')
    # Half a minute over eleven hours, for the test to run in.
    expiration = now() + timedelta(hours=11, seconds=30)
    MFASessionCache().put(KEY, make_mfa_session(expiration=expiration))
    for name in ('work', 'default'):
        note_session(name, session_file(KEY))
    return home


def test_credentials(noted: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """They are printed as ``credential_process`` wants them."""
    mfa_session = MFASessionCache().get(KEY)
    assert mfa_session is not None
    assert main(['credentials', '--profile', 'work']) == 0
    assert json.loads(capsys.readouterr().out) == {
        'Version': 1,
        'AccessKeyId': mfa_session.credentials.access_key_id,
        'SecretAccessKey': mfa_session.credentials.secret_access_key,
        'SessionToken': mfa_session.credentials.session_token,
        'Expiration': format_time(mfa_session.credentials.expiration),
    }


@pytest.mark.parametrize(
    ('arguments', 'code', 'shown'),
    [
        (['--short', '--profile', 'work'], 0, 'work 11h00m\n'),
        (['--profile', 'work'], 0, 'work: 11h00m left\n'),
        (['--short'], 0, 'default 11h00m\n'),
        (['--short', '--profile', 'other'], 1, ''),
        (['--profile', 'other'], 1, 'other: no session\n'),
    ],
)
def test_status(
    noted: Home,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    shown: str,
) -> None:
    """A prompt gets one short text, or nothing, and never an error."""
    assert main(['status', *arguments]) == code
    assert capsys.readouterr() == (shown, '')


@pytest.mark.parametrize('name', ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])
def test_profile_of_the_environment(
    noted: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """Without ``--profile`` it is the one an SDK would take."""
    monkeypatch.setenv(name, 'work')
    assert main(['status', '--short']) == 0
    assert capsys.readouterr().out.startswith('work ')


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [
        (43199.5, '11h59m'),
        (3720.5, '1h02m'),
        (3599.5, '59m'),
        (60.5, '1m'),
        (45.5, '45s'),
        (-5, '0s'),
    ],
)
def test_time_left(seconds: float, text: str) -> None:
    """The largest two units, rounded down."""
    expiration = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    assert time_left(expiration.isoformat()) == text


@pytest.mark.parametrize(
    'arguments', [[], ['login'], ['credentials', '--short']]
)
def test_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong command line is told on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors.startswith('usage: awscli-mfa ')


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """It is that of the package."""
    with pytest.raises(SystemExit) as ended:
        main(['--version'])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f'{awscli_mfa_plugin.__version__}\n'


def test_no_aws(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a session and an ``aws`` it says what to do."""
    monkeypatch.setenv('PATH', str(home.path))
    assert main(['credentials', '--profile', 'work']) == 1
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors.startswith('There is no "aws" on PATH ')
    assert errors.endswith('aws mfa login --profile work\n')


def test_loop(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A profile that leads back to itself, even by another, is told so."""
    monkeypatch.setenv(GUARD_VARIABLE, 'work\nother')
    for name in ('work', 'other'):
        assert main(['credentials', '--profile', name]) == 1
        errors = capsys.readouterr().err
        assert f'Put the key into profile {name}-long-term.\n' in errors


def test_hands_over(home: Home) -> None:
    """``aws`` takes its place, for the profile and not the environment."""
    aws = home.path / 'bin' / 'aws'
    aws.parent.mkdir()
    aws.write_text(AWS)
    aws.chmod(0o755)
    package = Path(awscli_mfa_plugin.__file__).parent
    completed = subprocess.run(
        [sys.executable, package, 'credentials', '--profile', 'work'],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            'PATH': str(aws.parent),
            'AWS_ACCESS_KEY_ID': 'AKIAOTHER',
            'AWS_SECRET_ACCESS_KEY': 'other',
            GUARD_VARIABLE: 'another',
        },
    )
    assert completed.returncode == 5
    assert completed.stdout == (
        'mfa export-credentials --profile work\n||another\nwork\n'
    )
    assert completed.stderr == ''
