# SPDX-License-Identifier: Apache-2.0
"""``aws mfa resync``."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.commands.awscli_parts import uni_print
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.devices import device_of, device_owner
from awscli_mfa_plugin.credentials.fetcher import MAX_ATTEMPTS
from awscli_mfa_plugin.credentials.token_code import ask_token_code
from awscli_mfa_plugin.exceptions import (
    ConsecutiveCodesRefusedError,
    UsageError,
)
from awscli_mfa_plugin.host.terminal import Terminal


class ResyncCommand(MFABasicCommand):
    """Have AWS find out how wrong a device's clock is."""

    NAME = 'resync'
    DESCRIPTION = from_file('mfa', 'resync', '_description.rst')
    EXAMPLES = from_file('mfa', 'resync', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'serial-number',
            'help_text': (
                'The MFA device; by default the <code>mfa_serial</code> of '
                'the profile.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        name = self._session.get_config_variable('profile') or 'default'
        terminal = Terminal()
        if not terminal.is_available():
            raise UsageError(
                msg=(
                    'aws mfa resync asks for two codes. Run it in a terminal '
                    'of your own.'
                )
            )
        owner = device_owner(self._session, parsed_globals, name)
        device = device_of(owner, parsed_args.serial_number, terminal)
        iam = owner.iam()
        user = iam.user()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            codes = (
                ask_token_code(terminal, f'Enter MFA code for {device}: '),
                ask_token_code(terminal, 'Enter the code that follows it: '),
            )
            try:
                iam.resync_device(user, device, codes)
                break
            except ConsecutiveCodesRefusedError as error:
                if attempt == MAX_ATTEMPTS:
                    raise
                terminal.tell(error.remedy)
        uni_print(
            f'AWS has taken over the clock of {device}. Both codes are used: '
            'log in with the next one.\n'
        )
        return 0
