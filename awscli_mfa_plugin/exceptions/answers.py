# SPDX-License-Identifier: Apache-2.0
"""What AWS answers instead of credentials, or that it does not answer."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from awscli_mfa_plugin.exceptions import MFAError, with_arguments


class ExpiredOnArrivalError(MFAError):
    """STS gave a session that is over by this computer's clock."""

    fmt = (
        'AWS gave a session until {expiration}, which is already over by '
        "this computer's clock. Set the clock right and try again."
    )


class UnreadableAnswerError(MFAError):
    """What answered in the place of STS was not STS."""

    fmt = (
        'The answer from AWS STS could not be read. A proxy or the sign-in '
        'page of a network may stand in between: check the connection and '
        'try again with the next code.'
    )


class UnreadableIAMAnswerError(MFAError):
    """What answered in the place of IAM was not IAM."""

    fmt = (
        'The answer from AWS IAM could not be read. A proxy or the sign-in '
        'page of a network may stand in between: check the connection and '
        'try again.'
    )


class AnswerLostError(MFAError):
    """The call was sent and its answer never came."""

    fmt = (
        'AWS STS was asked and its answer did not arrive ({reason}). Try '
        'again; a token code may count as used, so take the next one.'
    )


class IAMAnswerLostError(MFAError):
    """IAM was told to change something and its answer never came."""

    fmt = (
        'AWS IAM was asked for profile {profile} and its answer did not '
        'arrive ({reason}). Look at what has become of it: aws mfa '
        'list-devices --profile {profile_argument}'
    )


class STSRefusedError(MFAError, ClientError):
    """STS refused the call; the message says what is known about why.

    It is a ``ClientError`` too, so that the AWS CLI shows it and exits as
    it does for any refusal by a service.

    :ivar response: The parsed response, as ``ClientError`` has it.
    :ivar operation_name: ``GetSessionToken`` or ``AssumeRole``.
    """

    remedy = ''

    def __init__(self, error: ClientError, **fields: Any) -> None:
        remedy = self.remedy.format(**with_arguments(fields))
        # AWS's own texts end in a full stop, a space or nothing.
        said = error.response['Error'].get('Message', '').strip()
        if said and not said.endswith('.'):
            said += '.'
        response = dict(error.response)
        response['Error'] = dict(
            response['Error'], Message=f'{said} {remedy}'.strip()
        )
        # There is one attempt; "(reached max retries: 0)" is no news.
        response['ResponseMetadata'] = {
            name: value
            for name, value in error.response['ResponseMetadata'].items()
            if name not in ('MaxAttemptsReached', 'RetryAttempts')
        }
        ClientError.__init__(self, response, error.operation_name)
        self.kwargs = fields

    def __reduce__(self) -> Any:
        # BotoCoreError and ClientError each know another way.
        return _rebuild, (type(self), self.response, self.operation_name)


def _rebuild(
    kind: type[STSRefusedError], response: Any, operation_name: str
) -> STSRefusedError:
    error = kind.__new__(kind)
    ClientError.__init__(error, response, operation_name)
    error.kwargs = {}
    return error


class TokenCodeRefusedError(STSRefusedError):
    """The code was wrong, or had been used before."""

    remedy = (
        'The code was wrong or already used: a code works once, so wait '
        'for the next one.'
    )


class CannotValidateTokenCodeError(STSRefusedError):
    """STS did not look at the code at all."""

    remedy = (
        'Either {serial_number} is not an MFA device of this IAM user '
        '(see: aws iam list-mfa-devices), or too many wrong codes were '
        'tried: then wait two minutes.'
    )


class ClockSkewError(STSRefusedError):
    """The request's time was too far from AWS's."""

    remedy = (
        "This computer's clock is {difference}. Set it right and try again."
    )


class LongTermKeyRefusedError(STSRefusedError):
    """AWS does not know the access key, or it is switched off."""

    remedy = (
        'The access key of profile {long_term_profile} was not accepted. '
        'Check it with: aws configure --profile {long_term_profile_argument}'
    )


class OtherSTSRefusalError(STSRefusedError):
    """A refusal for which AWS's own words have to do."""


class SilentRefusalError(STSRefusedError):
    """A compatible service refused without a word."""

    remedy = (
        'The service does not say why. If the token code was wrong or '
        'already used, try again with the next one.'
    )


class RoleDeniedError(STSRefusedError):
    """AWS denied a role to an MFA session.

    The field ``device`` says how the role is told its MFA device, if it
    has to be.
    """

    remedy = (
        'The MFA session it was asked for with is {age} old. If the role '
        'wants a more recent one: aws mfa login --profile {profile_argument} '
        '--force. If it wants a code of its own: aws configure set '
        'mfa_role_sessions direct --profile {profile_argument}{device}'
    )


class AgentRoleDeniedError(STSRefusedError):
    """AWS denied a role that a coding agent is to have."""

    remedy = (
        'A coding agent runs this command, and because of mfa_agent_role '
        'the commands of profile {profile} are signed with that role only. '
        'Name a role that the MFA session ({age} old) may assume: aws '
        'configure set mfa_agent_role ROLE_PROFILE --profile '
        '{profile_argument}'
    )


class STSThrottledError(STSRefusedError):
    """STS had too much to do, and did not look at the call."""

    remedy = 'Wait a moment and try again.'


class STSFailedError(STSRefusedError):
    """STS was not able to answer; it may have used up the code."""

    remedy = (
        'Nothing was changed. Try again with the next code: this one may '
        'count as used.'
    )


class DeviceNameTakenError(STSRefusedError):
    """There is an MFA device of that name in the account."""

    remedy = 'Choose another name with --device-name.'


class TooManyDevicesError(STSRefusedError):
    """AWS allows no further MFA device."""

    remedy = (
        'AWS allows an IAM user eight MFA devices. Look at them with: aws '
        'mfa list-devices --profile {profile_argument}'
    )


class DeviceBusyError(STSRefusedError):
    """AWS is still at an earlier change of the IAM user."""

    remedy = (
        'AWS is still working on an earlier change of this IAM user. Wait a '
        'few minutes and try again.'
    )


class ConsecutiveCodesRefusedError(STSRefusedError):
    """Two codes were not two of the device that follow each other."""

    remedy = (
        'AWS wants two codes of this device, one right after the other, and '
        'neither used before. Wait for a new one and try again.'
    )
