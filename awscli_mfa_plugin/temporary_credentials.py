# SPDX-License-Identifier: Apache-2.0
"""Temporary credentials, the one type of them in this package.

What STS answers, what the cache keeps, what signs a command, what is
exported and what is written into the credentials file are all of this
type.
"""

# This module does without the __future__ import of annotations, with which
# Python compiles each annotation of a NamedTuple for itself, in every command.

from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

# A session is used until this many seconds before it expires, so that a
# request signed with it still arrives in time.
MIN_REMAINING_SECONDS = 60


class TemporaryCredentials(NamedTuple):
    """An access key that works with its session token until it expires.

    :ivar expiration: When AWS ends them, UTC.
    :ivar account_id: The account that they are of, 12 digits, if known.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime
    account_id: Optional[str] = None

    def __repr__(self) -> str:
        return (
            f'<credentials {self.access_key_id} until '
            f'{format_time(self.expiration)}>'
        )

    @classmethod
    def from_json(cls, value: Any) -> 'TemporaryCredentials':
        """Read them under the names that STS has.

        :param value: A dict with ``AccessKeyId``, ``SecretAccessKey``,
            ``SessionToken`` and ``Expiration``, and maybe ``AccountId``.
        :raises ValueError: It is not that, or not all of it.
        """
        if not isinstance(value, dict):
            raise ValueError('not credentials')
        return cls(
            access_key_id=text_in(value, 'AccessKeyId'),
            secret_access_key=text_in(value, 'SecretAccessKey'),
            session_token=text_in(value, 'SessionToken'),
            expiration=parse_time(value.get('Expiration')),
            account_id=(
                text_in(value, 'AccountId') if value.get('AccountId') else None
            ),
        )

    def as_json(self) -> dict[str, str]:
        """Return them under the names that STS has."""
        document = {
            'AccessKeyId': self.access_key_id,
            'SecretAccessKey': self.secret_access_key,
            'SessionToken': self.session_token,
            'Expiration': format_time(self.expiration),
        }
        if self.account_id:
            document['AccountId'] = self.account_id
        return document

    def as_refreshed(self) -> 'dict[str, str | None]':
        """Return them as botocore's ``RefreshableCredentials`` want them."""
        return {
            'access_key': self.access_key_id,
            'secret_key': self.secret_access_key,
            'token': self.session_token,
            'expiry_time': format_time(self.expiration),
            # Some endpoints have the account ID in their host names.
            'account_id': self.account_id,
        }

    def seconds_left(self) -> float:
        """Return how long AWS still accepts them; negative afterwards."""
        return (self.expiration - datetime.now(timezone.utc)).total_seconds()

    def is_usable(self, min_remaining: int = MIN_REMAINING_SECONDS) -> bool:
        """Tell whether they last longer than ``min_remaining`` seconds."""
        return self.seconds_left() > min_remaining


def text_in(value: dict[str, Any], name: str) -> str:
    """Return a text of a document.

    :raises ValueError: It is missing, empty or of another type.
    """
    text = value.get(name)
    if not isinstance(text, str) or not text:
        # The name alone: the value may be a secret.
        raise ValueError(f'no {name}')
    return text


def format_time(time: datetime) -> str:
    """Return a time as STS writes it: ``2026-11-24T06:00:00Z``."""
    return time.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def local_time(time: datetime) -> datetime:
    """Return a time in this computer's time zone, else in UTC.

    ``TZ=UTC+25`` and the like name none that Python knows, and the last day
    of the year 9999 has no morrow.
    """
    try:
        return time.astimezone()
    except (ValueError, OverflowError):
        return time.astimezone(timezone.utc)


def parse_time(value: Any) -> datetime:
    """Return a time, in UTC.

    The AWS CLI has botocore hand on timestamps as the texts they are;
    elsewhere they come as ``datetime``.

    :raises ValueError: It is not an ISO 8601 time with a time zone.
    """
    if isinstance(value, str):
        try:
            # Before Python 3.11, fromisoformat() does not know "Z".
            value = datetime.fromisoformat(value.replace('Z', '+00:00'))
        except ValueError:
            # The message would quote the text, which may be a secret.
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError('not a time with a time zone')
    try:
        return value.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError('a time out of reach') from None
