# SPDX-License-Identifier: Apache-2.0
"""What a profile or its IAM user lacks."""

from __future__ import annotations

from awscli_mfa_plugin.exceptions import MFAConfigurationError


class AgentRoleError(MFAConfigurationError):
    """A coding agent is to have a role that cannot be had."""

    fmt = (
        'A coding agent runs this command, and mfa_agent_role = {role} of '
        'profile {profile} cannot be used: {reason}. Name a role profile '
        'that is assumed from the MFA session of {profile}: aws configure '
        'set mfa_agent_role ROLE_PROFILE --profile {profile_argument}'
    )


class ChangedFileError(MFAConfigurationError):
    """An access key was there when it was looked for once, not twice."""

    fmt = (
        'The file with the access key of profile {long_term_profile} changed '
        'while it was read. Run the command again.'
    )


class NoMFADeviceError(MFAConfigurationError):
    """The IAM user has no MFA device at all."""

    fmt = (
        'The IAM user of profile {profile} has no MFA device. Enroll an '
        'authenticator app: aws mfa enroll --profile {profile_argument}'
    )


class NoProfileChosenError(MFAConfigurationError):
    """No profile was named, and ``default`` has nothing to do with MFA."""

    fmt = (
        'No profile was named, and profile default has no MFA device. '
        'Others have one: {profiles}. To log in to {profile}: aws mfa login '
        '--profile {profile_argument}'
    )


class OnlyFIDODevicesError(MFAConfigurationError):
    """No code can be had from any device of the IAM user."""

    fmt = (
        'The only MFA devices of the IAM user of profile {profile} are FIDO '
        'security keys or passkeys, which AWS accepts only in the console. '
        'Enroll an authenticator app beside them: aws mfa enroll --profile '
        '{profile_argument}'
    )


class SeveralMFADevicesError(MFAConfigurationError):
    """The IAM user has several MFA devices, and nobody can be asked."""

    fmt = (
        'The IAM user of profile {profile} has several MFA devices: '
        '{serial_numbers}. Choose one: aws mfa login --profile '
        '{profile_argument} --serial-number {first}'
    )


class DevicesNotListedError(MFAConfigurationError):
    """AWS does not let the IAM user see the own MFA devices."""

    fmt = (
        'AWS does not let the IAM user of profile {profile} list MFA '
        'devices. Try the one that is named like the user: aws mfa login '
        '--profile {profile_argument} --serial-number {serial_number}'
    )


class NotIAMUserError(MFAConfigurationError):
    """Only IAM users have MFA devices that give sessions."""

    fmt = (
        'The credentials of profile {long_term_profile} are those of {arn}, '
        'which is no IAM user. Store the access key of an IAM user with: '
        'aws configure --profile {long_term_profile_argument}'
    )


class NotLongTermCredentialsError(MFAConfigurationError):
    """The credentials found are themselves temporary."""

    fmt = (
        'The credentials of profile {long_term_profile} carry a session '
        'token, so they are not long-term credentials, and AWS gives an '
        "MFA session only for those. Put the IAM user's access key into "
        'profile {profile}-long-term, or name the profile that has it with '
        'source_profile.'
    )


class LoginRoleEndedError(MFAConfigurationError):
    """The role that a profile was logged in to has ended."""

    fmt = (
        'The session of {role} that profile {profile} was logged in to has '
        'ended. Log in again: aws mfa login --profile {profile_argument} '
        '--role-arn {role} (without --role-arn you are the user again)'
    )
