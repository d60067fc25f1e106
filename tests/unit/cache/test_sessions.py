# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.sessions."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout

from awscli_mfa_plugin.cache.layout import session_key
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.exceptions import CacheWriteError
from awscli_mfa_plugin.temporary_credentials import format_time, parse_time
from tests.unit.conftest import (
    ACCESS_KEY_ID,
    SERIAL,
    Home,
    make_mfa_session,
    now,
)

KEY = session_key(ACCESS_KEY_ID, SERIAL)
TIME = datetime(2026, 11, 24, 6, 0, tzinfo=timezone.utc)
ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    """Set the process's umask for a while."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the path of a cache's folder that is not there yet."""
    return tmp_path / 'mfa-cache'


@pytest.fixture
def cache(folder: Path) -> MFASessionCache:
    """Return a cache that is not there yet."""
    return MFASessionCache(str(folder))


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


@pytest.mark.parametrize('mask', [0o000, 0o022, 0o077])
def test_lock_does_not_follow_the_umask(
    cache: MFASessionCache, folder: Path, mask: int
) -> None:
    """The lock is made before the session, and as private."""
    with umask(mask), cache.locked(KEY):
        assert mode(folder) == 0o700
        assert mode(folder / f'{KEY}.lock') == 0o600


def test_folder_named_with_a_slash(folder: Path) -> None:
    """A folder named ``x/`` is as private as ``x``."""
    with umask(0o022), MFASessionCache(f'{folder}{os.sep}').locked(KEY):
        pass
    assert mode(folder) == 0o700


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
    folder.mkdir()
    path = folder / f'{KEY}.json'
    path.touch()
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
    'deep': b'[' * 200_000,
    'object': b'{}',
    'role session': json.dumps(
        {
            'Credentials': good_credentials(),
            'AssumedRoleUser': {'Arn': 'the-secret'},
            'ResponseMetadata': {},
        }
    ).encode(),
}
BAD_ENTRIES = {
    'newer version': good_entry(Version=2),
    'version as text': good_entry(Version='1'),
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
    'key of null': good_entry(Credentials=good_credentials(AccessKeyId=None)),
    'secret as number': good_entry(
        Credentials=good_credentials(SecretAccessKey=7)
    ),
    'token as list': good_entry(
        Credentials=good_credentials(SessionToken=['the-secret'])
    ),
    'no time zone': expiring('2026-11-24T06:00:00'),
    'no time': expiring('the-secret'),
    'empty time': expiring(''),
    'impossible time': expiring('2026-13-24T06:00:00Z'),
    'no expiration': good_entry(
        Credentials=without(good_credentials(), 'Expiration')
    ),
    'odd authentication': good_entry(AuthenticatedAt='yesterday'),
}


def check_unreadable(
    cache: MFASessionCache,
    path: Path,
    content: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Check that a file is no session, and that no log quotes it."""
    path.parent.mkdir()
    path.write_bytes(content)
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
    """What cannot be read is no session, even what is no file."""
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


def test_unwritable_place(tmp_path: Path) -> None:
    """A session that cannot be kept is an error without the session."""
    (tmp_path / 'file').touch()
    cache = MFASessionCache(str(tmp_path / 'file' / 'folder' / 'cache'))
    with pytest.raises(CacheWriteError, match='AWS_MFA_CACHE_DIR') as caught:
        cache.put(KEY, make_mfa_session())
    assert 'session-secret' not in repr(caught.value) + str(caught.value)


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
    before = make_mfa_session(1)
    cache.put(KEY, before)
    seen = []
    fsync = os.fsync

    def look(handle: int) -> None:
        fsync(handle)
        seen.append(cache.get(KEY))

    monkeypatch.setattr(os, 'fsync', look)
    cache.put(KEY, make_mfa_session(2))
    assert seen == [before]
    assert cache.get(KEY) == make_mfa_session(2)
    assert os.listdir(folder) == [f'{KEY}.json']


def test_key_differs_by_access_key_and_device() -> None:
    """Another key or another device has another session."""
    keys = {
        session_key(ACCESS_KEY_ID, SERIAL),
        session_key('AKIAROTATEDEXAMPLE', SERIAL),
        session_key(ACCESS_KEY_ID, 'GAHT12345678'),
        # The two are told apart even when their texts run together.
        session_key(ACCESS_KEY_ID + SERIAL, ''),
        session_key('', ACCESS_KEY_ID + SERIAL),
    }
    assert len(keys) == 5


def test_key_is_stable_and_says_nothing() -> None:
    """The name of a file is the same tomorrow and tells no identity."""
    assert session_key(ACCESS_KEY_ID, SERIAL) == KEY
    assert ACCESS_KEY_ID not in KEY
    assert '123456789012' not in KEY
    assert set(KEY) <= set('0123456789abcdef')


def test_keys_do_not_disturb_each_other(cache: MFASessionCache) -> None:
    """Each name has a session of its own."""
    cache.put('a', make_mfa_session(1))
    cache.put('b', make_mfa_session(2))
    assert cache.get('a') == make_mfa_session(1)
    assert cache.get('b') == make_mfa_session(2)


def test_default_folder_is_beside_the_clis(home: Home) -> None:
    """Without a setting sessions are under ~/.aws/cli."""
    assert MFASessionCache().directory == str(home.cache)


def test_folder_from_the_environment(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_MFA_CACHE_DIRECTORY names another folder, ``~`` included."""
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', '~/elsewhere')
    assert MFASessionCache().directory == str(home.path / 'elsewhere')
    assert MFASessionCache('/given').directory == '/given'


@pytest.mark.parametrize(
    ('left', 'usable'),
    [
        (timedelta(hours=1), True),
        (timedelta(seconds=60, microseconds=1), True),
        (timedelta(seconds=60), False),
        (timedelta(seconds=59), False),
        (timedelta(0), False),
        (timedelta(hours=-1), False),
    ],
)
def test_usable_until_a_minute_before_the_end(
    left: timedelta, usable: bool
) -> None:
    """A request signed at the last moment still arrives in time."""
    mfa_session = make_mfa_session(expiration=TIME)
    assert mfa_session.is_usable(now=TIME - left) is usable


def test_usable_by_this_computers_clock() -> None:
    """Without a time given it is now."""
    assert make_mfa_session().is_usable()
    assert not make_mfa_session(expiration=now()).is_usable()


def test_secrets_do_not_show() -> None:
    """A session that gets into a log does not bring its secrets along."""
    shown = repr(make_mfa_session())
    assert 'ASIASESSIONEXAMPLE0' in shown
    assert 'session-secret' not in shown
    assert 'session-token' not in shown


@pytest.mark.parametrize(
    'value',
    [
        '2026-11-24T06:00:00Z',
        '2026-11-24T06:00:00+00:00',
        '2026-11-24T06:00:00.000Z',
        '2026-11-24T01:00:00-05:00',
        TIME,
        TIME.astimezone(timezone(timedelta(hours=9))),
    ],
)
def test_times_that_sts_gives(value: str | datetime) -> None:
    """A time is the same as the CLI's string and as a ``datetime``."""
    parsed = parse_time(value)
    assert parsed == TIME
    assert parsed.utcoffset() == timedelta(0)
    assert format_time(parsed) == '2026-11-24T06:00:00Z'


@pytest.mark.parametrize(
    'value',
    ['2026-11-24T06:00:00', '', 'soon', TIME.replace(tzinfo=None)],
)
def test_times_without_a_zone(value: str | datetime) -> None:
    """A time that could be anywhere is none."""
    with pytest.raises(ValueError, match=r'.'):
        parse_time(value)


# Holds the lock until its standard input ends or it is killed.
HOLD = """
import sys
from awscli_mfa_plugin.cache.sessions import MFASessionCache
with MFASessionCache(sys.argv[1]).locked(sys.argv[2]):
    print('held', flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, '-c', HOLD, str(folder), KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == 'held\n'
        try:
            yield process
        finally:
            process.kill()


def test_lock_excludes_another_process(folder: Path) -> None:
    """What another process holds cannot be had, but another name can."""
    with holder(folder):
        for name, free in ((KEY, False), ('another', True)):
            lock = FileLock(str(folder / f'{name}.lock'))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                assert not free
            else:
                lock.release()
                assert free


@pytest.mark.parametrize('killed', [True, False])
def test_lock_is_free_when_its_holder_ends(
    cache: MFASessionCache, folder: Path, killed: bool
) -> None:
    """Nobody waits for a process that is dead."""
    with holder(folder) as process:
        if killed:
            process.kill()
        else:
            assert process.stdin is not None
            process.stdin.close()
        process.wait(timeout=30)
        with cache.locked(KEY):
            assert process.returncode == (-9 if killed else 0)


def test_lock_waits_for_its_holder(folder: Path) -> None:
    """A second process goes on when the first has let go, and not before."""
    command = [sys.executable, '-c', HOLD, str(folder), KEY]
    with (
        holder(folder) as first,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as second,
    ):
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=0.5)
        assert first.stdin is not None
        first.stdin.close()
        assert second.communicate(timeout=30)[0] == 'held\n'


def test_lock_is_released_after_an_error(
    cache: MFASessionCache, folder: Path
) -> None:
    """An error under the lock passes, and the lock is free again."""
    with pytest.raises(KeyError, match='mine'), cache.locked(KEY):
        raise KeyError('mine')
    with FileLock(str(folder / f'{KEY}.lock'), timeout=0):
        pass


def test_lock_in_an_unwritable_place(tmp_path: Path) -> None:
    """Where nothing can be locked the work is done without."""
    (tmp_path / 'file').touch()
    cache = MFASessionCache(str(tmp_path / 'file' / 'cache'))
    done = []
    with cache.locked(KEY):
        done.append(1)
    assert done == [1]


def test_error_under_a_lock_that_could_not_be_had(tmp_path: Path) -> None:
    """Without a lock too, errors of the work pass, even an OSError."""
    (tmp_path / 'file').touch()
    cache = MFASessionCache(str(tmp_path / 'file' / 'cache'))
    with pytest.raises(OSError, match='mine'), cache.locked(KEY):
        raise OSError('mine')


def never_wait(*_: object, **__: object) -> None:
    """Stand in for ``FileLock.acquire`` where it would wait for ever."""
    raise AssertionError('waits for a lock that nobody holds')


@pytest.mark.parametrize(
    'number', [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS]
)
def test_file_system_without_locks(
    cache: MFASessionCache, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The work is done without, at once; nobody is told to wait."""

    def refuse(handle: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, 'flock', refuse)
    monkeypatch.setattr(FileLock, 'acquire', never_wait)
    with cache.locked(KEY, 1, lambda: pytest.fail('waits')) as is_locked:
        assert not is_locked


def test_locked_by_another_is_no_refusal(folder: Path) -> None:
    """Who holds the lock is waited for, and said to be waited for."""
    cache = MFASessionCache(str(folder))
    with holder(folder), cache.locked(KEY, 0, lambda: False) as is_locked:
        assert not is_locked
    waited: list[int] = []
    with holder(folder) as process:

        def let_go() -> bool:
            waited.append(1)
            process.kill()
            return True

        with cache.locked(KEY, 0, let_go) as is_locked:
            assert is_locked
    assert waited == [1]


@pytest.mark.parametrize('missing', ['filelock', 'fcntl'])
def test_without_filelock(
    cache: MFASessionCache, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """An installation without it costs the lock alone."""
    monkeypatch.setitem(sys.modules, missing, None)
    with cache.locked(KEY) as is_locked:
        assert not is_locked
