# SPDX-License-Identifier: Apache-2.0
"""Word at a person's terminal that a session ends soon.

A command loads this module only when the time has come.
"""

from __future__ import annotations

import logging
import sys

from awscli_mfa_plugin.cache.layout import cache_directory, end_told_path
from awscli_mfa_plugin.cache.told import is_first_time
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.host.agents import is_run_by_agent
from awscli_mfa_plugin.host.wrapping import is_terminal, say_on_stderr
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

logger = logging.getLogger(__name__)


def tell_of_end(
    profile: MFAProfile,
    credentials: TemporaryCredentials,
    duration_seconds: int,
    file_name: str,
    role_arn: str | None = None,
) -> None:
    """Tell a person at the terminal, once for each session.

    A session that lasts less than twice as long as the warning comes
    before its end would be told of at once. Its warning comes when half
    of it is over.

    :param duration_seconds: How long the session lasts in all.
    :param file_name: That of the session in the cache.
    :param role_arn: The role that a login ended in.
    """
    if not credentials.is_usable() or credentials.is_usable(
        min(profile.warn_before, duration_seconds // 2)
    ):
        return
    if not is_terminal(sys.stderr) or is_run_by_agent():
        return
    path = end_told_path(cache_directory(), file_name, credentials.expiration)
    try:
        if not is_first_time(path):
            return
    except OSError as error:
        # A line with every command would be worse than none.
        logger.debug('The end of the session is not told of: %s', error)
        return
    what = 'MFA session'
    login = f'aws mfa login --force --profile {as_argument(profile.name)}'
    if role_arn is not None:
        what = f'session of {role_arn}'
        login += f' --role-arn {role_arn}'
    say_on_stderr(
        f'The {what} of profile {profile.name} ends in '
        f'{format_duration(credentials.seconds_left())}. '
        f'Renew it with: {login}'
    )
