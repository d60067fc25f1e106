# SPDX-License-Identifier: Apache-2.0
"""The options of ``aws mfa login``: AWS's names, and aws-mfa's."""

from __future__ import annotations

import getpass
import os
import re
import sys
from dataclasses import dataclass
from typing import Any

from awscli_mfa_plugin.credentials.mfa_process import code_source_of
from awscli_mfa_plugin.credentials.token_code import (
    GivenTokenCode,
    PromptedTokenCode,
    StandardInputTokenCode,
    TokenCodeSource,
)
from awscli_mfa_plugin.exceptions import (
    InvalidSerialNumberError,
    MFAConfigurationError,
    UsageError,
)
from awscli_mfa_plugin.exceptions.token_codes import NoTokenCodeError
from awscli_mfa_plugin.profiles.devices import check_serial_number
from awscli_mfa_plugin.profiles.settings import (
    DURATION_LIMITS,
    MFAProfile,
    Profiles,
    find_long_term_profile,
    is_valid_duration,
)

# The other names of each option.
ALIASES = {
    'serial-number': ('device',),
    'duration-seconds': ('duration',),
    'token-code': ('token', 'mfa-token'),
    'role-arn': ('assume-role', 'assume'),
    'long-term-suffix': ('long-suffix',),
    'short-term-suffix': ('short-suffix',),
}

# aws-mfa's environment variables, which count after the options.
_VARIABLES = {
    'serial-number': 'MFA_DEVICE',
    'duration-seconds': 'MFA_STS_DURATION',
    'role-arn': 'MFA_ASSUME_ROLE',
}

_NO_SUFFIX = 'none'
# AssumeRole refuses these characters in a RoleSessionName, and a local user
# name may have them: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_NOT_IN_SESSION_NAME = re.compile(r'[^\w+=,.@-]', re.ASCII)


# The default is as long as a question may stand.
WAIT_OPTION: dict[str, Any] = {
    'name': 'wait',
    'nargs': '?',
    'const': '300',
    'help_text': (
        'Wait until somebody logs in to the profile in another terminal, for '
        'so many seconds at most; 300 (five minutes) by default. Nobody is '
        'asked.'
    ),
}


def argument_table() -> list[dict[str, Any]]:
    """Return the options as ``BasicCommand.ARG_TABLE`` has them."""
    table: list[dict[str, Any]] = [
        {
            'name': 'serial-number',
            'help_text': (
                'The ARN of the MFA device, or the serial number of a '
                'hardware device. By default it is the environment '
                'variable <code>MFA_DEVICE</code>, else the '
                '<code>mfa_serial</code> of the profile or of its '
                'long-term profile, else the device that AWS has for the '
                'user. For a profile that has none it is saved there. A '
                'device that the profile does not name is used for this '
                'login alone, and without its <code>mfa_process</code>.'
            ),
        },
        {
            'name': 'token-code',
            'help_text': (
                'The six digits that the MFA device shows, or '
                '<code>-</code> to read them from standard input. By '
                'default the <code>mfa_process</code> of the profile gives '
                'them, or they are asked for on the terminal.'
            ),
        },
        {
            'name': 'no-mfa-process',
            'action': 'store_true',
            'help_text': (
                'Ask for the code on the terminal even if the profile has '
                'an <code>mfa_process</code>.'
            ),
        },
        WAIT_OPTION,
        {
            'name': 'duration-seconds',
            'help_text': (
                'How long the session is to last, in seconds: 900 (15 '
                'minutes) to 129600 (36 hours). By default it is the '
                'environment variable <code>MFA_STS_DURATION</code>, else '
                'the <code>duration_seconds</code> of the profile, else '
                '43200 (12 hours), or 3600 (one hour) with '
                '<code>--role-arn</code>.'
            ),
        },
        {
            'name': 'role-arn',
            'help_text': (
                'The ARN of a role to assume. Commands of the profile use '
                'that role until it ends or the next login says '
                'otherwise. By default it is the environment variable '
                '<code>MFA_ASSUME_ROLE</code>, else the '
                '<code>assume_role</code> of the long-term profile. A '
                'profile with a <code>role_arn</code> of its own does not '
                'need it.'
            ),
        },
        {
            'name': 'role-session-name',
            'help_text': (
                'The name of the role session, with '
                '<code>--role-arn</code>; the local user name by default.'
            ),
        },
        {
            'name': 'external-id',
            'help_text': (
                'The external ID that the role asks for, with '
                '<code>--role-arn</code>.'
            ),
        },
        {
            'name': 'force',
            'action': 'store_true',
            'help_text': (
                'Start a new session even if the profile has one that is '
                'still valid.'
            ),
        },
        {
            'name': 'write-credentials',
            'action': 'store_true',
            'help_text': (
                'Write the session into the credentials file too, for '
                'programs that read nothing else. Long-term keys there '
                'are never written over. With <code>mfa_write_credentials '
                '= true</code> in the profile it is done at every login.'
            ),
        },
        {
            'name': 'long-term-suffix',
            'help_text': (
                'The long-term profile is the profile with this behind '
                'its name and a hyphen: <code>long-term</code> by '
                'default. With <code>none</code> it is the profile itself.'
            ),
        },
        {
            'name': 'short-term-suffix',
            'help_text': (
                'The session is for the profile with this behind its name '
                'and a hyphen. By default, and with <code>none</code>, it '
                'is for the profile itself.'
            ),
        },
        {
            'name': 'setup',
            'action': 'store_true',
            'help_text': (
                'Ask for an access key, find its MFA device or enroll one, '
                'and set up a profile with both.'
            ),
        },
        {
            'name': 'log-level',
            'choices': [
                'CRITICAL',
                'ERROR',
                'WARNING',
                'INFO',
                'DEBUG',
                'NOTSET',
            ],
            'help_text': (
                'Show what this command does, on standard error, from '
                'this level on. No secret is among it.'
            ),
        },
    ]
    table += [
        {
            'name': alias,
            'help_text': (
                f'Another name of <code>--{name}</code>, which aws-mfa has.'
            ),
        }
        for name, aliases in ALIASES.items()
        for alias in aliases
    ]
    return table


@dataclass(frozen=True)
class LoginArguments:
    """What was asked for, by either name or by the environment.

    :ivar source: Where the code comes from, if that was given.
    :ivar wait_seconds: How long to wait for a login elsewhere, in the place
        of one.
    """

    source: TokenCodeSource | None = None
    uses_mfa_process: bool = True
    wait_seconds: float | None = None
    serial_number: str | None = None
    duration_seconds: int | None = None
    role_arn: str | None = None
    role_session_name: str | None = None
    external_id: str | None = None
    force: bool = False
    write_credentials: bool = False
    long_term_suffix: str | None = None
    short_term_suffix: str | None = None

    def source_for(self, profile: MFAProfile) -> TokenCodeSource:
        """Return where the code comes from: option, program, person."""
        if self.source is not None:
            return self.source
        if self.uses_mfa_process:
            return code_source_of(profile)
        return PromptedTokenCode()

    def profile_names(
        self, name: str, profiles: Profiles
    ) -> tuple[str, str | None]:
        """Return the profile to log in and its long-term profile.

        :returns: ``None`` for the second when no suffix was given: then
            the rules of profiles find it.
        :raises UsageError: They are the same.
        """
        if self.long_term_suffix is None and self.short_term_suffix is None:
            return name, None
        if not self.long_term_suffix:
            # The session goes elsewhere; the key stays where it is.
            long_term = find_long_term_profile(name, profiles)
        else:
            long_term = _with_suffix(name, self.long_term_suffix)
        short_term = _with_suffix(name, self.short_term_suffix or _NO_SUFFIX)
        if long_term == short_term:
            raise UsageError(
                msg=(
                    '--long-term-suffix and --short-term-suffix name the '
                    f'same profile, {long_term}: the session would be '
                    'where the long-term keys are. Without either option '
                    'one profile serves for both.'
                )
            )
        return short_term, long_term


def read_arguments(parsed_args: Any) -> LoginArguments:
    """Return the command line's options, checked by themselves.

    :raises UsageError: They contradict each other, or one is not valid.
    :raises MFAConfigurationError: An environment variable is not valid.
    """
    chosen = {name: _one_of(parsed_args, name) for name in ALIASES}
    serial_number = chosen['serial-number']
    if serial_number is not None:
        try:
            check_serial_number(serial_number)
        except InvalidSerialNumberError as error:
            raise UsageError(msg=str(error)) from None
    text = chosen['duration-seconds']
    duration_seconds = None if text is None else _duration(text)
    if text is not None and duration_seconds is None:
        raise UsageError(msg=f'--duration-seconds must be {DURATION_LIMITS}.')
    return LoginArguments(
        source=_given_source(chosen['token-code']),
        uses_mfa_process=not parsed_args.no_mfa_process,
        wait_seconds=_wait_seconds(parsed_args, chosen['token-code']),
        serial_number=serial_number
        or os.environ.get(_VARIABLES['serial-number'])
        or None,
        duration_seconds=duration_seconds or _duration_of_environment(),
        role_arn=chosen['role-arn']
        or os.environ.get(_VARIABLES['role-arn'])
        or None,
        role_session_name=parsed_args.role_session_name,
        external_id=parsed_args.external_id,
        force=parsed_args.force,
        write_credentials=parsed_args.write_credentials,
        long_term_suffix=chosen['long-term-suffix'],
        short_term_suffix=chosen['short-term-suffix'],
    )


def default_role_session_name() -> str:
    """Return the local user name, as far as AWS takes it."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = ''
    name = _NOT_IN_SESSION_NAME.sub('-', name)[:64]
    return name if len(name) > 1 else 'awscli-mfa-plugin'


def _one_of(parsed_args: Any, name: str) -> Any:
    given = {
        option: value
        for option in (name, *ALIASES[name])
        if (value := getattr(parsed_args, option.replace('-', '_')))
        is not None
    }
    if len(given) > 1:
        options = ' and '.join(f'--{option}' for option in given)
        raise UsageError(msg=f'{options} are the same option: give one.')
    return next(iter(given.values()), None)


def _duration_of_environment() -> int | None:
    variable = _VARIABLES['duration-seconds']
    text = os.environ.get(variable)
    if not text:
        return None
    seconds = _duration(text)
    if seconds is None:
        raise MFAConfigurationError(
            msg=(
                f'The environment variable {variable} is "{text}" and must '
                f'be {DURATION_LIMITS}.'
            )
        )
    return seconds


def _wait_seconds(parsed_args: Any, token_code: str | None) -> float | None:
    if parsed_args.wait is None:
        return None
    if token_code is not None or parsed_args.force:
        raise UsageError(
            msg=(
                '--wait waits for a login elsewhere, so it goes with neither '
                '--token-code nor --force.'
            )
        )
    return read_wait(parsed_args.wait)


def read_wait(text: str) -> int:
    """Return the seconds of ``--wait``.

    :raises UsageError: They are none.
    """
    if not text.isdecimal():
        raise UsageError(msg='--wait must be a number of seconds.')
    return int(text)


def _duration(text: str) -> int | None:
    """Return a length in seconds that AWS would give, or ``None``."""
    try:
        seconds = int(text)
    except ValueError:
        return None
    return seconds if is_valid_duration(seconds) else None


def _with_suffix(name: str, suffix: str) -> str:
    return name if suffix.lower() == _NO_SUFFIX else f'{name}-{suffix}'


def _given_source(token_code: str | None) -> TokenCodeSource | None:
    if token_code is None:
        return None
    if token_code == '-':
        if sys.stdin is None:
            raise NoTokenCodeError()
        if sys.stdin.isatty():
            # Typed there, the code would show.
            return PromptedTokenCode()
        return StandardInputTokenCode(sys.stdin)
    return GivenTokenCode(token_code)
