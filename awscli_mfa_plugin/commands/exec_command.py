# SPDX-License-Identifier: Apache-2.0
"""``aws mfa exec``."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from botocore.credentials import EnvProvider

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.exported import get_credentials
from awscli_mfa_plugin.exceptions import UsageError, as_argument
from awscli_mfa_plugin.exceptions.commands import NestedExecError
from awscli_mfa_plugin.host.child_environment import child_environment
from awscli_mfa_plugin.host.streams import print_text

# Says inside whose session a program runs; shells can show it.
PROFILE_VARIABLE = 'AWS_MFA_EXEC_PROFILE'

# The program must not see these: they would send it back to a profile
# instead of the session, or belong to other credentials.
_REMOVED = (
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_SECURITY_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
)

# A shell's exit codes for a command that is no program and for one that is
# not there.
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127


class ExecCommand(MFABasicCommand):
    """Run a program with a session in its environment."""

    NAME = 'exec'
    DESCRIPTION = from_file('mfa', 'exec', '_description.rst')
    EXAMPLES = from_file('mfa', 'exec', '_examples.rst')
    SYNOPSIS = 'aws mfa exec [--profile <value>] -- <command> [arguments]'

    _command: list[str] = []

    def __call__(self, args: Any, parsed_globals: Any) -> Any:
        # The parser would take the program's options for its own.
        before, self._command = _split(args, sys.argv[1:])
        return super().__call__(before, parsed_globals)

    def _explain_unknown(self, words: list[str]) -> UsageError:
        if self._command:
            return super()._explain_unknown(words)
        name = self._session.get_config_variable('profile') or 'PROFILE'
        return UsageError(
            msg=(
                'Put -- before the command: aws mfa exec --profile '
                f'{as_argument(name)} -- {" ".join(words)}'
            )
        )

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        command = self._command
        if not command:
            raise UsageError(
                msg=(
                    'aws mfa exec needs a command behind "--": '
                    'aws mfa exec --profile PROFILE -- COMMAND'
                )
            )
        outer = os.environ.get(PROFILE_VARIABLE)
        if outer is not None:
            raise NestedExecError(
                profile=outer or 'of the environment',
                variable=PROFILE_VARIABLE,
            )
        name = self._session.get_config_variable('profile') or 'default'
        credentials = get_credentials(self._session)
        environment = child_environment()
        for variable in _REMOVED:
            environment.pop(variable, None)
        environment.update(credentials.as_environment())
        # Keys of the environment are no profile's.
        is_profiles = credentials.method != EnvProvider.METHOD
        environment[PROFILE_VARIABLE] = name if is_profiles else ''
        region = _region(self._session, parsed_globals)
        if region:
            environment['AWS_REGION'] = region
            environment['AWS_DEFAULT_REGION'] = region
        return _run(command, environment)


def _split(args: list[str], argv: list[str]) -> tuple[list[str], list[str]]:
    """Return what is before the first ``--``, and the command behind it.

    The CLI's own parser may have taken that one away already; an alias of
    the CLI may have it where the command line has none.

    :param args: What the CLI's parser has left for ``aws mfa exec``.
    :param argv: The command line.
    """
    if '--' in argv:
        command = argv[argv.index('--') + 1 :]
        count = max(0, len(args) - len(command))
        before = args[:count]
        if before[-1:] == ['--']:
            before.pop()
        if args[count:] == command and '--' not in before:
            return before, command
    if '--' in args:
        place = args.index('--')
        return args[:place], args[place + 1 :]
    return args, []


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
        if os.path.dirname(command[0]) and os.path.exists(command[0]):
            print_text(
                f'\n{command[0]}: cannot be executed because it is not an '
                'executable file\n',
                sys.stderr,
            )
            return _NOT_EXECUTABLE
        print_text(f'\n{command[0]}: command not found\n', sys.stderr)
        return _NOT_FOUND
    for stream in (sys.stdout, sys.stderr):
        # It is None where it is closed, which is the program's to notice.
        if stream is not None:
            stream.flush()
    try:
        if os.name == 'nt':
            # There a new process would not be waited for by the shell.
            return subprocess.call([program, *command[1:]], env=environment)
        # Python ignores these, which a program would inherit: "yes | head".
        for name in ('SIGPIPE', 'SIGXFSZ'):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        # In the place of this one: signals and the exit code are its own.
        os.execve(program, command, environment)
    except OSError as error:
        print_text(f'\n{command[0]}: {_why_not(error)}\n', sys.stderr)
        return _NOT_EXECUTABLE
    raise AssertionError('execve() does not return')


def _why_not(error: OSError) -> str:
    """Return why a file that is there and executable was not run."""
    if error.errno == errno.ENOEXEC:
        return (
            'cannot be executed because it is no program of this system; '
            'the first line of a script has to be one like #!/bin/sh'
        )
    if error.errno == errno.ENOENT:
        return (
            'cannot be executed because the interpreter that it names is '
            'not there'
        )
    return f'cannot be executed: {error.strerror}'
