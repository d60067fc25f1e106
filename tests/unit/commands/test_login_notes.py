# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.login_notes."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest

from awscli_mfa_plugin.commands.login_notes import (
    tell_of_environment,
    tell_of_sdks,
)
from tests.unit.conftest import Home, Screen
from tests.unit.names import LONG_TERM, ROLE, WORK, WORK_KEYS

SIGN = 'sign with the access key of profile work, without MFA'
APP = f'[profile app]\nrole_arn = {ROLE}\nsource_profile = work\n'


def told(name: str, stderr: io.StringIO | None = None) -> str:
    """Return what is said at a terminal of SDKs and a profile."""
    screen = stderr or Screen()
    with contextlib.redirect_stderr(screen):
        tell_of_sdks(name)
    return screen.getvalue()


@pytest.mark.parametrize(
    ('profile', 'variables', 'is_said'),
    [
        ('work', {'AWS_PROFILE': 'work'}, True),
        ('default', {}, True),
        ('work', {}, False),
        ('work', {'AWS_PROFILE': 'other'}, False),
        ('work', {'AWS_PROFILE': 'work', 'AWS_ACCESS_KEY_ID': ''}, False),
    ],
)
def test_keys_of_the_environment(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    profile: str,
    variables: dict[str, str],
    is_said: bool,
) -> None:
    """They count where commands of the profile need not name it."""
    values = {'AWS_ACCESS_KEY_ID': 'AKIAENVIRONMENT', **variables}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    tell_of_environment(profile)
    assert ('goes before this session' in capsys.readouterr().err) == is_said


@pytest.mark.parametrize(
    ('config', 'credentials', 'words'),
    [
        (WORK, WORK_KEYS, SIGN),
        (WORK, LONG_TERM, 'find no credentials in profile work'),
        (f'{WORK}credential_process = x\n', LONG_TERM, None),
        (WORK, f'{LONG_TERM}{WORK_KEYS}aws_session_token = x\n', None),
    ],
)
def test_what_sdks_do(
    home: Home, config: str, credentials: str, words: str | None
) -> None:
    """It is said once; a profile that gives them something says nothing."""
    home.write(config, credentials)
    assert told('work', io.StringIO()) == ''
    assert told('work') == (
        ''
        if words is None
        else (
            f'Note: SDKs such as boto3 {words}. To give them the session: '
            'aws mfa configure-sdk --profile work\n'
        )
    )
    assert told('work') == ''


def test_a_role_is_for_its_source_to_give(home: Home) -> None:
    """One line in the source serves its roles, so one note is enough."""
    home.write(WORK + APP, WORK_KEYS)
    assert told('app') == (
        'Note: SDKs such as boto3 know nothing of this session in profile '
        'app. To give them the session: aws mfa configure-sdk --profile '
        'work\n'
    )
    assert told('work') == ''


def test_roles_that_lead_to_each_other(home: Home) -> None:
    """There is an end to them here."""
    home.write(APP.replace('= work', '= app'), WORK_KEYS)
    assert 'configure-sdk --profile app' in told('app')


def test_where_no_note_can_be_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is better than the same with every login."""
    home.write(WORK, WORK_KEYS)
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '/' + 'x' * 300)
    assert told('work') == ''
