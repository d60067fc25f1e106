# SPDX-License-Identifier: Apache-2.0
"""What ``awscli-mfa`` needs when a session does not answer at once.

It imports the standard library only, and ``program`` where there is
botocore: the Python that runs ``awscli-mfa`` may have neither that nor the
AWS CLI.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from awscli_mfa_plugin import __version__
from awscli_mfa_plugin.cache.cli import find_cli

# The profiles that this "aws" was started for, one a line: the
# credential_process of one may ask for another.
GUARD_VARIABLE = 'AWS_MFA_CREDENTIALS_FOR'


def has_botocore() -> bool:
    """Tell whether sessions can be had without the AWS CLI."""
    if sys.flags.no_site:
        # The launcher leaves this out, which a quick answer does not need.
        import site

        site.main()
    return importlib.util.find_spec('botocore') is not None


def run(
    arguments: Sequence[str],
    answer: Callable[[str, str | None, bool], int],
) -> int:
    """Run any command line and return an exit code.

    :param answer: Answers ``credentials`` and ``status --short``, given
        the command, the profile and whether it is to be short.
    :raises SystemExit: Help or the version has been printed, or an error.
    """
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
    credentials.add_argument('--profile', help='by default AWS_PROFILE')
    enable = commands.add_parser(
        'enable', help='let every AWS CLI on PATH load the plugin'
    )
    enable.add_argument(
        '--dry-run', action='store_true', help='show what would change'
    )
    enable.add_argument(
        '--aws',
        action='append',
        metavar='PATH',
        help='an "aws" to enable, in the place of those on PATH',
    )
    disable = commands.add_parser('disable', help='undo that')
    for command in (enable, disable):
        command.set_defaults(run=_install)
    completion = commands.add_parser(
        'completion', help='print what lets a shell complete the commands'
    )
    completion.add_argument('shell', choices=('bash', 'fish', 'zsh'))
    completion.set_defaults(
        run=lambda parsed: _print_completion(parsed.shell, commands.choices)
    )
    if has_botocore():
        from awscli_mfa_plugin.program import add_parsers

        add_parsers(commands)
    else:
        doctor = commands.add_parser(
            'doctor', help='check the set-up of the AWS CLIs'
        )
        doctor.add_argument('--profile', help='by default AWS_PROFILE')
        doctor.set_defaults(run=_check_without_botocore)
        status = commands.add_parser(
            'status', help='print how long a session lasts'
        )
        status.add_argument('--profile', help='by default AWS_PROFILE')
        status.add_argument(
            '--short',
            action='store_true',
            help='"PROFILE 3h12m" for a shell prompt, or nothing',
        )
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as end:
        # Python would write what argparse has printed only at its end.
        raise SystemExit(end.code or _show('')) from None
    if 'run' in parsed and not getattr(parsed, 'short', False):
        first = os.environ.get('AWS_PROFILE')
        second = os.environ.get('AWS_DEFAULT_PROFILE')
        if _takes_profile(parsed) and first and second and first != second:
            return fail_between(first, second, parsed.command)
        return int(parsed.run(parsed))
    return answer(
        parsed.command, parsed.profile, getattr(parsed, 'short', False)
    )


def _takes_profile(parsed: argparse.Namespace) -> bool:
    """Tell whether a command is for the profile of the environment."""
    # Without the option, "status" shows the sessions of all profiles.
    return (
        getattr(parsed, 'profile', '') is None
        and parsed.command != 'status'
        and not getattr(parsed, 'all', False)
    )


def _install(parsed: argparse.Namespace) -> int:
    from awscli_mfa_plugin.installation import enable as installation

    return int(getattr(installation, parsed.command)(parsed))


def _check_without_botocore(parsed: argparse.Namespace) -> int:
    """Check what can be, or have an AWS CLI check the whole."""
    from awscli_mfa_plugin.installation.clis import find_clis, try_clis

    clis = find_clis()
    for cli, trial in zip(clis, try_clis(clis)):
        if trial.loads:
            command = [cli.path, 'mfa', 'doctor']
            if parsed.profile:
                command += ['--profile', parsed.profile]
            return subprocess.call(command)
    from awscli_mfa_plugin.diagnosis import page

    checks = page.all_checks([page.PROFILE_NOT_CHECKED])
    return _show(page.format_page(checks)) or page.exit_code(checks)


def _print_completion(
    shell: str, parsers: Mapping[str, argparse.ArgumentParser]
) -> int:
    from awscli_mfa_plugin.host.shell_completion import script

    # The help pages are the one public list of a parser's options.
    options = {
        name: re.findall(r'^  (?:-h, )?--([\w-]+)', parser.format_help(), re.M)
        for name, parser in parsers.items()
    }
    return _show(script(shell, options))


def _show(text: str) -> int:
    """Print a text and return an exit code."""
    from awscli_mfa_plugin.exceptions.commands import (
        OutputError,
        ReaderGoneError,
    )
    from awscli_mfa_plugin.host.streams import print_text

    try:
        print_text(text)
    except ReaderGoneError:
        return 1
    except OutputError as error:
        return fail(str(error))
    return 0


def get_session(profile: str) -> int:
    """Print a profile's credentials, which nothing noted, or say why not.

    With botocore this process gets them, otherwise the AWS CLI that has
    the plugin. Either asks for a code on the terminal itself: an SDK
    swallows standard error and may have something else on standard input.
    """
    handed_over = os.environ.get(GUARD_VARIABLE, '').splitlines()
    if profile in handed_over:
        return fail(
            f'The credential_process of profile {profile} needs the '
            f'access key it is to get a session for. Put the key into '
            f'profile {profile}-long-term.'
        )
    environ = {
        **os.environ,
        GUARD_VARIABLE: '\n'.join([*handed_over, profile]),
    }
    # The provider of the environment's keys comes before the profile's.
    for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):
        environ.pop(name, None)
    if has_botocore():
        from awscli_mfa_plugin.program import print_credentials

        os.environ.clear()
        os.environ.update(environ)
        return print_credentials(profile)
    aws = find_cli()
    if aws is None:
        return fail(
            'There is no "aws" on PATH to get a session with. Install the '
            'AWS CLI, or start a session where it is: '
            f'aws mfa login --profile {profile}'
        )
    command = [*aws, 'mfa', 'export-credentials', '--profile', profile]
    try:
        if os.name == 'nt':
            # execve() would start another process, and the SDK would not
            # wait for it.
            return subprocess.call(command, env=environ)
        # Replace this process: an SDK that gives up then ends "aws"
        # itself, and no prompt is left behind on the terminal.
        os.execve(command[0], command, environ)
    except OSError as error:
        return fail(
            f'{command[0]} cannot be run: {error.strerror}. Install the AWS '
            'CLI again, or start a session where it is: '
            f'aws mfa login --profile {profile}'
        )
    raise AssertionError('execve() does not return')


def fail_between(first: str, second: str, command: str) -> int:
    """Say that the environment names two profiles; return an exit code."""
    return fail(
        f'AWS_PROFILE is {first}, but AWS_DEFAULT_PROFILE is {second}, and '
        'not every AWS CLI takes the same one. Name a profile: '
        f'awscli-mfa {command} --profile {first}'
    )


def fail(message: str) -> int:
    """Print what is wrong and return an exit code."""
    # Imported here: what follows seldom fails.
    from awscli_mfa_plugin.host.wrapping import say_on_stderr

    say_on_stderr(message)
    return 1
