# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login``."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from typing import Any

import awscli_mfa_plugin
from awscli_mfa_plugin import names_mfa_device
from awscli_mfa_plugin.cache.cli import note_cli
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import forget_profile
from awscli_mfa_plugin.commands.base import (
    MFABasicCommand,
    fresh_session,
    from_file,
)
from awscli_mfa_plugin.commands.login_arguments import (
    LoginArguments,
    argument_table,
    read_arguments,
)
from awscli_mfa_plugin.commands.login_notes import (
    tell_of_environment,
    tell_of_sdks,
)
from awscli_mfa_plugin.commands.login_profile import (
    profiles_with_device,
    read_profile,
    role_request,
    with_device_of,
    writes_credentials,
)
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.config_files.credentials import (
    check_section,
    write_section,
)
from awscli_mfa_plugin.config_files.edit import remove_stale_copies
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.new_sessions import (
    DEFAULT_ROLE_SECONDS,
    StartedSession,
    needs_no_code,
    start_role_session,
    start_user_session,
)
from awscli_mfa_plugin.credentials.refreshing import ServingNote
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.token_code import (
    NoTokenCode,
    PromptedTokenCode,
)
from awscli_mfa_plugin.credentials.turns import agrees
from awscli_mfa_plugin.credentials.waiting import wait_for
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import (
    NoSerialNumberError,
    as_argument,
)
from awscli_mfa_plugin.exceptions.answers import TokenCodeRefusedError
from awscli_mfa_plugin.exceptions.files import HiddenLongTermCredentialsError
from awscli_mfa_plugin.exceptions.profiles import (
    NoProfileChosenError,
    NotLongTermCredentialsError,
)
from awscli_mfa_plugin.exceptions.token_codes import (
    NoMFASessionError,
    NoTokenCodeError,
)
from awscli_mfa_plugin.host.bytecode import compile_for_bundle
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.process import is_ours
from awscli_mfa_plugin.profiles.roles import is_role, source_of
from awscli_mfa_plugin.profiles.settings import (
    CARRIED_OVER,
    MFAProfile,
    Profiles,
    find_long_term_profile,
)
from awscli_mfa_plugin.temporary_credentials import (
    MIN_REMAINING_SECONDS,
    local_time,
)


class LoginCommand(MFABasicCommand):
    """Start an MFA session for a profile."""

    NAME = 'login'
    DESCRIPTION = from_file('mfa', 'login', '_description.rst')
    EXAMPLES = from_file('mfa', 'login', '_examples.rst')
    ARG_TABLE = argument_table()

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        if parsed_args.log_level:
            _show_log(parsed_args.log_level)
        arguments = read_arguments(parsed_args)
        if parsed_args.setup and not self._set_up(parsed_globals):
            return 0
        try:
            self.start(arguments, parsed_globals)
        except TokenCodeRefusedError:
            if isinstance(arguments.source, (PromptedTokenCode, type(None))):
                profile = self._session.get_config_variable('profile')
                say(
                    '\nIf the codes of this device are always refused, its '
                    'clock is wrong. AWS can find out by how much: aws mfa '
                    f'resync --profile {as_argument(profile or "default")}\n',
                    sys.stderr,
                )
            raise
        return 0

    def _set_up(self, parsed_globals: Any) -> bool:
        """Set a profile up; return whether to log in to it now."""
        from awscli_mfa_plugin.commands.setup_guide import SetupGuide

        guide = SetupGuide(self._session, parsed_globals)
        name = guide.run()
        if guide.enrolls:
            from awscli_mfa_plugin.commands.enroll import EnrollCommand

            session = fresh_session(self._session, name)
            EnrollCommand(session).enroll(parsed_globals)
            return False
        if not guide.wants_to_log_in():
            return False
        self._session = fresh_session(self._session, name)
        return True

    def start(self, arguments: LoginArguments, parsed_globals: Any) -> None:
        """Start a session for a profile, and say so.

        :raises MFAError: It could not be done.
        """
        base_name = self._profile_name(arguments)
        name, long_term_profile = arguments.profile_names(
            base_name, self._session.full_config['profiles']
        )
        profiles = profiles_of(
            self._session,
            with_roles=False,
            long_term_profile=long_term_profile,
        )
        if name != base_name:
            known = (name, long_term_profile)
            arguments = with_device_of(base_name, known, profiles, arguments)
        try:
            profile = read_profile(
                name, long_term_profile, profiles, arguments
            )
        except NoSerialNumberError as error:
            arguments = replace(
                arguments,
                serial_number=self._find_device(error, parsed_globals),
            )
            profile = read_profile(
                name, long_term_profile, profiles, arguments
            )
        if arguments.wait_seconds is not None:
            arguments = self._wait(
                profile, profiles, arguments, parsed_globals
            )
        writes = writes_credentials(name, profiles, arguments)
        if writes:
            # Before a code is spent on it.
            self._check_section(profile)
        if base_name not in profiles:
            # botocore makes no client for a profile that does not exist, so
            # the long-term profile takes its place until it is written.
            self._session.set_config_variable(
                'profile', profile.long_term_profile
            )
        # A login that fails halfway leaves no note of the session before.
        forget_profile(name)
        login_role, result = self._start_session(
            profile, profiles, arguments, parsed_globals
        )
        said: list[str] = []
        try:
            # Before anything is said, which fails when nobody listens.
            said.append(self._complete_profile(profile, profiles, base_name))
            if writes:
                path = write_section(
                    self._session, name, result.credentials, result.role_arn
                )
                said.append(f'Written to the section [{name}] of {path}.\n')
            self._keep_house()
            # Last: the note holds while the files stay as they are now.
            _note(profile, profiles, login_role, result)
        finally:
            _report(name, result, waited=arguments.wait_seconds is not None)
            say(''.join(said))
        tell_of_environment(name)
        if self.is_hosted:
            tell_of_sdks(name)
        if writes:
            _warn_of_line(name, profiles)

    def _keep_house(self) -> None:
        """Do what a login does for the commands after it."""
        for variable in ('config_file', 'credentials_file'):
            remove_stale_copies(self._session.get_config_variable(variable))
        if self.is_hosted:
            note_cli()
            compile_for_bundle(
                os.path.dirname(os.path.abspath(awscli_mfa_plugin.__file__))
            )

    def _profile_name(self, arguments: LoginArguments) -> str:
        """Return the profile to log in to, which may be asked for.

        Without a name it is ``default``, which may have nothing to do with
        MFA while another profile has.

        :raises NoProfileChosenError: There is nobody to ask, or several
            profiles come into question.
        """
        name = self._session.get_config_variable('profile')
        if name is not None:
            return str(name)
        profiles = profiles_of(self._session, with_roles=False)
        name = 'default'
        if (
            arguments.serial_number
            or arguments.long_term_suffix
            or arguments.short_term_suffix
            or names_mfa_device(name, profiles)
        ):
            return name
        others = profiles_with_device(profiles)
        if not others:
            return name
        terminal = Terminal()
        if len(others) > 1 or not terminal.is_available():
            raise NoProfileChosenError(
                profiles=', '.join(others), profile=others[0]
            )
        question = (
            'Profile default has no MFA device. Log in to profile '
            f'{others[0]}?'
        )
        if not agrees(terminal, question, by_default=True):
            raise NoTokenCodeError()
        self._session = fresh_session(self._session, others[0])
        return others[0]

    def _find_device(
        self, missing: NoSerialNumberError, parsed_globals: Any
    ) -> str:
        """Ask IAM for the MFA device of a profile that names none."""
        from awscli_mfa_plugin.commands.devices import (
            device_owner,
            find_device,
        )

        # A role's error names the profile at the end of its sources.
        name = missing.kwargs['profile']
        owner = device_owner(
            self._session,
            parsed_globals,
            name,
            missing.kwargs['long_term_profile'],
        )
        serial_number = find_device(owner.iam(), name, Terminal())
        say(f'MFA device of profile {name}: {serial_number}\n')
        return serial_number

    def _check_section(self, profile: MFAProfile) -> None:
        """Check that writing the session hides no long-term credentials.

        :raises LongTermSectionError: They are where it is to go.
        :raises HiddenLongTermCredentialsError: They are in the config
            file or come from a program, which are looked at later.
        """
        check_section(self._session, profile.name)
        if profile.long_term_profile == profile.name:
            raise HiddenLongTermCredentialsError(
                profile=profile.name,
                path=self._session.get_config_variable('credentials_file'),
            )

    def _wait(
        self,
        profile: MFAProfile,
        profiles: Profiles,
        arguments: LoginArguments,
        parsed_globals: Any,
    ) -> LoginArguments:
        """Wait until the login needs no code; return how it goes on.

        :raises NoMFASessionError: It would still need one.
        """
        request = role_request(profile, profiles, arguments)
        fetcher = self._fetcher(profile, arguments, parsed_globals)
        login_role = LoginRole(fetcher.key, profile.name)
        options = ''
        if request is not None and not request.is_chainable:
            # An MFA session would not do.
            options = (
                f' --role-arn {request.role_arn}'
                f' --duration-seconds {request.duration_seconds}'
            )
        is_there = wait_for(
            lambda: needs_no_code(fetcher, login_role, request) or None,
            arguments.wait_seconds or 0,
            profile.name,
            options=options,
        )
        if not is_there:
            raise NoMFASessionError(profile=profile.name)
        return replace(arguments, source=NoTokenCode())

    def _start_session(
        self,
        profile: MFAProfile,
        profiles: Profiles,
        arguments: LoginArguments,
        parsed_globals: Any,
    ) -> tuple[LoginRole, StartedSession]:
        request = role_request(profile, profiles, arguments)
        if request is not None:
            # The length that was asked for is the role's.
            profile = profile._replace(duration_seconds=DEFAULT_ROLE_SECONDS)
        fetcher = self._fetcher(profile, arguments, parsed_globals)
        login_role = LoginRole(fetcher.key, profile.name)
        if request is None:
            return login_role, start_user_session(
                fetcher, login_role, force=arguments.force
            )
        return login_role, start_role_session(
            fetcher, login_role, request, force=arguments.force
        )

    def _fetcher(
        self,
        profile: MFAProfile,
        arguments: LoginArguments,
        parsed_globals: Any,
    ) -> MFASessionFetcher:
        credentials = load_credentials(
            self._session, profile.long_term_profile
        )
        if credentials.token:
            raise NotLongTermCredentialsError(
                profile=profile.name,
                long_term_profile=profile.long_term_profile,
            )
        return MFASessionFetcher(
            STSConnection(
                self._session,
                region_name=parsed_globals.region,
                endpoint_url=parsed_globals.endpoint_url,
                verify=parsed_globals.verify_ssl,
            ),
            profile,
            credentials,
            arguments.source_for(profile),
        )

    def _complete_profile(
        self, profile: MFAProfile, profiles: Profiles, base_name: str
    ) -> str:
        """Write what native commands will need to find the session.

        :returns: What to tell of it.
        """
        name = profile.name
        if is_role(name, profiles):
            if profile.configured_serial_number is not None:
                return ''
            # The device serves all roles behind the profile with the key.
            name = base_name = source_of(name, profiles)
        long_term = profiles.get(profile.long_term_profile, {})
        values: dict[str, str] = {}
        if name not in profiles:
            models = {**long_term, **profiles.get(base_name, {})}
            values.update(
                (setting, models[setting])
                for setting in CARRIED_OVER
                if setting in models
            )
        if not is_role(name, profiles) and (
            find_long_term_profile(name, profiles) != profile.long_term_profile
        ):
            values['source_profile'] = profile.long_term_profile
        if name not in profiles or not self._finds_device(
            name, profile.long_term_profile
        ):
            # Another device that was named is for this login alone.
            values['mfa_serial'] = (
                profile.configured_serial_number or profile.serial_number
            )
        if not values:
            return ''
        path = write_profile(self._session, name, values)
        return f'Saved in {path}, profile {name}: {", ".join(values)}\n'

    def _finds_device(self, *names: str) -> bool:
        """Tell whether native commands know the device from the files.

        They do not know the suffixes of this login.
        """
        profiles = profiles_of(self._session, with_roles=False)
        return any(profiles.get(name, {}).get('mfa_serial') for name in names)


def _note(
    profile: MFAProfile,
    profiles: Profiles,
    login_role: LoginRole,
    result: StartedSession,
) -> None:
    """Note for awscli-mfa what serves the profile from now on."""
    if result.role_arn is None and is_role(profile.name, profiles):
        # The profile's commands use the role, which is yet to be assumed.
        return
    ServingNote(profile, login_role).write(
        result.file_name,
        # mfa_min_remaining says nothing about how long a role lasts.
        profile.min_remaining
        if result.role_arn is None
        else MIN_REMAINING_SECONDS,
    )


def _warn_of_line(name: str, profiles: Profiles) -> None:
    """Say what a written session does to a profile that SDKs share."""
    if is_ours(profiles.get(name, {}).get('credential_process')):
        say(
            f'Note: SDKs now take what was written, even when it has ended, '
            f'and not the credential_process of profile {name}, which gives '
            'them every session by itself.\n',
            sys.stderr,
        )


def _show_log(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter('%(levelname)s - %(message)s'))
    logger = logging.getLogger('awscli_mfa_plugin')
    logger.addHandler(handler)
    logger.setLevel(level)


def _report(name: str, result: StartedSession, waited: bool) -> None:
    until = local_time(result.credentials.expiration)
    left = result.credentials.seconds_left()
    is_new = result.is_new or waited
    verb = 'has' if is_new else 'already has'
    what = 'an MFA session'
    if result.role_arn is not None:
        what = f'a session of {result.role_arn}'
    say(
        f'Profile {name} {verb} {what} until '
        f'{until:%Y-%m-%d %H:%M:%S %Z} ({format_duration(left)}).\n'
    )
    if not is_new:
        say('To start a new one now, add --force.\n')
