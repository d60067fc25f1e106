# SPDX-License-Identifier: Apache-2.0
"""MFA sessions on disk.

One JSON file a session, in a folder of its own beside the AWS CLI's
cache. A file holds what STS returned and where it came from::

    {
      "Version": 1,
      "ProviderType": "mfa-session",
      "ProfileName": "s3-cli-user",
      "SerialNumber": "arn:aws:iam::123456789012:mfa/s3-cli-user",
      "AuthenticatedAt": "2026-11-23T18:00:00Z",
      "DurationSeconds": 43200,
      "Clock": "7c1d0a52-...-4be1c5f30d11 1795701600",
      "Credentials": {
        "AccessKeyId": "ASIA...",
        "SecretAccessKey": "...",
        "SessionToken": "...",
        "Expiration": "2026-11-24T06:00:00Z"
      }
    }
"""

# This module does without the __future__ import of annotations, with which
# Python compiles each annotation of a NamedTuple for itself, in every command.

from datetime import datetime
from typing import Any, NamedTuple

from awscli_mfa_plugin.cache.clock import CLOCK, clock_stamp, credentials_in
from awscli_mfa_plugin.cache.files import (
    make_directory,
    read_entry,
    write_json,
)
from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    lock_path,
    session_path,
)
from awscli_mfa_plugin.temporary_credentials import (
    TemporaryCredentials,
    format_time,
    parse_time,
    text_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awscli_mfa_plugin.exceptions.files import CacheWriteError

_PROVIDER_TYPE = 'mfa-session'


class MFASession(NamedTuple):
    """An MFA session, as it is kept.

    :ivar profile_name: The profile that it was made for.
    :ivar authenticated_at: When the code was accepted, UTC.
    :ivar duration_seconds: The length that was asked for.
    """

    credentials: TemporaryCredentials
    profile_name: str
    serial_number: str
    authenticated_at: datetime
    duration_seconds: int


class MFASessionCache:
    """The folder of MFA sessions."""

    def __init__(self) -> None:
        self.directory = cache_directory()

    def get(self, key: str) -> 'MFASession | None':
        """Return the session of that name, or ``None``.

        A file that cannot be read or understood is no session: another
        one can always be made.
        """
        return read_entry(session_path(self.directory, key), _from_json)

    def put(self, key: str, mfa_session: MFASession) -> None:
        """Keep a session.

        :raises CacheWriteError: It cannot be written.
        """
        try:
            write_json(
                session_path(self.directory, key), _to_json(mfa_session)
            )
        except OSError as error:
            raise self._write_error(error) from None

    def check_writable(self) -> None:
        """Check that a session could be kept, before a code is spent on it.

        :raises CacheWriteError: It cannot be written.
        """
        # Imported here: a command that has a session writes nothing.
        import tempfile

        try:
            make_directory(self.directory)
            with tempfile.TemporaryFile(dir=self.directory) as file:
                file.write(b'{}')
        except OSError as error:
            raise self._write_error(error) from None

    def _write_error(self, error: OSError) -> 'CacheWriteError':
        from awscli_mfa_plugin.exceptions.files import CacheWriteError

        return CacheWriteError(
            directory=self.directory, reason=error.strerror or error
        )

    def lock_path(self, key: str) -> str:
        """Return the file that is locked while a session is made."""
        return lock_path(self.directory, key)


def _to_json(mfa_session: MFASession) -> dict[str, Any]:
    return {
        'Version': 1,
        'ProviderType': _PROVIDER_TYPE,
        'ProfileName': mfa_session.profile_name,
        'SerialNumber': mfa_session.serial_number,
        'AuthenticatedAt': format_time(mfa_session.authenticated_at),
        'DurationSeconds': mfa_session.duration_seconds,
        CLOCK: clock_stamp(),
        'Credentials': mfa_session.credentials.as_json(),
    }


def _from_json(entry: dict[str, Any]) -> MFASession:
    """Return the session of a file.

    :raises ValueError: It holds none.
    """
    duration_seconds = entry.get('DurationSeconds')
    if (
        entry.get('ProviderType') != _PROVIDER_TYPE
        or type(duration_seconds) is not int
    ):
        raise ValueError('not an MFA session')
    return MFASession(
        credentials=credentials_in(entry),
        profile_name=text_in(entry, 'ProfileName'),
        serial_number=text_in(entry, 'SerialNumber'),
        authenticated_at=parse_time(entry.get('AuthenticatedAt')),
        duration_seconds=duration_seconds,
    )
