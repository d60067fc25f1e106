# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.iam."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from awscli_mfa_plugin.credentials.iam import (
    IAMConnection,
    IAMUser,
    MFADevice,
    is_denied,
)
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.exceptions.answers import (
    ConsecutiveCodesRefusedError,
    DeviceBusyError,
    DeviceNameTakenError,
    IAMAnswerLostError,
    LongTermKeyRefusedError,
    OtherSTSRefusalError,
    SilentRefusalError,
    STSRefusedError,
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
from tests.unit.names import FIDO, SERIAL

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
    with pytest.raises(NotIAMUserError) as caught:
        iam.user()
    assert f'work-long-term are those of {arn}, which' in str(caught.value)


def test_devices(
    iam: IAMConnection, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes with the question, so it may be asked again."""
    # botocore waits for a random part of a second.
    monkeypatch.setattr('random.random', lambda: 0)
    sts.answers = [
        Answer(0, ''),
        Answer(
            200,
            '<ListMFADevicesResponse xmlns='
            '"https://iam.amazonaws.com/doc/2010-05-08/">'
            '<ListMFADevicesResult><MFADevices>'
            f'<member><SerialNumber>{SERIAL}</SerialNumber>'
            '<EnableDate>2026-11-24T06:00:00Z</EnableDate></member>'
            f'<member><SerialNumber>{FIDO}</SerialNumber></member>'
            '</MFADevices></ListMFADevicesResult></ListMFADevicesResponse>',
        ),
    ]
    assert iam.devices() == [
        MFADevice(SERIAL, datetime(2026, 11, 24, 6, tzinfo=timezone.utc)),
        MFADevice(FIDO, None),
    ]
    assert len(sts.requests) == 2


WITH_CODES = {
    'UserName': 's3-cli-user',
    'SerialNumber': SERIAL,
    'AuthenticationCode1': '123456',
    'AuthenticationCode2': '234567',
}


@pytest.mark.parametrize(
    ('call', 'parameters'),
    [
        (
            lambda iam: iam.enable_device(USER, SERIAL, CODES),
            {'Action': 'EnableMFADevice', **WITH_CODES},
        ),
        (
            lambda iam: iam.resync_device(USER, SERIAL, CODES),
            {'Action': 'ResyncMFADevice', **WITH_CODES},
        ),
        (
            lambda iam: iam.deactivate_device(USER, SERIAL),
            {
                'Action': 'DeactivateMFADevice',
                'UserName': 's3-cli-user',
                'SerialNumber': SERIAL,
            },
        ),
        (
            lambda iam: iam.delete_device(SERIAL),
            {'Action': 'DeleteVirtualMFADevice', 'SerialNumber': SERIAL},
        ),
    ],
)
def test_changes(
    iam: IAMConnection,
    sts: FakeSTS,
    call: Callable[[IAMConnection], None],
    parameters: dict[str, str],
) -> None:
    """AWS is told whose device it is, and the codes in their order."""
    sts.answers = [Answer(200, '<Response/>')]
    call(iam)
    (request,) = sts.requests
    assert request.parameters == {**parameters, 'Version': '2010-05-08'}


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
    assert (device.serial_number, device.seed.base32) == (SERIAL, SEED)
    assert SEED not in repr(device)
    assert SEED not in caplog.text and blob not in caplog.text


@pytest.mark.parametrize(
    ('code', 'kind', 'remedy'),
    [
        ('InvalidAuthenticationCode', ConsecutiveCodesRefusedError, 'a new'),
        ('EntityTemporarilyUnmodifiable', DeviceBusyError, 'a few minutes'),
        ('LimitExceeded', TooManyDevicesError, '-devices --profile work$'),
        ('EntityAlreadyExists', OtherSTSRefusalError, 'No'),
        ('AccessDenied', OtherSTSRefusalError, 'No'),
        ('InvalidClientTokenId', LongTermKeyRefusedError, 'work-long-term'),
    ],
)
def test_refusals(
    iam: IAMConnection,
    sts: FakeSTS,
    code: str,
    kind: type[STSRefusedError],
    remedy: str,
) -> None:
    """A call with codes is made once, and the refusal is explained."""
    sts.answers = [refused('No', code)]
    with pytest.raises(kind, match=remedy) as caught:
        iam.enable_device(USER, SERIAL, CODES)
    assert is_denied(caught.value) is (code == 'AccessDenied')
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
    with pytest.raises(IAMAnswerLostError) as caught:
        iam.create_device('x')
    assert str(caught.value) == (
        'AWS IAM was asked for profile work and its answer did not arrive '
        '(Connection was closed before we received a valid response from '
        f'endpoint URL: "{sts.url}/"). Look at what has become of it: aws mfa '
        'list-devices --profile work'
    )
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
