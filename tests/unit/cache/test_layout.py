# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.layout."""

from __future__ import annotations

import os

import pytest

from awscli_mfa_plugin.cache.inventory import (
    ROLE_FILE,
    SESSION_FILE,
    TEMPORARY_FILE,
)
from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    role_path,
    session_key,
    session_path,
)
from tests.unit.names import ACCESS_KEY_ID

KEY = 'a' * 64


def test_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names the folder; unset or empty, it is ours."""
    monkeypatch.setenv('HOME', os.path.abspath('/home/me'))
    monkeypatch.setenv('USERPROFILE', os.path.abspath('/home/me'))
    default = os.path.abspath('/home/me/.aws/cli/mfa-cache')
    monkeypatch.delenv('AWS_MFA_CACHE_DIRECTORY', raising=False)
    assert cache_directory() == default
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '')
    assert cache_directory() == default
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '~/sessions/')
    assert cache_directory() == os.path.abspath('/home/me/sessions')


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


def test_key_differs_by_access_key() -> None:
    """A rotated access key has another session."""
    assert session_key(ACCESS_KEY_ID) != session_key('AKIAROTATEDEXAMPLE')


def test_key_is_stable_and_says_nothing() -> None:
    """The name of a file is the same tomorrow and tells no identity."""
    key = session_key(ACCESS_KEY_ID)
    # A session of today is found under it tomorrow.
    assert key == (
        '7bf8b480e92bc93e52922140fece1687101fd7f3132bae06917a5a0c36b30d30'
    )
    assert SESSION_FILE.fullmatch(f'{key}.json')
