# SPDX-License-Identifier: Apache-2.0
"""What AWS answers: is the key accepted, the device known, the clock right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.credentials.iam import IAMConnection
from awscli_mfa_plugin.credentials.refusals import (
    UNREADABLE,
    as_from_aws,
    explain_refusal,
)
from awscli_mfa_plugin.credentials.secret_calls import one_attempt
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING, Check
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.exceptions.answers import (
    LongTermKeyRefusedError,
    STSRefusedError,
)
from awscli_mfa_plugin.profiles.devices import kind_of
from awscli_mfa_plugin.profiles.settings import MFAProfile

_SUBJECT = 'AWS'

# An answer within this time, in seconds, or the network is at fault.
_LIMITS = Config(connect_timeout=10, read_timeout=10)

# AWS accepts a signature for five minutes. A clock that is wrong by a
# minute goes on being wrong.
_CLOCK_WARNING_SECONDS = 60
_CLOCK_PROBLEM_SECONDS = 300


def check_answers(
    connection: STSConnection,
    profile: MFAProfile,
    credentials: Any,
    mfa_session: MFASession | None,
) -> Iterator[Check]:
    """Ask STS whose the key is, and IAM about the device.

    :param credentials: The long-term ``botocore.credentials.Credentials``.
    :param mfa_session: Signs the call to IAM where there is one.
    """
    region = connection.region_for(profile)
    where = f'region {region}'
    try:
        client = connection.create_client(
            'sts', profile, credentials, one_attempt().merge(_LIMITS)
        )
        where = f'{client.meta.endpoint_url} (region {region})'
        with as_from_aws():
            answer = client.get_caller_identity()
    except ClientError as error:
        yield from _check_clock(error.response)
        yield _refused(where, profile, explain_refusal(error, profile))
        return
    except (BotoCoreError, *UNREADABLE) as error:
        yield Check(
            PROBLEM,
            _SUBJECT,
            f'STS at {where} does not answer: {type(error).__name__}.',
            'Check the network, HTTPS_PROXY, --region and --endpoint-url.',
        )
        return
    yield Check(
        OK,
        _SUBJECT,
        f'STS at {where} accepts the access key as {answer.get("Arn")}.',
    )
    yield from _check_clock(answer)
    yield _check_device(connection, profile, credentials, mfa_session)


def _refused(where: str, profile: MFAProfile, error: STSRefusedError) -> Check:
    """Return what a refusal means; its own words have the other remedies."""
    owner = profile.long_term_profile
    if isinstance(error, LongTermKeyRefusedError):
        return Check(
            PROBLEM,
            _SUBJECT,
            f'STS at {where} refuses the access key of profile {owner}.',
            f'aws configure --profile {as_argument(owner)}',
        )
    return Check(
        PROBLEM, _SUBJECT, f'STS at {where} refuses the call: {error}'
    )


def _check_clock(answer: Mapping[str, Any]) -> Iterator[Check]:
    """Compare this computer's clock with the time of an answer."""
    headers = answer.get('ResponseMetadata', {}).get('HTTPHeaders', {})
    try:
        then = parsedate_to_datetime(headers.get('date', ''))
        difference = (datetime.now(timezone.utc) - then).total_seconds()
    except (TypeError, ValueError):
        return
    seconds = int(abs(difference))
    if seconds < _CLOCK_WARNING_SECONDS:
        yield Check(OK, _SUBJECT, "This computer's clock agrees with AWS's.")
        return
    yield Check(
        PROBLEM if seconds >= _CLOCK_PROBLEM_SECONDS else WARNING,
        _SUBJECT,
        f"This computer's clock is {format_duration(seconds)} "
        f'{"fast" if difference > 0 else "slow"}.',
        'Have the system set its clock by the network (NTP).',
    )


def _check_device(
    connection: STSConnection,
    profile: MFAProfile,
    credentials: Any,
    mfa_session: MFASession | None,
) -> Check:
    if mfa_session is not None:
        given = mfa_session.credentials
        credentials = Credentials(
            given.access_key_id, given.secret_access_key, given.session_token
        )
    try:
        devices = IAMConnection(connection, profile, credentials).devices()
    except (BotoCoreError, ClientError):
        return Check(
            WARNING,
            _SUBJECT,
            'IAM does not tell which MFA devices there are '
            '(iam:ListMFADevices).',
            'If codes are refused, have an administrator look.',
        )
    known = [device.serial_number for device in devices]
    if profile.serial_number in known:
        return Check(
            OK,
            _SUBJECT,
            f'IAM knows the MFA device ({kind_of(profile.serial_number)}).',
        )
    name = as_argument(profile.name)
    return Check(
        PROBLEM,
        _SUBJECT,
        f'IAM does not know the MFA device {profile.serial_number}. The '
        f'user has: {", ".join(known) or "none"}.',
        # A command with an ARN could not be pasted: its account is masked.
        f'aws mfa list-devices --profile {name}; then: aws configure set '
        f'mfa_serial ARN --profile {name}'
        if known
        else f'aws mfa enroll --profile {name}',
    )
