# SPDX-License-Identifier: Apache-2.0
"""``aws mfa``: the group of commands."""

from __future__ import annotations

import sys
from typing import Any

from awscli_mfa_plugin.commands.awscli_parts import uni_print
from awscli_mfa_plugin.commands.base import (
    MFABasicCommand,
    from_file,
    summary_of,
)
from awscli_mfa_plugin.exceptions import UsageError


class MFACommand(MFABasicCommand):
    """``aws mfa``, which does nothing without a subcommand."""

    NAME = 'mfa'
    DESCRIPTION = from_file('mfa', '_description.rst')
    SYNOPSIS = 'aws mfa <subcommand> [parameters]'

    @property
    def SUBCOMMANDS(self) -> list[dict[str, Any]]:
        # A property, so that only "aws mfa" imports its subcommands.
        from awscli_mfa_plugin.commands.configure_sdk import (
            ConfigureSDKCommand,
        )
        from awscli_mfa_plugin.commands.enroll import EnrollCommand
        from awscli_mfa_plugin.commands.exec_command import ExecCommand
        from awscli_mfa_plugin.commands.export_credentials import (
            ExportCredentialsCommand,
        )
        from awscli_mfa_plugin.commands.import_aws_mfa import (
            ImportAWSMFACommand,
        )
        from awscli_mfa_plugin.commands.list_devices import ListDevicesCommand
        from awscli_mfa_plugin.commands.login import LoginCommand
        from awscli_mfa_plugin.commands.logout import LogoutCommand
        from awscli_mfa_plugin.commands.remove_device import (
            RemoveDeviceCommand,
        )
        from awscli_mfa_plugin.commands.resync import ResyncCommand
        from awscli_mfa_plugin.commands.status import StatusCommand

        return [
            {'name': command.NAME, 'command_class': command}
            for command in (
                LoginCommand,
                StatusCommand,
                LogoutCommand,
                ExecCommand,
                ExportCredentialsCommand,
                ConfigureSDKCommand,
                ImportAWSMFACommand,
                ListDevicesCommand,
                EnrollCommand,
                ResyncCommand,
                RemoveDeviceCommand,
            )
        ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        from awscli_mfa_plugin.installation.copy import note_if_older

        note = note_if_older()
        if note is not None:
            uni_print(f'{note}\n', sys.stderr)
        lines = [
            f'  {sub["name"]:<20}{summary_of(sub["command_class"])}'
            for sub in self.SUBCOMMANDS
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
