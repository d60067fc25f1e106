# SPDX-License-Identifier: Apache-2.0
"""``aws mfa resync``."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.cache.used_codes import note_used
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.devices import device_of, device_owner
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.credentials.making import MAX_ATTEMPTS
from awscli_mfa_plugin.credentials.mfa_process import code_source_of
from awscli_mfa_plugin.exceptions import UsageError
from awscli_mfa_plugin.exceptions.answers import ConsecutiveCodesRefusedError
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
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
        owner = device_owner(self._session, parsed_globals, name)
        device = device_of(owner, parsed_args.serial_number, terminal)
        source = code_source_of(owner.profile_with(device), terminal)
        try:
            source.check_available()
        except NoTerminalError:
            raise UsageError(
                msg=(
                    'aws mfa resync asks for two codes. Run it in a terminal '
                    'of your own.'
                )
            ) from None
        iam = owner.iam()
        user = iam.user()
        with source.turn_at_terminal():
            for attempt in range(1, MAX_ATTEMPTS + 1):
                codes = source.consecutive_codes(device)
                try:
                    iam.resync_device(user, device, codes)
                    break
                except ConsecutiveCodesRefusedError as error:
                    if attempt == MAX_ATTEMPTS or not source.ask_again_after(
                        error.remedy
                    ):
                        raise
                finally:
                    note_used(device, codes[1])
        say(
            f'AWS has taken over the clock of {device}. Both codes are used: '
            'log in with the next one.\n'
        )
        return 0
