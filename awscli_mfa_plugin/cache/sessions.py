# SPDX-License-Identifier: Apache-2.0
"""MFA sessions on disk, and the lock between processes.

One JSON file a session, in a folder of its own beside the AWS CLI's
cache. A file holds what STS returned and where it came from::

    {
      "Version": 1,
      "ProviderType": "mfa-session",
      "ProfileName": "s3-cli-user",
      "SerialNumber": "arn:aws:iam::123456789012:mfa/s3-cli-user",
      "AuthenticatedAt": "2026-11-23T18:00:00Z",
      "DurationSeconds": 43200,
      "Credentials": {
        "AccessKeyId": "ASIA...",
        "SecretAccessKey": "...",
        "SessionToken": "...",
        "Expiration": "2026-11-24T06:00:00Z"
      }
    }
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from awscli_mfa_plugin.cache.files import (
    make_directory,
    read_json,
    write_json,
)
from awscli_mfa_plugin.cache.layout import (
    MIN_REMAINING_SECONDS,
    cache_directory,
    format_time,
    parse_time,
    session_path,
)
from awscli_mfa_plugin.exceptions import CacheWriteError
from awscli_mfa_plugin.profiles.settings import MFAProfile, Profiles

logger = logging.getLogger(__name__)

EXPIRY_WINDOW = timedelta(seconds=MIN_REMAINING_SECONDS)

_VERSION = 1
_PROVIDER_TYPE = 'mfa-session'

# How it is said that another process holds the lock.
_HELD = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES)


@dataclass(frozen=True)
class MFASession:
    """An MFA session, as it is kept.

    :ivar authenticated_at: When the code was accepted, UTC.
    :ivar expiration: When AWS ends the session, UTC.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime
    profile_name: str
    serial_number: str
    authenticated_at: datetime
    duration_seconds: int

    def is_usable(
        self,
        now: datetime | None = None,
        min_remaining: timedelta = EXPIRY_WINDOW,
    ) -> bool:
        """Tell whether it lasts for longer than ``min_remaining``."""
        now = now or datetime.now(timezone.utc)
        return self.expiration - now > min_remaining


def session_key(access_key_id: str, serial_number: str) -> str:
    """Return the name that a session has in the cache.

    Two profiles on one access key and device share it; a rotated access
    key has another.
    """
    text = json.dumps(
        {'AccessKeyId': access_key_id, 'SerialNumber': serial_number},
        sort_keys=True,
    )
    return sha256(text.encode()).hexdigest()


def session_key_in_files(
    profile: MFAProfile, profiles: Profiles
) -> str | None:
    """Return the key of a profile's session, by the two files alone.

    ``None`` where a ``credential_process`` gives the access key: that may
    be another one tomorrow, and the process is not run for this.
    """
    access_key_id = profiles.get(profile.long_term_profile, {}).get(
        'aws_access_key_id'
    )
    if not isinstance(access_key_id, str):
        return None
    return session_key(access_key_id, profile.serial_number)


class MFASessionCache:
    """The folder of MFA sessions.

    :param directory: Where; by default what ``AWS_MFA_CACHE_DIRECTORY``
        says, else ``~/.aws/cli/mfa-cache``.
    """

    def __init__(
        self,
        directory: str | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.directory = (
            os.path.abspath(os.path.expanduser(directory))
            if directory
            else cache_directory(environ)
        )

    def get(self, key: str) -> MFASession | None:
        """Return the session of that name, or ``None``.

        A file that cannot be read or understood is no session: another
        one can always be made.
        """
        entry = read_json(self._path(key))
        if entry is None:
            return None
        try:
            return _from_json(entry)
        except (ValueError, LookupError, TypeError) as error:
            logger.debug(
                'The cached MFA session %s is not one (%s)',
                key,
                type(error).__name__,
            )
            return None

    def put(self, key: str, mfa_session: MFASession) -> None:
        """Keep a session.

        :raises CacheWriteError: It cannot be written.
        """
        try:
            write_json(self._path(key), _to_json(mfa_session))
        except OSError as error:
            raise CacheWriteError(
                directory=self.directory, reason=error.strerror or error
            ) from None

    @contextlib.contextmanager
    def locked(
        self,
        key: str,
        patience: float = -1,
        on_wait: Callable[[], bool] = lambda: False,
    ) -> Iterator[bool]:
        """Hold the lock of one session's name; yield whether it is held.

        The kernel frees it when its holder dies. Where no lock can be
        had, nothing is locked: a second prompt is better than none. That
        is where no lock file can be made, where the file system has no
        locks, and where filelock is not installed.

        :param patience: How many seconds to wait for who has the lock;
            for ever when negative.
        :param on_wait: Called when patience is over; returns whether to
            wait on, for ever then.
        """
        lock = self._lock(os.path.join(self.directory, f'{key}.lock'))
        if lock is None:
            yield False
            return
        try:
            try:
                lock.acquire(timeout=patience)
            # filelock's Timeout is one of these.
            except TimeoutError:
                logger.debug('Another process holds %s', lock.lock_file)
                if on_wait():
                    lock.acquire()
        except (OSError, NotImplementedError) as error:
            logger.debug('No lock in %s: %s', self.directory, error)
        try:
            yield lock.is_locked
        finally:
            lock.release()

    def _lock(self, path: str) -> Any:
        """Return the lock of that path, or ``None`` where there is none."""
        try:
            make_directory(self.directory)
            _check_locks(path)
            # Imported here: only a command that has no session gets this
            # far.
            from filelock import FileLock

            return FileLock(path, mode=0o600)
        except (OSError, NotImplementedError, ImportError) as error:
            logger.debug('No lock in %s: %s', self.directory, error)
            return None

    def _path(self, key: str) -> str:
        return session_path(self.directory, key)


def _check_locks(path: str) -> None:
    """Find out whether files can be locked there, without waiting.

    Up to 3.19 filelock takes every refusal for somebody else's lock and
    waits for ever; from 4 on it warns, and makes a lock that outlives its
    holder, where the system knows no such call.

    :raises OSError: They cannot.
    :raises ImportError: Nor can they on any file system.
    """
    if os.name == 'nt':
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


def _to_json(mfa_session: MFASession) -> dict[str, Any]:
    return {
        'Version': _VERSION,
        'ProviderType': _PROVIDER_TYPE,
        'ProfileName': mfa_session.profile_name,
        'SerialNumber': mfa_session.serial_number,
        'AuthenticatedAt': format_time(mfa_session.authenticated_at),
        'DurationSeconds': mfa_session.duration_seconds,
        'Credentials': {
            'AccessKeyId': mfa_session.access_key_id,
            'SecretAccessKey': mfa_session.secret_access_key,
            'SessionToken': mfa_session.session_token,
            'Expiration': format_time(mfa_session.expiration),
        },
    }


def _from_json(entry: Any) -> MFASession:
    if entry['Version'] != _VERSION:
        raise ValueError('another version')
    credentials = entry['Credentials']
    mfa_session = MFASession(
        access_key_id=credentials['AccessKeyId'],
        secret_access_key=credentials['SecretAccessKey'],
        session_token=credentials['SessionToken'],
        expiration=parse_time(credentials['Expiration']),
        profile_name=entry['ProfileName'],
        serial_number=entry['SerialNumber'],
        authenticated_at=parse_time(entry['AuthenticatedAt']),
        duration_seconds=entry['DurationSeconds'],
    )
    for secret in (
        mfa_session.access_key_id,
        mfa_session.secret_access_key,
        mfa_session.session_token,
    ):
        if not isinstance(secret, str):
            raise TypeError('a key that is no string')
    return mfa_session
