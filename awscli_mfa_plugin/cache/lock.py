# SPDX-License-Identifier: Apache-2.0
"""The lock between processes."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from awscli_mfa_plugin.cache.files import make_directory

logger = logging.getLogger(__name__)

# How often somebody who waits on looks around.
_LOOK_SECONDS = 0.25

# The errors by which flock() says that another process holds the lock.
_HELD = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES)


@contextlib.contextmanager
def locked(
    path: str,
    patience: float = -1,
    on_wait: Callable[[], bool] = lambda: False,
) -> Iterator[bool]:
    """Hold the lock of a lock file; yield whether it is held.

    The kernel frees it when its holder dies. Nothing is locked where no
    lock file can be made, where the file system has no locks, and where
    filelock is not installed: a second prompt is better than none.

    :param path: The lock file. Its folder is made if need be.
    :param patience: How many seconds to wait for the process that holds
        the lock; for ever when negative.
    :param on_wait: Called when patience is over, and a few times a second
        from then on; returns whether to wait on.
    """
    lock = _lock(path)
    if lock is None:
        yield False
        return
    try:
        _acquire(lock, patience, on_wait)
    except (OSError, NotImplementedError) as error:
        logger.debug('No lock %s: %s', path, error)
    try:
        yield lock.is_locked
    finally:
        # The system frees it anyway when this process ends.
        with contextlib.suppress(OSError):
            lock.release()


def _acquire(lock: Any, patience: float, on_wait: Callable[[], bool]) -> None:
    while not lock.is_locked:
        try:
            lock.acquire(timeout=patience)
        # filelock's Timeout is a TimeoutError.
        except TimeoutError:
            logger.debug('Another process holds a lock')
            if not on_wait():
                return
            patience = _LOOK_SECONDS


def _lock(path: str) -> Any:
    """Return the lock of that path, or ``None`` where there is none."""
    try:
        make_directory(os.path.dirname(path))
        _check_locks(path)
        # Imported here, so that the package works without filelock.
        from filelock import FileLock

        return FileLock(path, mode=0o600)
    except (OSError, NotImplementedError, ImportError) as error:
        logger.debug('No lock %s: %s', path, error)
        return None


def _check_locks(path: str) -> None:
    """Find out whether files can be locked there, without waiting.

    Up to 3.19 filelock takes every refusal for somebody else's lock and
    waits for ever; from 4 on it warns, and makes a lock that outlives its
    holder, where the system knows no such call.

    :raises OSError: The file system has no locks.
    :raises ImportError: The system has no locks.
    """
    if sys.platform == 'win32':
        return
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    handle = os.open(path, flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            raise
    finally:
        os.close(handle)
