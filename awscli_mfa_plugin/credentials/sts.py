# SPDX-License-Identifier: Apache-2.0
"""The GetSessionToken call, and AWS's refusals in words."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    DataNotFoundError,
    InvalidRetryConfigurationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from awscli_mfa_plugin.cache.layout import parse_time
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.exceptions import (
    AnswerLostError,
    CannotValidateTokenCodeError,
    ClockSkewError,
    ExpiredOnArrivalError,
    LongTermKeyRefusedError,
    OtherSTSRefusalError,
    STSFailedError,
    STSRefusedError,
    STSThrottledError,
    TokenCodeRefusedError,
    UnreadableAnswerError,
)
from awscli_mfa_plugin.host.secrecy import unrecorded
from awscli_mfa_plugin.profiles.settings import MFAProfile, partition_of

logger = logging.getLogger(__name__)

# Where STS is when neither person, profile nor partition names a region.
_LAST_RESORT_REGION = 'us-east-1'

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


@dataclass(frozen=True)
class STSConnection:
    """How STS is reached; each is botocore's default when ``None``.

    :ivar region_name: Goes before every other region.
    :ivar endpoint_url: A URL in the place of the region's endpoint.
    :ivar verify: A CA bundle's path, or ``False`` to check nothing.
    """

    region_name: str | None = None
    endpoint_url: str | None = None
    verify: str | bool | None = None


def get_session_token(
    session: Any,
    connection: STSConnection,
    profile: MFAProfile,
    credentials: Any,
    token_code: str,
) -> MFASession:
    """Ask STS for an MFA session, once.

    :param session: A ``botocore.session.Session``.
    :param credentials: Long-term ``botocore.credentials.Credentials``.
    :raises STSRefusedError: STS refused; the class says what is known.
    :raises ExpiredOnArrivalError: The session is over already.
    :raises BotoCoreError: STS could not be reached.
    """
    try:
        response = call_sts(
            session,
            connection,
            profile,
            credentials,
            'GetSessionToken',
            SerialNumber=profile.serial_number,
            TokenCode=token_code,
            DurationSeconds=profile.duration_seconds,
        )
    except ClientError as error:
        raise explain_refusal(error, profile) from None
    given = response['Credentials']
    mfa_session = MFASession(
        access_key_id=given['AccessKeyId'],
        secret_access_key=given['SecretAccessKey'],
        session_token=given['SessionToken'],
        expiration=parse_time(given['Expiration']),
        profile_name=profile.name,
        serial_number=profile.serial_number,
        authenticated_at=datetime.now(timezone.utc),
        duration_seconds=profile.duration_seconds,
    )
    if mfa_session.expiration <= datetime.now(timezone.utc):
        raise ExpiredOnArrivalError(
            expiration=mfa_session.expiration.strftime('%Y-%m-%d %H:%M UTC')
        )
    return mfa_session


def call_sts(
    session: Any,
    connection: STSConnection,
    profile: MFAProfile,
    credentials: Any,
    operation_name: str,
    **parameters: Any,
) -> dict[str, Any]:
    """Call STS once, with nothing of it in a log or the CLI's history.

    :param credentials: ``botocore.credentials.Credentials`` to sign with.
    :param operation_name: As AWS writes it: ``GetSessionToken``.
    :raises ClientError: STS refused.
    :raises BotoCoreError: STS could not be reached.
    """
    frozen = credentials.get_frozen_credentials()
    region_name = find_region(session, connection, profile)
    logger.debug(
        'Calling %s in %s for %s (its parameters and answer hold secrets '
        'and are not logged)',
        operation_name,
        region_name,
        profile.serial_number,
    )
    with unrecorded():
        client = session.create_client(
            'sts',
            region_name=region_name,
            endpoint_url=connection.endpoint_url,
            verify=connection.verify,
            aws_access_key_id=frozen.access_key,
            aws_secret_access_key=frozen.secret_key,
            aws_session_token=frozen.token,
            # --no-sign-request may be the session's default.
            config=one_attempt().merge(Config(signature_version='v4')),
        )
        method = getattr(client, xform_name(operation_name))
        with secret_call():
            return read_answer(method(**parameters))


def read_answer(response: Any) -> dict[str, Any]:
    """Return an answer of STS that has credentials, as it is.

    :raises UnreadableAnswerError: It has none.
    """
    try:
        given = response['Credentials']
        is_whole = all(
            isinstance(given[name], str) and given[name]
            for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')
        )
        parse_time(given['Expiration'])
    except (LookupError, TypeError, ValueError):
        is_whole = False
    if not is_whole:
        raise UnreadableAnswerError()
    return dict(response)


@contextlib.contextmanager
def secret_call() -> Iterator[None]:
    """Keep a call with secrets out of logs, history and messages.

    To be put around the call alone: whatever fails in there is taken for
    an answer that makes no sense.

    :raises UnreadableAnswerError: It was not STS that answered.
    :raises AnswerLostError: The call was sent, and no answer came.
    """
    with unrecorded():
        try:
            yield
        except (ResponseParserError, LookupError, ValueError):
            # The message is, or is of, the answer, which may hold keys.
            raise UnreadableAnswerError() from None
        except ClientError as error:
            # A page of somebody in between that happens to be XML.
            if 'Error' not in error.response:
                raise UnreadableAnswerError() from None
            raise
        except (ConnectionClosedError, ReadTimeoutError) as error:
            raise AnswerLostError(reason=str(error).rstrip('.')) from None


def one_attempt() -> Config:
    """Return a client configuration that never retries.

    A code works once: sent again it would be refused, and count towards
    the lock-out. v2 counts the first attempt in ``max_attempts`` and knows
    no ``total_max_attempts``, which v1 and botocore have.
    """
    try:
        return Config(retries={'total_max_attempts': 1})
    except InvalidRetryConfigurationError:
        return Config(retries={'max_attempts': 1})


def find_region(
    session: Any,
    connection: STSConnection,
    profile: MFAProfile,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """Return the region whose STS is to be called.

    What the person said, then the environment, then the profiles, then
    the partition of the MFA device: a session is good in every region of
    its partition. ``session.get_config_variable('region')`` is not asked,
    because without a region v2 looks for one in the instance metadata,
    which on a laptop takes seconds to fail.
    """
    return (
        connection.region_name
        or session.instance_variables().get('region')
        or environ.get('AWS_REGION')
        or environ.get('AWS_DEFAULT_REGION')
        or profile.region
        or _partition_region(session, partition_of(profile.serial_number))
    )


def _partition_region(session: Any, partition: str) -> str:
    """Return the region that stands for a partition.

    ``implicitGlobalRegion`` in botocore's own ``partitions`` data, which
    its endpoint rules are made from.
    """
    loader = session.get_component('data_loader')
    try:
        partitions = loader.load_data('partitions')['partitions']
    except DataNotFoundError:
        partitions = []
    for known in partitions:
        if known['id'] == partition:
            region = known['outputs'].get('implicitGlobalRegion')
            return region or _LAST_RESORT_REGION
    return _LAST_RESORT_REGION


def explain_refusal(
    error: ClientError, profile: MFAProfile
) -> STSRefusedError:
    """Return an error that says in words what a refusal means."""
    code = error.response['Error'].get('Code', '')
    message = error.response['Error'].get('Message', '')
    status = error.response['ResponseMetadata'].get('HTTPStatusCode', 0)
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
    if status >= 500:
        return STSFailedError(error)
    return OtherSTSRefusalError(error)


def _clock_difference(error: ClientError) -> str | None:
    """Say how far this computer's clock is from AWS's, if it is far.

    Five minutes is what AWS allows a signature:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    headers = error.response['ResponseMetadata'].get('HTTPHeaders', {})
    try:
        server_time = parsedate_to_datetime(headers.get('date', ''))
    except (TypeError, ValueError):
        return None
    if server_time.tzinfo is None:
        return None
    difference = datetime.now(timezone.utc) - server_time
    minutes = round(difference.total_seconds() / 60)
    if abs(minutes) < 5:
        return None
    return f'{abs(minutes)} minutes {"fast" if minutes > 0 else "slow"}'
