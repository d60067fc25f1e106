# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.iam."""

from __future__ import annotations

import base64

import pytest

from awscli_mfa_plugin.credentials.iam import IAMConnection, IAMUser
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions.answers import (
    ConsecutiveCodesRefusedError,
    DeviceBusyError,
    DeviceNameTakenError,
    IAMAnswerLostError,
    LongTermKeyRefusedError,
    OtherSTSRefusalError,
    SilentRefusalError,
    TooManyDevicesError,
    UnreadableIAMAnswerError,
)
from awscli_mfa_plugin.exceptions.profiles import NotIAMUserError
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    Home,
    long_term_credentials,
    make_profile,
    refused,
)
from tests.unit.names import SERIAL

SEED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' * 2
CODES = ('123456', '234567')
USER = IAMUser('s3-cli-user', '123456789012', 'aws')


@pytest.fixture
def iam(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> IAMConnection:
    """Have IAM where STS is, and call it."""
    monkeypatch.setenv('AWS_ENDPOINT_URL_IAM', sts.url)
    return IAMConnection(
        STSConnection(home.session()), make_profile(), long_term_credentials()
    )


def identity(arn: str) -> Answer:
    """Return the answer to GetCallerIdentity."""
    return Answer(
        200,
        '<GetCallerIdentityResponse xmlns='
        '"https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f'<Arn>{arn}</Arn></GetCallerIdentityResult>'
        '</GetCallerIdentityResponse>',
    )


@pytest.mark.parametrize('path', ['', 'staff/berlin/'])
def test_user(iam: IAMConnection, sts: FakeSTS, path: str) -> None:
    """The ARN tells the names, and what a device would be called."""
    sts.answers = [identity(f'arn:aws-cn:iam::123456789012:user/{path}anna')]
    user = iam.user()
    assert user == IAMUser('anna', '123456789012', 'aws-cn')
    assert user.device('x') == 'arn:aws-cn:iam::123456789012:mfa/x'


@pytest.mark.parametrize(
    'arn',
    [
        'arn:aws:iam::123456789012:root',
        'arn:aws:sts::123456789012:assumed-role/admin/anna',
    ],
)
def test_no_user(iam: IAMConnection, sts: FakeSTS, arn: str) -> None:
    """Root and roles have no devices of this kind."""
    sts.answers = [identity(arn)]
    with pytest.raises(NotIAMUserError, match='which is no IAM user'):
        iam.user()


def test_new_device(
    iam: IAMConnection, sts: FakeSTS, caplog: pytest.LogCaptureFixture
) -> None:
    """The seed comes out of the answer, and into no log."""
    caplog.set_level(1)
    blob = base64.b64encode(SEED.encode()).decode()
    sts.answers = [
        Answer(
            200,
            '<CreateVirtualMFADeviceResponse xmlns='
            '"https://iam.amazonaws.com/doc/2010-05-08/">'
            '<CreateVirtualMFADeviceResult><VirtualMFADevice>'
            f'<SerialNumber>{SERIAL}</SerialNumber>'
            f'<Base32StringSeed>{blob}</Base32StringSeed>'
            '</VirtualMFADevice></CreateVirtualMFADeviceResult>'
            '</CreateVirtualMFADeviceResponse>',
        )
    ]
    device = iam.create_device('s3-cli-user')
    assert device.seed.base32 == SEED
    assert SEED not in repr(device)
    assert SEED not in caplog.text and blob not in caplog.text


@pytest.mark.parametrize(
    ('code', 'kind'),
    [
        ('InvalidAuthenticationCode', ConsecutiveCodesRefusedError),
        ('EntityTemporarilyUnmodifiable', DeviceBusyError),
        ('LimitExceeded', TooManyDevicesError),
        ('EntityAlreadyExists', OtherSTSRefusalError),
        ('AccessDenied', OtherSTSRefusalError),
        ('InvalidClientTokenId', LongTermKeyRefusedError),
    ],
)
def test_refusals(
    iam: IAMConnection, sts: FakeSTS, code: str, kind: type[Exception]
) -> None:
    """A call with codes is made once, and the refusal is explained."""
    sts.answers = [refused('No', code)]
    with pytest.raises(kind) as caught:
        iam.enable_device(USER, SERIAL, CODES)
    assert code in str(caught.value)
    assert not any(token in str(caught.value) for token in CODES)
    assert len(sts.requests) == 1


def test_name_taken(iam: IAMConnection, sts: FakeSTS) -> None:
    """The same code means something else when a device is created."""
    sts.answers = [refused('No', 'EntityAlreadyExists', 409)]
    with pytest.raises(DeviceNameTakenError, match='--device-name'):
        iam.create_device('x')


def test_lost_answer(iam: IAMConnection, sts: FakeSTS) -> None:
    """A change is not made twice, and the error says where to look."""
    sts.answers = [Answer(0, '')]
    with pytest.raises(IAMAnswerLostError, match='aws mfa list-devices'):
        iam.create_device('x')
    assert len(sts.requests) == 1


def test_a_refusal_without_a_word(iam: IAMConnection, sts: FakeSTS) -> None:
    """A compatible service may say neither who refuses nor why."""
    sts.answers = [
        Answer(403, '<Error><Code>AccessDenied</Code><Message/></Error>')
    ]
    with pytest.raises(SilentRefusalError):
        iam.devices()


def test_not_iam(iam: IAMConnection, sts: FakeSTS) -> None:
    """An answer of somebody in between is not quoted: it may hold a seed."""
    sts.answers = [Answer(200, f'a page with {SEED}')]
    with pytest.raises(UnreadableIAMAnswerError) as caught:
        iam.create_device('x')
    assert SEED not in str(caught.value)
