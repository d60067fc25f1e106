# SPDX-License-Identifier: Apache-2.0
"""The environment, the terminal and other tools for credentials."""

from __future__ import annotations

import os
from collections.abc import Iterator

from awscli_mfa_plugin.diagnosis.checks import OK, WARNING, Check
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
from awscli_mfa_plugin.host.agents import agent_variable, may_ask_here
from awscli_mfa_plugin.host.terminal import Terminal

_KEY_VARIABLES = ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')

# The file that 1Password's "op plugin init" has a shell read.
_ONE_PASSWORD = os.path.join('~', '.config', 'op', 'plugins.sh')


def check_surroundings() -> Iterator[Check]:
    """Check what goes before a profile's session, and who can be asked."""
    yield from _check_keys()
    yield from _check_profile_variables()
    yield from _check_other_tools()
    yield _check_terminal()


def _check_keys() -> Iterator[Check]:
    if all(os.environ.get(name) for name in _KEY_VARIABLES):
        yield Check(
            WARNING,
            'environment',
            'The keys in the environment sign every aws command without '
            '--profile, and every call of SDKs.',
            f'unset {" ".join(_KEY_VARIABLES)} AWS_SESSION_TOKEN',
        )


def _check_profile_variables() -> Iterator[Check]:
    first = os.environ.get('AWS_PROFILE')
    second = os.environ.get('AWS_DEFAULT_PROFILE')
    if first and second and first != second:
        yield Check(
            WARNING,
            'environment',
            f'AWS_PROFILE is {first}, which the AWS CLI v2 takes, and '
            f'AWS_DEFAULT_PROFILE is {second}, which v1 and boto3 take.',
            'unset AWS_DEFAULT_PROFILE',
        )


def _check_other_tools() -> Iterator[Check]:
    vault = os.environ.get('AWS_VAULT')
    if vault:
        yield Check(
            WARNING,
            'environment',
            f'aws-vault started this shell, for its profile {vault}. Its '
            'keys go before a session.',
            'exit',
        )
    path = os.path.expanduser(_ONE_PASSWORD)
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            has_alias = 'alias aws=' in file.read()
    except OSError:
        return
    if has_alias:
        yield Check(
            WARNING,
            'environment',
            f"{path} makes aws an alias of 1Password's, which sets keys "
            'of its own.',
            f'Remove the alias from {as_argument(path)}; in this shell: '
            'unalias aws',
        )


def _check_terminal() -> Check:
    terminal = Terminal()
    variable = agent_variable()
    if variable is not None and not may_ask_here():
        return Check(
            WARNING,
            'terminal',
            f'A coding agent runs this ({variable} is set), so no command '
            'asks for a code.',
            'Log in in a terminal of your own: aws mfa login',
        )
    try:
        terminal.check_available()
    except NoTerminalError as error:
        return Check(
            WARNING,
            'terminal',
            'No command can ask for a code here'
            f'{error.why or ": there is no terminal"}.',
            'Log in in a terminal, or give the code: aws mfa login '
            '--token-code CODE',
        )
    prompt = os.environ.get('AWS_MFA_PROMPT')
    if prompt == 'never':
        return Check(
            WARNING,
            'terminal',
            'AWS_MFA_PROMPT is never, so only aws mfa login asks for a code.',
            'unset AWS_MFA_PROMPT',
        )
    return Check(OK, 'terminal', 'A command can ask for a code here.')
