# SPDX-License-Identifier: Apache-2.0
"""``aws mfa exec``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from awscli_mfa_plugin.child_environment import child_environment
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.session_credentials import get_credentials
from awscli_mfa_plugin.exceptions import NestedExecError, UsageError

# Says inside whose session a program runs; shells can show it.
PROFILE_VARIABLE = 'AWS_MFA_EXEC_PROFILE'

# What would send the program back to a profile instead of the session.
_REMOVED = (
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
    'AWS_SECURITY_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
)

# A shell's exit code for a command that is not there.
_NOT_FOUND = 127


class ExecCommand(MFABasicCommand):
    """Run a program with a session in its environment."""

    NAME = 'exec'
    DESCRIPTION = from_file('mfa', 'exec', '_description.rst')
    EXAMPLES = from_file('mfa', 'exec', '_examples.rst')
    SYNOPSIS = 'aws mfa exec [--profile <value>] -- <command> [arguments]'

    def __call__(self, args: Any, parsed_globals: Any) -> Any:
        # The CLI's parsers differ in what they make of "--" and of the
        # options behind it, which are the program's.
        command = _behind_dashes(sys.argv)
        if command is None:
            return super().__call__(args, parsed_globals)
        self._command = command
        return super().__call__([], parsed_globals)

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        command = getattr(self, '_command', None)
        if not command:
            raise UsageError(
                msg=(
                    'aws mfa exec needs a command behind "--": '
                    'aws mfa exec --profile PROFILE -- COMMAND'
                )
            )
        outer = os.environ.get(PROFILE_VARIABLE)
        if outer is not None:
            raise NestedExecError(profile=outer, variable=PROFILE_VARIABLE)
        name = self._session.get_config_variable('profile') or 'default'
        credentials = get_credentials(self._session)
        environment = child_environment()
        for variable in _REMOVED:
            environment.pop(variable, None)
        environment.update(credentials.as_environment())
        environment[PROFILE_VARIABLE] = name
        region = _region(self._session, parsed_globals)
        if region:
            environment['AWS_REGION'] = region
            environment['AWS_DEFAULT_REGION'] = region
        return _run(command, environment)


def _behind_dashes(argv: list[str]) -> list[str] | None:
    if '--' not in argv:
        return None
    return argv[argv.index('--') + 1 :]


def _region(session: Any, parsed_globals: Any) -> str | None:
    """Return the profile's region, unless the environment has one."""
    if parsed_globals.region:
        return str(parsed_globals.region)
    if os.environ.get('AWS_REGION') or os.environ.get('AWS_DEFAULT_REGION'):
        return None
    region: str | None = session.get_scoped_config().get('region')
    return region


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    program = shutil.which(command[0], path=environment.get('PATH'))
    if program is None:
        sys.stderr.write(f'\n{command[0]}: command not found\n')
        return _NOT_FOUND
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == 'nt':
        # There a new process would not be waited for by the shell.
        return subprocess.call([program, *command[1:]], env=environment)
    # In the place of this one: signals and the exit code are its own.
    os.execve(program, command, environment)
    raise AssertionError('execve() does not return')
