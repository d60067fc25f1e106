# SPDX-License-Identifier: Apache-2.0
"""Which roles are assumed from an MFA session, and which are not.

A role profile leads through ``source_profile`` to another role or to the
profile that has the long-term credentials. With an ``mfa_serial`` anywhere
on that way one MFA session serves the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from awscli_mfa_plugin import AGENT_ROLE
from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    NotMFAProfileError,
)
from awscli_mfa_plugin.exceptions.profiles import AgentRoleError
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    Profiles,
    may_prompt,
    mfa_process_of,
    min_remaining_of,
    read_mfa_profile,
    text_of,
    wait_seconds_of,
    warn_before_of,
)

# The longest role session that AWS gives to another session, in seconds:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html (chaining)
MAX_CHAINED_SECONDS = 3600

# The setting that chooses between the two ways, and its values.
_ROLE_SESSIONS = 'mfa_role_sessions'
_ROLE_SESSIONS_VALUES = ('session', 'direct')

_ROLE_SETTINGS = (
    'role_arn',
    'source_profile',
    # In a role that is its own source this is the length of the role
    # session, not of the MFA session.
    'duration_seconds',
)
_TOKEN_SETTINGS = ('aws_session_token', 'aws_security_token')


class MFARole(NamedTuple):
    """A role that is assumed with the help of an MFA device.

    :ivar name: The role's profile.
    :ivar hops: The role profiles on the way, ``name`` first; the last one
        is assumed with the credentials of ``base``.
    :ivar base: The MFA session that serves them.
    :ivar direct: Why the last hop is assumed from the long-term
        credentials with a code of its own; ``None`` when it is assumed
        from the session.
    :ivar asked_for_direct: Whether ``mfa_role_sessions`` is the reason.
    :ivar agent_role_of: The profile whose ``mfa_agent_role`` it is, when it
        is assumed as that.
    """

    name: str
    hops: tuple[str, ...]
    base: MFAProfile
    direct: str | None = None
    asked_for_direct: bool = False
    agent_role_of: str | None = None


def is_role(name: str, profiles: Profiles) -> bool:
    """Tell whether a profile is a role in the sense of this module."""
    settings = profiles.get(name, {})
    return 'role_arn' in settings and 'source_profile' in settings


def read_mfa_role(
    name: str,
    profiles: Profiles,
    *,
    serial_number: str | None = None,
    duration_seconds: int | None = None,
) -> MFARole:
    """Return how the role profile ``name`` is to be assumed.

    :param serial_number: Goes before every ``mfa_serial``.
    :param duration_seconds: The length of the MFA session, in seconds.
    :raises NotMFAProfileError: There is no MFA on its way, or it is one
        that only botocore can go or refuse; the error says which.
    :raises MFAConfigurationError: It takes part and is set up wrongly.
    """
    hops, source = _walk(name, profiles)
    view = profiles
    if 'role_arn' in profiles.get(source, {}):
        # The role is its own source: without the settings of the role, its
        # profile is the profile with the keys.
        settings = {
            setting: value
            for setting, value in profiles[source].items()
            if setting not in _ROLE_SETTINGS
        }
        view = {**profiles, source: settings}
    # The device of the source goes first, for it serves all of its roles.
    devices = [
        device
        for hop in hops
        if (device := text_of(hop, profiles[hop], 'mfa_serial'))
    ]
    try:
        base = read_mfa_profile(
            source,
            view,
            serial_number=serial_number,
            duration_seconds=duration_seconds,
        )
    except NotMFAProfileError:
        if not devices:
            raise
        base = read_mfa_profile(
            source,
            view,
            serial_number=devices[0],
            duration_seconds=duration_seconds,
        )
    base = base._replace(
        name=name,
        region=text_of(name, profiles[name], 'region') or base.region,
        may_prompt=base.may_prompt
        and all(may_prompt(hop, profiles[hop]) for hop in hops),
        min_remaining=max(
            base.min_remaining,
            *(min_remaining_of(hop, profiles[hop]) for hop in hops),
        ),
        configured_serial_number=base.configured_serial_number
        or (devices[0] if devices else None),
        wait_seconds=max(
            base.wait_seconds,
            *(wait_seconds_of(hop, profiles[hop]) for hop in hops),
        ),
        has_agent_role=bool(profiles[name].get(AGENT_ROLE)),
        **warn_before_of(hops, profiles),
        **mfa_process_of(hops, profiles),
    )
    for setting in _TOKEN_SETTINGS:
        if view.get(base.long_term_profile, {}).get(setting):
            raise NotMFAProfileError(
                profile=name,
                reason=(
                    f'profile {base.long_term_profile} has temporary '
                    f'credentials ({setting}).'
                ),
            )
    asked = _asked_for_direct((*hops, source), profiles)
    return MFARole(
        name=name,
        hops=hops,
        base=base,
        direct=asked or _too_long(hops[-1], profiles),
        asked_for_direct=asked is not None,
    )


def source_of(name: str, profiles: Profiles) -> str:
    """Return the profile with the access key that a role profile leads to.

    :raises NotMFAProfileError: Only botocore can go or refuse its way.
    """
    return _walk(name, profiles)[1]


def read_agent_role(name: str, profiles: Profiles) -> MFARole:
    """Return the role that a coding agent has in the place of a profile.

    It is assumed from the session of the profile ``name``, whose settings
    for sessions hold and whose name the errors have.

    :raises AgentRoleError: ``mfa_agent_role`` names no such role.
    :raises MFAConfigurationError: A setting of the profile is wrong.
    """
    role_name = text_of(name, profiles[name], AGENT_ROLE) or ''

    def refuse(reason: str) -> AgentRoleError:
        return AgentRoleError(profile=name, role=role_name, reason=reason)

    if role_name not in profiles:
        raise refuse('there is no such profile')
    if not is_role(role_name, profiles):
        raise refuse('it is no profile with role_arn and source_profile')
    try:
        base = (
            read_mfa_role(name, profiles).base
            if is_role(name, profiles)
            else read_mfa_profile(name, profiles)
        )
        role = read_mfa_role(role_name, profiles)
    except NotMFAProfileError as error:
        raise refuse(str(error).rstrip('.')) from None
    if role.base.long_term_profile != base.long_term_profile:
        raise refuse('it leads to another access key')
    if role.direct is not None:
        raise refuse(f'it needs an MFA code of its own ({role.direct})')
    return role._replace(base=base, agent_role_of=name)


def _walk(name: str, profiles: Profiles) -> tuple[tuple[str, ...], str]:
    """Return the role profiles on the way and the profile it ends at."""
    hops = [name]
    while True:
        settings = profiles.get(hops[-1], {})
        for setting in ('web_identity_token_file', 'credential_source'):
            if setting in settings:
                raise NotMFAProfileError(
                    profile=name,
                    reason=f'profile {hops[-1]} uses {setting}.',
                )
        if not is_role(hops[-1], profiles):
            raise NotMFAProfileError(
                profile=name,
                reason=f'profile {hops[-1]} has no source_profile.',
            )
        source = text_of(hops[-1], settings, 'source_profile') or ''
        if source == hops[-1] or not _assumes(profiles.get(source, {})):
            return tuple(hops), source
        if source in hops:
            raise NotMFAProfileError(
                profile=name, reason=f'profile {source} leads to itself.'
            )
        hops.append(source)


def _assumes(settings: Mapping[str, Any]) -> bool:
    """Tell whether a source profile is itself assumed.

    As in botocore, static keys in it go before its role.
    """
    return 'role_arn' in settings and not (
        'aws_access_key_id' in settings or 'aws_secret_access_key' in settings
    )


def _asked_for_direct(
    names: tuple[str, ...], profiles: Profiles
) -> str | None:
    for name in names:
        value = profiles.get(name, {}).get(_ROLE_SESSIONS)
        if value == 'direct':
            return f'{_ROLE_SESSIONS} = direct in profile {name}'
        if value and value not in _ROLE_SESSIONS_VALUES:
            raise InvalidProfileValueError(
                profile=name,
                name=_ROLE_SESSIONS,
                value=value,
                expected=' or '.join(_ROLE_SESSIONS_VALUES),
            )
    return None


def _too_long(name: str, profiles: Profiles) -> str | None:
    try:
        seconds = int(profiles[name].get('duration_seconds', 0))
    except (TypeError, ValueError):
        # botocore ignores a value that is no number.
        return None
    if seconds <= MAX_CHAINED_SECONDS:
        return None
    return (
        f'duration_seconds = {seconds} in profile {name}, and AWS allows '
        f'{MAX_CHAINED_SECONDS} from a session'
    )
