# SPDX-License-Identifier: Apache-2.0
"""AWS's refusals in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from awscli_mfa_plugin.credentials.clock import clock_error, describe, now
from awscli_mfa_plugin.exceptions.answers import (
    CannotValidateTokenCodeError,
    ClockSkewError,
    LongTermKeyRefusedError,
    OtherSTSRefusalError,
    SilentRefusalError,
    STSFailedError,
    STSRefusedError,
    STSThrottledError,
    TokenCodeRefusedError,
)
from awscli_mfa_plugin.profiles.settings import MFAProfile

# botocore's parsers raise these for the page of a proxy or of a network's
# sign-in, which may happen to be XML, and the last two for a time that is
# none of this calendar.
UNREADABLE = (
    ResponseParserError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    ArithmeticError,
)

# AWS's words, as far as they are the same in every account.
_WRONG_CODE = 'invalid MFA one time pass code'
_CANNOT_VALIDATE = 'unable to validate MFA code'

_CLOCK_CODES = (
    'SignatureDoesNotMatch',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'InvalidSignatureException',
)
_CLOCK_WORDS = ('Signature expired', 'Signature not yet current')
_KEY_CODES = ('InvalidClientTokenId', 'SignatureDoesNotMatch')


@contextlib.contextmanager
def as_from_aws() -> Iterator[None]:
    """Have the refusals of compatible services look like AWS's.

    Ceph's gateway puts nothing around ``<Error>``, so that botocore leaves
    the parts of it one level higher, and its ``<Message/>`` is empty.

    :raises ValueError: It is no refusal.
    """
    try:
        yield
    except ClientError as error:
        response = error.response
        said: Any = response.get('Error', response)
        if (
            not isinstance(said, dict)
            or not isinstance(said.get('Code'), str)
            or response['ResponseMetadata']['HTTPStatusCode'] < 400
        ):
            raise ValueError('not a refusal') from None
        message = said.get('Message')
        refusal: Any = {
            **response,
            'Error': {
                **said,
                'Message': message if isinstance(message, str) else '',
            },
        }
        raise ClientError(refusal, error.operation_name) from None


def explain_refusal(
    error: ClientError, profile: MFAProfile
) -> STSRefusedError:
    """Return an error that says in words what a refusal means.

    :param error: As :func:`as_from_aws` raises it: with all its texts.
    """
    code = error.response['Error']['Code']
    message = error.response['Error']['Message']
    if _WRONG_CODE in message:
        return TokenCodeRefusedError(error)
    if _CANNOT_VALIDATE in message:
        return CannotValidateTokenCodeError(
            error, serial_number=profile.serial_number
        )
    difference = _clock_difference(error)
    if code in _CLOCK_CODES and (
        difference or any(words in message for words in _CLOCK_WORDS)
    ):
        return ClockSkewError(error, difference=difference or 'wrong')
    if code in _KEY_CODES:
        return LongTermKeyRefusedError(
            error, long_term_profile=profile.long_term_profile
        )
    if 'Throttl' in code:
        return STSThrottledError(error)
    if error.response['ResponseMetadata']['HTTPStatusCode'] >= 500:
        return STSFailedError(error)
    if not message:
        return SilentRefusalError(error)
    return OtherSTSRefusalError(error)


def _clock_difference(error: ClientError) -> str | None:
    """Say how far this computer's clock is from AWS's, if it is far.

    Five minutes is what AWS allows a signature:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    difference = clock_error(error.response, now())
    if abs(difference) < timedelta(minutes=4.5):
        return None
    return describe(difference)
