# SPDX-License-Identifier: Apache-2.0
"""``aws mfa status`` for people: a line for each profile and each role."""

from __future__ import annotations

from dataclasses import dataclass

from awscli_mfa_plugin.cache.inventory import SessionEntry
from awscli_mfa_plugin.cache.roles import RoleSession
from awscli_mfa_plugin.commands.selection import ProfilesByKey, users_of
from awscli_mfa_plugin.duration import format_time_left
from awscli_mfa_plugin.profiles.roles import is_role
from awscli_mfa_plugin.profiles.settings import Profiles
from awscli_mfa_plugin.temporary_credentials import (
    TemporaryCredentials,
    local_time,
)

# A session that ends within so many seconds is shown in yellow.
_SOON_SECONDS = 30 * 60
_YELLOW, _PLAIN = '\033[33m', '\033[0m'

_HEADINGS = ('PROFILE', 'KIND', 'UNTIL', 'LEFT')


@dataclass(frozen=True)
class _Line:
    cells: tuple[str, ...]
    ends_soon: bool = False


def format_table(
    entries: list[SessionEntry],
    users: ProfilesByKey,
    profiles: Profiles,
    *,
    with_colors: bool,
) -> str:
    """Return sessions as a table, the roles of a session below it."""
    lines = [_Line(_HEADINGS)]
    for entry in entries:
        lines += _lines_of(entry, users, profiles)
    widths = [
        max(len(line.cells[column]) for line in lines)
        for column in range(len(_HEADINGS))
    ]
    text = ''
    for line in lines:
        row = '  '.join(
            cell.ljust(width) for cell, width in zip(line.cells, widths)
        ).rstrip()
        if with_colors and line.ends_soon:
            row = f'{_YELLOW}{row}{_PLAIN}'
        text += f'{row}\n'
    return text


def _lines_of(
    entry: SessionEntry, users: ProfilesByKey, profiles: Profiles
) -> list[_Line]:
    lines = []
    session = entry.mfa_session
    is_usable = session is not None and session.credentials.is_usable()
    if session is not None and is_usable:
        own_roles = {role.profile_name for role in entry.roles}
        names = [
            name
            for name in sorted(
                users_of(entry, users) or {session.profile_name}
            )
            if not is_role(name, profiles) and name not in own_roles
        ]
        lines += [_line(name, 'user', session.credentials) for name in names]
    indent = '  ' if is_usable else ''
    return lines + [
        _line(
            f'{"" if role.is_of_profile_alone else indent}{role.profile_name}',
            _name_of(role),
            role.credentials,
        )
        for role in sorted(
            entry.roles, key=lambda role: role.is_of_profile_alone
        )
        if role.by_login or role.credentials.is_usable()
    ]


def _name_of(role: RoleSession) -> str:
    """Return ``role admin``: the path of a role says nothing here."""
    return f'role {role.role_arn.rpartition("/")[2]}'


def _line(name: str, kind: str, credentials: TemporaryCredentials) -> _Line:
    left = int(credentials.seconds_left())
    until = local_time(credentials.expiration)
    return _Line(
        (
            name,
            kind,
            f'{until:%Y-%m-%d %H:%M}',
            format_time_left(left) if left > 0 else 'ended',
        ),
        ends_soon=left < _SOON_SECONDS,
    )
