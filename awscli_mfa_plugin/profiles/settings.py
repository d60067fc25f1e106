# SPDX-License-Identifier: Apache-2.0
"""One profile's MFA settings, read and checked once.

``profiles`` in this module is what botocore's
``session.full_config['profiles']`` gives: for each profile name the
settings of the config file, with those of the credentials file over them.
"""

# This module does without the __future__ import of annotations, with which
# Python compiles each annotation of a NamedTuple for itself, in every command.

import os
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from awscli_mfa_plugin import AGENT_ROLE
from awscli_mfa_plugin.exceptions import (
    InvalidProfileValueError,
    NoLongTermCredentialsError,
    NoSerialNumberError,
    NotMFAProfileError,
    UnknownProfileError,
    UnreadableFileError,
    as_argument,
)
from awscli_mfa_plugin.profiles.devices import check_serial_number
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

Profiles = Mapping[str, Mapping[str, Any]]

# The profile that has the access key of another one is named so, by a
# convention of aws-mfa's.
LONG_TERM_SUFFIX = '-long-term'

# A new profile takes these over from its long-term profile.
CARRIED_OVER = ('region', 'output')

# GetSessionToken's limits of DurationSeconds, in seconds, and its default:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
MIN_DURATION_SECONDS = 900
MAX_DURATION_SECONDS = 129600
DEFAULT_DURATION_SECONDS = 43200
DURATION_LIMITS = (
    f'a number of seconds from {MIN_DURATION_SECONDS} '
    f'to {MAX_DURATION_SECONDS}'
)

# A touch on a security key or a look at a camera takes up to 60 seconds.
DEFAULT_PROCESS_SECONDS = 90

# A session's end is told of so long before it.
DEFAULT_WARN_SECONDS = 1800

# Eleven days. Systems cannot wait for more than some weeks in one go.
_MAX_SECONDS = 1_000_000

# STS answers within a second or not at all.
DEFAULT_TIMEOUT_SECONDS = 30

# A profile with one of these settings gets its credentials in another way.
_OTHER_KINDS = {
    'role_arn': 'it is a role',
    'web_identity_token_file': 'it signs in with a web identity',
    'sso_session': 'it signs in with IAM Identity Center',
    'sso_start_url': 'it signs in with IAM Identity Center',
    'sso_account_id': 'it signs in with IAM Identity Center',
    'login_session': 'it signs in with the console (aws login)',
}

_CREDENTIAL_SETTINGS = (
    'aws_access_key_id',
    'aws_secret_access_key',
    'credential_process',
)

_CREDENTIALS_FILE = os.path.join('~', '.aws', 'credentials')

_PROMPT_VARIABLE = 'AWS_MFA_PROMPT'
_PROMPT_VALUES = ('auto', 'never')


class MFAProfile(NamedTuple):
    """What an MFA session of a profile is made from.

    :ivar name: The profile, ``P``.
    :ivar long_term_profile: The profile that has its access key.
    :ivar serial_number: The MFA device: an ARN, or the serial number of a
        hardware device.
    :ivar duration_seconds: How long a session is to last, in seconds.
    :ivar may_prompt: Whether a command other than ``aws mfa login`` may
        ask for a code.
    :ivar min_remaining: How long a session must last when a command
        starts, in seconds.
    :ivar region: The region either profile names, if any.
    :ivar configured_serial_number: The ``mfa_serial`` of the files; a login
        may have been given another one.
    :ivar mfa_process: A command that prints a code of the device.
    :ivar mfa_process_timeout: How long it may take, in seconds.
    :ivar wait_seconds: How long a command waits for a login elsewhere when
        nobody can be asked.
    :ivar timeout_seconds: How long an answer of STS to a code may take.
    :ivar warn_before: How long before its end a person is told of it, in
        seconds; 0 for never.
    :ivar access_key_id: That of the long-term credentials, if it stands in
        the files. A ``credential_process`` may give another one tomorrow.
    :ivar has_agent_role: Whether a coding agent is given a role instead of
        the session.
    """

    name: str
    long_term_profile: str
    serial_number: str
    duration_seconds: int = DEFAULT_DURATION_SECONDS
    may_prompt: bool = True
    min_remaining: int = MIN_REMAINING_SECONDS
    region: Optional[str] = None
    configured_serial_number: Optional[str] = None
    access_key_id: Optional[str] = None
    mfa_process: Optional[str] = None
    mfa_process_timeout: int = DEFAULT_PROCESS_SECONDS
    wait_seconds: int = 0
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS
    has_agent_role: bool = False
    warn_before: int = DEFAULT_WARN_SECONDS


def read_mfa_profile(
    name: str,
    profiles: Profiles,
    *,
    long_term_profile: 'str | None' = None,
    serial_number: 'str | None' = None,
    duration_seconds: 'int | None' = None,
) -> MFAProfile:
    """Return the MFA settings of the profile ``name``.

    :param long_term_profile: Goes before the one that the rules find.
    :param serial_number: Goes before every ``mfa_serial``.
    :param duration_seconds: Goes before the profile's, in seconds; one
        that :func:`is_valid_duration`.
    :raises UnknownProfileError: There is no such profile.
    :raises NotMFAProfileError: The profile does not take part; the error
        says why.
    :raises NoLongTermCredentialsError: No access key was found for it.
    :raises UnreadableFileError: It may stand in a file that cannot be read.
    :raises InvalidSerialNumberError: STS would not take the serial number.
    :raises InvalidProfileValueError: Another setting is not valid.
    """
    if long_term_profile is None and not (
        name in profiles or name + LONG_TERM_SUFFIX in profiles
    ):
        raise UnknownProfileError(profile=name)
    settings = profiles.get(name, {})
    kind = other_kind(settings)
    if kind is not None:
        raise NotMFAProfileError(profile=name, reason=f'{kind}.')
    if long_term_profile is None:
        try:
            long_term_profile = find_long_term_profile(name, profiles)
        except InvalidProfileValueError as error:
            if serial_number or settings.get('mfa_serial'):
                raise
            # By itself botocore does not look at it.
            raise NotMFAProfileError(profile=name, reason=str(error)) from None
    long_term_settings = profiles.get(long_term_profile, {})
    configured = text_of(name, settings, 'mfa_serial') or text_of(
        long_term_profile, long_term_settings, 'mfa_serial'
    )
    serial = serial_number or configured
    if not serial:
        raise NoSerialNumberError(
            profile=name,
            long_term_profile=long_term_profile,
            reason=(
                'it has no mfa_serial. Pass --serial-number once, or: aws '
                f'configure set mfa_serial ARN --profile {as_argument(name)}'
            ),
        )
    if not _has_credentials(long_term_settings):
        _check_readable(long_term_profile)
        if settings.get('source_profile'):
            # The profile may have a key itself, which is not the one meant.
            raise InvalidProfileValueError(
                profile=name,
                name='source_profile',
                value=long_term_profile,
                expected='the name of a profile that has an access key',
            )
        raise NoLongTermCredentialsError(long_term_profile=long_term_profile)
    check_serial_number(serial)
    return MFAProfile(
        name=name,
        long_term_profile=long_term_profile,
        serial_number=serial,
        duration_seconds=(
            duration_seconds or _duration_seconds(name, settings)
        ),
        may_prompt=may_prompt(name, settings),
        min_remaining=min_remaining_of(name, settings),
        region=text_of(name, settings, 'region')
        or text_of(long_term_profile, long_term_settings, 'region'),
        configured_serial_number=configured,
        access_key_id=_access_key_id(long_term_settings),
        wait_seconds=wait_seconds_of(name, settings),
        timeout_seconds=_seconds(
            name, settings, 'mfa_timeout', DEFAULT_TIMEOUT_SECONDS
        ),
        has_agent_role=bool(settings.get(AGENT_ROLE)),
        **warn_before_of((name,), profiles),
        **mfa_process_of((name, long_term_profile), profiles),
    )


def _check_readable(long_term_profile: str) -> None:
    """Check that no file hides an access key because it cannot be read.

    botocore takes such a file for an empty one.
    """
    path = os.environ.get('AWS_SHARED_CREDENTIALS_FILE') or _CREDENTIALS_FILE
    file = os.path.expanduser(os.path.expandvars(path))
    if os.path.isfile(file) and not os.access(file, os.R_OK):
        raise UnreadableFileError(
            path=path, long_term_profile=long_term_profile
        )


def other_kind(settings: Mapping[str, Any]) -> 'str | None':
    """Return what makes a profile one of another kind, if it is one."""
    for setting, reason in _OTHER_KINDS.items():
        if setting in settings:
            return f'{reason} ({setting})'
    return None


def find_long_term_profile(name: str, profiles: Profiles) -> str:
    """Return the name of the profile that has the access key of ``name``.

    The first that applies: the ``source_profile``, or where its key has
    been moved; ``name-long-term``; ``name`` itself.

    :raises InvalidProfileValueError: ``source_profile`` names none.
    """
    source_profile = text_of(name, profiles.get(name, {}), 'source_profile')
    if source_profile:
        if source_profile not in profiles:
            raise InvalidProfileValueError(
                profile=name,
                name='source_profile',
                value=source_profile,
                expected='the name of a profile that exists',
            )
        # Imported here: most profiles have their key themselves.
        from awscli_mfa_plugin.profiles.process import is_ours

        source = profiles[source_profile]
        moved = source_profile + LONG_TERM_SUFFIX
        if (
            'aws_access_key_id' not in source
            and is_ours(source.get('credential_process'))
            and _has_credentials(profiles.get(moved, {}))
        ):
            # "aws mfa configure-sdk" has moved its key.
            return moved
        return source_profile
    long_term_profile = name + LONG_TERM_SUFFIX
    if _has_credentials(profiles.get(long_term_profile, {})):
        return long_term_profile
    return name


def text_of(
    profile: str, settings: Mapping[str, Any], name: str
) -> 'str | None':
    """Return a setting that is one line of text, or ``None``.

    :raises InvalidProfileValueError: It is a section of its own.
    """
    value = settings.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidProfileValueError(
            profile=profile, name=name, value='', expected='one line of text'
        )
    return value


def is_valid_duration(seconds: int) -> bool:
    """Tell whether AWS gives MFA sessions of that length, in seconds."""
    return MIN_DURATION_SECONDS <= seconds <= MAX_DURATION_SECONDS


def _access_key_id(settings: Mapping[str, Any]) -> 'str | None':
    value = settings.get('aws_access_key_id')
    return value if isinstance(value, str) else None


def _has_credentials(settings: Mapping[str, Any]) -> bool:
    return any(setting in settings for setting in _CREDENTIAL_SETTINGS)


def _duration_seconds(profile: str, settings: Mapping[str, Any]) -> int:
    value = settings.get('duration_seconds')
    if value is None:
        return DEFAULT_DURATION_SECONDS
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = 0
    if not is_valid_duration(seconds):
        raise InvalidProfileValueError(
            profile=profile,
            name='duration_seconds',
            value=value,
            expected=DURATION_LIMITS,
        )
    return seconds


def min_remaining_of(profile: str, settings: Mapping[str, Any]) -> int:
    """Return how long a session must last for the profile, in seconds.

    :raises InvalidProfileValueError: No session of the profile would.
    """
    value = settings.get('mfa_min_remaining')
    if value is None:
        return MIN_REMAINING_SECONDS
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = -1
    length = DEFAULT_DURATION_SECONDS
    if 'role_arn' not in settings:
        length = _duration_seconds(profile, settings)
    if not 0 <= seconds < length:
        raise InvalidProfileValueError(
            profile=profile,
            name='mfa_min_remaining',
            value=value,
            expected=(
                'a number of seconds from 0 to less than the length of a '
                f'session, {length}'
            ),
        )
    return max(seconds, MIN_REMAINING_SECONDS)


def mfa_process_of(
    names: tuple[str, ...], profiles: Profiles
) -> dict[str, Any]:
    """Return the fields of the first profile that has an ``mfa_process``.

    :raises InvalidProfileValueError: Its time limit is none.
    """
    for name in names:
        settings = profiles.get(name, {})
        command = text_of(name, settings, 'mfa_process')
        if not command:
            continue
        seconds = _seconds(
            name, settings, 'mfa_process_timeout', DEFAULT_PROCESS_SECONDS
        )
        return {'mfa_process': command, 'mfa_process_timeout': seconds}
    return {}


def warn_before_of(
    names: tuple[str, ...], profiles: Profiles
) -> dict[str, Any]:
    """Return the field of the first profile with an ``mfa_warn_before``.

    :raises InvalidProfileValueError: It is no number of seconds.
    """
    for name in names:
        value = profiles.get(name, {}).get('mfa_warn_before')
        if value is None:
            continue
        if value == '0':
            return {'warn_before': 0}
        return {
            'warn_before': _seconds(
                name,
                profiles[name],
                'mfa_warn_before',
                DEFAULT_WARN_SECONDS,
                'a number of seconds, or 0 for never',
            )
        }
    return {}


def wait_seconds_of(profile: str, settings: Mapping[str, Any]) -> int:
    """Return how long a login elsewhere is waited for; unset: not at all.

    :raises InvalidProfileValueError: It is no number of seconds.
    """
    return _seconds(profile, settings, 'mfa_wait', 0)


def _seconds(
    profile: str,
    settings: Mapping[str, Any],
    name: str,
    default: int,
    expected: str = 'a number of seconds',
) -> int:
    value = settings.get(name, default)
    if value == default:
        return default
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = 0
    if seconds <= 0:
        raise InvalidProfileValueError(
            profile=profile,
            name=name,
            value=value,
            expected=expected,
        )
    return min(seconds, _MAX_SECONDS)


def may_prompt(profile: str, settings: Mapping[str, Any]) -> bool:
    """Tell whether a command under the profile may ask for a code.

    :raises InvalidProfileValueError: ``mfa_prompt`` or
        ``AWS_MFA_PROMPT`` is neither ``auto`` nor ``never``.
    """
    values = {
        'mfa_prompt': settings.get('mfa_prompt'),
        _PROMPT_VARIABLE: os.environ.get(_PROMPT_VARIABLE),
    }
    for name, value in values.items():
        if value and value not in _PROMPT_VALUES:
            raise InvalidProfileValueError(
                profile=profile,
                name=name,
                value=value,
                expected=' or '.join(_PROMPT_VALUES),
            )
    return 'never' not in values.values()
