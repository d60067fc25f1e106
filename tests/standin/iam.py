# SPDX-License-Identifier: Apache-2.0
"""IAM: MFA devices are ours, the rest is MiniStack's.

MiniStack keeps MFA devices too, but makes seeds that are no base32 and
checks no code.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from xml.sax.saxutils import escape

from .backend import MiniStack
from .devices import DeviceState
from .messages import Answer, Refused, query_answer
from .world import ACCOUNT_ID, Key, World

#: Without a UserName these mean the caller; MiniStack takes root instead.
_ABOUT_ONESELF = frozenset(
    (
        'ChangePassword',
        'CreateAccessKey',
        'DeleteAccessKey',
        'GetUser',
        'ListAccessKeys',
        'ListMFADevices',
        'UpdateAccessKey',
    )
)

_MOST_DEVICES = 8


@dataclass(frozen=True)
class IAMCall:
    """One signed call that policy lets through."""

    world: World
    ministack: MiniStack
    key: Key
    operation: str
    parameters: dict[str, str]
    forward: Callable[[], Answer]

    def answer(self) -> Answer:
        """Answer or pass on; remember the access keys that come and go."""
        handlers = {
            'CreateVirtualMFADevice': self._create_device,
            'DeactivateMFADevice': self._deactivate_device,
            'DeleteVirtualMFADevice': self._delete_device,
            'EnableMFADevice': self._enable_device,
            'ListMFADevices': self._list_devices,
            'ListVirtualMFADevices': self._list_virtual_devices,
            'ResyncMFADevice': self._resync_device,
        }
        if self.operation in handlers:
            return handlers[self.operation]()
        answer = self._pass_on()
        if answer.status != 200:
            return answer
        if self.operation == 'CreateAccessKey':
            self.world.add_key(
                long_term_key(answer.body.decode(), self._user_name())
            )
        elif self.operation == 'DeleteAccessKey':
            self.world.remove_key(self.parameters['AccessKeyId'])
        return answer

    def _pass_on(self) -> Answer:
        if (
            self.operation in _ABOUT_ONESELF
            and 'UserName' not in self.parameters
            and self.key.user_name is not None
        ):
            parameters = {**self.parameters, 'UserName': self.key.user_name}
            return self.ministack.admin('iam', parameters=parameters)
        return self.forward()

    def _user_name(self) -> str:
        name = self.parameters.get('UserName') or self.key.user_name
        if name is None:
            raise Refused(
                'ValidationError',
                'Must specify userName when calling with non-User credentials',
                400,
            )
        return name

    def _device(self) -> DeviceState:
        serial_number = self.parameters.get('SerialNumber', '')
        device = self.world.devices.get(serial_number)
        if device is None:
            raise Refused(
                'NoSuchEntity',
                f'MFA Device with serial number {serial_number} does not '
                'exist.',
                404,
            )
        return device

    def _users_device(self) -> DeviceState:
        device = self._device()
        if device.user_name != self._user_name():
            raise Refused('NoSuchEntity', 'MFA Device invalid for user.', 404)
        return device

    def _create_device(self) -> Answer:
        path = self.parameters.get('Path', '/')
        name = self.parameters.get('VirtualMFADeviceName', '')
        device = self.world.add_device(
            f'arn:aws:iam::{ACCOUNT_ID}:mfa{path}{name}'
        )
        seed = base64.b64encode(device.seed.encode()).decode()
        return query_answer(
            'iam',
            self.operation,
            '<CreateVirtualMFADeviceResult><VirtualMFADevice>'
            f'<SerialNumber>{escape(device.serial_number)}</SerialNumber>'
            f'<Base32StringSeed>{seed}</Base32StringSeed>'
            '<QRCodePNG>UVI=</QRCodePNG>'
            '</VirtualMFADevice></CreateVirtualMFADeviceResult>',
        )

    def _enable_device(self) -> Answer:
        user_name = self._user_name()
        device = self._device()
        if len(self.world.devices_of(user_name)) >= _MOST_DEVICES:
            raise Refused(
                'LimitExceeded',
                f'Cannot exceed quota for MFADevicesPerUser: {_MOST_DEVICES}',
                409,
            )
        if device.user_name is not None:
            raise Refused(
                'EntityAlreadyExists', 'MFA Device is already in use.', 409
            )
        self._check_codes(device)
        device.user_name = user_name
        device.enabled = self.world.now()
        return query_answer('iam', self.operation, '')

    def _resync_device(self) -> Answer:
        self._check_codes(self._users_device())
        return query_answer('iam', self.operation, '')

    def _check_codes(self, device: DeviceState) -> None:
        device.check_consecutive(
            self.parameters.get('AuthenticationCode1', ''),
            self.parameters.get('AuthenticationCode2', ''),
        )

    def _deactivate_device(self) -> Answer:
        device = self._users_device()
        device.user_name = device.enabled = None
        return query_answer('iam', self.operation, '')

    def _delete_device(self) -> Answer:
        device = self._device()
        if device.user_name is not None:
            raise Refused(
                'DeleteConflict',
                'MFA VirtualDevice in use. Must deactivate first.',
                409,
            )
        del self.world.devices[device.serial_number]
        return query_answer('iam', self.operation, '')

    def _list_devices(self) -> Answer:
        user_name = self._user_name()
        if user_name not in self.world.users:
            raise Refused(
                'NoSuchEntity',
                f'The user with name {user_name} cannot be found.',
                404,
            )
        members = ''.join(
            f'<member><UserName>{escape(user_name)}</UserName>'
            f'<SerialNumber>{escape(device.serial_number)}</SerialNumber>'
            f'<EnableDate>{_date(device.enabled)}</EnableDate></member>'
            for device in self.world.devices_of(user_name)
        )
        return query_answer(
            'iam',
            self.operation,
            f'<ListMFADevicesResult><MFADevices>{members}</MFADevices>'
            '<IsTruncated>false</IsTruncated></ListMFADevicesResult>',
        )

    def _list_virtual_devices(self) -> Answer:
        wanted = self.parameters.get('AssignmentStatus', 'Any')
        members = ''
        for device in self.world.devices.values():
            assigned = device.user_name is not None
            if not device.serial_number.startswith('arn:') or wanted == (
                'Unassigned' if assigned else 'Assigned'
            ):
                continue
            serial_number = escape(device.serial_number)
            members += f'<member><SerialNumber>{serial_number}</SerialNumber>'
            if device.user_name is not None:
                user = self.world.users[device.user_name]
                members += (
                    f'<User><UserName>{escape(user.name)}</UserName>'
                    f'<Arn>{escape(user.arn)}</Arn></User>'
                    f'<EnableDate>{_date(device.enabled)}</EnableDate>'
                )
            members += '</member>'
        return query_answer(
            'iam',
            self.operation,
            '<ListVirtualMFADevicesResult><VirtualMFADevices>'
            f'{members}</VirtualMFADevices><IsTruncated>false</IsTruncated>'
            '</ListVirtualMFADevicesResult>',
        )


def long_term_key(text: str, user_name: str) -> Key:
    """The key in the answer to CreateAccessKey."""
    found = re.search(
        '<AccessKeyId>([^<]+)</AccessKeyId>.*'
        '<SecretAccessKey>([^<]+)</SecretAccessKey>',
        text,
        re.DOTALL,
    )
    if found is None:
        raise ValueError(f'MiniStack answered without a key: {text}')
    return Key(
        access_key_id=found.group(1),
        secret_access_key=found.group(2),
        session_token=None,
        kind='long-term',
        arn=f'arn:aws:iam::{ACCOUNT_ID}:user/{user_name}',
        user_name=user_name,
    )


def _date(timestamp: float | None) -> str:
    moment = datetime.fromtimestamp(timestamp or 0, timezone.utc)
    return f'{moment:%Y-%m-%dT%H:%M:%SZ}'
