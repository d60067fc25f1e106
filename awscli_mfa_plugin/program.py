# SPDX-License-Identifier: Apache-2.0
"""Commands of ``aws mfa`` as ``awscli-mfa`` has them, with botocore alone.

They are the same commands: where the AWS CLI is missing, or loads no
plugins, this module stands in its place. It gives them a parser, a session
and the options that the AWS CLI has for every command.
"""

from __future__ import annotations

import argparse
import logging
import re
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
)
from botocore.session import Session

from awscli_mfa_plugin.cache.cli import find_cli
from awscli_mfa_plugin.chain import insert_providers
from awscli_mfa_plugin.commands.base import summary_of
from awscli_mfa_plugin.commands.doctor import DoctorCommand
from awscli_mfa_plugin.commands.enroll import EnrollCommand
from awscli_mfa_plugin.commands.export_credentials import format_credentials
from awscli_mfa_plugin.commands.exported import get_credentials
from awscli_mfa_plugin.commands.list_devices import ListDevicesCommand
from awscli_mfa_plugin.commands.login import LoginCommand
from awscli_mfa_plugin.commands.logout import LogoutCommand
from awscli_mfa_plugin.commands.remove_device import RemoveDeviceCommand
from awscli_mfa_plugin.commands.resync import ResyncCommand
from awscli_mfa_plugin.commands.status import StatusCommand
from awscli_mfa_plugin.exceptions.commands import ReaderGoneError
from awscli_mfa_plugin.exceptions.files import CutOffFileError
from awscli_mfa_plugin.host.streams import print_text
from awscli_mfa_plugin.host.wrapping import say_on_stderr

_COMMANDS: tuple[Any, ...] = (
    LoginCommand,
    LogoutCommand,
    StatusCommand,
    ListDevicesCommand,
    EnrollCommand,
    ResyncCommand,
    RemoveDeviceCommand,
    DoctorCommand,
)

# argparse takes these settings of an argument as they are.
_FOR_ARGPARSE = ('action', 'choices', 'default', 'nargs', 'const')

# The exit codes of the AWS CLI v1.
_INTERRUPTED = 130
_FAILED = 255


def add_parsers(commands: Any) -> None:
    """Add the commands to a parser's subcommands."""
    for command in _COMMANDS:
        parser = commands.add_parser(command.NAME, help=summary_of(command))
        for argument in command.ARG_TABLE:
            parser.add_argument(
                f'--{argument["name"]}',
                help=re.sub('<[^>]+>', '', argument['help_text']),
                **{
                    name: argument[name]
                    for name in _FOR_ARGPARSE
                    if name in argument
                },
            )
        _add_global_options(parser)
        parser.set_defaults(run=lambda parsed, c=command: _run(c, parsed))


def print_credentials(profile: str) -> int:
    """Print a profile's credentials as credential_process wants them."""

    def print_them() -> int:
        session = Session()
        _check_files(session)
        session.set_config_variable('profile', profile)
        insert_providers(session)
        credentials = get_credentials(session)
        print_text(format_credentials(credentials, 'process'))
        return 0

    return _report_errors(print_them)


def _add_global_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--profile', help='by default AWS_PROFILE')
    parser.add_argument('--region')
    parser.add_argument('--endpoint-url')
    parser.add_argument('--ca-bundle', dest='verify_ssl')
    parser.add_argument(
        '--no-verify-ssl', dest='verify_ssl', action='store_false'
    )
    parser.add_argument('--output', choices=['json'])
    parser.add_argument('--debug', action='store_true')
    parser.set_defaults(verify_ssl=None, query=None)


def _run(command: Any, parsed: argparse.Namespace) -> int:
    session = Session()
    if parsed.profile:
        session.set_config_variable('profile', parsed.profile)
    if parsed.debug:
        session.set_stream_logger('awscli_mfa_plugin', logging.DEBUG)

    def run_command() -> int:
        try:
            _check_files(session)
        except ConfigParseError:
            # botocore says so once. From then on profiles lack what the
            # credentials file has, and only these need no access key.
            if command not in (StatusCommand, LogoutCommand, DoctorCommand):
                raise
        return int(command(session)._run_main(parsed, parsed))

    return _report_errors(run_command)


def _check_files(session: Session) -> None:
    """Check that the config files are read to their end.

    Where reading one fails midway, Python before 3.13 leaves lists in the
    place of values, which botocore takes for texts.

    :raises CutOffFileError: One was not.
    :raises ConfigParseError: One makes no sense.
    """
    try:
        # It is kept: no later reading is another one.
        _ = session.full_config
    except AttributeError:
        raise CutOffFileError() from None


def _report_errors(call: Any) -> int:
    """Return what a call returns; print an error and return its exit code."""
    try:
        return int(call())
    except KeyboardInterrupt:
        return _INTERRUPTED
    except ReaderGoneError:
        return _FAILED
    except (BotoCoreError, ClientError) as error:
        text = str(error)
        if find_cli() is None:
            # The remedy names a command that this computer has.
            for command in _COMMANDS:
                text = text.replace(
                    f'aws mfa {command.NAME}', f'awscli-mfa {command.NAME}'
                )
        say_on_stderr(text)
        return _FAILED
