# SPDX-License-Identifier: Apache-2.0
"""From a request to its answer: record, faults, signature, policy, call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone

from . import policy, sigv4
from .backend import MiniStack
from .devices import DeviceState
from .faults import Faults
from .iam import IAMCall, long_term_key
from .messages import (
    Answer,
    Message,
    Refused,
    ceph_error_answer,
    error_answer,
)
from .operations import UNSIGNED_OPERATIONS, operation_of, service_of
from .records import Request
from .sts import STSCall
from .world import ACCOUNT_ID, Key, RoleState, UserState, World

SKEW_SECONDS = 300.0
#: MiniStack allows 900 and knows the real time only.
_MINISTACK_SKEW_SECONDS = 600.0
_IAM_VERSION = '2010-05-08'
_ALLOW_ALL = json.dumps(
    {
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}],
    }
)
_TRUST_ALL = json.dumps(
    {
        'Version': '2012-10-17',
        'Statement': [
            {
                'Effect': 'Allow',
                'Principal': {'AWS': '*'},
                'Action': ['sts:AssumeRole', 'sts:TagSession'],
            }
        ],
    }
)

Exchange = Callable[[Message], Answer]


class Gate:
    """All of the stand-in but its sockets."""

    def __init__(self, ministack: MiniStack) -> None:
        self.ministack = ministack
        self.world = World()
        self.faults = Faults()
        self.world.add_key(
            Key(
                access_key_id=ministack.root_access_key_id,
                secret_access_key=ministack.root_secret_access_key,
                session_token=None,
                kind='root',
                arn=f'arn:aws:iam::{ACCOUNT_ID}:root',
                from_mfa=True,
            )
        )

    def answer(self, message: Message, exchange: Exchange) -> Answer | None:
        """The answer to one request; None to drop the connection.

        :param exchange: passes a request on to MiniStack.
        """
        unreadable: Refused | None = None
        signature = None
        try:
            signature = sigv4.read_signature(message)
        except Refused as refused:
            unreadable = refused
        service = service_of(message, signature)
        parameters = message.parameters()
        operation = operation_of(service, message, parameters)
        number = self.world.arrived(
            self._record(message, signature, service, operation, parameters)
        )
        fault = self.faults.meet(service, operation)
        if fault is not None and fault.kind == 'drop' and not fault.handled:
            return None
        try:
            if fault is not None and fault.kind == 'fail':
                raise fault.error()
            if unreadable is not None:
                raise unreadable
            answer = self._decide(
                message, signature, service, operation, parameters, exchange
            )
        except Refused as refused:
            is_json = bool(message.header('X-Amz-Target'))
            answer = (
                ceph_error_answer(refused)
                if self.world.is_ceph
                else error_answer(service, refused, is_json)
            )
        if fault is not None and fault.kind == 'drop':
            return None
        self.world.answered(number, answer.status, answer.error_code())
        return answer

    def create_user(self, name: str) -> Key:
        """A user with an access key and no device."""
        arn = f'arn:aws:iam::{ACCOUNT_ID}:user/{name}'
        self._iam('CreateUser', UserName=name)
        self._iam(
            'PutUserPolicy',
            UserName=name,
            PolicyName='everything',
            PolicyDocument=_ALLOW_ALL,
        )
        with self.world.lock:
            self.world.users[name] = UserState(name, arn)
        return self._create_access_key(name)

    def rotate_access_key(self, user_name: str) -> Key:
        """A new access key; those the user had are deleted."""
        old = list(self.world.users[user_name].access_key_ids)
        key = self._create_access_key(user_name)
        for access_key_id in old:
            self._iam(
                'DeleteAccessKey',
                UserName=user_name,
                AccessKeyId=access_key_id,
            )
            self.world.remove_key(access_key_id)
        return key

    def add_device(
        self, user_name: str, serial_number: str, seed: str | None
    ) -> DeviceState:
        return self.world.add_device(
            serial_number, user_name=user_name, seed=seed
        )

    def create_role(self, role: RoleState) -> None:
        self._iam(
            'CreateRole',
            RoleName=role.name,
            AssumeRolePolicyDocument=_TRUST_ALL,
            MaxSessionDuration=str(role.max_session_duration),
        )
        self._iam(
            'PutRolePolicy',
            RoleName=role.name,
            PolicyName='everything',
            PolicyDocument=_ALLOW_ALL,
        )
        with self.world.lock:
            self.world.roles[role.name] = role

    def _create_access_key(self, user_name: str) -> Key:
        answer = self._iam('CreateAccessKey', UserName=user_name)
        key = long_term_key(answer.body.decode(), user_name)
        self.world.add_key(key)
        return key

    def _iam(self, action: str, **parameters: str) -> Answer:
        named = {'Action': action, 'Version': _IAM_VERSION}
        return self.ministack.admin('iam', parameters=named | parameters)

    def _record(
        self,
        message: Message,
        signature: sigv4.Signature | None,
        service: str,
        operation: str,
        parameters: dict[str, str],
    ) -> Request:
        record = Request(
            service=service,
            operation=operation,
            method=message.method,
            host=message.header('Host'),
            target=message.target,
            parameters=parameters,
            user_agent=message.header('User-Agent'),
            through_proxy=message.through_proxy,
            time=self.world.now(),
        )
        if signature is None:
            return record
        record = replace(
            record,
            access_key_id=signature.access_key_id,
            region=signature.region,
        )
        key = self.world.keys.get(signature.access_key_id)
        if key is None:
            return record
        return replace(
            record,
            key_kind=key.kind,
            user_name=key.user_name,
            role_name=key.role_name,
        )

    def _decide(
        self,
        message: Message,
        signature: sigv4.Signature | None,
        service: str,
        operation: str,
        parameters: dict[str, str],
        exchange: Exchange,
    ) -> Answer:
        if signature is None:
            if service == 'sts' and operation in UNSIGNED_OPERATIONS:
                return exchange(message)
            if service == 's3':
                raise Refused('AccessDenied', 'Access Denied')
            raise Refused(
                'MissingAuthenticationToken',
                'Request is missing Authentication Token',
            )
        key = self._authenticate(message, signature)

        def forward() -> Answer:
            return exchange(_dated_for_ministack(message, signature, key))

        if service == 'sts':
            return STSCall(
                self.world, key, operation, parameters, forward
            ).answer()
        if service == 'iam':
            policy.check_iam(self.world, key, operation, parameters)
            return IAMCall(
                self.world,
                self.ministack,
                key,
                operation,
                parameters,
                forward,
            ).answer()
        if service == 's3':
            policy.check_s3(key, operation, message)
        else:
            policy.check_other(key, service, operation)
        return forward()

    def _authenticate(
        self, message: Message, signature: sigv4.Signature
    ) -> Key:
        """The key that signed; Refused unless it is known, right, alive."""
        s3 = signature.service == 's3'
        key = self.world.keys.get(signature.access_key_id)
        if key is None:
            if s3:
                raise Refused(
                    'InvalidAccessKeyId',
                    'The AWS Access Key Id you provided does not exist in '
                    'our records.',
                    details={'AWSAccessKeyId': signature.access_key_id},
                )
            raise Refused(
                'InvalidClientTokenId',
                'The security token included in the request is invalid.',
            )
        self._check_time(signature)
        if not sigv4.is_well_signed(message, signature, key.secret_access_key):
            raise Refused(
                'SignatureDoesNotMatch',
                sigv4.S3_MISMATCH if s3 else sigv4.MISMATCH,
            )
        if signature.session_token != key.session_token:
            if s3:
                raise Refused(
                    'InvalidToken',
                    'The provided token is malformed or otherwise invalid.',
                    400,
                )
            raise Refused(
                'InvalidClientTokenId',
                'The security token included in the request is invalid.',
            )
        if key.expiration is not None and self.world.now() >= key.expiration:
            if s3:
                raise Refused(
                    'ExpiredToken',
                    'The provided token has expired.',
                    400,
                    {'Token-0': signature.session_token or ''},
                )
            raise Refused(
                'ExpiredToken',
                'The security token included in the request is expired',
            )
        return key

    def _check_time(self, signature: sigv4.Signature) -> None:
        now = self.world.now()
        signed = signature.time()
        if signature.expires is not None:
            if now > signed + signature.expires:
                raise Refused('AccessDenied', 'Request has expired')
            return
        if abs(now - signed) <= SKEW_SECONDS:
            return
        if signature.service == 's3':
            raise Refused(
                'RequestTimeTooSkewed',
                'The difference between the request time and the current '
                'time is too large.',
                details={
                    'RequestTime': signature.amz_date,
                    'ServerTime': _iso(now),
                    'MaxAllowedSkewMilliseconds': '300000',
                },
            )
        shown = sigv4.amz_date(now)
        if signed < now:
            limit = sigv4.amz_date(now - SKEW_SECONDS)
            message = (
                f'Signature expired: {signature.amz_date} is now earlier '
                f'than {limit} ({shown} - 5 min.)'
            )
        else:
            limit = sigv4.amz_date(now + SKEW_SECONDS)
            message = (
                f'Signature not yet current: {signature.amz_date} is still '
                f'later than {limit} ({shown} + 5 min.)'
            )
        raise Refused('SignatureDoesNotMatch', message)


def _dated_for_ministack(
    message: Message, signature: sigv4.Signature, key: Key
) -> Message:
    """The request itself, or signed anew where our clock is set far off.

    MiniStack cannot be given another clock, so what is on time for us
    would be hours late for it.
    """
    now = time.time()
    if (
        signature.expires is not None
        or abs(signature.time() - now) <= _MINISTACK_SKEW_SECONDS
    ):
        return message
    return sigv4.sign(
        message,
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=key.session_token,
        service=signature.service,
        region=signature.region,
        timestamp=now,
    )


def _iso(timestamp: float) -> str:
    moment = datetime.fromtimestamp(timestamp, timezone.utc)
    return f'{moment:%Y-%m-%dT%H:%M:%SZ}'
