# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.lock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from awscli_mfa_plugin.cache.lock import locked
from tests.unit.cache.conftest import mode, umask

ROOT = Path(__file__).parents[3]

# Holds the lock until its standard input ends or it is killed.
HOLD = """
import sys
from awscli_mfa_plugin.cache.lock import locked
with locked(sys.argv[1]) as is_locked:
    print('held' if is_locked else 'without', flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a lock file in a folder that is not there yet."""
    return tmp_path / 'mfa-cache' / 'session.lock'


@contextlib.contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, '-c', HOLD, str(path)],
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


@pytest.mark.parametrize('mask', [0o000, 0o022, 0o077])
def test_it_does_not_follow_the_umask(path: Path, mask: int) -> None:
    """The lock is made before the session, and as private."""
    with umask(mask), locked(str(path)) as is_locked:
        assert is_locked
        assert mode(path.parent) == 0o700
        assert mode(path) == 0o600


def test_it_excludes_another_process(path: Path) -> None:
    """What another process holds cannot be had, but another lock can."""
    with holder(path):
        for name, free in ((path.name, False), ('another.lock', True)):
            lock = FileLock(str(path.with_name(name)))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                assert not free
            else:
                lock.release()
                assert free


@pytest.mark.parametrize('killed', [True, False])
def test_it_is_free_when_its_holder_ends(path: Path, killed: bool) -> None:
    """Nobody waits for a process that is dead."""
    with holder(path) as process:
        if killed:
            process.kill()
        else:
            assert process.stdin is not None
            process.stdin.close()
        process.wait(timeout=30)
        with locked(str(path), 0) as is_locked:
            assert is_locked
            assert process.returncode == (-9 if killed else 0)


def test_it_waits_for_its_holder(path: Path) -> None:
    """A second process goes on when the first has let go, and not before."""
    command = [sys.executable, '-c', HOLD, str(path)]
    with (
        holder(path) as first,
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


def test_it_is_released_after_an_error(path: Path) -> None:
    """An error under the lock passes, and the lock is free again."""
    with pytest.raises(KeyError, match='mine'), locked(str(path)):
        raise KeyError('mine')
    with FileLock(str(path), timeout=0):
        pass


@pytest.mark.parametrize('number', [errno.EIO, errno.ENOLCK])
def test_it_cannot_be_released(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """That harms nobody: the lock ends with its process."""
    flock = fcntl.flock

    def refuse(handle: int, operation: int) -> None:
        if operation == fcntl.LOCK_UN:
            raise OSError(number, os.strerror(number))
        flock(handle, operation)

    monkeypatch.setattr('fcntl.flock', refuse)
    with locked(str(path)) as is_locked:
        assert is_locked
    monkeypatch.undo()


def test_an_unwritable_place(tmp_path: Path) -> None:
    """Where nothing can be locked the work is done without."""
    (tmp_path / 'file').touch()
    done = []
    with locked(str(tmp_path / 'file' / 'cache' / 'a.lock')) as is_locked:
        done.append(is_locked)
    assert done == [False]


def test_an_error_under_a_lock_that_could_not_be_had(tmp_path: Path) -> None:
    """Without a lock too, errors of the work pass, even an OSError."""
    (tmp_path / 'file').touch()
    path = str(tmp_path / 'file' / 'cache' / 'a.lock')
    with pytest.raises(OSError, match='mine'), locked(path):
        raise OSError('mine')


def test_a_link_in_its_place(path: Path, tmp_path: Path) -> None:
    """Nobody has a file of theirs made or locked by way of a link."""
    path.parent.mkdir()
    path.symlink_to(tmp_path / 'theirs')
    with locked(str(path)) as is_locked:
        assert not is_locked
    assert not (tmp_path / 'theirs').exists()


def never_wait(*_: object, **__: object) -> None:
    """Stand in for ``FileLock.acquire`` where it would wait for ever."""
    raise AssertionError('waits for a lock that nobody holds')


@pytest.mark.parametrize(
    'number', [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS]
)
def test_a_file_system_without_locks(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The work is done without, at once; nobody is told to wait."""

    def refuse(handle: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, 'flock', refuse)
    monkeypatch.setattr(FileLock, 'acquire', never_wait)
    with locked(str(path), 1, lambda: pytest.fail('waits')) as is_locked:
        assert not is_locked


def test_locked_by_another_is_no_refusal(path: Path) -> None:
    """A process that holds the lock is waited for, with looks around."""
    with holder(path), locked(str(path), 0, lambda: False) as is_locked:
        assert not is_locked
    waited: list[int] = []
    with holder(path) as process:

        def let_go() -> bool:
            waited.append(1)
            if len(waited) == 2:
                process.kill()
            return True

        with locked(str(path), 0, let_go) as is_locked:
            assert is_locked
    assert waited == [1, 1]


@pytest.mark.parametrize('missing', ['filelock', 'fcntl'])
def test_without_filelock(
    path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """An installation without it costs the lock alone."""
    monkeypatch.setitem(sys.modules, missing, None)
    with locked(str(path)) as is_locked:
        assert not is_locked
