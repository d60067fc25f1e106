# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.profiles.devices."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.exceptions import InvalidSerialNumberError
from awscli_mfa_plugin.profiles.devices import (
    account_of,
    check_serial_number,
    partition_of,
)
from tests.unit.names import SERIAL


@pytest.mark.parametrize(
    'serial_number',
    [
        SERIAL,
        'arn:aws-cn:iam::123456789012:mfa/name',
        'arn:aws-us-gov:iam::123456789012:mfa/name',
        'arn:aws:iam::123456789012:mfa/path/to/name@example.com',
        'arn:aws:iam::123456789012:mfa/u2f/name',
        'arn:aws:iam::123456789012:mfa/user/name',
        'GAHT12345678',
        '123456789',
        'x' * 256,
    ],
)
def test_serial_numbers_that_sts_takes(serial_number: str) -> None:
    """Virtual devices of every partition and hardware are taken."""
    check_serial_number(serial_number)


@pytest.mark.parametrize(
    ('serial_number', 'words'),
    [
        ('arn:aws:iam::123456789012:u2f/user/name/key-AB', 'FIDO'),
        ('arn:aws-cn:iam::123456789012:u2f/user/name/key', 'FIDO'),
        ('arn:aws:iam::123456789012:user/name', 'mfa/ in that place'),
        ('arn:aws-us-gov:iam::123456789012:user/name', 'list-mfa-devices'),
        ('12345678', 'neither an ARN'),
        ('x' * 257, 'neither an ARN'),
        ('GAHT 12345678', 'neither an ARN'),
        ('GAHT12345678\n', 'neither an ARN'),
        ('arn:aws:iam::123456789012:mfa/n\u00e4me', 'neither an ARN'),
    ],
)
def test_serial_numbers_that_sts_does_not_take(
    serial_number: str, words: str
) -> None:
    """What AWS would refuse is explained before anything is sent."""
    with pytest.raises(InvalidSerialNumberError) as caught:
        check_serial_number(serial_number)
    assert words in str(caught.value)
    assert serial_number in str(caught.value)


@pytest.mark.parametrize(
    ('serial_number', 'partition'),
    [
        (SERIAL, 'aws'),
        ('arn:aws-cn:iam::123456789012:mfa/name', 'aws-cn'),
        ('arn:aws-us-gov:iam::123456789012:mfa/name', 'aws-us-gov'),
        ('GAHT12345678', 'aws'),
    ],
)
def test_partition(serial_number: str, partition: str) -> None:
    """The device's ARN names the partition."""
    assert partition_of(serial_number) == partition


@pytest.mark.parametrize(
    ('serial_number', 'account'),
    [
        (SERIAL, '123456789012'),
        ('arn:aws-cn:iam::210987654321:mfa/path/name', '210987654321'),
        ('GAHT12345678', None),
    ],
)
def test_account(serial_number: str, account: str | None) -> None:
    """The device's ARN names the account; hardware tells nothing."""
    assert account_of(serial_number) == account
