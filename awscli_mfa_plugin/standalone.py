# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa``: sessions for programs other than the AWS CLI.

An SDK runs ``awscli-mfa credentials`` for every process that needs
credentials, and a shell runs ``awscli-mfa status`` for every prompt. So
neither loads the CLI or botocore: they read a note and a session, and only
where there is none does ``credentials`` hand over to ``aws``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence

from awscli_mfa_plugin import __version__
from awscli_mfa_plugin.cache.notes import find_credentials

# Set for the "aws" that is handed over to: the profiles it is for, a line
# each, because one's credential_process may ask for another.
GUARD_VARIABLE = 'AWS_MFA_CREDENTIALS_FOR'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``awscli-mfa`` and return its exit code."""
    # 6 ms, which "status" in a shell prompt can afford.
    import argparse

    parser = argparse.ArgumentParser(
        prog='awscli-mfa',
        description='MFA sessions of "aws mfa login" for other programs.',
    )
    parser.add_argument('--version', action='version', version=__version__)
    commands = parser.add_subparsers(dest='command', required=True)
    credentials = commands.add_parser(
        'credentials',
        help='print a session as credential_process wants it',
    )
    status = commands.add_parser(
        'status', help='print how long a session lasts, for a shell prompt'
    )
    status.add_argument(
        '--short', action='store_true', help='"PROFILE 3h12m", or nothing'
    )
    for command in (credentials, status):
        command.add_argument('--profile', help='by default AWS_PROFILE')
    parsed = parser.parse_args(arguments)
    profile = parsed.profile or _default_profile(os.environ)
    if parsed.command == 'credentials':
        return print_credentials(profile)
    return print_status(profile, short=parsed.short)


def is_ours(command: str | None) -> bool:
    """Tell whether a ``credential_process`` leads back to this plugin."""
    return command is not None and any(
        mark in command
        for mark in (
            'awscli-mfa',
            'awscli_mfa_plugin',
            'mfa export-credentials',
        )
    )


def print_credentials(profile: str) -> int:
    """Print a session of the profile as JSON and return an exit code."""
    credentials = find_credentials(profile)
    if credentials is None:
        return _hand_over(profile)
    print(json.dumps({'Version': 1, **credentials}))
    return 0


def print_status(profile: str, short: bool) -> int:
    """Print how long the profile's session lasts; 1 when it has none."""
    credentials = find_credentials(profile)
    if credentials is None:
        if not short:
            print(f'{profile}: no session')
        return 1
    left = time_left(credentials['Expiration'])
    print(f'{profile} {left}' if short else f'{profile}: {left} left')
    return 0


def time_left(expiration: str) -> str:
    """Return how long something lasts in short: ``3h12m``, ``45s``."""
    from datetime import datetime, timezone

    from awscli_mfa_plugin.temporary_credentials import parse_time

    left = parse_time(expiration) - datetime.now(timezone.utc)
    seconds = max(0, int(left.total_seconds()))
    if seconds < 60:
        return f'{seconds}s'
    hours, minutes = divmod(seconds // 60, 60)
    return f'{hours}h{minutes:02}m' if hours else f'{minutes}m'


def _default_profile(environ: Mapping[str, str]) -> str:
    return (
        environ.get('AWS_PROFILE')
        or environ.get('AWS_DEFAULT_PROFILE')
        or 'default'
    )


def _hand_over(profile: str) -> int:
    """Let the AWS CLI, which has the plugin, get the credentials.

    It asks for a code on the terminal itself: an SDK swallows standard
    error and may have something else on standard input.
    """
    from awscli_mfa_plugin.cache.cli import find_cli

    handed_over = os.environ.get(GUARD_VARIABLE, '').splitlines()
    if profile in handed_over:
        return _fail(
            f'The credential_process of profile {profile} needs the '
            f'access key it is to get a session for. Put the key into '
            f'profile {profile}-long-term.'
        )
    aws = find_cli()
    if aws is None:
        return _fail(
            'There is no "aws" on PATH to get a session with. Install the '
            'AWS CLI, or start a session where it is: '
            f'aws mfa login --profile {profile}'
        )
    environ = {
        **os.environ,
        GUARD_VARIABLE: '\n'.join([*handed_over, profile]),
    }
    # The keys of the environment would go before the profile's.
    for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):
        environ.pop(name, None)
    command = [*aws, 'mfa', 'export-credentials', '--profile', profile]
    if os.name == 'nt':
        # There a new process would not be waited for by the SDK.
        import subprocess

        return subprocess.call(command, env=environ)
    # In the place of this one: an SDK that gives up ends it, and no prompt
    # is left behind on the terminal.
    os.execve(command[0], command, environ)
    raise AssertionError('execve() does not return')


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
