# SPDX-License-Identifier: Apache-2.0
"""AWS's two sample policies for forced MFA, and how IAM reads them.

Both were published as "IAM: Allows IAM users to self-manage an MFA device"
in the IAM User Guide:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

_USER = 'arn:aws:iam::*:user/${aws:username}'
_NAMED_DEVICE = 'arn:aws:iam::*:mfa/${aws:username}'

_LIST = {
    'Sid': 'AllowListActions',
    'Effect': 'Allow',
    'Action': ['iam:ListUsers', 'iam:ListVirtualMFADevices'],
    'Resource': ['*'],
}
_BLOCK = {
    'Sid': 'BlockMostAccessUnlessSignedInWithMFA',
    'Effect': 'Deny',
    'NotAction': [
        'iam:CreateVirtualMFADevice',
        'iam:EnableMFADevice',
        'iam:ListMFADevices',
        'iam:ListUsers',
        'iam:ListVirtualMFADevices',
        'iam:ResyncMFADevice',
    ],
    'Resource': ['*'],
    'Condition': {'BoolIfExists': {'aws:MultiFactorAuthPresent': 'false'}},
}
_WITH_MFA = {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}

#: Up to 2022: the only device a user could have is named like the user.
NAMED_DEVICE_POLICY: list[dict[str, Any]] = [
    _LIST,
    {
        'Sid': 'AllowIndividualUserToListOnlyTheirOwnMFA',
        'Effect': 'Allow',
        'Action': ['iam:ListMFADevices'],
        'Resource': ['arn:aws:iam::*:mfa/*', _USER],
    },
    {
        'Sid': 'AllowIndividualUserToManageTheirOwnMFA',
        'Effect': 'Allow',
        'Action': [
            'iam:CreateVirtualMFADevice',
            'iam:DeleteVirtualMFADevice',
            'iam:EnableMFADevice',
            'iam:ResyncMFADevice',
        ],
        'Resource': [_NAMED_DEVICE, _USER],
    },
    {
        'Sid': 'AllowToDeactivateOnlyTheirOwnMFAOnlyWhenUsingMFA',
        'Effect': 'Allow',
        'Action': ['iam:DeactivateMFADevice'],
        'Resource': [_NAMED_DEVICE, _USER],
        'Condition': _WITH_MFA,
    },
    _BLOCK,
]

#: Today: any name, up to eight devices, and none is deleted by its user.
ANY_DEVICE_POLICY: list[dict[str, Any]] = [
    _LIST,
    {
        'Sid': 'AllowUserToCreateVirtualMFADevice',
        'Effect': 'Allow',
        'Action': ['iam:CreateVirtualMFADevice'],
        'Resource': ['arn:aws:iam::*:mfa/*'],
    },
    {
        'Sid': 'AllowUserToManageTheirOwnMFA',
        'Effect': 'Allow',
        'Action': [
            'iam:EnableMFADevice',
            'iam:GetMFADevice',
            'iam:ListMFADevices',
            'iam:ResyncMFADevice',
        ],
        'Resource': [_USER],
    },
    {
        'Sid': 'AllowUserToDeactivateTheirOwnMFAOnlyWhenUsingMFA',
        'Effect': 'Allow',
        'Action': ['iam:DeactivateMFADevice'],
        'Resource': [_USER],
        'Condition': _WITH_MFA,
    },
    _BLOCK,
]

POLICIES = {
    'named-device': NAMED_DEVICE_POLICY,
    'any-device': ANY_DEVICE_POLICY,
}

#: Operations on a device itself; the others are on the user.
_ON_DEVICE = ('CreateVirtualMFADevice', 'DeleteVirtualMFADevice')


def allows(
    policy: list[dict[str, Any]],
    *,
    user_name: str,
    user_arn: str,
    operation: str,
    parameters: dict[str, str],
    has_mfa: bool,
) -> bool:
    """Whether a policy alone lets a user do something: no Deny, one Allow.

    ``aws:MultiFactorAuthPresent`` is missing from requests that are signed
    with a long-term key, which is what the two operators differ in.
    """
    resource = user_arn
    if operation in _ON_DEVICE:
        account = user_arn.rpartition(':')[0]
        name = parameters.get('VirtualMFADeviceName')
        resource = parameters.get('SerialNumber') or f'{account}:mfa/{name}'
    elif parameters.get('UserName', user_name) != user_name:
        account = user_arn.rpartition('/')[0]
        resource = f'{account}/{parameters["UserName"]}'
    effects = {
        statement['Effect']
        for statement in policy
        if _applies(
            statement, f'iam:{operation}', resource, user_name, has_mfa
        )
    }
    return effects == {'Allow'}


def _applies(
    statement: dict[str, Any],
    action: str,
    resource: str,
    user_name: str,
    has_mfa: bool,
) -> bool:
    if 'NotAction' in statement:
        is_meant = action not in statement['NotAction']
    else:
        is_meant = action in statement['Action']
    patterns = [
        pattern.replace('${aws:username}', user_name)
        for pattern in statement['Resource']
    ]
    condition = statement.get('Condition', {})
    if 'Bool' in condition:
        is_meant = is_meant and has_mfa
    if 'BoolIfExists' in condition:
        is_meant = is_meant and not has_mfa
    return is_meant and any(
        fnmatchcase(resource, pattern) for pattern in patterns
    )
