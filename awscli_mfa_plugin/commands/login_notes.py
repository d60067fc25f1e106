# SPDX-License-Identifier: Apache-2.0
"""What ``aws mfa login`` says of a session beside that it is there."""

from __future__ import annotations

import logging
import os
import sys

from botocore.session import Session

from awscli_mfa_plugin.cache.layout import cache_directory, profile_told_path
from awscli_mfa_plugin.cache.told import is_first_time
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.host.wrapping import is_terminal
from awscli_mfa_plugin.profiles.roles import is_role
from awscli_mfa_plugin.profiles.settings import Profiles

logger = logging.getLogger(__name__)

_VARIABLES = (
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
)


def tell_of_environment(name: str) -> None:
    """Say if keys in the environment go before the session of a profile.

    They do in commands that get the profile from ``AWS_PROFILE``, or have
    none. With ``--profile`` botocore leaves them out.
    """
    if not os.environ.get(_VARIABLES[0]):
        return
    # The one of a command without the option.
    if (Session().get_config_variable('profile') or 'default') != name:
        return
    remedy = f'To use the session: unset {" ".join(_VARIABLES)}'
    if os.name == 'nt':
        remedy = f'Remove it, {" and ".join(_VARIABLES[1:])}.'
    say(
        f'Note: {_VARIABLES[0]} in the environment goes before this session '
        f'in commands without --profile. {remedy}\n',
        sys.stderr,
    )


def tell_of_sdks(name: str) -> None:
    """Say once at a terminal what SDKs do with a profile.

    It is said of a profile that gives them no session, and of its source
    if it is a role.
    """
    if not is_terminal(sys.stderr):
        return
    # Read anew: the login may have written into the files.
    profiles = Session().full_config['profiles']
    source = _source_of(name, profiles)
    settings = profiles.get(source, {})
    if 'credential_process' in settings or 'aws_session_token' in settings:
        return
    path = profile_told_path(cache_directory(), source)
    try:
        if not is_first_time(path):
            return
    except OSError as error:
        logger.debug('SDKs are not told of: %s', error)
        return
    what = f'find no credentials in profile {name}'
    if source != name:
        what = f'know nothing of this session in profile {name}'
    elif 'aws_access_key_id' in settings:
        what = f'sign with the access key of profile {name}, without MFA'
    say(
        f'Note: SDKs such as boto3 {what}. To give them the session: '
        f'aws mfa configure-sdk --profile {as_argument(source)}\n',
        sys.stderr,
    )


def _source_of(name: str, profiles: Profiles) -> str:
    """Return the profile at the end of a role's sources."""
    seen: list[str] = []
    while is_role(name, profiles) and name not in seen:
        seen.append(name)
        name = str(profiles[name]['source_profile'])
    return name
