# SPDX-License-Identifier: Apache-2.0
"""What is in the cache: to be shown, and to be removed."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from awscli_mfa_plugin.cache.files import read_json
from awscli_mfa_plugin.cache.layout import (
    ROLE_FILE,
    SESSION_FILE,
    TEMPORARY_FILE,
    parse_time,
    session_path,
)
from awscli_mfa_plugin.cache.sessions import (
    EXPIRY_WINDOW,
    MFASession,
    MFASessionCache,
)

logger = logging.getLogger(__name__)

# Nobody takes a day to write a file: what is older was left by a crash.
_STALE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class RoleEntry:
    """A role session in the cache.

    :ivar by_login: Whether ``aws mfa login --role-arn`` made it.
    """

    path: str
    profile_name: str
    role_arn: str
    expiration: datetime
    by_login: bool
    access_key_id: str

    def is_usable(self) -> bool:
        """Tell whether a request may still be signed with it."""
        return self.expiration - datetime.now(timezone.utc) > EXPIRY_WINDOW


@dataclass(frozen=True)
class SessionEntry:
    """What is in the cache under one session's key.

    :ivar mfa_session: ``None`` when only roles are left of it.
    """

    key: str
    mfa_session: MFASession | None
    roles: tuple[RoleEntry, ...]

    @property
    def access_key_ids(self) -> set[str]:
        """What the session and its role sessions are told apart by."""
        found = {role.access_key_id for role in self.roles}
        if self.mfa_session is not None:
            found.add(self.mfa_session.access_key_id)
        return found


def list_entries(cache: MFASessionCache) -> list[SessionEntry]:
    """Return everything in the cache, usable or not, by key."""
    roles: dict[str, list[RoleEntry]] = {}
    for name in _names(cache):
        role_file = ROLE_FILE.fullmatch(name)
        file = role_file or SESSION_FILE.fullmatch(name)
        if file is None:
            continue
        entries = roles.setdefault(file['session'], [])
        if role_file:
            entry = _read_role(os.path.join(cache.directory, name))
            if entry is not None:
                entries.append(entry)
    return [
        SessionEntry(
            key=key,
            mfa_session=cache.get(key),
            roles=tuple(sorted(entries, key=lambda role: role.profile_name)),
        )
        for key, entries in sorted(roles.items())
    ]


def remove_entry(cache: MFASessionCache, entry: SessionEntry) -> None:
    """Remove a session and the role sessions made from it.

    :raises OSError: Something could not be removed; the rest is.
    """
    names = [
        name
        for name in _names(cache)
        # Those that cannot be read or were never finished too: they may
        # hold a secret.
        if (match := _match(name)) and match['session'] == entry.key
    ]
    failure: OSError | None = None
    for name in names:
        try:
            os.unlink(os.path.join(cache.directory, name))
        except FileNotFoundError:
            pass
        except OSError as error:
            failure = failure or error
    if failure is not None:
        raise failure


def _match(name: str) -> re.Match[str] | None:
    for pattern in (SESSION_FILE, ROLE_FILE, TEMPORARY_FILE):
        match = pattern.fullmatch(name)
        if match is not None:
            return match
    return None


def remove_expired(cache: MFASessionCache) -> None:
    """Remove what nothing can be signed with any more.

    A role that a profile was logged in to stays: that it has ended is
    what the profile's commands have to say.
    """
    for entry in list_entries(cache):
        for role in entry.roles:
            if not role.is_usable() and not role.by_login:
                _unlink(role.path)
        if entry.mfa_session is not None and not entry.mfa_session.is_usable():
            _remove_expired_session(cache, entry.key)
    for name in _names(cache):
        path = os.path.join(cache.directory, name)
        if TEMPORARY_FILE.fullmatch(name) and _is_stale(path):
            _unlink(path)


def _remove_expired_session(cache: MFASessionCache, key: str) -> None:
    """Remove a session unless somebody is renewing it just now."""
    with cache.locked(key, patience=0) as is_locked:
        if not is_locked:
            return
        mfa_session = cache.get(key)
        if mfa_session is not None and not mfa_session.is_usable():
            _unlink(session_path(cache.directory, key))


def _names(cache: MFASessionCache) -> Iterator[str]:
    with contextlib.suppress(OSError):
        yield from sorted(os.listdir(cache.directory))


def _read_role(path: str) -> RoleEntry | None:
    entry = read_json(path)
    try:
        return RoleEntry(
            path=path,
            profile_name=str(entry['ProfileName']),
            role_arn=str(entry['RoleArn']),
            expiration=parse_time(entry['Credentials']['Expiration']),
            by_login=bool(entry.get('ByLogin')),
            access_key_id=str(entry['Credentials']['AccessKeyId']),
        )
    except (LookupError, TypeError, ValueError):
        return None


def _is_stale(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime > _STALE_SECONDS
    except OSError:
        return False


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
        logger.debug('Removed %s', path)
