# SPDX-License-Identifier: Apache-2.0
"""``aws mfa logout``."""

from __future__ import annotations

from typing import Any

from awscli.customizations.utils import uni_print

from awscli_mfa_plugin.cache import MFASessionCache
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.selection import (
    made_for,
    profiles_by_key,
    users_of,
)
from awscli_mfa_plugin.exceptions import CacheWriteError
from awscli_mfa_plugin.inventory import (
    SessionEntry,
    list_entries,
    remove_entry,
    remove_expired,
)
from awscli_mfa_plugin.profile_index import forget_profile


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
        remove_expired(cache)
        profile = self._session.get_config_variable('profile') or 'default'
        profiles = profiles_by_key(self._session)
        ended = 0
        for entry in list_entries(cache):
            # Those of a former access key or device too.
            used_by = users_of(entry, profiles) | made_for(entry)
            if not (parsed_args.all or profile in used_by):
                continue
            try:
                remove_entry(cache, entry)
            except OSError as error:
                raise CacheWriteError(
                    directory=cache.directory, reason=error.strerror or error
                ) from None
            for name in used_by:
                forget_profile(name)
            uni_print(_say(entry, used_by))
            ended += 1
        if not ended:
            whose = 'There is' if parsed_args.all else f'Profile {profile} has'
            uni_print(f'{whose} no MFA session to end.\n')
        return 0


def _say(entry: SessionEntry, used_by: set[str]) -> str:
    whose = ', '.join(sorted(used_by)) or 'no profile'
    what = 'the MFA session'
    if entry.mfa_session is not None:
        what += f' of {entry.mfa_session.serial_number}'
    roles = len(entry.roles)
    if roles:
        what += f' and {roles} role session{"" if roles == 1 else "s"}'
    return f'Ended {what} (used by {whose}).\n'
