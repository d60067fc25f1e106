# SPDX-License-Identifier: Apache-2.0
"""A profile's credentials, on their way to another program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from awscli_mfa_plugin.cache.layout import format_time
from awscli_mfa_plugin.exceptions import NoCredentialsToExportError


@dataclass(frozen=True)
class ExportedCredentials:
    """Credentials as they are now.

    :ivar expiration: ``None`` for those that last.
    :ivar method: Where botocore found them.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    expiration: datetime | None
    method: str = ''

    def as_json(self) -> dict[str, str]:
        """Return them under the names that STS has."""
        return _without_none(
            {
                'AccessKeyId': self.access_key_id,
                'SecretAccessKey': self.secret_access_key,
                'SessionToken': self.session_token,
                'Expiration': self._expiration(),
            }
        )

    def as_environment(self) -> dict[str, str]:
        """Return them as the environment variables that SDKs read."""
        return _without_none(
            {
                'AWS_ACCESS_KEY_ID': self.access_key_id,
                'AWS_SECRET_ACCESS_KEY': self.secret_access_key,
                'AWS_SESSION_TOKEN': self.session_token,
                'AWS_CREDENTIAL_EXPIRATION': self._expiration(),
            }
        )

    def _expiration(self) -> str | None:
        if self.expiration is None:
            return None
        return format_time(self.expiration)


def get_credentials(session: Any) -> ExportedCredentials:
    """Return what a command of the session would be signed with.

    :param session: The command's ``botocore.session.Session``.
    :raises NoCredentialsToExportError: It would be signed with nothing.
    :raises MFAError: A session is needed and cannot be had.
    """
    credentials = session.get_credentials()
    name = session.get_config_variable('profile') or 'default'
    if credentials is None:
        raise NoCredentialsToExportError(profile=name)
    frozen = credentials.get_frozen_credentials()
    return ExportedCredentials(
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token,
        expiration=_expiration_of(credentials),
        method=credentials.method,
    )


def _expiration_of(credentials: Any) -> datetime | None:
    """Return when credentials end.

    botocore keeps it to itself; v2's own ``configure export-credentials``
    reads the same attribute. Without it exported credentials would seem
    to last: tests/e2e/test_export.py.
    """
    expiration: datetime | None = getattr(credentials, '_expiry_time', None)
    return expiration


def _without_none(values: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
