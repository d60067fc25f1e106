# SPDX-License-Identifier: Apache-2.0
"""``aws mfa list-devices``."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.devices import device_owner
from awscli_mfa_plugin.commands.output import show
from awscli_mfa_plugin.commands.selection import mfa_profiles
from awscli_mfa_plugin.credentials.iam import MFADevice
from awscli_mfa_plugin.profiles.devices import kind_of
from awscli_mfa_plugin.temporary_credentials import format_time


class ListDevicesCommand(MFABasicCommand):
    """Show the MFA devices of a profile's IAM user."""

    NAME = 'list-devices'
    DESCRIPTION = from_file('mfa', 'list-devices', '_description.rst')
    EXAMPLES = from_file('mfa', 'list-devices', '_examples.rst')

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        name = self._session.get_config_variable('profile') or 'default'
        owner = device_owner(self._session, parsed_globals, name)
        users = _users_by_device(self._session)
        devices = [
            _describe(device, users.get(device.serial_number, []))
            for device in owner.iam().devices()
        ]
        show(
            self._session,
            parsed_globals,
            self.NAME,
            {'MFADevices': devices},
        )
        return 0


def _users_by_device(session: Any) -> dict[str, list[str]]:
    """Return the names of the profiles that use a device."""
    found: dict[str, list[str]] = {}
    for name, profile in sorted(mfa_profiles(session).items()):
        found.setdefault(profile.serial_number, []).append(name)
    return found


def _describe(device: MFADevice, used_by: list[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        'SerialNumber': device.serial_number,
        'Kind': kind_of(device.serial_number),
        'Profiles': used_by,
    }
    if device.enable_date is not None:
        described['EnableDate'] = format_time(device.enable_date)
    return described
