# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.logout."""

from __future__ import annotations

import argparse
import os

import pytest

from awscli_mfa_plugin.cache import MFASessionCache, session_key
from awscli_mfa_plugin.commands.logout import LogoutCommand
from awscli_mfa_plugin.exceptions import CacheWriteError
from awscli_mfa_plugin.profile_index import find_credentials, note_session
from tests.unit.conftest import (
    ACCESS_KEY_ID,
    KEYS,
    SERIAL,
    Home,
    make_mfa_session,
)

KEY = session_key(ACCESS_KEY_ID, SERIAL)
CONFIG = f'[profile work]\nmfa_serial = {SERIAL}\n{KEYS}'


def logout(
    home: Home, profile: str | None = 'work', everything: bool = False
) -> int:
    """Run ``aws mfa logout`` and return its exit code."""
    session = home.session(**({} if profile is None else {'profile': profile}))
    return LogoutCommand(session).run(
        argparse.Namespace(all=everything), argparse.Namespace()
    )


def test_quick_readers_find_nothing(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The session's note goes with it."""
    home.write(CONFIG)
    mfa_session = make_mfa_session()
    MFASessionCache().put(KEY, mfa_session)
    note_session('work', KEY, mfa_session.access_key_id)
    assert find_credentials('work') is not None
    assert logout(home) == 0
    assert capsys.readouterr().out == (
        f'Ended the MFA session of {SERIAL} (used by work).\n'
    )
    assert find_credentials('work') is None
    assert os.listdir(home.cache / 'profiles') == []


def test_sessions_of_a_former_key(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were the profile's, and may still be valid."""
    home.write(CONFIG)
    cache = MFASessionCache()
    cache.put('f' * 64, make_mfa_session())
    cache.put('e' * 64, make_mfa_session(profile_name='other'))
    assert logout(home) == 0
    assert cache.get('f' * 64) is None
    assert cache.get('e' * 64) is not None


@pytest.mark.parametrize(
    ('profile', 'everything', 'said'),
    [
        ('work', False, 'Profile work has'),
        (None, False, 'Profile default has'),
        (None, True, 'There is'),
    ],
)
def test_nothing_to_end(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    profile: str | None,
    everything: bool,
    said: str,
) -> None:
    """It is no error, and is said."""
    home.write(CONFIG)
    assert logout(home, profile, everything) == 0
    assert capsys.readouterr().out == f'{said} no MFA session to end.\n'


def test_a_session_that_cannot_be_removed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error: the session is still there."""
    home.write(CONFIG)
    MFASessionCache().put(KEY, make_mfa_session())

    def refuse(path: str) -> None:
        raise PermissionError(13, 'Permission denied', path)

    monkeypatch.setattr(os, 'unlink', refuse)
    with pytest.raises(CacheWriteError, match='Permission denied'):
        logout(home)
