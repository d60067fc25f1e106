# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.sessions."""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.exceptions.files import CacheWriteError
from tests.unit.cache.conftest import NO_TEXTS, mode, put_private, umask
from tests.unit.conftest import Home, make_mfa_session
from tests.unit.names import KEY, SERIAL

TIME = datetime(2026, 11, 24, 6, 0, tzinfo=timezone.utc)


@pytest.fixture
def cache(folder: Path) -> MFASessionCache:
    """Return a cache that is not there yet."""
    return MFASessionCache()


def test_gives_back_what_was_put(cache: MFASessionCache) -> None:
    """A session comes back from disk as it went there."""
    mfa_session = make_mfa_session()
    cache.put(KEY, mfa_session)
    assert cache.get(KEY) == mfa_session


def test_file_is_as_documented(cache: MFASessionCache, folder: Path) -> None:
    """The file has the form that the module's docstring shows."""
    cache.put(
        KEY,
        make_mfa_session(
            expiration=TIME, authenticated_at=TIME - timedelta(hours=12)
        ),
    )
    assert json.loads((folder / f'{KEY}.json').read_text()) == {
        'Version': 1,
        'ProviderType': 'mfa-session',
        'ProfileName': 'work',
        'SerialNumber': SERIAL,
        'AuthenticatedAt': '2026-11-23T18:00:00Z',
        'DurationSeconds': 43200,
        'Clock': ANY,
        'Credentials': {
            'AccessKeyId': 'ASIASESSIONEXAMPLE0',
            'SecretAccessKey': 'session-secret-0',
            'SessionToken': 'session-token-0',
            'Expiration': '2026-11-24T06:00:00Z',
        },
    }


def test_missing_session(cache: MFASessionCache, folder: Path) -> None:
    """Looking for a session that is not there makes no folder."""
    assert cache.get(KEY) is None
    assert not folder.exists()


@pytest.mark.parametrize('mask', [0o000, 0o022, 0o077])
def test_modes_do_not_follow_the_umask(
    cache: MFASessionCache, folder: Path, mask: int
) -> None:
    """Nobody else reads a session, whatever the umask."""
    with umask(mask):
        cache.put(KEY, make_mfa_session())
    assert mode(folder) == 0o700
    assert mode(folder / f'{KEY}.json') == 0o600


def test_folder_named_with_a_slash(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named ``x/`` is as private as ``x``."""
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', f'{folder}{os.sep}')
    path = MFASessionCache().lock_path(KEY)
    with umask(0o022), locked(path) as is_locked:
        assert is_locked
    assert mode(folder) == 0o700
    assert mode(folder / f'{KEY}.lock') == 0o600


def test_a_lock_is_one_session_s(cache: MFASessionCache) -> None:
    """Another session can be made meanwhile, and this one cannot."""
    with locked(cache.lock_path(KEY)):
        with locked(cache.lock_path('another'), 0) as is_locked:
            assert is_locked
        with locked(cache.lock_path(KEY), 0) as is_locked:
            assert not is_locked


def test_mode_of_an_existing_folder_is_kept(
    cache: MFASessionCache, folder: Path
) -> None:
    """A folder that somebody made is left as it was made."""
    folder.mkdir()
    folder.chmod(0o755)
    folder.parent.chmod(0o711)
    cache.put(KEY, make_mfa_session())
    assert (mode(folder), mode(folder.parent)) == (0o755, 0o711)
    assert mode(folder / f'{KEY}.json') == 0o600


def test_file_that_was_readable_is_so_no_more(
    cache: MFASessionCache, folder: Path
) -> None:
    """A new session does not inherit the mode of the file before it."""
    path = folder / f'{KEY}.json'
    put_private(path, '')
    path.chmod(0o644)
    cache.put(KEY, make_mfa_session())
    assert mode(path) == 0o600


def good_entry(**changes: Any) -> dict[str, Any]:
    """Return a session's JSON, with changes."""
    return {
        'Version': 1,
        'ProviderType': 'mfa-session',
        'ProfileName': 'work',
        'SerialNumber': SERIAL,
        'AuthenticatedAt': '2026-11-23T18:00:00Z',
        'DurationSeconds': 43200,
        'Credentials': good_credentials(),
        **changes,
    }


def good_credentials(**changes: Any) -> dict[str, Any]:
    """Return the credentials of a session's JSON, with changes."""
    return {
        'AccessKeyId': 'ASIA',
        'SecretAccessKey': 'the-secret',
        'SessionToken': 'the-secret-token',
        'Expiration': '2026-11-24T06:00:00Z',
        **changes,
    }


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the entry without one of its names."""
    return {key: value for key, value in entry.items() if key != name}


def expiring(value: Any) -> dict[str, Any]:
    """Return a session's JSON with another expiration."""
    return good_entry(Credentials=good_credentials(Expiration=value))


GOOD = json.dumps(good_entry()).encode()


def test_a_file_that_can_be_understood(
    cache: MFASessionCache, folder: Path
) -> None:
    """The entry that the bad ones are made from is a good one."""
    put_private(folder / f'{KEY}.json', GOOD)
    mfa_session = cache.get(KEY)
    assert mfa_session is not None
    assert mfa_session.credentials.secret_access_key == 'the-secret'


BAD_FILES = {
    'empty': b'',
    'cut off': GOOD[: len(GOOD) // 2],
    'cut off by one': GOOD[:-1],
    'twice': GOOD * 2,
    'garbage': b'the-secret and more',
    'binary': bytes(range(256)),
    'zeros': bytes(500),
    'utf-16': GOOD.decode().encode('utf-16'),
    'null': b'null',
    'number': b'1',
    'string': b'"the-secret"',
    'list': b'["the-secret"]',
    'deep': b'[' * 60_000,
    'object': b'{}',
    'too long': GOOD + b' ' * 64 * 1024,
    'role session': json.dumps(
        {
            'Credentials': good_credentials(),
            'AssumedRoleUser': {'Arn': 'the-secret'},
            'ResponseMetadata': {},
        }
    ).encode(),
}
NO_NUMBERS: tuple[Any, ...] = (True, '43200', 43200.0, None, [], {})
BAD_ENTRIES: dict[str, Any] = {
    'newer version': good_entry(Version=2),
    'version as text': good_entry(Version='1'),
    'version of a kind': good_entry(Version=True),
    'version as fraction': good_entry(Version=1.0),
    'no version': without(good_entry(), 'Version'),
    'no credentials': without(good_entry(), 'Credentials'),
    'credentials of null': good_entry(Credentials=None),
    'credentials as text': good_entry(Credentials='the-secret'),
    'no key': good_entry(
        Credentials=without(good_credentials(), 'AccessKeyId')
    ),
    'no secret': good_entry(
        Credentials=without(good_credentials(), 'SecretAccessKey')
    ),
    'no token': good_entry(
        Credentials=without(good_credentials(), 'SessionToken')
    ),
    'no time zone': expiring('2026-11-24T06:00:00'),
    'no time': expiring('the-secret'),
    'empty time': expiring(''),
    'impossible time': expiring('2026-13-24T06:00:00Z'),
    'no expiration': good_entry(
        Credentials=without(good_credentials(), 'Expiration')
    ),
    'odd authentication': good_entry(AuthenticatedAt='yesterday'),
    'no authentication': without(good_entry(), 'AuthenticatedAt'),
    'no duration': without(good_entry(), 'DurationSeconds'),
    **{
        f'duration of {value!r}': good_entry(DurationSeconds=value)
        for value in NO_NUMBERS
    },
    **{
        f'{name} of {value!r}': good_entry(**{name: value})
        for name in ('ProviderType', 'ProfileName', 'SerialNumber')
        for value in NO_TEXTS
    },
    'of another type': good_entry(ProviderType='mfa-role-session'),
    **{
        f'{name} of {value!r}': good_entry(
            Credentials=good_credentials(**{name: value})
        )
        for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')
        for value in (*NO_TEXTS, ['the-secret'])
    },
}


def check_unreadable(
    cache: MFASessionCache,
    path: Path,
    content: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Check that a file is no session, and that no log quotes it."""
    put_private(path, content)
    with caplog.at_level(logging.DEBUG):
        assert cache.get(KEY) is None
    assert 'the-secret' not in caplog.text
    # It heals itself.
    cache.put(KEY, make_mfa_session())
    assert cache.get(KEY) is not None


@pytest.mark.parametrize(
    'content', list(BAD_FILES.values()), ids=list(BAD_FILES)
)
def test_file_that_cannot_be_understood(
    cache: MFASessionCache,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    content: bytes,
) -> None:
    """A damaged or foreign file is no session, and never an error."""
    check_unreadable(cache, folder / f'{KEY}.json', content, caplog)


@pytest.mark.parametrize(
    'entry', list(BAD_ENTRIES.values()), ids=list(BAD_ENTRIES)
)
def test_entry_that_cannot_be_understood(
    cache: MFASessionCache,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    entry: dict[str, Any],
) -> None:
    """An entry that is not quite a session's is none."""
    check_unreadable(
        cache, folder / f'{KEY}.json', json.dumps(entry).encode(), caplog
    )


@pytest.mark.parametrize(
    'expiration',
    [
        1795500000,
        None,
        '0001-01-01T00:00:00+23:59',
        '9999-12-31T23:59:59-23:59',
    ],
)
def test_expiration_that_is_no_time(
    cache: MFASessionCache,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    expiration: Any,
) -> None:
    """An expiration out of every range is no session."""
    check_unreadable(
        cache,
        folder / f'{KEY}.json',
        json.dumps(expiring(expiration)).encode(),
        caplog,
    )


def test_file_that_cannot_be_opened(
    cache: MFASessionCache, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that cannot be read is no session, and a folder is none."""
    (folder / f'{KEY}.json').mkdir(parents=True)
    with caplog.at_level(logging.DEBUG):
        assert cache.get(KEY) is None
    assert caplog.records


def test_folder_that_is_a_file(cache: MFASessionCache, folder: Path) -> None:
    """A file in the folder's place holds no session and takes none."""
    folder.write_text('mine')
    assert cache.get(KEY) is None
    with pytest.raises(CacheWriteError) as caught:
        cache.put(KEY, make_mfa_session())
    assert str(folder) in str(caught.value)
    assert folder.read_text() == 'mine'


def test_unwritable_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that cannot be kept is an error without the session."""
    (tmp_path / 'file').touch()
    monkeypatch.setenv(
        'AWS_MFA_CACHE_DIRECTORY', str(tmp_path / 'file' / 'folder' / 'cache')
    )
    cache = MFASessionCache()
    with pytest.raises(CacheWriteError, match='AWS_MFA_CACHE_DIR') as caught:
        cache.put(KEY, make_mfa_session())
    assert 'session-secret' not in repr(caught.value) + str(caught.value)


def test_a_check_before_a_code_is_spent(
    cache: MFASessionCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tries the folder itself, makes it, and leaves nothing in it."""
    cache.check_writable()
    assert mode(folder) == 0o700
    assert os.listdir(folder) == []
    open_file = os.open

    def refuse(path: str, *arguments: int) -> int:
        if os.fspath(path).startswith(str(folder)):
            raise OSError(30, 'Read-only file system', path)
        return open_file(path, *arguments)

    monkeypatch.setattr('os.open', refuse)
    with pytest.raises(CacheWriteError) as caught:
        cache.check_writable()
    assert f'in {folder} (Read-only file system).' in str(caught.value)


def test_failed_write_leaves_what_was_there(
    cache: MFASessionCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new session and not the old one."""

    def full(*paths: str) -> None:
        raise OSError(28, 'No space left on device')

    before = make_mfa_session(1)
    cache.put(KEY, before)
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(CacheWriteError, match='No space left on device'):
        cache.put(KEY, make_mfa_session(2))
    monkeypatch.undo()
    assert cache.get(KEY) == before
    assert os.listdir(folder) == [f'{KEY}.json']


def test_write_is_one_step(
    cache: MFASessionCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a session is there as a whole, the one before it is."""
    before, after = make_mfa_session(1), make_mfa_session(2)
    cache.put(KEY, before)
    seen = []
    fsync = os.fsync

    def look(handle: int) -> None:
        fsync(handle)
        seen.append(cache.get(KEY))

    monkeypatch.setattr(os, 'fsync', look)
    cache.put(KEY, after)
    assert seen == [before]
    assert cache.get(KEY) == after
    assert os.listdir(folder) == [f'{KEY}.json']


def test_keys_do_not_disturb_each_other(cache: MFASessionCache) -> None:
    """Each name has a session of its own."""
    one, another = make_mfa_session(1), make_mfa_session(2)
    cache.put('a', one)
    cache.put('b', another)
    assert cache.get('a') == one
    assert cache.get('b') == another


def test_default_folder_is_beside_the_clis(home: Home) -> None:
    """Without a setting sessions are under ~/.aws/cli."""
    assert MFASessionCache().directory == str(home.cache)


def test_folder_from_the_environment(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_MFA_CACHE_DIRECTORY names another folder, ``~`` included."""
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '~/elsewhere')
    assert MFASessionCache().directory == str(home.path / 'elsewhere')


def test_secrets_do_not_show() -> None:
    """A session that gets into a log does not bring its secrets along."""
    shown = repr(make_mfa_session())
    assert 'ASIASESSIONEXAMPLE0' in shown
    assert 'session-secret' not in shown
    assert 'session-token' not in shown
