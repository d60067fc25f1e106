# SPDX-License-Identifier: Apache-2.0
"""``aws mfa status``."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.credentials import AssumeRoleProvider

from awscli_mfa_plugin.cache.inventory import (
    RoleEntry,
    SessionEntry,
    list_entries,
)
from awscli_mfa_plugin.cache.layout import format_time
from awscli_mfa_plugin.cache.sessions import EXPIRY_WINDOW, MFASessionCache
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.output import show
from awscli_mfa_plugin.commands.selection import (
    ProfilesByKey,
    profiles_by_key,
    serial_number_of,
    users_of,
)
from awscli_mfa_plugin.profiles.settings import account_of, profiles_of
from awscli_mfa_plugin.standalone import time_left


class StatusCommand(MFABasicCommand):
    """Show the MFA sessions in the cache."""

    NAME = 'status'
    DESCRIPTION = from_file('mfa', 'status', '_description.rst')
    EXAMPLES = from_file('mfa', 'status', '_examples.rst')

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        profiles = profiles_by_key(self._session)
        # Not that of the environment: without the option all are shown.
        profile = parsed_globals.profile
        entries = [
            entry
            for entry in list_entries(MFASessionCache())
            if _is_alive(entry)
            and (profile is None or profile in users_of(entry, profiles))
        ]
        sessions = [_describe(entry, profiles) for entry in entries]
        show(self._session, parsed_globals, 'status', {'Sessions': sessions})
        if profile is None:
            return 0
        own_role_arn = (
            profiles_of(self._session).get(profile, {}).get('role_arn')
        )
        is_usable = any(
            _is_usable(entry, profile, own_role_arn, profiles)
            for entry in entries
        )
        return 0 if is_usable else 1


def _is_alive(entry: SessionEntry) -> bool:
    if entry.mfa_session is not None and entry.mfa_session.is_usable():
        return True
    return any(role.is_usable() for role in entry.roles)


def _is_usable(
    entry: SessionEntry,
    name: str,
    own_role_arn: str | None,
    profiles: ProfilesByKey,
) -> bool:
    """Tell whether a command of the profile would go without a code."""
    roles = [role for role in entry.roles if role.profile_name == name]
    for role in roles:
        if not role.by_login:
            continue
        if role.is_usable():
            return True
        if role.role_arn != own_role_arn:
            # Nothing else is used until the next login.
            return False
    profile = profiles.get(entry.key, {}).get(name)
    min_remaining = EXPIRY_WINDOW
    if profile is not None:
        min_remaining = timedelta(seconds=profile.min_remaining)
    if min_remaining <= EXPIRY_WINDOW and any(map(_is_reused, roles)):
        return True
    return entry.mfa_session is not None and entry.mfa_session.is_usable(
        min_remaining=min_remaining
    )


def _is_reused(role: RoleEntry) -> bool:
    """Tell whether botocore would still take a role session."""
    window = timedelta(seconds=AssumeRoleProvider.EXPIRY_WINDOW_SECONDS)
    left: timedelta = role.expiration - datetime.now(timezone.utc)
    return left > window


def _describe(entry: SessionEntry, profiles: ProfilesByKey) -> dict[str, Any]:
    described: dict[str, Any] = {'Profiles': sorted(users_of(entry, profiles))}
    serial_number = serial_number_of(entry, profiles)
    if serial_number is not None:
        described['SerialNumber'] = serial_number
        account = account_of(serial_number)
        if account:
            described['Account'] = account
    mfa_session = entry.mfa_session
    if mfa_session is not None and mfa_session.is_usable():
        described.update(_lasting(mfa_session.expiration))
    described['Roles'] = [
        _describe_role(role)
        for role in entry.roles
        # One that was logged in to is in the way even when it has ended.
        if role.by_login or role.is_usable()
    ]
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
        'SecondsLeft': max(0, int(left.total_seconds())),
        'TimeLeft': time_left(format_time(expiration)),
    }
