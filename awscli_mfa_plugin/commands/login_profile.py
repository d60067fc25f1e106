# SPDX-License-Identifier: Apache-2.0
"""What ``aws mfa login`` is for: profile, device, role and files.

It is what the person's files say and what was asked for, put together.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.commands.login_arguments import (
    LoginArguments,
    default_role_session_name,
)
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.credentials.new_sessions import (
    DEFAULT_ROLE_SECONDS,
    RoleRequest,
)
from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    NotMFAProfileError,
    UsageError,
)
from awscli_mfa_plugin.profiles.aws_mfa import AWS_MFA_ROLE
from awscli_mfa_plugin.profiles.roles import is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import (
    LONG_TERM_SUFFIX,
    MFAProfile,
    Profiles,
    read_mfa_profile,
)

_WRITE_SETTING = 'mfa_write_credentials'


def profiles_with_device(profiles: Profiles) -> list[str]:
    """Return the profiles that a person could log in to without more."""
    names = []
    for name in profiles:
        short_name = name
        if name.endswith(LONG_TERM_SUFFIX):
            short_name = name[: -len(LONG_TERM_SUFFIX)]
        if short_name in names or is_role(short_name, profiles):
            continue
        try:
            read_mfa_profile(short_name, profiles)
        except BotoCoreError:
            continue
        names.append(short_name)
    return names


def with_device_of(
    base_name: str,
    known: tuple[str | None, ...],
    profiles: Profiles,
    arguments: LoginArguments,
) -> LoginArguments:
    """Return the arguments, with the MFA device of ``base_name``.

    With a suffix of its own a profile is that one in all but name.

    :param known: The profiles whose own device goes before it.
    """
    if arguments.serial_number or any(
        profiles.get(name or '', {}).get('mfa_serial') for name in known
    ):
        return arguments
    device = profiles.get(base_name, {}).get('mfa_serial')
    return replace(arguments, serial_number=device or None)


def read_profile(
    name: str,
    long_term_profile: str | None,
    profiles: Profiles,
    arguments: LoginArguments,
) -> MFAProfile:
    """Return the profile, or what the role it is stands on."""
    if not is_role(name, profiles):
        return read_mfa_profile(
            name,
            profiles,
            long_term_profile=long_term_profile,
            serial_number=arguments.serial_number,
            duration_seconds=arguments.duration_seconds,
        )
    role = read_mfa_role(
        name,
        profiles,
        serial_number=arguments.serial_number,
        duration_seconds=arguments.duration_seconds,
    )
    if role.direct is not None and arguments.role_arn is None:
        raise NotMFAProfileError(
            profile=name,
            reason=(
                'its role is assumed with a code of its own, asked for when '
                f'it is used ({role.direct}).'
            ),
        )
    return role.base


def role_request(
    profile: MFAProfile, profiles: Profiles, arguments: LoginArguments
) -> RoleRequest | None:
    """Return the role that a login assumes, if it is for one.

    :raises UsageError: An option that is for a role was given without one.
    """
    long_term = profiles.get(profile.long_term_profile, {})
    role_arn = arguments.role_arn
    if role_arn is None and not is_role(profile.name, profiles):
        role_arn = long_term.get(AWS_MFA_ROLE)
    if not role_arn:
        # --role-session-name is not minded: aws-mfa takes it always.
        if arguments.external_id:
            raise UsageError(
                msg='--external-id is for a role: add --role-arn.'
            )
        return None
    return RoleRequest(
        role_arn=role_arn,
        role_session_name=(
            arguments.role_session_name or default_role_session_name()
        ),
        duration_seconds=arguments.duration_seconds or DEFAULT_ROLE_SECONDS,
        external_id=arguments.external_id,
        chosen=tuple(
            name
            for name, value in (
                ('RoleSessionName', arguments.role_session_name),
                ('DurationSeconds', arguments.duration_seconds),
                ('ExternalId', arguments.external_id),
            )
            if value is not None
        ),
    )


def writes_credentials(
    name: str, profiles: Profiles, arguments: LoginArguments
) -> bool:
    """Tell whether the session goes into the credentials file too.

    :raises UsageError: It would be the user's under the name of a role.
    """
    settings = profiles.get(name, {})
    value = settings.get(_WRITE_SETTING) or 'false'
    if str(value).lower() not in ('true', 'false'):
        raise InvalidProfileValueError(
            profile=name,
            name=_WRITE_SETTING,
            value=value,
            expected='true or false',
        )
    is_habit = value.lower() == 'true'
    if not is_role(name, profiles) or arguments.role_arn is not None:
        return arguments.write_credentials or is_habit
    reason = (
        f"Profile {name} is a role, and this login starts the user's session "
        "that it is assumed from, which is not written. For the role's add: "
        f'--role-arn {settings["role_arn"]}'
    )
    if arguments.write_credentials:
        raise UsageError(msg=reason)
    if is_habit:
        say(f'Note: {reason}\n', sys.stderr)
    return False
