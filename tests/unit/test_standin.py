# SPDX-License-Identifier: Apache-2.0
"""The stand-in AWS does what AWS does, as far as our tests lean on it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import botocore.session
import pyotp
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
    SSLError,
)

from tests.standin import Device, Request, StandIn, StandInError, User
from tests.standin.devices import DeviceState
from tests.standin.messages import Message, Refused
from tests.standin.sigv4 import sign

pytestmark = pytest.mark.ministack

INVALID_CODE = (
    'MultiFactorAuthentication failed with invalid MFA one time pass code. '
)
UNABLE_TO_VALIDATE = (
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please '
    'verify your MFA serial number is valid and associated with this user.'
)
USER_NUMBERS = itertools.count(1)
RFC_6238_SEED = base64.b32encode(b'12345678901234567890').decode()

ClientMaker = Callable[..., Any]
UserMaker = Callable[..., User]


@pytest.fixture(scope='module')
def standin() -> Iterator[StandIn]:
    with StandIn.start() as started:
        yield started


@pytest.fixture
def aws(standin: StandIn) -> Iterator[StandIn]:
    """The module's stand-in, put right again after the test."""
    standin.clear_requests()
    yield standin
    standin.clear_faults()
    standin.clock_offset(0)
    standin.session_seconds(None)


@pytest.fixture(scope='module')
def session() -> Iterator[Any]:
    """A botocore session that sees nothing of the developer's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith('AWS_'):
                patch.delenv(name)
        patch.setenv('AWS_CONFIG_FILE', os.devnull)
        patch.setenv('AWS_SHARED_CREDENTIALS_FILE', os.devnull)
        yield botocore.session.Session()


@pytest.fixture
def clients(session: Any) -> Iterator[ClientMaker]:
    """Makes botocore clients that do not retry, and closes them."""
    with contextlib.ExitStack() as stack:

        def make(
            aws: StandIn, service: str, credentials: Any, **options: Any
        ) -> Any:
            if isinstance(credentials, User):
                credentials = {
                    'AccessKeyId': credentials.access_key_id,
                    'SecretAccessKey': credentials.secret_access_key,
                }
            options.setdefault('endpoint_url', aws.url)
            options.setdefault(
                'config',
                Config(
                    retries={'total_max_attempts': 1},
                    parameter_validation=False,
                    proxies={},
                ),
            )
            client = session.create_client(
                service,
                'eu-west-1',
                aws_access_key_id=credentials['AccessKeyId'],
                aws_secret_access_key=credentials['SecretAccessKey'],
                aws_session_token=credentials.get('SessionToken'),
                **options,
            )
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def new_user(aws: StandIn, request: pytest.FixtureRequest) -> UserMaker:
    """Makes users that no other test has."""
    name = request.node.name.partition('[')[0][:40]

    def make(**options: Any) -> User:
        return aws.create_user(f'{name}-{next(USER_NUMBERS)}', **options)

    return make


@pytest.fixture
def user(new_user: UserMaker) -> User:
    return new_user()


@pytest.fixture
def sts(aws: StandIn, clients: ClientMaker, user: User) -> Any:
    """An STS client with the user's long-term key."""
    return clients(aws, 'sts', user)


def mfa_session(sts: Any, device: Device, **options: Any) -> dict[str, Any]:
    """The credentials of GetSessionToken with a fresh code."""
    answer = sts.get_session_token(
        SerialNumber=device.serial_number,
        TokenCode=device.code(),
        **options,
    )
    credentials: dict[str, Any] = answer['Credentials']
    return credentials


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The error code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response['Error']
    return error['Code'], error['Message']


def device_state(now: float = 1_700_000_000.0) -> DeviceState:
    return DeviceState('GAHT12345678', RFC_6238_SEED, lambda: now)


# Token codes


@pytest.mark.parametrize(
    ('now', 'code'),
    [
        # RFC 6238, appendix B, SHA-1: the last six of its eight digits.
        (59, '287082'),
        (1111111109, '081804'),
        (1111111111, '050471'),
        (1234567890, '005924'),
        (2000000000, '279037'),
        (20000000000, '353130'),
    ],
)
def test_takes_the_codes_of_rfc_6238(now: int, code: str) -> None:
    """The check agrees with the test vectors of the standard."""
    device_state(now).check(code)


@pytest.mark.parametrize('steps', range(-4, 5))
def test_takes_codes_two_steps_either_way(steps: int) -> None:
    """Two steps of 30 s before and after now, and no further."""
    device = device_state()
    code = pyotp.TOTP(RFC_6238_SEED).at(1_700_000_000 + 30 * steps)
    if abs(steps) <= 2:
        device.check(code)
    else:
        with pytest.raises(Refused, match='invalid MFA one time pass code'):
            device.check(code)


def test_hands_out_codes_without_waiting() -> None:
    """Far more codes than the window holds, each one accepted once."""
    device = device_state()
    for _ in range(20):
        code = device.hand_out()
        device.check(code)
        with pytest.raises(Refused):
            device.check(code)
    assert device.drift > 0


def test_a_code_handed_out_survives_the_end_of_a_step() -> None:
    """No code is handed out that the next second could make too old."""
    now = 1_700_000_000.0 // 30 * 30 + 29.9
    device = device_state()
    device.clock = lambda: now
    codes = [device.hand_out() for _ in range(4)]
    now += 0.2
    for code in codes:
        device.check(code)


def test_a_drifting_device_is_followed() -> None:
    """With a drift AWS takes the codes of the device's own time."""
    device = device_state()
    device.drift = 10
    device.check(pyotp.TOTP(RFC_6238_SEED).at(1_700_000_000 + 300))
    with pytest.raises(Refused):
        device.check(pyotp.TOTP(RFC_6238_SEED).at(1_700_000_000))


# MFA in STS


def test_session_with_mfa_may_use_s3(
    aws: StandIn, clients: ClientMaker, user: User, sts: Any
) -> None:
    """The whole point: refused without, allowed with an MFA session."""
    assert refusal(clients(aws, 's3', user).list_buckets) == (
        'AccessDenied',
        f'User: {user.arn} is not authorized to perform: '
        's3:ListAllMyBuckets with an explicit deny in an identity-based '
        'policy',
    )
    session = mfa_session(sts, user.device)
    clients(aws, 's3', session).list_buckets()


def test_sessions_are_new_each_time(sts: Any, user: User) -> None:
    """Two calls give two keys, of the asked length."""
    first = mfa_session(sts, user.device)
    second = mfa_session(sts, user.device, DurationSeconds=900)
    for part in ('AccessKeyId', 'SecretAccessKey', 'SessionToken'):
        assert first[part] != second[part]
    now = datetime.now(timezone.utc)
    assert abs((first['Expiration'] - now).total_seconds() - 43200) < 60
    assert abs((second['Expiration'] - now).total_seconds() - 900) < 60


def test_wrong_and_used_codes_are_refused(sts: Any, user: User) -> None:
    """In the same words, trailing space and all."""
    device = user.device
    code = device.code()
    sts.get_session_token(SerialNumber=device.serial_number, TokenCode=code)
    for bad in (code, device.used_code(), device.wrong_code()):
        assert refusal(
            sts.get_session_token,
            SerialNumber=device.serial_number,
            TokenCode=bad,
        ) == ('AccessDenied', INVALID_CODE)


def test_a_code_is_good_for_one_of_many_at_once(
    aws: StandIn, user: User, clients: ClientMaker
) -> None:
    """Eight calls with one code at the same time: one session."""
    sts = clients(aws, 'sts', user)
    code = user.device.code()

    def call() -> int:
        try:
            sts.get_session_token(
                SerialNumber=user.device.serial_number, TokenCode=code
            )
        except ClientError:
            return 0
        return 1

    with (
        aws.hold(operation='GetSessionToken') as held,
        ThreadPoolExecutor(8) as pool,
    ):
        calls = [pool.submit(call) for _ in range(8)]
        held.wait(8)
        held.release()
        assert sum(each.result() for each in calls) == 1


def test_ten_failures_lock_the_device(
    aws: StandIn, sts: Any, user: User
) -> None:
    """Then right codes fail too, in other words, for two minutes."""
    device = user.device
    arguments = {
        'SerialNumber': device.serial_number,
        'TokenCode': device.wrong_code(),
    }
    for _ in range(10):
        assert refusal(sts.get_session_token, **arguments) == (
            'AccessDenied',
            INVALID_CODE,
        )
    for code in (device.wrong_code(), device.code()):
        arguments['TokenCode'] = code
        assert refusal(sts.get_session_token, **arguments) == (
            'AccessDenied',
            UNABLE_TO_VALIDATE,
        )
    aws.clock_offset(121)
    mfa_session(sts, device)


def test_serial_number_of_nobody_or_another(
    new_user: UserMaker, sts: Any
) -> None:
    """Both are refused in the words of a locked device."""
    other = new_user().device
    serial_numbers = ('arn:aws:iam::000000000000:mfa/no', other.serial_number)
    for serial_number in serial_numbers:
        assert refusal(
            sts.get_session_token,
            SerialNumber=serial_number,
            TokenCode=other.code(),
        ) == ('AccessDenied', UNABLE_TO_VALIDATE)


def test_badly_signed_call_uses_no_code(
    aws: StandIn, clients: ClientMaker, user: User, sts: Any
) -> None:
    """The signature comes first: the code is good afterwards."""
    code = user.device.code()
    arguments = {'SerialNumber': user.device.serial_number, 'TokenCode': code}
    stranger = clients(
        aws,
        'sts',
        {'AccessKeyId': user.access_key_id, 'SecretAccessKey': 'wrong'},
    )
    error, _ = refusal(stranger.get_session_token, **arguments)
    assert error == 'SignatureDoesNotMatch'
    sts.get_session_token(**arguments)


@pytest.mark.parametrize(
    ('changed', 'named'),
    [
        ({'TokenCode': '12345'}, "'12345' at 'tokenCode'"),
        ({'TokenCode': '1234567'}, "'1234567' at 'tokenCode'"),
        ({'TokenCode': '12345a'}, "'12345a' at 'tokenCode'"),
        ({'SerialNumber': 'GAHT'}, "'GAHT' at 'serialNumber'"),
        ({'SerialNumber': 'a b c d e f'}, "'a b c d e f' at 'serialNumber'"),
        ({'DurationSeconds': 899}, "'899' at 'durationSeconds'"),
        ({'DurationSeconds': 129601}, "'129601' at 'durationSeconds'"),
    ],
)
def test_malformed_parameters(
    sts: Any, user: User, changed: dict[str, Any], named: str
) -> None:
    """AWS's ValidationError, and it counts as no failure."""
    arguments = {
        'SerialNumber': user.device.serial_number,
        'TokenCode': user.device.code(),
        **changed,
    }
    code, message = refusal(sts.get_session_token, **arguments)
    assert code == 'ValidationError'
    assert message.startswith(
        f'1 validation error detected: Value {named} failed to satisfy '
        'constraint: Member must '
    )


def test_serial_number_and_code_go_together(sts: Any, user: User) -> None:
    """One without the other is refused."""
    for half in (
        {'SerialNumber': user.device.serial_number},
        {'TokenCode': user.device.code()},
    ):
        code, message = refusal(sts.get_session_token, **half)
        assert code == 'AccessDenied'
        assert 'must provide both MFA serial number and' in message


def test_more_devices_and_hardware(
    aws: StandIn, new_user: UserMaker, clients: ClientMaker
) -> None:
    """A user may have none, several, and one that is a thing."""
    user = new_user(device=False)
    assert user.devices == []
    user.add_device('GAHT12345678')
    user.add_device('second', seed=RFC_6238_SEED)
    assert [device.serial_number for device in user.devices] == [
        'GAHT12345678',
        'arn:aws:iam::000000000000:mfa/second',
    ]
    assert user.devices[1].seed == RFC_6238_SEED
    sts = clients(aws, 'sts', user)
    for device in user.devices:
        mfa_session(sts, device)
    listed = clients(aws, 'iam', user).list_mfa_devices()['MFADevices']
    assert [(each['UserName'], each['SerialNumber']) for each in listed] == [
        (user.name, device.serial_number) for device in user.devices
    ]


def test_code_command(sts: Any, user: User) -> None:
    """Prints a fresh code, from any folder."""
    printed = subprocess.run(
        user.device.code_command(),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        cwd='/',
    )
    sts.get_session_token(
        SerialNumber=user.device.serial_number,
        TokenCode=printed.stdout.strip(),
    )


# Sessions


def test_sessions_cannot_make_sessions(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """Neither GetSessionToken nor GetFederationToken."""
    role = aws.create_role('sessions-cannot')
    session = mfa_session(sts, user.device)
    role_session = clients(aws, 'sts', session).assume_role(
        RoleArn=role.arn, RoleSessionName='test'
    )['Credentials']
    for credentials in (session, role_session):
        client = clients(aws, 'sts', credentials)
        assert refusal(client.get_session_token) == (
            'AccessDenied',
            'Cannot call GetSessionToken with session credentials',
        )
        assert refusal(client.get_federation_token, Name='name') == (
            'AccessDenied',
            'Cannot call GetFederationToken with session credentials',
        )
    client = clients(aws, 'sts', session)
    assert client.get_caller_identity()['Arn'] == user.arn
    code, _ = refusal(
        client.get_access_key_info, AccessKeyId=user.access_key_id
    )
    assert code == 'AccessDenied'


def test_session_without_mfa(
    aws: StandIn, clients: ClientMaker, sts: Any
) -> None:
    """Can be had, but is good for nothing; IAM does not know it."""
    session = sts.get_session_token()['Credentials']
    clients(aws, 'sts', session).get_caller_identity()
    code, _ = refusal(clients(aws, 's3', session).list_buckets)
    assert code == 'AccessDenied'
    code, _ = refusal(clients(aws, 'iam', session).get_user)
    assert code == 'InvalidClientTokenId'
    assert aws.requests()[-1].key_kind == 'session'


@pytest.mark.parametrize('change', ['expire', 'session_seconds', 'clock'])
def test_expired_sessions(
    aws: StandIn,
    clients: ClientMaker,
    sts: Any,
    user: User,
    change: str,
) -> None:
    """ExpiredToken in the words and shapes of each service."""
    if change == 'session_seconds':
        aws.session_seconds(0)
    session = mfa_session(sts, user.device, DurationSeconds=900)
    if change == 'expire':
        aws.expire_sessions()
    elif change == 'session_seconds':
        now = datetime.now(timezone.utc)
        assert (session['Expiration'] - now).total_seconds() < 2
        # The Expiration is a whole second: it may be one second away.
        aws.clock_offset(1)
    else:
        # Two steps within the five minutes a clock may be wrong by are not
        # enough for 900 seconds, so sign by AWS's own clock.
        aws.clock_offset(901)
        status, text = signed_call(
            aws, session, time.time() + 901, Action='GetCallerIdentity'
        )
        assert status == 403
        assert '<Code>ExpiredToken</Code>' in text
        return
    sts_client = clients(aws, 'sts', session)
    assert refusal(sts_client.get_caller_identity) == (
        'ExpiredToken',
        'The security token included in the request is expired',
    )
    s3 = clients(aws, 's3', session)
    assert refusal(s3.list_buckets) == (
        'ExpiredToken',
        'The provided token has expired.',
    )
    assert [request.status for request in aws.requests()[-2:]] == [403, 400]
    # A new one is good again.
    aws.session_seconds(None)
    clients(aws, 's3', mfa_session(sts, user.device)).list_buckets()


def test_session_seconds_of_one_kind(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """Short role sessions beside a long MFA session."""
    role = aws.create_role('session-seconds')
    aws.session_seconds(2, kind='role')
    session = mfa_session(sts, user.device)
    role_session = clients(aws, 'sts', session).assume_role(
        RoleArn=role.arn, RoleSessionName='test'
    )['Credentials']
    now = datetime.now(timezone.utc)
    assert (session['Expiration'] - now).total_seconds() > 43000
    assert (role_session['Expiration'] - now).total_seconds() < 4
    aws.clock_offset(4)
    code, _ = refusal(clients(aws, 's3', role_session).list_buckets)
    assert code == 'ExpiredToken'
    clients(aws, 's3', session).list_buckets()


# Signatures


@pytest.mark.parametrize('service', ['sts', 's3', 'iam'])
def test_bad_credentials(
    aws: StandIn,
    clients: ClientMaker,
    sts: Any,
    user: User,
    service: str,
) -> None:
    """Wrong secret, unknown key, wrong or missing session token."""
    session = mfa_session(sts, user.device)
    call = {
        'sts': 'get_caller_identity',
        's3': 'list_buckets',
        'iam': 'get_user',
    }[service]

    def code(**changed: str | None) -> str:
        credentials = {**session, **changed}
        client = clients(aws, service, credentials)
        return refusal(getattr(client, call))[0]

    s3 = service == 's3'
    assert code(SecretAccessKey='wrong') == 'SignatureDoesNotMatch'
    assert code(AccessKeyId='AKIAIOSFODNN7EXAMPLE') == (
        'InvalidAccessKeyId' if s3 else 'InvalidClientTokenId'
    )
    for token in ('wrong', None):
        assert code(SessionToken=token) == (
            'InvalidToken' if s3 else 'InvalidClientTokenId'
        )


def test_a_changed_body_breaks_the_signature(aws: StandIn, user: User) -> None:
    """The signature covers the parameters."""
    body = urlencode({'Action': 'GetSessionToken', 'Version': '2011-06-15'})
    status, text = signed_call(
        aws, user, time.time(), Action='GetCallerIdentity', send=body
    )
    assert status == 403
    assert '<Code>SignatureDoesNotMatch</Code>' in text


def test_unsigned_requests(aws: StandIn) -> None:
    """Refused, MiniStack's own paths included."""
    for path, form, code in (
        ('/', None, 'AccessDenied'),
        ('/_ministack/health', None, 'AccessDenied'),
        ('/', 'Action=GetCallerIdentity', 'MissingAuthenticationToken'),
    ):
        status, text = raw_call(aws, 'POST' if form else 'GET', path, form)
        assert status == 403
        assert f'<Code>{code}</Code>' in text


def test_a_rotated_key(
    aws: StandIn, clients: ClientMaker, user: User, sts: Any
) -> None:
    """The old key is unknown, the new one works, sessions live on."""
    session = mfa_session(sts, user.device)
    old = user.access_key_id
    user.rotate_access_key()
    assert user.access_key_id != old
    code, _ = refusal(sts.get_caller_identity)
    assert code == 'InvalidClientTokenId'
    clients(aws, 'sts', user).get_caller_identity()
    clients(aws, 's3', session).list_buckets()


def test_ministack_checks_signatures_too(
    aws: StandIn, clients: ClientMaker, user: User, sts: Any
) -> None:
    """Behind our own check stands another one, which knows no MFA."""
    session = mfa_session(sts, user.device)
    session['SecretAccessKey'] = 'wrong'
    code, _ = refusal(
        clients(aws, 's3', session, endpoint_url=aws.backend_url).list_buckets
    )
    assert code == 'SignatureDoesNotMatch'


# IAM


def test_iam_without_mfa(
    aws: StandIn, clients: ClientMaker, user: User
) -> None:
    """Only what AWS's force-MFA policy leaves, and only about oneself."""
    iam = clients(aws, 'iam', user)
    assert iam.get_user()['User']['UserName'] == user.name
    [device] = iam.list_mfa_devices()['MFADevices']
    assert device['SerialNumber'] == user.device.serial_number
    iam.list_mfa_devices(UserName=user.name)
    iam.list_virtual_mfa_devices()
    assert refusal(iam.list_users) == (
        'AccessDenied',
        f'User: {user.arn} is not authorized to perform: iam:ListUsers on '
        'resource: arn:aws:iam::000000000000:user/ with an explicit deny in '
        'an identity-based policy',
    )
    code, _ = refusal(iam.get_user, UserName='another')
    assert code == 'AccessDenied'


def test_iam_with_mfa(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """All of it; and a key made there can sign, one deleted cannot."""
    iam = clients(aws, 'iam', mfa_session(sts, user.device))
    assert user.name in {
        each['UserName'] for each in iam.list_users()['Users']
    }
    made = iam.create_access_key()['AccessKey']
    assert made['UserName'] == user.name
    clients(aws, 'sts', made).get_caller_identity()
    iam.delete_access_key(AccessKeyId=made['AccessKeyId'])
    code, _ = refusal(clients(aws, 'sts', made).get_caller_identity)
    assert code == 'InvalidClientTokenId'


def test_setting_up_a_device(
    aws: StandIn, clients: ClientMaker, new_user: UserMaker
) -> None:
    """Create, enable with two codes in a row, use, take away."""
    user = new_user(device=False)
    iam = clients(aws, 'iam', user)
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)
    serial_number = made['VirtualMFADevice']['SerialNumber']
    seed = made['VirtualMFADevice']['Base32StringSeed'].decode()
    totp = pyotp.TOTP(seed)
    now = time.time()
    enable = {'UserName': user.name, 'SerialNumber': serial_number}
    code, _ = refusal(
        iam.enable_mfa_device,
        AuthenticationCode1=totp.at(now),
        AuthenticationCode2=totp.at(now - 30),
        **enable,
    )
    assert code == 'InvalidAuthenticationCode'
    iam.enable_mfa_device(
        AuthenticationCode1=totp.at(now - 30),
        AuthenticationCode2=totp.at(now),
        **enable,
    )
    session = clients(aws, 'sts', user).get_session_token(
        SerialNumber=serial_number, TokenCode=totp.at(now + 30)
    )['Credentials']
    iam = clients(aws, 'iam', session)
    iam.deactivate_mfa_device(**enable)
    iam.delete_virtual_mfa_device(SerialNumber=serial_number)
    assert iam.list_mfa_devices()['MFADevices'] == []


def test_policies_for_forced_mfa(
    aws: StandIn, clients: ClientMaker, new_user: UserMaker
) -> None:
    """AWS's two samples differ in the names of devices, and in deleting."""
    for policy, other_name, deleting in (
        ('named-device', 'AccessDenied', None),
        ('any-device', None, 'AccessDenied'),
    ):
        user = new_user()
        user.iam_policy(policy)
        iam = clients(aws, 'iam', user)
        [device] = iam.list_mfa_devices()['MFADevices']
        assert device['SerialNumber'] == user.device.serial_number
        assert refusal(iam.get_user)[0] == 'AccessDenied'
        named = {'SerialNumber': user.device.serial_number}
        for operation in (
            iam.delete_virtual_mfa_device,
            iam.deactivate_mfa_device,
        ):
            assert refusal(operation, **named)[0] == 'AccessDenied'
        other = {'VirtualMFADeviceName': f'{user.name}-2'}
        if other_name is None:
            iam.create_virtual_mfa_device(**other)
        else:
            code, _ = refusal(iam.create_virtual_mfa_device, **other)
            assert code == other_name
        session = clients(aws, 'sts', user).get_session_token(
            **named, TokenCode=user.device.code()
        )['Credentials']
        iam = clients(aws, 'iam', session)
        iam.deactivate_mfa_device(UserName=user.name, **named)
        if deleting is None:
            iam.delete_virtual_mfa_device(**named)
        else:
            code, _ = refusal(iam.delete_virtual_mfa_device, **named)
            assert code == deleting


# Roles


def test_role_that_requires_mfa(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """Not without; with an MFA session or a code on the call."""
    role = aws.create_role('requires-mfa')
    assume = {'RoleArn': role.arn, 'RoleSessionName': 'test'}
    without = sts.get_session_token()['Credentials']
    for client in (sts, clients(aws, 'sts', without)):
        assert refusal(client.assume_role, **assume) == (
            'AccessDenied',
            f'User: {user.arn} is not authorized to perform: '
            f'sts:AssumeRole on resource: {role.arn}',
        )
    session = mfa_session(sts, user.device)
    by_session = clients(aws, 'sts', session).assume_role(**assume)
    by_code = sts.assume_role(
        SerialNumber=user.device.serial_number,
        TokenCode=user.device.code(),
        DurationSeconds=43200,
        **assume,
    )
    for answer in (by_session, by_code):
        assert answer['AssumedRoleUser']['Arn'] == (
            'arn:aws:sts::000000000000:assumed-role/requires-mfa/test'
        )
        clients(aws, 's3', answer['Credentials']).list_buckets()
        request = aws.requests()[-1]
        assert request.key_kind == 'role'
        assert request.role_name == 'requires-mfa'
    assert refusal(
        sts.assume_role,
        SerialNumber=user.device.serial_number,
        TokenCode=user.device.used_code(),
        **assume,
    ) == ('AccessDenied', INVALID_CODE)


def test_role_without_mfa(
    aws: StandIn, clients: ClientMaker, sts: Any
) -> None:
    """Anyone may have it, but its session came from no MFA."""
    role = aws.create_role('without-mfa', require_mfa=False)
    session = sts.assume_role(RoleArn=role.arn, RoleSessionName='test')
    code, _ = refusal(clients(aws, 's3', session['Credentials']).list_buckets)
    assert code == 'AccessDenied'


def test_role_with_a_greatest_mfa_age(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """An older session is refused; a code with the call is fresh."""
    role = aws.create_role('mfa-age', max_mfa_age=100)
    assume = {'RoleArn': role.arn, 'RoleSessionName': 'test'}
    client = clients(aws, 'sts', mfa_session(sts, user.device))
    client.assume_role(**assume)
    aws.clock_offset(101)
    code, message = refusal(client.assume_role, **assume)
    assert code == 'AccessDenied'
    assert message.endswith(
        f'not authorized to perform: sts:AssumeRole on resource: {role.arn}'
    )
    client.assume_role(
        SerialNumber=user.device.serial_number,
        TokenCode=user.device.code(),
        **assume,
    )


def test_role_chaining(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """At most an hour from any session; on from role to role."""
    first = aws.create_role('chain-first')
    second = aws.create_role('chain-second', require_mfa=False)
    session = clients(aws, 'sts', mfa_session(sts, user.device))
    role_session = clients(
        aws,
        'sts',
        session.assume_role(RoleArn=first.arn, RoleSessionName='test')[
            'Credentials'
        ],
    )
    for client, role in ((session, first), (role_session, second)):
        assert refusal(
            client.assume_role,
            RoleArn=role.arn,
            RoleSessionName='test',
            DurationSeconds=3601,
        ) == (
            'ValidationError',
            'The requested DurationSeconds exceeds the 1 hour session limit '
            'for roles assumed by role chaining',
        )
    last = role_session.assume_role(
        RoleArn=second.arn, RoleSessionName='test', DurationSeconds=3600
    )['Credentials']
    clients(aws, 's3', last).list_buckets()
    # Chaining loses the MFA for trust policies, as in AWS.
    code, _ = refusal(
        role_session.assume_role, RoleArn=first.arn, RoleSessionName='test'
    )
    assert code == 'AccessDenied'


def test_role_bounds(aws: StandIn, sts: Any) -> None:
    """External id, longest session, and roles that do not exist."""
    role = aws.create_role(
        'bounds',
        require_mfa=False,
        external_id='right',
        max_session_duration=7200,
    )
    assume = {'RoleArn': role.arn, 'RoleSessionName': 'test'}
    for wrong in ({}, {'ExternalId': 'wrong'}):
        code, _ = refusal(sts.assume_role, **assume, **wrong)
        assert code == 'AccessDenied'
    assume['ExternalId'] = 'right'
    sts.assume_role(**assume, DurationSeconds=7200)
    code, message = refusal(sts.assume_role, **assume, DurationSeconds=7201)
    assert code == 'ValidationError'
    assert 'MaxSessionDuration' in message
    code, _ = refusal(
        sts.assume_role,
        RoleArn='arn:aws:iam::000000000000:role/none',
        RoleSessionName='test',
    )
    assert code == 'AccessDenied'


# Records


def test_records(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """What a test wants to know of a request."""
    sts.get_caller_identity()
    session = mfa_session(sts, user.device)
    refusal(clients(aws, 's3', user).list_buckets)
    s3 = clients(aws, 's3', session)
    refusal(s3.get_object, Bucket='nowhere', Key='a/b')
    first, second, third, fourth = aws.requests()
    assert (first.service, first.operation, first.status) == (
        'sts',
        'GetCallerIdentity',
        200,
    )
    assert first.key_kind == 'long-term'
    assert first.access_key_id == user.access_key_id
    assert first.user_name == user.name
    assert first.region == 'eu-west-1'
    assert first.serial_number is None
    assert first.user_agent.startswith('Botocore/')
    assert not first.through_proxy
    assert second.serial_number == user.device.serial_number
    assert second.token_code == second.parameters['TokenCode']
    assert len(second.token_code or '') == 6
    assert (third.operation, third.status, third.error_code) == (
        'ListBuckets',
        403,
        'AccessDenied',
    )
    assert (fourth.operation, fourth.status, fourth.error_code) == (
        'GetObject',
        404,
        'NoSuchBucket',
    )
    assert fourth.key_kind == 'mfa-session'
    assert aws.requests(operation='GetSessionToken') == [second]
    assert aws.requests(service='s3') == [third, fourth]
    aws.clear_requests()
    assert aws.requests() == []


# Faults


def test_failures(aws: StandIn, sts: Any, clients: ClientMaker) -> None:
    """So many times, only where asked, in each service's words."""
    aws.fail(operation='GetCallerIdentity', code='Throttling', times=2)
    sts.get_session_token()
    for _ in range(2):
        assert refusal(sts.get_caller_identity) == (
            'Throttling',
            'Rate exceeded',
        )
        assert aws.requests()[-1].status == 400
    sts.get_caller_identity()
    aws.fail(service='sts', code='InternalFailure')
    assert refusal(sts.get_caller_identity)[0] == 'InternalFailure'
    assert aws.requests()[-1].status == 500
    aws.clear_faults()
    sts.get_caller_identity()
    aws.fail(service='s3', code='SlowDown', times=1)
    s3 = clients(aws, 's3', sts.get_session_token()['Credentials'])
    assert refusal(s3.list_buckets)[0] == 'SlowDown'
    assert aws.requests()[-1].status == 503


def test_retries_see_failures(
    aws: StandIn, clients: ClientMaker, user: User
) -> None:
    """botocore's own retries get through after one throttling."""
    client = clients(aws, 'sts', user, config=Config(proxies={}))
    aws.fail(operation='GetCallerIdentity', code='Throttling', times=1)
    client.get_caller_identity()
    assert [request.status for request in aws.requests()] == [400, 200]


def test_drops(aws: StandIn, sts: Any, user: User) -> None:
    """No answer; with ``handled`` the code has been used all the same."""
    aws.drop(operation='GetSessionToken', times=1)
    device = user.device
    arguments = {
        'SerialNumber': device.serial_number,
        'TokenCode': device.code(),
    }
    with pytest.raises(ConnectionClosedError):
        sts.get_session_token(**arguments)
    assert aws.requests()[-1].status is None
    sts.get_session_token(**arguments)
    aws.drop(operation='GetSessionToken', times=1, handled=True)
    arguments['TokenCode'] = device.code()
    with pytest.raises(ConnectionClosedError):
        sts.get_session_token(**arguments)
    assert refusal(sts.get_session_token, **arguments)[1] == INVALID_CODE


def test_slow_and_cleared(
    aws: StandIn, clients: ClientMaker, user: User
) -> None:
    """Slower than the client's patience; cleared at once."""
    aws.slow(operation='GetCallerIdentity', seconds=60, times=1)
    config = Config(
        retries={'total_max_attempts': 1}, read_timeout=0.2, proxies={}
    )
    client = clients(aws, 'sts', user, config=config)
    with pytest.raises(ReadTimeoutError):
        client.get_caller_identity()
    aws.clear_faults()
    client.get_caller_identity()


def test_hold(aws: StandIn, sts: Any) -> None:
    """A held request waits; others pass; released it goes on."""
    with (
        ThreadPoolExecutor(1) as pool,
        aws.hold(operation='GetSessionToken') as held,
    ):
        call = pool.submit(sts.get_session_token)
        held.wait()
        sts.get_caller_identity()
        assert not call.done()
        [request] = aws.requests(operation='GetSessionToken')
        assert request.status is None
        held.release()
        assert call.result()['Credentials']
    sts.get_session_token()


def test_hold_that_nothing_comes_to(aws: StandIn) -> None:
    """Says so instead of hanging."""
    with (
        aws.hold(operation='GetSessionToken') as held,
        pytest.raises(StandInError, match='1 held requests did not'),
    ):
        held.wait(timeout=0)


# The clock


@pytest.mark.parametrize(
    ('offset', 'words'),
    [(1000, 'Signature expired: '), (-1000, 'Signature not yet current: ')],
)
def test_wrong_clock(
    aws: StandIn,
    clients: ClientMaker,
    sts: Any,
    user: User,
    offset: int,
    words: str,
) -> None:
    """Over five minutes apart nothing works; the Date header tells why."""
    session = mfa_session(sts, user.device)
    aws.clock_offset(offset)
    code, message = refusal(sts.get_caller_identity)
    assert code == 'SignatureDoesNotMatch'
    assert message.startswith(words)
    with pytest.raises(ClientError) as caught:
        clients(aws, 's3', session).list_buckets()
    assert caught.value.response['Error']['Code'] == 'RequestTimeTooSkewed'
    headers = caught.value.response['ResponseMetadata']['HTTPHeaders']
    told = parsedate_to_datetime(headers['date']).timestamp()
    assert abs(told - time.time() - offset) < 30


def test_clock_a_little_wrong(sts: Any, aws: StandIn, user: User) -> None:
    """Four minutes do not matter; Expirations are by AWS's clock."""
    aws.clock_offset(240)
    session = mfa_session(sts, user.device, DurationSeconds=900)
    left = session['Expiration'] - datetime.now(timezone.utc)
    assert abs(left.total_seconds() - 1140) < 30


def test_client_that_goes_by_a_far_off_clock(aws: StandIn, user: User) -> None:
    """Signed by AWS's time, however wrong, everything works."""
    aws.clock_offset(86400)
    status, text = signed_call(
        aws, user, time.time() + 86400, Action='GetSessionToken'
    )
    assert status == 200
    assert '<SessionToken>' in text


# S3 and transport


def test_s3_in_full(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """Odd keys, big bodies in parts, ranges, copies, presigned URLs."""
    aws.create_bucket('in-full', region='eu-west-1')
    aws.put_object('in-full', 'from root', 'hello')
    s3 = clients(aws, 's3', mfa_session(sts, user.device))
    body = os.urandom(6 * 1024 * 1024)
    for key in ('plain', 'd/é à+b %20~*.txt', 'a//b'):
        s3.put_object(
            Bucket='in-full',
            Key=key,
            Body=io.BytesIO(body),
            Metadata={'color': 'red'},
        )
        got = s3.get_object(Bucket='in-full', Key=key)
        assert got['Body'].read() == body
        assert got['Metadata'] == {'color': 'red'}
        assert s3.head_object(Bucket='in-full', Key=key)[
            'ContentLength'
        ] == len(body)
    upload = s3.create_multipart_upload(Bucket='in-full', Key='parts')
    named = {
        'Bucket': 'in-full',
        'Key': 'parts',
        'UploadId': upload['UploadId'],
    }
    parts = [
        {
            'PartNumber': number,
            'ETag': s3.upload_part(PartNumber=number, Body=body, **named)[
                'ETag'
            ],
        }
        for number in (1, 2)
    ]
    s3.complete_multipart_upload(MultipartUpload={'Parts': parts}, **named)
    got = s3.get_object(
        Bucket='in-full', Key='parts', Range='bytes=6291450-6291465'
    )
    assert got['Body'].read() == body[-6:] + body[:10]
    s3.copy_object(
        Bucket='in-full', Key='copy', CopySource='in-full/from root'
    )
    session = mfa_session(sts, user.device)
    config = Config(signature_version='s3v4')
    url = clients(aws, 's3', session, config=config).generate_presigned_url(
        'get_object', {'Bucket': 'in-full', 'Key': 'copy'}
    )
    with urlopen(url) as answer:
        assert answer.read() == b'hello'
    s3.delete_objects(Bucket='in-full', Delete={'Objects': [{'Key': 'copy'}]})
    listed = s3.list_objects_v2(Bucket='in-full')['Contents']
    assert {each['Key'] for each in listed} == {
        'plain',
        'd/é à+b %20~*.txt',
        'a//b',
        'parts',
        'from root',
    }
    operations = {request.operation for request in aws.requests(service='s3')}
    assert operations == {
        'PutObject',
        'GetObject',
        'HeadObject',
        'CreateMultipartUpload',
        'UploadPart',
        'CompleteMultipartUpload',
        'CopyObject',
        'DeleteObjects',
        'ListObjectsV2',
    }


def test_as_http_proxy(aws: StandIn, clients: ClientMaker, user: User) -> None:
    """For plain-http endpoints of any name."""
    config = Config(
        proxies={'http': aws.url}, retries={'total_max_attempts': 1}
    )
    client = clients(
        aws,
        'sts',
        user,
        endpoint_url='http://sts.us-east-1.example',
        config=config,
    )
    session = mfa_session(client, user.device)
    [request] = aws.requests()
    assert request.through_proxy
    assert request.host == 'sts.us-east-1.example'
    s3 = clients(
        aws,
        's3',
        session,
        endpoint_url='http://s3.eu-west-1.example',
        config=config.merge(Config(s3={'addressing_style': 'virtual'})),
    )
    aws.create_bucket('through-proxy', region='eu-west-1')
    s3.put_object(Bucket='through-proxy', Key='k', Body=b'hello')
    assert aws.requests()[-1].operation == 'PutObject'
    assert aws.requests()[-1].host == 'through-proxy.s3.eu-west-1.example'
    s3.get_object(Bucket='through-proxy', Key='k')['Body'].close()


def test_tls(clients: ClientMaker) -> None:
    """For those who trust its CA only; bodies come in signed chunks."""
    with StandIn.start(tls=True) as aws:
        assert urlsplit(aws.url).scheme == 'https'
        assert 'AWS_CA_BUNDLE' not in aws.environment()
        assert aws.environment(ca_bundle=True)['AWS_CA_BUNDLE'] == (
            aws.ca_bundle
        )
        user = aws.create_user('tls')
        with pytest.raises(SSLError):
            clients(aws, 'sts', user).get_caller_identity()
        sts = clients(aws, 'sts', user, verify=aws.ca_bundle)
        session = mfa_session(sts, user.device)
        s3 = clients(aws, 's3', session, verify=aws.ca_bundle)
        aws.create_bucket('with-tls', region='eu-west-1')
        s3.put_object(Bucket='with-tls', Key='k', Body=b'hello')
        got = s3.get_object(Bucket='with-tls', Key='k')
        assert got['Body'].read() == b'hello'


# The process


def test_environment(aws: StandIn) -> None:
    """What leads the SDKs here, and nothing else."""
    assert aws.environment() == {
        'AWS_ENDPOINT_URL': aws.url,
        'AWS_EC2_METADATA_DISABLED': 'true',
    }


def test_two_share_nothing(aws: StandIn, clients: ClientMaker) -> None:
    """Several can run at once."""
    with StandIn.start() as other:
        assert other.url != aws.url
        user = other.create_user('only-there')
        clients(other, 'sts', user).get_caller_identity()
        code, _ = refusal(clients(aws, 'sts', user).get_caller_identity)
        assert code == 'InvalidClientTokenId'


def test_errors_of_the_control_channel(aws: StandIn, user: User) -> None:
    """Come back as exceptions with a reason."""
    with pytest.raises(StandInError, match='already exists'):
        aws.create_user(user.name)
    with pytest.raises(StandInError, match='no_such_call'):
        aws.control.call('no_such_call')


def test_start_that_fails(aws: StandIn) -> None:
    """Raises with what the server wrote to stderr."""
    port = urlsplit(aws.url).port
    with pytest.raises(StandInError, match='already in use'):
        StandIn.start(port=port or 0)


@pytest.mark.parametrize('way', ['SIGTERM', 'SIGKILL', 'parent'])
@pytest.mark.skipif(os.name == 'nt', reason='POSIX signals')
def test_leaves_nothing_behind(way: str, tmp_path: Path) -> None:
    """MiniStack and the folders end with the server, however it ends."""
    root = Path(__file__).resolve().parents[2]
    script = (
        'import os, sys\n'
        'from tests.standin import StandIn\n'
        'aws = StandIn.start()\n'
        'print(aws.backend_url, aws.url, aws._process.pid, flush=True)\n'
        'sys.stdin.read()\n'
        'os._exit(0)\n'
    )
    with subprocess.Popen(
        [sys.executable, '-c', script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, 'TMPDIR': str(tmp_path)},
        text=True,
    ) as parent:
        assert parent.stdout is not None and parent.stdin is not None
        *urls, pid = parent.stdout.readline().split()
        if way == 'parent':
            parent.kill()
        else:
            os.kill(int(pid), getattr(signal, way))
        for url in urls:
            wait_until_closed(url)
        assert list(tmp_path.iterdir()) == []
        parent.stdin.close()


def test_foreground_module() -> None:
    """``python -m tests.standin`` prints one line of JSON and serves."""
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, '-m', 'tests.standin'],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=root,
    ) as process:
        assert process.stdout is not None
        aws = StandIn(**json.loads(process.stdout.readline()))
        aws.create_user('foreground')
        aws.close()
        process.terminate()
        assert process.wait(20) == 0


def test_records_are_typed() -> None:
    """A record made by hand in another test needs no more than this."""
    request = Request('sts', 'GetCallerIdentity', 'POST', 'host', '/')
    assert request.token_code is None


def test_many_threads(
    aws: StandIn, clients: ClientMaker, sts: Any, user: User
) -> None:
    """Thirty-two clients at once, none of them refused."""
    config = Config(max_pool_connections=32, proxies={})
    s3 = clients(aws, 's3', mfa_session(sts, user.device), config=config)
    aws.create_bucket('many-threads', region='eu-west-1')
    ready = threading.Barrier(32)

    def call(number: int) -> None:
        ready.wait(30)
        for each in range(5):
            s3.put_object(
                Bucket='many-threads', Key=f'{number}/{each}', Body=b'x'
            )

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(call, range(32)))
    assert {
        request.status for request in aws.requests(operation='PutObject')
    } == {200}
    assert len(aws.requests(operation='PutObject')) == 160


def wait_until_closed(url: str) -> None:
    """Return when nobody listens there any more.

    A connection to a process that is about to end stays open, and its end
    is what we wait for.
    """
    address = ('127.0.0.1', urlsplit(url).port or 0)
    while True:
        try:
            with socket.create_connection(address, timeout=20) as connection:
                assert connection.recv(1) == b''
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue


def signed_call(
    aws: StandIn,
    who: Any,
    timestamp: float,
    *,
    send: str | None = None,
    **parameters: str,
) -> tuple[int, str]:
    """An STS call signed as of a time; ``send`` goes out in its place."""
    if isinstance(who, User):
        who = {
            'AccessKeyId': who.access_key_id,
            'SecretAccessKey': who.secret_access_key,
        }
    body = urlencode({'Version': '2011-06-15', **parameters})
    message = sign(
        Message(
            'POST',
            '/',
            [
                ('Host', urlsplit(aws.url).netloc),
                ('Content-Type', 'application/x-www-form-urlencoded'),
            ],
            body.encode(),
        ),
        access_key_id=who['AccessKeyId'],
        secret_access_key=who['SecretAccessKey'],
        session_token=who.get('SessionToken'),
        service='sts',
        region='eu-west-1',
        timestamp=timestamp,
    )
    return raw_call(aws, 'POST', '/', send or body, dict(message.headers))


def raw_call(
    aws: StandIn,
    method: str,
    path: str,
    form: str | None,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Status and text of a request put together by hand."""
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc)
    connection.request(
        method,
        path,
        form,
        headers or {'Content-Type': 'application/x-www-form-urlencoded'},
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text
