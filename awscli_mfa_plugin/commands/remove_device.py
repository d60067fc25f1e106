# SPDX-License-Identifier: Apache-2.0
"""``aws mfa remove-device``."""

from __future__ import annotations

import sys
from typing import Any

from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.devices import device_of, device_owner
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.commands.selection import mfa_profiles
from awscli_mfa_plugin.credentials.turns import agrees
from awscli_mfa_plugin.exceptions import UsageError, as_argument
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.devices import VIRTUAL, kind_of


class RemoveDeviceCommand(MFABasicCommand):
    """Take an MFA device away from a profile's IAM user."""

    NAME = 'remove-device'
    DESCRIPTION = from_file('mfa', 'remove-device', '_description.rst')
    EXAMPLES = from_file('mfa', 'remove-device', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'serial-number',
            'help_text': (
                'The MFA device to remove; by default the '
                '<code>mfa_serial</code> of the profile.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        name = self._session.get_config_variable('profile') or 'default'
        terminal = Terminal()
        if not terminal.is_available():
            raise UsageError(
                msg=(
                    'aws mfa remove-device asks before it removes anything. '
                    'Run it in a terminal of your own.'
                )
            )
        owner = device_owner(self._session, parsed_globals, name)
        device = device_of(owner, parsed_args.serial_number, terminal)
        left = sorted(
            user
            for user, profile in mfa_profiles(self._session).items()
            if profile.serial_number == device
        )
        if left:
            terminal.tell(
                f'Profiles that are left without an MFA device: '
                f'{", ".join(left)}'
            )
        if not agrees(terminal, f'Remove {device}?'):
            raise UsageError(msg='Nothing was removed.')
        # AWS's policies want MFA for it, with whichever device.
        iam = owner.iam_with_mfa(owner.profile or owner.profile_with(device))
        iam.deactivate_device(iam.user(), device)
        say(f'{device} is no MFA device of yours any more.\n')
        if kind_of(device) == VIRTUAL:
            try:
                iam.delete_device(device)
            except BotoCoreError:
                say(
                    'AWS did not let it be deleted, so its name stays taken. '
                    'An administrator can delete it: aws iam '
                    'delete-virtual-mfa-device --serial-number '
                    f'{as_argument(device)}\n',
                    sys.stderr,
                )
        if left:
            say(
                'To enroll another one: aws mfa enroll --profile '
                f'{as_argument(name)}\n'
            )
        return 0
