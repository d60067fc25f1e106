# SPDX-License-Identifier: Apache-2.0
"""``aws mfa status``."""

from __future__ import annotations

from typing import Any

from botocore.credentials import AssumeRoleProvider

from awscli_mfa_plugin.cache.inventory import SessionEntry, list_entries
from awscli_mfa_plugin.cache.notes import find_credentials, seconds_left
from awscli_mfa_plugin.cache.roles import RoleSession
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.login_arguments import WAIT_OPTION, read_wait
from awscli_mfa_plugin.commands.output import (
    has_colors,
    is_for_people,
    say,
    show,
)
from awscli_mfa_plugin.commands.selection import (
    ProfilesByKey,
    part_of,
    profiles_by_key,
    serial_number_of,
    users_of,
)
from awscli_mfa_plugin.commands.status_table import format_table
from awscli_mfa_plugin.credentials.waiting import wait_for
from awscli_mfa_plugin.duration import format_time_left
from awscli_mfa_plugin.exceptions import UsageError, as_argument
from awscli_mfa_plugin.host.streams import print_text
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.devices import account_of
from awscli_mfa_plugin.temporary_credentials import (
    MIN_REMAINING_SECONDS,
    TemporaryCredentials,
    format_time,
)


class StatusCommand(MFABasicCommand):
    """Show the MFA sessions in the cache."""

    NAME = 'status'
    DESCRIPTION = from_file('mfa', 'status', '_description.rst')
    EXAMPLES = from_file('mfa', 'status', '_examples.rst')

    ARG_TABLE = [
        {
            'name': 'short',
            'action': 'store_true',
            'help_text': (
                'Print <code>PROFILE 3h12m</code> for a shell prompt, or '
                'nothing.'
            ),
        },
        WAIT_OPTION,
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        if parsed_args.short:
            return self._show_in_short()
        profiles = profiles_by_key(self._session)
        # AWS_PROFILE does not count: without the option all are shown.
        profile = parsed_globals.profile
        if parsed_args.wait is not None:
            if profile is None:
                raise UsageError(
                    msg='--wait is for one profile: add --profile.'
                )
            wait_for(
                lambda: self._is_usable(profile, profiles) or None,
                read_wait(parsed_args.wait),
                profile,
            )
        entries = [
            entry if profile is None else part_of(entry, profile, profiles)
            for entry in list_entries(MFASessionCache())
            if _is_alive(entry)
            and (profile is None or profile in users_of(entry, profiles))
        ]
        self._show(entries, profiles, parsed_globals)
        if profile is None:
            return 0
        return 0 if self._is_usable(profile, profiles) else 1

    def _is_usable(self, profile: str, profiles: ProfilesByKey) -> bool:
        own_role_arn = (
            profiles_of(self._session).get(profile, {}).get('role_arn')
        )
        return any(
            _is_usable(
                part_of(entry, profile, profiles),
                profile,
                own_role_arn,
                profiles,
            )
            for entry in list_entries(MFASessionCache())
            if _is_alive(entry) and profile in users_of(entry, profiles)
        )

    def _show(
        self,
        entries: list[SessionEntry],
        profiles: ProfilesByKey,
        parsed_globals: Any,
    ) -> None:
        if not is_for_people(self._session, parsed_globals):
            sessions = [_describe(entry, profiles) for entry in entries]
            response = {'Sessions': sessions}
            show(self._session, parsed_globals, 'status', response)
        elif entries:
            print_text(
                format_table(
                    entries,
                    profiles,
                    profiles_of(self._session),
                    with_colors=has_colors(parsed_globals),
                )
            )
        else:
            login = 'aws mfa login'
            if parsed_globals.profile:
                login += f' --profile {as_argument(parsed_globals.profile)}'
            say(f'No MFA session. Start one with: {login}\n')

    def _show_in_short(self) -> int:
        """Print ``PROFILE 3h12m``, as ``awscli-mfa status --short`` does."""
        name = self._session.get_config_variable('profile') or 'default'
        credentials = find_credentials(name, even_if_changed=True)
        if credentials is None:
            return 1
        left = int(seconds_left(credentials['Expiration']))
        print_text(f'{name} {format_time_left(left)}\n')
        return 0


def _is_alive(entry: SessionEntry) -> bool:
    sessions = (entry.mfa_session, *entry.roles)
    return any(
        session is not None and session.credentials.is_usable()
        for session in sessions
    )


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
        if role.credentials.is_usable():
            return True
        if role.role_arn != own_role_arn:
            # Nothing else is used until the next login.
            return False
    profile = profiles.get(entry.key, {}).get(name)
    min_remaining = MIN_REMAINING_SECONDS
    if profile is not None:
        min_remaining = profile.min_remaining
    # botocore takes a role session anew long before it ends.
    window = AssumeRoleProvider.EXPIRY_WINDOW_SECONDS
    if min_remaining <= MIN_REMAINING_SECONDS and any(
        role.credentials.is_usable(window) for role in roles
    ):
        return True
    return entry.mfa_session is not None and (
        entry.mfa_session.credentials.is_usable(min_remaining)
    )


def _describe(entry: SessionEntry, profiles: ProfilesByKey) -> dict[str, Any]:
    described: dict[str, Any] = {'Profiles': sorted(users_of(entry, profiles))}
    serial_number = serial_number_of(entry, profiles)
    if serial_number is not None:
        described['SerialNumber'] = serial_number
        account = account_of(serial_number)
        if account:
            described['Account'] = account
    mfa_session = entry.mfa_session
    if mfa_session is not None and mfa_session.credentials.is_usable():
        described.update(_lasting(mfa_session.credentials))
    described['Roles'] = [
        _describe_role(role)
        for role in entry.roles
        # A role that was logged in to counts even when it has ended: the
        # profile's commands are refused for it.
        if role.by_login or role.credentials.is_usable()
    ]
    return described


def _describe_role(role: RoleSession) -> dict[str, Any]:
    return {
        'Profile': role.profile_name,
        'RoleArn': role.role_arn,
        **_lasting(role.credentials),
    }


def _lasting(credentials: TemporaryCredentials) -> dict[str, Any]:
    left = max(0, int(credentials.seconds_left()))
    return {
        'Expiration': format_time(credentials.expiration),
        'SecondsLeft': left,
        'TimeLeft': format_time_left(left),
    }
