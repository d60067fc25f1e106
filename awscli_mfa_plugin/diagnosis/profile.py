# SPDX-License-Identifier: Apache-2.0
"""One profile: its key, its device, its session, and what SDKs make of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from botocore.compat import compat_shell_split
from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin import AGENT_ROLE, names_mfa_device
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.mfa_process import code_source_of
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis.answers import check_answers
from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING, Check
from awscli_mfa_plugin.duration import format_time_left
from awscli_mfa_plugin.exceptions import (
    MFAError,
    NoLongTermCredentialsError,
    NoSerialNumberError,
    NotMFAProfileError,
    UnknownProfileError,
    UnreadableFileError,
    as_argument,
)
from awscli_mfa_plugin.host.programs import find_program
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.devices import kind_of
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.process import is_ours
from awscli_mfa_plugin.profiles.roles import (
    MFARole,
    is_role,
    read_agent_role,
    read_mfa_role,
)
from awscli_mfa_plugin.profiles.settings import (
    LONG_TERM_SUFFIX,
    MFAProfile,
    Profiles,
    read_mfa_profile,
)
from awscli_mfa_plugin.temporary_credentials import local_time

_SUBJECT = 'profile'


def check_profile(
    connection: STSConnection, is_named: bool
) -> Iterator[Check]:
    """Check the profile of a session, and ask AWS about it.

    :param is_named: Whether the command line named the profile.
    """
    session = connection.session
    name = session.get_config_variable('profile') or 'default'
    try:
        profiles = profiles_of(session)
    except BotoCoreError as error:
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'Profile {name} was not looked at: {error}',
            'Mend the files first.',
        )
        return
    try:
        role = (
            read_mfa_role(name, profiles) if is_role(name, profiles) else None
        )
        profile = (
            read_mfa_profile(name, profiles) if role is None else role.base
        )
    except MFAError as error:
        yield _unusable(name, error, profiles, is_named)
        return
    yield Check(
        OK,
        _SUBJECT,
        f'Profile {name} ({_named_by(is_named)}) uses the access key of '
        f'profile {profile.long_term_profile}, {_rule(name, role, profile)}.',
    )
    yield Check(
        OK,
        _SUBJECT,
        f'Its MFA device is {profile.serial_number} '
        f'({kind_of(profile.serial_number)}).',
    )
    yield _signs(role)
    yield from _check_settings(name, profiles, profile)
    if profile.mfa_process is not None:
        yield _check_process(profile)
    key_owner = as_argument(profile.long_term_profile)
    try:
        credentials = load_credentials(session, profile.long_term_profile)
    except NoLongTermCredentialsError:
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'Profile {profile.long_term_profile} has no access key.',
            f'aws configure --profile {key_owner}',
        )
        return
    except (BotoCoreError, OSError, ValueError) as error:
        # Its words may quote what the program has printed.
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'Profile {profile.long_term_profile} has no access key: its '
            f'credential_process fails ({type(error).__name__}).',
            'Run that line by hand, and correct it.',
        )
        return
    if credentials.token:
        yield Check(
            WARNING,
            _SUBJECT,
            f'Profile {profile.long_term_profile} has temporary '
            'credentials. A session can be made from an access key only.',
            'Remove aws_session_token from that profile; then: aws configure '
            f'--profile {key_owner}',
        )
    fetcher = MFASessionFetcher(
        connection, profile, credentials, code_source_of(profile)
    )
    mfa_session = fetcher.cached()
    if mfa_session is None:
        yield Check(
            WARNING,
            'session',
            f'Profile {name} has no session that a command could use.',
            f'aws mfa login --profile {as_argument(name)}',
        )
    else:
        end = mfa_session.credentials
        left = format_time_left(int(end.seconds_left()))
        yield Check(
            OK,
            'session',
            f'There is an MFA session until '
            f'{local_time(end.expiration):%Y-%m-%d %H:%M} ({left} left).',
        )
    yield from _check_sdks(name, profiles, session)
    if not credentials.token:
        yield from check_answers(connection, profile, credentials, mfa_session)


def _unusable(
    name: str, error: MFAError, profiles: Profiles, is_named: bool
) -> Check:
    """Return why a profile has no MFA session."""
    status, message = PROBLEM, str(error)
    remedy = 'Correct it in the config file.'
    if isinstance(error, UnknownProfileError):
        message = f'There is no profile {name}.'
        remedy = 'aws mfa login --setup'
    elif isinstance(error, UnreadableFileError):
        message, _, remedy = message.partition(' Make it readable: ')
    elif isinstance(error, NoLongTermCredentialsError):
        owner = error.kwargs['long_term_profile']
        message = f'Profile {owner} has no access key to sign in with.'
        remedy = f'aws configure --profile {as_argument(owner)}'
    elif isinstance(error, NoSerialNumberError):
        status = WARNING
        message = (
            f'Profile {name} has no mfa_serial, so its commands go on '
            'without MFA.'
        )
        remedy = f'aws mfa login --profile {as_argument(name)}'
    elif isinstance(error, NotMFAProfileError):
        status, remedy = WARNING, ''
    others = [
        other
        for other in sorted(profiles)
        if other != name and names_mfa_device(other, profiles)
    ]
    if others and not is_named:
        message += f' These profiles have MFA: {", ".join(others)}.'
        remedy = f'aws mfa doctor --profile {as_argument(others[0])}'
    return Check(status, _SUBJECT, message, remedy)


def _named_by(is_named: bool) -> str:
    if is_named:
        return 'named by --profile'
    for variable in ('AWS_PROFILE', 'AWS_DEFAULT_PROFILE'):
        if os.environ.get(variable):
            return f'named by {variable}'
    return 'the default'


def _rule(name: str, role: MFARole | None, profile: MFAProfile) -> str:
    """Say by which rule the long-term profile was found."""
    if role is not None:
        return 'which its source_profile leads to'
    if profile.long_term_profile == name:
        return 'which is its own'
    if profile.long_term_profile == name + LONG_TERM_SUFFIX:
        return f'found by its name: {name} with {LONG_TERM_SUFFIX}'
    return 'its source_profile'


def _signs(role: MFARole | None) -> Check:
    if role is None:
        signs = 'an MFA session'
    elif role.direct is None:
        signs = f'the role of profile {role.name}, assumed from an MFA session'
    else:
        signs = (
            f'the role of profile {role.name}, assumed with a code of its '
            f'own ({role.direct})'
        )
    return Check(OK, _SUBJECT, f'Its aws commands are signed with {signs}.')


def _check_settings(
    name: str, profiles: Profiles, profile: MFAProfile
) -> Iterator[Check]:
    """Say what changes who is asked and what signs."""
    if not profile.may_prompt and os.environ.get('AWS_MFA_PROMPT') != 'never':
        yield Check(
            OK,
            _SUBJECT,
            'mfa_prompt is never, so only aws mfa login asks for its code.',
        )
    if not profiles.get(name, {}).get(AGENT_ROLE):
        return
    try:
        role = read_agent_role(name, profiles)
    except MFAError as error:
        reason = error.kwargs.get('reason', error)
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'Its mfa_agent_role cannot be used: {reason}. '
            'So no command of a coding agent is signed.',
            'aws configure set mfa_agent_role ROLE_PROFILE --profile '
            f'{as_argument(name)}',
        )
    else:
        yield Check(
            OK,
            _SUBJECT,
            'Under a coding agent its commands are signed with the role of '
            f'profile {role.name}.',
        )


def _check_process(profile: MFAProfile) -> Check:
    try:
        program = compat_shell_split(profile.mfa_process or '')[0]
    except (ValueError, IndexError):
        program = ''
    found = program if os.path.isabs(program) else find_program(program)
    if program and found and os.access(found, os.X_OK):
        return Check(OK, _SUBJECT, f'Its codes come from {found}.')
    return Check(
        PROBLEM,
        _SUBJECT,
        f'Its mfa_process starts {program or "nothing"}, which cannot be run.',
        'Install it, or give its whole path: aws configure set mfa_process '
        f'COMMAND --profile {as_argument(profile.name)}',
    )


def _check_sdks(
    name: str, profiles: Profiles, session: Any
) -> Iterator[Check]:
    """Say what SDKs would sign with, by the order in which they look."""
    settings = profiles.get(name, {})
    if is_role(name, profiles):
        source = str(settings['source_profile'])
        if source != name:
            yield from _check_sdks(source, profiles, session)
            return
    remedy = f'aws mfa configure-sdk --profile {as_argument(name)}'
    process = settings.get('credential_process')
    if settings.get('aws_session_token') or settings.get('aws_security_token'):
        yield Check(
            WARNING,
            'SDKs',
            f'SDKs use the temporary credentials that stand in [{name}], '
            'even if they have ended.',
            remedy,
        )
    elif 'aws_access_key_id' in settings:
        yield Check(
            WARNING,
            'SDKs',
            f'SDKs sign with the access key in profile {name}, and take no '
            'MFA session.',
            remedy,
        )
    elif is_ours(process):
        yield _check_command(str(process), remedy)
    elif process:
        yield Check(
            WARNING,
            'SDKs',
            f'SDKs use the credential_process of another tool in profile '
            f'{name}.',
            f'Remove it; then: {remedy}',
        )
    else:
        yield Check(
            WARNING,
            'SDKs',
            f'SDKs find no credentials in profile {name}.',
            remedy,
        )


def _check_command(command: str, remedy: str) -> Check:
    try:
        program = compat_shell_split(command)[0]
    except (ValueError, IndexError):
        program = ''
    if os.access(program, os.X_OK) or find_program(program):
        return Check(OK, 'SDKs', f'SDKs get the session from {program}.')
    return Check(
        PROBLEM,
        'SDKs',
        f'SDKs start {program}, which cannot be run.',
        remedy,
    )
