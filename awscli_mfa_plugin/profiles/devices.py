# SPDX-License-Identifier: Apache-2.0
"""MFA devices: what a serial number can be, and what it tells."""

from __future__ import annotations

import re

from awscli_mfa_plugin.exceptions import InvalidSerialNumberError

# GetSessionToken's pattern of SerialNumber:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_SERIAL_NUMBER = re.compile(r'[\w+=/:,.@-]{9,256}', re.ASCII)

# An ARN's partition and account, and the kind and name that it ends in.
_IAM_ARN = re.compile(
    r'arn:(?P<partition>[^:]+):iam:[^:]*:(?P<account>\d*):'
    r'(?P<kind>[^/]+)/(?P<name>.+)'
)


# The kinds of MFA devices. Codes come from the first two alone.
VIRTUAL = 'virtual'
HARDWARE = 'hardware'
FIDO = 'FIDO'


def kind_of(serial_number: str) -> str:
    """Return the kind of an MFA device.

    In GovCloud a hardware device has an ARN like a virtual one.
    """
    arn = _IAM_ARN.fullmatch(serial_number)
    if arn is None:
        return HARDWARE
    return FIDO if arn['kind'] == 'u2f' else VIRTUAL


def check_serial_number(serial_number: str) -> None:
    """Check that STS could take a serial number.

    :raises InvalidSerialNumberError: It cannot; the error says why.
    """
    reason = None
    arn = _IAM_ARN.fullmatch(serial_number)
    if arn is not None and arn['kind'] == 'u2f':
        reason = (
            'it is a FIDO security key or passkey, which AWS accepts only '
            'in the console. Add an authenticator app as a second MFA '
            'device and use its ARN.'
        )
    elif arn is not None and arn['kind'] == 'user':
        reason = (
            'it is the ARN of an IAM user. The ARN of an MFA device has '
            'mfa/ in that place; list yours with: aws iam list-mfa-devices'
        )
    elif _SERIAL_NUMBER.fullmatch(serial_number) is None:
        reason = (
            'it is neither an ARN like arn:aws:iam::123456789012:mfa/NAME '
            'nor the serial number of a hardware device.'
        )
    if reason is not None:
        raise InvalidSerialNumberError(
            serial_number=serial_number, reason=reason
        )


def partition_of(serial_number: str) -> str:
    """Return the partition an MFA device is in; ``aws`` for hardware."""
    arn = _IAM_ARN.fullmatch(serial_number)
    return 'aws' if arn is None else arn['partition']


def account_of(serial_number: str) -> str | None:
    """Return the account an MFA device is in; ``None`` for hardware."""
    arn = _IAM_ARN.fullmatch(serial_number)
    return None if arn is None else arn['account']
