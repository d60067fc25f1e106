# SPDX-License-Identifier: Apache-2.0
"""``aws mfa configure-sdk``."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import Any

import awscli_mfa_plugin
from awscli_mfa_plugin.cache.cli import note_cli
from awscli_mfa_plugin.commands.base import (
    MFABasicCommand,
    fresh_session,
    from_file,
)
from awscli_mfa_plugin.commands.exported import get_credentials
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.config_files.own_credentials import Move, plan_move
from awscli_mfa_plugin.credentials.turns import agrees
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    NoLongTermCredentialsError,
    UsageError,
    as_argument,
)
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.programs import find_program
from awscli_mfa_plugin.host.streams import print_text
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.installation.copy import launcher
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.process import is_ours
from awscli_mfa_plugin.profiles.roles import is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import (
    LONG_TERM_SUFFIX,
    Profiles,
    read_mfa_profile,
)

_SETTING = 'credential_process'


class ConfigureSDKCommand(MFABasicCommand):
    """Let SDKs and other tools use a profile's session."""

    NAME = 'configure-sdk'
    DESCRIPTION = from_file('mfa', 'configure-sdk', '_description.rst')
    EXAMPLES = from_file('mfa', 'configure-sdk', '_examples.rst')

    ARG_TABLE = [
        {
            'name': 'apply',
            'action': 'store_true',
            'help_text': (
                "Move the profile's access key, or remove its temporary "
                'credentials, without a question.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        name = self._session.get_config_variable('profile') or 'default'
        profiles = profiles_of(self._session, with_roles=False)
        _check_is_user(name, profiles)
        profile = read_mfa_profile(name, profiles)
        settings = profiles.get(name, {})
        line = find_command(name)
        present = settings.get(_SETTING)
        if present is not None and present != line and not is_ours(present):
            raise UsageError(
                msg=(
                    f'Profile {name} has a {_SETTING} already, which is '
                    'not changed. Name another profile, or remove it.'
                )
            )
        move = plan_move(
            self._session,
            name,
            profile.long_term_profile,
            profiles,
            {_SETTING: line},
        )
        if move is not None:
            _make(move, name, parsed_args.apply)
            _read_again(self._session, name)
        elif profile.long_term_profile == name:
            raise NoLongTermCredentialsError(
                long_term_profile=name + LONG_TERM_SUFFIX
            )
        elif present != line:
            path = write_profile(self._session, name, {_SETTING: line})
            print_text(
                f'Saved in {path}, profile {name}:\n  {_SETTING} = {line}\n'
            )
        note_cli()
        # At a terminal this asks for a code if there is no session yet.
        get_credentials(self._session)
        _show_what_sdks_get(name)
        if 'source_profile' in settings:
            print_text(
                'Note: programs in Go, Terraform among them, refuse a '
                'profile that has a source_profile and no role. For them, '
                f'rename profile {profile.long_term_profile} to '
                f'{name}-long-term and remove source_profile from profile '
                f'{name}.\n',
                sys.stderr,
            )
        return 0


def _make(move: Move, name: str, is_agreed: bool) -> None:
    """Move a profile's own credentials, if somebody agrees.

    :raises UsageError: Nobody does.
    """
    if not is_agreed:
        terminal = Terminal()
        if not terminal.is_available():
            raise UsageError(
                msg=(
                    f'SDKs would not use the session of profile {name}. To '
                    f'{move.title}: aws mfa configure-sdk --profile '
                    f'{as_argument(name)} --apply'
                )
            )
        terminal.tell(move.as_text().rstrip())
        title = move.title[0].upper() + move.title[1:]
        if not agrees(terminal, f'{title}?'):
            raise UsageError(msg='Nothing was changed.')
    move.make()
    print_text(f'Changed:\n{move.as_text()}' if is_agreed else 'Changed.\n')
    print_text(move.back)


def _read_again(session: Any, name: str) -> None:
    """Have a session see a profile as the files have it now.

    botocore reads the files once, and gives everybody the same dictionary.
    """
    profiles = session.full_config['profiles']
    changed = fresh_session(session, name).full_config['profiles']
    profiles.clear()
    profiles.update(changed)


def _check_is_user(name: str, profiles: Profiles) -> None:
    """Check that the line is of use in a profile.

    :raises UsageError: It is a role or the long-term profile of another;
        the line has to be in that.
    """
    if name.endswith(LONG_TERM_SUFFIX):
        user = name[: -len(LONG_TERM_SUFFIX)]
        raise UsageError(
            msg=(
                f'Profile {name} is the long-term profile of {user}. Run it '
                'for that: aws mfa configure-sdk --profile '
                f'{as_argument(user)}'
            )
        )
    if not is_role(name, profiles):
        return
    last = read_mfa_role(name, profiles).hops[-1]
    source = str(profiles[last]['source_profile'])
    if source != name:
        raise UsageError(
            msg=(
                f'Profile {name} is a role. Run it for its source: aws mfa '
                f'configure-sdk --profile {as_argument(source)}. The role '
                'then works.'
            )
        )


def find_command(profile_name: str) -> str:
    """Return the ``credential_process`` of a profile.

    The first that works of: the launcher that ``awscli-mfa enable`` made,
    which no upgrade takes away; the script ``awscli-mfa``; this package run
    by a ``python3``; ``aws`` itself, which is the slowest.
    """
    package = os.path.dirname(os.path.abspath(awscli_mfa_plugin.__file__))
    script = find_program('awscli-mfa')
    python = find_program('python3') or find_program('python')
    profile = ['--profile', profile_name]
    candidates = [[launcher()]]
    if script:
        candidates.append([script])
    if python:
        candidates.append([python, package])
    for candidate in candidates:
        if _works(candidate):
            return _join([*candidate, 'credentials', *profile])
    aws = find_program('aws') or os.path.abspath(sys.argv[0])
    return _join([aws, 'mfa', 'export-credentials', *profile])


def _works(command: list[str]) -> bool:
    try:
        completed = subprocess.run(
            [*command, '--version'],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=child_environment(),
        )
    except OSError:
        return False
    return completed.returncode == 0


def _join(words: list[str]) -> str:
    """Return a command as SDKs take it apart on this system."""
    return (
        subprocess.list2cmdline(words)
        if os.name == 'nt'
        else shlex.join(words)
    )


def _show_what_sdks_get(name: str) -> None:
    """Resolve the profile as boto3 does, and tell what came of it."""
    from botocore.session import Session

    credentials = Session(profile=name).get_credentials()
    if credentials is None:
        raise MFAConfigurationError(
            msg=f'SDKs find no credentials in profile {name}.'
        )
    frozen = credentials.get_frozen_credentials()
    kind = 'a session' if frozen.token else 'a long-term key'
    print_text(
        f'SDKs get {kind} (access key ID ending in '
        f'{frozen.access_key[-4:]}) from {credentials.method}.\n'
    )
