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
from awscli_mfa_plugin.commands.awscli_parts import uni_print
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.exported import get_credentials
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    UsageError,
    as_argument,
)
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.programs import find_program
from awscli_mfa_plugin.installation.copy import launcher
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.process import is_ours
from awscli_mfa_plugin.profiles.roles import is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import Profiles, read_mfa_profile

_SETTING = 'credential_process'


class ConfigureSDKCommand(MFABasicCommand):
    """Let SDKs and other tools use a profile's session."""

    NAME = 'configure-sdk'
    DESCRIPTION = from_file('mfa', 'configure-sdk', '_description.rst')
    EXAMPLES = from_file('mfa', 'configure-sdk', '_examples.rst')

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        name = self._session.get_config_variable('profile') or 'default'
        profiles = profiles_of(self._session, with_roles=False)
        _check_is_no_role(name, profiles)
        profile = read_mfa_profile(name, profiles)
        settings = profiles.get(name, {})
        if profile.long_term_profile == name:
            raise MFAConfigurationError(
                msg=(
                    f'Profile {name} holds its access key itself, and SDKs '
                    'would sign with that key. Move the two lines of the '
                    f'key to a section [{name}-long-term] of the '
                    'credentials file, then run this again.'
                )
            )
        if 'aws_access_key_id' in settings:
            raise MFAConfigurationError(
                msg=(
                    f'The section [{name}] of the credentials file holds '
                    'credentials, which SDKs would use first. Remove the '
                    'section, then run this again.'
                )
            )
        line = find_command(name)
        present = settings.get(_SETTING)
        if present is not None and present != line and not is_ours(present):
            raise UsageError(
                msg=(
                    f'Profile {name} has a {_SETTING} already, which is '
                    'not changed. Name another profile, or remove it.'
                )
            )
        if present != line:
            path = write_profile(self._session, name, {_SETTING: line})
            uni_print(
                f'Saved in {path}, profile {name}:\n  {_SETTING} = {line}\n'
            )
        note_cli()
        # At a terminal this asks for a code if there is no session yet.
        get_credentials(self._session)
        _show_what_sdks_get(name)
        if 'source_profile' in settings:
            uni_print(
                'Note: programs in Go, Terraform among them, refuse a '
                'profile that has a source_profile and no role. For them, '
                f'rename profile {profile.long_term_profile} to '
                f'{name}-long-term and remove source_profile from profile '
                f'{name}.\n',
                sys.stderr,
            )
        return 0


def _check_is_no_role(name: str, profiles: Profiles) -> None:
    """Check that the line is of use in a profile.

    :raises UsageError: It is a role; the line has to be in its source.
    """
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
    uni_print(
        f'SDKs get {kind} (access key ID ending in '
        f'{frozen.access_key[-4:]}) from {credentials.method}.\n'
    )
