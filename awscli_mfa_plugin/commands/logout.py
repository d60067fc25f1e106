# SPDX-License-Identifier: Apache-2.0
"""``aws mfa logout``."""

from __future__ import annotations

import sys
from typing import Any

from awscli_mfa_plugin.cache.inventory import (
    SessionEntry,
    list_entries,
    remove_entry,
    remove_expired,
)
from awscli_mfa_plugin.cache.notes import forget_profile
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.commands.selection import (
    ProfilesByKey,
    made_for,
    part_of,
    profiles_by_key,
    users_of,
)
from awscli_mfa_plugin.config_files.credentials import (
    credentials_path,
    remove_sessions,
)
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.exceptions.files import (
    CacheRemoveError,
    SectionRemoveError,
)


class LogoutCommand(MFABasicCommand):
    """End MFA sessions."""

    NAME = 'logout'
    DESCRIPTION = from_file('mfa', 'logout', '_description.rst')
    EXAMPLES = from_file('mfa', 'logout', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'all',
            'action': 'store_true',
            'help_text': 'End the sessions of all profiles.',
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        cache = MFASessionCache()
        profile = self._session.get_config_variable('profile') or 'default'
        wanted = None if parsed_args.all else profile
        profiles = profiles_by_key(self._session)
        # Collect the key IDs before their files are removed, also those of
        # expired sessions.
        access_key_ids = {
            access_key_id
            for entry in _entries_of(wanted, cache, profiles)
            for access_key_id in entry.access_key_ids
        }
        sections: list[str] = []
        still_written: SectionRemoveError | None = None
        try:
            # First: a logout that is interrupted can be repeated.
            sections = remove_sessions(self._session, access_key_ids)
        except SectionRemoveError as error:
            still_written = error
        remove_expired(cache)
        entries = _entries_of(wanted, cache, profiles)
        ended, failures = _end(cache, entries, profiles)
        # All that can be removed is: printing fails when nobody listens.
        say(''.join(ended))
        for section in sections:
            say(
                f'Removed the session from the section [{section}] of '
                f'{credentials_path(self._session)}.\n'
            )
        if failures:
            if still_written is not None:
                say(f'{still_written}\n', sys.stderr)
            raise _explain(cache, failures)
        if still_written is not None:
            raise still_written
        if not (entries or sections):
            whose = 'There is' if parsed_args.all else f'Profile {profile} has'
            say(f'{whose} no MFA session to end.\n')
            self._name_others(cache, profiles)
        return 0

    def _name_others(
        self, cache: MFASessionCache, profiles: ProfilesByKey
    ) -> None:
        """Say which profiles have a session, if some do."""
        names = sorted(
            {
                name
                for entry in list_entries(cache)
                for name in users_of(entry, profiles)
            }
        )
        if names:
            say(
                f'There is one for: {", ".join(names)}. To end it: aws mfa '
                f'logout --profile {as_argument(names[0])}\n'
            )


def _entries_of(
    name: str | None, cache: MFASessionCache, profiles: ProfilesByKey
) -> list[SessionEntry]:
    """Return what is in the cache for a profile, or for all."""
    return [
        entry if name is None else part_of(entry, name, profiles)
        for entry in list_entries(cache)
        if name is None or name in _names(entry, profiles)
    ]


def _names(entry: SessionEntry, profiles: ProfilesByKey) -> set[str]:
    # Sessions of a former access key are the profile's too.
    return users_of(entry, profiles) | made_for(entry)


def _end(
    cache: MFASessionCache,
    entries: list[SessionEntry],
    profiles: ProfilesByKey,
) -> tuple[list[str], list[OSError]]:
    """Remove sessions; return which, and why others are still there."""
    ended = []
    failures = []
    for entry in entries:
        used_by = _names(entry, profiles)
        try:
            remove_entry(cache, entry)
        except OSError as error:
            failures.append(error)
            continue
        for name in used_by:
            forget_profile(name)
        ended.append(_say(entry, used_by))
    return ended, failures


def _explain(
    cache: MFASessionCache, failures: list[OSError]
) -> CacheRemoveError:
    count = len(failures)
    return CacheRemoveError(
        what='The MFA session' if count == 1 else f'{count} MFA sessions',
        directory=cache.directory,
        # They are in one folder: it is the same for all.
        reason=failures[0].strerror or failures[0],
    )


def _say(entry: SessionEntry, used_by: set[str]) -> str:
    whose = ', '.join(sorted(used_by)) or 'no profile'
    ended = []
    if entry.mfa_session is not None:
        ended.append(f'the MFA session of {entry.mfa_session.serial_number}')
    elif not entry.roles:
        ended.append('what was left of an MFA session')
    roles = len(entry.roles)
    if roles:
        ended.append(f'{roles} role session{"" if roles == 1 else "s"}')
    return f'Ended {" and ".join(ended)} (used by {whose}).\n'
