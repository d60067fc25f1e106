# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.logout."""

from __future__ import annotations

import argparse
import os
from datetime import timedelta
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.notes import find_credentials, note_session
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.logout import LogoutCommand
from awscli_mfa_plugin.exceptions.files import (
    CacheRemoveError,
    SectionRemoveError,
)
from tests.unit.conftest import Home, make_mfa_session, now
from tests.unit.names import KEY, KEYS, SERIAL

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
    note_session('work', session_file(KEY), 60)
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


def written(access_key_id: str) -> str:
    """Return what a login writes into the credentials file, in short."""
    return (
        f'aws_access_key_id = {access_key_id}\n'
        'aws_secret_access_key = session-secret\n'
        'aws_session_token = session-token\n'
    )


def refuse_to_unlink(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have files of these names stay, or all."""
    unlink = os.unlink

    def refuse(path: str) -> None:
        if not names or Path(path).name in names:
            raise PermissionError(13, 'Permission denied', path)
        unlink(path)

    monkeypatch.setattr(os, 'unlink', refuse)


def test_a_session_that_cannot_be_removed(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is an error: the session is still there."""
    home.write(CONFIG)
    MFASessionCache().put(KEY, make_mfa_session())
    refuse_to_unlink(monkeypatch)
    with pytest.raises(CacheRemoveError) as caught:
        logout(home)
    assert str(caught.value) == (
        f'The MFA session could not be removed from {home.cache} '
        '(Permission denied). Make that folder writable and log out again.'
    )
    assert capsys.readouterr().out == ''


def test_the_others_are_ended_all_the_same(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One that stays keeps no other; the error comes last."""
    home.write(CONFIG, f'[p]\n{written("ASIASESSIONEXAMPLE2")}')
    cache = MFASessionCache()
    keys = ['0' * 64, '1' * 64, 'f' * 64]
    for number, key in enumerate(keys):
        cache.put(key, make_mfa_session(number, profile_name=f'p{number}'))
    refuse_to_unlink(monkeypatch, f'{keys[0]}.json', f'{keys[1]}.json')
    with pytest.raises(CacheRemoveError, match=r'^2 MFA sessions could not'):
        logout(home, everything=True)
    assert capsys.readouterr().out == (
        f'Ended the MFA session of {SERIAL} (used by p2).\n'
        f'Removed the session from the section [p] of {home.credentials}.\n'
    )
    assert [key for key in keys if cache.get(key)] == keys[:2]


def test_written_sections(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The session goes from there too; whatever else is there stays."""
    rest = (
        f'[other]\n{written("ASIASESSIONEXAMPLE1")}'
        f'[foreign]\n{written("ASIAFOREIGN")}[long]\n{KEYS}'
    )
    home.write(
        CONFIG,
        f'[work-mfa]\noutput = text\n{written("ASIASESSIONEXAMPLE0")}{rest}',
    )
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    cache.put('e' * 64, make_mfa_session(1, profile_name='other'))
    assert logout(home) == 0
    assert capsys.readouterr().out == (
        f'Ended the MFA session of {SERIAL} (used by work).\n'
        'Removed the session from the section [work-mfa] of '
        f'{home.credentials}.\n'
    )
    assert home.credentials.read_text() == (
        f'[work-mfa]\noutput = text\n{rest}'
    )


def test_written_section_of_a_session_that_has_ended(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is removed, though there is no session to end any more."""
    home.write(CONFIG, f'[work]\n{written("ASIASESSIONEXAMPLE0")}')
    ended = make_mfa_session(expiration=now() - timedelta(hours=1))
    MFASessionCache().put('f' * 64, ended)
    assert logout(home) == 0
    assert capsys.readouterr().out == (
        f'Removed the session from the section [work] of {home.credentials}.\n'
    )
    assert home.credentials.read_text() == '[work]\n'


@pytest.mark.parametrize('stays', [False, True])
def test_credentials_file_that_cannot_be_written(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stays: bool,
) -> None:
    """The session is ended all the same, and what is left is named."""
    home.write(CONFIG, f'[p]\n{written("ASIASESSIONEXAMPLE0")}')
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())

    def refuse(*_: object) -> None:
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr(os, 'replace', refuse)
    if stays:
        refuse_to_unlink(monkeypatch, f'{KEY}.json')
    with pytest.raises(
        CacheRemoveError if stays else SectionRemoveError
    ) as caught:
        logout(home)
    shown = capsys.readouterr()
    told = f'{shown.err}{caught.value}\n'.splitlines()
    assert told[0] == (
        'The MFA session could not be removed from '
        f'{home.credentials} (Permission denied). Delete it from [p] by hand.'
    )
    assert len(told) == 1 + stays
    assert shown.out.startswith('Ended') is not stays
    assert (cache.get(KEY) is not None) is stays
    assert 'session-secret' in home.credentials.read_text()
