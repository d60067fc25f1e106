# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis.answers import check_answers
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    Home,
    long_term_credentials,
    make_profile,
    refused,
)
from tests.unit.names import OTHER_SERIAL, SERIAL

IDENTITY = (
    '<GetCallerIdentityResponse '
    'xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    '<GetCallerIdentityResult>'
    '<Arn>arn:aws:iam::123456789012:user/anna</Arn><UserId>A</UserId>'
    '<Account>123456789012</Account></GetCallerIdentityResult>'
    '<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>'
    '</GetCallerIdentityResponse>'
)


def devices(*serial_numbers: str) -> Answer:
    """Return IAM's answer that lists MFA devices."""
    members = ''.join(
        f'<member><UserName>anna</UserName><SerialNumber>{serial}'
        '</SerialNumber></member>'
        for serial in serial_numbers
    )
    return Answer(
        200,
        '<ListMFADevicesResponse '
        'xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        f'<ListMFADevicesResult><MFADevices>{members}</MFADevices>'
        '<IsTruncated>false</IsTruncated></ListMFADevicesResult>'
        '</ListMFADevicesResponse>',
    )


@pytest.fixture
def aws(sts: FakeSTS, monkeypatch: pytest.MonkeyPatch) -> FakeSTS:
    """Give an AWS that answers calls to IAM as well."""
    monkeypatch.setenv('AWS_ENDPOINT_URL_IAM', sts.url)
    return sts


def check(home: Home) -> list[str]:
    """Return what AWS's answers tell."""
    connection = STSConnection(home.session(), region_name='eu-central-1')
    return [
        f'{found.status}: {found.message} -> {found.remedy}'
        for found in check_answers(
            connection, make_profile(), long_term_credentials(), None
        )
    ]


def test_everything_is_right(home: Home, aws: FakeSTS) -> None:
    """The key, the clock and the device are each a line."""
    aws.answers += [
        Answer(200, IDENTITY, timedelta()),
        devices(OTHER_SERIAL, SERIAL),
    ]
    assert check(home) == [
        f'ok: STS at {aws.url} (region eu-central-1) accepts the access key '
        'as arn:aws:iam::123456789012:user/anna. -> ',
        "ok: This computer's clock agrees with AWS's. -> ",
        'ok: IAM knows the MFA device (virtual). -> ',
    ]


@pytest.mark.parametrize(
    ('ahead', 'expected'),
    [
        (timedelta(minutes=-2), "warning: This computer's clock is 2 minutes"),
        (timedelta(minutes=9), "problem: This computer's clock is 9 minutes"),
    ],
)
def test_a_wrong_clock(
    home: Home, aws: FakeSTS, ahead: timedelta, expected: str
) -> None:
    """AWS tolerates five minutes; less is worth a word."""
    aws.answers += [Answer(200, IDENTITY, ahead), devices(SERIAL)]
    found = check(home)[1]
    assert found.startswith(expected)
    assert ('slow' if ahead > timedelta() else 'fast') in found


def test_a_refused_key(home: Home, aws: FakeSTS) -> None:
    """A deleted key leads to where a new one is stored."""
    aws.answers += [refused('no such token', 'InvalidClientTokenId')]
    (found,) = check(home)
    assert 'refuses the access key of profile work-long-term.' in found
    assert found.endswith('aws configure --profile work-long-term')


def test_no_network(home: Home, aws: FakeSTS) -> None:
    """An endpoint that hangs up is named."""
    aws.answers += [Answer(0, '')]
    (found,) = check(home)
    assert f'STS at {aws.url} (region eu-central-1) does not answer' in found


def test_an_unknown_device(home: Home, aws: FakeSTS) -> None:
    """The device that there is can be taken instead."""
    aws.answers += [Answer(200, IDENTITY), devices(OTHER_SERIAL)]
    assert check(home)[-1].endswith(
        'aws mfa list-devices --profile work; then: aws configure set '
        'mfa_serial ARN --profile work'
    )


def test_iam_does_not_tell(home: Home, aws: FakeSTS) -> None:
    """A policy may forbid to ask, which is no problem."""
    aws.answers += [Answer(200, IDENTITY), refused('not authorized')]
    assert check(home)[-1].startswith('warning: IAM does not tell')


def test_another_refusal(home: Home, aws: FakeSTS) -> None:
    """Nobody is told to store a key again that is good."""
    aws.answers += [refused('Rate exceeded', 'Throttling')]
    (found,) = check(home)
    assert 'refuses the call' in found
    assert 'aws configure' not in found
