# SPDX-License-Identifier: Apache-2.0
"""``aws mfa``: the group of commands."""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

from awscli_mfa_plugin.commands.base import (
    MFABasicCommand,
    from_file,
    summary_of,
)
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.exceptions import UsageError

# The module and the class of each subcommand, in the order of the help page.
_SUBCOMMANDS = {
    'login': ('login', 'LoginCommand'),
    'status': ('status', 'StatusCommand'),
    'logout': ('logout', 'LogoutCommand'),
    'exec': ('exec_command', 'ExecCommand'),
    'export-credentials': ('export_credentials', 'ExportCredentialsCommand'),
    'configure-sdk': ('configure_sdk', 'ConfigureSDKCommand'),
    'import-aws-mfa': ('import_aws_mfa', 'ImportAWSMFACommand'),
    'list-devices': ('list_devices', 'ListDevicesCommand'),
    'enroll': ('enroll', 'EnrollCommand'),
    'resync': ('resync', 'ResyncCommand'),
    'remove-device': ('remove_device', 'RemoveDeviceCommand'),
    'doctor': ('doctor', 'DoctorCommand'),
}


def _load_class(name: str) -> Any:
    """Return the class of a subcommand, which is imported for that."""
    module, class_name = _SUBCOMMANDS[name]
    path = f'{__package__}.{module}'
    return getattr(importlib.import_module(path), class_name)


class _Place:
    """The place of a subcommand in the CLI's table, until it is used.

    :ivar lineage: The commands that lead to it, which the CLI sets.
    """

    def __init__(self, name: str, session: Any) -> None:
        self.lineage = [self]
        self._name = name
        self._session = session
        self._command: Any = None

    def __call__(self, args: Any, parsed_globals: Any) -> Any:
        return self._load()(args, parsed_globals)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)

    def _load(self) -> Any:
        if self._command is None:
            self._command = _load_class(self._name)(self._session)
            self._command.lineage = [*self.lineage[:-1], self._command]
        return self._command


class MFACommand(MFABasicCommand):
    """``aws mfa``, which does nothing without a subcommand."""

    NAME = 'mfa'
    DESCRIPTION = from_file('mfa', '_description.rst')
    SYNOPSIS = 'aws mfa <subcommand> [parameters]'

    SUBCOMMANDS: list[dict[str, Any]] = [
        {'name': name, 'command_class': functools.partial(_Place, name)}
        for name in _SUBCOMMANDS
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        from awscli_mfa_plugin.installation.copy import note_if_older

        note = note_if_older()
        if note is not None:
            say(f'{note}\n', sys.stderr)
        lines = [
            f'  {name:<20}{summary_of(_load_class(name))}'
            for name in _SUBCOMMANDS
        ]
        raise UsageError(
            msg='\n'.join(
                (
                    'aws mfa needs one of:\n',
                    *lines,
                    '\nFor more about one of them: aws mfa SUBCOMMAND help',
                )
            )
        )
