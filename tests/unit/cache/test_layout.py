# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.layout."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import pytest

from awscli_mfa_plugin.cache.layout import (
    ROLE_FILE,
    SESSION_FILE,
    TEMPORARY_FILE,
    cache_directory,
    profile_path,
    role_path,
    session_path,
)
from awscli_mfa_plugin.temporary_credentials import format_time, parse_time

KEY = 'a' * 64
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def test_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names the folder; unset or empty, it is ours."""
    monkeypatch.setenv('HOME', os.path.abspath('/home/me'))
    monkeypatch.setenv('USERPROFILE', os.path.abspath('/home/me'))
    default = os.path.abspath('/home/me/.aws/cli/mfa-cache')
    assert cache_directory({}) == default
    assert cache_directory({'AWS_MFA_CACHE_DIRECTORY': ''}) == default
    own = {'AWS_MFA_CACHE_DIRECTORY': '~/sessions/'}
    assert cache_directory(own) == os.path.abspath('/home/me/sessions')


def test_names_of_files() -> None:
    """The names that are made are those that are known again."""
    session = os.path.basename(session_path('folder', KEY))
    role = os.path.basename(role_path('folder', KEY, 'admin'))
    session_match = SESSION_FILE.fullmatch(session)
    role_match = ROLE_FILE.fullmatch(role)
    assert session_match is not None and session_match['session'] == KEY
    assert role_match is not None and role_match['session'] == KEY
    assert SESSION_FILE.fullmatch(role) is None
    assert ROLE_FILE.fullmatch(session) is None
    for name in (session, role):
        assert TEMPORARY_FILE.fullmatch(f'{name}abc_123.tmp')
        assert TEMPORARY_FILE.fullmatch(name) is None


@pytest.mark.parametrize(
    'name',
    [
        f'{"a" * 40}.json',
        f'{KEY}.lock',
        f'{KEY}.json.bak',
        f'{KEY.upper()}.json',
        'notes.json',
        'notes.json.tmp',
        f'{KEY}.json/../x',
    ],
)
def test_names_that_are_not_ours(name: str) -> None:
    """The CLI's own cache and a person's files have other names."""
    for pattern in (SESSION_FILE, ROLE_FILE, TEMPORARY_FILE):
        assert pattern.fullmatch(name) is None


def test_a_profile_s_name_is_no_path() -> None:
    """Whatever a profile is called, its note stays in the folder."""
    for name in ('../../x', 'a/b', 'ä', ''):
        path = profile_path('folder', name)
        assert os.path.dirname(path) == os.path.join('folder', 'profiles')
    assert profile_path('folder', 'a') != profile_path('folder', 'b')


@pytest.mark.parametrize(
    'value',
    [
        '2026-11-23T12:00:00Z',
        '2026-11-23T13:00:00+01:00',
        NOON,
        NOON.astimezone(timezone(timedelta(hours=5))),
    ],
)
def test_times(value: str | datetime) -> None:
    """Every form is the same time, and written as STS does."""
    assert parse_time(value) == NOON
    assert format_time(parse_time(value)) == '2026-11-23T12:00:00Z'


@pytest.mark.parametrize(
    'value',
    [
        '',
        'soon',
        '2026-11-23T12:00:00',
        NOON.replace(tzinfo=None),
        None,
        1763899200,
        '0001-01-01T00:00:00+23:59',
    ],
)
def test_what_is_no_time(value: object) -> None:
    """It is a ValueError, whatever a file holds in its place."""
    with pytest.raises(ValueError, match=r'.'):
        parse_time(value)  # type: ignore[arg-type]
