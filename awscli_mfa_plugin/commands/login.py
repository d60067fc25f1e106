# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login``."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import Any

from awscli.customizations.utils import uni_print

from awscli_mfa_plugin.cache import MFASession
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.profile_writer import write_profile
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import (
    InvalidSerialNumberError,
    NotLongTermCredentialsError,
    NotMFAProfileError,
    UsageError,
)
from awscli_mfa_plugin.fetcher import MFASessionFetcher
from awscli_mfa_plugin.long_term import load_credentials
from awscli_mfa_plugin.profiles import (
    DURATION_LIMITS,
    MFAProfile,
    Profiles,
    check_serial_number,
    is_valid_duration,
    read_mfa_profile,
)
from awscli_mfa_plugin.roles import is_role, read_mfa_role
from awscli_mfa_plugin.sts import STSConnection
from awscli_mfa_plugin.token_code import (
    GivenTokenCode,
    PromptedTokenCode,
    StandardInputTokenCode,
    TokenCodeSource,
)

# What a new profile takes over from its long-term profile.
_CARRIED_OVER = ('region', 'output')


class LoginCommand(MFABasicCommand):
    """Start an MFA session for a profile."""

    NAME = 'login'
    DESCRIPTION = from_file('mfa', 'login', '_description.rst')
    EXAMPLES = from_file('mfa', 'login', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'serial-number',
            'help_text': (
                'The ARN of the MFA device, or the serial number of a '
                'hardware device. By default it is the '
                '<code>mfa_serial</code> of the profile or of its '
                'long-term profile. Given once for a profile that has '
                'none, it is saved there.'
            ),
        },
        {
            'name': 'token-code',
            'help_text': (
                'The six digits that the MFA device shows, or '
                '<code>-</code> to read them from standard input. By '
                'default they are asked for on the terminal.'
            ),
        },
        {
            'name': 'duration-seconds',
            'cli_type_name': 'integer',
            'help_text': (
                'How long the session is to last, in seconds: 900 (15 '
                'minutes) to 129600 (36 hours). By default it is the '
                '<code>duration_seconds</code> of the profile, else 43200 '
                '(12 hours).'
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
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        _check_arguments(parsed_args)
        source = _token_code_source(parsed_args.token_code)
        name = self._session.get_config_variable('profile') or 'default'
        profiles = self._session.full_config['profiles']
        profile = self._read_profile(name, profiles, parsed_args)
        if name not in profiles:
            # botocore makes no client for a profile that is not there;
            # until it is written the long-term profile stands for it.
            self._session.set_config_variable(
                'profile', profile.long_term_profile
            )
        mfa_session, is_new = self._fetcher(
            profile, source, parsed_globals
        ).login(force=parsed_args.force)
        _report(name, mfa_session, is_new)
        self._complete_profile(profile)
        return 0

    def _read_profile(
        self, name: str, profiles: Profiles, parsed_args: Any
    ) -> MFAProfile:
        """Return the profile, or what the role it is stands on."""
        given = {
            'serial_number': parsed_args.serial_number,
            'duration_seconds': parsed_args.duration_seconds,
        }
        if not is_role(name, profiles):
            return read_mfa_profile(name, profiles, **given)
        role = read_mfa_role(name, profiles, **given)
        if role.direct is not None:
            raise NotMFAProfileError(
                profile=name,
                reason=(
                    'its role is assumed with a code of its own, asked for '
                    f'when it is used ({role.direct}).'
                ),
            )
        return role.base

    def _fetcher(
        self,
        profile: MFAProfile,
        source: TokenCodeSource,
        parsed_globals: Any,
    ) -> MFASessionFetcher:
        credentials = load_credentials(
            self._session, profile.long_term_profile
        )
        if credentials.token is not None:
            raise NotLongTermCredentialsError(
                profile=profile.name,
                long_term_profile=profile.long_term_profile,
            )
        return MFASessionFetcher(
            self._session,
            profile,
            credentials,
            connection=STSConnection(
                region_name=parsed_globals.region,
                endpoint_url=parsed_globals.endpoint_url,
                verify=parsed_globals.verify_ssl,
            ),
            source=source,
        )

    def _complete_profile(self, profile: MFAProfile) -> None:
        """Write what native commands will need to find the session."""
        profiles = self._session.full_config['profiles']
        long_term = profiles.get(profile.long_term_profile, {})
        configured = profile.configured_serial_number
        if configured and configured != profile.serial_number:
            uni_print(
                f'Note: profile {profile.name} names another MFA device, '
                f'{configured}, and commands will look for a session of '
                'that one. To change it: aws configure set mfa_serial '
                f'{profile.serial_number} --profile {profile.name}\n',
                sys.stderr,
            )
            return
        values = {}
        if profile.name not in profiles:
            values = {
                setting: long_term[setting]
                for setting in _CARRIED_OVER
                if setting in long_term
            }
        if profile.name not in profiles or not configured:
            values['mfa_serial'] = profile.serial_number
            path = write_profile(self._session, profile.name, values)
            uni_print(
                f'Saved in {path}, profile {profile.name}: '
                f'{", ".join(values)}\n'
            )


def _check_arguments(parsed_args: Any) -> None:
    """Refuse what is wrong by itself, before any file is read."""
    seconds = parsed_args.duration_seconds
    if seconds is not None and not is_valid_duration(seconds):
        raise UsageError(msg=f'--duration-seconds must be {DURATION_LIMITS}.')
    if parsed_args.serial_number is not None:
        try:
            check_serial_number(parsed_args.serial_number)
        except InvalidSerialNumberError as error:
            raise UsageError(msg=str(error)) from None


def _token_code_source(token_code: str | None) -> TokenCodeSource:
    if token_code is None:
        return PromptedTokenCode()
    if token_code == '-':
        # Typed there, the code would show.
        if sys.stdin is not None and sys.stdin.isatty():
            return PromptedTokenCode()
        return StandardInputTokenCode(sys.stdin)
    return GivenTokenCode(token_code)


def _report(name: str, mfa_session: MFASession, is_new: bool) -> None:
    until = mfa_session.expiration.astimezone()
    left = (until - datetime.now(timezone.utc)).total_seconds()
    verb, hint = ('has', '') if is_new else ('already has', '\n' + _FORCE_HINT)
    uni_print(
        f'Profile {name} {verb} an MFA session until '
        f'{until:%Y-%m-%d %H:%M:%S %Z} ({format_duration(left)}).{hint}\n'
    )


_FORCE_HINT = 'To start a new one now, add --force.'
