# SPDX-License-Identifier: Apache-2.0
"""The little world's policy: nothing without MFA.

It is the "force MFA" policy of AWS's documentation: without MFA a user may
look at themself, set up a device, change the password and get a session.
A user may be given one of AWS's policies word for word: ``forced_mfa``.
"""

from __future__ import annotations

from .forced_mfa import POLICIES, allows
from .messages import Message, Refused
from .operations import S3_ACTIONS, bucket_and_key
from .world import ACCOUNT_ID, Key, World

IAM_WITHOUT_MFA = frozenset(
    (
        'ChangePassword',
        'CreateVirtualMFADevice',
        'EnableMFADevice',
        'GetAccountPasswordPolicy',
        'GetMFADevice',
        'GetUser',
        'ListMFADevices',
        'ListVirtualMFADevices',
        'ResyncMFADevice',
    )
)


def check_iam(
    world: World, key: Key, operation: str, parameters: dict[str, str]
) -> None:
    """Raise Refused unless this key may call this IAM operation."""
    if key.kind in ('session', 'federated') and not key.from_mfa:
        # IAM does not even know a session that was made without MFA.
        raise Refused(
            'InvalidClientTokenId',
            'The security token included in the request is invalid',
        )
    user_name = parameters.get('UserName')
    user = world.users.get(key.user_name or '')
    if user is not None and user.iam_policy is not None:
        if not allows(
            POLICIES[user.iam_policy],
            user_name=user.name,
            user_arn=user.arn,
            operation=operation,
            parameters=parameters,
            has_mfa=key.from_mfa,
        ):
            raise _denied(key, f'iam:{operation}', '')
        return
    if key.from_mfa or (
        operation in IAM_WITHOUT_MFA and user_name in (None, key.user_name)
    ):
        return
    resource = f'arn:aws:iam::{ACCOUNT_ID}:user/{user_name or ""}'
    raise _denied(key, f'iam:{operation}', f' on resource: {resource}')


def check_s3(key: Key, operation: str, request: Message) -> None:
    """Raise Refused unless this key may call this S3 operation."""
    if key.from_mfa:
        return
    bucket, name = bucket_and_key(request)
    where = f'{bucket}/{name}' if name else bucket
    resource = f' on resource: "arn:aws:s3:::{where}"' if where else ''
    raise _denied(key, f's3:{S3_ACTIONS.get(operation, operation)}', resource)


def check_other(key: Key, service: str, operation: str) -> None:
    """Raise Refused unless this key may call any further service."""
    if not key.from_mfa:
        raise _denied(key, f'{service}:{operation}', ' on resource: *')


def _denied(key: Key, action: str, resource: str) -> Refused:
    return Refused(
        'AccessDenied',
        f'User: {key.arn} is not authorized to perform: {action}{resource} '
        'with an explicit deny in an identity-based policy',
    )
