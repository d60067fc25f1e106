# SPDX-License-Identifier: Apache-2.0
"""The calls to IAM about the MFA devices of the caller."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from awscli_mfa_plugin.credentials.refusals import (
    UNREADABLE,
    as_from_aws,
    explain_refusal,
)
from awscli_mfa_plugin.credentials.secret_calls import one_attempt
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.totp import Seed
from awscli_mfa_plugin.exceptions.answers import (
    ConsecutiveCodesRefusedError,
    DeviceBusyError,
    DeviceNameTakenError,
    IAMAnswerLostError,
    STSRefusedError,
    TooManyDevicesError,
    UnreadableIAMAnswerError,
)
from awscli_mfa_plugin.exceptions.profiles import NotIAMUserError
from awscli_mfa_plugin.host.secrecy import unrecorded
from awscli_mfa_plugin.profiles.settings import MFAProfile

# The calls that bring a seed or carry codes. They are made once: a seed is
# given once, and a code works once.
_ONCE = ('CreateVirtualMFADevice', 'EnableMFADevice', 'ResyncMFADevice')

_REFUSALS = {
    'ConcurrentModification': DeviceBusyError,
    'EntityTemporarilyUnmodifiable': DeviceBusyError,
    'InvalidAuthenticationCode': ConsecutiveCodesRefusedError,
    'LimitExceeded': TooManyDevicesError,
}

# EnableMFADevice says so when the device is enabled already.
_NAME_TAKEN = 'EntityAlreadyExists'

_USER_ARN = re.compile(
    r'arn:(?P<partition>[^:]+):iam::(?P<account>\d+):user/'
    r'(?:.*/)?(?P<name>[^/]+)'
)


@dataclass(frozen=True)
class IAMUser:
    """The IAM user whose access key it is."""

    name: str
    account: str
    partition: str

    def device(self, name: str) -> str:
        """Return the ARN of a virtual MFA device of that name."""
        return f'arn:{self.partition}:iam::{self.account}:mfa/{name}'


@dataclass(frozen=True)
class MFADevice:
    """An MFA device that is enabled."""

    serial_number: str
    enable_date: datetime | None


@dataclass(frozen=True)
class NewDevice:
    """A virtual MFA device that is not enabled yet."""

    serial_number: str
    seed: Seed


class IAMConnection:
    """How IAM is called with the credentials of one IAM user.

    :param sts: Tells the session, the region and the endpoint.
    :param profile: Of which refusals are told.
    :param credentials: ``botocore.credentials.Credentials``.
    """

    def __init__(
        self, sts: STSConnection, profile: MFAProfile, credentials: Any
    ) -> None:
        self._sts = sts
        self._profile = profile
        self._credentials = credentials

    def user(self) -> IAMUser:
        """Return whose the credentials are. No policy can deny that.

        :raises NotIAMUserError: They are root's, or those of a role.
        """
        arn = self._call('GetCallerIdentity', 'sts')['Arn']
        match = _USER_ARN.fullmatch(arn)
        if match is None:
            raise NotIAMUserError(
                long_term_profile=self._profile.long_term_profile, arn=arn
            )
        return IAMUser(match['name'], match['account'], match['partition'])

    def devices(self) -> list[MFADevice]:
        """Return the user's MFA devices that are enabled.

        AWS's policy for forced MFA allows this without MFA. A user has
        eight of them at most, which are one page.
        """
        return [
            MFADevice(device['SerialNumber'], device.get('EnableDate'))
            for device in self._call('ListMFADevices')['MFADevices']
        ]

    def create_device(self, name: str) -> NewDevice:
        """Create a virtual MFA device, which is the user's once enabled.

        This is the only call that gives its seed.

        :raises DeviceNameTakenError: There is one of that name.
        """
        device = self._call(
            'CreateVirtualMFADevice', VirtualMFADeviceName=name
        )['VirtualMFADevice']
        return NewDevice(
            device['SerialNumber'], Seed(device['Base32StringSeed'].decode())
        )

    def enable_device(
        self, user: IAMUser, serial_number: str, codes: tuple[str, str]
    ) -> None:
        """Make a virtual MFA device one of the user's.

        :param codes: Two that follow each other.
        """
        self._call_with_codes('EnableMFADevice', user, serial_number, codes)

    def resync_device(
        self, user: IAMUser, serial_number: str, codes: tuple[str, str]
    ) -> None:
        """Have AWS find out how far a device's clock is from its own.

        :param codes: Two that follow each other.
        """
        self._call_with_codes('ResyncMFADevice', user, serial_number, codes)

    def deactivate_device(self, user: IAMUser, serial_number: str) -> None:
        """Take an MFA device away from the user."""
        self._call(
            'DeactivateMFADevice',
            UserName=user.name,
            SerialNumber=serial_number,
        )

    def delete_device(self, serial_number: str) -> None:
        """Delete a virtual MFA device that is no user's."""
        self._call('DeleteVirtualMFADevice', SerialNumber=serial_number)

    def _call_with_codes(
        self,
        operation_name: str,
        user: IAMUser,
        serial_number: str,
        codes: tuple[str, str],
    ) -> None:
        self._call(
            operation_name,
            UserName=user.name,
            SerialNumber=serial_number,
            AuthenticationCode1=codes[0],
            AuthenticationCode2=codes[1],
        )

    def _call(
        self, operation_name: str, service: str = 'iam', **parameters: str
    ) -> Any:
        """Call AWS with nothing of it in a log or the CLI's history.

        :raises STSRefusedError: AWS refused; the class says what is known.
        :raises UnreadableIAMAnswerError: It was not AWS that answered.
        :raises IAMAnswerLostError: The call was sent, and no answer came.
        :raises BotoCoreError: AWS could not be reached.
        """
        with unrecorded():
            client = self._sts.create_client(
                service,
                self._profile,
                self._credentials,
                one_attempt() if operation_name in _ONCE else None,
            )
            method = getattr(client, xform_name(operation_name))
            try:
                with as_from_aws():
                    return method(**parameters)
            except ClientError as error:
                raise self._explain(operation_name, error) from None
            except UNREADABLE:
                # The message may quote the response, the seed included.
                raise UnreadableIAMAnswerError() from None
            except (ConnectionClosedError, ReadTimeoutError) as error:
                if operation_name not in _ONCE:
                    raise
                raise IAMAnswerLostError(
                    profile=self._profile.name, reason=str(error).rstrip('.')
                ) from None

    def _explain(
        self, operation_name: str, error: ClientError
    ) -> STSRefusedError:
        code = error.response['Error']['Code']
        kind = _REFUSALS.get(code)
        if code == _NAME_TAKEN and operation_name == 'CreateVirtualMFADevice':
            kind = DeviceNameTakenError
        if kind is None:
            return explain_refusal(error, self._profile)
        return kind(error, profile=self._profile.name)


def is_denied(error: STSRefusedError) -> bool:
    """Tell whether it is a policy that forbids a call."""
    code: str = error.response['Error']['Code']
    return code == 'AccessDenied'
