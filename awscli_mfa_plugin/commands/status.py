# SPDX-License-Identifier: Apache-2.0
"""``aws mfa status``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from awscli_mfa_plugin.cache import MFASessionCache
from awscli_mfa_plugin.cache_layout import format_time
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.output import show
from awscli_mfa_plugin.commands.selection import named_profile, profiles_by_key
from awscli_mfa_plugin.inventory import (
    RoleEntry,
    SessionEntry,
    list_entries,
)
from awscli_mfa_plugin.profiles import account_of
from awscli_mfa_plugin.standalone import time_left


class StatusCommand(MFABasicCommand):
    """Show the MFA sessions in the cache."""

    NAME = 'status'
    DESCRIPTION = from_file('mfa', 'status', '_description.rst')
    EXAMPLES = from_file('mfa', 'status', '_examples.rst')

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        names = profiles_by_key(self._session)
        sessions = [
            _describe(entry, names.get(entry.key, set()))
            for entry in list_entries(MFASessionCache())
            if _is_alive(entry)
        ]
        profile = named_profile(parsed_globals)
        if profile is not None:
            sessions = [
                session
                for session in sessions
                if profile in session['Profiles']
            ]
        show(self._session, parsed_globals, 'status', {'Sessions': sessions})
        return 0 if sessions or profile is None else 1


def _is_alive(entry: SessionEntry) -> bool:
    if entry.mfa_session is not None and entry.mfa_session.is_usable():
        return True
    return any(not role.has_expired() for role in entry.roles)


def _describe(entry: SessionEntry, names: set[str]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    mfa_session = entry.mfa_session
    if mfa_session is not None:
        names = names | {mfa_session.profile_name}
    roles = [role for role in entry.roles if not role.has_expired()]
    names = names | {role.profile_name for role in roles}
    described['Profiles'] = sorted(names)
    if mfa_session is not None:
        described['SerialNumber'] = mfa_session.serial_number
        account = account_of(mfa_session.serial_number)
        if account:
            described['Account'] = account
        if mfa_session.is_usable():
            described.update(_lasting(mfa_session.expiration))
    described['Roles'] = [_describe_role(role) for role in roles]
    return described


def _describe_role(role: RoleEntry) -> dict[str, Any]:
    return {
        'Profile': role.profile_name,
        'RoleArn': role.role_arn,
        **_lasting(role.expiration),
    }


def _lasting(expiration: datetime) -> dict[str, Any]:
    left = expiration - datetime.now(timezone.utc)
    return {
        'Expiration': format_time(expiration),
        'SecondsLeft': int(left.total_seconds()),
        'TimeLeft': time_left(format_time(expiration)),
    }
