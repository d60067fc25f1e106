# SPDX-License-Identifier: Apache-2.0
"""What is in the cache: to be shown, and to be removed."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from awscli_mfa_plugin.cache.layout import notes_directory, session_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.cache.roles import RoleSession, read_role
from awscli_mfa_plugin.cache.sessions import MFASession, MFASessionCache

logger = logging.getLogger(__name__)

# The names of files that are ours: nothing else is ever removed.
SESSION_FILE = re.compile(r'(?P<session>[0-9a-f]{64})\.json')
ROLE_FILE = re.compile(r'(?P<session>[0-9a-f]{64})\.[0-9a-f]{64}\.json')
# The notes and the file of the AWS CLI hold no secrets.
UNFINISHED_FILE = re.compile(r'cli\.json\w+\.tmp')
UNFINISHED_NOTE = re.compile(r'[0-9a-f]+\w+\.tmp')
TEMPORARY_FILE = re.compile(
    r'(?P<session>[0-9a-f]{64})\.(?:[0-9a-f]{64}\.)?json\w+\.tmp'
)
TOLD_FILE = re.compile(
    r'(?P<session>[0-9a-f]{64})\.(?:[0-9a-f]{64}\.)?(?P<end>[0-9]{1,12})\.told'
)
PROMPT_FILE = re.compile(
    r'terminal-[0-9a-f]{64}\.(?:lock|holder|told)'
    r'|code-[0-9a-f]{64}\.(?:lock|used(?:\w+\.tmp)?)'
)

# Nobody takes a day to write a file or to answer a question: what is older
# was left by a crash, or by a terminal that is gone.
_STALE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class SessionEntry:
    """What is in the cache under one session's key.

    :ivar mfa_session: ``None`` when only roles are left of it.
    :ivar role_files: The role sessions, usable or not, by their files.
    :ivar is_shared: Whether the MFA session and what was made from it are
        in here, and not only role sessions of one profile alone.
    """

    key: str
    mfa_session: MFASession | None
    role_files: Mapping[str, RoleSession] = field(default_factory=dict)
    is_shared: bool = True

    @property
    def roles(self) -> tuple[RoleSession, ...]:
        """The role sessions, by their profiles' names."""
        return tuple(
            sorted(
                self.role_files.values(), key=lambda role: role.profile_name
            )
        )

    def part_of(self, profile_name: str, is_user: bool) -> SessionEntry:
        """Return what of it is one profile's.

        :param is_user: Whether the profile uses the MFA session.
        """
        return replace(
            self,
            mfa_session=self.mfa_session if is_user else None,
            role_files={
                name: role
                for name, role in self.role_files.items()
                if (
                    role.profile_name == profile_name
                    if role.is_of_profile_alone
                    else is_user
                )
            },
            is_shared=is_user,
        )

    @property
    def access_key_ids(self) -> set[str]:
        """The IDs of the access keys of the session and of its roles."""
        found = {role.credentials.access_key_id for role in self.roles}
        if self.mfa_session is not None:
            found.add(self.mfa_session.credentials.access_key_id)
        return found


def list_entries(cache: MFASessionCache) -> list[SessionEntry]:
    """Return everything in the cache, usable or not, by key."""
    roles: dict[str, dict[str, RoleSession]] = {}
    for name in _names(cache.directory):
        role_file = ROLE_FILE.fullmatch(name)
        file = role_file or SESSION_FILE.fullmatch(name)
        if file is None:
            continue
        entries = roles.setdefault(file['session'], {})
        if role_file:
            role = read_role(os.path.join(cache.directory, name))
            if role is not None:
                entries[name] = role
    return [
        SessionEntry(key, cache.get(key), entries)
        for key, entries in sorted(roles.items())
    ]


def remove_entry(cache: MFASessionCache, entry: SessionEntry) -> None:
    """Remove a session and its role sessions, or one profile's of them.

    :raises OSError: Something could not be removed; the rest is.
    """
    names = [
        name
        for name in _names(cache.directory)
        # Files that cannot be read or were never finished go too: they
        # may hold a secret.
        if (match := _match(name))
        and match['session'] == entry.key
        and (name in entry.role_files or entry.is_shared)
        and not _is_elsewhere(cache, name, entry)
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


def _is_elsewhere(
    cache: MFASessionCache, name: str, entry: SessionEntry
) -> bool:
    """Tell whether a file is another profile's alone."""
    if name in entry.role_files:
        return False
    role = read_role(os.path.join(cache.directory, name))
    return role is not None and role.is_of_profile_alone


def _match(name: str) -> re.Match[str] | None:
    for pattern in (SESSION_FILE, ROLE_FILE, TEMPORARY_FILE, TOLD_FILE):
        match = pattern.fullmatch(name)
        if match is not None:
            return match
    return None


def remove_expired(cache: MFASessionCache) -> None:
    """Remove what nothing can be signed with any more.

    A role that a profile was logged in to stays: that it has ended is
    what the profile's commands have to say.
    """
    for name in list(_names(cache.directory)):
        path = os.path.join(cache.directory, name)
        session = SESSION_FILE.fullmatch(name)
        told = TOLD_FILE.fullmatch(name)
        if session:
            _remove_expired_session(cache, session['session'])
        elif told:
            if int(told['end']) < time.time():
                _unlink(path)
        elif ROLE_FILE.fullmatch(name):
            role = read_role(path)
            if (
                role is not None
                and not role.by_login
                and not role.credentials.is_usable()
            ):
                _unlink(path)
        elif _is_left_over(name):
            _remove_stale(path)
    notes = notes_directory(cache.directory)
    for name in list(_names(notes)):
        if UNFINISHED_NOTE.fullmatch(name):
            _remove_stale(os.path.join(notes, name))


def _is_left_over(name: str) -> bool:
    return any(
        pattern.fullmatch(name)
        for pattern in (TEMPORARY_FILE, PROMPT_FILE, UNFINISHED_FILE)
    )


def _remove_expired_session(cache: MFASessionCache, key: str) -> None:
    """Remove a session that has expired, unless it is being renewed."""
    if not _has_expired(cache, key):
        return
    with locked(cache.lock_path(key), 0) as is_locked:
        # Another process may have renewed it meanwhile.
        if is_locked and _has_expired(cache, key):
            _unlink(session_path(cache.directory, key))


def _has_expired(cache: MFASessionCache, key: str) -> bool:
    mfa_session = cache.get(key)
    return mfa_session is not None and not mfa_session.credentials.is_usable()


def _names(directory: str) -> Iterator[str]:
    with contextlib.suppress(OSError):
        yield from sorted(os.listdir(directory))


def _remove_stale(path: str) -> None:
    with contextlib.suppress(OSError):
        if time.time() - os.stat(path).st_mtime > _STALE_SECONDS:
            os.unlink(path)
            logger.debug('Removed %s', path)


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
        logger.debug('Removed %s', path)
